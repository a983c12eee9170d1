//! nat-box between network namespaces, beside the kernel's NAT and two programs that stand in for one.

use crate::pair::{Ratio, median, sorted};
use crate::place::core;
use crate::table::{Group, Row, range};
use crate::tools::beside;
use needs::nats::{Nat, Place};
use needs::{Failed, Program};
use nix::sys::socket::{MsgFlags, MultiHeaders, recvmmsg, sendmmsg, setsockopt, sockopt};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::Duration;

/// A NAT's speed.
pub(crate) const NAT_LIVE: Group = Group {
    name: "nat-live",
    title: "nat-live: a NAT between two network namespaces",
    about: "`nat-box run` over two taps that are the two hosts' interfaces, and over two veths (AF_PACKET); nftables' `masquerade` between\n\
            two veths; slirp4netns with an MTU of 65520; pasta. TCP is `iperf3 -C reno` for 2 s; UDP are datagrams of 64 bytes as fast as\n\
            they go for 2 s, singly or as 40 segments of one (`UDP_SEGMENT`), counted where they arrive; 64 are sent, and 64 received, with\n\
            one call (`sendmmsg`, `recvmmsg`), and 4 MiB may wait for that. In turn, 5 rounds; the ratio is of speeds, within a round: more\n\
            is better. Whole: long segments pass as they are. Cut: all offloads of all interfaces are off, and all programs are on one core.\n\
            The kernel's NAT works in a softirq, before all programs; `nat-box` has given itself nice -5, as it does where it may.",
    rows,
};

const ROUNDS: usize = 5;
const SECONDS: u64 = 2;
/// Bytes of a datagram.
const DATAGRAM: usize = 64;
/// Datagrams that are segments of one.
const BURST: usize = 40;
/// So many are sent, and received, with one call: what is measured is what lies between, and not who sends and counts.
const AT_ONCE: usize = 64;
/// Bytes that may wait to be counted.
const ROOM: usize = 4 << 20;
const PORT: u16 = 5000;

/// What goes through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    /// Bits a second.
    Tcp,
    /// Datagrams a second, so many as segments of one.
    Udp(usize),
}

/// A NAT that is ready, and how its programs are run.
struct Ready {
    place: Place,
    pinned: Option<u32>,
}

fn rows() -> Result<Vec<Row>, String> {
    measure().map_err(|failed| failed.message().unwrap_or_default().to_string())
}

fn measure() -> Result<Vec<Row>, Failed> {
    let whole = |nat, args| Ready::new(nat, args, None);
    let (taps, interfaces) = (whole(Nat::Taps, "-q")?, whole(Nat::Interfaces, "-q")?);
    let kernels = whole(Nat::Kernels("masquerade"), "")?;
    let slirp = whole(Nat::Slirp4netns, "--mtu=65520")?;
    let pasta = whole(Nat::Pasta, "")?;
    let pinned = Some(core()?);
    let cut = Ready::new(Nat::Taps, "-q --no-offload", pinned)?;
    let kernels_cut = Ready::new(Nat::Kernels("masquerade"), "", pinned)?;

    let rounds = |load, all: &[&Ready]| -> Result<Vec<Vec<f64>>, Failed> {
        let mut speeds: Vec<Vec<f64>> = all.iter().map(|_| vec![]).collect();
        for _ in 0..ROUNDS {
            for (ready, speeds) in all.iter().zip(&mut speeds) {
                speeds.push(ready.speed(load)?);
            }
        }
        Ok(speeds)
    };
    let mut rows = vec![];
    if let [taps, interfaces, kernels, slirp, pasta] =
        &rounds(Load::Tcp, &[&taps, &interfaces, &kernels, &slirp, &pasta])?[..]
    {
        rows.push(row("TCP, taps, whole", Load::Tcp, taps, "nftables", kernels, Some(0.4)));
        rows.push(row("TCP, taps, whole", Load::Tcp, taps, "slirp4netns", slirp, Some(4.0)));
        rows.push(row("TCP, taps, whole", Load::Tcp, taps, "pasta", pasta, None));
        rows.push(row("TCP, AF_PACKET, whole", Load::Tcp, interfaces, "nftables", kernels, None));
    }
    if let [cut, kernels] = &rounds(Load::Tcp, &[&cut, &kernels_cut])?[..] {
        rows.push(row("TCP, taps, cut", Load::Tcp, cut, "nftables", kernels, Some(0.5)));
    }
    for (what, burst, bar) in [("UDP, taps, single", 1, 0.9), ("UDP, taps, 40 in one", BURST, 1.0)] {
        if let [taps, kernels] = &rounds(Load::Udp(burst), &[&taps, &kernels])?[..] {
            rows.push(row(what, Load::Udp(burst), taps, "nftables", kernels, Some(bar)));
        }
    }
    Ok(rows)
}

