//! The two ends as they are set up: what a client offers, what the demo's server takes.

use crate::identity::Identity;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{ClientConfig, Error, KeyLog, NamedGroup, RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use std::sync::Arc;
use tls_stream::Offer;
use wire::tls::{CipherSuite, Group, Version};

/// How many bytes of early data the demo's server takes.
pub const MOST_EARLY_DATA: u32 = 16_384;

static ONLY_12: &[&SupportedProtocolVersion] = &[&version::TLS12];
static ONLY_13: &[&SupportedProtocolVersion] = &[&version::TLS13];
static BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

/// What an end can and wants.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// The only version; `None`: TLS 1.3 and TLS 1.2.
    pub version: Option<Version>,
    /// The groups, what it likes best first; none: all that the library has.
    pub groups: Vec<Group>,
    /// The cipher suites, in the same way.
    pub suites: Vec<CipherSuite>,
    /// What is to be spoken inside.
    pub alpn: Vec<String>,
    /// Whether the client says whom it wants to speak with.
    pub sni: bool,
    /// Whether early data are sent, or taken.
    pub early_data: bool,
    /// Whether the client keeps tickets for a later connection.
    pub remembers: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            version: None,
            groups: vec![],
            suites: vec![],
            alpn: vec!["http/1.1".into()],
            sni: true,
            early_data: false,
            remembers: true,
        }
    }
}

impl Wishes {
    fn versions(&self) -> &'static [&'static SupportedProtocolVersion] {
        match self.version {
            Some(Version::TLS_1_2) => ONLY_12,
            Some(_) => ONLY_13,
            None => BOTH,
        }
    }

    /// The library's cryptography, with no other groups and suites than these.
    fn provider(&self, provider: &CryptoProvider) -> Arc<CryptoProvider> {
        let mut provider = provider.clone();
        if !self.suites.is_empty() {
            let known = provider.cipher_suites.clone();
            let wanted = self.suites.iter().map(|suite| rustls::CipherSuite::from(suite.0));
            provider.cipher_suites =
                wanted.filter_map(|name| known.iter().find(|suite| suite.suite() == name)).copied().collect();
        }
        if !self.groups.is_empty() {
            let known = provider.kx_groups.clone();
            let wanted = self.groups.iter().map(|group| NamedGroup::from(group.0));
            provider.kx_groups =
                wanted.filter_map(|name| known.iter().find(|group| group.name() == name)).copied().collect();
        }
        Arc::new(provider)
    }

    /// The same for a client of [`tls_stream`].
    #[must_use]
    pub fn offer(&self) -> Offer {
        let versions = if self.version.is_none() { vec![] } else { self.versions().to_vec() };
        let groups = self.groups.iter().map(|group| NamedGroup::from(group.0)).collect();
        let suites = self.suites.iter().map(|suite| rustls::CipherSuite::from(suite.0)).collect();
        Offer { versions, groups, suites }
    }

    /// What a client of any make shall do beside.
    pub fn tell(&self, config: &mut ClientConfig, key_log: Arc<dyn KeyLog>) {
        config.alpn_protocols = self.protocols();
        config.enable_sni = self.sni;
        config.enable_early_data = self.early_data;
        config.key_log = key_log;
        if !self.remembers {
            config.resumption = Resumption::disabled();
        }
    }

    fn protocols(&self) -> Vec<Vec<u8>> {
        self.alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect()
    }
}

/// A client that trusts these authorities.
///
/// # Errors
/// Wishes that do not fit together, as a version for which there is no group.
pub fn client(
    wishes: &Wishes,
    provider: &CryptoProvider,
    roots: RootCertStore,
    key_log: Arc<dyn KeyLog>,
) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(wishes.provider(provider));
    let mut config =
        builder.with_protocol_versions(wishes.versions())?.with_root_certificates(roots).with_no_client_auth();
    wishes.tell(&mut config, key_log);
    Ok(config)
}

/// A server that is `identity`, with the system's clock.
///
/// # Errors
/// As [`client`].
pub fn server(
    wishes: &Wishes,
    provider: &CryptoProvider,
    identity: &Identity,
    key_log: Arc<dyn KeyLog>,
) -> Result<ServerConfig, Error> {
    server_at(wishes, provider, Arc::new(DefaultTimeProvider), identity, key_log)
}

/// The same with another clock.
///
/// # Errors
/// As [`client`].
pub fn server_at(
    wishes: &Wishes,
    provider: &CryptoProvider,
    clock: Arc<dyn TimeProvider>,
    identity: &Identity,
    key_log: Arc<dyn KeyLog>,
) -> Result<ServerConfig, Error> {
    let builder = ServerConfig::builder_with_details(wishes.provider(provider), clock);
    let mut config = builder
        .with_protocol_versions(wishes.versions())?
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = wishes.protocols();
    config.max_early_data_size = if wishes.early_data { MOST_EARLY_DATA } else { 0 };
    config.key_log = key_log;
    Ok(config)
}
