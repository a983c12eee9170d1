//! Packets that come one after the other, and what becomes of each: what stands in the table is seen by that alone.

use super::public;
use crate::check::ask::{Ask, Expected};
use crate::subjects::draw::Draw;
use host::lab::Value;
use std::net::{Ipv4Addr, SocketAddrV4};

const SAME: &str = "RFC 4787 section 4.1, REQ-1: one inside end has one outside port, whoever it talks to";
const OWN: &str = "RFC 4787 section 4.2.1, REQ-3: no two inside ends share an outside port of the same protocol";
const ANSWER: &str = "RFC 3022 section 2.2: what comes for an outside port goes to the inside end that has it";
const STRANGER: &str =
    "RFC 4787 section 5, address and port-dependent filtering: who was not spoken to does not come in";
const QUIET: &str = "RFC 4787 section 4.3, REQ-5: after so much time without a packet the session is over";
const REFRESH: &str = "RFC 4787 section 4.3, REQ-6: what goes out keeps the session; here, what comes in does not";
const EACH: &str =
    "RFC 4787 section 4.3: each session has its own time; a port is kept as long as one of its sessions is";
const QUERY: &str = "RFC 5508 section 3.2, REQ-2: a query session is kept for 60 seconds at least; here, no longer";
const BEGINS: &str = "RFC 7857 section 2: a SYN begins a session, and what belongs to none is dropped";
const ESTABLISHED: &str =
    "RFC 5382 section 5, REQ-5: 2 hours 4 minutes once SYNs went both ways, and packets either way keep it";
const TRANSITORY: &str = "RFC 5382 section 5, REQ-5: 4 minutes until SYNs went both ways, and after FINs both ways";
const RESET: &str = "RFC 7857 section 2.2: a RST passes, and the session is kept for 4 minutes";
const LOWEST: &str = "the lowest port that is free; when all are given, nothing leaves";
const AGAIN: &str = "a port whose last session is over is free";
const FORWARDED: &str = "a forwarded port leads in, whoever comes";
const FORWARDED_BACK: &str =
    "what that host sends from that port leaves from the forwarded one, and that is not given to others";
const HAIRPIN: &str = "RFC 4787 section 6, REQ-9: back in, and from the outside end of its sender";
const AS_ANY: &str = "RFC 4787 section 6: what turns back comes in like anything else: if it may";
const WHOSE: &str = "RFC 5508 section 4.2, REQ-4: whoever has the port that the quoted packet came from";

/// What is asked of the table; `None`: there is no such check.
pub(super) fn asks(check: &str, draw: Draw) -> Option<Vec<Ask>> {
    let scripts: fn(&mut Home) -> Vec<Ask> = match check {
        "out" => out,
        "back" => back,
        "filter" => filter,
        "timer" => timer,
        "tcp" => tcp,
        "ports" => ports,
        "forward" => forward,
        "hairpin" => hairpin,
        "whose" => whose,
        _ => return None,
    };
    let mut draw = draw;
    Some((0..6).flat_map(|_| scripts(&mut Home::drawn(&mut draw))).collect())
}

/// Three hosts inside, two outside, and the NAT between them.
struct Home {
    public: Ipv4Addr,
    first: u16,
    last: u16,
    forwards: Vec<String>,
    a: SocketAddrV4,
    b: SocketAddrV4,
    c: SocketAddrV4,
    peer: SocketAddrV4,
    other: SocketAddrV4,
}

impl Home {
    fn drawn(draw: &mut Draw) -> Self {
        let [net, a, b, _] = draw.number().to_be_bytes().first_chunk::<4>().copied().unwrap_or_default();
        let inside = |last: u8, port| SocketAddrV4::new(Ipv4Addr::new(192, 168, net, last), port);
        let port = |draw: &mut Draw| 1024 + draw.word() % 60_000;
        let first = 2000 + draw.word() % 50_000;
        let (public, peer, other) = (public(draw), draw.address(), draw.address());
        let at = port(draw);
        // Three neighbours; the second has the same port as the first.
        let low = 2 + a % 80;
        Self {
            public,
            first,
            last: first + 100,
            forwards: vec![],
            a: inside(low, at),
            b: inside(low + 1 + b % 80, at),
            c: inside(low + 81 + b % 80, port(draw)),
            peer: SocketAddrV4::new(peer, 53),
            other: SocketAddrV4::new(other, 4000),
        }
    }

