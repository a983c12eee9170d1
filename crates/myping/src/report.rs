//! What a run shows: lines on standard output, the reasons beside them as notes on standard error.

use crate::answer::Foreign;
use crate::engine::{Event, LEAST_WAIT, Reply, Summary};
use crate::explain::Explained;
use crate::flags::{Myping, Plan};
use crate::json;
use crate::request::TIMESTAMP;
use crate::text::{self, Pace};
use crate::words;
use cli::{Failure, Output, RoundTrips};
use host::Host;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A line for each event.
    Lines,
    /// Only the first line and the statistics.
    Quiet,
    /// As quiet, and a dot for each request that is not answered yet.
    Dots,
}

/// The run's report, as it goes on.
pub(crate) struct Report<'a> {
    out: &'a mut Output,
    style: Style,
    /// Whether reasons are given as notes.
    explain: bool,
    target: String,
    plan: &'a Plan,
    flood: bool,
    times: RoundTrips,
    pace: Pace,
    /// What has been explained already, and by whom it was caused: a flood of it is not put in words each time.
    explained: BTreeSet<(Topic, IpAddr)>,
    /// What was drawn so far, if packets are drawn.
    drawn: Option<Explained>,
}

/// What needs an explanation once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    /// An ICMP error of this type and code.
    Error(u8, u8),
    Unsent,
    Reply,
    Duplicate,
    Late,
    Truncated,
    Corrupt,
}

impl<'a> Report<'a> {
    pub(crate) fn new(out: &'a mut Output, tool: &Myping, style: Style, plan: &'a Plan) -> Self {
        let drawn = out.explains().then(|| Explained::new(plan));
        Report {
            drawn,
            out,
            style,
            explain: !tool.quiet,
            target: tool.target(),
            plan,
            flood: tool.flood || plan.options.interval.is_zero(),
            times: RoundTrips::default(),
            pace: Pace::default(),
            explained: BTreeSet::new(),
        }
    }

    /// Prints what comes first.
    fn start(&mut self) -> Result<(), Failure> {
        match self.out.is_json() {
            true => self.out.json(&json::start(&self.target, self.plan))?,
            false => self.out.line(&text::start(&self.target, self.plan))?,
        }
        let size = self.plan.options.size;
        if self.explain && size < TIMESTAMP {
            self.note(&format!(
                "{size} bytes of data have no room for the time of sending ({TIMESTAMP} bytes); times are by this host's clock alone"
            ));
        }
        if self.explain
            && let Some(fragments) = words::fragments(&self.plan.asked)
        {
            self.note(&fragments);
        }
        Ok(())
    }

    /// Takes note of an event and shows it.
    pub(crate) fn hear(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        if let Event::Reply(reply) | Event::Late(reply) | Event::Truncated(reply) | Event::Corrupt(reply, _) = event {
            self.times.add(reply.rtt);
            self.pace.add(reply.rtt);
        }
        if let Some(drawn) = &mut self.drawn {
            drawn.show(self.out, self.plan, event)?;
        }
        match self.style {
            _ if matches!(event, Event::Start) => self.start()?,
            Style::Quiet => {}
            Style::Dots => self.dot(event)?,
            Style::Lines if self.out.is_json() => {
                if let Some(line) = json::line(event, &self.plan.asked) {
                    self.out.json(&line)?;
                }
            }
            Style::Lines => {
                if let Some(line) = text::line(event) {
                    self.out.line(&line)?;
                }
            }
        }
        if self.explain {
            self.explain(event);
        }
        Ok(())
    }

