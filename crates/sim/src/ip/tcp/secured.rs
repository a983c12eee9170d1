//! TLS between a connection and the service behind it, by the crate `seeded-tls`: the same bytes for the same seed.

use super::services::Line;
use crate::topology::{Secured, Serve};
use host::{Nagle, Seed, Time};
use rustls::ServerConfig;
use seeded_tls::Session;
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use tcp::{Connection, Received};

/// How much is taken at once, bytes.
const PIECE: usize = 4096;

/// What a port with TLS speaks; all its connections share the tickets. `None`: the certificate is not to be had.
pub(super) fn config(secured: &Secured) -> Option<Arc<ServerConfig>> {
    let mut config = seeded_tls::server_config(&seeded_tls::identity(secured.certificate)?).ok()?;
    config.alpn_protocols = match secured.serve {
        // IANA's registry of protocols in ALPN has this name for RFC 7858; who offers none gets none.
        Serve::Names => vec![b"dot".to_vec()],
        Serve::Http | Serve::Pages => vec![b"http/1.1".to_vec()],
        _ => vec![],
    };
    Some(Arc::new(config))
}

/// One end of a TLS connection, between the bytes of TCP and those of the service.
#[derive(Debug)]
pub(super) struct Tls {
    session: Box<Session>,
    /// Records for which there was no room yet.
    unsent: Vec<u8>,
    /// Whether TCP says that no more will come.
    is_over: bool,
    /// Whether the other side did something wrong, and has been told.
    is_broken: bool,
}

impl Tls {
    /// `None`: rustls does not want this configuration.
    pub(super) fn new(seed: &Seed, now: Time, config: Arc<ServerConfig>) -> Option<Self> {
        let session = Session::server(seed, now, config).ok()?;
        Some(Self { session: Box::new(session), unsent: vec![], is_over: false, is_broken: false })
    }

    /// Takes what TCP has.
    pub(super) fn pull(&mut self, now: Time, connection: &mut Connection) {
        // As servers do that speak TLS: tickets must not hold an answer back until they are acknowledged.
        connection.set_nagle(Nagle::Off);
        let mut piece = [0; PIECE];
        loop {
            match connection.receive(&mut piece) {
                Ok(Received::Bytes(count)) => self.take(now, piece.get(..count).unwrap_or_default()),
                Ok(Received::Nothing) => return,
                Ok(Received::End) | Err(_) => {
                    self.is_over = true;
                    return;
                }
            }
        }
    }

    fn take(&mut self, now: Time, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_broken {
            let done =
                self.session.at(now, |tls| tls.read_tls(&mut bytes).is_ok() && tls.process_new_packets().is_ok());
            self.is_broken = !done;
        }
    }

    /// Gives TCP what there is to send, as far as it has room. `true`: nothing is left.
    pub(super) fn push(&mut self, now: Time, connection: &mut Connection) -> bool {
        while self.session.connection().wants_write() {
            let unsent = &mut self.unsent;
            if self.session.at(now, |tls| tls.write_tls(unsent)).is_err() {
                break;
            }
        }
        // Sent before there is a connection it would wait; a connection that is gone takes nothing, and nothing is left for it.
        let sent = connection.send(&self.unsent).unwrap_or(self.unsent.len());
        self.unsent.drain(..sent.min(self.unsent.len()));
        self.unsent.is_empty()
    }

    /// Says that this was all, where no alert has said more.
    pub(super) fn close(&mut self, now: Time) {
        if !self.is_broken {
            self.session.at(now, |tls| tls.send_close_notify());
        }
    }

    /// The bytes of the service.
    pub(super) fn line(&mut self, now: Time) -> Plain<'_> {
        Plain { tls: self, now }
    }
}

/// What the service reads and writes.
pub(super) struct Plain<'a> {
    tls: &'a mut Tls,
    now: Time,
}

impl Line for Plain<'_> {
    fn receive(&mut self, into: &mut [u8]) -> Result<Received, tcp::Error> {
        if into.is_empty() {
            return Ok(Received::Bytes(0));
        }
        match self.tls.session.at(self.now, |tls| tls.reader().read(into)) {
            Ok(0) => Ok(Received::End),
            Ok(count) => Ok(Received::Bytes(count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock && !self.tls.is_over && !self.tls.is_broken => {
                Ok(Received::Nothing)
            }
            Err(_) => Ok(Received::End),
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        // Into a buffer of rustls' own, which takes all of what services say at once.
        let _ = self.tls.session.at(self.now, |tls| tls.writer().write_all(bytes));
    }

    fn can_send(&self) -> usize {
        let is_open = !self.tls.session.connection().is_handshaking() && self.tls.unsent.is_empty();
        if is_open { PIECE } else { 0 }
    }
}
