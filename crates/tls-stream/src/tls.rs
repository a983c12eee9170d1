//! A TLS connection over a stream: records out, records in.

use crate::trust::Config;
use crate::{Error, Result};
use host::{Host, Seed, Stream, Time};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, Connection, ServerConfig};
use seeded_tls::Session;
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;

/// How much is read at once, bytes: a record with all that may be around it (RFC 8446 section 5.2), and some more.
const PIECE: usize = 1 << 15;
/// How many of the first bytes received are kept, for who wants to know what came instead of TLS.
const BEGINNING: usize = 64;

/// Who sent bytes that are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// This end.
    Us,
    /// The other end.
    Them,
}

/// What is told of all records as they travel: who sent them, when they left or arrived, and their bytes, cut anywhere.
pub type Watch = Box<dyn FnMut(Sender, Time, &[u8])>;

/// What a client may do beside a handshake.
#[derive(Default)]
pub struct Beside {
    /// Who is told of all bytes that travel, those of a handshake that fails among them.
    pub watch: Option<Watch>,
    /// What is sent before the handshake is done, if the server is known from before and takes it (RFC 8446 section 2.3).
    pub early: Vec<u8>,
}

/// One end of a TLS connection over TCP.
///
/// Calls take the host for its time alone; they wait as the stream does, until its deadline.
pub struct Tls {
    end: End,
    stream: Box<dyn Stream>,
    beginning: Vec<u8>,
    sent: u64,
    received: u64,
    round_trips: u32,
    /// Whether something was sent since the other side was waited for.
    has_asked: bool,
    watch: Option<Watch>,
    /// Whether goodbye is said.
    is_closed: bool,
}

/// Where the connection's chance and time come from.
enum End {
    /// From the system.
    Live(Box<Connection>),
    /// From the simulated network.
    Seeded(Box<Session>),
}

impl Tls {
    /// The end of who connects to `name`, once the handshake is done.
    ///
    /// # Errors
    /// What ended the handshake.
    pub fn connect(
        host: &mut dyn Host,
        stream: Box<dyn Stream>,
        config: Config,
        name: ServerName<'static>,
    ) -> Result<Self> {
        Self::connect_beside(host, stream, config, name, Beside::default())
    }

    /// The same, with early data, or watched.
    ///
    /// # Errors
    /// What ended the handshake.
    pub fn connect_beside(
        host: &mut dyn Host,
        stream: Box<dyn Stream>,
        config: Config,
        name: ServerName<'static>,
        beside: Beside,
    ) -> Result<Self> {
        let end = match config {
            Config::Live(config) => End::Live(Box::new(ClientConnection::new(config, name)?.into())),
            Config::Seeded(config) => {
                let seed = seed(host)?;
                End::Seeded(Box::new(Session::client(&seed, host.now(), config, name)?))
            }
        };
        let is_watched = beside.watch.is_some();
        let mut tls = Self::shaken(host, stream, end, beside)?;
        // Who watches a handshake sees it end.
        if is_watched {
            tls.send(host.now())?;
        }
        Ok(tls)
    }

    /// The end of who was connected to, in a simulated network, once the handshake is done. `config` is made of
    /// [`seeded_tls::provider`].
    ///
    /// # Errors
    /// What ended the handshake; a host that has no seed.
    pub fn accept(host: &mut dyn Host, stream: Box<dyn Stream>, config: Arc<ServerConfig>) -> Result<Self> {
        let seed = seed(host)?;
        let session = Session::server(&seed, host.now(), config)?;
        let mut tls = Self::shaken(host, stream, End::Seeded(Box::new(session)), Beside::default())?;
        tls.send(host.now())?;
        Ok(tls)
    }

    fn shaken(host: &mut dyn Host, stream: Box<dyn Stream>, end: End, beside: Beside) -> Result<Self> {
        let Beside { watch, early } = beside;
        let mut tls = Self {
            end,
            stream,
            beginning: vec![],
            sent: 0,
            received: 0,
            round_trips: 0,
            has_asked: false,
            watch,
            is_closed: false,
        };
        let is_known = tls.at(host.now(), |connection| match connection {
            Connection::Client(client) => client.early_data().map(|mut data| data.write_all(&early)),
            Connection::Server(_) => None,
        });
        is_known.transpose().map_err(host::Error::from)?;
        // What ends a client's part of the handshake waits for what the client says next, and travels with it: alone it would
        // have to be acknowledged before more small segments leave (RFC 9293 section 3.7.4).
        while tls.connection().is_handshaking() {
            tls.receive(host)?;
        }
        Ok(tls)
    }