    /// The outside end with the port number `place` of those that may be given.
    fn given(&self, place: u16) -> SocketAddrV4 {
        SocketAddrV4::new(self.public, self.first + place)
    }

    fn says(&self, why: &'static str, steps: &[Step]) -> Ask {
        let ports = format!("{}-{}", self.first, self.last);
        let forwards: Vec<Value> = self.forwards.iter().map(|forward| Value::Text(forward.clone())).collect();
        let mut arguments =
            vec![("public", self.public.into()), ("ports", Value::Text(ports)), ("forwards", Value::List(forwards))];
        arguments.extend(steps.iter().zip(NUMBERS).map(|(step, number)| (*number, Value::Text(step.text()))));
        let fields = steps.iter().zip(NUMBERS).map(|(step, number)| (format!("packet {number}"), step.becomes()));
        Ask { function: "nat", arguments, expected: Expected::Is(Value::Record("all".into(), fields.collect())), why }
    }
}

const NUMBERS: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

/// A packet, and what becomes of it.
#[derive(Debug, Clone)]
struct Step {
    second: u64,
    side: &'static str,
    what: &'static str,
    from: SocketAddrV4,
    to: SocketAddrV4,
    becomes: String,
}

impl Step {
    fn text(&self) -> String {
        let (protocol, flags) = self.what.split_once(' ').unwrap_or((self.what, ""));
        let text = format!("{} s {} {protocol} {} > {} {flags}", self.second, self.side, self.from, self.to);
        text.trim_end().to_string()
    }

    fn becomes(&self) -> Value {
        Value::Text(self.becomes.clone())
    }
}

fn step(second: u64, side: &'static str, what: &'static str, ends: [SocketAddrV4; 2], becomes: String) -> Step {
    Step { second, side, what, from: ends[0], to: ends[1], becomes }
}

/// It leaves from this end.
fn leaves(second: u64, what: &'static str, from: SocketAddrV4, to: SocketAddrV4, seen: SocketAddrV4) -> Step {
    step(second, "inside", what, [from, to], format!("out from {seen}"))
}

/// It stays inside.
fn stays(second: u64, what: &'static str, from: SocketAddrV4, to: SocketAddrV4) -> Step {
    step(second, "inside", what, [from, to], "dropped".into())
}

/// It comes in for this end.
fn enters(second: u64, what: &'static str, from: SocketAddrV4, to: SocketAddrV4, inside: SocketAddrV4) -> Step {
    step(second, "outside", what, [from, to], format!("in to {inside}"))
}

/// It does not come in.
fn refused(second: u64, what: &'static str, from: SocketAddrV4, to: SocketAddrV4) -> Step {
    step(second, "outside", what, [from, to], "dropped".into())
}

fn turns(second: u64, what: &'static str, ends: [SocketAddrV4; 2], seen: SocketAddrV4, inside: SocketAddrV4) -> Step {
    step(second, "inside", what, ends, format!("back in from {seen} to {inside}"))
}

/// An ICMP query's end outside has no port.
fn bare(end: SocketAddrV4) -> SocketAddrV4 {
    SocketAddrV4::new(*end.ip(), 0)
}

fn out(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, c, peer, other, .. } = *home;
    let [first, second, third] = [0, 1, 2].map(|place| home.given(place));
    let next = SocketAddrV4::new(*a.ip(), a.port() + 1);
    vec![
        home.says(LOWEST, &[leaves(0, "udp", a, peer, first)]),
        home.says(SAME, &[leaves(0, "udp", a, peer, first), leaves(1, "udp", a, peer, first)]),
        home.says(SAME, &[leaves(0, "udp", a, peer, first), leaves(1, "udp", a, other, first)]),
        // Another port of the same host, and the same port of another host.
        home.says(OWN, &[leaves(0, "udp", a, peer, first), leaves(1, "udp", next, peer, second)]),
        home.says(
            OWN,
            &[
                leaves(0, "udp", a, peer, first),
                leaves(1, "udp", b, peer, second),
                leaves(2, "udp", c, other, third),
                leaves(3, "udp", a, other, first),
            ],
        ),
        // Ports of TCP, of UDP and identifiers are three things.
        home.says(
            OWN,
            &[
                leaves(0, "udp", a, peer, first),
                leaves(1, "tcp SYN", a, peer, first),
                leaves(2, "icmp", a, bare(peer), first),
                leaves(3, "tcp SYN", b, peer, second),
                leaves(4, "udp", c, peer, second),
            ],
        ),
    ]
}

