//! What is printed of a list: each question as it is finished, and at the end how all of it went.

use super::Manner;
use super::flights::{Counts, Finished};
use crate::ask::{Foreign, Outcome, Reply};
use crate::json::{self, Line};
use crate::query::Wanted;
use crate::report;
use crate::servers::Server;
use crate::text;
use cli::{Failure, Output, RoundTrips, RttSummary, Verdict, milliseconds};
use host::Time;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use wire::dns::Rcode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// All was asked.
    Whole,
    /// By Ctrl-C.
    Interrupted,
}

/// Prints what comes, and counts it.
pub(super) struct Report<'a> {
    out: &'a mut Output,
    wanted: &'a Wanted,
    manner: Manner,
    server: &'a Server,
    answered: BTreeMap<Rcode, u64>,
    lost: u64,
    malformed: u64,
    times: RoundTrips,
    /// The first question of the list without an answer, and why.
    first_without: Option<(u64, report::Ended)>,
}

/// How all of it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) ended: &'static str,
    pub(crate) server: SocketAddr,
    pub(crate) questions: u64,
    pub(crate) sent: u64,
    pub(crate) answered: u64,
    pub(crate) rcodes: BTreeMap<String, u64>,
    pub(crate) again: u64,
    pub(crate) lost: u64,
    pub(crate) malformed: u64,
    pub(crate) foreign: u64,
    pub(crate) by_tcp: u64,
    pub(crate) pending: u64,
    pub(crate) span: Duration,
    pub(crate) rtt: Option<RttSummary>,
}

