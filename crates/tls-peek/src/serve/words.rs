//! What `serve` says of its clients.

use super::connection::Served;
use super::flags::Serve;
use super::http;
use crate::facts::Facts;
use crate::{Recording, Side};
use rustls::{Error, InvalidMessage, PeerIncompatible};
use std::net::{Ipv4Addr, SocketAddrV4};
use wire::tls::{Alert, AlertDescription, AlertLevel, RecordHeader};

/// Why a handshake came to nothing, in a sentence: what was wanted, and what came.
pub(super) fn failed(error: &Error, recording: &Recording) -> String {
    let began: Vec<u8> = bytes(recording).take(16).collect();
    match error {
        Error::InvalidMessage(_) if !RecordHeader::take(&began).is_ok_and(|(header, _)| header.is_plausible()) => {
            format!("what came is not TLS: it begins with \"{}\"", cli::escape_bytes(&began))
        }
        Error::InvalidMessage(InvalidMessage::MessageTooLarge) => "it sent a record that is too long".into(),
        Error::AlertReceived(alert) => {
            let alert = Alert { level: AlertLevel::FATAL, description: AlertDescription(u8::from(*alert)) };
            format!("it gave up with the alert {}: {}", alert.description, alert.words())
        }
        Error::NoApplicationProtocol => "it wants to speak something else inside: no ALPN in common".into(),
        Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        ) => "it does not speak this version of TLS".into(),
        Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => "no cipher suite in common".into(),
        Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon) => "no group in common".into(),
        Error::PeerIncompatible(why) => format!("it and this server have no TLS in common: {why:?}"),
        error => format!("TLS failed: {}", cli::escape(&error.to_string())),
    }
}

/// That a client closed its connection in the middle of the handshake.
pub(super) fn left(recording: &Recording) -> String {
    match recording.bytes(Side::Client) {
        0 => "it closed the connection without a word".into(),
        bytes => format!("it closed the connection in the handshake, after {bytes} bytes"),
    }
}

/// That a client's time is over.
pub(super) fn silent(is_established: bool, heard: usize) -> &'static str {
    match (is_established, heard) {
        (true, _) => "it asked nothing in time",
        (false, 0) => "it said nothing",
        (false, _) => "it said nothing more",
    }
}

fn bytes(recording: &Recording) -> impl Iterator<Item = u8> {
    let own = recording.flights.iter().filter(|flight| flight.from == Side::Client);
    own.flat_map(|flight| flight.bytes.iter().copied())
}

/// What came of a client, in one line.
pub(super) fn line(number: usize, served: &Served, facts: &Facts) -> String {
    let mut words = vec![];
    if let (Some(version), Some(suite)) = (facts.version, facts.suite) {
        let group = facts.group.map_or_else(String::new, |group| format!(", {group}"));
        words.push(format!("{version}, {suite}{group}: {}", facts.kind()));
    }
    if let Some(name) = &facts.server_name {
        words.push(format!("asked for {name}"));
    }
    if !served.request.is_empty() {
        words.push(format!("\"{}\"", http::first_line(&served.request)));
    }
    if served.early > 0 {
        words.push(format!("{} bytes of that early", served.early));
    }
    words.extend(served.failed.clone());
    format!("{number:>3}  {}  {}", served.from, words.join("; "))
}

/// Commands of clients that reach this server.
pub(super) fn to_try(flags: &Serve, at: SocketAddrV4, names: &[String]) -> Vec<String> {
    let ip = if at.ip().is_unspecified() { Ipv4Addr::LOCALHOST } else { *at.ip() };
    let at = SocketAddrV4::new(ip, at.port());
    let name = names.first().map(|name| quoted(name)).unwrap_or_default();
    let ca = flags.authority.as_ref().map(|path| quoted(&path.to_string_lossy()));
    let believing = |option: &str, otherwise: &str| {
        ca.as_ref().map_or_else(|| otherwise.to_string(), |ca| format!("{option} {ca}"))
    };
    vec![
        format!("tls-peek {at} --name {name} {} --get /", believing("--ca", "--insecure")),
        format!("openssl s_client -connect {at} -servername {name} {}", believing("-CAfile", "-brief")),
        format!("curl --connect-to ::{at} {} https://{name}/", believing("--cacert", "--insecure")),
    ]
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/:".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_string();
    }
    format!("'{}'", cli::escape(&word.replace('\'', "'\\''")))
}
