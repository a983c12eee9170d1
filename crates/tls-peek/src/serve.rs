//! `tls-peek serve`: a server for any client, whose own handshakes are opened as a client's are.
//!
//! ```console
//! $ tls-peek serve --authority ca.pem
//! $ tls-peek 127.0.0.1:4433 --name localhost --ca ca.pem --get /
//! $ openssl s_client -connect 127.0.0.1:4433 -CAfile ca.pem
//! ```
//!
//! The order to read in: `connection` (one client), `engine` (all of them), `http` (the page), `words`.
//!
//! Leaves out: certificates of one's own, and pages: it is there to be looked at.

mod connection;
mod engine;
pub(crate) mod flags;
mod http;
mod json;
mod words;

use crate::facts::Facts;
use crate::identity::Identity;
use crate::opened::Opened;
use crate::secrets::Secrets;
use crate::view::{Shown, Views};
use crate::{ends, files};
use cli::{Failure, Output, Session, Verdict, reason};
use connection::Served;
use engine::{Ended, Event, Options};
use flags::Serve;
use host::Error;
use rustls::ServerConfig;
use rustls::time_provider::DefaultTimeProvider;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

/// Whom the server is, unless told otherwise.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

/// A server that is ready.
struct Ready {
    config: ServerConfig,
    /// Its names.
    names: Vec<String>,
    at: SocketAddrV4,
    is_simulated: bool,
}

/// Runs `tls-peek serve`.
pub(crate) fn run(flags: &Serve, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let views = flags.seen.views(session.out.explains());
    let ready = ready(flags, session)?;
    let options = Options { at: ready.at, timeout: flags.timeout, count: flags.count, deadline: flags.deadline };
    let (mut number, mut established, mut secrets) = (0, 0, Secrets::default());
    let (host, out) = (&mut *session.host, &mut session.out);
    let ended = engine::serve(host, &ready.config, &options, &mut |event| match event {
        Event::Start => {
            // A file that cannot be written is told before anybody comes.
            if let Some(path) = &flags.keylog {
                files::write_secret(path, &[], "the secrets", out)?;
            }
            started(flags, &ready, out)
        }
        Event::Served(served) => {
            number += 1;
            established += usize::from(served.is_established);
            if let Some(path) = &flags.keylog {
                secrets.extend(served.secrets.secrets());
                files::write_secret(path, secrets.text().as_bytes(), "the secrets", out)?;
            }
            shown(number, served, views, out)
        }
    });
    let (ended, span) = ended.map_err(|failure| not_opened(failure, ready.at, ready.is_simulated))?;
    let out = &mut session.out;
    if out.is_json() {
        out.json(&json::summary(ended, number, established, span))?;
    } else {
        let clients = if number == 1 { "1 client".into() } else { format!("{number} clients") };
        out.line(&format!("\n--- TLS server statistics ---\n{clients}, {established} shook hands"))?;
    }
    if ended == Ended::Idle {
        out.note("nothing more will happen in this network");
    }
    let wanted = flags.count.map_or(1, |count| usize::try_from(count).unwrap_or(usize::MAX));
    Ok(if established >= wanted { Verdict::Yes } else { Verdict::No })
}

