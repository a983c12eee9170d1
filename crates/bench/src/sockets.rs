//! Echoes on the kernel's own sockets: round trips of one byte, and what thousands of connections take.

use crate::pair::{Ratio, median, sorted};
use crate::place::Place;
use crate::table::{Group, Row, range};
use crate::tools::beside;
use host::{Host, Opt, Time};
use live::{Live, Stop};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// One byte there and back, over the loopback.
pub(crate) const SOCKETS: Group = Group {
    name: "sockets",
    title: "sockets: echoes over the loopback",
    about: "All on one core, server and client: then the times of a round trip lie close together (on two cores each is asleep when\n\
            its turn comes, and takes several times as long to wake). `tcp-echo send -i 0 --writes 1` and `udp-echo send --ping-pong\n\
            -s 1` against our `serve`; the same clients against an echo on tokio, in a runtime of one thread; and `sockperf pp\n\
            --full-rtt` against `sockperf sr`, whose shortest message has 14 bytes. Each is the median of 20,000 round trips, or a\n\
            second of sockperf, in turn; 11 rounds. UDP's times are the kernel's for the arrival. Then what `tcp-echo serve` takes.",
    rows,
};

const ROUNDS: usize = 11;
const TRIPS: u32 = 20_000;
const OURS: u16 = 7001;
const TOKIO: u16 = 7002;
const SOCKPERF: u16 = 7003;
const CONNECTIONS: usize = 10_000;
const CONNECTS: usize = 100_000;

/// Two protocols that echo alike.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Tcp,
    Udp,
}

fn rows() -> Result<Vec<Row>, String> {
    let place = Place::new()?;
    let mut rows = vec![];
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        rows.extend(round_trips(&place, protocol)?);
    }
    rows.extend(many(&place)?);
    Ok(rows)
}

/// What was measured of a protocol, nanoseconds, round by round.
#[derive(Default)]
struct Medians {
    ours: Vec<f64>,
    tokio: Vec<f64>,
    sockperf: Vec<f64>,
}

fn round_trips(place: &Place, protocol: Protocol) -> Result<Vec<Row>, String> {
    let (name, tool) = match protocol {
        Protocol::Tcp => ("TCP", beside("tcp-echo")?),
        Protocol::Udp => ("UDP", beside("udp-echo")?),
    };
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let _ours = place.server(&tool, &format!("serve -q --port {OURS}"), "ECHO at")?;
    let _tokio = place.server(&this, &format!("{TOKIO_ECHO} {TOKIO}"), "listens")?;
    let tcp = if protocol == Protocol::Tcp { "--tcp" } else { "" };
    let sockperf = Path::new("sockperf");
    let _sockperf = place.program(sockperf, &format!("sr {tcp} -i 127.0.0.1 -p {SOCKPERF}")).start();
    let by_sockperf = || {
        let words = format!("pp {tcp} --full-rtt -i 127.0.0.1 -p {SOCKPERF} -m 14 -t 1");
        percentile_of_sockperf(&place.program(sockperf, &words).succeed()?)
    };
    // It does not say when it listens, and until then the first ones fail.
    let is_there = (0..10).any(|_| by_sockperf().is_ok());
    let mut medians = Medians::default();
    for _ in 0..ROUNDS {
        medians.ours.push(client(place, protocol, &tool, OURS)?);
        medians.tokio.push(client(place, protocol, &tool, TOKIO)?);
        if is_there {
            medians.sockperf.push(by_sockperf()?);
        }
    }
    let row = |peer: &str, theirs: &[f64], bar: f64| {
        let ratio = Ratio::of_rounds(&medians.ours, theirs);
        Row {
            what: format!("{name}, 1 byte, RTT p50"),
            ours: micros(&medians.ours),
            peer: format!("{peer} {}", micros(theirs)),
            ratio: range(ratio),
            bar: format!("≤ {bar} × time"),
            reached: Some(ratio.median <= bar),
        }
    };
    let against_sockperf = match medians.sockperf.is_empty() {
        false => row("sockperf", &medians.sockperf, 1.1),
        true => Row {
            what: format!("{name}, 1 byte, RTT p50"),
            ours: micros(&medians.ours),
            peer: "sockperf is not installed, or does not start".into(),
            ratio: String::new(),
            bar: "≤ 1.1 × time".into(),
            reached: None,
        },
    };
    Ok(vec![against_sockperf, row("tokio", &medians.tokio, 1.0)])
}

/// The median round trip of one run of ours.
fn client(place: &Place, protocol: Protocol, tool: &Path, port: u16) -> Result<f64, String> {
    let words = match protocol {
        Protocol::Tcp => format!("send --json -q -c {TRIPS} -i 0 --writes 1 127.0.0.1:{port}"),
        Protocol::Udp => format!("send --json -q -c {TRIPS} -s 1 --ping-pong --connect 127.0.0.1:{port}"),
    };
    let said = place.program(tool, &words).succeed()?;
    let summary = said.lines().last().unwrap_or_default();
    let whole = match protocol {
        Protocol::Tcp => format!("\"echoed\":{TRIPS},"),
        Protocol::Udp => format!("\"received\":{TRIPS},"),
    };
    let p50 = summary.split_once("\"p50_ns\":").and_then(|(_, rest)| rest.split(',').next()?.parse().ok());
    p50.filter(|_| summary.contains(&whole)).ok_or_else(|| format!("not all was echoed: {summary}"))
}

