//! What the command line asks for, and what cannot be.

use super::gateway::{Door, Gateway};
use super::neighbours::Neighbours;
use crate::flags::{Place, Run};
use cli::Failure;
use host::{Cable, Error, Frames, Host, Interface, Mac};
use nat::{Config, Nat};
use std::net::{IpAddr, Ipv4Addr};

/// The box, and its ends of the two cables: inside, outside.
pub(super) struct Open {
    pub(super) gateway: Gateway,
    pub(super) ports: [Box<dyn Frames>; 2],
}

/// Finds out where the box stands, and opens both sides.
pub(super) fn open(flags: &Run, host: &mut dyn Host) -> Result<Open, Failure> {
    let interfaces = host.interfaces()?;
    let inside = gateway_place(flags, &interfaces)?;
    let outside = public_place(flags, &interfaces)?;
    check(flags, &interfaces, inside, outside)?;
    let translator = translator(flags, host, outside.0)?;

    let cable = |tap: &'_ Option<String>, interface: &'_ Option<String>| {
        let offload = !flags.no_offload;
        match (tap.clone(), interface.clone()) {
            (Some(name), _) => (name, Some(offload)),
            (None, name) => (name.unwrap_or_default(), None),
        }
    };
    let mut open = |(name, tap): (String, Option<bool>)| {
        let at = tap.map_or(Cable::Interface(&name), |offload| Cable::Tap { name: &name, offload });
        host.open_frames(at).map_err(|error| match error {
            Error::Unsupported { .. } => Failure::Host(error)
                .hint("the simulated network has its NATs in it: `nat-box watch --net nat` shows one at work"),
            Error::NoPermission { .. } => Failure::Host(error)
                .hint("run it as root, or as root of a namespace: `unshare --user --map-root-user --net`"),
            error => Failure::Host(error),
        })
    };
    let ports = [open(cable(&flags.inside_tap, &flags.inside))?, open(cable(&flags.outside_tap, &flags.outside))?];
    let mut door = |port: &dyn Frames, (address, prefix): (Ipv4Addr, u8), via, is_kernels| Door {
        mac: port.mac().unwrap_or_else(|| made_up(host)),
        address,
        prefix,
        mtu: port.mtu(),
        via,
        is_kernels,
        is_shared: port.mac().is_some(),
        neighbours: Neighbours::default(),
    };
    let is_kernels = owner(&interfaces, inside.0).is_some();
    let inside = door(&*ports[0], inside, None, is_kernels);
    let outside = door(&*ports[1], outside, flags.via, false);
    Ok(Open { gateway: Gateway::new(translator, inside, outside), ports })
}

/// The inside address of the box and the length of its network's part.
fn gateway_place(flags: &Run, interfaces: &[Interface]) -> Result<(Ipv4Addr, u8), Failure> {
    let of_interface = flags.inside.as_ref().and_then(|name| first_address(interfaces, name));
    match (flags.gateway, of_interface) {
        (Some(Place { address, prefix: Some(prefix) }), _) => Ok((address, prefix)),
        (Some(Place { address, prefix: None }), Some((own, prefix))) if is_in(own, prefix, address) => {
            Ok((address, prefix))
        }
        (Some(Place { address, prefix: None }), _) => {
            Err(Failure::said(format!("--gateway {address} is in no known network"))
                .hint(format!("say which, as in --gateway {address}/24")))
        }
        (None, Some(own)) => Ok(own),
        (None, None) => match &flags.inside {
            Some(name) => known(interfaces, name).and(Err(Failure::said(format!("{name} has no IPv4 address"))
                .hint("say which one the box has there, as in --gateway 192.168.1.1/24"))),
            None => Err(Failure::said("a tap has no address by itself")
                .hint("say which one the box has inside, as in --gateway 192.168.1.1/24")),
        },
    }
}

/// The outside address of the box and the length of its network's part.
fn public_place(flags: &Run, interfaces: &[Interface]) -> Result<(Ipv4Addr, u8), Failure> {
    let Place { address, prefix } = flags.public;
    if let Some(prefix) = prefix {
        return Ok((address, prefix));
    }
    let named = flags.outside.as_ref().map(|name| known(interfaces, name)).transpose()?;
    let networks = named.map(|interface| interface.addresses.as_slice()).unwrap_or_default();
    let network = networks.iter().find_map(|(own, prefix)| match own {
        IpAddr::V4(own) if is_in(*own, *prefix, address) => Some(*prefix),
        _ => None,
    });
    network.map(|prefix| (address, prefix)).ok_or_else(|| {
        Failure::said(format!("--public {address} is in no known network"))
            .hint(format!("say which, as in --public {address}/24"))
    })
}

