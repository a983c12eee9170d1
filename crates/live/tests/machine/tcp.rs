//! Bodies about TCP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a body that panics is a test that fails"
)]

use crate::bodies::{A, B, LONG, ROUTER, SHORT, SILENT, press_later};
use crate::nets;
use host::{Error, Host, Interest, Opt, Stream, Time};
use live::{Live, Stop};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

const ECHO: u16 = 7;
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), ECHO);

pub(crate) fn run(body: &str, prefix: &str) {
    let live = || Live::new(Stop::never());
    match body {
        "tcp_unreachable" => unreachable(&mut live(), prefix),
        "tcp_silence" => silence(&mut live(), prefix),
        "tcp_soft_error" => soft_error(&mut live(), prefix),
        "keepalive" => keepalive(&mut live(), prefix),
        "echo_once" => echo_once(&mut live()),
        "fast_open" => fast_open(&mut live()),
        "no_fast_open" => no_fast_open(&mut live()),
        "no_port" => no_port(&mut live()),
        "tcp_interrupt" => interrupt(prefix),
        "ten_thousand" => ten_thousand(),
        "tcp_no_permission" => no_permission(&mut live()),
        other => panic!("there is no body called {other}"),
    }
}

/// Calls `ip` at the router.
fn at_router(prefix: &str, words: &str) {
    let words: Vec<&str> = words.split(' ').collect();
    nets::run("ip", &[&["-n", &format!("{prefix}-r")], &*words].concat()).unwrap();
}

fn sysctl(setting: &str) {
    nets::run("sysctl", &["-qw", setting]).unwrap();
}

fn connect(host: &mut Live, to: Ipv4Addr, options: &[Opt], wait: Duration) -> Result<Box<dyn Stream>, Error> {
    let until = host.now() + wait;
    host.connect_tcp((to, ECHO).into(), options, until)
}

fn unreachable(host: &mut Live, prefix: &str) {
    at_router(prefix, "route add unreachable 10.78.0.0/16");
    at_router(prefix, "route add prohibit 10.79.0.0/16");
    let mut refused = |to| connect(host, to, &[], LONG).err().unwrap();
    let by = |by: Ipv4Addr, code| Error::Unreachable { by: Some(by.into()), code };
    assert_eq!(refused(Ipv4Addr::new(10, 78, 0, 1)), by(ROUTER, 1));
    assert_eq!(refused(Ipv4Addr::new(10, 79, 0, 1)), by(ROUTER, 13));
    assert_eq!(refused(SILENT), by(A, 1), "nobody answers this host's own ARP");
    assert_eq!(refused(B), Error::Refused);
    assert_eq!(
        connect(host, B, &[Opt::Ttl(1)], LONG).err().unwrap().to_string(),
        format!("{ROUTER} answers our SYN to {B}:{ECHO} with an ICMP error of type 11 code 0")
    );
    for (kind, second) in [("unreachable", 80), ("blackhole", 81), ("throw", 82)] {
        nets::run("ip", &["route", "add", kind, &format!("10.{second}.0.0/16")]).unwrap();
    }
    nets::run("ip", &["route", "del", "default"]).unwrap();
    for second in [80, 81, 82, 83] {
        let to = Ipv4Addr::new(10, second, 0, 1);
        assert_eq!(connect(host, to, &[], LONG).err(), Some(Error::NoRoute(to.into())));
    }
}

fn silence(host: &mut Live, prefix: &str) {
    at_router(prefix, "route add blackhole 10.78.0.0/16");
    let to = Ipv4Addr::new(10, 78, 0, 1);
    let until = host.now() + SHORT;
    assert_eq!(host.connect_tcp((to, ECHO).into(), &[], until).err(), Some(Error::TimedOut));
    assert!(host.now() >= until);
    // The kernel's own patience, which ends at its next timer: the SYN is sent again after a second.
    let until = host.now() + LONG;
    let impatient = [Opt::UserTimeout(Duration::from_millis(300))];
    assert_eq!(host.connect_tcp((to, ECHO).into(), &impatient, until).err(), Some(Error::TimedOut));
    assert!(host.now() < until);
    // A queue with room for one takes two, and then drops SYNs as if nobody were there.
    let _full = host.listen_tcp(LOOPBACK, &[Opt::Backlog(1)]).unwrap();
    let _waiting = [(); 2].map(|()| connect(host, Ipv4Addr::LOCALHOST, &[], LONG).unwrap());
    assert_eq!(connect(host, Ipv4Addr::LOCALHOST, &[], SHORT).err(), Some(Error::TimedOut));
}

