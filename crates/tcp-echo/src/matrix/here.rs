//! A cell on this machine, beside the same one of the model: both ends are this program, and the loopback is between them.

use super::beside::Beside;
use super::cell::{self, Cell, Setting};
use crate::manners::Manners;
use crate::send::watch::EVERY;
use cli::Failure;
use host::{Error, Host, Opt};
use sim::Net;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// What an Ethernet takes: RFC 9293 section 3.7.1. The loopback would take all of a request at once.
const MAX_SEGMENT: u16 = 1460;
/// How many of these bytes timestamps take, where the host sends them: RFC 7323 appendix A.
const TIMESTAMPS: u16 = 12;
/// How long it may take to find out whether it does.
const WAIT: Duration = Duration::from_secs(10);

/// A cell of the model, and the same one here.
pub(super) struct Pair {
    pub(super) model: Cell,
    here: Result<Cell, String>,
}

impl Pair {
    /// The cell on this machine, if this machine has it.
    pub(super) fn here(&self) -> Option<&Cell> {
        self.here.as_ref().ok()
    }

    /// Why this machine has no such cell.
    pub(super) fn lacks(&self) -> Option<&str> {
        self.here.as_ref().err().map(String::as_str)
    }
}

/// Runs a cell of the model and the same one here: one request to warm up, and `count` of which the median is told.
pub(super) fn pair(net: &Net, seed: u64, host: &mut dyn Host, setting: Setting, count: u32) -> Result<Pair, Failure> {
    let model = cell::run(net, seed, setting.clone())?;
    let here = match run(host, setting, count) {
        Ok(cell) => Ok(cell),
        Err(Failure::Host(error @ Error::Unsupported { .. })) => Err(error.to_string()),
        Err(failure) => return Err(failure),
    };
    Ok(Pair { model, here })
}

fn run(host: &mut dyn Host, setting: Setting, count: u32) -> Result<Cell, Failure> {
    let others = vec![Opt::MaxSegment(segment(host)?), Opt::Congestion("reno".into())];
    let echo = Manners { quick_ack: setting.quick_ack, others: others.clone(), ..Manners::default() };
    let sender = Manners { nagle: Some(setting.nagle), cork: setting.cork, others, ..Manners::default() };
    let mut beside = Beside::open(host, LOOPBACK, setting.writes.iter().sum(), echo)?;
    let to = beside.at();
    let options = cell::options(&setting, count.saturating_add(1), sender);
    let (trip, mut requests) = cell::exchange(&mut beside, to, options)?;
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    if requests.len() <= wanted {
        return Err(Failure::said(format!("only {} of {} requests were echoed", requests.len(), wanted + 1)));
    }
    let first = requests.remove(0).rtt;
    requests.sort_by_key(|request| request.rtt);
    let request = requests.swap_remove((requests.len() - 1) / 2);
    Ok(Cell { setting, trip, first, then: request.rtt, request, grain: EVERY })
}

/// The segment size to announce, so that a full segment has as many bytes of data as the model's.
fn segment(host: &mut dyn Host) -> Result<u16, Error> {
    let options = [Opt::MaxSegment(MAX_SEGMENT)];
    let listener = host.listen_tcp(SocketAddr::new(LOOPBACK, 0), &options)?;
    let until = host.now() + WAIT;
    let mut stream = host.connect_tcp(listener.local(), &options, until)?;
    let timestamps = stream.info()?.timestamps.unwrap_or(false);
    stream.set(Opt::Linger(Some(Duration::ZERO)))?;
    Ok(MAX_SEGMENT + if timestamps { TIMESTAMPS } else { 0 })
}
