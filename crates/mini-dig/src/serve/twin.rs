//! The name servers of the network `names` at addresses of the loopback.
//!
//! The zones are those of the network, and one thing is changed in them: where a record has the address of one of these servers,
//! it has that of its twin. So glue leads from one to the next here as it does there, and all other addresses stay.

use super::engine::Door;
use cli::Failure;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

/// The network whose servers these are.
pub(super) const NET: &str = "names";

/// Addresses of the loopback, of which the last number counts the servers. 53 is the port of the name system.
fn twin(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 53, 0, number)
}

/// An address of the network, and the one that stands for it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) there: Ipv4Addr,
    pub(super) here: Ipv4Addr,
}

/// The servers at this port, and what is changed in their zones.
pub(super) fn doors(port: u16) -> Result<(Vec<Door>, Vec<Changed>), Failure> {
    let net = sim::Net::load(NET)?;
    let servers: Vec<_> = net.name_servers().zip(1u8..).collect();
    let changed: Vec<Changed> =
        servers.iter().map(|((_, there, _), number)| Changed { there: *there, here: twin(*number) }).collect();
    let addresses: BTreeMap<IpAddr, IpAddr> =
        changed.iter().map(|changed| (changed.there.into(), changed.here.into())).collect();
    let door = |((name, _, server), number): &((&str, Ipv4Addr, &names::Server), u8)| Door {
        name: (*name).to_string(),
        at: SocketAddrV4::new(twin(*number), port),
        server: server.readdressed(&addresses),
    };
    Ok((servers.iter().map(door).collect(), changed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::dns::{Message, Question, Type};

    #[test]
    fn glue_leads_to_the_twin_and_other_addresses_stay() {
        let (doors, _) = doors(5300).unwrap();
        let asked = |at: [u8; 4], name: &str| {
            let door = doors.iter().find(|door| door.at.ip().octets() == at).unwrap();
            let query = Message::query(1, false, Question::new(name.parse().unwrap(), Type::A));
            let answer = door.server.answer(&query);
            let found: Vec<String> =
                answer.records().filter_map(|record| Some(record.rdata.address()?.to_string())).collect();
            found
        };
        assert_eq!(asked([127, 53, 0, 1], "www.example.com"), ["127.53.0.2"]);
        assert_eq!(asked([127, 53, 0, 2], "www.example.com"), ["127.53.0.4"]);
        assert_eq!(asked([127, 53, 0, 4], "www.example.com"), ["203.0.113.10"]);
        assert_eq!(doors.len(), 7);
    }
}
