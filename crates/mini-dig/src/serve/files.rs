//! Zone files of the command line, and at which address each is served.

use super::engine::Door;
use super::flags::Serve;
use cli::{Failure, escape, reason};
use names::{Server, Zone};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use wire::dns::Name;

/// More than this is no zone file that somebody wrote: bytes.
const MOST: u64 = 64 << 20;

/// Where a file is served unless said otherwise: on this machine for its own programs only.
const LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 53, 0, 1);

/// A server for each address, of all zones that are to be there.
pub(super) fn doors(flags: &Serve, is_simulated: bool) -> Result<Vec<Door>, Failure> {
    let usual = if is_simulated { Ipv4Addr::UNSPECIFIED } else { LOOPBACK };
    let bind = flags.bind.unwrap_or(usual);
    let mut zones: BTreeMap<Ipv4Addr, Vec<Zone>> = BTreeMap::new();
    for word in &flags.zones {
        let (address, file) = place(word, bind);
        let zone = read(file, flags.origin.as_ref())?;
        let others = zones.entry(address).or_default();
        if others.iter().any(|other| other.apex() == zone.apex()) {
            return Err(Failure::said(format!("{address} cannot have the zone {} twice", zone.apex()))
                .hint("leave one of its files out, or serve it at another address: ADDRESS=FILE"));
        }
        others.push(zone);
    }
    let door = |(address, zones): (Ipv4Addr, Vec<Zone>)| {
        let name = zones.first().map_or_else(String::new, |zone| zone.apex().to_string());
        Door {
            name: name.clone(),
            at: SocketAddrV4::new(address, flags.port),
            server: Server::new(zones).identified_by(&name),
        }
    };
    Ok(zones.into_iter().map(door).collect())
}

/// `127.53.0.2=com.zone`, or a file alone.
fn place(word: &str, bind: Ipv4Addr) -> (Ipv4Addr, &str) {
    let placed = word.split_once('=').and_then(|(address, file)| Some((address.parse().ok()?, file)));
    placed.unwrap_or((bind, word))
}

fn read(file: &str, origin: Option<&Name>) -> Result<Zone, Failure> {
    let shown = escape(file);
    let cannot = |why: &str| {
        Failure::said(format!("cannot read the zone file {shown}: {why}"))
            .hint("a zone is FILE, or ADDRESS=FILE for one at an address of its own")
    };
    let len = std::fs::metadata(file).map_err(|error| cannot(&reason(&error)))?.len();
    if len > MOST {
        return Err(cannot(&format!("{len} bytes are more than the {MOST} that are read")));
    }
    let bytes = std::fs::read(file).map_err(|error| cannot(&reason(&error)))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = 1 + line.iter().filter(|byte| **byte == b'\n').count();
        Failure::said(format!("{shown}:{line}: this line is no text in UTF-8"))
            .hint("write a byte above 127 by its number, as in \\255 (RFC 1035 section 5.1)")
    })?;
    Zone::parse_within(&text, origin).map_err(|error| {
        let place = if error.line > 0 { format!("{shown}:{}", error.line) } else { shown };
        let said = Failure::said(format!("{place}: {}", escape(&error.problem)));
        way_out(&error.problem).map_or(said.clone(), |hint| said.hint(hint))
    })
}

/// What to do, where the problem does not say it.
fn way_out(problem: &str) -> Option<&'static str> {
    let says = |part: &str| problem.contains(part);
    if says("is relative") {
        Some("begin the file with $ORIGIN NAME., or give --origin NAME")
    } else if says("SOA record") {
        Some("begin with @ SOA PRIMARY MAILBOX SERIAL REFRESH RETRY EXPIRE MINIMUM, and have no second one")
    } else if says("is outside of") {
        Some("a dot at its end makes a name whole; without it the origin is its end")
    } else if says("is an alias") {
        Some("leave one of the two out")
    } else if says("that nothing closes") {
        Some("it was opened on that line")
    } else if says("is no type") || says("is missing") || says("more than the entry") {
        Some("an entry is NAME [TTL] [CLASS] TYPE DATA, as in www 300 IN A 192.0.2.1 (RFC 1035 section 5.1)")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_may_have_a_place_before_it() {
        let bind = Ipv4Addr::LOCALHOST;
        assert_eq!(place("127.53.0.2=com.zone", bind), ([127, 53, 0, 2].into(), "com.zone"));
        assert_eq!(place("./a=b.zone", bind), (bind, "./a=b.zone"));
        assert_eq!(place("com.zone", bind), (bind, "com.zone"));
    }
}
