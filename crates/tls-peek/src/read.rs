//! `tls-peek read`: the TLS of a capture, opened as far as there are secrets for it.
//!
//! ```console
//! $ tls-peek --demo --pcap demo.pcapng
//! $ tls-peek read demo.pcapng
//! ```
//!
//! The order to read in: `streams` (TCP connections out of packets), this file (which of them is shown, and what opens it).
//!
//! Leaves out: TLS that begins in the middle of a connection (STARTTLS), and over UDP.

pub(crate) mod flags;
mod streams;

use crate::facts::Facts;
use crate::json;
use crate::opened::{Closed, Opened, Protection};
use crate::rsa::ServerKey;
use crate::secrets::Secrets;
use crate::view::{Shown, Views};
use cli::{Failure, Output, Verdict, escape, reason};
use flags::Read;
use host::Time;
use peel::capture::{Capture, Stop};
use peel::ends::{Ends, header, payload};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use streams::{Stream, Streams};
use wire::dissect::{Protocol, dissect_captured};
use wire::tcp::Tcp;

/// More bytes are in no key log.
const MOST_KEYLOG: u64 = 1 << 26;

/// Runs `tls-peek read`.
pub(crate) fn run(flags: &Read, out: &mut Output) -> Result<Verdict, Failure> {
    let views = flags.seen.views(out.explains());
    let name = if flags.file == "-" { "standard input".into() } else { format!("'{}'", escape(&flags.file)) };
    let mut secrets = Secrets::default();
    if let Some(path) = &flags.keylog {
        let text = text(path, "key log")?;
        secrets = Secrets::read(&text);
        if secrets.is_empty() {
            return Err(Failure::said(format!("'{}' holds no secrets", escape(&path.to_string_lossy())))
                .hint("a line of a key log is LABEL CLIENT_RANDOM SECRET, the last two in hexadecimal (RFC 9850)"));
        }
    }
    let key = flags.server_key.as_deref().map(ServerKey::read).transpose()?;
    let streams = match flags.file.as_str() {
        "-" => gather(io::stdin().lock(), &name, &mut secrets, out)?,
        file => {
            let opened =
                File::open(file).map_err(|error| Failure::said(format!("cannot open {name}: {}", reason(&error))))?;
            gather(opened, &name, &mut secrets, out)?
        }
    };
    let tls: Vec<(usize, &Stream)> = streams.all.iter().enumerate().filter(|(_, stream)| stream.is_tls()).collect();
    let chosen = match (flags.stream, &tls[..]) {
        (Some(number), _) => {
            let index = usize::try_from(number).unwrap_or(usize::MAX);
            let Some(stream) = streams.all.get(index) else {
                let all = streams.all.len();
                let has = if all == 1 { "1 TCP connection".into() } else { format!("{all} TCP connections") };
                return Err(Failure::said(format!("no connection {number}: {name} has {has}"))
                    .hint("they are numbered from 0; without --stream those with TLS are listed"));
            };
            if !stream.is_tls() {
                out.note(&format!("connection {number} has no TLS in it"));
                return Ok(Verdict::No);
            }
            Some((index, stream))
        }
        (None, []) => {
            let all = streams.all.len();
            let among = match all {
                0 => "no TCP connection".into(),
                1 => "1 TCP connection, without TLS".into(),
                _ => format!("{all} TCP connections, all without TLS"),
            };
            out.note(&format!("there is no TLS in {name}: it has {among}"));
            return Ok(Verdict::No);
        }
        (None, [(number, stream)]) => Some((*number, *stream)),
        (None, _) => None,
    };
    match chosen {
        Some((number, stream)) => one(number, stream, secrets, key.as_ref(), views, out)?,
        None => list(&tls, &secrets, key.as_ref(), out)?,
    }
    Ok(Verdict::Yes)
}

