//! What a router tells behind the quote of an ICMP error.

use super::{Span, Walk, summed};
use crate::checksum::Checksum;
use crate::dissect::rows::{
    ADDRESS6, CUT_SHORT, FAMILY, IF_INDEX, IF_MTU, IF_NAME, INTERFACE_OBJECT, LABEL_ENTRY, NAME_LENGTH, OBJECT_DATA,
    OBJECT_HEADER, RESERVED, ROUTE_ADDRESS, object,
};
use crate::dissect::{Kind, Protocol, Verdict};
use crate::extensions::{
    ExtensionHeader, INCOMING, INTERFACE_INFORMATION, InterfaceType, LABEL_STACK, LabelStackEntry, ObjectHeader,
    VERSION,
};
use crate::fields::Field as Row;

impl Walk<'_> {
    pub(super) fn extensions(&mut self, span: Span) {
        let fields = ExtensionHeader::FIELDS;
        let start = span.start;
        let Some(header) = self.open(Protocol::Extensions, fields, ExtensionHeader::take, span) else { return };
        if header.version != VERSION {
            let kind = Kind::Unexpected { value: header.version.into(), expected: VERSION.into() };
            self.problem_at(fields, "version", start, kind);
        }
        if header.reserved != 0 {
            self.problem_at(fields, "reserved", start, Kind::Reserved);
        }
        let mut rest = span.from(start + ExtensionHeader::LEN);
        while !self.captured(rest).is_empty() {
            rest = rest.from(self.object(rest));
        }
        self.bound(span.end, span.from(span.end));
        let verdict = match header.checksum {
            0 => Verdict::Absent,
            _ if !self.has_all(span) => Verdict::NotCaptured,
            _ => match summed(Checksum::default(), self.bytes(span), 2) {
                // Zero means that there is none; all ones are the other zero.
                Verdict::Wrong(0) => Verdict::Wrong(0xffff),
                verdict => verdict,
            },
        };
        self.verdict(fields, start + 2, verdict);
    }

    /// The byte behind an object.
    fn object(&mut self, span: Span) -> usize {
        let (start, there) = (span.start, self.captured(span));
        let Ok((header, _)) = ObjectHeader::take(self.bytes(span)) else {
            if self.has_all(span) {
                self.problem(None, there.end, Kind::CutShort { need: ObjectHeader::LEN, have: span.len() });
            }
            self.part_of_bytes(&CUT_SHORT, there);
            return span.end;
        };
        let value = usize::from(header.length);
        let problem = match value {
            value if value < ObjectHeader::LEN => Some(Kind::TooSmall { value, least: ObjectHeader::LEN }),
            value if value > span.len() => Some(Kind::TooLarge { value, most: span.len() }),
            _ => None,
        };
        if let Some(kind) = problem {
            self.problem_at(ObjectHeader::FIELDS, "length", start, kind);
            self.group(object(header.class_num), there.clone(), |walk| {
                walk.rows(OBJECT_HEADER, there.start..there.start + ObjectHeader::LEN);
                walk.part_of_bytes(&CUT_SHORT, there.start + ObjectHeader::LEN..there.end);
            });
            return span.end;
        }
        let whole = span.first(value);
        let payload = whole.from(start + ObjectHeader::LEN);
        self.group(object(header.class_num), self.captured(whole), |walk| match (header.class_num, header.c_type) {
            (INTERFACE_INFORMATION, c_type) => {
                walk.rows(INTERFACE_OBJECT, start..start + ObjectHeader::LEN);
                walk.interface(InterfaceType::read(&[c_type]), payload);
            }
            (LABEL_STACK, INCOMING) => {
                walk.rows(OBJECT_HEADER, start..start + ObjectHeader::LEN);
                walk.label_stack(payload);
            }
            _ => {
                walk.rows(OBJECT_HEADER, start..start + ObjectHeader::LEN);
                walk.rest_of_object(payload);
            }
        });
        whole.end
    }

    fn label_stack(&mut self, mut rest: Span) {
        while rest.len() >= LabelStackEntry::LEN && self.bytes(rest).len() >= LabelStackEntry::LEN {
            self.rows(LabelStackEntry::FIELDS, rest.start..rest.start + LabelStackEntry::LEN);
            rest = rest.from(rest.start + LabelStackEntry::LEN);
        }
        let there = self.captured(rest);
        if !there.is_empty() && self.has_all(rest) {
            let kind = Kind::CutShort { need: LabelStackEntry::LEN, have: there.len() };
            self.problem(Some(&LABEL_ENTRY), there.start, kind);
        }
        self.part_of_bytes(&CUT_SHORT, there);
    }

    /// RFC 5837 section 4.1: what the sub-type says is there, in this order.
    fn interface(&mut self, kind: InterfaceType, mut rest: Span) {
        if kind.has_if_index && !self.item(&IF_INDEX, 4, &mut rest) {
            return;
        }
        if kind.has_address && !self.address(&mut rest) {
            return;
        }
        if kind.has_name {
            // The length counts itself.
            let length = self.bytes(rest).first().map_or(0, |length| usize::from(*length));
            if length == 0 && !self.bytes(rest).is_empty() {
                self.problem(Some(&NAME_LENGTH), rest.start, Kind::TooSmall { value: 0, least: 1 });
            }
            let name = length.saturating_sub(1);
            if !self.item(&NAME_LENGTH, 1, &mut rest) || name > 0 && !self.item(&IF_NAME, name, &mut rest) {
                return;
            }
        }
        if kind.has_mtu && !self.item(&IF_MTU, 4, &mut rest) {
            return;
        }
        self.rest_of_object(rest);
    }

    /// Whether there is an address of a family that is known.
    fn address(&mut self, rest: &mut Span) -> bool {
        let at = rest.start;
        let family = self.bytes(*rest).first_chunk().map_or(0, |family| u16::from_be_bytes(*family));
        if !self.item(&FAMILY, 2, rest) || !self.item(&RESERVED, 2, rest) {
            return false;
        }
        match family {
            1 => self.item(&ROUTE_ADDRESS, 4, rest),
            2 => self.item(&ADDRESS6, 16, rest),
            family => {
                self.problem(Some(&FAMILY), at, Kind::Unexpected { value: family.into(), expected: 1 });
                self.rest_of_object(*rest);
                false
            }
        }
    }

    /// Adds the next `len` bytes of an object; false where there are fewer, and then these are added.
    fn item(&mut self, row: &'static Row, len: usize, rest: &mut Span) -> bool {
        let there = self.captured(rest.first(len));
        let is_whole = there.len() == len;
        if !is_whole && self.has_all(*rest) {
            self.problem(Some(row), there.start, Kind::CutShort { need: len, have: there.len() });
        }
        self.part_of_bytes(if is_whole { row } else { &CUT_SHORT }, there);
        *rest = rest.from(rest.start + len);
        is_whole
    }

    /// What an object has behind what is known of it.
    fn rest_of_object(&mut self, rest: Span) {
        let there = self.captured(rest);
        self.part_of_bytes(&OBJECT_DATA, there);
    }
}