fn back(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, peer, other, .. } = *home;
    let [first, second, third] = [0, 1, 2].map(|place| home.given(place));
    vec![
        home.says(ANSWER, &[leaves(0, "udp", a, peer, first), enters(1, "udp", peer, first, a)]),
        home.says(
            ANSWER,
            &[
                leaves(0, "udp", a, peer, first),
                leaves(0, "udp", b, peer, second),
                enters(1, "udp", peer, second, b),
                enters(1, "udp", peer, first, a),
                refused(2, "udp", peer, third),
            ],
        ),
        home.says(
            ANSWER,
            &[
                leaves(0, "udp", a, peer, first),
                leaves(1, "udp", a, other, first),
                enters(2, "udp", other, first, a),
                enters(2, "udp", peer, first, a),
            ],
        ),
        home.says(
            ANSWER,
            &[
                leaves(0, "tcp SYN", b, peer, first),
                leaves(0, "udp", a, peer, first),
                enters(1, "udp", peer, first, a),
                enters(1, "tcp SYN", peer, first, b),
            ],
        ),
        home.says(ANSWER, &[leaves(0, "icmp", a, bare(peer), first), enters(1, "icmp", bare(peer), first, a)]),
    ]
}

fn filter(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, peer, other, .. } = *home;
    let [first, second] = [0, 1].map(|place| home.given(place));
    let elsewhere = SocketAddrV4::new(*peer.ip(), peer.port() + 1);
    let control = || vec![leaves(0, "udp", a, peer, first), enters(1, "udp", peer, first, a)];
    let with = |steps: &[Step]| [control().as_slice(), steps].concat();
    vec![
        home.says(STRANGER, &with(&[refused(2, "udp", other, first)])),
        home.says(STRANGER, &with(&[refused(2, "udp", elsewhere, first)])),
        // Whom another host spoke to.
        home.says(STRANGER, &with(&[leaves(2, "udp", b, other, second), refused(3, "udp", other, first)])),
        // A stranger may come once it was spoken to.
        home.says(
            STRANGER,
            &with(&[
                refused(2, "udp", other, first),
                leaves(3, "udp", a, other, first),
                enters(4, "udp", other, first, a),
            ]),
        ),
    ]
}

fn timer(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, peer, other, .. } = *home;
    let first = home.given(0);
    let begun = leaves(0, "udp", a, peer, first);
    vec![
        home.says(QUIET, &[begun.clone(), enters(299, "udp", peer, first, a)]),
        home.says(QUIET, &[begun.clone(), enters(1, "udp", peer, first, a), refused(300, "udp", peer, first)]),
        home.says(
            REFRESH,
            &[
                begun.clone(),
                leaves(200, "udp", a, peer, first),
                enters(499, "udp", peer, first, a),
                refused(500, "udp", peer, first),
            ],
        ),
        home.says(REFRESH, &[begun.clone(), enters(299, "udp", peer, first, a), refused(301, "udp", peer, first)]),
        home.says(
            EACH,
            &[
                begun.clone(),
                leaves(200, "udp", a, other, first),
                leaves(290, "udp", a, other, first),
                refused(350, "udp", peer, first),
                enters(589, "udp", other, first, a),
                leaves(589, "udp", a, peer, first),
                enters(590, "udp", peer, first, a),
                refused(590, "udp", other, first),
            ],
        ),
        home.says(AGAIN, &[begun, leaves(300, "udp", b, peer, first), enters(301, "udp", peer, first, b)]),
        home.says(
            QUERY,
            &[
                leaves(0, "icmp", a, bare(peer), first),
                enters(59, "icmp", bare(peer), first, a),
                refused(60, "icmp", bare(peer), first),
            ],
        ),
    ]
}

