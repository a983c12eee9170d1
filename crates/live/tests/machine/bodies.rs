//! The bodies, each in namespace `a` of nets of its own. A wrong answer panics.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a body that panics is a test that fails"
)]

use crate::{nets, tcp};
use host::{Error, Host, IcmpError, Interest, Mac, Opt, Packet, Packets, Time};
use live::{Live, Stop};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::time::Duration;
use wire::arp::{self, Arp};
use wire::ethernet::{self, Ethernet, Tag};
use wire::icmp::{self, Echo, Message};
use wire::ipv4::{self, Ipv4};

pub(crate) const A: Ipv4Addr = Ipv4Addr::new(10, 77, 1, 1);
pub(crate) const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 77, 1, 254);
pub(crate) const B: Ipv4Addr = Ipv4Addr::new(10, 77, 2, 1);
pub(crate) const SILENT: Ipv4Addr = Ipv4Addr::new(10, 77, 1, 77);

const A_MAC: Mac = Mac([2, 0, 0, 0, 1, 1]);
const ROUTER_MAC: Mac = Mac([2, 0, 0, 0, 1, 0xfe]);

/// Longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(2);
pub(crate) const SHORT: Duration = Duration::from_millis(50);

pub(crate) fn run(body: &str, prefix: &str) -> ExitCode {
    let live = || Live::new(Stop::never());
    match body {
        "replies" => replies(&mut live()),
        "time_exceeded" => time_exceeded(&mut live()),
        "silence" => silence(&mut live()),
        "too_long" => too_long(&mut live()),
        "others" => others(&mut live()),
        "options" => options(&mut live()),
        "full_queue" => full_queue(&mut live()),
        "no_permission" => no_permission(&mut live()),
        "arp" => arp(&mut live()),
        "tag" => tag(&mut live(), prefix),
        "send_tagged" => send_tagged(&mut live()),
        "no_link" => no_link(&mut live()),
        "header" => header(&mut live()),
        "closed_port" => closed_port(&mut live()),
        "interfaces" => interfaces(&mut live()),
        "route" => route(&mut live()),
        "neighbours" => neighbours(&mut live()),
        "wait" => wait(&mut live()),
        "interrupt_waiting" => interrupt_waiting(),
        "interrupt_before" => interrupt_before(),
        "interrupt_twice" => interrupt_twice(),
        other => tcp::run(other, prefix),
    }
    ExitCode::SUCCESS
}

fn ask(socket: &mut dyn Packets, to: Ipv4Addr, sequence: u16, len: usize) -> Result<(), Error> {
    // The identifier is not the socket's: it must leave with its own all the same.
    let identifier = socket.local().port().wrapping_add(1);
    socket.send(Some((to, 0).into()), &icmp::echo_request(identifier, sequence, &vec![0x5a; len]))
}

/// What comes within the time that is long enough for anything.
fn answer(host: &dyn Host, socket: &mut dyn Packets) -> Packet {
    let packet = socket.recv(host.now() + LONG).unwrap().unwrap();
    assert!(packet.at <= host.now(), "it arrived in the future");
    packet
}

/// The request as it left: with the socket's identifier.
fn as_sent(socket: &dyn Packets, sequence: u16, len: usize) -> Vec<u8> {
    icmp::echo_request(socket.local().port(), sequence, &vec![0x5a; len])
}

/// Whether the kernel has ping sockets of its own open; else they are raw ones.
fn kernels_ping_sockets() -> bool {
    std::fs::read_to_string("/proc/net/icmp").unwrap().lines().count() > 1
}

fn replies(host: &mut Live) {
    let mut socket = host.open_ping(&[]).unwrap();
    let closed = std::fs::read_to_string("/proc/sys/net/ipv4/ping_group_range").unwrap() == "1\t0\n";
    assert_eq!(kernels_ping_sockets(), !closed);
    for (sequence, len) in [(1, 0), (2, 56), (3, 1372), (0xffff, 56), (0, 3000)] {
        let sent = host.now();
        ask(&mut *socket, B, sequence, len).unwrap();
        let packet = answer(host, &mut *socket);
        let echo = Echo { identifier: socket.local().port(), sequence };
        assert_eq!(packet.bytes, icmp::echo_reply(echo, &vec![0x5a; len]));
        assert_eq!((packet.sender(), packet.ttl, packet.error), (Some(B.into()), Some(63), None));
        assert!(packet.at > sent && packet.at - sent < Duration::from_secs(1), "{:?} after {sent:?}", packet.at);
    }
    // A slow reader does not lengthen a round trip. (The kernel takes a moment to begin with its stamps.)
    host.sleep(host.now() + SHORT).unwrap();
    let sent = host.now();
    ask(&mut *socket, B, 4, 56).unwrap();
    host.sleep(sent + LONG / 4).unwrap();
    assert!(answer(host, &mut *socket).at < sent + LONG / 8);
    assert_eq!(socket.recv(host.now() + SHORT), Ok(None));
    assert_eq!(socket.recv(Time::START), Ok(None));
}

