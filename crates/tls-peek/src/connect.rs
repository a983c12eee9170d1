//! A connection over a host's TCP, recorded.

use crate::ends::Wishes;
use crate::http::{self, Fault, Talk, Wanted};
use crate::secrets::{Collector, Secrets};
use crate::{Recording, Side};
use host::{Host, Opt, Time};
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
/// More than this is not heard, bytes: an answer and what frames it.
const MOST_HEARD: usize = 1 << 24;
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
    /// What is asked by HTTP, if anything.
    pub wanted: Wanted,
    /// Whether to ask the first of it before the handshake is done.
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
    /// What was asked, and answered.
    pub talk: Talk,
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
        // What is written are whole records. Held back until the one before is acknowledged, the request would wait for a round trip.
        let mut stream = host.connect_tcp(call.to, &[Opt::NoDelay(true)], until)?;
        stream.set_deadline(until);
        let (connected, local) = (host.now() - begun, stream.local());

        let recording = Rc::new(RefCell::new(Recording::default()));
        let watched = Rc::clone(&recording);
        let watch = move |from: Sender, at: Time, bytes: &[u8]| {
            let from = if from == Sender::Us { Side::Client } else { Side::Server };
            watched.borrow_mut().add(from, at, bytes);
        };
        let mut talk = Talk::new(&call.wanted, &http::host(&call.name.to_str(), call.to.port(), wire::tls::HTTPS_PORT));
        // What the server does not take early is said again.
        let mut told_early = talk.clone();
        let early = if call.early { told_early.next(host.now()) } else { vec![] };
        let beside = Beside { watch: Some(Box::new(watch)), early };
        let made = Tls::connect_beside(host, stream, self.config.clone(), call.name.clone(), beside);
        let failed = made.and_then(|mut tls| {
            let is_early = matches!(tls.connection(), rustls::Connection::Client(it) if it.is_early_data_accepted());
            if !call.stays {
                return tls.close(host);
            }
            if is_early {
                talk = told_early;
            }
            let said = converse(host, &mut tls, &mut talk, linger(connected), until);
            if !is_early || !talk.answers.is_empty() {
                return said;
            }
            // A server may take early data and say nothing to them.
            talk.fault = talk.fault.take().filter(|fault| !matches!(fault, Fault::NotAnswered { .. }));
            match said {
                Err(Error::Host(host::Error::TimedOut | host::Error::Idle)) => Ok(()),
                said => said,
            }
        });
        let recording = recording.take();
        Ok(Made { recording, failed: failed.err(), talk, connected, local: Some(local) })
    }
}

/// What carries a talk: TLS, or TCP alone.
pub(crate) trait Carrier {
    fn write_all(&mut self, host: &dyn Host, bytes: &[u8]) -> Result<(), Error>;
    /// 0: the other side says no more.
    fn read(&mut self, host: &dyn Host, into: &mut [u8]) -> Result<usize, Error>;
    fn set_deadline(&mut self, until: Time);
    fn close(&mut self, host: &dyn Host);
}

impl Carrier for Tls {
    fn write_all(&mut self, host: &dyn Host, bytes: &[u8]) -> Result<(), Error> {
        Tls::write_all(self, host, bytes)
    }

    fn read(&mut self, host: &dyn Host, into: &mut [u8]) -> Result<usize, Error> {
        Tls::read(self, host, into)
    }

    fn set_deadline(&mut self, until: Time) {
        self.stream().set_deadline(until);
    }

    fn close(&mut self, host: &dyn Host) {
        // The other end may be gone already, and need not be told.
        let _ = Tls::close(self, host);
    }
}

/// How long to wait for what need not come, by how long TCP's handshake took.
pub(crate) fn linger(connected: Duration) -> Duration {
    let (times, least, most) = LINGER;
    (connected * times).clamp(least, most)
}

/// Asks, and hears the server out. Goodbye comes last, so that whatever else is wrong can still be told to the other end.
pub(crate) fn converse(
    host: &dyn Host,
    line: &mut dyn Carrier,
    talk: &mut Talk,
    linger: Duration,
    until: Time,
) -> Result<(), Error> {
    let (mut piece, mut heard, mut is_done) = (vec![0; PIECE], 0, false);
    while heard < MOST_HEARD && !matches!(talk.fault, Some(Fault::TooLong { .. })) {
        let asked = talk.next(host.now());
        if !asked.is_empty() {
            line.write_all(host, &asked)?;
        }
        if !is_done && (talk.is_done() || talk.fault.is_some()) {
            is_done = true;
            line.set_deadline(until.min(host.now() + linger));
        }
        match line.read(host, &mut piece) {
            Ok(0) => break,
            Ok(count) => {
                heard += count;
                talk.hear(host.now(), piece.get(..count).unwrap_or_default());
            }
            // Who has nothing to say need not say goodbye either.
            Err(Error::Closed { handshake: false, .. }) => {
                talk.end(host.now());
                return Ok(());
            }
            Err(Error::Host(host::Error::TimedOut | host::Error::Idle)) if is_done => break,
            Err(error) => return Err(error),
        }
    }
    talk.end(host.now());
    line.set_deadline(until);
    line.close(host);
    Ok(())
}
