//! A hub: the repeater of IEEE 802.3 clause 9.
//!
//! What comes in at a port goes out at all others. It reads nothing, not even whether the bytes are a frame: who is meant decides
//! each station for itself, by the address filter in its card.
//!
//! Leaves out: collisions. On real hubs one station speaks at a time, and two that begin at once must try again.

use crate::ip::{Departure, Out};

/// A hub with so many ports.
#[derive(Debug)]
pub(crate) struct Hub {
    ports: usize,
}

impl Hub {
    pub(crate) fn new(ports: usize) -> Self {
        Self { ports }
    }

    /// A frame came in at `port`.
    pub(crate) fn receive(&self, port: usize, frame: &[u8], out: &mut Out) {
        let others = (0..self.ports).filter(|other| *other != port);
        out.extend(others.map(|interface| Departure { interface, frame: frame.to_vec() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_goes_out_at_all_other_ports() {
        let mut out = vec![];
        Hub::new(4).receive(2, b"no frame", &mut out);
        assert_eq!(out.iter().map(|departure| departure.interface).collect::<Vec<_>>(), [0, 1, 3]);
        assert!(out.iter().all(|departure| departure.frame == b"no frame"));
    }
}
