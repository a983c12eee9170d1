//! One TCP connection for all questions that travel by TCP.
//!
//! Obeys RFC 7766 section 6.2.1.1 ("clients SHOULD pipeline their queries") and section 7 (answers in any order).

use host::{Error, Host, Interest, Stream, Time};
use std::net::SocketAddr;
use wire::dns::framing;

/// How much is read at once, bytes.
const PIECE: usize = 1 << 16;

/// The connection, where there is one, and what lies before and behind it.
#[derive(Default)]
pub(super) struct Conversation {
    stream: Option<Box<dyn Stream>>,
    /// What has not left.
    out: Vec<u8>,
    /// What came of a message that is not whole.
    received: Vec<u8>,
}

impl Conversation {
    /// What it waits for; `None`: there is no connection.
    pub(super) fn interest(&self) -> Option<Interest> {
        let stream = self.stream.as_ref()?;
        Some(Interest { socket: stream.id(), read: true, write: !self.out.is_empty() })
    }

    /// Adds a message to what leaves, over a new connection where there is none, whose handshake may take up to `until`.
    ///
    /// # Errors
    /// What keeps the SYN from leaving.
    pub(super) fn say(
        &mut self,
        host: &mut dyn Host,
        to: SocketAddr,
        message: &[u8],
        until: Time,
    ) -> Result<(), Error> {
        if self.stream.is_none() {
            self.stream = Some(host.begin_tcp(to, &[], until)?);
        }
        self.out.extend(framing::framed(message));
        Ok(())
    }

    /// Writes and reads what can be without waiting, and gives the messages that came to `hear`.
    ///
    /// # Errors
    /// Why the connection is gone; another one may be begun.
    pub(super) fn turn(&mut self, now: Time, hear: impl FnMut(Vec<u8>)) -> Result<(), Error> {
        let done = self.exchange(now, hear);
        if done.is_err() {
            *self = Self::default();
        }
        done
    }

    fn exchange(&mut self, now: Time, mut hear: impl FnMut(Vec<u8>)) -> Result<(), Error> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        stream.set_deadline(now);
        if !self.out.is_empty() {
            match stream.write(&self.out).map_err(Error::from) {
                Ok(count) => drop(self.out.drain(..count.min(self.out.len()))),
                Err(Error::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
        let mut piece = vec![0; PIECE];
        let count = match stream.read(&mut piece).map_err(Error::from) {
            Ok(0) => return Err(Error::Other("the server closed the connection".into())),
            Ok(count) => count,
            Err(Error::TimedOut) => return Ok(()),
            Err(error) => return Err(error),
        };
        self.received.extend_from_slice(piece.get(..count).unwrap_or_default());
        let mut rest = self.received.as_slice();
        while let Some((message, behind)) = framing::next_message(rest) {
            hear(message.to_vec());
            rest = behind;
        }
        self.received = rest.to_vec();
        Ok(())
    }
}
