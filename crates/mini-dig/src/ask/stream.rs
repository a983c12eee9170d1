//! A question by TCP: RFC 1035 section 4.2.2, RFC 7766; or by TLS over it: RFC 7858.

use super::secure::hurry;
use super::{Carried, Event, Foreign, Options, Outcome, Reply, Secured, Tell, Transport, read};
use host::{Error, Host, Stream, Time};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;
use tls_stream::Tls;
use wire::dns::{Message, framing};

/// How much is read at once, bytes.
const PIECE: usize = 4096;

/// What carries messages behind their lengths.
///
/// RFC 7858 section 3.3: "All messages (requests and responses) in the established TLS session MUST use the two-octet
/// length field". So only the bytes below differ.
enum Line {
    Plain { stream: Box<dyn Stream>, sent: u64, received: u64 },
    Secured(Box<Tls>),
}

impl Line {
    fn write_all(&mut self, host: &dyn Host, bytes: &[u8]) -> Result<(), tls_stream::Error> {
        match self {
            Self::Plain { stream, sent, .. } => {
                stream.write_all(bytes).map_err(Error::from)?;
                *sent += count(bytes.len());
                Ok(())
            }
            Self::Secured(tls) => {
                tls.write_all(host, bytes)?;
                hurry(tls.stream());
                Ok(())
            }
        }
    }

    fn read(&mut self, host: &dyn Host, into: &mut [u8]) -> Result<usize, tls_stream::Error> {
        match self {
            Self::Plain { stream, received, .. } => {
                let len = stream.read(into).map_err(Error::from)?;
                *received += count(len);
                Ok(len)
            }
            Self::Secured(tls) => tls.read(host, into),
        }
    }

    fn stream(&mut self) -> &mut dyn Stream {
        match self {
            Self::Plain { stream, .. } => &mut **stream,
            Self::Secured(tls) => tls.stream(),
        }
    }

    fn carried(&mut self) -> Carried {
        match self {
            Self::Plain { stream, sent, received } => Carried {
                transport: Transport::Tcp,
                bytes: (*sent, *received),
                segments: segments(&mut **stream),
                round_trips: 2,
            },
            Self::Secured(tls) => carried(tls, Transport::Tls),
        }
    }
}

/// What a connection with TLS carried; TCP's handshake is a round trip too.
pub(super) fn carried(tls: &mut Tls, transport: Transport) -> Carried {
    let (bytes, round_trips) = (tls.record_bytes(), 1 + tls.round_trips());
    Carried { transport, bytes, segments: segments(tls.stream()), round_trips }
}

fn segments(stream: &mut dyn Stream) -> Option<(u32, u32)> {
    let info = stream.info().ok()?;
    Some((info.segments_sent?, info.segments_received?))
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// Asks over a connection of its own.
pub(super) fn once<E: From<Error>>(
    host: &mut dyn Host,
    to: SocketAddr,
    query: &Message,
    options: &Options,
    attempt: u32,
    tell: &mut Tell<'_, E>,
) -> Result<Outcome, E> {
    let transport = if options.secured.is_some() { Transport::Tls } else { Transport::Tcp };
    let attempt = Attempt { transport, number: attempt, waits: options.timeout };
    let begun = host.now();
    let until = begun + options.timeout;
    let bytes = query.bytes();
    let mut stream = match host.connect_tcp(to, &[], until) {
        Ok(stream) => stream,
        Err(error) => return attempt.given_up(error.into(), tell),
    };
    stream.set_deadline(until);
    let mut line = match &options.secured {
        None => Line::Plain { stream, sent: 0, received: 0 },
        Some(secured) => match secured.connect(host, stream, to.ip()) {
            Ok((tls, established)) => {
                tell(&Event::Established(&established))?;
                Line::Secured(Box::new(tls))
            }
            Err(error) => return attempt.given_up(error, tell),
        },
    };
    // RFC 7766 section 8: length and message in one write, so that they travel in one segment.
    if let Err(error) = line.write_all(host, &framing::framed(&bytes)) {
        return attempt.given_up(error, tell);
    }
    let port = line.stream().local().port();
    tell(&Event::Sent { transport, attempt: attempt.number, port, at: host.now(), bytes: &bytes })?;
    let mut received = vec![];
    loop {
        let message = match next(host, &mut line, &mut received) {
            Ok(message) => message,
            Err(error) => return attempt.given_up(error, tell),
        };
        let at: Time = host.now();
        match read(query, to, Some(to), &message, options) {
            Ok((answer, behind)) => {
                if let Line::Secured(tls) = &mut line {
                    // The answer is there, whether the other side hears that this was all or not.
                    let _ = tls.close(host);
                }
                tell(&Event::Carried(&line.carried()))?;
                let reply = Reply { message: answer, behind, transport, from: to, rtt: at - begun, at, bytes: message };
                return Ok(Outcome::Reply(Box::new(reply)));
            }
            Err(foreign) => {
                tell(&Event::Foreign { from: Some(to), at, bytes: &message, foreign: &foreign })?;
                if let Foreign::Malformed(error) = foreign {
                    return Ok(Outcome::Malformed(error));
                }
            }
        }
    }
}

/// The next message; what came behind it stays in `received`.
fn next(host: &dyn Host, line: &mut Line, received: &mut Vec<u8>) -> Result<Vec<u8>, tls_stream::Error> {
    loop {
        if let Some((message, rest)) = framing::next_message(received) {
            let (message, rest) = (message.to_vec(), rest.to_vec());
            *received = rest;
            return Ok(message);
        }
        let mut piece = [0; PIECE];
        match line.read(host, &mut piece)? {
            0 => {
                let len = received.len();
                return Err(
                    Error::Other(format!("the server closed the connection after {len} bytes of an answer")).into()
                );
            }
            count => received.extend_from_slice(piece.get(..count).unwrap_or_default()),
        }
    }
}

/// One attempt to ask.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    pub(super) transport: Transport,
    pub(super) number: u32,
    pub(super) waits: Duration,
}

impl Attempt {
    /// What ends it; Ctrl-C and the like end more than that.
    pub(super) fn given_up<E: From<Error>>(
        self,
        error: tls_stream::Error,
        tell: &mut Tell<'_, E>,
    ) -> Result<Outcome, E> {
        let Self { transport, number: attempt, waits: waited } = self;
        match error {
            tls_stream::Error::Host(Error::TimedOut) => tell(&Event::Silence { transport, attempt, waited })?,
            tls_stream::Error::Host(
                error @ (Error::Interrupted
                | Error::Gone
                | Error::Idle
                | Error::NoPermission { .. }
                | Error::Unsupported { .. }),
            ) => return Err(error.into()),
            tls_stream::Error::Host(error) => tell(&Event::Failed { transport, error: &error })?,
            error => {
                let (words, hint) = (error.to_string(), Secured::hint(&error));
                tell(&Event::NoChannel { transport, words: &words, hint: hint.as_deref() })?;
                return Ok(Outcome::NoChannel);
            }
        }
        Ok(Outcome::Silence)
    }
}
