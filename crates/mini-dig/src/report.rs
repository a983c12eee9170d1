//! What a user sees of a question: events as they come, the answer, the end.

use crate::ask::{Event, Outcome, Reply};
use crate::explain::Explained;
use crate::query::Wanted;
use crate::servers::Server;
use crate::{json, text};
use cli::{Failure, Output, Verdict, milliseconds};
use host::Time;
use wire::dns::{Message, Rcode};

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Answer,
    NxDomain,
    NoData,
    Referral,
    ServFail,
    Refused,
    Silence,
    Malformed,
    OtherError,
}

impl Ended {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Reply(reply) if text::refers(&reply.message) => Self::Referral,
            Outcome::Reply(reply) => Self::of_message(reply.message.rcode(), !reply.message.answers.is_empty()),
            Outcome::Silence => Self::Silence,
            Outcome::Malformed(_) => Self::Malformed,
        }
    }

    pub(crate) fn of_message(rcode: Rcode, has_answer: bool) -> Self {
        match rcode {
            Rcode::NOERROR if has_answer => Self::Answer,
            Rcode::NOERROR => Self::NoData,
            Rcode::NXDOMAIN => Self::NxDomain,
            Rcode::SERVFAIL => Self::ServFail,
            Rcode::REFUSED => Self::Refused,
            _ => Self::OtherError,
        }
    }

    /// As `--json` has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::NxDomain => "nxdomain",
            Self::NoData => "nodata",
            Self::Referral => "referral",
            Self::ServFail => "servfail",
            Self::Refused => "refused",
            Self::Silence => "timeout",
            Self::Malformed => "malformed",
            Self::OtherError => "error",
        }
    }

    /// The exit status, which tells more where `+exit` was given.
    pub(crate) fn verdict(self, exits: bool) -> Verdict {
        match self {
            Self::Answer => Verdict::Yes,
            _ if !exits => Verdict::No,
            Self::NxDomain => Verdict::Because(10),
            Self::NoData => Verdict::Because(11),
            Self::ServFail => Verdict::Because(12),
            Self::Refused => Verdict::Because(13),
            Self::Silence => Verdict::Because(14),
            Self::Malformed => Verdict::Because(15),
            Self::OtherError => Verdict::Because(16),
            Self::Referral => Verdict::Because(17),
        }
    }
}

/// Prints what happens.
pub(crate) struct Report<'a> {
    pub(crate) out: &'a mut Output,
    wanted: &'a Wanted,
    explained: Explained,
    queries: u32,
    foreign: u32,
    /// Who answered, and who did not in time.
    answered: Vec<String>,
    silent: Vec<String>,
    /// Who was asked and has not answered yet, and when.
    waiting: Option<(String, Time)>,
    /// Whether answers are shown elsewhere: a trace tells each in its own words.
    pub(crate) is_trace: bool,
}

impl<'a> Report<'a> {
    pub(crate) fn new(wanted: &'a Wanted, out: &'a mut Output) -> Self {
        Self {
            out,
            wanted,
            explained: Explained::new(),
            queries: 0,
            foreign: 0,
            answered: vec![],
            silent: vec![],
            waiting: None,
            is_trace: false,
        }
    }

    /// Counts, and notes who is waited for.
    fn count(&mut self, server: &Server, event: &Event<'_>) {
        let name = || format!("{}#{}({})", server.at.ip(), server.at.port(), server.name);
        match event {
            Event::Sent { at, .. } => {
                self.queries += 1;
                self.waiting = Some((name(), *at));
            }
            Event::Foreign { .. } => self.foreign += 1,
            Event::Reply(_) => {
                self.waiting = None;
                self.answered.push(name());
            }
            Event::Silence { .. } | Event::Trouble { .. } | Event::Failed { .. } => {
                self.waiting = None;
                self.silent.push(name());
            }
            Event::Truncated { .. } => {}
        }
    }