fn time_exceeded(host: &mut Live) {
    let mut socket = host.open_ping(&[Opt::Ttl(1)]).unwrap();
    let sent = host.now();
    ask(&mut *socket, B, 9, 56).unwrap();
    let packet = answer(host, &mut *socket);
    let error = IcmpError { by: ROUTER.into(), kind: icmp::TIME_EXCEEDED, code: 0, mtu: 0 };
    assert_eq!((packet.error, packet.sender()), (Some(error), Some(ROUTER.into())));
    assert_eq!(packet.bytes, as_sent(&*socket, 9, 56));
    assert_eq!(packet.ttl, kernels_ping_sockets().then_some(64), "the error's own");
    assert!(packet.at > sent);
    // The error does not stand in the way of what is sent next.
    socket.set(Opt::Ttl(2)).unwrap();
    ask(&mut *socket, B, 10, 56).unwrap();
    assert_eq!(answer(host, &mut *socket).error, None);
}

fn silence(host: &mut Live) {
    let mut socket = host.open_ping(&[]).unwrap();
    for sequence in 1..=3 {
        ask(&mut *socket, SILENT, sequence, 56).unwrap();
        let packet = answer(host, &mut *socket);
        let error = IcmpError { by: A.into(), kind: icmp::UNREACHABLE, code: 1, mtu: 0 };
        assert_eq!((packet.error, packet.sender()), (Some(error), Some(A.into())));
        assert_eq!(packet.bytes, as_sent(&*socket, sequence, 56));
    }
    // Errors that nobody read do not make a later send fail.
    for sequence in 4..=9 {
        ask(&mut *socket, SILENT, sequence, 56).unwrap();
    }
    host.sleep(host.now() + Duration::from_millis(500)).unwrap();
    ask(&mut *socket, B, 10, 56).unwrap();
    let replies = (0..7).filter(|_| answer(host, &mut *socket).error.is_none()).count();
    assert_eq!((replies, socket.recv(host.now() + SHORT)), (1, Ok(None)));
}

fn too_long(host: &mut Live) {
    let mut socket = host.open_ping(&[Opt::DontFragment(true)]).unwrap();
    // 28 bytes of headers: too long for the first link of 1500.
    assert_eq!(ask(&mut *socket, B, 1, 1473), Err(Error::TooLong { have: 1481, most: 1480 }));
    ask(&mut *socket, B, 2, 1472).unwrap();
    let packet = answer(host, &mut *socket);
    let error = IcmpError { by: ROUTER.into(), kind: icmp::UNREACHABLE, code: 4, mtu: 1400 };
    assert_eq!(packet.error, Some(error));
    assert_eq!(packet.bytes[..8], as_sent(&*socket, 2, 1472)[..8]);
    // RFC 1191 section 3: the host remembers.
    assert_eq!(ask(&mut *socket, B, 3, 1372 + 1), Err(Error::TooLong { have: 1381, most: 1380 }));
    ask(&mut *socket, B, 4, 1372).unwrap();
    assert_eq!(answer(host, &mut *socket).error, None);

    socket.set(Opt::DontFragment(false)).unwrap();
    ask(&mut *socket, B, 5, 65_507).unwrap();
    assert_eq!(answer(host, &mut *socket).bytes.len(), 65_515);
    assert_eq!(ask(&mut *socket, B, 6, 65_508), Err(Error::TooLong { have: 65_516, most: 65_515 }));
    assert_eq!(socket.recv(host.now() + SHORT), Ok(None));
}

