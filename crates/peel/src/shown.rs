//! The packets that are wanted, as they are wanted.

use crate::capture::Record;
use crate::flags::{Place, Plan, View};
use crate::time::Clock;
use crate::{full, json, line, tree};
use cli::{Failure, Output, Verdict};
use std::ops::ControlFlow;
use std::time::Duration;
use wire::dissect::{Dissection, Fragments, dissect_captured};

/// Shows one packet after the other.
pub(crate) struct Shown<'p> {
    plan: &'p Plan,
    clock: Clock,
    /// What is known of fragments so far, of which one may contradict another.
    fragments: Fragments,
    /// How many were.
    shown: u64,
    /// The line that is written; it stays, so that its room is there already for the next one.
    text: String,
}

impl<'p> Shown<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan, clock: Clock::new(plan.since), fragments: Fragments::default(), shown: 0, text: String::new() }
    }

    /// Shows a packet if it is wanted, and says whether further ones may be.
    pub(crate) fn hear(&mut self, out: &mut Output, record: &Record<'_>) -> Result<ControlFlow<()>, Failure> {
        self.clock.note(record);
        let mut packet = dissected(record);
        if let Some(packet) = &mut packet {
            let since = self.clock.since_first(record).unwrap_or_default().max(0).unsigned_abs();
            self.fragments.note(Duration::from_nanos(since), packet);
        }
        if self.plan.only.is_some_and(|only| only != record.number) {
            return Ok(ControlFlow::Continue(()));
        }
        if self.plan.filter.passes(record, packet.as_ref()) {
            self.show(out, record, packet.as_ref())?;
            self.clock.shown(record);
            self.shown += 1;
        }
        let is_last = self.shown >= self.plan.count || self.plan.only.is_some();
        Ok(if is_last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn show(&mut self, out: &mut Output, record: &Record<'_>, packet: Option<&Dissection<'_>>) -> Result<(), Failure> {
        match self.plan.view {
            View::Lines | View::Ladder(_) => self.line(out, record, packet),
            View::Trees => {
                self.line(out, record, packet)?;
                packet.map_or(Ok(()), |packet| tree::show(out, packet))
            }
            View::Json => {
                let dated = matches!(self.plan.place, Place::File(_));
                out.json(&json::Event::Packet(json::Packet::of(record, packet, &self.clock, dated)))
            }
            View::Full => full::show(out, record, packet, &self.clock),
        }
    }

    fn line(&mut self, out: &mut Output, record: &Record<'_>, packet: Option<&Dissection<'_>>) -> Result<(), Failure> {
        self.text.clear();
        line::write(&mut self.text, record, packet, &self.clock, out);
        self.text.push('\n');
        out.raw(&self.text)
    }

    /// Says how it ended: after so many packets of the capture, and with this fault if it has one.
    pub(crate) fn finish(
        &self,
        out: &mut Output,
        packets: u64,
        fault: Option<(u64, String)>,
    ) -> Result<Verdict, Failure> {
        if self.plan.view == View::Json {
            let (fault_byte, fault) = fault.unzip();
            out.json(&json::Event::Summary(json::Summary { packets, shown: self.shown, fault_byte, fault }))?;
        }
        Ok(if self.shown > 0 { Verdict::Yes } else { Verdict::No })
    }
}

/// The packet taken apart, if its beginning is known.
pub(crate) fn dissected<'a>(record: &Record<'a>) -> Option<Dissection<'a>> {
    let link = record.link()?;
    Some(dissect_captured(record.packet.bytes, record.packet.original_len as usize, link))
}
