//! ICMP for IPv6: errors and what they quote, neighbour discovery and its options.

use super::options::Counts;
use super::{Outer, Span, Walk};
use crate::dissect::Protocol;
use crate::dissect::rows::{ADDRESS6, CUT_SHORT, ND_OPTION, OPTION_DATA, nd_option};
use crate::extensions::{Extensions, LEAST_DATAGRAM};
use crate::fields::Field as Row;
use crate::icmp::Echo;
use crate::icmpv6::options::{DNS_SERVER, REDIRECTED_HEADER, RedirectedHeader, UNIT};
use crate::icmpv6::{
    self, Error, Icmpv6, NeighborAdvertisement, NeighborSolicitation, PacketTooBig, ParameterProblem, Redirect,
    RouterAdvertisement, RouterSolicitation,
};
use crate::ipv6;

impl Walk<'_> {
    pub(super) fn icmpv6(&mut self, outer: &Outer, span: Span) {
        let start = span.start;
        let Some(header) = self.open(Protocol::Icmpv6, Icmpv6::FIELDS, Icmpv6::take, span) else { return };
        let body: &'static [Row] = match header.kind {
            icmpv6::UNREACHABLE | icmpv6::TIME_EXCEEDED => Error::FIELDS,
            icmpv6::PACKET_TOO_BIG => PacketTooBig::FIELDS,
            icmpv6::PARAMETER_PROBLEM => ParameterProblem::FIELDS,
            icmpv6::ECHO_REQUEST | icmpv6::ECHO_REPLY => Echo::FIELDS,
            icmpv6::ROUTER_SOLICITATION => RouterSolicitation::FIELDS,
            icmpv6::ROUTER_ADVERTISEMENT => RouterAdvertisement::FIELDS,
            icmpv6::NEIGHBOR_SOLICITATION => NeighborSolicitation::FIELDS,
            icmpv6::NEIGHBOR_ADVERTISEMENT => NeighborAdvertisement::FIELDS,
            icmpv6::REDIRECT => Redirect::FIELDS,
            _ => &[],
        };
        let behind = self.second_word(body, span.from(start + Icmpv6::LEN));
        if self.has_all(span) {
            self.reserved(body, start + Icmpv6::LEN);
        }
        let has_options = (icmpv6::ROUTER_SOLICITATION..=icmpv6::REDIRECT).contains(&header.kind);
        let end = if has_options { self.nd_options(span.from(behind)) } else { behind };
        let rest = span.from(end);
        self.bound(end, rest);
        let verdict = self.transport(outer, ipv6::ICMPV6, span, start + 2);
        self.verdict(Icmpv6::FIELDS, start + 2, verdict);
        match header.kind {
            _ if self.is_quoted => self.data(rest),
            icmpv6::UNREACHABLE..=icmpv6::PARAMETER_PROBLEM => self.error6(header.kind, span, rest),
            icmpv6::REDIRECT => self.quote(rest, Self::ipv6),
            _ => self.data(rest),
        }
    }

    /// What an error quotes, and what its sender tells behind it.
    ///
    /// RFC 4884 section 4: the length counts words of 64 bits. Where it is zero there are no extensions (section 5.5), and unlike
    /// for IPv4 none is searched for.
    fn error6(&mut self, kind: u8, message: Span, rest: Span) {
        let may_have_length = kind == icmpv6::UNREACHABLE || kind == icmpv6::TIME_EXCEEDED;
        let length =
            self.bytes(message).get(4).filter(|_| may_have_length).map_or(0, |length| usize::from(*length) * 8);
        let structure = rest.from(rest.start + length);
        if length < LEAST_DATAGRAM || length > rest.len() || Extensions::parse(self.bytes(structure)).is_err() {
            return self.quote(rest, Self::ipv6);
        }
        self.quote(rest.first(length), Self::ipv6);
        self.extensions(structure);
    }

    /// The byte behind the options; the packet that a redirect quotes in its last one is no field of it, but layers of its own.
    fn nd_options(&mut self, span: Span) -> usize {
        let mut at = span.start;
        let end = self.captured(span).end;
        while at < end {
            let bytes = self.bytes(span.from(at));
            match *bytes {
                [REDIRECTED_HEADER, length, ..] if at + usize::from(length) * UNIT == span.end && length > 0 => {
                    let head = at + RedirectedHeader::LEN;
                    let (row, _) = nd_option(REDIRECTED_HEADER);
                    self.beginning_of_option(row, RedirectedHeader::FIELDS, at..end.min(head));
                    return head;
                }
                [kind, length, ..] if (1..=bytes.len() / UNIT).contains(&usize::from(length)) => {
                    let len = usize::from(length) * UNIT;
                    let (row, _) = nd_option(kind);
                    self.group(row, at..at + len, |walk| walk.nd_option(kind, at, at + len));
                    at += len;
                }
                [kind, length, ..]
                    if length > 0 && (at + usize::from(length) * UNIT <= span.end || self.is_beginning) =>
                {
                    let (row, table) = nd_option(kind);
                    match table {
                        Some(table) if kind == DNS_SERVER && at + super::len(table) <= end => {
                            self.group(row, at..end, |walk| {
                                walk.rows(table, at..end);
                                let behind = walk.dns_servers(at + super::len(table), end);
                                walk.part_of_bytes(&CUT_SHORT, behind..end);
                            });
                        }
                        _ => self.beginning_of_option(row, table.unwrap_or(ND_OPTION), at..end),
                    }
                    return span.end;
                }
                // RFC 4861 section 4.6: "Nodes MUST silently discard an ND packet that contains an option with length zero."
                _ => {
                    let rest = span.from(at);
                    self.option_cut_short(nd_option(self.kind(rest)).0, ND_OPTION, Counts::Units, rest);
                    return span.end;
                }
            }
        }
        span.end
    }

    /// The fields of an option of at least eight bytes.
    fn nd_option(&mut self, kind: u8, start: usize, end: usize) {
        let table = match nd_option(kind) {
            (_, Some(table)) if super::len(table) <= end - start => table,
            _ => ND_OPTION,
        };
        self.rows(table, start..end);
        self.reserved(table, start);
        let at = start + super::len(table);
        let at = if kind == DNS_SERVER { self.dns_servers(at, end) } else { at };
        self.part_of_bytes(&OPTION_DATA, at..end);
    }

    /// The addresses that are there as a whole; gives the byte behind them.
    fn dns_servers(&mut self, mut at: usize, end: usize) -> usize {
        while at + 16 <= end {
            self.part_of_bytes(&ADDRESS6, at..at + 16);
            at += 16;
        }
        at
    }
}
