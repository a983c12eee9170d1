//! `nat-box watch`: a line for each thing that becomes of the table.

mod json;
mod text;

use crate::flags::Watch;
use cli::{Failure, Output, Session, Verdict};
use host::{Error, Time};
use nat::{Change, Reason, What};
use std::collections::BTreeMap;

/// Why watching ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// So many lines were shown.
    Count,
    /// Its time was over.
    Deadline,
    /// Ctrl-C; in a network of several programs, the end of the first one.
    Interrupted,
    /// Nothing will happen any more in this simulated network.
    Idle,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Why it ended.
    pub ended: Ended,
    /// Sessions that were there at first.
    pub there: u64,
    /// Sessions that came.
    pub opened: u64,
    /// Sessions that went.
    pub closed: u64,
    /// Packets that went nowhere, by reason.
    pub dropped: BTreeMap<Reason, u64>,
    /// When it ended.
    pub at: Time,
}

impl Summary {
    /// Counts a change.
    fn hear(&mut self, change: &Change) {
        match change.what {
            What::There(_) => self.there += 1,
            What::Opened(_) => self.opened += 1,
            What::Closed(..) => self.closed += 1,
            What::Dropped { reason, .. } => *self.dropped.entry(reason).or_default() += 1,
            What::Moved(_) => {}
        }
    }

    fn has_seen_anything(&self) -> bool {
        self.there + self.opened > 0 || !self.dropped.is_empty()
    }
}

/// Runs `nat-box watch`.
pub(crate) fn run(flags: &Watch, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let (host, out) = (&mut *session.host, &mut session.out);
    let mut table = host.open_translations().map_err(|error| match error {
        Error::Unsupported { .. } => Failure::Host(error).hint(
            "--at HOST chooses a NAT of a simulated network, --net nat has one; on Linux, `conntrack -E` shows the kernel's",
        ),
        error => Failure::Host(error),
    })?;
    let until = flags.deadline.map_or(Time::NEVER, |deadline| host.now() + deadline);
    let mut watching = Watching::new(flags);
    let ended = loop {
        if watching.is_enough() {
            break Ended::Count;
        }
        let message = match table.recv(until) {
            Ok(Some(packet)) => packet.bytes,
            Ok(None) => break Ended::Deadline,
            Err(Error::Idle) => break Ended::Idle,
            Err(Error::Interrupted) => break Ended::Interrupted,
            Err(error) => return Err(error.into()),
        };
        if let Some(change) = Change::read(&message) {
            watching.hear(&change, out)?;
        }
    };
    watching.finish(ended, host.now(), out)
}

/// What was seen so far, and what of it is to be shown.
pub(crate) struct Watching<'a> {
    flags: &'a Watch,
    summary: Summary,
    shown: u32,
}

impl<'a> Watching<'a> {
    pub(crate) fn new(flags: &'a Watch) -> Self {
        let summary =
            Summary { ended: Ended::Idle, there: 0, opened: 0, closed: 0, dropped: BTreeMap::new(), at: Time::START };
        Self { flags, summary, shown: 0 }
    }

    /// Whether as many lines were shown as were asked for.
    pub(crate) fn is_enough(&self) -> bool {
        self.flags.count == Some(self.shown)
    }

    /// Counts a change, and shows it.
    pub(crate) fn hear(&mut self, change: &Change, out: &mut Output) -> Result<(), Failure> {
        self.summary.hear(change);
        let is_left_out = self.flags.no_drops && matches!(change.what, What::Dropped { .. });
        if !self.flags.quiet && !is_left_out && !self.is_enough() {
            show(out, change)?;
            self.shown += 1;
        }
        Ok(())
    }

    /// The last lines.
    pub(crate) fn finish(mut self, ended: Ended, at: Time, out: &mut Output) -> Result<Verdict, Failure> {
        (self.summary.ended, self.summary.at) = (ended, at);
        finish(out, &self.summary)?;
        Ok(if self.summary.has_seen_anything() { Verdict::Yes } else { Verdict::No })
    }
}

fn show(out: &mut Output, change: &Change) -> Result<(), Failure> {
    if out.is_json() {
        return out.json(&json::line(change));
    }
    out.line(&text::line(change, out.ascii()))?;
    if out.explains()
        && let Some(reason) = text::reason(change)
    {
        out.line(&format!("             {reason}"))?;
    }
    Ok(())
}

fn finish(out: &mut Output, summary: &Summary) -> Result<(), Failure> {
    match out.is_json() {
        true => out.json(&json::summary(summary))?,
        false => out.line(&text::statistics(summary))?,
    }
    if summary.ended == Ended::Idle {
        out.note("nothing more will happen in this network");
    }
    Ok(())
}