fn row(what: &str, load: Load, ours: &[f64], peer: &str, theirs: &[f64], bar: Option<f64>) -> Row {
    let figure = |speeds: &[f64]| {
        let speed = median(&sorted(speeds.iter().copied()));
        match load {
            Load::Tcp => format!("{:.2} Gbit/s", speed / 1e9),
            Load::Udp(_) => format!("{:.0} k/s", speed / 1e3),
        }
    };
    let ratio = Ratio::of_rounds(ours, theirs);
    Row {
        what: what.into(),
        ours: figure(ours),
        peer: format!("{peer} {}", figure(theirs)),
        ratio: range(ratio),
        bar: bar.map_or("reported".into(), |bar| format!("≥ {bar} × speed")),
        reached: bar.map(|bar| ratio.median >= bar),
    }
}

impl Ready {
    fn new(nat: Nat, args: &str, pinned: Option<u32>) -> Result<Self, Failed> {
        let ours = beside("nat-box")?;
        let place = Place::with(nat, &ours, args)?;
        // Veths were built without these, so that captures show whole packets; `tx on` brings back what goes with it.
        let how = if pinned.is_some() { "tx off tso off gso off gro off" } else { "tx on" };
        let places: &[(&str, &str)] = match nat {
            Nat::Taps => &[("a", "net1"), ("b", "net2")],
            Nat::Slirp4netns | Nat::Pasta => &[("r", "net2"), ("b", "net2")],
            _ => &[("a", "net1"), ("r", "net1"), ("r", "net2"), ("b", "net2")],
        };
        for (node, interface) in places {
            place.net.at(node, Program::new("ethtool").args(["-K", interface]).words(how)).run()?;
        }
        let ready = Self { place, pinned };
        if let Some(core) = pinned
            && let Some(process) = ready.place.process()
        {
            Program::new("taskset").words(&format!("-cp {core} {process}")).succeed()?;
        }
        Ok(ready)
    }

    fn program(&self, program: &Path, words: &str) -> Program {
        let pin = self.pinned.map(|core| format!("taskset -c {core}"));
        let all = format!("{} {} {words}", pin.unwrap_or_default(), program.display());
        let mut all = all.split_whitespace();
        Program::new(all.next().unwrap_or_default()).args(all).limit(Duration::from_secs(SECONDS + 20))
    }

    fn speed(&self, load: Load) -> Result<f64, Failed> {
        match load {
            Load::Tcp => self.tcp(),
            Load::Udp(burst) => self.udp(burst),
        }
    }

    /// Bits a second, as iperf3's receiver tells.
    fn tcp(&self) -> Result<f64, Failed> {
        let iperf3 = Path::new("iperf3");
        let mut server = self.place.net.at("b", self.program(iperf3, "-s -1 --forceflush")).start()?;
        server.wait_for("Server listening")?;
        let words = format!("-c 10.77.2.2 -t {SECONDS} -f k -C reno");
        let said = self.place.net.at("a", self.program(iperf3, &words)).run()?;
        let line = said.stdout.lines().find(|line| line.trim_end().ends_with("receiver"));
        let kilobits =
            line.and_then(|line| line.split_once(" Kbits/sec")?.0.split_whitespace().last()?.parse::<f64>().ok());
        Ok(kilobits.ok_or_else(|| format!("no speed in what iperf3 says: {said}"))? * 1e3)
    }