impl<'a> Report<'a> {
    pub(super) fn new(wanted: &'a Wanted, manner: Manner, server: &'a Server, out: &'a mut Output) -> Self {
        Self {
            out,
            wanted,
            manner,
            server,
            answered: BTreeMap::new(),
            lost: 0,
            malformed: 0,
            times: RoundTrips::default(),
            first_without: None,
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        if self.manner.quiet { Ok(()) } else { self.out.flush() }
    }

    /// A question has come to its end.
    pub(super) fn finished(&mut self, finished: &Finished) -> Result<(), Failure> {
        let ended = report::Ended::of(&finished.outcome);
        match &finished.outcome {
            Outcome::Reply(reply) => {
                *self.answered.entry(reply.message.rcode()).or_default() += 1;
                // Karn's rule, RFC 6298 section 3: which of the messages an answer is for, nobody knows.
                if finished.attempts == 1 {
                    self.times.add(reply.rtt);
                }
            }
            Outcome::Silence => self.lost += 1,
            Outcome::Malformed(_) => self.malformed += 1,
        }
        if ended != report::Ended::Answer && self.first_without.is_none_or(|(first, _)| finished.number < first) {
            self.first_without = Some((finished.number, ended));
        }
        if self.manner.quiet {
            return Ok(());
        }
        if self.out.is_json() {
            return self.out.json(&json::question(finished, ended));
        }
        let lines = match &finished.outcome {
            Outcome::Reply(reply) if finished.short => text::short(&reply.message),
            Outcome::Reply(reply) => self.block(reply),
            Outcome::Silence | Outcome::Malformed(_) => vec![without_answer(finished)],
        };
        if lines.is_empty() { Ok(()) } else { self.out.line(&lines.join("\n")) }
    }

    /// An answer as dig has it, and an empty line to part it from the next.
    fn block(&self, reply: &Reply) -> Vec<String> {
        let mut lines = text::message(&reply.message);
        lines.push(String::new());
        lines.extend(text::statistics(reply, self.server));
        if self.out.verbose() {
            lines.extend(text::told(&reply.message, reply.transport).iter().map(|sentence| format!(";; {sentence}")));
        }
        lines.push(String::new());
        lines
    }

    /// A message came that is not the answer to anything.
    pub(super) fn foreign(
        &mut self,
        at: Time,
        from: SocketAddr,
        bytes: usize,
        foreign: &Foreign,
    ) -> Result<(), Failure> {
        let words = cli::escape(&foreign.to_string());
        match (self.manner.quiet, self.out.is_json()) {
            (true, _) => Ok(()),
            (false, true) => self.out.json(&Line::Foreign { at_ns: at.0, from: Some(from), bytes, words }),
            (false, false) => self.out.line(&format!(";; not the answer ({bytes} bytes): {words}")),
        }
    }

    /// The summary. The exit status is that of the first question of the list that has no answer, if there is one.
    pub(super) fn end(self, ended: Ended, counts: &Counts, pending: u64, span: Duration) -> Result<Verdict, Failure> {
        let answered = self.answered.values().sum();
        let summary = Summary {
            ended: if ended == Ended::Whole { "whole" } else { "interrupted" },
            server: self.server.at,
            questions: answered + self.lost + self.malformed + pending,
            sent: counts.sent,
            answered,
            rcodes: self.answered.iter().map(|(rcode, count)| (rcode.to_string(), *count)).collect(),
            again: counts.again,
            lost: self.lost,
            malformed: self.malformed,
            foreign: counts.foreign,
            by_tcp: counts.by_tcp,
            pending,
            span,
            rtt: self.times.summary(),
        };
        if self.out.is_json() {
            self.out.json(&json::batch(&summary))?;
        } else {
            for line in summary.lines(&self.server.name) {
                // Data alone are for another program to read: what is about them goes where remarks go.
                match self.wanted.short {
                    true => self.out.note(&line),
                    false => self.out.line(&format!(";; {line}"))?,
                }
            }
        }
        Ok(match (self.first_without, ended) {
            (Some((_, why)), _) => why.verdict(self.wanted.exits),
            (None, Ended::Interrupted) => Verdict::No,
            (None, Ended::Whole) => Verdict::Yes,
        })
    }
}

fn without_answer(finished: &Finished) -> String {
    let question = &finished.question;
    let words = finished.words.as_deref().unwrap_or("no answer");
    let times = match finished.attempts {
        0 | 1 => String::new(),
        attempts => format!(", asked {attempts} times"),
    };
    format!(";; {question}: {words}{times}")
}

impl Summary {
    fn lines(&self, name: &str) -> Vec<String> {
        let Self { server, questions, sent, answered, again, lost, foreign, .. } = self;
        let mut lines = vec![
            format!(
                "{questions} {} to {}#{}({name}) in {} s: {} answers a second",
                if *questions == 1 { "question" } else { "questions" },
                server.ip(),
                server.port(),
                milliseconds(self.span / 1000),
                self.rate()
            ),
            format!(
                "sent {sent}, answered {answered}{}, sent again {again}, lost {lost}, not the answer {foreign}{}",
                self.rcodes(),
                self.more()
            ),
        ];
        lines.extend(self.rtt.map(|rtt| {
            let [min, p50, p95, max] =
                [rtt.min_ns, rtt.p50_ns, rtt.p95_ns, rtt.max_ns].map(|nanos| milliseconds(Duration::from_nanos(nanos)));
            format!("rtt min/p50/p95/max = {min}/{p50}/{p95}/{max} ms")
        }));
        lines
    }

    /// Answers a second, to one decimal where they are few.
    fn rate(&self) -> String {
        let seconds = self.span.as_secs_f64();
        let answered = f64::from(u32::try_from(self.answered).unwrap_or(u32::MAX));
        match answered / seconds {
            rate if !rate.is_finite() => "0".into(), // a run that takes no time has no rate
            rate if rate < 100.0 => format!("{rate:.1}"),
            rate => format!("{rate:.0}"),
        }
    }

    fn rcodes(&self) -> String {
        let each: Vec<String> = self.rcodes.iter().map(|(rcode, count)| format!("{rcode} {count}")).collect();
        if each.is_empty() { String::new() } else { format!(" ({})", each.join(", ")) }
    }

    /// What is seldom, and told where it is not zero.
    fn more(&self) -> String {
        let more = [(self.by_tcp, "by TCP"), (self.malformed, "no message"), (self.pending, "still on their way")];
        more.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {what} {count}")).collect()
    }
}
