//! `tls-peek` opens a TLS handshake: not one that somebody recorded once, but the one that you just made. Every record, every
//! message, every key, and what somebody on the path sees of it.
//!
//! ```console
//! $ tls-peek --demo
//! $ tls-peek --demo --keys
//! $ tls-peek --demo --observer
//! ```
//!
//! Obeys RFC 8446 (TLS 1.3) and RFC 5246 (TLS 1.2), as one who listens to both ends: rustls makes the handshake, what passes is
//! recorded ([`Recording`]), the library tells its secrets ([`secrets`]), and all else is done here, step by step.
//!
//! The order to read in: [`schedule`] (from a secret to the bytes of a record), [`opened`] (a whole recording), [`facts`] (what it
//! came to), [`pair`] (both ends in memory), [`http`] (what is said inside), [`replay`] (a first flight sent twice), [`rsa`] (what a
//! server's key opens); then the commands: `serve` (the other end), `read` (captures), `dh` (how a secret is agreed on). The rest is
//! the command line: words, lines of text or JSON.

pub mod certificate;
mod compare;
pub mod connect;
#[cfg(test)]
mod damaged;
pub mod demo;
mod dh;
pub mod ends;
pub mod facts;
mod files;
mod flags;
pub mod http;
pub mod identity;
mod json;
mod lookup;
pub mod opened;
pub mod pair;
pub mod pcap;
mod plain;
mod read;
pub mod recording;
mod repeat;
pub mod replay;
pub mod rsa;
pub mod schedule;
pub mod schedule12;
pub mod secrets;
mod serve;
mod side;
mod view;
mod words;

pub use flags::TlsPeek;
pub use recording::{Flight, Recording};
pub use side::{Both, Side};

use cli::{Failure, Output, Session, Show, Tool, Verdict, World, style};
use compare::Compared;
use connect::{Call, Client};
use demo::Demo;
use flags::What;
use http::{Talk, Wanted};
use opened::Opened;
use replay::Replayed;
use secrets::Secrets;
use std::net::{SocketAddr, SocketAddrV4};
use tls_stream::Trust;
use view::Shown;

impl Tool for TlsPeek {
    const NAME: &'static str = "tls-peek";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn records(&self) -> bool {
        true
    }

    fn without_world(&self, out: &mut Output) -> Option<Result<Verdict, Failure>> {
        if let Some(what) = &self.what {
            return match (self.alone(what), what) {
                (Err(failure), _) => Some(Err(failure)),
                (Ok(()), What::Serve(_)) => None,
                (Ok(()), What::Read(read)) => Some(read::run(read, out)),
                (Ok(()), What::Dh(dh)) => Some(dh::run(dh, out)),
            };
        }
        self.demo.then(|| self.demo(out))
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        if let Some(What::Serve(serve)) = &self.what {
            return serve::run(serve, session);
        }
        let target = self.target.as_deref().unwrap_or_default();
        let usual = if self.plain { plain::PORT } else { wire::tls::HTTPS_PORT };
        let (host, port) = cli::name_and_port(target, usual)?;
        let address = lookup::address(session.host, host)?;
        cli::one_host(session.host, address, Self::NAME)?;
        let wanted = self.wanted((self.early_data || self.plain).then_some("/"))?;
        if self.plain {
            let name = tls_stream::server_name(self.name.as_deref().unwrap_or(host)).map_err(unusable)?;
            let talk = Talk::new(&wanted, &http::host(&name.to_str(), port, plain::PORT));
            return self.plain(session, target, SocketAddr::new(address.into(), port), &talk);
        }
        if self.insecure {
            session.out.note("any certificate is believed: nothing tells this server from somebody on the way");
        }
        let trust = Trust { file: self.ca.clone(), anybody: self.insecure };
        let client = Client::new(session.host, &self.wishes(), &trust).map_err(unusable)?;
        let call = Call {
            to: SocketAddr::new(address.into(), port),
            name: tls_stream::server_name(self.name.as_deref().unwrap_or(host)).map_err(unusable)?,
            wanted,
            early: self.early_data,
            timeout: self.timeout,
            stays: self.count.is_none(),
        };
        if let Some(count) = self.count {
            return match repeat::repeat(session.host, &client, &call, count) {
                Ok(Ok(repeated)) => repeated.print(&mut session.out).map(|()| Verdict::Yes),
                Ok(Err(broken)) => self.failed(&broken.recording, &broken.secrets, &broken.error, &mut session.out),
                Err(error) => unanswered(target, error, &mut session.out),
            };
        }
        if !self.compare.is_empty() {
            return self.compare(session, &trust, &call);
        }
        if self.resume || self.early_data {
            let first = match client.connect(session.host, &Call { early: false, ..call.clone() }) {
                Ok(first) => first,
                Err(error) => return unanswered(target, error, &mut session.out),
            };
            if let Some(error) = first.failed {
                return self.failed(&first.recording, &client.secrets(), &error, &mut session.out);
            }
        }
        let made = match client.connect(session.host, &call) {
            Ok(made) => made,
            Err(error) => return unanswered(target, error, &mut session.out),
        };
        let is_simulated = session.probes.is_some();
        let secrets = client.secrets();
        let at = match (made.local, call.to) {
            (Some(SocketAddr::V4(client)), SocketAddr::V4(server)) => Both { client, server },
            _ => pcap::nowhere(),
        };
        self.write(&made.recording, &secrets, (!is_simulated).then_some(&at), &mut session.out)?;
        match made.failed {
            Some(error) => self.failed(&made.recording, &secrets, &error, &mut session.out),
            None => {
                let opened = Opened::of(&made.recording, &secrets);
                let (recording, connected) = (&made.recording, Some(made.connected));
                let shown = Shown { recording, opened: &opened, timed: true, connected, talk: Some(&made.talk) };
                let fault = made.talk.fault.as_ref().map(ToString::to_string);
                self.print(&shown, fault.as_deref(), &mut session.out)?;
                if self.replay {
                    let flight = replay::first_flight(&made.recording);
                    let again = replay::over_tcp(session.host, call.to, &flight, connect::linger(made.connected))?;
                    replayed(&[("the server", again)], &mut session.out)?;
                }
                Ok(if fault.is_some() { Verdict::No } else { Verdict::Yes })
            }
        }
    }
}

