//! Which name servers the system asks: `/etc/resolv.conf`, resolv.conf(5).

use host::{Error, Result};
use std::net::{IpAddr, Ipv4Addr};

const FILE: &str = "/etc/resolv.conf";

/// The servers that the system asks, the first first.
pub(crate) fn name_servers() -> Result<Vec<IpAddr>> {
    match std::fs::read_to_string(FILE) {
        Ok(text) => Ok(servers_in(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(servers_in("")),
        Err(error) => Err(Error::Other(format!("cannot read {FILE}: {error}"))),
    }
}

/// The addresses behind `nameserver`. Of resolv.conf(5): without any, it is the machine itself that is asked.
fn servers_in(text: &str) -> Vec<IpAddr> {
    let address = |line: &str| {
        line.trim().strip_prefix("nameserver")?.trim_start_matches([' ', '\t']).split_whitespace().next()?.parse().ok()
    };
    let servers: Vec<IpAddr> = text.lines().filter_map(address).collect();
    if servers.is_empty() { vec![Ipv4Addr::LOCALHOST.into()] } else { servers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_stand_behind_their_word_in_their_order() {
        let text = "# nameserver 192.0.2.1\nsearch example.com\nnameserver 192.0.2.53\n nameserver\t2001:db8::53 # own\nnameserver x\n";
        assert_eq!(servers_in(text), ["192.0.2.53".parse::<IpAddr>().unwrap(), "2001:db8::53".parse().unwrap()]);
        assert_eq!(servers_in("options edns0\n"), [IpAddr::from([127, 0, 0, 1])]);
    }
}
