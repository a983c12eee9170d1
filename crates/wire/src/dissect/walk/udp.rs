//! User datagrams.

use super::{Outer, Span, Walk, ip};
use crate::dhcp::{CLIENT_PORT, SERVER_PORT};
use crate::dissect::{Kind, Protocol, Verdict};
use crate::dns;
use crate::udp::Udp;

impl Walk<'_> {
    pub(super) fn udp(&mut self, outer: &Outer, span: Span) {
        let start = span.start;
        let Some(header) = self.open(Protocol::Udp, Udp::FIELDS, Udp::take, span) else { return };
        let length = usize::from(header.length);
        let lie = match length {
            value if value < Udp::LEN => Some(Kind::TooSmall { value, least: Udp::LEN }),
            value if value > span.len() => Some(Kind::TooLarge { value, most: span.len() }),
            _ => None,
        };
        if let Some(kind) = lie {
            self.problem_at(Udp::FIELDS, "length", start, kind);
        }
        let datagram = if length < Udp::LEN { span } else { span.first(length) };
        let payload = datagram.from(start + Udp::LEN);
        self.bound(start + Udp::LEN, payload);
        let verdict = match lie {
            _ if header.checksum == 0 => self.without_checksum(outer, start),
            Some(_) if !self.is_beginning => Verdict::Unknown,
            _ => match self.transport(outer, ip::UDP, datagram, start + 6) {
                // RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
                Verdict::Wrong(0) => Verdict::Wrong(0xffff),
                Verdict::LeftToTheCard(0) => Verdict::LeftToTheCard(0xffff),
                verdict => verdict,
            },
        };
        self.verdict(Udp::FIELDS, start + 6, verdict);
        let carrier = self.tree.layers.len() - 1;
        let ports = [header.source_port, header.destination_port];
        if ports.iter().all(|port| [SERVER_PORT, CLIENT_PORT].contains(port)) && payload.len() > 0 && !self.is_beginning
        {
            self.dhcp(payload);
        } else if ports.contains(&dns::PORT) {
            self.dns(payload);
        } else {
            self.data(payload);
        }
        self.trailer(carrier, span.from(datagram.end));
    }

    /// RFC 8200 section 8.1: "Unlike IPv4, the default behavior when UDP packets are originated by an IPv6 node is that the UDP
    /// checksum is not optional."
    fn without_checksum(&mut self, outer: &Outer, start: usize) -> Verdict {
        if outer.source.is_ipv6() && !self.is_quoted {
            self.problem_at(Udp::FIELDS, "checksum", start, Kind::NoChecksum);
        }
        Verdict::Absent
    }
}
