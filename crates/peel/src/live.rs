//! Packets of an interface as they come.

use crate::capture::{Direction, Interface, Packet, Record};
use crate::flags::{Place, Plan};
use crate::shown::Shown;
use crate::stamp::Stamp;
use cli::{Failure, Session, Verdict, escape};
use host::{Error, Host, Opt, Time};
use std::net::Ipv4Addr;
use wire::Mac;
use wire::ethernet::Ethernet;

/// An address far away, whose way is the default route: RFC 5737 section 3, a block for documentation, which no network has.
const FAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Shows what comes by, until there are enough, Ctrl-C, or nothing more will come.
pub(crate) fn show(plan: &Plan, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let Session { host, out, .. } = session;
    let name = match &plan.place {
        Place::Live(name) if !name.is_empty() => name.clone(),
        _ => usual(*host)?,
    };
    let own = host.interfaces()?.into_iter().find(|one| one.name == name).and_then(|one| one.mac);
    let mut link = host.open_link(&name)?;
    if own.is_some() {
        link.set(Opt::Outgoing(true))?;
    }
    let interface = Interface::ethernet(&name);
    let mut shown = Shown::new(plan);
    let mut number = 0;
    let mut is_over = false;
    while !is_over {
        match link.recv(Time::NEVER) {
            Ok(Some(frame)) => {
                number += 1;
                let packet = Packet {
                    at: Some(Stamp(i64::try_from(frame.at.0).unwrap_or(i64::MAX))),
                    interface: 0,
                    original_len: u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX),
                    bytes: &frame.bytes,
                    comment: None,
                    direction: own.map(|own| direction(own, &frame.bytes)),
                };
                let record = Record { number, packet, interface: &interface, interfaces: 1 };
                is_over = shown.hear(out, &record)?.is_break();
            }
            Ok(None) | Err(Error::Interrupted) => is_over = true,
            Err(Error::Idle) => {
                out.note("nothing more will happen in this network");
                is_over = true;
            }
            Err(error) => return Err(error.into()),
        }
    }
    shown.finish(out, number, None)
}

/// Whether this station sent a frame or received it: link sockets hand over both alike.
fn direction(own: Mac, frame: &[u8]) -> Direction {
    let is_own = Ethernet::take(frame).is_ok_and(|(header, _)| header.source == own);
    if is_own { Direction::Out } else { Direction::In }
}

/// The only interface with a link-layer address, or that of the default route.
fn usual(host: &mut dyn Host) -> Result<String, Failure> {
    let interfaces = host.interfaces()?;
    let linked: Vec<&str> =
        interfaces.iter().filter(|one| one.mac.is_some() && one.up).map(|one| one.name.as_str()).collect();
    match linked.as_slice() {
        [] => return Err(Failure::said("no interface of this host has frames to show")),
        [only] => return Ok((*only).to_string()),
        _ => {}
    }
    let routed = match host.route(FAR.into()) {
        Ok(route) => Some(route.interface),
        Err(Error::NoRoute(_)) => None,
        Err(error) => return Err(error.into()),
    };
    routed.filter(|name| linked.contains(&name.as_str())).ok_or_else(|| {
        let names: Vec<String> = linked.iter().map(|name| escape(name)).collect();
        Failure::said("several interfaces have frames to show, and none is that of a default route").hint(format!(
            "choose one, as in --live={}: {}",
            names.first().cloned().unwrap_or_default(),
            names.join(", ")
        ))
    })
}