    /// Sends all of these bytes.
    ///
    /// # Errors
    /// What kept them from leaving.
    pub fn write_all(&mut self, host: &dyn Host, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = self.at(host.now(), |connection| connection.writer().write(rest)).map_err(host::Error::from)?;
            rest = rest.get(count..).unwrap_or_default();
            self.send(host.now())?;
        }
        Ok(())
    }

    /// Reads what came, up to as much as there is room for; 0: the other side said that this was all, or this side did.
    ///
    /// # Errors
    /// What the other side did wrong; a connection that ended without that word, which may have been cut by somebody on the way.
    pub fn read(&mut self, host: &dyn Host, into: &mut [u8]) -> Result<usize> {
        loop {
            match self.at(host.now(), |connection| connection.reader().read(into)) {
                Ok(count) => return Ok(count),
                // What comes behind one's own goodbye is not looked at: if it were wrong, a last word would be due, and that was said.
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.is_closed => return Ok(0),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.receive(host)?,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(self.closed()),
                Err(error) => return Err(host::Error::from(error).into()),
            }
        }
    }

    /// Says that this was all: RFC 8446 section 6.1, `close_notify`. Nothing more is heard then.
    ///
    /// # Errors
    /// What kept it from leaving.
    pub fn close(&mut self, host: &dyn Host) -> Result<()> {
        self.at(host.now(), |connection| connection.send_close_notify());
        self.is_closed = true;
        self.send(host.now())
    }

    /// How the connection stands: version, suite, certificates, ALPN.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        match &self.end {
            End::Live(connection) => connection,
            End::Seeded(session) => session.connection(),
        }
    }

    /// The stream below, for its options and its account.
    pub fn stream(&mut self) -> &mut dyn Stream {
        &mut *self.stream
    }

    /// How many bytes of records were sent and received.
    #[must_use]
    pub fn record_bytes(&self) -> (u64, u64) {
        (self.sent, self.received)
    }

    /// How often something was sent and the other side was waited for, from the first message of TLS on.
    #[must_use]
    pub fn round_trips(&self) -> u32 {
        self.round_trips
    }

    fn at<T>(&mut self, now: Time, work: impl FnOnce(&mut Connection) -> T) -> T {
        match &mut self.end {
            End::Live(connection) => work(connection),
            End::Seeded(session) => session.at(now, work),
        }
    }

    /// Sends the records that wait, all in one piece: what belongs together travels together.
    fn send(&mut self, now: Time) -> Result<()> {
        let mut records = vec![];
        while self.connection().wants_write() {
            self.at(now, |connection| connection.write_tls(&mut records)).map_err(host::Error::from)?;
        }
        if records.is_empty() {
            return Ok(());
        }
        if let Some(watch) = &mut self.watch {
            watch(Sender::Us, now, &records);
        }
        self.stream.write_all(&records).map_err(host::Error::from)?;
        self.has_asked = true;
        self.sent += u64::try_from(records.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Sends what waits, reads from the stream once, and lets the connection work on what came.
    fn receive(&mut self, host: &dyn Host) -> Result<()> {
        self.send(host.now())?;
        let mut piece = vec![0; PIECE];
        let count = self.stream.read(&mut piece).map_err(host::Error::from)?;
        self.round_trips += u32::from(std::mem::take(&mut self.has_asked));
        piece.truncate(count);
        self.received += u64::try_from(count).unwrap_or(u64::MAX);
        if let Some(watch) = self.watch.as_mut().filter(|_| count > 0) {
            watch(Sender::Them, host.now(), &piece);
        }
        let room = BEGINNING.saturating_sub(self.beginning.len());
        self.beginning.extend(piece.iter().take(room));
        if count == 0 && self.connection().is_handshaking() {
            return Err(self.closed());
        }
        let mut rest = piece.as_slice();
        loop {
            let now = host.now();
            // The end of the stream is told by an empty read.
            self.at(now, |connection| connection.read_tls(&mut rest)).map_err(host::Error::from)?;
            if let Err(error) = self.at(now, |connection| connection.process_new_packets().map(drop)) {
                // The alert that tells the other side; whether it arrives changes nothing here.
                let _ = self.send(now);
                return Err(Error::of(error, &self.beginning));
            }
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    fn closed(&self) -> Error {
        Error::Closed { handshake: self.connection().is_handshaking(), received: self.received }
    }
}

/// Chance for one connection more.
fn seed(host: &mut dyn Host) -> Result<Seed> {
    let nowhere =
        host::Error::Unsupported { what: "keys that others can foresee".into(), world: "this machine".into() };
    host.seed().ok_or(Error::Host(nowhere))
}
