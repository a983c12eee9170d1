//! ICMP for IPv4: messages, and the packets that errors quote.

use super::{Outer, Span, Walk, summed};
use crate::checksum::Checksum;
use crate::dissect::{Protocol, Verdict};
use crate::fields::Field as Row;
use crate::icmp::{
    self, AddressMask, Echo, Icmp, ParameterProblem, Redirect, RouterAdvertisement, RouterEntry, TimeExceeded,
    Timestamp, Unreachable, Unused,
};

impl Walk<'_> {
    pub(super) fn icmp(&mut self, outer: &Outer, span: Span) {
        let start = span.start;
        let Some(header) = self.open(Protocol::Icmp, Icmp::FIELDS, Icmp::take, span) else { return };
        let body: &'static [Row] = match header.kind {
            icmp::ECHO_REQUEST | icmp::ECHO_REPLY => Echo::FIELDS,
            icmp::UNREACHABLE => Unreachable::FIELDS,
            icmp::TIME_EXCEEDED => TimeExceeded::FIELDS,
            icmp::PARAMETER_PROBLEM => ParameterProblem::FIELDS,
            icmp::REDIRECT => Redirect::FIELDS,
            icmp::TIMESTAMP_REQUEST | icmp::TIMESTAMP_REPLY => Timestamp::FIELDS,
            icmp::ADDRESS_MASK_REQUEST | icmp::ADDRESS_MASK_REPLY => AddressMask::FIELDS,
            icmp::ROUTER_ADVERTISEMENT => RouterAdvertisement::FIELDS,
            icmp::ROUTER_SOLICITATION | icmp::SOURCE_QUENCH => Unused::FIELDS,
            _ => &[],
        };
        let mut end = self.second_word(body, span.from(start + Icmp::LEN));
        while header.kind == icmp::ROUTER_ADVERTISEMENT && self.bytes(span.from(end)).len() >= RouterEntry::LEN {
            self.rows(RouterEntry::FIELDS, end..end + RouterEntry::LEN);
            end += RouterEntry::LEN;
        }
        self.bound(end, span.from(end));
        let verdict = match () {
            () if self.is_quoted => Verdict::Quoted,
            () if outer.is_fragment => Verdict::InFragments,
            () if !self.has_all(span) => Verdict::NotCaptured,
            () => summed(Checksum::default(), self.bytes(span), 2),
        };
        self.verdict(Icmp::FIELDS, start + 2, verdict);
        let is_error =
            [icmp::UNREACHABLE, icmp::SOURCE_QUENCH, icmp::REDIRECT, icmp::TIME_EXCEEDED, icmp::PARAMETER_PROBLEM]
                .contains(&header.kind);
        if is_error && !self.is_quoted {
            self.error(span, span.from(end));
        } else {
            self.data(span.from(end));
        }
    }

    /// What an error quotes, and what the router tells behind it: see [`icmp::Message::quoted`].
    fn error(&mut self, message: Span, rest: Span) {
        let quoted = icmp::parse(self.bytes(message)).ok().and_then(|(_, message)| message.quoted());
        match quoted {
            Some(quoted) if quoted.extensions.is_some() => {
                let len = quoted.datagram.len();
                self.quote(rest.first(len), Self::ipv4);
                self.extensions(rest.from(rest.start + len));
            }
            _ => self.quote(rest, Self::ipv4),
        }
    }

    /// The packet that an error quotes, of which most may be missing.
    pub(super) fn quote(&mut self, span: Span, walk: fn(&mut Self, Span) -> usize) {
        if self.captured(span).is_empty() {
            return;
        }
        self.is_quoted = true;
        let quote = self.tree.layers.len();
        let end = walk(self, span);
        self.trailer(quote, span.from(end));
        self.is_quoted = false;
    }
}
