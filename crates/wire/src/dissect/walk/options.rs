//! What all lists of options have in common: that one of them can be cut short.

use super::{Span, Walk};
use crate::dissect::Kind;
use crate::dissect::rows::CUT_SHORT;
use crate::fields::Field as Row;
use crate::icmpv6::options::UNIT;

/// What the length of an option counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// All of the option, as in IPv4 and TCP.
    Option,
    /// The data behind it, as in IPv6 and DHCP.
    Data,
    /// All of the option in units of 8 bytes, as in neighbour discovery.
    Units,
}

/// Kind and length.
const HEAD: usize = 2;

impl Walk<'_> {
    /// Adds an option whose length is missing, or lies, as far as it is there; nothing can be told of what is behind it.
    pub(super) fn option_cut_short(&mut self, row: &'static Row, table: &'static [Row], counts: Counts, span: Span) {
        let there = self.captured(span);
        let head = there.start..there.end.min(there.start + HEAD);
        let length = self.bytes(span).get(1).map(|length| usize::from(*length));
        self.group(row, there.clone(), |walk| {
            walk.rows(table, head.clone());
            walk.part_of_bytes(&CUT_SHORT, head.end..there.end);
        });
        let (unit, most, least) = match counts {
            Counts::Option => (1, span.len(), HEAD),
            Counts::Data => (1, span.len().saturating_sub(HEAD), 0),
            Counts::Units => (UNIT, span.len(), UNIT),
        };
        let problem = match length.map(|length| length * unit) {
            Some(value) if value < least => Kind::TooSmall { value, least },
            Some(value) if value > most => Kind::TooLarge { value, most },
            None if self.has_all(span) => Kind::CutShort { need: HEAD, have: there.len() },
            // The option is whole, and the capture is not.
            _ => return,
        };
        if !self.is_quoted {
            self.problem_at(table, "length", there.start, problem);
        }
    }

    /// The first byte of an option.
    pub(super) fn kind(&self, span: Span) -> u8 {
        self.bytes(span).first().copied().unwrap_or_default()
    }
}
