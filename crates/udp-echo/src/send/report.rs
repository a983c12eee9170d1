//! What a run shows: lines on standard output, the reasons beside them as notes on standard error.

use super::engine::{Event, Foreign, Reply, Summary};
use super::explain::Explained;
use super::line::{Line, Way};
use super::plan::Plan;
use super::{json, text};
use crate::datagram::{MOST, SEQUENCE, STAMP};
use crate::flags::Send;
use crate::words::{self, HEADERS};
use cli::{Failure, Output, RoundTrips};
use host::Host;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What happened so often needs no more reasons.
const MOST_EXPLAINED: usize = 1000;

/// The run's report, as it goes on.
pub(crate) struct Report<'a> {
    out: &'a mut Output,
    quiet: bool,
    plan: &'a Plan,
    times: RoundTrips,
    /// What has been explained already, and by whom it was caused.
    explained: BTreeSet<(Topic, Option<IpAddr>)>,
    /// What was drawn so far, if datagrams are drawn.
    drawn: Option<Explained>,
}

/// What needs an explanation once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    /// An ICMP error of this type and code.
    Error(u8, u8),
    Unsent,
    Duplicate,
    Reordered,
    Late,
    Shortened,
    CutHere,
    Corrupt,
    Stranger,
}

impl<'a> Report<'a> {
    pub(crate) fn new(out: &'a mut Output, flags: &Send, plan: &'a Plan) -> Self {
        let drawn = out.explains().then(|| Explained::new(plan));
        Self { out, quiet: flags.quiet, plan, times: RoundTrips::default(), explained: BTreeSet::new(), drawn }
    }

    /// Takes note of an event and shows it.
    pub(crate) fn hear(&mut self, line: &Line, event: &Event<'_>) -> Result<(), Failure> {
        if let Event::Reply(reply) | Event::Late(reply) | Event::Truncated(reply) | Event::Corrupt(reply, _) = event {
            self.times.add(reply.rtt);
        }
        if *event == Event::Start {
            return self.start(line);
        }
        if self.quiet {
            return Ok(());
        }
        if let Some(drawn) = &mut self.drawn {
            drawn.show(self.out, self.plan, line, event)?;
        }
        if self.out.is_json() {
            if let Some(line) = json::line(event, self.plan, line.way()) {
                self.out.json(&line)?;
            }
        } else if let Some(line) = text::line(event, line) {
            self.out.line(&line)?;
        }
        self.explain(line, event);
        Ok(())
    }

    fn start(&mut self, line: &Line) -> Result<(), Failure> {
        match self.out.is_json() {
            true => self.out.json(&json::start(self.plan, line))?,
            false => self.out.line(&text::start(self.plan, line))?,
        }
        if self.quiet {
            return Ok(());
        }
        let notes = [self.about_way(line), self.about_room(), self.about_fragments()];
        notes.into_iter().flatten().for_each(|note| self.out.note(&note));
        Ok(())
    }

    /// What the socket is, where that matters before anything happened.
    fn about_way(&self, line: &Line) -> Option<String> {
        let (from, to) = (line.from(), line.to());
        match line.way() {
            Way::Spoofed(name) => Some(format!(
                "each datagram says that {name} sent it, and {to} has no way to know better: its answers go to {name} \
                 port {}, who never asked, and nothing comes back here (RFC 2827 has networks drop such datagrams \
                 where they enter)",
                from.port()
            )),
            Way::Connected if self.out.verbose() => Some(format!(
                "connected: only what {to} sends is received, and an ICMP error makes the next call fail \
                 (--explain=connected-udp)"
            )),
            Way::Unconnected if self.out.verbose() => Some(format!(
                "unconnected: what anybody sends to port {} is received, and errors only since this program asks for \
                 them (--explain=connected-udp)",
                from.port()
            )),
            Way::Connected | Way::Unconnected => None,
        }
    }

    /// What has no room in the data.
    fn about_room(&self) -> Option<String> {
        let bytes = self.plan.shortest();
        let data = if bytes == 1 { "1 byte of data has".to_string() } else { format!("{bytes} bytes of data have") };
        match bytes {
            0..SEQUENCE => Some(format!(
                "{data} no room for the number of a datagram ({SEQUENCE} bytes): an answer is taken for that to the \
                 oldest of its length, and whether answers came twice or in another order cannot be told"
            )),
            SEQUENCE..STAMP => Some(format!(
                "{data} no room for the time of sending ({STAMP} with the number); times are by this host's clock alone"
            )),
            _ => None,
        }
    }

    /// In which pieces the longest datagram leaves.
    fn about_fragments(&self) -> Option<String> {
        let size = self.plan.longest(MOST);
        let mtu = self.plan.first_link.filter(|_| !self.plan.uncut)?;
        let fragments = cli::fragments(size + HEADERS, mtu)?;
        let which =
            if self.plan.options.sizes.len() > 1 { "the longest datagram makes" } else { "each datagram makes" };
        Some(format!(
            "{which} a packet of {} bytes, which leaves as {fragments}; if one of them is lost, all is lost (RFC 8085 \
             section 3.2)",
            size + HEADERS
        ))
    }

