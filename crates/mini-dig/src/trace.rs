//! `+trace`: from the root down, server by server.
//!
//! Who is asked next, and whose word is taken for what, is decided by `names::Walk`. Here is what is told of it: which
//! server and why, where its address came from, how long it took and how many bytes came.

use crate::again;
use crate::ask::{self, Outcome, Reply};
use crate::query::Wanted;
use crate::report::{Ended, Report};
use crate::servers::Server;
use crate::{json, text};
use cli::{Failure, Verdict, milliseconds};
use host::Host;
use names::{Ask, Cache, Hint, Judged, Next, Origin, Unusable, Walk};
use serde::Serialize;
use std::net::IpAddr;
use std::time::Duration;
use wire::dns::{Message, Name, Question, Rcode, Record, Type};

/// A step, as `--json` has it.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "step")]
struct Step {
    number: u32,
    zone: String,
    server: String,
    address: IpAddr,
    origin: &'static str,
    question: String,
    for_server: Option<String>,
    rtt_ns: Option<u64>,
    bytes: Option<usize>,
    transport: Option<String>,
    judged: &'static str,
    words: String,
}

/// Walks from the root to the answer.
pub(crate) fn run(
    wanted: &Wanted,
    servers: &[Server],
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<Verdict, Failure> {
    report.is_trace = true;
    let hints = hints(wanted, servers, host, report)?;
    let mut cache = again::cache();
    let outcome = walk(Walk::new(wanted.question.clone(), &hints), wanted, &mut cache, host, report)?;
    let Some(pause) = wanted.cache else { return end(&outcome, wanted, report) };
    show(&outcome, wanted, report)?;
    if let Some(found) = again::after(pause, wanted, &cache, host, report)? {
        return again::end(&found, wanted, report);
    }
    // What was learnt of servers is kept longer than most answers: the walk begins where it ended.
    let known = cache.delegations(again::time(host));
    let next = known.into_iter().fold(Walk::new(wanted.question.clone(), &hints), Walk::knowing);
    let outcome = walk(next, wanted, &mut cache, host, report)?;
    end(&outcome, wanted, report)
}

/// Asks server by server until there is an end, and keeps what is learnt.
fn walk(
    mut walk: Walk,
    wanted: &Wanted,
    cache: &mut Cache,
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<names::Outcome, Failure> {
    let mut number = 0;
    loop {
        number += 1;
        match walk.next_step() {
            Next::Ask(ask) => step(number, &ask, &mut walk, cache, wanted, host, report)?,
            Next::End(outcome) => return Ok(outcome),
        }
    }
}

/// The servers of the root: the one that was named, or those that the host's own server tells of.
fn hints(
    wanted: &Wanted,
    servers: &[Server],
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<Vec<Hint>, Failure> {
    let Some(first) = servers.first() else { return Ok(vec![]) };
    if wanted.server.is_some() {
        let name = first.name.parse().unwrap_or_else(|_| Name::root());
        return Ok(vec![Hint { name, address: first.at.ip() }]);
    }
    let mut look_up = |question: Question| -> Result<Vec<Record>, Failure> {
        let query = wanted.query_for(host, question, true);
        match ask::ask(host, first.at, &query, &wanted.options, &mut |event| report.event(first, event))? {
            Outcome::Reply(reply) => Ok(reply.message.answers),
            _ => Ok(vec![]),
        }
    };
    let roots = look_up(Question::new(Name::root(), Type::NS))?;
    let mut hints = vec![];
    for name in roots.iter().filter_map(|record| record.rdata.target()) {
        let addresses = look_up(Question::new(name.clone(), Type::A))?;
        let found = addresses.iter().filter_map(|record| record.rdata.address());
        hints.extend(found.map(|address| Hint { name: name.clone(), address }));
    }
    if hints.is_empty() {
        return Err(Failure::said(format!("{} does not tell who serves the root", first.name))
            .hint("name a server to begin at, as in @198.51.100.2"));
    }
    if !report.out.is_json() && !wanted.short {
        let names: Vec<String> = hints.iter().map(|hint| format!("{} ({})", hint.name, hint.address)).collect();
        report.out.line(&format!(";; the root, as {} tells: {}", first.name, names.join(", ")))?;
        report.out.line("")?;
    }
    Ok(hints)
}

/// Asks one server.
fn step(
    number: u32,
    ask: &Ask,
    walk: &mut Walk,
    cache: &mut Cache,
    wanted: &Wanted,
    host: &mut dyn Host,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let server = Server { at: (ask.address, wanted.port).into(), name: called(ask) };
    let is_quiet = report.out.is_json() || wanted.short;
    if !is_quiet {
        report.out.line(&format!(";; {number}. {}", whom(ask)))?;
    }
    // Who is asked one after the other need not be asked for what others know: RFC 1034 section 5.3.3 asks without RD.
    let query = wanted.query_for(host, ask.question.clone(), false);
    let outcome = match ask.address {
        IpAddr::V4(_) => ask::ask(host, server.at, &query, &wanted.options, &mut |event| report.event(&server, event))?,
        IpAddr::V6(_) => Outcome::Silence,
    };
    let reply = match &outcome {
        Outcome::Reply(reply) => Some(&**reply),
        _ => None,
    };
    let judged = walk.heard(reply.map(|reply| &reply.message));
    if let Some(reply) = reply {
        keep(cache, ask, &reply.message, &judged, again::time(host));
    }
    if report.out.is_json() {
        return report.out.json(&told(number, ask, reply, &judged));
    }
    if is_quiet {
        return Ok(());
    }
    if let Some(reply) = reply {
        report.lines(shown(&reply.message).into_iter().map(text::record).collect())?;
    }
    report.out.line(&format!(";;    {}", verdict(&judged)))?;
    if let Judged::Referral { refused, .. } = &judged {
        for record in refused {
            let (name, address) = (&record.name, cli::escape(&record.rdata.to_string()));
            report.out.line(&format!(
                ";;    not taken: {name} {address}; it is outside of {}, and not that server's to tell (RFC 5452 section 6)",
                ask.zone
            ))?;
        }
    }
    if let Some(reply) = reply {
        let Reply { bytes, from, rtt, transport, .. } = reply;
        report.out.line(&format!(
            ";; Received {} bytes from {}#{}({}) in {} ms by {transport}",
            bytes.len(),
            from.ip(),
            from.port(),
            server.name,
            milliseconds(*rtt)
        ))?;
    }
    report.out.line("")
}

/// Keeps what a server may vouch for, which is what is within its zone: RFC 5452 section 6.
fn keep(cache: &mut Cache, ask: &Ask, message: &Message, judged: &Judged, now: Duration) {
    let own = |records: &[Record]| -> Vec<Record> {
        records.iter().filter(|record| record.name.is_within(&ask.zone)).cloned().collect()
    };
    let (answers, authorities) = (own(&message.answers), own(&message.authorities));
    match judged {
        Judged::Answer | Judged::Alias(_) | Judged::NoName | Judged::NoData => {
            cache.keep(&ask.question, message.rcode(), &answers, &authorities, now);
        }
        Judged::Referral { zone, .. } => {
            let of_zone = |record: &Record| record.name == *zone && record.rrtype() == Type::NS;
            let servers: Vec<Record> = authorities.into_iter().filter(of_zone).collect();
            cache.learn(&servers, &own(&message.additionals), now);
        }
        Judged::Unusable(_) => {}
    }
}

/// The records of an answer that a step shows: those that answer, or else those that lead on.
fn shown(message: &Message) -> Vec<&Record> {
    let without_edns = |record: &&Record| record.rrtype() != Type::OPT;
    match message.answers.is_empty() {
        true => message.authorities.iter().chain(message.additionals.iter().filter(without_edns)).collect(),
        false => message.answers.iter().collect(),
    }
}

/// Who is asked, and why just that one.
fn whom(ask: &Ask) -> String {
    let Ask { question, zone, address, origin, for_server, .. } = ask;
    let server = called(ask);
    let address = if server == address.to_string() { String::new() } else { format!("{address}, ") };
    let origin = match origin {
        Origin::Hint => "known beforehand".to_string(),
        Origin::Glue(by) => format!("glue from {by}"),
        Origin::Lookup => "asked for by its name".into(),
        Origin::Cache => "kept from before".into(),
    };
    let why = for_server.as_ref().map_or(String::new(), |server| format!(", to learn the address of {server}"));
    format!("ask {server} ({address}{origin}), who serves {zone}, for {} {}{why}", question.qname, question.qtype)
}

/// A server by its name; the root's, where only its address was given, by that.
fn called(ask: &Ask) -> String {
    let (name, address) = (ask.server.to_string(), ask.address.to_string());
    if name.strip_suffix('.') == Some(&address) { address } else { name }
}

/// What came of it.
fn verdict(judged: &Judged) -> String {
    match judged {
        Judged::Referral { zone, servers, with_glue, .. } => {
            let servers: Vec<String> = servers
                .iter()
                .map(|server| match with_glue.contains(server) {
                    true => format!("{server} (with glue)"),
                    false => format!("{server} (a name only)"),
                })
                .collect();
            format!("a referral: {zone} is served by {}", servers.join(", "))
        }
        Judged::Answer => "the answer, with authority".into(),
        Judged::Alias(name) => format!("an alias: the question goes on for {name}"),
        Judged::NoName => "with authority: there is no such name".into(),
        Judged::NoData => "with authority: the name has no such records".into(),
        Judged::Unusable(why) => match why {
            Unusable::Silence => "nobody answers: the next server is asked".into(),
            Unusable::Refused(Rcode::REFUSED) => "REFUSED: a lame server, which knows nothing of its zone".into(),
            Unusable::Refused(rcode) => format!("{rcode}: of no use, and the next server is asked"),
            Unusable::Upwards => "a referral that leads no further: a lame server".into(),
            Unusable::NotAuthoritative => "an answer without authority (aa is not set): a lame server".into(),
            Unusable::Circle => "an alias that leads back to where it was".into(),
        },
    }
}

fn told(number: u32, ask: &Ask, reply: Option<&Reply>, judged: &Judged) -> Step {
    Step {
        number,
        zone: ask.zone.to_string(),
        server: called(ask),
        address: ask.address,
        origin: match ask.origin {
            Origin::Hint => "hint",
            Origin::Glue(_) => "glue",
            Origin::Lookup => "lookup",
            Origin::Cache => "cache",
        },
        question: ask.question.to_string(),
        for_server: ask.for_server.as_ref().map(ToString::to_string),
        rtt_ns: reply.map(|reply| json::nanos(reply.rtt)),
        bytes: reply.map(|reply| reply.bytes.len()),
        transport: reply.map(|reply| reply.transport.to_string()),
        judged: match judged {
            Judged::Referral { .. } => "referral",
            Judged::Answer => "answer",
            Judged::Alias(_) => "alias",
            Judged::NoName => "nxdomain",
            Judged::NoData => "nodata",
            Judged::Unusable(_) => "unusable",
        },
        words: verdict(judged),
    }
}

/// What a walk has come to, beyond what its steps have shown.
fn show(outcome: &names::Outcome, wanted: &Wanted, report: &mut Report<'_>) -> Result<(), Failure> {
    if report.out.is_json() {
        return Ok(());
    }
    if wanted.short {
        return report.lines(outcome.answers.iter().map(|record| cli::escape(&record.rdata.to_string())).collect());
    }
    outcome.failed.map_or(Ok(()), |why| report.out.line(&format!(";; no answer: {why}")))
}

fn end(outcome: &names::Outcome, wanted: &Wanted, report: &mut Report<'_>) -> Result<Verdict, Failure> {
    show(outcome, wanted, report)?;
    finish(outcome.rcode, &outcome.answers, &outcome.authorities, wanted, report)
}

/// The summary of an answer that is no message of anybody.
pub(crate) fn finish(
    rcode: Rcode,
    answers: &[Record],
    authorities: &[Record],
    wanted: &Wanted,
    report: &mut Report<'_>,
) -> Result<Verdict, Failure> {
    let has_answer = answers.iter().any(|record| record.rrtype() == wanted.question.qtype)
        || wanted.question.qtype == Type::ANY && !answers.is_empty();
    let ended = Ended::of_message(rcode, has_answer);
    let header = wire::dns::Header::query(0, false);
    let (answers, authorities) = (answers.to_vec(), authorities.to_vec());
    let mut message = Message { answers, authorities, ..Message::new(header) };
    message.header.rcode = u8::try_from(rcode.0).unwrap_or_else(|_| u8::try_from(Rcode::SERVFAIL.0).unwrap_or(2));
    report.finish(ended, Some(&message))
}
