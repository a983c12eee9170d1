//! What happened at both ends: told as it comes, and followed until both are over.

use super::capture::Capture;
use super::engine::{Event, Summary, Tell};
use crate::ladder::Said;
use host::{Account, Error, Host, Step};
use std::net::SocketAddr;
use std::time::Duration;

/// How long the end of both ends' lives is waited for, where their states are shown: longer than two maximum segment
/// lifetimes.
pub(crate) const LAST_STATES: Duration = Duration::from_secs(250);
/// How often it is looked whether they are over.
pub(crate) const LOOKS: Duration = Duration::from_secs(1);
/// How long the last segments are waited for on a real network.
const LAST_SEGMENTS: Duration = Duration::from_secs(2);
/// How often it is looked whether they have passed.
const FRAMES: Duration = Duration::from_millis(10);

impl Summary {
    /// Tells what happened at this end, and keeps it with what happened at the other one.
    pub(super) fn live<E: From<Error>>(&mut self, account: Account, tell: &mut Tell<'_, E>) -> Result<(), E> {
        for step in account.own {
            tell(&Event::Stepped(step.clone()))?;
            self.own.push(step);
        }
        self.peer.extend(account.peer);
        Ok(())
    }
}

/// How many SYNs left.
pub(super) fn syns(own: &[Step]) -> usize {
    let left = own.iter().filter_map(|step| step.segment.as_ref()).filter(|segment| !segment.came);
    left.filter(|segment| Said::of(segment).is_syn()).count()
}

/// The segments that are still to come, where they are only seen: up to this end's last state, or the one that it keeps for a minute
/// although nothing more passes.
pub(super) fn see_to_the_end<E: From<Error>>(
    host: &mut dyn Host,
    capture: &mut Capture,
    summary: &mut Summary,
    tell: &mut Tell<'_, E>,
) -> Result<(), E> {
    let until = host.now() + LAST_SEGMENTS;
    loop {
        summary.live(capture.take(host.now())?, tell)?;
        let is_over = summary.own.last().is_none_or(|step| matches!(&*step.state, "CLOSED" | "TIME-WAIT"));
        if is_over || host.now() >= until {
            return Ok(());
        }
        match host.sleep(host.now() + FRAMES) {
            Err(Error::Interrupted | Error::Idle) => return Ok(()),
            slept => slept?,
        }
    }
}

/// The steps that are still to come: the other side's, and the end of TIME-WAIT.
pub(super) fn follow_to_the_end<E: From<Error>>(
    host: &mut dyn Host,
    to: SocketAddr,
    summary: &mut Summary,
    tell: &mut Tell<'_, E>,
) -> Result<(), E> {
    let (start, until) = (host.now(), host.now() + LAST_STATES);
    loop {
        let account = host.last_account(to)?;
        let is_quiet = account.is_empty() && host.now() > start;
        summary.live(account, tell)?;
        let is_over = |steps: &[Step]| steps.last().is_none_or(|step| step.state == "CLOSED");
        // After the end there may still be a segment under way, which is answered by RST.
        if is_quiet && is_over(&summary.own) && is_over(&summary.peer) || host.now() >= until {
            return Ok(());
        }
        match host.sleep(host.now() + LOOKS) {
            Err(Error::Interrupted | Error::Idle) => return Ok(()),
            slept => slept?,
        }
    }
}