    /// Why it happened, once for each topic and sender.
    fn explain(&mut self, line: &Line, event: &Event<'_>) {
        if let Event::Reply(reply) | Event::Late(reply) | Event::Truncated(reply) = event
            && let Some(earlier) = reply.behind
        {
            self.once(Topic::Reordered, None, || {
                format!(
                    "the echo of {} came after that of {earlier}: datagrams overtake each other, there or back, and \
                     UDP does not mend it",
                    reply.sequence
                )
            });
        }
        let plan = self.plan;
        match event {
            Event::Trouble { size, error, .. } => {
                self.once(Topic::Error(error.kind, error.code), Some(error.by), || {
                    let socket = match (words::errno(error), line.way()) {
                        (Some(errno), Way::Connected) => format!(
                            "; to a connected socket this is {errno}, and it is the next call that fails, not the send \
                             that went well"
                        ),
                        (Some(_), Way::Unconnected) => {
                            "; an unconnected socket is not told, unless its program asks as this one does: IP_RECVERR \
                             on Linux"
                                .into()
                        }
                        _ => String::new(),
                    };
                    words::reason(error, &plan.about(*size)) + &socket
                });
            }
            Event::Unsent { error, .. } => {
                if let Some(reason) = words::reason_of_local(error) {
                    self.once(Topic::Unsent, None, || reason);
                }
            }
            Event::Duplicate(Reply { from, .. }) => self.once(Topic::Duplicate, Some(from.ip()), || {
                format!(
                    "{from} was heard more than once about a datagram: it was doubled, there or back, and UDP does not \
                     mind"
                )
            }),
            Event::Late(Reply { from, .. }) => self.once(Topic::Late, Some(from.ip()), || {
                let wait = plan.options.wait.unwrap_or(super::engine::WAIT).as_secs_f64();
                format!(
                    "{from} answered after more than {wait} s (-W): late, and received as the answer to its own \
                     datagram"
                )
            }),
            Event::Truncated(reply) if reply.whole >= reply.sent_bytes => {
                self.once(Topic::CutHere, None, || cut_here(reply));
            }
            Event::Truncated(Reply { from, .. }) => self.once(Topic::Shortened, Some(from.ip()), || {
                format!("{from} returned fewer bytes than were sent; its own buffer may be too small for a datagram")
            }),
            Event::Corrupt(Reply { from, .. }, _) => self.once(Topic::Corrupt, Some(from.ip()), || {
                format!(
                    "{from} returned other bytes than were sent, and under a checksum that is right for them or was \
                     left out: it is no echo (RFC 862)"
                )
            }),
            Event::Foreign(foreign @ Foreign::OtherHost(from, _)) => {
                self.once(Topic::Stranger, Some(from.ip()), || foreign.to_string());
            }
            Event::Foreign(foreign) if self.out.verbose() => self.out.note(&foreign.to_string()),
            Event::Silence { sequence } if self.out.verbose() => {
                self.out.note(&format!("datagram {sequence} was not answered in time"));
            }
            _ => {}
        }
    }

    fn once(&mut self, topic: Topic, from: Option<IpAddr>, reason: impl FnOnce() -> String) {
        // Addresses can be made up, and so many as there are have no room here.
        if self.explained.len() < MOST_EXPLAINED && self.explained.insert((topic, from)) {
            self.out.note(&reason());
        }
    }

    /// Prints what comes last.
    pub(crate) fn finish(mut self, host: &mut dyn Host, summary: &Summary) -> Result<(), Failure> {
        let times = self.times.summary();
        if !self.quiet {
            self.explain_missing(summary);
        }
        match self.out.is_json() {
            true => self.out.json(&json::summary(summary, times.as_ref()))?,
            false => self.out.line(&text::statistics(self.plan, summary, times.as_ref()))?,
        }
        if let Some(verdict) = self.drawn.as_ref().and_then(|drawn| drawn.silence(host, self.plan, summary)) {
            self.out.verdict("udp-echo", &verdict)?;
        }
        if self.plan.count_is_usual {
            self.out.note("four datagrams, since a simulated run has an end; -c gives another count");
        }
        Ok(())
    }

    /// Why answers are missing, as far as that can be known.
    fn explain_missing(&mut self, summary: &Summary) {
        let is_spoofed = matches!(self.plan.way, Way::Spoofed(_));
        if summary.received == 0 && summary.errors == 0 && summary.lost() > 0 && !is_spoofed {
            let black_hole = ", or a router on the way finds them too long and does not say so (a black hole, RFC 2923 \
                              section 2.1): a smaller -s tells";
            self.out.note(&format!(
                "nobody answered and nobody said why: datagrams or answers were lost, a filter drops them without a \
                 word, or the program at that port has no answer{}; UDP itself acknowledges nothing",
                if self.plan.might_vanish() { black_hole } else { "" }
            ));
        }
        if summary.pending > 0 {
            let time = if self.times.count() == 0 { "1 s" } else { "twice the longest round trip" };
            self.out.note(&format!(
                "{} pending: sent less than {time} before the end, so that an answer may be on its way; not counted as \
                 lost",
                summary.pending
            ));
        }
    }
}

fn cut_here(reply: &Reply<'_>) -> String {
    let (read, whole) = (reply.data.len(), reply.whole);
    format!(
        "{whole} bytes came back and the buffer (--buffer) takes {read}: a program reads a datagram at once or not at \
         all, and the other {} are gone, where TCP would hand them over next",
        whole - read
    )
}