fn others(host: &mut Live) {
    let mut socket = host.open_ping(&[]).unwrap();
    nets::run("ping", &["-q", "-c", "200", "-i", "0.001", "10.77.2.1"]).unwrap();
    nets::run("ping", &["-q", "-c", "3", "-i", "0.001", "127.0.0.1"]).unwrap();
    let _ = nets::run("ping", &["-q", "-c", "30", "-i", "0.001", "-W", "0.05", "-t", "1", "10.77.2.1"]);
    assert_eq!(socket.recv(host.now() + SHORT), Ok(None));
    // A request to oneself is heard by the host, and its reply by the socket.
    ask(&mut *socket, Ipv4Addr::LOCALHOST, 1, 56).unwrap();
    assert_eq!(answer(host, &mut *socket).bytes[0], icmp::ECHO_REPLY);
    assert_eq!(socket.recv(host.now() + SHORT), Ok(None));
}

fn options(host: &mut Live) {
    let mut wire = host.open_raw(ipv4::ICMP).unwrap();
    let own = [Opt::Source((A, 0).into()), Opt::Interface("lo".into())];
    let seen =
        [Opt::Ttl(9), Opt::Tos(0xb9), Opt::DontFragment(true), Opt::RecvBuffer(1 << 20), Opt::SendBuffer(1 << 20)];
    let mut socket = host.open_ping(&[&own[..], &seen[..]].concat()).unwrap();
    assert_eq!(socket.local().ip(), IpAddr::V4(A));
    ask(&mut *socket, A, 1, 0).unwrap();
    let packet = answer(host, &mut *wire);
    let (header, ..) = Ipv4::parse(&packet.bytes).unwrap();
    assert_eq!((header.ttl, header.dscp, header.ecn, header.dont_fragment), (9, 46, 1, true));
    assert_eq!((packet.ttl, packet.sender()), (Some(9), Some(A.into())));

    let missing = socket.set(Opt::Interface("net11".into())).unwrap_err();
    assert_eq!(missing.to_string(), "no interface named 'net11'");
    let foreign = host.open_ping(&[Opt::Source((B, 0).into())]).err().unwrap();
    assert_eq!(foreign.to_string(), "10.77.2.1 is no address of this machine");
    let lacking = socket.set(Opt::NoDelay(true)).unwrap_err();
    assert_eq!(lacking.to_string(), "a ping socket of this machine has no option TCP_NODELAY");
    assert_eq!(wire.set(Opt::Ttl(1)).unwrap_err().to_string(), "a raw socket of this machine has no option IP_TTL");
    let reply = icmp::echo_reply(Echo { identifier: 1, sequence: 1 }, &[]);
    let refused = socket.send(Some((A, 0).into()), &reply).unwrap_err();
    assert_eq!(refused.to_string(), "a ping socket sends nothing but echo requests");
    let v6 = socket.send(Some("[::1]:0".parse().unwrap()), &icmp::echo_request(1, 1, &[])).unwrap_err();
    assert_eq!(v6.to_string(), "this program has no IPv6 yet");
}

fn full_queue(host: &mut Live) {
    // Room for one packet and a half; 40 packets take a third of a second.
    let slow = "qdisc add dev net1 root tbf rate 1mbit burst 1600 limit 1600";
    nets::run("tc", &slow.split(' ').collect::<Vec<_>>()).unwrap();
    let mut socket = host.open_ping(&[]).unwrap();
    for sequence in 0..40 {
        ask(&mut *socket, B, sequence, 1000).unwrap();
    }
    for sequence in 0..40 {
        let packet = answer(host, &mut *socket);
        assert_eq!((packet.error, u16::from_be_bytes([packet.bytes[6], packet.bytes[7]])), (None, sequence));
    }
}

fn no_permission(host: &mut Live) {
    let said = |error: Option<Error>| error.unwrap().to_string();
    assert_eq!(
        said(host.open_ping(&[]).err()),
        "cannot open a ping socket: this needs CAP_NET_RAW, or group 65534 within the sysctl net.ipv4.ping_group_range: \
         that is 1 0, which is nobody; '0 2147483647' would let all in"
    );
    assert_eq!(said(host.open_raw(1).err()), "cannot open a raw socket: this needs CAP_NET_RAW");
    assert_eq!(said(host.open_link("net1").err()), "cannot open a link socket: this needs CAP_NET_RAW");
    assert!(
        said(host.bind_udp((A, 7).into(), &[]).err()).starts_with("cannot bind to port 7: this needs CAP_NET_BIND_")
    );
    assert!(!live::may_flood());
    // What nobody needs permission for.
    assert_eq!(host.route(B.into()).unwrap().source, IpAddr::V4(A));
    assert_eq!(host.neighbours(), Ok(vec![]));
    assert_eq!(host.interfaces().unwrap().len(), 4);
}

