//! The neighbour table: whose link-layer address is known.

use crate::interfaces;
use crate::netlink::{Ask, Message, address, ask, failed};
use host::{Mac, Neighbour, Result};
use std::time::Duration;

/// Of `struct ndmsg`, bytes.
const LEN: usize = 12;

/// The ARP table, in the kernel's order: who is known, and who is being asked for.
///
/// # Errors
/// When the kernel does not say.
pub(crate) fn neighbours() -> Result<Vec<Neighbour>> {
    let mut request = [0; LEN];
    if let Ok(family) = u8::try_from(libc::AF_INET) {
        request[0] = family;
    }
    let table = ask(libc::RTM_GETNEIGH, Ask::All, &request).map_err(failed("neighbours"))?;
    let interfaces = interfaces::all()?;
    let name = |index| {
        let known = interfaces.iter().find(|known| known.index == index)?;
        Some(known.interface.name.clone())
    };
    Ok(table.iter().filter_map(|message| neighbour(message, name)).collect())
}

/// `struct ndmsg` and its attributes.
fn neighbour(message: &Message, name: impl Fn(u32) -> Option<String>) -> Option<Neighbour> {
    const DESTINATION: u16 = 1;
    const LINK_ADDRESS: u16 = 2;
    const CACHE_INFO: u16 = 3;
    if message.kind != libc::RTM_NEWNEIGH {
        return None;
    }
    let (&[_, _, _, _, a, b, c, d, e, f, ..], attributes) = message.split::<LEN>()?;
    let state = u16::from_ne_bytes([e, f]);
    // Who did not answer is not known, and multicast and loopback need not be.
    if state & (libc::NUD_FAILED | libc::NUD_NOARP) != 0 {
        return None;
    }
    let (mut ip, mut mac, mut age) = (None, None, None);
    for (kind, value) in attributes {
        match kind {
            DESTINATION => ip = address(value),
            LINK_ADDRESS => mac = value.try_into().ok().map(Mac),
            CACHE_INFO => age = confirmed(value),
            _ => {}
        }
    }
    let interface = name(u32::from_ne_bytes([a, b, c, d]))?;
    Some(Neighbour { interface, address: ip?, mac, age: age.filter(|_| mac.is_some()) })
}

/// `struct nda_cacheinfo` begins with how long ago the neighbour was confirmed.
fn confirmed(value: &[u8]) -> Option<Duration> {
    /// The kernel counts in ticks of a clock that it shows to programs as one of 100 Hz, whatever its own.
    const TICK: Duration = Duration::from_millis(10);
    Some(TICK * crate::netlink::number(value)?)
}