    /// A dot for each request, taken back by its answer: what stays is missing.
    fn dot(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Sent { .. } => self.out.raw("."),
            Event::Reply(_) | Event::Duplicate(_) | Event::Late(_) => self.out.raw("\u{8} \u{8}"),
            Event::Truncated(_) | Event::Corrupt(..) => self.out.raw("\u{8}C"),
            Event::Trouble { .. } => self.out.raw("\u{8}E"),
            Event::Unsent { .. } => self.out.raw("E"),
            Event::Start | Event::Advice { .. } | Event::Silence { .. } | Event::Foreign(_) => Ok(()),
        }
    }

    /// Why it happened, once for each topic and sender.
    fn explain(&mut self, event: &Event<'_>) {
        let (topic, from) = match event {
            Event::Trouble { error, .. } | Event::Advice { error, .. } => {
                (Topic::Error(error.kind, error.code), error.by)
            }
            Event::Unsent { .. } => (Topic::Unsent, self.plan.target),
            Event::Reply(reply) if self.out.verbose() => (Topic::Reply, reply.from),
            Event::Duplicate(reply) => (Topic::Duplicate, reply.from),
            Event::Late(reply) => (Topic::Late, reply.from),
            Event::Truncated(reply) => (Topic::Truncated, reply.from),
            Event::Corrupt(reply, _) => (Topic::Corrupt, reply.from),
            // Bytes that lie are told, and the run goes on; what is only somebody else's is for who asks.
            Event::Foreign(foreign) if self.out.verbose() || matches!(foreign, Foreign::Malformed(_)) => {
                return self.note(&foreign.to_string());
            }
            Event::Silence { sequence } if self.out.verbose() => {
                return self.note(&format!("request {sequence} was not answered in time"));
            }
            _ => return,
        };
        if !self.explained.insert((topic, from)) {
            return;
        }
        if let Some(reason) = self.reason(event) {
            self.note(&reason);
        }
    }

    fn reason(&self, event: &Event<'_>) -> Option<String> {
        let asked = &self.plan.asked;
        Some(match event {
            Event::Trouble { error, .. } | Event::Advice { error, .. } => words::reason(error, asked),
            Event::Unsent { error, .. } => words::reason_of_local(error, asked)?,
            Event::Reply(Reply { from, bytes, .. }) => words::came_in_fragments(asked, *from, *bytes)?,
            Event::Duplicate(Reply { from, .. }) => format!(
                "{from} answered a request more than once: a packet was doubled on its way, or two hosts have this address"
            ),
            Event::Late(Reply { from, .. }) => format!(
                "{from} answered after more than {} s (-W): late, and received as the answer to its own request",
                self.plan.wait().as_secs_f64()
            ),
            Event::Truncated(Reply { from, .. }) => {
                format!("{from} returned fewer bytes than were sent, and RFC 1122 section 3.2.2.6 asks for all of them")
            }
            Event::Corrupt(Reply { from, .. }, _) => {
                format!("{from} returned other bytes than were sent, under a checksum that is right for them")
            }
            _ => return None,
        })
    }

    /// Prints what comes last.
    pub(crate) fn finish(mut self, host: &mut dyn Host, summary: &Summary) -> Result<(), Failure> {
        let times = self.times.summary();
        if self.explain {
            self.explain_missing(summary);
        }
        if self.out.is_json() {
            self.out.json(&json::summary(summary, times.as_ref()))?;
        } else {
            let pace = self.flood.then_some(self.pace);
            self.out.line(&text::statistics(&self.target, summary, times.as_ref(), pace))?;
        }
        let drawn = self.drawn.as_ref();
        if let Some(verdict) = drawn.and_then(|drawn| drawn.silence(host, self.plan, &self.target, summary)) {
            self.out.verdict("myping", &verdict)?;
        }
        if self.plan.count_is_usual {
            self.note(cli::PROBES_NOTE);
        }
        Ok(())
    }

    /// Why answers are missing, as far as that can be known.
    fn explain_missing(&mut self, summary: &Summary) {
        if summary.received == 0 && summary.errors == 0 && summary.lost() > 0 {
            self.note(&words::silence(&self.plan.asked));
        }
        if summary.pending > 0 {
            let time = match self.times.count() {
                0 => format!("{} s", LEAST_WAIT.as_secs()),
                _ => "twice the longest round trip".into(),
            };
            self.note(&format!(
                "{} pending: sent less than {time} before the end, so that an answer may be on its way; not counted as lost",
                summary.pending
            ));
        }
    }

    fn note(&mut self, text: &str) {
        self.out.note(text);
    }
}