/// A connection to an echo at `b`.
fn connect_to_echo(host: &mut Live, prefix: &str, options: &[Opt]) -> Box<dyn Stream> {
    let this = std::env::current_exe().unwrap();
    let echo = format!("ip netns exec {prefix}-b {} --body echo_once {prefix} >/dev/null 2>&1 &", this.display());
    nets::run("sh", &["-c", &echo]).unwrap();
    loop {
        match connect(host, B, options, LONG) {
            Err(Error::Refused) => host.sleep(host.now() + SHORT).unwrap(),
            connected => return connected.unwrap(),
        }
    }
}

fn keepalive(host: &mut Live, prefix: &str) {
    const SECOND: Duration = Duration::from_secs(1);
    let probes = [Opt::KeepAlive(Some(SECOND)), Opt::KeepAliveInterval(SECOND), Opt::KeepAliveProbes(1)];
    let mut stream = connect_to_echo(host, prefix, &probes);
    at_router(prefix, "route add blackhole 10.77.2.1/32");
    let start = host.now();
    stream.set_deadline(start + 5 * SECOND);
    assert_eq!(stream.read(&mut [0; 8]).map_err(Error::from), Err(Error::TimedOut));
    let took = host.now() - start;
    assert!((SECOND..4 * SECOND).contains(&took), "one second idle, and one for the probe: {took:?}");
}

fn soft_error(host: &mut Live, prefix: &str) {
    let mut stream = connect_to_echo(host, prefix, &[]);
    let mut errors = host.open_raw(1).unwrap();
    at_router(prefix, "route add unreachable 10.77.2.1/32");
    stream.write_all(b"first").unwrap();
    assert!(errors.recv(host.now() + LONG).unwrap().is_some(), "an error came");
    // The kernel passes over errors that come within the write itself; a fifth of a second later it sends again.
    assert_eq!(host.wait(&[Interest::read(stream.id())], host.now() + 10 * SHORT), Ok(vec![]), "and ended nothing");
    at_router(prefix, "route del unreachable 10.77.2.1/32");
    stream.set_deadline(host.now() + LONG);
    let mut bytes = [0; 5];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"first");
    assert!(stream.info().unwrap().retransmits.unwrap() > 0);
}

fn echo_once(host: &mut Live) {
    // Longer than any test asks: one of them needs the two seconds that a probe takes.
    let until = host.now() + 5 * LONG;
    let mut listener = host.listen_tcp((Ipv4Addr::UNSPECIFIED, ECHO).into(), &[]).unwrap();
    let mut stream = listener.accept(until).unwrap().unwrap();
    stream.set_deadline(until);
    let mut bytes = [0; 16];
    loop {
        match stream.read(&mut bytes).unwrap() {
            0 => return,
            count => stream.write_all(&bytes[..count]).unwrap(),
        }
    }
}

/// A request and its echo over a connection that may carry data in its SYN; both ends.
fn exchange(host: &mut Live, listener: &mut dyn host::Listener) -> [Box<dyn Stream>; 2] {
    let until = host.now() + LONG;
    let mut ours = host.connect_tcp(listener.local(), &[Opt::FastOpen(true)], until).unwrap();
    ours.set_deadline(until);
    ours.write_all(b"early").unwrap();
    let mut theirs = listener.accept(until).unwrap().unwrap();
    theirs.set_deadline(until);
    let mut bytes = [0; 5];
    theirs.read_exact(&mut bytes).unwrap();
    theirs.write_all(&bytes).unwrap();
    ours.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"early");
    [ours, theirs]
}

fn fast_open(host: &mut Live) {
    sysctl("net.ipv4.tcp_fastopen=3");
    let mut listener = host.listen_tcp(LOOPBACK, &[Opt::FastOpen(true)]).unwrap();
    for (number, carried) in [(1, false), (2, true), (3, true)] {
        let ends = exchange(host, &mut *listener).map(|mut end| end.info().unwrap());
        assert_eq!(ends.each_ref().map(|info| info.syn_data), [Some(carried); 2], "connection {number}");
        assert_eq!(ends[0].unacked, Some(0));
    }
    // A peer whose cookie is known and who is gone: the connection is given all the same, and the first call hears of it.
    drop(listener);
    let mut stream = connect(host, Ipv4Addr::LOCALHOST, &[Opt::FastOpen(true)], LONG).unwrap();
    stream.set_deadline(host.now() + LONG);
    assert_eq!(stream.info().unwrap().rtt, None);
    let written = stream.write(b"early").and_then(|_| stream.read(&mut [0; 8]));
    assert_eq!(written.map_err(Error::from), Err(Error::Refused));
}