/// `sockperf: ---> percentile 50.000 =   13.640`, in microseconds.
fn percentile_of_sockperf(said: &str) -> Result<f64, String> {
    let line = said.lines().find_map(|line| line.split_once("percentile 50.000 ="));
    let micros: Option<f64> = line.and_then(|(_, micros)| micros.trim().parse().ok());
    micros.map(|micros| micros * 1e3).ok_or_else(|| format!("no median of sockperf: {said}"))
}

fn micros(nanos: &[f64]) -> String {
    format!("{:.1} µs", median(&sorted(nanos.iter().copied())) / 1e3)
}

/// Connections that stay open, and then connections that come and go.
fn many(place: &Place) -> Result<Vec<Row>, String> {
    let (tool, this) = (beside("tcp-echo")?, std::env::current_exe().map_err(|error| error.to_string())?);
    let server = place.server(&tool, &format!("serve -q --port {OURS}"), "ECHO at")?;
    let process = format!("/proc/{}", server.process());
    let descriptors =
        || std::fs::read_dir(format!("{process}/fd")).map(Iterator::count).map_err(|error| error.to_string());
    let hold = |count: usize| {
        let mut holder = place.program(&this, &format!("{HOLD_CONNECTIONS} {OURS} {count}")).start()?;
        holder.wait_for("are open").map(|()| holder)
    };
    // With so many it begins to wait by epoll, which is a descriptor too, and stays.
    drop(hold(100)?);
    place.program(&this, &format!("{CONNECT_AGAIN} {OURS} 10")).succeed()?;
    let before = descriptors()?;

    let holder = hold(CONNECTIONS)?;
    let open = descriptors()? - before;
    let memory = most_memory(&process)? / 1024.0;
    drop(holder);

    place.program(&this, &format!("{CONNECT_AGAIN} {OURS} {CONNECTS}")).succeed()?;
    let after = descriptors()?;
    let row = |what: String, ours: String, bar: &str, reached: bool| Row {
        what,
        ours,
        peer: String::new(),
        ratio: String::new(),
        bar: bar.into(),
        reached: Some(reached),
    };
    Ok(vec![
        row(
            format!("{open} open connections, each echoed a byte, memory"),
            format!("{memory:.1} MiB"),
            "10,000 < 64 MiB",
            open >= CONNECTIONS && memory < 64.0,
        ),
        row(
            "100,000 connects, descriptors more".into(),
            format!("{}", after.saturating_sub(before)),
            "0",
            after <= before,
        ),
    ])
}

/// The most that a process ever had, KiB.
fn most_memory(process: &str) -> Result<f64, String> {
    let status = std::fs::read_to_string(format!("{process}/status")).map_err(|error| format!("{process}: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).ok_or_else(|| format!("no memory in {status}"))
}

/// The arguments with which this program is one of the others in this group: an echo, and two clients.
const TOKIO_ECHO: &str = "--tokio-echo";
const HOLD_CONNECTIONS: &str = "--hold-connections";
const CONNECT_AGAIN: &str = "--connect-again";

/// Does what such an argument asks for; `None`: it is none of them.
pub(crate) fn part(argument: &str, args: &[String]) -> Option<Result<(), String>> {
    let number = |place: usize| args.get(place).and_then(|arg| arg.parse::<u32>().ok()).unwrap_or(0);
    let port = u16::try_from(number(0)).unwrap_or(0);
    match argument {
        TOKIO_ECHO => Some(tokio_echo(port).map_err(|error| error.to_string())),
        HOLD_CONNECTIONS => Some(hold_connections(port, number(1)).map_err(|error| error.to_string())),
        CONNECT_AGAIN => Some(connect_again(port, number(1)).map_err(|error| error.to_string())),
        _ => None,
    }
}

/// An echo as most people would write it.
fn tokio_echo(port: u16) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let at = (Ipv4Addr::LOCALHOST, port);
        let (tcp, udp) = (TcpListener::bind(at).await?, UdpSocket::bind(at).await?);
        tokio::spawn(async move {
            let mut bytes = vec![0; 1 << 16];
            while let Ok((count, from)) = udp.recv_from(&mut bytes).await {
                let _ = udp.send_to(bytes.get(..count).unwrap_or_default(), from).await;
            }
        });
        println!("listens");
        loop {
            let (mut stream, _) = tcp.accept().await?;
            tokio::spawn(async move {
                let mut bytes = vec![0; 1 << 16];
                while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    if stream.write_all(bytes.get(..count).unwrap_or_default()).await.is_err() {
                        break;
                    }
                }
            });
        }
    })
}

/// A connection over which a byte went and came back.
fn used(host: &mut Live, port: u16) -> host::Result<Box<dyn host::Stream>> {
    let mut stream = host.connect_tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), &[], Time::NEVER)?;
    stream.write_all(b"x")?;
    stream.read_exact(&mut [0])?;
    Ok(stream)
}

/// Opens connections and keeps them until it is killed.
fn hold_connections(port: u16, count: u32) -> host::Result<()> {
    let mut host = Live::new(Stop::never());
    let open = (0..count).map(|_| used(&mut host, port)).collect::<host::Result<Vec<_>>>()?;
    println!("{} connections are open", open.len());
    host.sleep(Time::NEVER)
}

/// Opens connections one after the other. Closed with RST, none of them waits in TIME-WAIT and keeps a port from the next.
fn connect_again(port: u16, count: u32) -> host::Result<()> {
    let mut host = Live::new(Stop::never());
    (0..count).try_for_each(|_| used(&mut host, port)?.set(Opt::Linger(Some(Duration::ZERO))))
}