/// A server with which there is no connection is an answer too, and others are no answers.
fn unanswered(target: &str, error: host::Error, out: &mut Output) -> Result<Verdict, Failure> {
    use host::Error::{Refused, Reset, TimedOut, Unreachable};
    match error {
        Refused | Reset | TimedOut | Unreachable { .. } => {
            out.note(&format!("no connection with {target}: {error}"));
            Ok(Verdict::No)
        }
        error => Err(error.into()),
    }
}

/// What became of early data that were sent again.
fn replayed(all: &[(&'static str, Replayed)], out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return all.iter().try_for_each(|(server, replayed)| out.json(&json::replayed(server, replayed)));
    }
    out.line("")?;
    out.line(&out.paint(style::TITLE, "the client's first flight again, by somebody on the path who has no key"))?;
    all.iter().try_for_each(|(server, replayed)| out.line(&format!("{server}: {}", replayed.words())))
}

/// What is asked where only the handshake matters.
fn one_page() -> Wanted {
    Wanted { requests: vec![http::Request { path: "/".into(), content: None }], pipelined: false }
}

/// What keeps a handshake from beginning.
fn unusable(error: tls_stream::Error) -> Failure {
    let failure = Failure::said(error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

impl TlsPeek {
    /// That nothing stands before a command but what is for all of them.
    fn alone(&self, what: &What) -> Result<(), Failure> {
        let (name, needs_world) = match what {
            What::Serve(_) => ("serve", true),
            What::Read(_) => ("read", false),
            What::Dh(_) => ("dh", false),
        };
        if let Some(option) = self.given() {
            return Err(Failure::said(format!("{option} stands before {name}, and is for a connection of one's own"))
                .hint(format!("what {name} takes stands behind it: `tls-peek {name} --help`")));
        }
        match self.world.given().filter(|_| !needs_world) {
            Some(option) => {
                Err(Failure::said(format!("{option} is for a network, and {name} needs none"))
                    .hint("leave one of both"))
            }
            None => Ok(()),
        }
    }

    fn demo(&self, out: &mut Output) -> Result<Verdict, Failure> {
        if let Some(option) = self.world.given().filter(|option| *option != "--pcap") {
            return Err(
                Failure::said(format!("{option} is for a network, and --demo needs none")).hint("leave one of both")
            );
        }
        if !self.compare.is_empty() {
            return self.compare_demo(out);
        }
        let demo = Demo::new(&self.wishes(), &rustls::crypto::ring::default_provider())?;
        let wanted = self.wanted(Some("/"))?;
        if self.resume || self.early_data {
            demo.connect(&wanted, false, None)?;
        }
        let (exchange, talk) = demo.connect(&wanted, self.early_data, self.flip)?;
        let secrets = demo.secrets();
        self.write(&exchange.recording, &secrets, Some(&pcap::nowhere()), out)?;
        let opened = Opened::of(&exchange.recording, &secrets);
        let talk = Some(&talk).filter(|_| exchange.is_established && exchange.given_up.is_none());
        let shown = Shown { recording: &exchange.recording, opened: &opened, timed: false, connected: None, talk };
        let failed = match &exchange.given_up {
            Some((by, error)) => Some(format!("the {by} gave up: {}", tls_stream::Error::from(error.clone()))),
            None if !exchange.is_established => Some("nothing more is said: each end waits for the other".into()),
            None => None,
        };
        self.print(&shown, failed.as_deref(), out)?;
        if self.replay {
            replayed(&demo.replay(&exchange.recording)?, out)?;
        }
        if let Some(flip) = self.flip.filter(|_| !exchange.is_flipped) {
            return Err(Failure::said(format!("no byte {} in a record {}", flip.byte, flip.record))
                .hint("records are numbered as in the list, and the five bytes of its header are 0 to 4"));
        }
        Ok(if failed.is_some() { Verdict::No } else { Verdict::Yes })
    }

    fn compare_demo(&self, out: &mut Output) -> Result<Verdict, Failure> {
        let mut all = vec![];
        for kind in self.compare.iter().copied() {
            let wishes = kind.wishes(&self.wishes());
            let demo = Demo::new(&wishes, &rustls::crypto::ring::default_provider())?;
            if kind.needs_another() {
                demo.connect(&one_page(), false, None)?;
            }
            let (exchange, _) = demo.connect(&one_page(), wishes.early_data, None)?;
            let failed = exchange.given_up.map(|(_, error)| tls_stream::Error::from(error).to_string());
            all.push(Compared { kind, recording: exchange.recording, secrets: demo.secrets(), failed });
        }
        compare::print(&all, out)?;
        Ok(if all.iter().all(|compared| compared.failed.is_none()) { Verdict::Yes } else { Verdict::No })
    }

    fn compare(&self, session: &mut Session<'_>, trust: &Trust, call: &Call) -> Result<Verdict, Failure> {
        let mut all = vec![];
        for kind in self.compare.iter().copied() {
            let wishes = kind.wishes(&self.wishes());
            let client = Client::new(session.host, &wishes, trust).map_err(unusable)?;
            let call = Call { early: wishes.early_data, wanted: one_page(), ..call.clone() };
            if kind.needs_another() {
                client.connect(session.host, &Call { early: false, ..call.clone() })?;
            }
            let made = client.connect(session.host, &call)?;
            let failed = made.failed.map(|error| error.to_string());
            all.push(Compared { kind, recording: made.recording, secrets: client.secrets(), failed });
        }
        compare::print(&all, &mut session.out)?;
        Ok(if all.iter().all(|compared| compared.failed.is_none()) { Verdict::Yes } else { Verdict::No })
    }

    /// A handshake that went wrong: what passed, and why it ended.
    fn failed(
        &self,
        recording: &Recording,
        secrets: &Secrets,
        error: &tls_stream::Error,
        out: &mut Output,
    ) -> Result<Verdict, Failure> {
        let opened = Opened::of(recording, secrets);
        let shown = Shown { recording, opened: &opened, timed: false, connected: None, talk: None };
        self.print(&shown, Some(&error.to_string()), out)?;
        if let Some(hint) = error.hint() {
            out.note(&hint);
        }
        Ok(Verdict::No)
    }

    fn print(&self, shown: &Shown<'_>, failed: Option<&str>, out: &mut Output) -> Result<(), Failure> {
        let views = self.views(out.explains());
        match out.is_json() {
            true => json::print(shown, views, failed, out),
            false => shown.print(views, failed, out),
        }
    }

    /// The files that are wanted; `at` says between whom, where this tool and not the network makes the capture.
    fn write(
        &self,
        recording: &Recording,
        secrets: &Secrets,
        at: Option<&Both<SocketAddrV4>>,
        out: &mut Output,
    ) -> Result<(), Failure> {
        if let Some(path) = &self.keylog {
            files::write_secret(path, secrets.text().as_bytes(), "the secrets", out)?;
        }
        if let (Some(path), Some(at)) = (self.world.pcap(), at) {
            let capture = pcap::capture(recording, secrets, at)
                .map_err(|error| Failure::said(format!("cannot make a capture: {error}")))?;
            files::write_secret(path, &capture, "the records and their secrets", out)?;
        }
        Ok(())
    }
}
