//! ICMP for IPv6: errors and what they quote, neighbour discovery and its options.

use super::options::Counts;
use super::{Outer, Span, Walk};
use crate::dissect::Protocol;
use crate::dissect::rows::{ADDRESS6, ND_OPTION, OPTION_DATA, REDIRECTED_PACKET, nd_option};
use crate::extensions::{Extensions, LEAST_DATAGRAM};
use crate::fields::Field as Row;
use crate::icmp::Echo;
use crate::icmpv6::options::{DNS_SERVER, REDIRECTED_HEADER, UNIT};
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
        let has_options = (icmpv6::ROUTER_SOLICITATION..=icmpv6::REDIRECT).contains(&header.kind);
        if has_options && !self.is_quoted {
            self.nd_options(span.from(behind));
        }
        let end = if has_options && !self.is_quoted { span.end } else { behind };
        self.bound(end, span.from(end));
        let verdict = self.transport(outer, ipv6::ICMPV6, span, start + 2);
        self.verdict(Icmpv6::FIELDS, start + 2, verdict);
        let rest = span.from(end);
        // RFC 4443 section 2.1: error messages have types from 0 to 127.
        let is_error = (icmpv6::UNREACHABLE..=icmpv6::PARAMETER_PROBLEM).contains(&header.kind);
        if is_error && !self.is_quoted {
            self.error6(header.kind, span, rest);
        } else {
            self.data(rest);
        }
    }

    /// What an error quotes, and what its sender tells behind it.
    ///
    /// RFC 4884 section 4.4: the length counts words of 64 bits. Unlike for IPv4, there never was a sender without it.
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

    fn nd_options(&mut self, span: Span) {
        let mut at = span.start;
        let end = self.captured(span).end;
        while at < end {
            let bytes = self.bytes(span.from(at));
            match *bytes {
                [kind, length, ..] if (1..=bytes.len() / UNIT).contains(&usize::from(length)) => {
                    let len = usize::from(length) * UNIT;
                    let (row, _) = nd_option(kind);
                    self.group(row, at..at + len, |walk| walk.nd_option(kind, at, at + len));
                    at += len;
                }
                // RFC 4861 section 4.6: "Nodes MUST silently discard an ND packet that contains an option with length zero."
                _ => {
                    let rest = span.from(at);
                    return self.option_cut_short(nd_option(self.kind(rest)).0, ND_OPTION, Counts::Units, rest);
                }
            }
        }
    }

    /// The fields of an option of at least eight bytes.
    fn nd_option(&mut self, kind: u8, start: usize, end: usize) {
        let table = match nd_option(kind) {
            (_, Some(table)) if super::len(table) <= end - start => table,
            _ => ND_OPTION,
        };
        self.rows(table, start..end);
        let mut at = start + super::len(table);
        while kind == DNS_SERVER && at + 16 <= end {
            self.part_of_bytes(&ADDRESS6, at..at + 16);
            at += 16;
        }
        self.part_of_bytes(if kind == REDIRECTED_HEADER { &REDIRECTED_PACKET } else { &OPTION_DATA }, at..end);
    }
}
