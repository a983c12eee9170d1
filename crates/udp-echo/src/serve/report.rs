//! What a run shows: lines on standard output, the reasons beside them as notes on standard error.

use super::door::Door;
use super::engine::{Echo, Ended, Event, Summary};
use super::explain::Explained;
use super::{json, text};
use crate::words::{self, About};
use cli::{Failure, Output};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What happened so often needs no more reasons.
const MOST_EXPLAINED: usize = 1000;

/// The run's report, as it goes on.
pub(crate) struct Report<'a> {
    out: &'a mut Output,
    quiet: bool,
    /// Who has told of which error already, by type and code.
    explained: BTreeSet<(u8, u8, IpAddr)>,
    /// What was drawn so far, if datagrams are drawn.
    drawn: Option<Explained>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(out: &'a mut Output, quiet: bool) -> Self {
        let drawn = out.explains().then(Explained::new);
        Self { out, quiet, explained: BTreeSet::new(), drawn }
    }

    /// Shows an event.
    pub(crate) fn hear(&mut self, doors: &[Door], event: &Event<'_>) -> Result<(), Failure> {
        if *event == Event::Start {
            return match json::line(doors, event).filter(|_| self.out.is_json()) {
                Some(line) => self.out.json(&line),
                None => self.out.line(&text::start(doors)),
            };
        }
        if self.quiet {
            return Ok(());
        }
        if let Some(drawn) = &mut self.drawn {
            drawn.show(self.out, doors, event)?;
        }
        if self.out.is_json() {
            if let Some(line) = json::line(doors, event) {
                self.out.json(&line)?;
            }
        } else if let Some(line) = text::line(doors, event) {
            self.out.line(&line)?;
        }
        self.explain(event);
        Ok(())
    }

    fn explain(&mut self, event: &Event<'_>) {
        match event {
            Event::Datagram(heard, Echo::Endless) => self.out.note(&format!(
                "port {} echoes too, and an echo of an echo would never end: it is not answered, although RFC 862 asks \
                 for it",
                heard.from.port()
            )),
            Event::Datagram(heard, _) if heard.data.len() < heard.whole => self.out.note(&format!(
                "the buffer (--buffer) takes {} bytes: what is longer is cut, and the rest is not the next datagram \
                 but gone",
                heard.data.len()
            )),
            Event::Datagram(_, Echo::Unsent(error)) => {
                if let Some(reason) = words::reason_of_local(error) {
                    self.out.note(&reason);
                }
            }
            Event::Trouble { error, quote, .. } => {
                // Addresses can be made up, and so many as there are have no room here.
                let is_new =
                    self.explained.len() < MOST_EXPLAINED && self.explained.insert((error.kind, error.code, error.by));
                if is_new {
                    let about = About { target: None, own: None, next_hop: None, size: quote.len() };
                    self.out.note(&words::reason(error, &about));
                }
            }
            Event::Start | Event::Datagram(..) => {}
        }
    }

    /// Prints what comes last.
    pub(crate) fn finish(self, summary: &Summary) -> Result<(), Failure> {
        match self.out.is_json() {
            true => self.out.json(&json::summary(summary))?,
            false => self.out.line(&text::statistics(summary))?,
        }
        if summary.ended == Ended::Idle {
            self.out.note("nothing more will happen in this network");
        }
        Ok(())
    }
}
