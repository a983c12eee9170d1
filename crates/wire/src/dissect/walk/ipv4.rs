//! IPv4: the header and its options.

use super::options::Counts;
use super::{Outer, Span, Walk, summed};
use crate::checksum::Checksum;
use crate::dissect::rows::{
    ALERT, IPV4_END, IPV4_NO_OPERATION, IPV4_OPTION, LOOSE_SOURCE_ROUTE, OPTION_DATA, PADDING, ROUTE, ROUTE_ADDRESS,
    ROUTER_ALERT, STRICT_SOURCE_ROUTE, TIME, TIMES, TIMESTAMP, ipv4_option,
};
use crate::dissect::{Kind, Protocol, Verdict};
use crate::fields::Field as Row;
use crate::fragment::UNIT;
use crate::ipv4::{self, Ipv4, MAX_PACKET};
use crate::options::{END, NO_OPERATION, RECORD_ROUTE};
use crate::tcp::Tcp;

impl Walk<'_> {
    /// The byte where the packet ends: what is behind it in `span` is for whoever carries it.
    pub(super) fn ipv4(&mut self, span: Span) -> usize {
        let start = span.start;
        let Some(header) = self.open(Protocol::Ipv4, Ipv4::FIELDS, Ipv4::take, span) else { return span.end };
        if header.version != 4 {
            let kind = Kind::Unexpected { value: header.version.into(), expected: 4 };
            self.problem_at(Ipv4::FIELDS, "version", start, kind);
            self.data(span.from(start + Ipv4::LEN));
            return span.end;
        }
        let head = self.head(span, &header);
        self.ipv4_options(Span { start: start + Ipv4::LEN, end: head });
        let end = self.end(span, &header, head);
        let payload = Span { start: head, end };
        self.bound(head, payload);
        if header.reserved {
            self.problem_at(Ipv4::FIELDS, "reserved", start, Kind::Reserved);
        }
        let covered = Span { start, end: head };
        let verdict = match self.has_all(covered) && head >= start + usize::from(header.ihl) * 4 {
            true => summed(Checksum::default(), self.bytes(covered), 10),
            false if self.is_quoted => Verdict::Quoted,
            false if self.has_all(covered) => Verdict::Unknown,
            false => Verdict::NotCaptured,
        };
        self.verdict(Ipv4::FIELDS, start + 10, verdict);
        if !header.is_whole() {
            self.fragment(start, &header, payload);
        }
        if header.fragment_offset == 0 {
            let outer = Outer {
                source: header.source.into(),
                destination: header.destination.into(),
                is_fragment: header.more_fragments,
            };
            self.by_protocol(header.protocol, &outer, payload);
        } else {
            self.data(payload);
        }
        end
    }

    /// Where the header ends, by the length that it has.
    fn head(&mut self, span: Span, header: &Ipv4) -> usize {
        let len = usize::from(header.ihl) * 4;
        if len < Ipv4::LEN {
            self.problem_at(Ipv4::FIELDS, "ihl", span.start, Kind::TooSmall { value: len, least: Ipv4::LEN });
            return span.start + Ipv4::LEN;
        }
        if len > span.len() && !self.is_quoted {
            self.problem_at(Ipv4::FIELDS, "ihl", span.start, Kind::TooLarge { value: len, most: span.len() });
        }
        span.first(len).end
    }

    /// Where the packet ends, by the length that it has.
    fn end(&mut self, span: Span, header: &Ipv4, head: usize) -> usize {
        let total = usize::from(header.total_length);
        let least = head - span.start;
        if total < least {
            self.problem_at(Ipv4::FIELDS, "total_length", span.start, Kind::TooSmall { value: total, least });
            return span.end;
        }
        if total > span.len() && !self.is_quoted {
            self.problem_at(
                Ipv4::FIELDS,
                "total_length",
                span.start,
                Kind::TooLarge { value: total, most: span.len() },
            );
        }
        span.first(total).end
    }

    /// What is wrong with a fragment by itself; see [`crate::fragment::Reassembler`], which refuses it then.
    fn fragment(&mut self, start: usize, header: &Ipv4, payload: Span) {
        let len = usize::from(header.total_length).saturating_sub(payload.start - start);
        let offset = usize::from(header.fragment_offset) * UNIT;
        if len == 0 || header.more_fragments && !len.is_multiple_of(UNIT) {
            self.problem_at(Ipv4::FIELDS, "total_length", start, Kind::UnevenFragment(len));
        }
        let end = offset + len;
        if end > MAX_PACKET - (payload.start - start).min(MAX_PACKET) {
            self.problem_at(Ipv4::FIELDS, "fragment_offset", start, Kind::FragmentBeyondTheLongestPacket(end));
        }
        let is_tiny = offset == 0 && len < Tcp::LEN || offset == UNIT;
        if header.protocol == ipv4::TCP && is_tiny {
            self.problem_at(Ipv4::FIELDS, "fragment_offset", start, Kind::TinyFragment);
        }
    }

    pub(super) fn by_protocol(&mut self, protocol: u8, outer: &Outer, span: Span) {
        match protocol {
            ipv4::ICMP => self.icmp(outer, span),
            ipv4::TCP => self.tcp(outer, span),
            ipv4::UDP => self.udp(outer, span),
            _ => self.data(span),
        }
    }

    fn ipv4_options(&mut self, span: Span) {
        let mut at = span.start;
        let end = self.captured(span).end;
        while at < end {
            let bytes = self.bytes(span.from(at));
            match *bytes {
                [END, ..] => {
                    self.part_of_bytes(&IPV4_END, at..at + 1);
                    return self.part_of_bytes(&PADDING, at + 1..end);
                }
                [NO_OPERATION, ..] => {
                    self.part_of_bytes(&IPV4_NO_OPERATION, at..at + 1);
                    at += 1;
                }
                [kind, length, ..] if (2..=bytes.len()).contains(&usize::from(length)) => {
                    let len = usize::from(length);
                    self.group(ipv4_option(kind), at..at + len, |walk| walk.ipv4_option(kind, at, at + len));
                    at += len;
                }
                _ => {
                    let rest = span.from(at);
                    return self.option_cut_short(ipv4_option(self.kind(rest)), IPV4_OPTION, Counts::Option, rest);
                }
            }
        }
    }

    /// The fields of an option of at least two bytes.
    fn ipv4_option(&mut self, kind: u8, start: usize, end: usize) {
        let (table, item): (_, &Row) = match kind {
            RECORD_ROUTE | LOOSE_SOURCE_ROUTE | STRICT_SOURCE_ROUTE if end >= start + 3 => (ROUTE, &ROUTE_ADDRESS),
            TIMESTAMP if end >= start + 4 => (TIMES, &TIME),
            ROUTER_ALERT if end == start + 4 => (ALERT, &OPTION_DATA),
            _ => (IPV4_OPTION, &OPTION_DATA),
        };
        let mut at = start + super::len(table);
        self.rows(table, start..at);
        let has_addresses = kind == TIMESTAMP && self.tree.bytes.get(start + 3).is_some_and(|flags| flags & 15 != 0);
        let mut is_address = has_addresses;
        while table.len() != IPV4_OPTION.len() && at + 4 <= end {
            self.part_of_bytes(if is_address { &ROUTE_ADDRESS } else { item }, at..at + 4);
            is_address = has_addresses && !is_address;
            at += 4;
        }
        self.part_of_bytes(&OPTION_DATA, at..end);
    }
}
