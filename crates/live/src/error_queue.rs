//! The error queue of a socket: which of the messages that it sent did not arrive, and who says so.
//!
//! Obeys ip(7), "`IP_RECVERR`".

use crate::endpoint::{Endpoint, Kind};
use crate::received::{Received, native_u32};
use crate::{ping, route};
use host::{IcmpError, Packet, Time};
use rustix::io::Errno;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use wire::icmp::UNREACHABLE;

/// An entry of the queue: `struct sock_extended_err`, and the address that follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queued {
    errno: Errno,
    /// Whether it stands for an ICMP message; else this machine itself found the error.
    icmp: bool,
    kind: u8,
    code: u8,
    /// With "fragmentation needed": the MTU.
    info: u32,
    /// Who sent the ICMP message.
    offender: Option<Ipv4Addr>,
}

impl Queued {
    /// The entry in a control message; `None` if it is cut short.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let (head, address) = value.split_first_chunk::<16>()?;
        let &[_, _, _, _, origin, kind, code, ..] = head;
        let offender = match address {
            &[f, g, _, _, a, b, c, d, ..] if i32::from(u16::from_ne_bytes([f, g])) == libc::AF_INET => {
                Some([a, b, c, d])
            }
            _ => None,
        };
        Some(Self {
            errno: Errno::from_raw_os_error(native_u32(head, 0)?.cast_signed()),
            icmp: origin == libc::SO_EE_ORIGIN_ICMP,
            kind,
            code,
            info: native_u32(head, 8)?,
            offender: offender.map(Into::into),
        })
    }

    /// The ICMP error that this stands for; `own` is the address that the message left with.
    ///
    /// `None` for what the send has told already: this machine's own finding that a message is too long.
    pub(crate) fn meaning(self, own: impl FnOnce() -> Option<Ipv4Addr>) -> Option<IcmpError> {
        let Self { kind, code, .. } = self;
        let finding = |code| Some(IcmpError { by: own()?.into(), kind: UNREACHABLE, code, mtu: 0 });
        match self.errno {
            _ if self.icmp => {
                let fragmentation_needed = (kind, code) == (UNREACHABLE, 4);
                let mtu = if fragmentation_needed { u16::try_from(self.info).unwrap_or(u16::MAX) } else { 0 };
                Some(IcmpError { by: self.offender?.into(), kind, code, mtu })
            }
            Errno::NETUNREACH => finding(0),
            Errno::HOSTUNREACH => finding(1),
            _ => None,
        }
    }
}

impl Endpoint {
    /// The next error, unless it is about somebody else's message or the send has told it already.
    ///
    /// # Errors
    /// As recvmsg(2); `WouldBlock` if there is none.
    pub(crate) fn next_error(&self) -> io::Result<Option<Packet>> {
        if !self.kind.queues_errors() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let packet = |received: &Received, quote: &[u8], at: Time| {
            // A raw socket is told of errors about everybody's messages.
            if let Kind::Ping { identifier: Some(own) } = self.kind
                && !ping::is_request(quote, own)
            {
                return None;
            }
            let error = received.error?.meaning(|| self.source_towards(received.from?))?;
            let from = Some(SocketAddr::new(error.by, 0));
            Some(Packet { at, from, ttl: received.ttl, bytes: quote.to_vec(), error: Some(error) })
        };
        self.next(libc::MSG_DONTWAIT | libc::MSG_ERRQUEUE, packet)
    }

    /// The address that a message to `to` left with.
    fn source_towards(&self, to: SocketAddr) -> Option<Ipv4Addr> {
        let own = self.bound_to().ip();
        let own = if own.is_unspecified() { route::source_towards(to.ip())? } else { own };
        match own {
            std::net::IpAddr::V4(own) => Some(own),
            std::net::IpAddr::V6(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(errno: i32, origin: u8, kind: u8, code: u8, info: u32) -> Vec<u8> {
        let fixed = [&errno.to_ne_bytes()[..], &[origin, kind, code, 0], &info.to_ne_bytes(), &[0; 4]].concat();
        [fixed, libc::AF_INET.to_ne_bytes()[..2].to_vec(), vec![0, 0, 10, 0, 0, 1]].concat()
    }

    #[test]
    fn entry_cut_short_is_none() {
        let whole = entry(libc::EMSGSIZE, libc::SO_EE_ORIGIN_ICMP, 3, 4, 1400);
        for len in 0..16 {
            assert_eq!(Queued::parse(&whole[..len]), None, "{len} bytes");
        }
        assert_eq!(Queued::parse(&whole[..23]).unwrap().offender, None);
        let error = IcmpError { by: Ipv4Addr::new(10, 0, 0, 1).into(), kind: 3, code: 4, mtu: 1400 };
        assert_eq!(Queued::parse(&whole).unwrap().meaning(|| None), Some(error));
    }

    #[test]
    fn own_finding_is_an_error_by_oneself() {
        let own = || Some(Ipv4Addr::new(10, 0, 0, 7));
        let found = |errno| Queued::parse(&entry(errno, libc::SO_EE_ORIGIN_LOCAL, 0, 0, 1500)).unwrap().meaning(own);
        let error = |code| Some(IcmpError { by: own().unwrap().into(), kind: UNREACHABLE, code, mtu: 0 });
        assert_eq!(found(libc::EHOSTUNREACH), error(1));
        assert_eq!(found(libc::ENETUNREACH), error(0));
        assert_eq!(found(libc::EMSGSIZE), None);
    }
}
