//! Many handshakes one after the other, each opened: what one takes.

use crate::connect::{Call, Client};
use crate::facts::Facts;
use crate::opened::{Opened, OpenedRecord, Protection};
use crate::secrets::Secrets;
use crate::{Recording, Side};
use cli::{Failure, Output, RoundTrips, RttSummary, style};
use host::{Host, Time};
use std::time::Duration;

/// What so many handshakes took.
pub(crate) struct Repeated {
    /// Of the last one.
    facts: Facts,
    /// Of how many all was opened, and found right.
    opened: u64,
    tcp: RoundTrips,
    tls: RoundTrips,
    took: Duration,
}

/// A handshake of many that went wrong, with its secrets.
pub(crate) struct Broken {
    pub(crate) recording: Recording,
    pub(crate) secrets: Secrets,
    pub(crate) error: tls_stream::Error,
}

/// Makes and opens `count` handshakes; ends with the first that fails.
///
/// # Errors
/// What kept TCP from connecting.
pub(crate) fn repeat(
    host: &mut dyn Host,
    client: &Client,
    call: &Call,
    count: u32,
) -> Result<Result<Repeated, Box<Broken>>, host::Error> {
    let begun = host.now();
    let (mut tcp, mut tls) = (RoundTrips::default(), RoundTrips::default());
    let (mut last, mut opened) = (None, 0);
    for _ in 0..count {
        let made = client.connect(host, call)?;
        let secrets = client.take_secrets();
        if let Some(error) = made.failed {
            return Ok(Err(Box::new(Broken { recording: made.recording, secrets, error })));
        }
        let all = Opened::of(&made.recording, &secrets);
        opened += u64::from(is_whole(&all));
        tcp.add(made.connected);
        tls.add(lasted(&made.recording));
        last = Some((all, made.recording));
    }
    let took = host.now() - begun;
    let facts = last.map(|(all, recording)| Facts::of(&all, &recording)).unwrap_or_default();
    Ok(Ok(Repeated { facts, opened, tcp, tls, took }))
}

/// Whether every record is legible, and the Finished of both ends right.
fn is_whole(opened: &Opened) -> bool {
    let is_right = |side| opened.messages().any(|(from, _, message)| from == side && message.is_right == Some(true));
    let is_legible = |record: &OpenedRecord| !matches!(record.protection, Protection::Closed(_));
    opened.records.iter().all(is_legible) && is_right(Side::Client) && is_right(Side::Server)
}

/// From the first byte of TLS to the last.
fn lasted(recording: &Recording) -> Duration {
    let at = |flight: Option<&crate::Flight>| flight.map_or(Time::START, |flight| flight.at);
    at(recording.flights.last()) - at(recording.flights.first())
}

impl Repeated {
    /// How many in a second, to the nearest.
    fn per_second(&self) -> u128 {
        let nanoseconds = self.took.as_nanos().max(1);
        (u128::from(self.tls.count()) * 1_000_000_000 + nanoseconds / 2) / nanoseconds
    }

    pub(crate) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let [tcp, tls] = [&self.tcp, &self.tls].map(RoundTrips::summary);
        let Self { facts, opened, took, .. } = self;
        if out.is_json() {
            return out.json(&Line {
                event: "repeated",
                handshakes: self.tls.count(),
                opened: *opened,
                took_ns: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
                tcp,
                tls,
                version: facts.version.map(|version| version.to_string()),
                cipher_suite: facts.suite.map(|suite| suite.to_string()),
                group: facts.group.map(|group| group.to_string()),
                client_bytes: facts.bytes.client,
                server_bytes: facts.bytes.server,
            });
        }
        let count = self.tls.count();
        let s = if count == 1 { "" } else { "s" };
        let what = [
            facts.version.map(|it| it.to_string()),
            facts.suite.map(|it| it.to_string()),
            facts.group.map(|it| it.to_string()),
        ];
        let what: Vec<String> = what.into_iter().flatten().collect();
        let head = format!("{count} handshake{s} of {}", what.join(", "));
        out.line(&out.paint(style::TITLE, &head))?;
        out.line(&format!(
            "in {} ms, one after the other and {} opened: {} a second",
            cli::three_digits(*took),
            if *opened == count { "each".to_string() } else { format!("{opened} of them") },
            self.per_second()
        ))?;
        for (name, summary) in [("TCP", tcp), ("TLS", tls)] {
            if let Some(summary) = summary {
                let [p50, p99] = [summary.p50_ns, summary.p99_ns].map(|ns| cli::milliseconds(Duration::from_nanos(ns)));
                out.line(&format!("{name}  half within {p50} ms, 99 of 100 within {p99} ms"))?;
            }
        }
        let (client, server) = (facts.bytes.client, facts.bytes.server);
        out.line(&format!("the last one took {client} bytes of the client and {server} of the server"))
    }
}

/// The one line in JSON.
#[derive(Debug, serde::Serialize)]
struct Line {
    event: &'static str,
    handshakes: u64,
    opened: u64,
    took_ns: u64,
    tcp: Option<RttSummary>,
    tls: Option<RttSummary>,
    version: Option<String>,
    cipher_suite: Option<String>,
    group: Option<String>,
    client_bytes: usize,
    server_bytes: usize,
}
