//! rtnetlink: what the kernel knows of interfaces, addresses, routes and neighbours, asked for by messages.
//!
//! A request is a header, a fixed struct and attributes; the answer is messages of the same form. Numbers are in the machine's
//! byte order, addresses in the network's. Attributes that nobody asks about are passed over, so that a newer kernel's
//! additions change nothing.
//!
//! Obeys netlink(7) and rtnetlink(7); RFC 3549 section 2 tells the same format.

use host::Error;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};
use std::io;
use wire::reader::Reader;

/// Of `struct nlmsghdr`, bytes: length, type, flags, sequence number, port.
const HEADER_LEN: usize = 16;

/// The kernel fills at most 32 KiB at once.
const BUFFER_LEN: usize = 32 * 1024;

/// One message of an answer.
pub(crate) struct Message {
    pub(crate) kind: u16,
    body: Vec<u8>,
}

/// What is asked: one thing, or a whole table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    One,
    All,
}

/// The kernel's answer to a request of this `kind` and `body`.
///
/// A table that changes while it is read may show some of both states.
///
/// # Errors
/// What the kernel says of the request.
pub(crate) fn ask(kind: u16, ask: Ask, body: &[u8]) -> io::Result<Vec<Message>> {
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    let flags = libc::NLM_F_REQUEST | if ask == Ask::All { libc::NLM_F_DUMP } else { 0 };
    sendto(&socket, &request(kind, flags, body), SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = Vec::new();
    let mut buffer = vec![0; BUFFER_LEN];
    loop {
        let (len, _) = recv(&socket, &mut buffer, RecvFlags::empty())?;
        let mut messages = Reader::new(buffer.get(..len).unwrap_or_default());
        while let Some(message) = take_message(&mut messages) {
            match i32::from(message.kind) {
                libc::NLMSG_DONE => return Ok(answer),
                libc::NLMSG_ERROR => return message.error().map(|()| answer),
                _ => answer.push(message),
            }
        }
        if ask == Ask::One {
            return Ok(answer);
        }
    }
}

fn request(kind: u16, flags: libc::c_int, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(HEADER_LEN + body.len()).unwrap_or(u32::MAX);
    let flags = u16::try_from(flags).unwrap_or(u16::MAX);
    let (sequence, port) = ([0; 4], [0; 4]);
    [&len.to_ne_bytes()[..], &kind.to_ne_bytes(), &flags.to_ne_bytes(), &sequence, &port, body].concat()
}

/// An attribute to put behind a request's struct: length, type, value, filled up to a multiple of four bytes.
pub(crate) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
    let mut bytes = [&len.to_ne_bytes()[..], &kind.to_ne_bytes(), value].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn take_message(reader: &mut Reader<'_>) -> Option<Message> {
    let len = u32::from_ne_bytes(reader.array()?) as usize;
    let kind = u16::from_ne_bytes(reader.array()?);
    reader.take(HEADER_LEN - 6)?;
    let body = reader.take(len.checked_sub(HEADER_LEN)?)?.to_vec();
    skip_fill(reader, len);
    Some(Message { kind, body })
}

/// Passes over what fills `len` up to a multiple of four bytes; the last one may come without.
fn skip_fill(reader: &mut Reader<'_>, len: usize) {
    reader.take((len.next_multiple_of(4) - len).min(reader.rest().len()));
}

impl Message {
    /// The struct of `N` bytes that it begins with, and a walk over the attributes behind it.
    pub(crate) fn split<const N: usize>(&self) -> Option<(&[u8; N], Attributes<'_>)> {
        let (head, rest) = self.body.split_first_chunk::<N>()?;
        Some((head, Attributes(Reader::new(rest))))
    }

    /// Of `NLMSG_ERROR`: the error, a negative number; zero means that all went well.
    fn error(&self) -> io::Result<()> {
        let code = self.body.first_chunk().map_or(0, |code| i32::from_ne_bytes(*code));
        if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code.saturating_neg())) }
    }
}

/// The attributes of a message, `(type, value)`, until the first that does not fit.
pub(crate) struct Attributes<'a>(Reader<'a>);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        /// The two highest bits of the type are flags.
        const TYPE: u16 = 0x3fff;
        let len = usize::from(u16::from_ne_bytes(self.0.array()?));
        let kind = u16::from_ne_bytes(self.0.array()?) & TYPE;
        let value = self.0.take(len.checked_sub(4)?)?;
        skip_fill(&mut self.0, len);
        Some((kind, value))
    }
}

/// The number that an attribute is.
pub(crate) fn number(value: &[u8]) -> Option<u32> {
    value.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

/// The IP address that an attribute is.
pub(crate) fn address(value: &[u8]) -> Option<std::net::IpAddr> {
    let four = |_| <[u8; 4]>::try_from(value).map(Into::into);
    <[u8; 16]>::try_from(value).map(Into::into).or_else(four).ok()
}

/// An error of `what` was asked, in words.
pub(crate) fn failed(what: &str) -> impl Fn(io::Error) -> Error {
    move |error| Error::Other(format!("cannot ask the kernel for {what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_that_does_not_fit_ends_the_walk() {
        let whole = [attribute(1, &[10, 0, 0, 1]), attribute(3, b"lo\0")].concat();
        let walk = |bytes| Attributes(Reader::new(bytes)).collect::<Vec<_>>();
        assert_eq!(walk(&whole), [(1, &[10, 0, 0, 1][..]), (3, b"lo\0")]);
        assert_eq!(walk(&whole[..14]), [(1, &[10, 0, 0, 1][..])]);
        // A length below that of its own header must not let the walk stand still.
        assert_eq!(walk(&[0, 0, 1, 0, 8, 0, 1, 0]), []);
    }

    #[test]
    fn message_with_a_lying_length_is_the_end() {
        let mut bytes = request(18, 0, &[0; 16]);
        assert_eq!(take_message(&mut Reader::new(&bytes)).unwrap().kind, 18);
        bytes[0] += 1;
        assert!(take_message(&mut Reader::new(&bytes)).is_none());
        bytes[0] = 15;
        assert!(take_message(&mut Reader::new(&bytes)).is_none());
    }
}
