//! A question by TCP: RFC 1035 section 4.2.2, RFC 7766.

use super::{Event, Foreign, Options, Outcome, Reply, Tell, Transport, read};
use host::{Error, Host, Stream, Time};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use wire::dns::{Message, framing};

/// How much is read at once, bytes.
const PIECE: usize = 4096;

/// Asks over a connection of its own.
pub(super) fn once<E: From<Error>>(
    host: &mut dyn Host,
    to: SocketAddr,
    query: &Message,
    options: &Options,
    attempt: u32,
    tell: &mut Tell<'_, E>,
) -> Result<Outcome, E> {
    let (transport, timeout) = (Transport::Tcp, options.timeout);
    let begun = host.now();
    let until = begun + timeout;
    let bytes = query.bytes();
    let opened = host.connect_tcp(to, &[], until).and_then(|mut stream| {
        stream.set_deadline(until);
        // RFC 7766 section 8: length and message in one write, so that they travel in one segment.
        stream.write_all(&framing::framed(&bytes))?;
        Ok(stream)
    });
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) => return given_up(error, timeout, attempt, tell),
    };
    tell(&Event::Sent { transport, attempt, port: stream.local().port(), at: host.now(), bytes: &bytes })?;
    let mut received = vec![];
    loop {
        let message = match next(&mut *stream, &mut received) {
            Ok(message) => message,
            Err(error) => return given_up(error, timeout, attempt, tell),
        };
        let at: Time = host.now();
        match read(query, to, Some(to), &message, options) {
            Ok((answer, behind)) => {
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
fn next(stream: &mut dyn Stream, received: &mut Vec<u8>) -> Result<Vec<u8>, Error> {
    loop {
        if let Some((message, rest)) = framing::next_message(received) {
            let (message, rest) = (message.to_vec(), rest.to_vec());
            *received = rest;
            return Ok(message);
        }
        let mut piece = [0; PIECE];
        match stream.read(&mut piece)? {
            0 => {
                return Err(Error::Other(format!(
                    "the server closed the connection after {} bytes of an answer",
                    received.len()
                )));
            }
            count => received.extend_from_slice(piece.get(..count).unwrap_or_default()),
        }
    }
}

/// What ends an attempt; Ctrl-C and the like end more than that.
fn given_up<E: From<Error>>(
    error: Error,
    waited: Duration,
    attempt: u32,
    tell: &mut Tell<'_, E>,
) -> Result<Outcome, E> {
    let transport = Transport::Tcp;
    match error {
        Error::TimedOut => tell(&Event::Silence { transport, attempt, waited })?,
        Error::Interrupted | Error::Gone | Error::Idle | Error::NoPermission { .. } | Error::Unsupported { .. } => {
            return Err(error.into());
        }
        error => tell(&Event::Failed { transport, error: &error })?,
    }
    Ok(Outcome::Silence)
}