fn arp(host: &mut Live) {
    let mut socket = host.open_link("net1").unwrap();
    let request = Arp::request(A_MAC, A, ROUTER);
    let header = Ethernet { destination: Mac::BROADCAST, source: A_MAC, ethertype: ethernet::ARP };
    let frame = header.frame(&request.bytes());
    // The kernel sends frames of its own besides.
    let mut ping = host.open_ping(&[]).unwrap();
    ask(&mut *ping, B, 1, 56).unwrap();
    let sent = host.now();
    socket.send(None, &frame).unwrap();

    // All frames but its own: the kernel's ping is answered, and so is the question.
    let from_router = |packet: &Packet| {
        let (header, payload) = Ethernet::take(&packet.bytes).unwrap();
        assert_eq!((header.source, packet.from, packet.ttl), (ROUTER_MAC, None, None));
        (header.ethertype == ethernet::ARP).then(|| Arp::parse(payload).unwrap().0)
    };
    loop {
        let packet = answer(host, &mut *socket);
        if let Some(reply) = from_router(&packet).filter(|_| packet.at > sent) {
            assert_eq!((reply.operation, reply.sender, reply.target_mac), (arp::REPLY, ROUTER, A_MAC));
            break;
        }
    }
    assert_eq!(answer(host, &mut *ping).error, None);
    while let Some(packet) = socket.recv(host.now() + SHORT).unwrap() {
        from_router(&packet);
    }

    let long = [&frame[..14], &[0; 1501]].concat();
    assert_eq!(socket.send(None, &long), Err(Error::TooLong { have: 1515, most: 1514 }));
    let short = socket.send(None, &frame[..13]).unwrap_err();
    assert_eq!(short.to_string(), "a frame has 14 bytes at least, and this 13");
}

/// The kernel takes the tag out before a packet socket sees the frame.
fn tag(host: &mut Live, prefix: &str) {
    let mut socket = host.open_link("net1").unwrap();
    let this = std::env::current_exe().unwrap();
    let router = format!("{prefix}-r");
    nets::run("ip", &["netns", "exec", &router, &this.to_string_lossy(), "--body", "send_tagged", prefix]).unwrap();
    assert_eq!(answer(host, &mut *socket).bytes, tagged());
}

fn send_tagged(host: &mut Live) {
    host.open_link("net1").unwrap().send(None, &tagged()).unwrap();
}

/// The longest frame with a tag.
fn tagged() -> Vec<u8> {
    let header = Ethernet { destination: Mac::BROADCAST, source: ROUTER_MAC, ethertype: ethernet::TAG };
    let tag = Tag { priority: 5, drop_eligible: false, vlan: 7, ethertype: ethernet::ARP };
    header.frame(&[&tag.bytes()[..], &[0x5a; 1500]].concat())
}

fn no_link(host: &mut Live) {
    let said = |error: Option<Error>| error.unwrap().to_string();
    assert_eq!(said(host.open_link("dark").err()), "interface \"dark\" is down");
    let Some(Error::NoSuchInterface { name, known }) = host.open_link("net9").err() else { panic!("there is one") };
    assert_eq!((name.as_str(), known.contains(&"net1".to_owned())), ("net9", true));
    // One that goes down while it is used.
    let mut socket = host.open_link("net1").unwrap();
    nets::run("ip", &["link", "set", "net1", "down"]).unwrap();
    let down = socket.recv(host.now() + LONG).unwrap_err();
    assert_eq!(down.to_string(), "cannot receive: the interface is down");
    let frame = Ethernet { destination: Mac::BROADCAST, source: A_MAC, ethertype: ethernet::ARP }.frame(&[]);
    assert_eq!(socket.send(None, &frame).unwrap_err().to_string(), "cannot send: the interface is down");
}

