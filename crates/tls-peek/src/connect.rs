//! A connection over a host's TCP, recorded.

use crate::demo::request;
use crate::ends::Wishes;
use crate::secrets::{Collector, Secrets};
use crate::{Recording, Side};
use host::{Host, Time};
use rustls::pki_types::ServerName;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tls_stream::{Beside, Config, Error, Sender, Tls, Trust};

/// How long a server is given to say more behind the handshake, which are tickets: so many times what TCP's handshake took, but not
/// less than the least, nor more than the most.
const LINGER: (u32, Duration, Duration) = (3, Duration::from_millis(50), Duration::from_secs(1));
/// More than this of an answer is not waited for, bytes.
const MOST_ANSWER: usize = 1 << 20;
/// How much is read at once, bytes.
const PIECE: usize = 1 << 14;

/// A client that keeps its tickets from connection to connection.
#[derive(Debug)]
pub struct Client {
    config: Config,
    secrets: Arc<Collector>,
}

/// Where to, and what for.
#[derive(Debug, Clone)]
pub struct Call {
    /// The server's address.
    pub to: SocketAddr,
    /// The name that its certificate must be for.
    pub name: ServerName<'static>,
    /// The page that is asked for by HTTP; `None`: nothing is asked.
    pub path: Option<String>,
    /// Whether to ask before the handshake is done.
    pub early: bool,
    /// How long it may take.
    pub timeout: Duration,
    /// Whether the server is heard out behind the handshake, for tickets and an answer; else goodbye follows at once.
    pub stays: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Made {
    /// What passed.
    pub recording: Recording,
    /// Why the handshake failed, if it did; or what came behind it.
    pub failed: Option<Error>,
    /// How long TCP's own handshake took.
    pub connected: Duration,
    /// The client's address and port.
    pub local: Option<SocketAddr>,
}

impl Client {
    /// One with these wishes.
    ///
    /// # Errors
    /// Nobody to trust, or wishes of which this host has nothing.
    pub fn new(host: &mut dyn Host, wishes: &Wishes, trust: &Trust) -> Result<Self, Error> {
        let secrets = Arc::new(Collector::default());
        let key_log = Arc::<Collector>::clone(&secrets);
        let config = trust.client_config_offering(host, &wishes.offer(), |config| wishes.tell(config, key_log))?;
        Ok(Self { config, secrets })
    }

    /// The secrets of all connections so far.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        self.secrets.secrets()
    }

    /// The secrets of the connections since these were last taken.
    #[must_use]
    pub fn take_secrets(&self) -> Secrets {
        self.secrets.take()
    }

    /// One connection, from SYN to goodbye.
    ///
    /// # Errors
    /// What kept TCP from connecting.
    pub fn connect(&self, host: &mut dyn Host, call: &Call) -> Result<Made, host::Error> {
        let begun = host.now();
        let until = begun + call.timeout;
        let mut stream = host.connect_tcp(call.to, &[], until)?;
        stream.set_deadline(until);
        let (connected, local) = (host.now() - begun, stream.local());

        let recording = Rc::new(RefCell::new(Recording::default()));
        let watched = Rc::clone(&recording);
        let watch = move |from: Sender, at: Time, bytes: &[u8]| {
            let from = if from == Sender::Us { Side::Client } else { Side::Server };
            watched.borrow_mut().add(from, at, bytes);
        };
        let asked = call.path.as_deref().map(|path| request(&call.name.to_str(), path)).unwrap_or_default();
        let early = if call.early { asked.clone() } else { vec![] };
        let beside = Beside { watch: Some(Box::new(watch)), early };
        let made = Tls::connect_beside(host, stream, self.config.clone(), call.name.clone(), beside);
        let failed = made.and_then(|mut tls| {
            let is_early = matches!(tls.connection(), rustls::Connection::Client(it) if it.is_early_data_accepted());
            if !call.stays {
                return tls.close(host);
            }
            let (times, least, most) = LINGER;
            // What was asked early is answered too.
            let linger = if is_early { call.timeout } else { (connected * times).clamp(least, most) };
            converse(host, &mut tls, if is_early { &[] } else { &asked }, linger, until)
        });
        let recording = recording.borrow().clone();
        Ok(Made { recording, failed: failed.err(), connected, local: Some(local) })
    }
}

/// Asks, and hears the server out. Goodbye comes last, so that whatever else is wrong can still be told to the other end.
fn converse(host: &mut dyn Host, tls: &mut Tls, asked: &[u8], linger: Duration, until: Time) -> Result<(), Error> {
    if asked.is_empty() {
        tls.stream().set_deadline(until.min(host.now() + linger));
    } else {
        tls.write_all(host, asked)?;
    }
    let (mut piece, mut heard) = (vec![0; PIECE], 0);
    while heard < MOST_ANSWER {
        match tls.read(host, &mut piece) {
            Ok(0) => break,
            Ok(count) => heard += count,
            // Who has nothing to say need not say goodbye either.
            Err(Error::Closed { handshake: false, .. }) => return Ok(()),
            Err(Error::Host(host::Error::TimedOut | host::Error::Idle)) if asked.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    tls.stream().set_deadline(until);
    // The other end may be gone already, and need not be told.
    let _ = tls.close(host);
    Ok(())
}