fn no_fast_open(host: &mut Live) {
    sysctl("net.ipv4.tcp_fastopen=1");
    let mut listener = host.listen_tcp(LOOPBACK, &[Opt::FastOpen(true)]).unwrap();
    for _ in 0..3 {
        let [ours, theirs] = exchange(host, &mut *listener).map(|mut end| end.info().unwrap());
        assert_eq!([ours.syn_data, theirs.syn_data], [Some(false); 2]);
        assert_eq!(ours.syn_data_failure.as_deref(), Some("no cookie of that peer was known"));
    }
}

fn no_port(host: &mut Live) {
    sysctl("net.ipv4.ip_local_port_range=40000 40003");
    let _listener = host.listen_tcp(LOOPBACK, &[]).unwrap();
    let _taken = [(); 4].map(|()| connect(host, Ipv4Addr::LOCALHOST, &[], LONG).unwrap());
    let error = connect(host, Ipv4Addr::LOCALHOST, &[], LONG).err().unwrap();
    assert_eq!(
        error.to_string(),
        "cannot connect to 127.0.0.1:7: no port is free of those that the sysctl net.ipv4.ip_local_port_range allows, 40000 40003"
    );
}

fn interrupt(prefix: &str) {
    at_router(prefix, "route add blackhole 10.78.0.0/16");
    let mut host = Live::new(Stop::on_signals().unwrap());
    let mut listener = host.listen_tcp(LOOPBACK, &[]).unwrap();
    let mut stream = connect(&mut host, Ipv4Addr::LOCALHOST, &[], LONG).unwrap();
    let mut theirs = listener.accept(Time::START).unwrap().unwrap();
    press_later();
    let start = host.now();
    assert_eq!(connect(&mut host, Ipv4Addr::new(10, 78, 0, 1), &[], LONG).err(), Some(Error::Interrupted));
    stream.set_deadline(start + LONG);
    let read = stream.read(&mut [0; 8]).map_err(Error::from);
    assert_eq!((read, listener.accept(start + LONG).err()), (Err(Error::Interrupted), Some(Error::Interrupted)));
    assert!(host.now() < start + LONG / 2);
    // Without waiting all still goes.
    theirs.set_deadline(host.now());
    theirs.write_all(b"bye").unwrap();
    stream.set_deadline(host.now());
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 3);
}

/// Kilobytes of memory that this process has.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn ten_thousand() {
    // What old programs can bear to see, and what is allowed.
    let mut limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    limit.current = Some(most.min(256));
    setrlimit(Resource::Nofile, limit).unwrap();
    let host = &mut Live::new(Stop::never());
    // Both ends are this process's.
    let pairs = usize::try_from(most / 2 - 20).unwrap_or(usize::MAX).min(10_000);
    let mut listener = host.listen_tcp(LOOPBACK, &[]).unwrap();
    let before = memory();
    let mut ends = vec![];
    for _ in 0..pairs {
        ends.push(connect(host, Ipv4Addr::LOCALHOST, &[], LONG).unwrap());
        ends.push(listener.accept(Time::START).unwrap().unwrap());
    }
    let on: Vec<Interest> = ends.iter().map(|end| Interest::read(end.id())).collect();
    assert_eq!(host.wait(&on, Time::START), Ok(vec![]));
    ends[4].write_all(b"x").unwrap();
    assert_eq!(host.wait(&on, Time::START), Ok(vec![5]));
    let each = (memory() - before) * 1024 / u64::try_from(pairs).unwrap();
    // 64 MiB would be 6,710 bytes.
    assert!(each < 2000, "{each} bytes for both ends of one of {pairs}");
}

fn no_permission(host: &mut Live) {
    let low = host.listen_tcp(LOOPBACK, &[]).err().unwrap().to_string();
    assert!(low.starts_with("cannot bind to port 7: this needs CAP_NET_BIND_SERVICE"), "{low}");
    let allowed = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_allowed_congestion_control").unwrap();
    let all = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_available_congestion_control").unwrap();
    if let Some(name) = all.split_whitespace().find(|name| !allowed.contains(name)) {
        let error = connect(host, B, &[Opt::Congestion(name.into())], LONG).err().unwrap().to_string();
        let start =
            format!("cannot use congestion control '{name}': this needs CAP_NET_ADMIN, or its name in the sysctl ");
        assert!(error.starts_with(&start), "{error}");
    }
}
