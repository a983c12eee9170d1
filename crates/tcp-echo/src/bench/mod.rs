//! `tcp-echo bench`: what a connection costs. A connection for each request, against pools that open theirs on need or
//! beforehand.
//!
//! The order to read in: [`pool`] (what a pool decides), [`engine`] (requests over its connections), [`cost`] (where the time of a
//! request went, in round trips). `meter` counts packets; the rest shows it.
//!
//! Without a target each row of the table is a network of its own, with a server that tells its congestion window; with one, the
//! rows are runs against that server, one after the other.

pub mod cost;
pub mod engine;
mod json;
mod meter;
pub mod pool;
mod text;

use crate::flags::{Bench, ECHO};
use crate::manners::Manners;
use crate::serve;
use cli::{Failure, Output, Session, Verdict, World};
use cost::{Row, Whose};
use engine::{Setting, Trouble};
use host::{Error, Host};
use pool::{Kind, Limits};
use sim::Net;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// The network of those who give no target, who sends there, and who answers.
const NET: &str = "transport";
const CLIENT: &str = "a";
const SERVER: &str = "b";
/// Without other sizes: a request as an API has it, and an answer that a first window does not hold.
const USUAL: (usize, usize) = (100, 50_000);
/// The same with a target, which may be an echo.
const USUAL_ECHO: usize = 1000;
/// Without other gaps: one that leaves a connection warm, and one after which its window is too old.
const WARM: Duration = Duration::from_millis(100);
const COLD: Duration = Duration::from_secs(2);
/// The headers of IP and TCP, without options.
const HEADERS: u32 = 40;

/// Runs `tcp-echo bench` where no target is given: a network for each row.
pub(crate) fn run_in_own_networks(flags: &Bench, world: &World, out: &mut Output) -> Result<Verdict, Failure> {
    if world.given() == Some("--net") {
        return Err(Failure::said("bench in a network that is given needs a target there").hint(
            "as in `tcp-echo bench --net transport b:22`; without --net it has a network and a server of its own",
        ));
    }
    let (net, seed) = world.own_network(NET)?;
    let mut settings = settings(flags, USUAL, &[WARM, COLD]);
    let mut table = text::Table::new(flags.cwnd);
    settings.try_for_each(|setting| {
        let row = row_in_own_network(&net, seed, setting, flags)?;
        show(&row, &mut table, &format!("in the network {NET}, {CLIENT} to {SERVER}"), out)
    })?;
    finish(flags, out)
}

/// Runs it against a server.
pub(crate) fn run(flags: &Bench, target: &str, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let (name, port) = cli::name_and_port(target, ECHO)?;
    let address = cli::ipv4_of(session.host, name)?;
    cli::one_host(session.host, address, "tcp-echo")?;
    let to = SocketAddr::from((address, port));
    let place = format!("{} ({to})", cli::escape(name));
    let mut table = text::Table::new(flags.cwnd);
    let mut rtt = None;
    for setting in settings(flags, (USUAL_ECHO, USUAL_ECHO), &[WARM]) {
        let row = row(session.host, to, setting, &mut rtt)?;
        show(&row, &mut table, &place, &mut session.out)?;
    }
    finish(flags, &mut session.out)
}

/// A row: one manner of having connections, with one gap.
fn settings<'a>(flags: &'a Bench, usual: (usize, usize), gaps: &'a [Duration]) -> impl Iterator<Item = Setting> + 'a {
    let (size, answer) = flags.size.as_ref().map_or(usual, |sizes| (sizes.request, sizes.answer));
    let gaps = if flags.gap.is_empty() { gaps } else { &flags.gap };
    let kinds = [(Kind::Each, false), (Kind::Each, true), (Kind::Lazy, false), (Kind::Eager, false)];
    let kinds = kinds.into_iter().filter(|(kind, fast_open)| match kind {
        Kind::Each => flags.fastopen || !fast_open,
        Kind::Lazy => flags.lazy || !flags.eager,
        Kind::Eager => flags.eager || !flags.lazy,
    });
    gaps.iter().flat_map(move |gap| {
        kinds.clone().map(move |(kind, fast_open)| Setting {
            requests: flags.requests,
            size,
            answer,
            concurrency: usize::from(flags.concurrency),
            gap: *gap,
            wait: flags.wait,
            limits: Limits { kind, size: usize::from(flags.pool), idle_timeout: flags.idle_timeout },
            fast_open,
        })
    })
}

/// The windows of the server's answers, of each connection in their order, by the client's end of it.
type Windows = BTreeMap<SocketAddr, Vec<Option<[u32; 2]>>>;

