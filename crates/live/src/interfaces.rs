//! The interfaces of this machine and their addresses.

use crate::netlink::{self, Ask, Message, ask, failed};
use host::{Error, Interface, Mac, Result};
use std::net::IpAddr;

/// Of `struct ifinfomsg`, bytes.
const LINK_LEN: usize = 16;
/// Of `struct ifaddrmsg`, bytes.
const ADDRESS_LEN: usize = 8;

/// An interface, and what only sockets need to know of it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) interface: Interface,
    /// The kernel's number of it.
    pub(crate) index: u32,
    /// Switched on; `Interface::up` says in addition that its cable is in.
    pub(crate) switched_on: bool,
    pub(crate) loopback: bool,
}

/// The interface called `name`.
///
/// # Errors
/// `NoSuchInterface` with the names that there are.
pub(crate) fn named(name: &str) -> Result<Known> {
    let all = all()?;
    let known = all.iter().map(|known| known.interface.name.clone()).collect();
    all.into_iter()
        .find(|known| known.interface.name == name)
        .ok_or(Error::NoSuchInterface { name: name.into(), known })
}

/// All interfaces, in the kernel's order.
///
/// # Errors
/// When the kernel does not say.
pub(crate) fn list() -> Result<Vec<Interface>> {
    Ok(all()?.into_iter().map(|known| known.interface).collect())
}

/// All interfaces with their addresses, in the kernel's order.
///
/// # Errors
/// When the kernel does not say.
pub(crate) fn all() -> Result<Vec<Known>> {
    let links = ask(libc::RTM_GETLINK, Ask::All, &[0; LINK_LEN]).map_err(failed("interfaces"))?;
    let addresses = ask(libc::RTM_GETADDR, Ask::All, &[0; ADDRESS_LEN]).map_err(failed("addresses"))?;
    let mut all: Vec<Known> = links.iter().filter_map(link).collect();
    for (index, address) in addresses.iter().filter_map(address) {
        for known in all.iter_mut().filter(|known| known.index == index) {
            known.interface.addresses.push(address);
        }
    }
    Ok(all)
}

/// `struct ifinfomsg` and its attributes.
fn link(message: &Message) -> Option<Known> {
    const ADDRESS: u16 = 1;
    const NAME: u16 = 3;
    const MTU: u16 = 4;
    if message.kind != libc::RTM_NEWLINK {
        return None;
    }
    let (&[_, _, k, l, a, b, c, d, e, f, g, h, ..], attributes) = message.split::<LINK_LEN>()?;
    let flags = u32::from_ne_bytes([e, f, g, h]).cast_signed();
    let ethernet = u16::from_ne_bytes([k, l]) == libc::ARPHRD_ETHER;
    let on = |flag: i32| flags & flag != 0;
    let mut known = Known {
        interface: Interface {
            name: String::new(),
            mac: None,
            addresses: Vec::new(),
            mtu: 0,
            up: on(libc::IFF_UP) && on(libc::IFF_RUNNING),
        },
        index: u32::from_ne_bytes([a, b, c, d]),
        switched_on: on(libc::IFF_UP),
        loopback: on(libc::IFF_LOOPBACK),
    };
    for (kind, value) in attributes {
        match kind {
            // The loopback has six zeroes there, and tunnels their IP address.
            ADDRESS if ethernet => known.interface.mac = value.try_into().ok().map(Mac),
            NAME => {
                let name = value.split(|byte| *byte == 0).next().unwrap_or_default();
                known.interface.name = String::from_utf8_lossy(name).into_owned();
            }
            MTU => known.interface.mtu = netlink::number(value)?,
            _ => {}
        }
    }
    Some(known)
}

/// `struct ifaddrmsg` and its attributes: the interface's number, and an address with the length of its network part.
fn address(message: &Message) -> Option<(u32, (IpAddr, u8))> {
    const ADDRESS: u16 = 1;
    const LOCAL: u16 = 2;
    if message.kind != libc::RTM_NEWADDR {
        return None;
    }
    let (&[_, prefix, _, _, a, b, c, d], attributes) = message.split::<ADDRESS_LEN>()?;
    // On a point-to-point link `ADDRESS` is the other end's; `LOCAL` is always one's own, but IPv6 may leave it out.
    let own = attributes.filter(|(kind, _)| [ADDRESS, LOCAL].contains(kind)).max_by_key(|(kind, _)| *kind);
    Some((u32::from_ne_bytes([a, b, c, d]), (netlink::address(own?.1)?, prefix)))
}
