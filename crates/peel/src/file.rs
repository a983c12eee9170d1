//! Captures in files and on standard input.

use crate::capture::{Capture, Record, Stop};
use crate::flags::Plan;
use crate::follow::{Conversation, ladder::Ladder};
use crate::shown::{Shown, dissected};
use cli::{Failure, Output, Verdict, escape};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;

/// A conversation on standard input is kept in memory, up to so many bytes.
const MOST_KEPT: u64 = 1 << 26;

/// Shows the packets of a file.
pub(crate) fn show(plan: &Plan, file: &str, out: &mut Output) -> Result<Verdict, Failure> {
    let mut shown = Shown::new(plan);
    let source = Source::new(file);
    let read = source.each(&mut |record, out| shown.hear(out, record), out)?;
    let fault = match &read.stop {
        Some(Stop::Fault(fault)) => Some((fault.byte, format!("{} {fault}", source.name))),
        _ => None,
    };
    let verdict = shown.finish(out, read.packets, fault)?;
    match (read.stop, plan.only) {
        (Some(stop), _) => Err(source.failure(stop)),
        (None, Some(number)) if verdict == Verdict::No => Err(source.no_packet(number, read.packets)),
        (None, _) => Ok(verdict),
    }
}

/// Draws the conversation of packet `number`.
pub(crate) fn follow(plan: &Plan, file: &str, number: u64, out: &mut Output) -> Result<Verdict, Failure> {
    let mut source = Source::new(file);
    let mut ladder = Ladder::new(source.conversation(number, out)?);
    let read = source.each(
        &mut |record, out| {
            if let Some(packet) = dissected(record).filter(|packet| plan.filter.passes(record, Some(packet))) {
                ladder.draw(out, record, &packet)?;
            }
            Ok(if ladder.packets() >= plan.count { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
        out,
    )?;
    ladder.finish(out)?;
    read.stop.map_or(Ok(Verdict::Yes), |stop| Err(source.failure(stop)))
}

/// What is read, and what it is called.
pub(crate) struct Source<'a> {
    file: &'a str,
    /// As it stands in a sentence.
    pub(crate) name: String,
    /// Standard input, where it is needed more than once.
    kept: Option<Vec<u8>>,
}

/// How far a reading got.
pub(crate) struct Reading {
    pub(crate) packets: u64,
    /// Why it ended before the end of the file.
    pub(crate) stop: Option<Stop>,
}

pub(crate) type Hear<'h> = &'h mut dyn FnMut(&Record<'_>, &mut Output) -> Result<ControlFlow<()>, Failure>;

impl<'a> Source<'a> {
    pub(crate) fn new(file: &'a str) -> Self {
        let name = if file == "-" { "standard input".into() } else { format!("'{}'", escape(file)) };
        Self { file, name, kept: None }
    }

    /// Sees to it that it can be read twice.
    fn keep(&mut self) -> Result<(), Failure> {
        if self.file != "-" {
            return Ok(());
        }
        let mut kept = vec![];
        let read = io::stdin().lock().take(MOST_KEPT + 1).read_to_end(&mut kept);
        read.map_err(|error| self.failure(Stop::Unreadable(error)))?;
        if kept.len() as u64 > MOST_KEPT {
            return Err(Failure::said("standard input has too much for a conversation to be looked for in it")
                .hint("save it to a file, and name that"));
        }
        self.kept = Some(kept);
        Ok(())
    }

    /// The conversation of packet `number`; packets can be asked for anew then.
    pub(crate) fn conversation(&mut self, number: u64, out: &mut Output) -> Result<Conversation, Failure> {
        self.keep()?;
        let mut found = None;
        let read = self.each(
            &mut |record, _| {
                if record.number < number {
                    return Ok(ControlFlow::Continue(()));
                }
                found = dissected(record).and_then(|packet| Conversation::of(&packet));
                Ok(ControlFlow::Break(()))
            },
            out,
        )?;
        match (found, read.stop) {
            (Some(conversation), _) => Ok(conversation),
            (None, Some(stop)) => Err(self.failure(stop)),
            (None, None) if read.packets < number => Err(self.no_packet(number, read.packets)),
            (None, None) => {
                Err(Failure::said(format!("packet {number} has no two ends that could have a conversation"))
                    .hint(format!("`peel FILE {number}` shows what it has")))
            }
        }
    }

    /// Gives each packet to `hear`, until that says that it is enough.
    pub(crate) fn each(&self, hear: Hear<'_>, out: &mut Output) -> Result<Reading, Failure> {
        match (&self.kept, self.file) {
            (Some(kept), _) => each(Cursor::new(kept), hear, out),
            (None, "-") => each(io::stdin().lock(), hear, out),
            (None, file) => {
                let opened = File::open(file)
                    .map_err(|error| Failure::said(format!("cannot open {}: {}", self.name, cli::reason(&error))))?;
                each(opened, hear, out)
            }
        }
    }

    pub(crate) fn failure(&self, stop: Stop) -> Failure {
        match stop {
            Stop::Fault(fault) => {
                let failure = Failure::said(format!("{} {fault}", self.name));
                fault.hint().into_iter().fold(failure, Failure::hint)
            }
            Stop::Unreadable(error) => Failure::said(format!("cannot read {}: {}", self.name, cli::reason(&error))),
        }
    }

    pub(crate) fn no_packet(&self, number: u64, packets: u64) -> Failure {
        let has = if packets == 1 { "1 packet".into() } else { format!("{packets} packets") };
        Failure::said(format!("no packet {number}: {} has {has}", self.name))
    }
}

fn each(reader: impl Read, hear: Hear<'_>, out: &mut Output) -> Result<Reading, Failure> {
    let mut capture = match Capture::open(reader) {
        Ok(capture) => capture,
        Err(stop) => return Ok(Reading { packets: 0, stop: Some(stop) }),
    };
    let stop = loop {
        if !capture.is_at_hand() {
            // More may come late, as through a pipe.
            out.flush()?;
        }
        match capture.next_packet() {
            Ok(Some(record)) => {
                if hear(&record, out)?.is_break() {
                    break None;
                }
            }
            Ok(None) => break None,
            Err(stop) => break Some(stop),
        }
    };
    Ok(Reading { packets: capture.given(), stop })
}
