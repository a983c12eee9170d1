//! TCP in the simulated network: a long transfer over a cable that loses, and many connections that say nothing.

use crate::pair::alone;
use crate::table::{Group, Row};
use host::{Host, Time};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

/// Connections between two hosts.
pub(crate) const TCP: Group = Group {
    name: "tcp",
    title: "tcp: connections in the simulated network",
    about: "Two hosts on a cable of 10 ms that loses 1 % of all frames: a program on the driver writes 1 MiB to a service of the other\n\
            host, which throws it away, or to a program in lockstep, which counts it; all of it must have come, and another seed\n\
            loses other frames. An event is a frame that arrives or a wake-up; the two programs in lockstep share one core. Then\n\
            10,000 connections, open at both ends, in a process of its own that does nothing else. There is no peer: the bars\n\
            are of the machine's own time, median of 9 runs.",
    rows,
};

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const SINK: u16 = 9;
const COUNTER: u16 = 8000;
const MEBIBYTE: usize = 1 << 20;
const SEEDS: u64 = 200;
const IDLE: u16 = 10_000;

fn rows() -> Result<Vec<Row>, String> {
    to_the_sink(1)?;
    let one = alone(9, || to_the_sink(1));
    let all = alone(1, || (1..=SEEDS).try_for_each(|seed| to_the_sink(seed).map(drop)));
    let events = to_a_program()?;
    let lockstep = on_one_core(|| alone(9, to_a_program))?;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand events")]
    let per_event = lockstep.as_secs_f64() * 1e6 / events as f64;
    let memory =
        crate::tools::memory(&std::env::current_exe().map_err(|error| error.to_string())?, &[IDLE_CONNECTIONS])?;
    let row = |what: &str, ours: String, bar: &str, reached: bool| Row {
        what: what.into(),
        ours,
        peer: String::new(),
        ratio: String::new(),
        bar: bar.into(),
        reached: Some(reached),
    };
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    Ok(vec![
        row("1 MiB to a service", ms(one), "< 10 ms", one < Duration::from_millis(10)),
        row("200 seeds of it", ms(all), "< 2 s", all < Duration::from_secs(2)),
        row("1 MiB to a program, an event", format!("{per_event:.1} µs"), "≤ 10 µs", per_event <= 10.0),
        row("10,000 connections, memory", format!("{:.1} MiB", memory / 1024.0), "< 64 MiB", memory < 64.0 * 1024.0),
    ])
}

/// What `work` gives, on one core: who hands over to a thread on another one waits until that wakes.
pub(crate) fn on_one_core<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let (this, failed) = (Pid::from_raw(0), |error: nix::Error| format!("cannot choose a core: {error}"));
    let all = sched_getaffinity(this).map_err(failed)?;
    let first = (0..CpuSet::count()).find(|core| all.is_set(*core) == Ok(true)).ok_or("no core to run on")?;
    let mut one = CpuSet::new();
    one.set(first).map_err(failed)?;
    sched_setaffinity(this, &one).map_err(failed)?;
    let worked = work();
    sched_setaffinity(this, &all).map_err(failed)?;
    Ok(worked)
}

/// Two hosts, a cable that loses `loss` per cent, a sink at one.
fn world(loss: u8, seed: u64) -> Result<Rc<RefCell<sim::World>>, String> {
    let text = format!(
        "title = \"Two hosts\"\nat = \"a\"\n[hosts.a]\non.link = \"10.0.0.1/24\"\n[hosts.b]\non.link = \"{SERVER}/24\"\n\
         tcp.{SINK} = \"sink\"\n[links]\nlink = {{ delay = \"10 ms\", loss = \"{loss}%\" }}\n"
    );
    let net = sim::Net::parse("two.toml", &text).map_err(|error| error.to_string())?;
    Ok(Rc::new(RefCell::new(sim::World::new(&net, seed))))
}

fn at(port: u16) -> SocketAddr {
    (IpAddr::V4(SERVER), port).into()
}

/// Writes a mebibyte to the sink; the answer is how many events that took.
fn to_the_sink(seed: u64) -> Result<u64, String> {
    let world = world(1, seed)?;
    let mut host = sim::guest(&world, "a").ok_or("there is no a")?;
    write_all(&mut host, SINK).map_err(|error| error.to_string())?;
    let events = world.borrow().events();
    Ok(events)
}

/// Writes a mebibyte to a program in lockstep, which must have got all of it; the answer is how many events that took.
fn to_a_program() -> Result<u64, String> {
    let world = world(1, 1)?;
    let server = sim::spawn(&world, "b", count).ok_or("there is no b")?;
    let mut host = sim::guest(&world, "a").ok_or("there is no a")?;
    write_all(&mut host, COUNTER).map_err(|error| error.to_string())?;
    drop(host);
    server.join().map_err(|_| "the counting program ended badly")?.map_err(|error| error.to_string())?;
    let events = world.borrow().events();
    Ok(events)
}

/// Writes, says that this was all, and waits until the other side has said so too: then everything is acknowledged.
fn write_all(host: &mut dyn Host, port: u16) -> host::Result<()> {
    let mut stream = host.connect_tcp(at(port), &[], Time::NEVER)?;
    stream.write_all(&vec![0x5a; MEBIBYTE])?;
    stream.finish()?;
    let said = stream.read(&mut [0; 1])?;
    if said == 0 { Ok(()) } else { Err(host::Error::Other("the other side said something".into())) }
}

/// Reads until the end, and fails if that was not all.
fn count(host: &mut dyn Host) -> host::Result<()> {
    let mut listener = host.listen_tcp(at(COUNTER), &[])?;
    let mut stream = listener.accept(Time::NEVER)?.ok_or(host::Error::TimedOut)?;
    let (mut counted, mut bytes) = (0, vec![0; 1 << 16]);
    loop {
        match stream.read(&mut bytes)? {
            0 if counted == MEBIBYTE => return Ok(()),
            0 => return Err(host::Error::Other(format!("{counted} bytes came"))),
            read => counted += read,
        }
    }
}

/// The argument with which this program does [`hold_connections`].
pub(crate) const IDLE_CONNECTIONS: &str = "--idle-connections";

/// Opens connections, as many as are to be measured, and ends with all of them open.
pub(crate) fn hold_connections() -> Result<(), String> {
    let world = world(0, 1)?;
    let mut host = sim::guest(&world, "a").ok_or("there is no a")?;
    let mut open = vec![];
    for _ in 0..IDLE {
        open.push(host.connect_tcp(at(SINK), &[], Time::NEVER).map_err(|error| error.to_string())?);
    }
    println!("{} connections are open", open.len());
    Ok(())
}