fn header(host: &mut Live) {
    let mut raw = host.open_raw(ipv4::UDP).unwrap();
    let mut errors = host.open_raw(ipv4::ICMP).unwrap();
    let given = Ipv4 { ttl: 1, identification: 0x1234, dscp: 10, ecn: 2, ..Ipv4::new(A, B, ipv4::UDP) };
    let packet = given.packet(&[0, 7, 0, 9, 0, 9, 0, 0, 0x5a]);
    raw.send(None, &packet).unwrap();
    let error = answer(host, &mut *errors);
    let (outer, _, message, _) = Ipv4::parse(&error.bytes).unwrap();
    assert_eq!((outer.source, error.sender(), error.ttl), (ROUTER, Some(ROUTER.into()), Some(64)));
    let (_, Message::TimeExceeded { quote, .. }) = icmp::parse(message).unwrap() else { panic!("{message:02x?}") };
    assert_eq!(quote[..packet.len()], packet);

    // What Linux fills in: checksum and length always, identification and source where they are zero.
    let blank = Ipv4 { source: Ipv4Addr::UNSPECIFIED, ..Ipv4::new(A, A, ipv4::UDP) };
    let mut packet = blank.packet(&[0, 7, 0, 9, 0, 9, 0, 0, 0x5a]);
    packet[2..4].fill(0xff);
    packet[10..12].fill(0xff);
    raw.send(None, &packet).unwrap();
    let seen = answer(host, &mut *raw).bytes;
    let (seen, _, payload, _) = Ipv4::parse(&seen).unwrap();
    assert_eq!((seen.source, seen.total_length, payload.len()), (A, 29, 9));
    assert_eq!(seen.checksum, seen.sum(&[]));

    let long = Ipv4::new(A, B, ipv4::UDP).packet(&[0; 1481]);
    assert_eq!(raw.send(None, &long), Err(Error::TooLong { have: 1501, most: 1500 }));
    let short = raw.send(None, &long[..19]).unwrap_err();
    assert_eq!(
        short.to_string(),
        "a raw socket sends whole IPv4 packets: IPv4, byte 19: 20 bytes are needed, 19 are there"
    );
}

fn closed_port(host: &mut Live) {
    let mut socket = host.bind_udp((Ipv4Addr::UNSPECIFIED, 0).into(), &[]).unwrap();
    for (to, by) in [(B, B), (A, A)] {
        for _ in 0..3 {
            socket.send(Some((to, 9).into()), b"anybody?").unwrap();
        }
        for _ in 0..3 {
            let packet = answer(host, &mut *socket);
            let error = IcmpError { by: by.into(), kind: icmp::UNREACHABLE, code: 3, mtu: 0 };
            assert_eq!((packet.error, packet.bytes.as_slice()), (Some(error), &b"anybody?"[..]));
        }
    }
    assert_eq!(socket.recv(host.now() + SHORT), Ok(None));
}

fn interfaces(host: &mut Live) {
    let all = host.interfaces().unwrap();
    let named = |name: &str| all.iter().find(|interface| interface.name == name).unwrap();
    let (lo, net1, dark) = (named("lo"), named("net1"), named("dark"));
    assert_eq!((lo.mac, lo.addresses.as_slice(), lo.up), (None, &[(Ipv4Addr::LOCALHOST.into(), 8)][..], true));
    assert_eq!((net1.mac, net1.addresses.as_slice()), (Some(A_MAC), &[(A.into(), 24)][..]));
    assert_eq!((net1.mtu, net1.up, dark.up), (1500, true, false));
}

fn route(host: &mut Live) {
    for (to, next_hop) in
        [(B, ROUTER), (SILENT, SILENT), (Ipv4Addr::new(10, 77, 1, 255), Ipv4Addr::new(10, 77, 1, 255))]
    {
        let route = host.route(to.into()).unwrap();
        let got = (route.interface.as_str(), route.source, route.next_hop);
        assert_eq!(got, ("net1", A.into(), next_hop.into()));
    }
    assert_eq!(host.route(A.into()).unwrap().interface, "lo");
    nets::run("ip", &["route", "add", "unreachable", "10.78.0.0/16"]).unwrap();
    nets::run("ip", &["route", "add", "blackhole", "10.79.0.0/16"]).unwrap();
    nets::run("ip", &["route", "add", "prohibit", "10.80.0.0/16"]).unwrap();
    nets::run("ip", &["route", "add", "throw", "10.81.0.0/16"]).unwrap();
    nets::run("ip", &["route", "del", "default"]).unwrap();
    let mut ping = host.open_ping(&[]).unwrap();
    for second in [78, 79, 80, 81, 82] {
        let to = Ipv4Addr::new(10, second, 0, 1);
        assert_eq!(host.route(to.into()), Err(Error::NoRoute(to.into())));
        let refused = ask(&mut *ping, to, 1, 0).unwrap_err();
        assert!([79, 80].contains(&second) || refused == Error::NoRoute(to.into()), "{refused}");
    }
    assert_eq!(host.route("::1".parse().unwrap()).unwrap_err().to_string(), "this program has no IPv6 yet");
}

