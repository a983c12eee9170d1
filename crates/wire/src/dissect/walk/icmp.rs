//! ICMP for IPv4: messages, and the packets that errors quote.

use super::{Outer, Span, Walk, summed};
use crate::checksum::Checksum;
use crate::dissect::{Protocol, Verdict};
use crate::icmp::{self, Echo, Icmp, ParameterProblem, Redirect, TimeExceeded, Unreachable};

impl Walk<'_> {
    pub(super) fn icmp(&mut self, outer: &Outer, span: Span) {
        let start = span.start;
        let Some(header) = self.open(Protocol::Icmp, Icmp::FIELDS, Icmp::take, span) else { return };
        let word = match header.kind {
            icmp::ECHO_REQUEST | icmp::ECHO_REPLY => Echo::FIELDS,
            icmp::UNREACHABLE => Unreachable::FIELDS,
            icmp::TIME_EXCEEDED => TimeExceeded::FIELDS,
            icmp::PARAMETER_PROBLEM => ParameterProblem::FIELDS,
            icmp::REDIRECT => Redirect::FIELDS,
            _ => &[],
        };
        let second = self.second_word(word, span.from(start + Icmp::LEN));
        let rest = span.from(second);
        self.bound(second, rest);
        let verdict = match () {
            () if self.is_quoted => Verdict::Quoted,
            () if outer.is_fragment => Verdict::InFragments,
            () if !self.has_all(span) => Verdict::NotCaptured,
            () => summed(Checksum::default(), self.bytes(span), 2),
        };
        self.verdict(Icmp::FIELDS, start + 2, verdict);
        match header.kind {
            icmp::UNREACHABLE | icmp::TIME_EXCEEDED | icmp::PARAMETER_PROBLEM | icmp::REDIRECT if !self.is_quoted => {
                self.quote(rest);
            }
            _ => self.data(rest),
        }
    }

    fn quote(&mut self, span: Span) {
        self.is_quoted = true;
        let quote = self.tree.layers.len();
        let end = self.ipv4(span);
        self.trailer(quote, span.from(end));
        self.is_quoted = false;
    }
}
