//! `+cache`: the same question once more, answered from what was kept of the first answer.
//!
//! What is kept, for how long, and what is left of it is decided by [`names::Cache`]. In the simulated network the time
//! between passes at once.

use crate::json::{self, Line};
use crate::query::Wanted;
use crate::report::{Ended, Report};
use crate::{text, trace};
use cli::{Failure, Verdict};
use host::{Host, Time};
use names::{Cache, Found};
use std::time::Duration;
use wire::dns::{Message, Rcode, Record};

/// How many sets of records are kept.
const MOST: usize = 10_000;

/// A cache with room for what one walk may learn.
pub(crate) fn cache() -> Cache {
    Cache::new(MOST)
}

/// The cache's time.
pub(crate) fn time(host: &dyn Host) -> Duration {
    host.now() - Time::START
}

/// Keeps what a server that was asked without a walk has answered.
pub(crate) fn keep(cache: &mut Cache, wanted: &Wanted, message: &Message, now: Duration) {
    // RFC 2181 section 9: an answer that was cut is of no use to anybody later.
    if !message.header.tc {
        cache.keep(&wanted.question, message.rcode(), &message.answers, &message.authorities, now);
    }
}

/// Waits for `pause`, and shows what the cache then has for the question; `None`: it must be asked again.
pub(crate) fn after(
    pause: Duration,
    wanted: &Wanted,
    cache: &Cache,
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<Option<Found>, Failure> {
    let until = host.now() + pause;
    report.out.flush()?;
    host.sleep(until)?;
    let found = cache.find(&wanted.question, time(host));
    if report.out.is_json() {
        report.out.json(&line(host.now(), found.as_ref()))?;
    } else if wanted.short {
        report.lines(found.iter().flat_map(|found| &found.answers).map(data).collect())?;
    } else {
        let question = &wanted.question;
        report.out.line(&format!(
            ";; {} s later, again: {} {}",
            pause.as_secs_f64(),
            question.qname,
            question.qtype
        ))?;
        match &found {
            Some(found) => report.lines(lines(found))?,
            None => {
                report.out.line(";; nothing is kept of the answer: its time to live is over, or it never had one")?;
                report.out.line("")?;
            }
        }
    }
    Ok(found)
}

/// The end, where the cache had the answer.
pub(crate) fn end(found: &Found, wanted: &Wanted, report: &mut Report<'_>) -> Result<Verdict, Failure> {
    trace::finish(found.rcode, &found.answers, &found.authorities, wanted, report)
}

fn data(record: &Record) -> String {
    cli::escape(&record.rdata.to_string())
}

fn lines(found: &Found) -> Vec<String> {
    let mut lines: Vec<String> = found.answers.iter().chain(&found.authorities).map(text::record).collect();
    let what = match (found.authorities.is_empty(), found.rcode) {
        (true, _) => "the answer",
        (false, Rcode::NXDOMAIN) => "that there is no such name",
        (false, _) => "that the name has no such records",
    };
    let rule = match found.authorities.is_empty() {
        true => "its TTL, RFC 1035 section 3.2.1",
        false => "the lesser of the SOA record's TTL and its MINIMUM, RFC 2308 section 5",
    };
    let (age, left) = (found.age.as_secs_f64(), found.left.as_secs_f64());
    lines.push(format!(";;    {what}, from the cache: nobody was asked"));
    lines.push(format!(";;    kept for {age:.3} s, and for {left:.3} s more ({rule})"));
    lines.push(String::new());
    lines
}

fn line(at: Time, found: Option<&Found>) -> Line<'_> {
    let outcome = found.map(|found| Ended::of_message(found.rcode, found.authorities.is_empty()).name());
    Line::Cached {
        at_ns: at.0,
        outcome,
        age_ns: found.map(|found| json::nanos(found.age)),
        left_ns: found.map(|found| json::nanos(found.left)),
        answers: found.map(|found| json::Records(&found.answers)),
        authorities: found.map(|found| json::Records(&found.authorities)),
    }
}
