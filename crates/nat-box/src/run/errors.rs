//! What the box itself says of packets that go nowhere: RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.

use host::Time;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::icmp::{self, Unreachable};
use wire::ipv4::{self, Ipv4};

/// RFC 1812 section 4.3.2.3: as much of the packet as fits "without the length of the ICMP datagram exceeding 576 bytes".
pub(super) const MAX_QUOTE: usize = 576 - Ipv4::LEN - 8;
/// RFC 1812 section 4.3.2.5: errors have precedence 6, internetwork control.
const INTERNETWORK_CONTROL: u8 = 6 << 3;

/// What became of a packet, in the words of ICMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trouble {
    kind: u8,
    code: u8,
    next_hop_mtu: u16,
}

impl Trouble {
    /// RFC 1812 section 5.3.1.
    pub(super) const TTL_USED_UP: Self = Self { kind: icmp::TIME_EXCEEDED, code: 0, next_hop_mtu: 0 };

    /// RFC 1812 section 5.2.7.1 has the codes.
    pub(super) fn unreachable(code: u8) -> Self {
        Self { kind: icmp::UNREACHABLE, code, next_hop_mtu: 0 }
    }

    /// RFC 1191 section 4: the router tells the MTU of the link that the packet does not fit.
    pub(super) fn fragmentation_needed(mtu: usize) -> Self {
        Self { next_hop_mtu: u16::try_from(mtu).unwrap_or(u16::MAX), ..Self::unreachable(4) }
    }

    /// The error about `packet` from `source`, or nothing where none may be sent.
    pub(super) fn about(self, packet: &[u8], source: Ipv4Addr) -> Option<Vec<u8>> {
        let (about, ..) = Ipv4::split(packet).ok().filter(|(about, _, payload)| may_complain(about, payload))?;
        let header = Ipv4 { dscp: INTERNETWORK_CONTROL, ..Ipv4::new(source, about.source, ipv4::ICMP) };
        let word = Unreachable { unused: 0, length: 0, next_hop_mtu: self.next_hop_mtu }.bytes();
        let quote = packet.get(..MAX_QUOTE).unwrap_or(packet);
        Some(header.packet(&icmp::message(self.kind, self.code, word, quote)))
    }
}

/// RFC 1122 section 3.2.2: not about an ICMP error, a fragment other than the first, or a packet whose source is no single host.
fn may_complain(about: &Ipv4, payload: &[u8]) -> bool {
    let is_error = about.protocol == ipv4::ICMP
        && payload.first().is_none_or(|kind| !matches!(*kind, icmp::ECHO_REQUEST | icmp::ECHO_REPLY | 13..=18));
    let is_one_host = !(about.source.is_unspecified() || about.source.is_multicast() || about.source.is_broadcast());
    !is_error && about.fragment_offset == 0 && is_one_host && !about.source.is_loopback()
}

/// How many errors may leave: RFC 1812 section 4.3.2.8, a router "SHOULD also be able to limit the rate at which it sends" them.
/// As many as Linux sends in all by default: 1000 a second, after a burst of 50.
#[derive(Debug)]
pub(super) struct Limit {
    saved: Duration,
    at: Time,
}

impl Limit {
    const EACH: Duration = Duration::from_millis(1);
    const MOST: Duration = Duration::from_millis(50);

    pub(super) fn new() -> Self {
        Self { saved: Self::MOST, at: Time::START }
    }

    /// Whether one more may leave now; if so, it is counted.
    pub(super) fn allows(&mut self, now: Time) -> bool {
        let saved = (self.saved + (now - self.at)).min(Self::MOST);
        let rest = saved.checked_sub(Self::EACH);
        (self.saved, self.at) = (rest.unwrap_or(saved), now);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

    #[test]
    fn no_error_is_sent_about_an_error_a_later_fragment_or_a_group() {
        let about = |header: Ipv4, payload: &[u8]| Trouble::TTL_USED_UP.about(&header.packet(payload), HERE).is_some();
        let header = Ipv4::new([10, 0, 0, 2].into(), [10, 0, 1, 2].into(), ipv4::ICMP);
        assert!(about(header, &[icmp::ECHO_REQUEST, 0, 0, 0]));
        assert!(!about(header, &[icmp::TIME_EXCEEDED, 0, 0, 0]));
        assert!(!about(Ipv4 { fragment_offset: 1, ..header }, &[icmp::ECHO_REQUEST, 0, 0, 0]));
        assert!(!about(Ipv4 { source: [224, 0, 0, 1].into(), ..header }, &[icmp::ECHO_REQUEST, 0, 0, 0]));
    }

    #[test]
    fn error_quotes_what_fits_and_is_intact() {
        let long = Ipv4::new([10, 0, 0, 2].into(), [10, 0, 1, 2].into(), ipv4::UDP).packet(&[7; 2000]);
        let error = Trouble::fragmentation_needed(1400).about(&long, HERE).unwrap();
        let (header, _, message, _) = Ipv4::parse(&error).unwrap();
        assert_eq!((error.len(), header.source, header.destination), (576, HERE, [10, 0, 0, 2].into()));
        assert!(Ipv4::is_intact(&error) && icmp::is_intact(message));
        assert_eq!(message[6..8], 1400_u16.to_be_bytes());
        assert_eq!(message[8..], long[..548]);
    }

    #[test]
    fn fifty_errors_leave_at_once_and_then_a_thousand_a_second() {
        let mut limit = Limit::new();
        let mut allowed = |milliseconds| {
            let now = Time::START + Duration::from_millis(milliseconds);
            (0..2000).filter(|_| limit.allows(now)).count()
        };
        assert_eq!([0, 1, 11, 5000].map(&mut allowed), [50, 1, 10, 50]);
    }
}