fn tcp(home: &mut Home) -> Vec<Ask> {
    let Home { a, peer, .. } = *home;
    let first = home.given(0);
    let open = [leaves(0, "tcp SYN", a, peer, first), enters(1, "tcp SYN", peer, first, a)];
    let with = |steps: &[Step]| [open.as_slice(), steps].concat();
    vec![
        home.says(BEGINS, &[leaves(0, "tcp SYN", a, peer, first), leaves(1, "tcp", a, peer, first)]),
        home.says(
            BEGINS,
            &[stays(0, "tcp", a, peer), stays(1, "tcp FIN", a, peer), leaves(2, "tcp SYN", a, peer, first)],
        ),
        home.says(TRANSITORY, &[leaves(0, "tcp SYN", a, peer, first), enters(239, "tcp SYN", peer, first, a)]),
        home.says(TRANSITORY, &[leaves(0, "tcp SYN", a, peer, first), refused(240, "tcp SYN", peer, first)]),
        home.says(ESTABLISHED, &with(&[enters(7440, "tcp", peer, first, a)])),
        home.says(ESTABLISHED, &with(&[refused(7441, "tcp", peer, first)])),
        home.says(
            ESTABLISHED,
            &with(&[
                enters(7000, "tcp", peer, first, a),
                leaves(14_000, "tcp", a, peer, first),
                enters(21_439, "tcp", peer, first, a),
            ]),
        ),
        // One FIN ends one direction: what the other end still has to say may take its time.
        home.says(ESTABLISHED, &with(&[leaves(10, "tcp FIN", a, peer, first), enters(7000, "tcp", peer, first, a)])),
        home.says(
            TRANSITORY,
            &with(&[
                leaves(10, "tcp FIN", a, peer, first),
                enters(20, "tcp FIN", peer, first, a),
                leaves(21, "tcp", a, peer, first),
                enters(259, "tcp", peer, first, a),
                refused(260, "tcp", peer, first),
            ]),
        ),
        home.says(
            TRANSITORY,
            &with(&[
                enters(10, "tcp FIN", peer, first, a),
                leaves(20, "tcp FIN", a, peer, first),
                stays(260, "tcp", a, peer),
            ]),
        ),
        home.says(
            RESET,
            &with(&[
                enters(10, "tcp RST", peer, first, a),
                enters(249, "tcp RST", peer, first, a),
                refused(250, "tcp RST", peer, first),
            ]),
        ),
        home.says(RESET, &with(&[leaves(10, "tcp RST", a, peer, first), stays(250, "tcp RST", a, peer)])),
    ]
}

fn ports(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, c, peer, other, .. } = *home;
    home.last = home.first + 1;
    let [first, second] = [0, 1].map(|place| home.given(place));
    let both = [leaves(0, "udp", a, peer, first), leaves(100, "udp", b, peer, second)];
    let with = |steps: &[Step]| [both.as_slice(), steps].concat();
    vec![
        home.says(LOWEST, &with(&[stays(101, "udp", c, peer)])),
        // Nobody who has a port is touched by that, and the ports of TCP are others.
        home.says(
            LOWEST,
            &with(&[
                stays(101, "udp", c, other),
                leaves(102, "udp", a, other, first),
                enters(103, "udp", peer, second, b),
                leaves(104, "tcp SYN", c, peer, first),
            ]),
        ),
        home.says(
            AGAIN,
            &with(&[
                stays(299, "udp", c, peer),
                leaves(300, "udp", c, peer, first),
                enters(301, "udp", peer, first, c),
                stays(302, "udp", a, peer),
            ]),
        ),
    ]
}