/// What does not go together.
fn check(
    flags: &Run,
    interfaces: &[Interface],
    (gateway, inside_len): (Ipv4Addr, u8),
    (public, outside_len): (Ipv4Addr, u8),
) -> Result<(), Failure> {
    let names = |interface: &Option<String>, tap: &Option<String>| interface.clone().or(tap.clone());
    let inside = names(&flags.inside, &flags.inside_tap);
    if inside == names(&flags.outside, &flags.outside_tap) {
        return Err(Failure::said(format!("{} cannot be inside and outside", inside.unwrap_or_default()))
            .hint("a NAT stands between two links"));
    }
    if is_in(gateway, inside_len, public) {
        return Err(Failure::said(format!(
            "the public address {public} is in the inside network {gateway}/{inside_len}"
        ))
        .hint("it has to be one of the outside network"));
    }
    if is_in(public, outside_len, gateway) {
        return Err(Failure::said(format!(
            "the inside address {gateway} is in the outside network {public}/{outside_len}"
        ))
        .hint("the two sides must be two networks"));
    }
    if let Some(owner) = owner(interfaces, public) {
        return Err(Failure::said(format!(
            "{public} is an address of this machine, on {owner}, whose kernel answers for it too"
        ))
        .hint("take another address of the outside network, or take this one from the interface"));
    }
    if let Some(via) = flags.via.filter(|via| !is_in(public, outside_len, *via) || *via == public) {
        return Err(Failure::said(format!("the next hop {via} is not in the outside network {public}/{outside_len}"))
            .hint("--via takes a router that is on the outside link"));
    }
    for forward in &flags.forward {
        let to = *forward.to.ip();
        if !is_in(gateway, inside_len, to) || to == gateway {
            return Err(Failure::said(format!(
                "port {} cannot be forwarded to {to}: it is no host of the inside",
                forward.port
            ))
            .hint(format!("the inside network is {gateway}/{inside_len}")));
        }
    }
    for name in [&flags.inside, &flags.outside].into_iter().flatten() {
        known(interfaces, name)?;
        if forwards(name) {
            return Err(Failure::said(format!(
                "this machine's kernel routes what comes in by {name}, and would pass it on untranslated"
            ))
            .hint(format!("`sysctl -w net.ipv4.conf.{name}.forwarding=0` leaves that to nat-box")));
        }
    }
    Ok(())
}

/// Whether the kernel is a router for what comes in there. Where it does not say, it is taken for none.
fn forwards(interface: &str) -> bool {
    let file = format!("/proc/sys/net/ipv4/conf/{interface}/forwarding");
    std::fs::read_to_string(file).is_ok_and(|value| value.trim() == "1")
}

fn translator(flags: &Run, host: &mut dyn Host, public: Ipv4Addr) -> Result<Nat, Failure> {
    let mut secret = [0; 8];
    host.random(&mut secret);
    let config = Config {
        mapping: flags.mapping,
        filtering: flags.filtering,
        hairpin: !flags.no_hairpin,
        first_port: flags.first_port,
        clamp_mss: flags.clamp_mss,
        forwards: flags.forward.clone(),
        secret: u64::from_ne_bytes(secret),
        ..Config::new(public)
    };
    Nat::new(config).map_err(|error| Failure::said(error.to_string()).hint("`nat-box run --help` has examples"))
}

/// An address of a station that is nobody's product: RFC 9542 section 2.1, the bit for "local" is set, that for groups is not.
fn made_up(host: &mut dyn Host) -> Mac {
    let mut mac = [0; 6];
    host.random(&mut mac);
    mac[0] = mac[0] & !1 | 2;
    Mac(mac)
}

fn known<'a>(interfaces: &'a [Interface], name: &str) -> Result<&'a Interface, Failure> {
    interfaces.iter().find(|interface| interface.name == name).ok_or_else(|| {
        let known = interfaces.iter().map(|interface| interface.name.clone()).collect();
        Failure::Host(Error::NoSuchInterface { name: name.into(), known })
    })
}

fn first_address(interfaces: &[Interface], name: &str) -> Option<(Ipv4Addr, u8)> {
    let interface = interfaces.iter().find(|interface| interface.name == name)?;
    interface.addresses.iter().find_map(|(address, prefix)| match address {
        IpAddr::V4(address) => Some((*address, *prefix)),
        IpAddr::V6(_) => None,
    })
}

/// Which interface of this machine has an address.
fn owner(interfaces: &[Interface], address: Ipv4Addr) -> Option<&str> {
    let has = |interface: &&Interface| interface.addresses.iter().any(|(own, _)| *own == IpAddr::V4(address));
    interfaces.iter().find(has).map(|interface| interface.name.as_str())
}

fn is_in(network: Ipv4Addr, prefix: u8, address: Ipv4Addr) -> bool {
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
    (u32::from(network) ^ u32::from(address)) & mask == 0
}
