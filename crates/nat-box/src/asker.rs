//! One question to a STUN server, sent again while no answer comes.

use crate::stun::{Request, Response, Transaction};
use cli::Failure;
use host::{Host, Packets, Time};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// How often a question is sent. RFC 8489 section 6.2.1 has seven; what gets lost seven times is no better known.
const TRIES: u32 = 3;

/// An open socket, and the end that it is bound to.
pub struct Asking {
    /// The socket.
    pub socket: Box<dyn Packets>,
    /// Its own address and port.
    pub own: SocketAddrV4,
}

/// A socket at this address, at `port` or any that is free.
///
/// # Errors
/// What the host says.
pub fn open(host: &mut dyn Host, address: Ipv4Addr, port: u16) -> Result<Asking, Failure> {
    let socket = host.bind_udp(SocketAddr::V4(SocketAddrV4::new(address, port)), &[])?;
    let own = SocketAddrV4::new(address, socket.local().port());
    Ok(Asking { socket, own })
}

/// A number for a question that nobody guesses.
pub fn transaction(host: &mut dyn Host) -> Transaction {
    let mut transaction = [0; 12];
    host.random(&mut transaction);
    transaction
}

/// The answer to `request`, and how long it took; `None`: none came.
///
/// # Errors
/// What the host says of sending.
pub fn ask(
    host: &mut dyn Host,
    asking: &mut Asking,
    to: SocketAddrV4,
    request: &Request,
    wait: Duration,
) -> Result<Option<(Response, Duration)>, Failure> {
    for _ in 0..TRIES {
        let sent = host.now();
        asking.socket.send(Some(SocketAddr::V4(to)), &request.bytes())?;
        if let Some((response, at)) = hear(asking, request.transaction, sent + wait)? {
            return Ok(Some((response, at - sent)));
        }
    }
    Ok(None)
}

/// The answer with this number, if it comes before `until`.
///
/// # Errors
/// What the host says of waiting.
pub fn hear(asking: &mut Asking, transaction: Transaction, until: Time) -> Result<Option<(Response, Time)>, Failure> {
    while let Some(packet) = asking.socket.recv(until)? {
        let response = Response::read(&packet.bytes).filter(|_| packet.error.is_none());
        if let Some(response) = response.filter(|response| response.transaction == transaction) {
            return Ok(Some((response, packet.at)));
        }
    }
    Ok(None)
}
