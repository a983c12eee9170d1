//! The probes of a trace as they leave: what the flags say about them stands in their bytes.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use clap::Parser as _;
use cli::{Output, Session, Show, Tool as _};
use host::Time;
use mytraceroute::Mytraceroute;
use sim::{Fate, Net, World};
use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use wire::ethernet::Ethernet;
use wire::ipv4::Ipv4;

/// What `mytraceroute ARGS` sends from `node` of `diamond` by `link`: each IP header, and what is behind it.
fn probes(node: &str, link: &str, args: &str) -> Vec<(Ipv4, Vec<u8>)> {
    let world = Rc::new(RefCell::new(World::new(&Net::load("diamond").unwrap(), 1)));
    let mut host = sim::guest(&world, node).unwrap();
    let target = Ipv4Addr::new(192, 168, 10, 3);
    let seen = Rc::new(RefCell::new(vec![]));
    let note = Rc::clone(&seen);
    let on_the_link = move |_: Time, frame: &mut Vec<u8>| {
        let packet = Ethernet::take(frame).ok().and_then(|(_, packet)| Ipv4::parse(packet).ok());
        if let Some((header, _, payload, _)) = packet.filter(|(header, ..)| header.destination == target) {
            note.borrow_mut().push((header, payload.to_vec()));
        }
        Fate::Pass
    };
    world.borrow_mut().tamper(link, Box::new(on_the_link));
    let tool = Mytraceroute::parse_from(["mytraceroute"].into_iter().chain(args.split_whitespace()));
    let (out, _) = Output::collected(&Show::default());
    let mut session = Session { host: &mut host, probes: Some(4), privileged: true, out };
    tool.run(&mut session).unwrap();
    seen.take()
}

#[test]
fn each_probe_carries_what_was_asked_for() {
    for (args, protocol) in [("", 17), ("-I", 1), ("-T", 6)] {
        let sent = probes("client", "net1", &format!("{args} -t 184 -F -f 2 -m 3 -q 1 192.168.10.3"));
        assert!(sent.len() >= 2, "{args}");
        for (header, _) in &sent {
            assert_eq!((header.protocol, header.dscp << 2 | header.ecn), (protocol, 184), "{args}");
            assert!(header.dont_fragment && (2..=3).contains(&header.ttl), "{args}: {header:?}");
        }
        let plain = probes("client", "net1", &format!("{args} -m 1 -q 1 192.168.10.3"));
        assert!(plain.iter().all(|(header, _)| header.dscp == 0 && header.ecn == 0 && !header.dont_fragment), "{args}");
    }
}

#[test]
fn all_probes_of_a_trace_are_one_flow_and_each_of_a_classic_one_is_its_own() {
    let flows = |args: &str| {
        let mut flows: Vec<_> =
            probes("client", "net1", args).iter().map(|(_, udp)| udp.get(..4).unwrap().to_vec()).collect();
        let sent = flows.len();
        flows.sort();
        flows.dedup();
        (sent, flows.len())
    };
    assert!(matches!(flows("192.168.10.3"), (15.., 1)));
    assert!(matches!(flows("--classic 192.168.10.3"), (sent @ 15.., flows) if sent == flows));
}

/// r1's route balances over net3 and net4.
#[test]
fn all_probes_leave_by_the_interface_that_was_named() {
    for (by, other) in [("net3", "net4"), ("net4", "net3")] {
        let args = format!("-i {by} -q 1 192.168.10.3");
        assert_eq!(probes("r1", other, &args).len(), 0, "-i {by}");
        let sent = probes("r1", by, &args);
        let own = if by == "net3" { [192, 168, 3, 1] } else { [192, 168, 4, 1] };
        assert!(!sent.is_empty() && sent.iter().all(|(header, _)| header.source.octets() == own), "-i {by}: {sent:?}");
    }
}
