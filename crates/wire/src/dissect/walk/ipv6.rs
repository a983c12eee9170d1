//! IPv6: the header, and the extension headers behind it.

use super::options::Counts;
use super::{MOST_EXTENSION_HEADERS, Outer, Span, Walk};
use crate::dissect::rows::{
    AH_PROOF, IPV6_OPTION, IPV6_PAD1, OPTION_DATA, ROUTING_DATA, SEGMENT, SEGMENT_ROUTING, SOURCE_ROUTE, ipv6_option,
};
use crate::dissect::{Kind, Protocol};
use crate::fields::Field as Row;
use crate::fragment::UNIT;
use crate::ipv4::MAX_PACKET;
use crate::ipv6::extension::{
    self, AH, Ah, DESTINATION_OPTIONS, ESP, Esp, FRAGMENT, Fragment, HOP_BY_HOP, OptionsHeader, PAD1, ROUTING, Routing,
};
use crate::ipv6::{self, Ipv6};
use std::net::Ipv6Addr;

impl Walk<'_> {
    /// The byte where the packet ends: what is behind it in `span` is for whoever carries it.
    pub(super) fn ipv6(&mut self, span: Span) -> usize {
        let start = span.start;
        let Some(header) = self.open(Protocol::Ipv6, Ipv6::FIELDS, Ipv6::take, span) else { return span.end };
        if header.version != 6 {
            let kind = Kind::Unexpected { value: header.version.into(), expected: 6 };
            self.problem_at(Ipv6::FIELDS, "version", start, kind);
            self.data(span.from(start + Ipv6::LEN));
            return span.end;
        }
        let rest = span.from(start + Ipv6::LEN);
        let value = usize::from(header.payload_length);
        if value > rest.len() && !self.is_quoted {
            self.problem_at(Ipv6::FIELDS, "payload_length", start, Kind::TooLarge { value, most: rest.len() });
        }
        let payload = rest.first(value);
        self.bound(payload.start, payload);
        let outer = Outer { source: header.source.into(), destination: header.destination.into(), is_fragment: false };
        self.by_next_header(header.next_header, outer, payload);
        payload.end
    }

    /// What follows the IPv6 header: extension headers one by one, and then what the packet is for.
    fn by_next_header(&mut self, mut next_header: u8, mut outer: Outer, mut span: Span) {
        for _ in 0..MOST_EXTENSION_HEADERS {
            let walked = match next_header {
                HOP_BY_HOP => self.options_header(Protocol::HopByHop, next_header, span),
                DESTINATION_OPTIONS => self.options_header(Protocol::DestinationOptions, next_header, span),
                ROUTING => self.routing(&mut outer, span),
                FRAGMENT => self.fragment_header(&mut outer, span),
                AH => self.authentication(span),
                ESP => return self.encrypted(span),
                ipv6::ICMPV6 => return self.icmpv6(&outer, span),
                ipv6::TCP => return self.tcp(&outer, span),
                ipv6::UDP => return self.udp(&outer, span),
                _ => return self.data(span),
            };
            let Some(rest) = walked else { return };
            (next_header, span) = rest;
        }
        self.problem(None, self.captured(span).start, Kind::TooDeep);
        self.data(span);
    }

    /// Where an extension header ends by its length, and what is there of it.
    fn extension(&mut self, kind: u8, table: &'static [Row], span: Span) -> Span {
        let first = self.bytes(span).first_chunk().copied().unwrap_or([0; 2]);
        let value = extension::len(kind, first).unwrap_or(0);
        if value > span.len() && !self.is_quoted {
            let name = if kind == AH { "payload_len" } else { "length" };
            self.problem_at(table, name, span.start, Kind::TooLarge { value, most: span.len() });
        }
        span.first(value)
    }

    fn options_header(&mut self, protocol: Protocol, kind: u8, span: Span) -> Rest {
        let header = self.open(protocol, OptionsHeader::FIELDS, OptionsHeader::take, span)?;
        let whole = self.extension(kind, OptionsHeader::FIELDS, span);
        self.ipv6_options(whole.from(span.start + OptionsHeader::LEN));
        self.walked(header.next_header, whole, span)
    }

    /// Goes on behind an extension header, unless that reaches beyond the packet.
    fn walked(&mut self, next_header: u8, whole: Span, span: Span) -> Rest {
        let rest = span.from(whole.end);
        self.bound(whole.end, rest);
        Some((next_header, rest))
    }

    fn ipv6_options(&mut self, span: Span) {
        let mut at = span.start;
        let end = self.captured(span).end;
        while at < end {
            let bytes = self.bytes(span.from(at));
            match *bytes {
                [PAD1, ..] => {
                    self.part_of_bytes(&IPV6_PAD1, at..at + 1);
                    at += 1;
                }
                [kind, length, ..] if usize::from(length) + 2 <= bytes.len() => {
                    let len = usize::from(length) + 2;
                    self.group(ipv6_option(kind), at..at + len, |walk| {
                        walk.rows(IPV6_OPTION, at..at + 2);
                        walk.part_of_bytes(&OPTION_DATA, at + 2..at + len);
                    });
                    at += len;
                }
                _ => {
                    let rest = span.from(at);
                    return self.option_cut_short(ipv6_option(self.kind(rest)), IPV6_OPTION, Counts::Data, rest);
                }
            }
        }
    }

    fn routing(&mut self, outer: &mut Outer, span: Span) -> Rest {
        let header = self.open(Protocol::Routing, Routing::FIELDS, Routing::take, span)?;
        let whole = self.extension(ROUTING, Routing::FIELDS, span);
        let rest = whole.from(span.start + Routing::LEN);
        let (table, is_known): (&'static [Row], _) = match header.routing_type {
            0 | 2 => (SOURCE_ROUTE, true),
            4 => (SEGMENT_ROUTING, true),
            _ => (&[], false),
        };
        let mut addresses = vec![];
        if is_known && rest.len() >= 4 {
            let mut at = self.second_word(table, rest);
            // Segment routing says which of its addresses is the last: options may follow them.
            let most = match (header.routing_type, self.bytes(rest)) {
                (4, [last, ..]) => usize::from(*last) + 1,
                _ => usize::MAX,
            };
            while let Some((octets, _)) = self.bytes(whole.from(at)).split_first_chunk()
                && addresses.len() < most
            {
                addresses.push(Ipv6Addr::from_octets(*octets));
                self.part_of_bytes(&SEGMENT, at..at + 16);
                at += 16;
            }
            self.part_of_bytes(&ROUTING_DATA, at..self.captured(whole).end);
        } else {
            self.part_of_bytes(&ROUTING_DATA, self.captured(rest));
        }
        // RFC 8200 section 8.1: the pseudo-header has the address of the final destination, which is the last address of type 0
        // (and 2), and the first one of segment routing (RFC 8754 section 2).
        let last = if header.routing_type == 4 { addresses.first() } else { addresses.last() };
        if let (Some(last), true) = (last, header.segments_left > 0) {
            outer.destination = (*last).into();
        }
        self.walked(header.next_header, whole, span)
    }

    fn fragment_header(&mut self, outer: &mut Outer, span: Span) -> Rest {
        let header = self.open(Protocol::Ipv6Fragment, Fragment::FIELDS, Fragment::take, span)?;
        let rest = span.from(span.start + Fragment::LEN);
        let mut at = |name, kind| self.problem_at(Fragment::FIELDS, name, span.start, kind);
        if header.reserved != 0 {
            at("reserved", Kind::Reserved);
        }
        if header.reserved2 != 0 {
            at("reserved2", Kind::Reserved);
        }
        if header.more_fragments && !rest.len().is_multiple_of(UNIT) {
            at("more_fragments", Kind::UnevenFragment(rest.len()));
        }
        let end = usize::from(header.fragment_offset) * UNIT + rest.len();
        if end > MAX_PACKET {
            at("fragment_offset", Kind::FragmentBeyondTheLongestPacket(end));
        }
        outer.is_fragment |= header.more_fragments || header.fragment_offset != 0;
        if header.fragment_offset == 0 {
            return Some((header.next_header, rest));
        }
        self.data(rest);
        None
    }

    fn encrypted(&mut self, span: Span) {
        if self.open(Protocol::Esp, Esp::FIELDS, Esp::take, span).is_some() {
            self.data(span.from(span.start + Esp::LEN));
        }
    }

    fn authentication(&mut self, span: Span) -> Rest {
        let header = self.open(Protocol::Ah, Ah::FIELDS, Ah::take, span)?;
        let value = extension::len(AH, [header.next_header, header.payload_len]).unwrap_or(0);
        if value < Ah::LEN {
            self.problem_at(Ah::FIELDS, "payload_len", span.start, Kind::TooSmall { value, least: Ah::LEN });
            let whole = span.first(Ah::LEN);
            return self.walked(header.next_header, whole, span);
        }
        let whole = self.extension(AH, Ah::FIELDS, span);
        self.part_of_bytes(&AH_PROOF, self.captured(whole.from(span.start + Ah::LEN)));
        self.walked(header.next_header, whole, span)
    }
}

/// What an extension header says that follows, and where; `None` if there is nothing more to walk.
type Rest = Option<(u8, Span)>;
