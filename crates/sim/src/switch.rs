//! A switch that learns: IEEE 802.1D, the transparent bridge.
//!
//! It forwards frames by where it has seen a station send from, and floods what is for everybody or for a station that it does
//! not know. It has no address and changes no byte.
//!
//! Leaves out: the spanning tree (a loop of switches would circle frames), ageing of what was learnt.

use crate::ip::{Departure, Out};
use std::collections::BTreeMap;
use wire::Mac;
use wire::ethernet::Ethernet;

/// A switch's table: at which port a station is.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    ports: usize,
    stations: BTreeMap<Mac, usize>,
}

impl Switch {
    pub(crate) fn new(ports: usize) -> Self {
        Self { ports, stations: BTreeMap::new() }
    }

    // ANCHOR: receive
    /// A frame came in at `port`.
    pub(crate) fn receive(&mut self, port: usize, frame: Vec<u8>, out: &mut Out) {
        let Ok((header, _)) = Ethernet::take(&frame) else { return };
        if !header.source.is_group() {
            self.stations.insert(header.source, port);
        }
        match self.stations.get(&header.destination) {
            Some(known) if *known == port => {}
            Some(known) => out.push(Departure { interface: *known, frame }),
            None => out.extend(
                (0..self.ports)
                    .filter(|other| *other != port)
                    .map(|interface| Departure { interface, frame: frame.clone() }),
            ),
        }
    }
    // ANCHOR_END: receive
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(switch: &mut Switch, port: usize, source: u8, destination: Mac) -> Vec<usize> {
        let mut out = vec![];
        let frame = Ethernet { destination, source: Mac([2, 0, 0, 0, 0, source]), ethertype: 0x0800 }.frame(&[]);
        switch.receive(port, frame, &mut out);
        out.iter().map(|departure| departure.interface).collect()
    }

    #[test]
    fn unknown_station_is_flooded_to_and_a_known_one_is_not() {
        let (mut switch, a) = (Switch::new(4), Mac([2, 0, 0, 0, 0, 0xa]));
        assert_eq!(receive(&mut switch, 1, 0xb, a), [0, 2, 3]);
        assert_eq!(receive(&mut switch, 0, 0xa, Mac::BROADCAST), [1, 2, 3]);
        assert_eq!(receive(&mut switch, 1, 0xb, a), [0]);
        assert_eq!(receive(&mut switch, 0, 0xc, a), [0; 0]);
    }
}