fn row_in_own_network(net: &Net, seed: u64, setting: Setting, flags: &Bench) -> Result<Row, Failure> {
    let world = Rc::new(RefCell::new(sim::World::new(net, seed)));
    let (sender, heard) = channel();
    let options = serve::engine::Options {
        port: ECHO,
        listening: serve::engine::Listening::default(),
        reads: Some(setting.size),
        answer: Some(setting.answer),
        idle_timeout: flags.server_idle,
        abort_after: None,
        manners: Manners::default(),
        count: None,
        deadline: None,
        lives: false,
    };
    let serve = move |host: &mut dyn Host| {
        serve::engine::serve::<Error>(host, &options, &mut |event| {
            tell(event, &sender);
            Ok(())
        })
        .map(drop)
    };
    let (Some(_), Some(mut client)) = (sim::spawn(&world, SERVER, serve), sim::guest(&world, CLIENT)) else {
        return Err(Error::Gone.into());
    };
    let address = client.resolve(SERVER)?.first().copied().ok_or(Error::Gone)?;
    let row = row(&mut client, SocketAddr::from((address, ECHO)), setting, &mut None);
    drop(client);
    let mut row = row?;
    let mut windows = Windows::new();
    for (peer, cwnd) in heard.try_iter() {
        windows.entry(peer).or_default().push(cwnd);
    }
    if row.whose == Whose::Server {
        let of = |request: &engine::Request| windows.get(&request.own)?.get(request.turn).copied()?;
        row.windows = row.outcome.requests.iter().map(of).collect();
    }
    Ok(row)
}

fn tell(event: &serve::engine::Event, sender: &Sender<(SocketAddr, Option<[u32; 2]>)>) {
    if let serve::engine::Event::Answer { peer, cwnd, .. } = event {
        // Who listens no more has seen enough.
        let _ = sender.send((*peer, *cwnd));
    }
}

/// Measures the round trip, unless it is known, and then the requests.
fn row(host: &mut dyn Host, to: SocketAddr, setting: Setting, known: &mut Option<Duration>) -> Result<Row, Failure> {
    let troubled = |trouble: Trouble| failure(&trouble, to, &setting);
    let rtt = match *known {
        Some(rtt) => rtt,
        None => engine::round_trip(host, to, setting.wait).map_err(|error| troubled(error.into()))?,
    };
    *known = Some(rtt);
    let outcome = engine::run(host, to, &setting).map_err(troubled)?;
    let mtu = host.route(to.ip()).ok().and_then(|route| {
        host.interfaces().ok()?.into_iter().find(|interface| interface.name == route.interface).map(|found| found.mtu)
    });
    // Who sends more is held up by its window.
    let (whose, windows) = match setting.answer > setting.size {
        true => (Whose::Server, vec![None; outcome.requests.len()]),
        false => (Whose::Client, outcome.requests.iter().map(|request| request.cwnd).collect()),
    };
    let segment = outcome.segment.or(mtu.map(|mtu| mtu.saturating_sub(HEADERS))).map(|segment| segment.max(1));
    Ok(Row { setting, rtt, segment, outcome, windows, whose })
}

fn show(row: &Row, table: &mut text::Table, place: &str, out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.json(&json::line(row));
    }
    table.lines(row, place).iter().try_for_each(|line| out.line(line))
}

/// What is to be said at the end.
fn finish(flags: &Bench, out: &mut Output) -> Result<Verdict, Failure> {
    if flags.requests < cost::FOR_P99 && !out.is_json() {
        let (least, count) = (if flags.requests < cost::FOR_P95 { "p95 and p99" } else { "p99" }, flags.requests);
        out.note(&format!(
            "no {least} of {count}: one in 20 is above p95 and one in 100 above p99, and of fewer they would be the longest, which is max"
        ));
    }
    Ok(Verdict::Yes)
}

/// Why there is no row, and what to do.
fn failure(trouble: &Trouble, to: SocketAddr, setting: &Setting) -> Failure {
    let Setting { size, answer, wait, .. } = setting;
    let seconds = wait.as_secs_f64();
    match trouble {
        Trouble::Host(Error::Refused) => Failure::said(format!("{to} refused"))
            .hint("a server must listen there: `tcp-echo serve`; without a target, bench has its own"),
        Trouble::Host(Error::TimedOut | Error::Idle) => {
            Failure::said(format!("no connection to {to} within {seconds} s")).hint("-W waits longer")
        }
        Trouble::Host(error) => Failure::from(error.clone()),
        Trouble::Silence { answered } => Failure::said(format!(
            "{answered} bytes of the answer came from {to} within {seconds} s, and it has {answer}"
        ))
        .hint(format!("-W waits longer; if it is an echo, leave out :{answer} behind --size {size}")),
        Trouble::Ended { answered } => {
            Failure::said(format!("{to} ended a new connection after {answered} of the {answer} bytes of an answer"))
                .hint("bench needs a server that keeps connections open: `tcp-echo serve`")
        }
        Trouble::Wrong { at } => {
            Failure::said(format!("byte {at} of the answer is another one than it should be, or is one too many"))
                .hint(format!("{to} is to be an echo, or `tcp-echo serve --reads {size} --answer {answer}`"))
        }
    }
}
