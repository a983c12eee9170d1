//! Whether a message that arrived is an answer to a request of ours, and to which.
//!
//! RFC 792 page 15: "The identifier and sequence number may be used by the echo sender to aid in matching the replies with the
//! echo requests." The sender of a reply must be the target, or a stranger could answer for it; an error may come from anybody
//! on the way, and is ours if the request that it quotes is.

use host::{IcmpError, Packet};
use std::fmt;
use std::net::IpAddr;
use wire::WireError;
use wire::icmp::{self, Message};

/// What a message says of one of our requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The target returned this data.
    Reply {
        /// To which request.
        sequence: u16,
        /// What came back.
        data: &'a [u8],
    },
    /// Somebody tells of trouble.
    Error {
        /// With which request.
        sequence: u16,
        /// Who, and what.
        error: IcmpError,
    },
}

/// Why a message is none of our business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// A reply with our identifier from a host that was not asked.
    OtherHost(IpAddr),
    /// A reply to another program's request.
    OtherIdentifier(u16),
    /// A message of a type that answers nothing; on the loopback interface our own requests come by.
    OtherType(u8),
    /// An error about another program's packet.
    OtherQuote(IpAddr),
    /// A reply to a request that was never sent.
    NeverAsked(u16),
    /// A message that is cut short.
    Malformed(WireError),
}

/// What `packet`, an ICMP message, says of a request to `target` with this identifier. Its checksum was the host's work.
///
/// # Errors
/// Why it is no answer to us.
pub fn classify(packet: &Packet, target: IpAddr, identifier: u16) -> Result<Answer<'_>, Foreign> {
    let (_, message) = icmp::parse(&packet.bytes).map_err(Foreign::Malformed)?;
    if let Some(error) = packet.error {
        return match message {
            Message::EchoRequest { echo, .. } if echo.identifier == identifier => {
                Ok(Answer::Error { sequence: echo.sequence, error })
            }
            _ => Err(Foreign::OtherQuote(error.by)),
        };
    }
    let Message::EchoReply { echo, data } = message else {
        return Err(Foreign::OtherType(packet.bytes.first().copied().unwrap_or(0)));
    };
    if echo.identifier != identifier {
        return Err(Foreign::OtherIdentifier(echo.identifier));
    }
    match packet.sender() {
        Some(from) if from != target => Err(Foreign::OtherHost(from)),
        _ => Ok(Answer::Reply { sequence: echo.sequence, data }),
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherHost(from) => write!(f, "an echo reply with our identifier came from {from}, who was not asked"),
            Self::OtherIdentifier(identifier) => {
                write!(f, "an echo reply came for another program, identifier {identifier}")
            }
            Self::OtherType(kind) => write!(f, "an ICMP message of type {kind} came, which answers nothing"),
            Self::OtherQuote(by) => write!(f, "{by} tells of trouble with a packet that is not ours"),
            Self::NeverAsked(sequence) => write!(f, "an echo reply came to request {sequence}, which was never sent"),
            Self::Malformed(error) => write!(f, "a message was no ICMP: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::Time;
    use wire::icmp::Echo;

    const TARGET: [u8; 4] = [192, 168, 10, 3];
    const OTHER: [u8; 4] = [192, 168, 10, 4];
    const OURS: Echo = Echo { identifier: 7, sequence: 256 };

    fn packet(from: [u8; 4], bytes: Vec<u8>) -> Packet {
        Packet { at: Time(1), from: Some((from, 0).into()), ttl: Some(96), bytes, error: None }
    }

    fn error(bytes: Vec<u8>) -> Packet {
        let error = IcmpError { by: OTHER.into(), kind: 3, code: 1, mtu: 0 };
        Packet { error: Some(error), ..packet(OTHER, bytes) }
    }

    fn classified(packet: &Packet) -> Result<Answer<'_>, Foreign> {
        classify(packet, TARGET.into(), 7)
    }

    #[test]
    fn reply_of_the_target_is_matched_by_its_sequence_number() {
        let packet = packet(TARGET, icmp::echo_reply(OURS, b"data"));
        assert_eq!(classified(&packet), Ok(Answer::Reply { sequence: 256, data: b"data" }));
    }

    #[test]
    fn reply_from_another_host_is_not_ours() {
        assert_eq!(classified(&packet(OTHER, icmp::echo_reply(OURS, b""))), Err(Foreign::OtherHost(OTHER.into())));
    }

    #[test]
    fn reply_to_another_program_is_not_ours() {
        let theirs = Echo { identifier: 8, ..OURS };
        assert_eq!(classified(&packet(TARGET, icmp::echo_reply(theirs, b""))), Err(Foreign::OtherIdentifier(8)));
    }

    #[test]
    fn own_request_that_comes_by_is_no_answer() {
        assert_eq!(classified(&packet(TARGET, icmp::echo_request(7, 256, b""))), Err(Foreign::OtherType(8)));
    }

    #[test]
    fn error_is_ours_if_the_request_that_it_quotes_is() {
        let ours = error(icmp::echo_request(7, 256, b""));
        assert_eq!(classified(&ours), Ok(Answer::Error { sequence: 256, error: ours.error.unwrap() }));
        let not_ours = Err(Foreign::OtherQuote(OTHER.into()));
        assert_eq!(classified(&error(icmp::echo_request(8, 256, b""))), not_ours);
        assert_eq!(classified(&error(icmp::echo_reply(OURS, b""))), not_ours);
    }

    #[test]
    fn message_cut_short_anywhere_is_named_and_not_ours() {
        let whole = icmp::echo_reply(OURS, b"");
        for len in 0..whole.len() {
            assert!(matches!(classified(&packet(TARGET, whole[..len].to_vec())), Err(Foreign::Malformed(_))));
            assert!(matches!(classified(&error(whole[..len].to_vec())), Err(Foreign::Malformed(_))));
        }
    }
}