    /// Datagrams a second that arrived.
    fn udp(&self, burst: usize) -> Result<f64, Failed> {
        let this = std::env::current_exe()?;
        let mut sink = self.place.net.at("b", self.program(&this, &format!("{SINK} {PORT}"))).start()?;
        sink.wait_for("listens")?;
        self.place.net.at("a", self.program(&this, &format!("{BLAST} {PORT} {burst}"))).succeed()?;
        let said = sink.end()?;
        let rate = said.stdout.lines().find_map(|line| line.strip_suffix(" a second")?.parse().ok());
        Ok(rate.ok_or_else(|| format!("nothing came: {said}"))?)
    }
}

/// The arguments with which this program sends datagrams as fast as it can, and counts them.
const BLAST: &str = "--nat-blast";
const SINK: &str = "--nat-sink";

/// Does what such an argument asks for; `None`: it is none of them.
pub(crate) fn part(argument: &str, args: &[String]) -> Option<Result<(), String>> {
    let number = |place: usize| args.get(place).and_then(|arg| arg.parse::<u16>().ok()).unwrap_or(1);
    match argument {
        BLAST => Some(blast(number(0), number(1).into()).map_err(|error| error.to_string())),
        SINK => Some(sink(number(0)).map_err(|error| error.to_string())),
        _ => None,
    }
}

#[expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the kernel's own sockets, as fast as they are, in real time"
)]
fn blast(port: u16, burst: usize) -> std::io::Result<()> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(("10.77.2.2", port))?;
    if burst > 1 {
        setsockopt(&socket, sockopt::UdpGsoSegment, &i32::try_from(DATAGRAM).unwrap_or(0))?;
    }
    let (datagrams, start) = (vec![0; DATAGRAM * burst], std::time::Instant::now());
    let messages = [[IoSlice::new(&datagrams)]; AT_ONCE];
    let mut headers = MultiHeaders::<()>::preallocate(AT_ONCE, None);
    while start.elapsed() < Duration::from_secs(SECONDS) {
        // Nobody there yet: what counts is what arrives.
        let _ = sendmmsg(socket.as_raw_fd(), &mut headers, &messages, [None; AT_ONCE], [], MsgFlags::empty());
    }
    Ok(())
}

/// Counts until nothing has come for half a second after something came.
#[expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the kernel's own sockets, as fast as they are, in real time"
)]
fn sink(port: u16) -> std::io::Result<()> {
    let socket = std::net::UdpSocket::bind(("10.77.2.2", port))?;
    setsockopt(&socket, sockopt::UdpGroSegment, &true)?;
    setsockopt(&socket, sockopt::RcvBufForce, &ROOM)?;
    println!("listens");
    let mut rooms = vec![vec![0; 1 << 16]; AT_ONCE];
    let mut headers = MultiHeaders::<()>::preallocate(AT_ONCE, None);
    let mut bytes = socket.recv(&mut [0; 1])?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let start = std::time::Instant::now();
    let mut end = start;
    loop {
        let mut parts: Vec<_> = rooms.iter_mut().map(|room| [IoSliceMut::new(room)]).collect();
        let came = recvmmsg(socket.as_raw_fd(), &mut headers, &mut parts, MsgFlags::MSG_WAITFORONE, None);
        match came.map(|came| came.map(|message| message.bytes).sum()) {
            Ok(0_usize) | Err(_) => break,
            Ok(came) => bytes += came,
        }
        end = std::time::Instant::now();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let datagrams = (bytes / DATAGRAM) as f64;
    println!("{:.0} a second", datagrams / (end - start).as_secs_f64().max(1e-3));
    Ok(())
}
