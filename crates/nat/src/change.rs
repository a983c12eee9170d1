//! What becomes of the table, told to who watches.

use crate::{Protocol, Reason, Side, State};
use host::Time;
use std::net::{Ipv4Addr, SocketAddrV4};

/// A session as it stands in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Of what.
    pub protocol: Protocol,
    /// The inside address and port; of ICMP, the identifier.
    pub inside: SocketAddrV4,
    /// What stands for them outside.
    pub outside: SocketAddrV4,
    /// The other end.
    pub peer: SocketAddrV4,
    /// Its state.
    pub state: State,
    /// When it came into the table.
    pub began: Time,
    /// When it ends unless something comes.
    pub until: Time,
    /// Bytes of its packets that went out, IP headers and all.
    pub bytes_out: u64,
    /// Bytes of its packets that came in.
    pub bytes_in: u64,
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It was in the table when the watching began.
    There(Entry),
    /// It came into the table.
    Opened(Entry),
    /// Its state is another one.
    Moved(Entry),
    /// It left the table.
    Closed(Entry, Ending),
    /// A packet went nowhere.
    Dropped {
        /// Where it came from.
        side: Side,
        /// Its protocol, and its ends as far as they can be told.
        protocol: u8,
        /// Its source.
        source: SocketAddrV4,
        /// Its destination.
        destination: SocketAddrV4,
        /// Why.
        reason: Reason,
    },
}

/// Why a session left the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nothing came for as long as its timer runs.
    Idle,
}

impl Change {
    /// As a message of fixed form, for who watches from elsewhere: numbers in network byte order, in the order of the
    /// fields.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let mut out = self.at.0.to_be_bytes().to_vec();
        let end = |out: &mut Vec<u8>, end: &SocketAddrV4| {
            out.extend(end.ip().octets());
            out.extend(end.port().to_be_bytes());
        };
        let (kind, entry) = match &self.what {
            What::There(entry) => (0, entry),
            What::Opened(entry) => (1, entry),
            What::Moved(entry) => (2, entry),
            What::Closed(entry, Ending::Idle) => (3, entry),
            What::Dropped { side, protocol, source, destination, reason } => {
                out.extend([4, u8::from(*side == Side::Outside), *protocol, reason.number()]);
                end(&mut out, source);
                end(&mut out, destination);
                return out;
            }
        };
        out.extend([kind, entry.protocol.number(), entry.state.number()]);
        [entry.inside, entry.outside, entry.peer].iter().for_each(|one| end(&mut out, one));
        for number in [entry.began.0, entry.until.0, entry.bytes_out, entry.bytes_in] {
            out.extend(number.to_be_bytes());
        }
        out
    }

    /// What [`Change::message`] made; `None`: something else did.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut rest = Rest(message);
        let at = Time(rest.long()?);
        let what = match rest.byte()? {
            4 => {
                let side = if rest.byte()? == 0 { Side::Inside } else { Side::Outside };
                let (protocol, reason) = (rest.byte()?, Reason::numbered(rest.byte()?)?);
                What::Dropped { side, protocol, source: rest.end()?, destination: rest.end()?, reason }
            }
            kind => {
                let entry = Entry {
                    protocol: Protocol::numbered(rest.byte()?)?,
                    state: State::numbered(rest.byte()?)?,
                    inside: rest.end()?,
                    outside: rest.end()?,
                    peer: rest.end()?,
                    began: Time(rest.long()?),
                    until: Time(rest.long()?),
                    bytes_out: rest.long()?,
                    bytes_in: rest.long()?,
                };
                match kind {
                    0 => What::There(entry),
                    1 => What::Opened(entry),
                    2 => What::Moved(entry),
                    3 => What::Closed(entry, Ending::Idle),
                    _ => return None,
                }
            }
        };
        rest.0.is_empty().then_some(Self { at, what })
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn long(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn end(&mut self) -> Option<SocketAddrV4> {
        let address = self.take::<4>()?;
        Some(SocketAddrV4::new(Ipv4Addr::from(address), u16::from_be_bytes(self.take()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_read_as_it_was_written() {
        let end = |port| SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 2), port);
        for state in (0..9).map(|number| State::numbered(number).unwrap()) {
            let entry = Entry {
                protocol: Protocol::Tcp,
                inside: end(1),
                outside: end(2),
                peer: end(3),
                state,
                began: Time(4),
                until: Time::NEVER,
                bytes_out: 5,
                bytes_in: u64::MAX,
            };
            for what in [What::There(entry), What::Opened(entry), What::Moved(entry), What::Closed(entry, Ending::Idle)]
            {
                let change = Change { at: Time(9), what };
                assert_eq!(Change::read(&change.message()), Some(change));
                assert_eq!(Change::read(&change.message()[1..]), None);
            }
        }
        for reason in Reason::ALL {
            let what = What::Dropped { side: Side::Outside, protocol: 47, source: end(1), destination: end(2), reason };
            let change = Change { at: Time(9), what };
            assert_eq!(Change::read(&change.message()), Some(change));
        }
    }
}