    /// The end by Ctrl-C: what was asked, and who has not answered.
    pub(crate) fn interrupted(&mut self, now: Time) -> Result<Verdict, Failure> {
        let Self { queries, foreign, .. } = *self;
        let mut told = vec![format!(
            "interrupted after {} s: {queries} {} sent, {} answered",
            milliseconds((now - Time::START) / 1000),
            if queries == 1 { "question" } else { "questions" },
            self.answered.len()
        )];
        if !self.answered.is_empty() {
            told.push(format!("answered: {}", self.answered.join(", ")));
        }
        let waiting = self
            .waiting
            .iter()
            .map(|(server, since)| format!("{server}, waited for since {} s", milliseconds((now - *since) / 1000)));
        let silent: Vec<String> = self.silent.iter().cloned().chain(waiting).collect();
        if !silent.is_empty() {
            told.push(format!("no answer: {}", silent.join(", ")));
        }
        if self.out.is_json() {
            self.out.json(&json::interrupted(told.join("; "), queries, foreign))?;
        } else {
            self.lines(told.iter().map(|line| format!(";; {line}")).collect())?;
        }
        Ok(Verdict::No)
    }

    pub(crate) fn event(&mut self, server: &Server, event: &Event<'_>) -> Result<(), Failure> {
        self.count(server, event);
        if self.out.is_json() {
            return self.out.json(&json::line(server, event));
        }
        if self.out.explains() {
            self.explained.show(self.out, server, event)?;
        }
        let to = format!("{}#{}", server.at.ip(), server.at.port());
        match event {
            Event::Sent { .. } => Ok(()),
            Event::Foreign { bytes, foreign, .. } => {
                let what = cli::escape(&foreign.to_string());
                self.out.line(&format!(";; not the answer ({} bytes): {what}", bytes.len()))
            }
            Event::Truncated { .. } => self.out.line(";; Truncated, retrying in TCP mode."),
            Event::Trouble { error, .. } => {
                let what = cli::explain::error_title(error.kind, error.code);
                self.out.line(&format!(";; communications error to {to}: {what}, says {}", error.by))
            }
            Event::Failed { transport, error } => self
                .out
                .line(&format!(";; communications error to {to} by {transport}: {}", cli::escape(&error.to_string()))),
            Event::Silence { waited, .. } => {
                let seconds = waited.as_secs_f64();
                self.out.line(&format!(";; communications error to {to}: no answer in {seconds} s"))
            }
            Event::Reply(_) if self.is_trace => Ok(()),
            Event::Reply(reply) => self.reply(server, reply),
        }
    }

    fn reply(&mut self, server: &Server, reply: &Reply) -> Result<(), Failure> {
        if self.wanted.short {
            return self.lines(text::short(&reply.message));
        }
        self.lines(text::message(&reply.message))?;
        self.out.line("")?;
        self.lines(text::statistics(reply, server))?;
        if self.wanted.options.random_case {
            self.lines(text::random_case(&reply.message))?;
        }
        if self.out.verbose() {
            let told = text::told(&reply.message, reply.transport);
            self.lines(told.iter().map(|sentence| format!(";; {sentence}")).collect())?;
        }
        Ok(())
    }

    pub(crate) fn lines(&mut self, lines: Vec<String>) -> Result<(), Failure> {
        lines.iter().try_for_each(|line| self.out.line(line))
    }

    /// How it ended, and what the exit status is.
    pub(crate) fn end(&mut self, outcome: &Outcome) -> Result<Verdict, Failure> {
        match outcome {
            Outcome::Reply(reply) => self.finish(Ended::of(outcome), Some(&reply.message)),
            Outcome::Silence => {
                if !self.out.is_json() {
                    self.out.line(";; no servers could be reached")?;
                }
                self.finish(Ended::Silence, None)
            }
            Outcome::Malformed(_) => self.finish(Ended::Malformed, None),
        }
    }

    pub(crate) fn finish(&mut self, ended: Ended, message: Option<&Message>) -> Result<Verdict, Failure> {
        if self.out.is_json() {
            self.out.json(&json::summary(ended, message, self.queries, self.foreign))?;
        } else if self.foreign > 0 {
            let what = if self.foreign == 1 { "message was" } else { "messages were" };
            self.out.line(&format!(";; {} {what} not the answer to anything that was asked", self.foreign))?;
        }
        Ok(ended.verdict(self.wanted.exits))
    }
}