fn forward(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, peer, other, first, .. } = *home;
    let server = SocketAddrV4::new(*b.ip(), 80);
    home.forwards = vec![format!("tcp {first} > {server}"), format!("udp {} > {a}", first + 1)];
    let [tcp, udp, free] = [0, 1, 2].map(|place| home.given(place));
    vec![
        home.says(
            FORWARDED,
            &[
                enters(0, "tcp SYN", peer, tcp, server),
                enters(1, "tcp SYN", other, tcp, server),
                leaves(2, "tcp SYN", server, peer, tcp),
            ],
        ),
        home.says(FORWARDED, &[enters(0, "udp", other, udp, a), leaves(1, "udp", a, other, udp)]),
        home.says(FORWARDED, &[refused(0, "tcp SYN", peer, udp), enters(1, "tcp SYN", peer, tcp, server)]),
        home.says(
            FORWARDED_BACK,
            &[
                leaves(0, "tcp SYN", server, other, tcp),
                leaves(1, "tcp SYN", a, peer, udp),
                leaves(2, "udp", b, peer, tcp),
                leaves(3, "udp", server, peer, free),
                enters(4, "tcp SYN", other, tcp, server),
            ],
        ),
        // It is there when everything else is over.
        home.says(
            FORWARDED,
            &[
                enters(0, "tcp SYN", peer, tcp, server),
                refused(9000, "tcp", peer, tcp),
                enters(9001, "tcp SYN", peer, tcp, server),
            ],
        ),
    ]
}

fn hairpin(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, c, peer, first, .. } = *home;
    let server = SocketAddrV4::new(*c.ip(), 80);
    home.forwards = vec![format!("tcp {first} > {server}")];
    let [front, second, nobody] = [0, 1, 7].map(|place| home.given(place));
    let given = home.given(0);
    vec![
        home.says(HAIRPIN, &[turns(0, "tcp SYN", [a, front], second, server)]),
        home.says(
            HAIRPIN,
            &[
                turns(0, "tcp SYN", [a, front], second, server),
                turns(1, "tcp SYN", [server, second], front, a),
                turns(2, "tcp", [a, front], second, server),
            ],
        ),
        // To a port that nobody has; and then none was given for it.
        home.says(
            HAIRPIN,
            &[stays(0, "udp", a, nobody), leaves(1, "udp", b, peer, given), leaves(2, "udp", a, peer, second)],
        ),
        // Two hosts with what a third told them: the first packet does not come in, and opens the way for the other's.
        home.says(
            AS_ANY,
            &[
                leaves(0, "udp", a, peer, given),
                leaves(0, "udp", b, peer, second),
                stays(1, "udp", a, second),
                turns(2, "udp", [b, given], second, a),
                turns(3, "udp", [a, second], given, b),
            ],
        ),
    ]
}

fn whose(home: &mut Home) -> Vec<Ask> {
    let Home { a, b, peer, .. } = *home;
    let [first, second, third] = [0, 1, 2].map(|place| home.given(place));
    let error = |second, what, from, of: Option<SocketAddrV4>| {
        let becomes = of.map_or("nobody's".into(), |inside| format!("of {inside}"));
        step(second, "quoted", what, [from, peer], becomes)
    };
    vec![
        home.says(WHOSE, &[leaves(0, "udp", a, peer, first), error(1, "udp", first, Some(a))]),
        home.says(
            WHOSE,
            &[
                leaves(0, "udp", a, peer, first),
                leaves(0, "udp", b, peer, second),
                leaves(0, "tcp SYN", b, peer, first),
                error(1, "udp", second, Some(b)),
                error(1, "tcp", first, Some(b)),
                error(1, "udp", first, Some(a)),
                error(1, "udp", third, None),
            ],
        ),
        home.says(
            WHOSE,
            &[leaves(0, "udp", a, peer, first), error(299, "udp", first, Some(a)), error(300, "udp", first, None)],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_home_has_three_hosts_of_one_network_and_ports_to_give() {
        let mut draw = Draw::new(1, "homes");
        for _ in 0..1000 {
            let home = Home::drawn(&mut draw);
            let last = |end: SocketAddrV4| end.ip().octets()[3];
            assert!(last(home.a) < last(home.b) && last(home.b) < last(home.c), "{} {} {}", home.a, home.b, home.c);
            assert_eq!(home.a.port(), home.b.port());
            assert!(home.first < home.last && home.peer.ip() != home.other.ip());
        }
    }
}
