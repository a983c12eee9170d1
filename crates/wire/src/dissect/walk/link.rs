//! Frames: Ethernet, tags, ARP.

use super::{MOST_TAGS, Span, Walk};
use crate::arp::Arp;
use crate::dissect::{Kind, Protocol};
use crate::ethernet::{self, Ethernet, Tag};
use crate::linux_cooked::{LinuxCooked, LinuxCooked2, NETLINK};

impl Walk<'_> {
    pub(super) fn ethernet(&mut self, span: Span) {
        if let Some(header) = self.open(Protocol::Ethernet, Ethernet::FIELDS, Ethernet::take, span) {
            self.by_ethertype(header.ethertype, span.from(span.start + Ethernet::LEN), 0);
        }
    }

    pub(super) fn linux_cooked(&mut self, span: Span) {
        if let Some(header) = self.open(Protocol::LinuxCooked, LinuxCooked::FIELDS, LinuxCooked::take, span) {
            self.cooked(header.hardware_type, header.protocol, span.from(span.start + LinuxCooked::LEN));
        }
    }

    pub(super) fn linux_cooked2(&mut self, span: Span) {
        if let Some(header) = self.open(Protocol::LinuxCooked2, LinuxCooked2::FIELDS, LinuxCooked2::take, span) {
            self.cooked(header.hardware_type, header.protocol, span.from(span.start + LinuxCooked2::LEN));
        }
    }

    /// What is behind a cooked header. Its protocol is an EtherType or a number for frames of IEEE 802.3, which is no length.
    fn cooked(&mut self, hardware_type: u16, protocol: u16, span: Span) {
        if hardware_type == NETLINK || protocol < ethernet::LEAST_TYPE {
            self.data(span);
        } else {
            self.by_ethertype(protocol, span, 0);
        }
    }

    /// What a frame carries; `tags` are around it already.
    fn by_ethertype(&mut self, ethertype: u16, span: Span, tags: usize) {
        let end = match ethertype {
            ethernet::TAG => {
                if tags == MOST_TAGS {
                    self.problem(None, span.start, Kind::TooDeep);
                    return self.data(span);
                }
                if let Some(tag) = self.open(Protocol::Tag, Tag::FIELDS, Tag::take, span) {
                    self.by_ethertype(tag.ethertype, span.from(span.start + Tag::LEN), tags + 1);
                }
                return;
            }
            ethernet::ARP => self.arp(span),
            ethernet::IPV4 => self.ipv4(span),
            ethernet::IPV6 => self.ipv6(span),
            length if length < ethernet::LEAST_TYPE => {
                let payload = span.first(length.into());
                self.data(payload);
                payload.end
            }
            _ => {
                self.data(span);
                span.end
            }
        };
        self.trailer(0, span.from(end));
    }

    /// The byte where the packet ends.
    fn arp(&mut self, span: Span) -> usize {
        let Some(arp) = self.open(Protocol::Arp, Arp::FIELDS, Arp::take, span) else { return span.end };
        let expected = [
            ("hardware_type", u64::from(arp.hardware_type), 1),
            ("protocol_type", u64::from(arp.protocol_type), 0x0800),
            ("hardware_length", u64::from(arp.hardware_length), 6),
            ("protocol_length", u64::from(arp.protocol_length), 4),
        ];
        for (name, value, expected) in expected.into_iter().filter(|(_, value, expected)| value != expected) {
            self.problem_at(Arp::FIELDS, name, span.start, Kind::Unexpected { value, expected });
        }
        let end = span.start + Arp::LEN;
        self.bound(end, Span { start: end, end });
        end
    }

    pub(super) fn raw_ip(&mut self, span: Span) {
        let end = match self.bytes(span).first().map(|first| first >> 4) {
            Some(4) => self.ipv4(span),
            Some(6) => self.ipv6(span),
            _ => return self.data(span),
        };
        self.trailer(0, span.from(end));
    }
}