/// Who the server is, and what it takes.
fn ready(flags: &Serve, session: &mut Session<'_>) -> Result<Ready, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::said(format!("cannot set up the server: {error}"));
    let is_simulated = session.host.seed().is_some();
    // Each connection gets one of its own.
    let key_log = Arc::new(rustls::NoKeyLog {});
    let (config, names) = if is_simulated {
        let own = [("--name", !flags.name.is_empty()), ("--authority", flags.authority.is_some())];
        if let Some((option, _)) = own.into_iter().find(|(_, given)| *given) {
            return Err(Failure::said(format!(
                "{option} is for a certificate of one's own, and here it is the network's"
            ))
            .hint("the server is www.example.com in each simulated network, and clients there believe it"));
        }
        let web = seeded_tls::identity("web").ok_or_else(|| failed(&"the network has no certificate"))?;
        let identity = Identity {
            chain: vec![web.certificate.clone()],
            key: web.key,
            root: web.certificate,
            root_pem: String::new(),
        };
        let clock = Arc::new(seeded_tls::Clock);
        let config = ends::server_at(&flags.wishes(), &seeded_tls::provider(), clock, &identity, key_log);
        (config, vec!["www.example.com".to_string()])
    } else {
        let names = if flags.name.is_empty() { NAMES.map(String::from).to_vec() } else { flags.name.clone() };
        let words: Vec<&str> = names.iter().map(String::as_str).collect();
        for name in &words {
            tls_stream::server_name(name).map_err(crate::unusable)?;
        }
        let identity = Identity::made_for(&words).map_err(|error| failed(&cli::escape(&error.to_string())))?;
        if let Some(path) = &flags.authority {
            let shown = cli::escape(&path.to_string_lossy());
            let failed = |error: &std::io::Error| Failure::said(format!("cannot write '{shown}': {}", reason(error)));
            std::fs::write(path, &identity.root_pem).map_err(|error| failed(&error))?;
        }
        let provider = rustls::crypto::ring::default_provider();
        let clock = Arc::new(DefaultTimeProvider);
        (ends::server_at(&flags.wishes(), &provider, clock, &identity, key_log), names)
    };
    let config = config.map_err(|error| failed(&error))?;
    let usual = if is_simulated { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let at = SocketAddrV4::new(flags.bind.unwrap_or(usual), flags.port);
    Ok(Ready { config, names, at, is_simulated })
}

/// Says where the server is, and how to reach it.
fn started(flags: &Serve, ready: &Ready, out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.json(&json::start(ready.at, &ready.names));
    }
    let names = cli::escape(&ready.names.join(", "));
    let at = match ready.at.ip().is_unspecified() {
        true => format!("port {} of all addresses", ready.at.port()),
        false => ready.at.to_string(),
    };
    out.line(&format!("TLS server at {at}, for {names}; Ctrl-C ends the run"))?;
    // In a simulated network there is no other terminal.
    if !ready.is_simulated {
        out.line("Try, from another terminal:")?;
        words::to_try(flags, ready.at, &ready.names).iter().try_for_each(|line| out.line(&format!("  {line}")))?;
    }
    out.line("")?;
    out.flush()
}

/// What came of a client: a line, and what more is wanted.
fn shown(number: usize, served: &Served, views: Views, out: &mut Output) -> Result<(), Failure> {
    let opened = Opened::of(&served.recording, &served.secrets.secrets());
    let facts = Facts::of(&opened, &served.recording);
    if out.is_json() {
        return out.json(&json::client(number, served, &facts));
    }
    out.line(&words::line(number, served, &facts))?;
    if views.any() {
        let shown = Shown { recording: &served.recording, opened: &opened, timed: true, connected: None, talk: None };
        shown.print(views, None, out)?;
        out.line("")?;
    }
    out.flush()
}

/// What to do where the port or the address is not to be had.
fn not_opened(failure: Failure, at: SocketAddrV4, is_simulated: bool) -> Failure {
    match failure {
        Failure::Host(Error::AddressInUse(at)) => {
            let said = Failure::said(format!("{at} is in use already"));
            let port = at.port();
            match is_simulated {
                true => said.hint("take another port with -p"),
                false => said.hint(format!(
                    "`ss -lntp 'sport = :{port}'` names the program that has it; take another port with -p"
                )),
            }
        }
        Failure::Host(error @ Error::NoPermission { .. }) if at.port() < 1024 => {
            Failure::Host(error).hint("take a port from 1024 on with -p, as in -p 4433, or run it as root")
        }
        Failure::Host(error @ Error::Other(_)) => Failure::Host(error).hint("--bind takes an address of this host"),
        failure => failure,
    }
}
