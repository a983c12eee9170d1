//! `--demo`: a client and a server in memory.

use crate::Recording;
use crate::ends::{self, Wishes};
use crate::http::{Request, Talk as Http, Wanted};
use crate::identity::Identity;
use crate::pair::{self, Exchange, Flip, Talk, Turn};
use crate::replay::{self, Copied, Replayed};
use crate::secrets::{Collector, Secrets};
use cli::Failure;
use host::Time;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use std::sync::Arc;

/// Whom the demo's client asks for.
pub const NAME: &str = "www.example.com";

/// What the demo's server says to a request.
fn answer(request: &Request) -> Vec<u8> {
    let whole = |status: &str, text: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
    };
    match (&request.content, request.path.as_str()) {
        (Some(content), _) => whole("200 OK", &format!("took {} bytes\n", content.len())),
        (None, "/missing") => whole("404 Not Found", "nothing is here\n"),
        (None, "/chunks") => {
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhel-\r\n3\r\nlo\n\r\n0\r\n\r\n".to_vec()
        }
        _ => whole("200 OK", "hello\n"),
    }
}

/// Two ends that know each other, for as many connections as wanted.
#[derive(Debug)]
pub struct Demo {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    /// Another server of the same name, with copies of the tickets.
    twin: Arc<ServerConfig>,
    secrets: Arc<Collector>,
}

/// So many tickets are kept, which is more than a demo gives.
const TICKETS: usize = 256;

impl Demo {
    /// Two ends with these wishes. The server takes the last of the client's groups only, so that more than one are a retry.
    ///
    /// # Errors
    /// Wishes that do not fit together.
    pub fn new(wishes: &Wishes, provider: &CryptoProvider) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::said(format!("cannot set up the demo: {error}"));
        let identity = Identity::made_for(&[NAME]).map_err(|error| failed(&error))?;
        let secrets = Arc::new(Collector::default());
        let mut roots = RootCertStore::empty();
        roots.add(identity.root.clone()).map_err(|error| failed(&error))?;
        let client = ends::client(wishes, provider, roots, Arc::<Collector>::clone(&secrets));
        let taken = Wishes { groups: wishes.groups.last().copied().into_iter().collect(), ..wishes.clone() };
        let server = ends::server(&taken, provider, &identity, Arc::<Collector>::clone(&secrets));
        let mut server = server.map_err(|error| failed(&error))?;
        let (tickets, copy) = Copied::pair(TICKETS);
        let mut twin = server.clone();
        (server.session_storage, twin.session_storage) = (tickets, copy);
        Ok(Self {
            client: Arc::new(client.map_err(|error| failed(&error))?),
            server: Arc::new(server),
            twin: Arc::new(twin),
            secrets,
        })
    }

    /// One connection: requests and their answers, the first request early where that is possible and wanted.
    ///
    /// # Errors
    /// What memory never does.
    pub fn connect(&self, wanted: &Wanted, early: bool, flip: Option<Flip>) -> Result<(Exchange, Http), Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::said(format!("cannot set up the demo: {error}"));
        let name = NAME.try_into().map_err(|error| failed(&error))?;
        let client = ClientConnection::new(Arc::clone(&self.client), name).map_err(|error| failed(&error))?;
        let server = ServerConnection::new(Arc::clone(&self.server)).map_err(|error| failed(&error))?;
        let mut http = Http::new(wanted, NAME);
        let mut turns = vec![];
        let mut answers = wanted.requests.iter().map(answer);
        while !http.is_done() {
            let before = http.sent.len();
            let request = http.next(Time(0));
            let answer: Vec<u8> = answers.by_ref().take(http.sent.len() - before).flatten().collect();
            if request.is_empty() {
                break;
            }
            http.hear(Time(0), &answer);
            turns.push(Turn { request, answer });
        }
        let early = turns.first_mut().filter(|_| early).map(|turn| std::mem::take(&mut turn.request));
        let talk = Talk { early: early.unwrap_or_default(), turns };
        let exchange = pair::talk(client, server, &talk, flip).map_err(|error| failed(&error))?;
        Ok((exchange, http))
    }

    /// The client's first flight again: to the same server, to the one with copies of its tickets, and to that once more.
    ///
    /// # Errors
    /// What memory never does.
    pub fn replay(&self, recording: &Recording) -> Result<[(&'static str, Replayed); 3], Failure> {
        let flight = replay::first_flight(recording);
        let to = |config| replay::in_memory(&flight, config).map_err(|error| Failure::said(error.to_string()));
        Ok([
            ("the same server", to(&self.server)?),
            ("another server that has copies of the tickets", to(&self.twin)?),
            ("that other server, once more", to(&self.twin)?),
        ])
    }

    /// The secrets of all connections so far.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        self.secrets.secrets()
    }
}
