//! What a run shows: lines on standard output, the reasons beside them as notes on standard error.

use super::event::{Event, Request, Summary};
use super::plan::Plan;
use super::{json, text};
use crate::explain::Explained;
use crate::flags::Send;
use crate::{ladder, words};
use cli::{Failure, Output, RoundTrips};

/// The run's report, as it goes on.
pub(crate) struct Report<'a> {
    out: &'a mut Output,
    quiet: bool,
    plan: &'a Plan,
    times: RoundTrips,
    drawn: Option<Explained>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(out: &'a mut Output, flags: &Send, plan: &'a Plan) -> Self {
        let drawn = out.explains().then(|| Explained::new(plan.is_simulated));
        Self { out, quiet: flags.quiet, plan, times: RoundTrips::default(), drawn }
    }

    pub(crate) fn start(&mut self) -> Result<(), Failure> {
        match self.out.is_json() {
            true => self.out.json(&json::start(self.plan)),
            false => self.out.line(&text::start(self.plan)),
        }
    }

    /// Takes note of an event and shows it.
    pub(crate) fn hear(&mut self, event: &Event) -> Result<(), Failure> {
        if let Event::Echoed(request) = event {
            self.times.add(request.rtt);
        }
        if let Event::Stepped(step) = event {
            return match &mut self.drawn {
                Some(drawn) if !self.quiet => drawn.show(self.out, self.plan.to, step),
                _ => Ok(()),
            };
        }
        let is_failure = matches!(event, Event::Failed { .. });
        if self.quiet && !is_failure {
            return Ok(());
        }
        if self.out.is_json() {
            self.out.json(&json::line(event, self.plan))?;
        } else {
            for line in text::lines(event, self.plan) {
                self.out.line(&line)?;
            }
        }
        self.explain(event);
        Ok(())
    }

    /// The rule that held something is explained once.
    fn explain(&mut self, event: &Event) {
        match event {
            Event::Connected { .. } | Event::Stepped(_) => {}
            Event::Echoed(Request { stories: Some(stories), seen_by, .. }) => {
                if let Some(note) = seen_by.as_ref().and_then(words::witness) {
                    self.out.note(&note);
                }
                let held = stories.iter().flat_map(|story| &story.pieces).flat_map(|piece| &piece.held);
                for (rule, _) in held {
                    self.out.note(words::rule(*rule, self.plan.options.manners.nagle));
                }
            }
            Event::Echoed(_) => {
                self.out.note(
                    "this system tells neither what left nor why: `tcpdump` shows the segments, and the simulated network tells \
                     all (--net)",
                );
            }
            Event::Failed { during, trouble, held, .. } => {
                if let Some((_, rule)) = held {
                    self.out.note(words::rule(*rule, self.plan.options.manners.nagle));
                }
                let (_, reason) = words::trouble(trouble, self.plan, *during);
                self.out.note(&reason);
            }
        }
    }

    /// Prints what comes last.
    pub(crate) fn finish(self, summary: &Summary) -> Result<(), Failure> {
        if self.out.is_json() {
            for step in &summary.own {
                self.out.json(&json::step("own", step))?;
            }
            for step in &summary.peer {
                self.out.json(&json::step("peer", step))?;
            }
            self.out.json(&json::summary(summary, &self.times))?;
        } else {
            if self.plan.draws_states {
                self.out.line("")?;
                let peer = Some(&*summary.peer).filter(|_| self.plan.is_simulated);
                for line in ladder::lines(&summary.own, peer, self.out.ascii()) {
                    self.out.line(&line)?;
                }
                if peer.is_none() {
                    self.out.note(
                        "a link socket saw the segments at this end, and this end's states follow from them (RFC 9293 section 3.3.2); \
                         what became of a segment on its way, and the other end, are not seen from here",
                    );
                }
            }
            self.out.line(&text::statistics(self.plan, summary, &self.times))?;
        }
        if self.plan.count_is_usual && summary.sent == u64::from(cli::PROBES) {
            self.out.note("four requests, since a simulated run has an end; -c gives another count");
        }
        Ok(())
    }
}
