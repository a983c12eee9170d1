//! `--demo`: a client and a server in memory.

use crate::Recording;
use crate::ends::{self, Wishes};
use crate::identity::Identity;
use crate::pair::{self, Exchange, Flip, Talk};
use crate::replay::{self, Copied, Replayed};
use crate::secrets::{Collector, Secrets};
use cli::Failure;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use std::sync::Arc;

/// Whom the demo's client asks for.
pub const NAME: &str = "www.example.com";

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";

/// A request of HTTP for a page of a host, RFC 9112 section 3; it is the only one of its connection.
#[must_use]
pub fn request(host: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").into_bytes()
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

    /// One connection: a request and its answer, the request early where that is possible and wanted.
    ///
    /// # Errors
    /// What memory never does.
    pub fn connect(&self, path: &str, early: bool, flip: Option<Flip>) -> Result<Exchange, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::said(format!("cannot set up the demo: {error}"));
        let name = NAME.try_into().map_err(|error| failed(&error))?;
        let client = ClientConnection::new(Arc::clone(&self.client), name).map_err(|error| failed(&error))?;
        let server = ServerConnection::new(Arc::clone(&self.server)).map_err(|error| failed(&error))?;
        let request = request(NAME, path);
        let (early, request) = if early { (request, vec![]) } else { (vec![], request) };
        let talk = Talk { early, request, answer: ANSWER.to_vec() };
        pair::talk(client, server, &talk, flip).map_err(|error| failed(&error))
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
