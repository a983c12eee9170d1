//! One cell: a network, an echo that reads whole requests, and a sender of three of them.

use crate::manners::{Manners, QuickAck};
use crate::send::engine::{self, Event, Request};
use crate::serve;
use cli::Failure;
use host::{Error, Host, Nagle, Opt, Rule};
use sim::{Net, World};
use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

/// Who sends, and who echoes.
const SENDER: &str = "a";
const ECHO: &str = "b";
const PORT: u16 = 7;
/// How long a connection, and a request, may take.
const WAIT: Duration = Duration::from_secs(60);
/// From one request to the next: long enough that all is acknowledged.
const INTERVAL: Duration = Duration::from_secs(1);

/// What is set against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The sizes of a request's writes, bytes.
    pub writes: Vec<usize>,
    /// Which rule the sender has for small segments.
    pub nagle: Nagle,
    /// Whether the sender corks its writes.
    pub cork: bool,
    /// What the echo does about acknowledgments at once.
    pub quick_ack: QuickAck,
    /// How long the echo lets an acknowledgment wait.
    pub ack_delay: Duration,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Of what.
    pub setting: Setting,
    /// The round trip time without anybody's delay: that of the handshake.
    pub trip: Duration,
    /// The first request's.
    pub first: Duration,
    /// The second request's; on a real machine the median of those behind the first.
    pub then: Duration,
    /// That request.
    pub request: Request,
    /// What is shorter than this is no wait: zero, or how exactly a real machine can be looked at.
    pub grain: Duration,
}

impl Cell {
    /// Whether the first request was over sooner, for its acknowledgments were quick.
    #[must_use]
    pub fn begins_quickly(&self) -> bool {
        match self.grain.is_zero() {
            true => self.first < self.then,
            // The timers of a real machine differ by a tick from one time to the next.
            false => self.first * 2 < self.then,
        }
    }

    /// Of that request, how many bytes waited longest, by which rule, for how long; `None`: all left at once.
    #[must_use]
    pub fn longest_held(&self) -> Option<(u64, Rule, Duration)> {
        let pieces = self.request.stories.iter().flatten().flat_map(|story| &story.pieces);
        let held = pieces.flat_map(|piece| piece.held.iter().map(|(rule, time)| (piece.segment, *rule, *time)));
        held.filter(|(_, _, time)| *time >= self.grain).max_by_key(|(_, _, time)| *time)
    }
}

/// Runs the network for one cell.
pub(crate) fn run(net: &Net, seed: u64, setting: Setting) -> Result<Cell, Failure> {
    let world = Rc::new(RefCell::new(World::new(net, seed)));
    let echo = serve::engine::Options {
        port: PORT,
        listening: serve::engine::Listening::default(),
        reads: Some(setting.writes.iter().sum()),
        answer: None,
        idle_timeout: None,
        abort_after: None,
        manners: Manners { quick_ack: setting.quick_ack, ack_delay: Some(setting.ack_delay), ..Manners::default() },
        count: None,
        deadline: None,
        lives: false,
    };
    let serve = move |host: &mut dyn Host| serve::engine::serve::<Error>(host, &echo, &mut |_| Ok(())).map(drop);
    let (Some(_), Some(mut sender)) = (sim::spawn(&world, ECHO, serve), sim::guest(&world, SENDER)) else {
        return Err(Error::Gone.into());
    };
    let requests = requests(&mut sender, &setting);
    drop(sender);
    let (trip, requests) = requests?;
    match <[Request; 3]>::try_from(requests) {
        Ok([first, then, _]) => {
            Ok(Cell { trip, first: first.rtt, then: then.rtt, request: then, setting, grain: Duration::ZERO })
        }
        Err(fewer) => {
            let (count, wait) = (fewer.len(), WAIT.as_secs());
            Err(Failure::said(format!("only {count} of 3 requests were echoed, each of them within {wait} s"))
                .hint("the network was bent too much; leave --set or --fault out"))
        }
    }
}

/// Sends three requests; answers how long the handshake took, and what became of each.
fn requests(host: &mut dyn Host, setting: &Setting) -> Result<(Duration, Vec<Request>), Error> {
    let address = host.resolve(ECHO)?.first().copied().ok_or(Error::Gone)?;
    let to = SocketAddr::from((address, PORT));
    // So that the handshake that is measured does not wait for ARP.
    let mut before = host.connect_tcp(to, &[], host.now() + WAIT)?;
    before.set(Opt::Linger(Some(Duration::ZERO)))?;
    drop(before);
    let manners = Manners { nagle: Some(setting.nagle), cork: setting.cork, ..Manners::default() };
    exchange(host, to, engine::Options { interval: INTERVAL, ..options(setting, 3, manners) })
}

/// What a cell sends.
pub(super) fn options(setting: &Setting, count: u32, manners: Manners) -> engine::Options {
    engine::Options {
        writes: setting.writes.clone(),
        count: Some(count),
        interval: Duration::ZERO,
        wait: WAIT,
        deadline: None,
        source: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        half_close: false,
        abort: false,
        msg_more: false,
        asks_why: true,
        manners,
        states: false,
    }
}

/// Sends the requests; answers how long the handshake took, and what became of each.
pub(super) fn exchange(
    host: &mut dyn Host,
    to: SocketAddr,
    options: engine::Options,
) -> Result<(Duration, Vec<Request>), Error> {
    let (mut trip, mut requests) = (Duration::ZERO, vec![]);
    engine::send::<Error>(host, to, &options, None, &mut |event| {
        match event {
            Event::Connected { took, .. } => trip = *took,
            Event::Echoed(request) => requests.push(request.clone()),
            Event::Failed { .. } | Event::Stepped(_) => {}
        }
        Ok(())
    })?;
    Ok((trip, requests))
}