fn neighbours(host: &mut Live) {
    assert_eq!(host.neighbours(), Ok(vec![]));
    let mut socket = host.open_ping(&[]).unwrap();
    ask(&mut *socket, B, 1, 56).unwrap();
    answer(host, &mut *socket);
    ask(&mut *socket, SILENT, 2, 56).unwrap();
    let table = host.neighbours().unwrap();
    let entry = |address: Ipv4Addr| table.iter().find(|neighbour| neighbour.address == IpAddr::V4(address)).unwrap();
    let (router, silent) = (entry(ROUTER), entry(SILENT));
    assert_eq!((router.interface.as_str(), router.mac), ("net1", Some(ROUTER_MAC)));
    assert!(router.age.unwrap() < LONG, "{router:?}");
    assert_eq!((silent.mac, silent.age), (None, None));
    answer(host, &mut *socket);
    assert_eq!(host.neighbours().unwrap().len(), 1, "who did not answer is not known");
}

fn wait(host: &mut Live) {
    let mut link = host.open_link("net1").unwrap();
    let mut ping = host.open_ping(&[]).unwrap();
    let on = [link.id(), ping.id()].map(Interest::read);
    let start = host.now();
    assert_eq!(host.wait(&on, start + SHORT), Ok(vec![]));
    assert!(host.now() >= start + SHORT);
    assert_eq!(host.wait(&on, Time::START), Ok(vec![]));
    // To oneself, over the loopback: no frame on the link.
    ask(&mut *ping, A, 1, 56).unwrap();
    assert_eq!(host.wait(&on, host.now() + LONG), Ok(vec![1]));
    answer(host, &mut *ping);
    ask(&mut *ping, B, 2, 56).unwrap();
    answer(host, &mut *ping);
    assert_eq!(host.wait(&on, host.now() + LONG), Ok(vec![0]));
    while link.recv(Time::START).unwrap().is_some() {}
    assert_eq!(host.wait(&[Interest { socket: ping.id(), read: true, write: true }], host.now() + LONG), Ok(vec![0]));
    let closed = ping.id();
    drop(ping);
    assert_eq!(host.wait(&[Interest::read(closed)], Time::START), Err(Error::Gone));
}

/// Ctrl-C, a while after this call returned.
pub(crate) fn press_later() {
    let script = format!("(sleep 0.2; kill -INT {}) >/dev/null 2>&1 &", std::process::id());
    nets::run("sh", &["-c", &script]).unwrap();
}

/// Ctrl-C, before this call returns.
fn press() {
    nets::run("kill", &["-INT", &std::process::id().to_string()]).unwrap();
}

fn interrupt_waiting() {
    // In another thread than the one that the signal comes to, whose system call it does not break off.
    let waiting = std::thread::spawn(|| {
        let mut host = Live::new(Stop::on_signals().unwrap());
        let mut socket = host.open_ping(&[]).unwrap();
        press_later();
        let start = host.now();
        assert_eq!(socket.recv(start + LONG), Err(Error::Interrupted));
        assert!(host.now() < start + LONG / 2);
    });
    waiting.join().unwrap();
}

fn interrupt_before() {
    let stop = Stop::on_signals().unwrap();
    let flag = stop.flag();
    let mut host = Live::new(stop);
    let mut socket = host.open_ping(&[]).unwrap();
    ask(&mut *socket, B, 1, 56).unwrap();
    let ready = [Interest::read(socket.id())];
    assert_eq!(host.wait(&ready, host.now() + LONG), Ok(vec![0]));
    press();
    assert!(flag.load(std::sync::atomic::Ordering::Relaxed));
    let until = host.now() + LONG;
    assert_eq!(host.wait(&ready, until), Err(Error::Interrupted));
    assert_eq!(host.sleep(until), Err(Error::Interrupted));
    assert_eq!(socket.recv(until), Err(Error::Interrupted));
    // What had come is not lost, and then there is nothing to wait for.
    assert!(socket.recv(Time::START).unwrap().is_some());
    assert_eq!(socket.recv(Time::START), Err(Error::Interrupted));
    assert!(host.now() < until);
}

fn interrupt_twice() {
    let mut host = Live::new(Stop::on_signals().unwrap());
    press();
    assert_eq!(host.sleep(host.now() + LONG), Err(Error::Interrupted));
    press();
    panic!("the second was survived");
}