/// The connections of a capture; what secrets stand in it come to `secrets`.
fn gather(reader: impl io::Read, name: &str, secrets: &mut Secrets, out: &mut Output) -> Result<Streams, Failure> {
    let failure = |stop: Stop| match stop {
        Stop::Fault(fault) => {
            let failure = Failure::said(format!("{name} {fault}"));
            fault.hint().into_iter().fold(failure, Failure::hint)
        }
        Stop::Unreadable(error) => Failure::said(format!("cannot read {name}: {}", reason(&error))),
    };
    let mut capture = Capture::open(reader).map_err(failure)?;
    let mut streams = Streams::default();
    let (mut begun, mut now, mut given) = (None, Time(0), 0);
    loop {
        let record = match capture.next_packet() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            // What came before is good.
            Err(stop @ Stop::Fault(_)) if given > 0 => {
                let Failure::Said { error, .. } = failure(stop) else { break };
                out.note(&format!("{error}; what comes before that is shown"));
                break;
            }
            Err(stop) => return Err(failure(stop)),
        };
        given = record.number;
        if let Some(at) = record.packet.at {
            let begun = *begun.get_or_insert(at);
            now = Time(u64::try_from(at.since(begun)).unwrap_or(now.0));
        }
        let Some(link) = record.link() else { continue };
        let length = record.packet.original_len as usize;
        let packet = dissect_captured(record.packet.bytes, length, link);
        let ends = Ends::of(&packet);
        let layer = packet.layers().find(|layer| layer.protocol() == Protocol::Tcp && !layer.is_quoted());
        if let (Some(layer), Some([from, to]), Some([from_port, to_port])) = (layer, ends.addresses, ends.ports)
            && let Ok((tcp, _)) = Tcp::take(header(&packet, layer))
        {
            let [from, to] = [SocketAddr::new(from, from_port), SocketAddr::new(to, to_port)];
            streams.hear(now, from, to, &tcp, payload(&packet, layer));
        }
    }
    secrets.extend(Secrets::read(&String::from_utf8_lossy(capture.key_log())));
    Ok(streams)
}

/// A text file of the command line.
fn text(path: &Path, what: &str) -> Result<String, Failure> {
    let shown = escape(&path.to_string_lossy());
    let failed = |why: &str| Failure::said(format!("cannot read the {what} '{shown}': {why}"));
    let len = std::fs::metadata(path).map_err(|error| failed(&reason(&error)))?.len();
    if len > MOST_KEYLOG {
        return Err(failed(&format!("{len} bytes are more than the {MOST_KEYLOG} that are read")));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(&reason(&error)))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Shows one connection.
fn one(
    number: usize,
    stream: &Stream,
    mut secrets: Secrets,
    key: Option<&ServerKey>,
    views: Views,
    out: &mut Output,
) -> Result<(), Failure> {
    let recording = stream.recording();
    let yielded = key.map(|key| key.open(&recording, &mut secrets));
    let opened = Opened::of(&recording, &secrets);
    let shown =
        Shown { recording: &recording, opened: &opened, timed: true, connected: stream.connected(), talk: None };
    if out.is_json() {
        json::print_captured(&shown, views, out)?;
    } else {
        let [client, server] = stream.sides();
        out.line(&format!("connection {number}: {client} to {server}"))?;
        shown.print(views, None, out)?;
    }
    for (side, missing, behind) in stream.missing() {
        out.note(&format!(
            "{missing} bytes of the {side} are missing in the capture, behind its first {behind}; what comes behind them is not \
             read"
        ));
    }
    if !stream.is_whole() {
        out.note("the beginning of the connection is not in the capture");
    }
    if stream.is_cut {
        out.note("the connection is too long: not all of it is read");
    }
    match yielded {
        Some(yielded) if out.is_json() => out.note(&yielded.to_string()),
        Some(yielded) => out.line(&yielded.to_string())?,
        None if is_sealed(&opened) => out.note(
            "there are no secrets for this connection: so it looks for everybody on the path; --keylog FILE opens it",
        ),
        None => {}
    }
    Ok(())
}

fn is_sealed(opened: &Opened) -> bool {
    opened.records.iter().any(|record| record.protection == Protection::Closed(Closed::NoSecret))
}

/// A line for each connection with TLS.
fn list(
    streams: &[(usize, &Stream)],
    secrets: &Secrets,
    key: Option<&ServerKey>,
    out: &mut Output,
) -> Result<(), Failure> {
    for (number, stream) in streams {
        let recording = stream.recording();
        let mut secrets = secrets.clone();
        if let Some(key) = key {
            key.open(&recording, &mut secrets);
        }
        let opened = Opened::of(&recording, &secrets);
        let facts = Facts::of(&opened, &recording);
        let [client, server] = stream.sides();
        if out.is_json() {
            out.json(&json::connection(*number, [client, server], &facts, !is_sealed(&opened)))?;
            continue;
        }
        let mut words = vec![];
        if let (Some(version), Some(suite)) = (facts.version, facts.suite) {
            words.push(format!("{version}, {suite}: {}", facts.kind()));
        }
        words.extend(facts.server_name.iter().map(|name| format!("asked for {name}")));
        words.push(if is_sealed(&opened) { "sealed" } else { "opened" }.into());
        out.line(&format!("{number:>3}  {client} to {server}  {}", words.join("; ")))?;
    }
    if !out.is_json() {
        out.note("--stream N shows one of them");
    }
    Ok(())
}
