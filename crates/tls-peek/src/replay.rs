//! Early data sent again by somebody on the path, who has no key and needs none: the client's first flight is all that it takes, byte
//! for byte.
//!
//! Obeys RFC 8446 section 2.3 ("There are no guarantees of non-replay between connections") and section 8.1 (a ticket that is taken
//! once): a server that keeps its tickets itself takes each of them once, and throws early data away that come with one that is spent.
//! Another server with copies of the same tickets knows nothing of that.

use crate::opened::Opened;
use crate::secrets::Secrets;
use crate::{Recording, Side};
use host::{Host, Time};
use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};
use rustls::{ServerConfig, ServerConnection};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use wire::tls::{ExtensionType, Handshake};

/// More of an answer than this is not read, bytes.
const MOST_ANSWER: usize = 1 << 20;
/// How much is read at once, bytes.
const PIECE: usize = 1 << 14;

/// What the client sends before it hears anything: its hello, and early data behind it.
#[must_use]
pub fn first_flight(recording: &Recording) -> Vec<u8> {
    let own = recording.flights.iter().take_while(|flight| flight.from == Side::Client);
    own.flat_map(|flight| flight.bytes.iter().copied()).collect()
}

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Whether the server went on from the ticket.
    pub is_resumed: bool,
    /// Whether it asked for another `ClientHello`.
    pub is_retried: bool,
    /// Whether it said anything at all.
    pub is_answered: bool,
    /// The early data that it took; `None`: from outside nobody can tell.
    pub early: Option<Vec<u8>>,
}

impl Replayed {
    /// What can be told from the server's answer, which is sealed but for its hello.
    fn seen(recording: &Recording) -> Self {
        let opened = Opened::of(recording, &Secrets::default());
        let mut replayed =
            Self { is_resumed: false, is_retried: false, is_answered: !opened.records.is_empty(), early: None };
        for (from, _, message) in opened.messages() {
            if let (Side::Server, Ok(Handshake::ServerHello(hello))) = (from, &message.handshake) {
                replayed.is_retried |= hello.is_retry();
                replayed.is_resumed |= hello.extensions.iter().any(|it| it.kind == ExtensionType::PRE_SHARED_KEY);
            }
        }
        if !replayed.is_resumed {
            // RFC 8446 section 4.2.10: early data are for the key of the ticket, and go with it.
            replayed.early = Some(vec![]);
        }
        replayed
    }

    /// In a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self { is_answered: false, .. } => "it says nothing to that".into(),
            Self { is_retried: true, .. } => "it asks for another ClientHello, and throws the early data away".into(),
            Self { is_resumed: false, .. } => {
                "it does not take the ticket a second time, wants a whole handshake, and throws the early data away"
                    .into()
            }
            Self { early: Some(early), .. } if early.is_empty() => {
                "it goes on from the ticket, and throws the early data away".into()
            }
            Self { early: Some(early), .. } => {
                format!("it takes them once more, all {} bytes, as if the client had asked twice", early.len())
            }
            Self { early: None, .. } => {
                "it goes on from the ticket once more; whether it takes the early data again is sealed".into()
            }
        }
    }
}

/// Sends a first flight to a server in memory.
///
/// # Errors
/// What memory never does.
pub fn in_memory(flight: &[u8], config: &Arc<ServerConfig>) -> io::Result<Replayed> {
    let mut server = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut recording = Recording::default();
    recording.add(Side::Client, Time(0), flight);
    let (mut rest, mut early) = (flight, vec![]);
    while !rest.is_empty() {
        server.read_tls(&mut rest)?;
        let worked = server.process_new_packets();
        if let Some(mut data) = server.early_data() {
            data.read_to_end(&mut early)?;
        }
        if worked.is_err() {
            break;
        }
    }
    let mut answer = vec![];
    while server.wants_write() {
        server.write_tls(&mut answer)?;
    }
    recording.add(Side::Server, Time(1), &answer);
    Ok(Replayed { early: Some(early), ..Replayed::seen(&recording) })
}

/// Sends a first flight over TCP, and hears what comes to that. Who sends it has no key to go on with, so it ends there.
///
/// # Errors
/// What kept TCP from connecting.
pub fn over_tcp(host: &mut dyn Host, to: SocketAddr, flight: &[u8], wait: Duration) -> Result<Replayed, host::Error> {
    let until = host.now() + wait;
    let mut stream = host.connect_tcp(to, &[], until)?;
    stream.set_deadline(until);
    stream.write_all(flight)?;
    let mut recording = Recording::default();
    recording.add(Side::Client, host.now(), flight);
    let mut piece = vec![0; PIECE];
    while recording.bytes(Side::Server) < MOST_ANSWER {
        // Silence, FIN and reset end it alike: what came is what counts.
        let Ok(count @ 1..) = stream.read(&mut piece) else { break };
        recording.add(Side::Server, host.now(), piece.get(..count).unwrap_or_default());
    }
    Ok(Replayed::seen(&recording))
}

/// Tickets that two servers have, each a copy of its own: what one takes is still there at the other.
#[derive(Debug)]
pub struct Copied {
    own: Arc<ServerSessionMemoryCache>,
    copy: Arc<ServerSessionMemoryCache>,
}

impl Copied {
    /// Both stores: the first writes to both, the second is the copy.
    #[must_use]
    pub fn pair(tickets: usize) -> (Arc<Self>, Arc<ServerSessionMemoryCache>) {
        let [own, copy] = [tickets; 2].map(ServerSessionMemoryCache::new);
        (Arc::new(Self { own, copy: Arc::clone(&copy) }), copy)
    }
}

impl StoresServerSessions for Copied {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.copy.put(key.clone(), value.clone()) && self.own.put(key, value)
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.own.get(key)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.own.take(key)
    }

    fn can_cache(&self) -> bool {
        true
    }
}
