//! Chance that is the same in every run: what a simulated network has, and a real machine must not.

/// 256 bits of chance that come from the seed of a simulated network.
///
/// What is made from it is known to whoever knows the network's seed. That is the point in a simulated network, where the same
/// command gives the same bytes, keys of TLS too; anywhere else it would be a hole. So only [`crate::Guest`] and the network itself
/// make one: a host that is the real machine has no seed to give ([`crate::Host::seed`]), and clippy refuses
/// [`Seed::of_simulation`] elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed from what a simulated network drew.
    #[must_use]
    pub fn of_simulation(drawn: [u8; 32]) -> Self {
        Self(drawn)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
