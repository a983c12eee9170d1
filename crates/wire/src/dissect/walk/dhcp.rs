//! DHCP: the message and its options.

use super::options::Counts;
use super::{Span, Walk};
use crate::dhcp::options::{END, PAD};
use crate::dhcp::{Dhcp, MAGIC_COOKIE};
use crate::dissect::rows::{
    CUT_SHORT, DHCP_ADDRESS, DHCP_CODE, DHCP_END, DHCP_OPTION, DHCP_PAD, DHCP_TEXT, OPTION_DATA, PADDING, Shape,
    dhcp_option,
};
use crate::dissect::{Kind, Protocol};

impl Walk<'_> {
    pub(super) fn dhcp(&mut self, span: Span) {
        let Some(header) = self.open(Protocol::Dhcp, Dhcp::FIELDS, Dhcp::take, span) else { return };
        let options = span.from(span.start + Dhcp::LEN);
        if header.magic_cookie != MAGIC_COOKIE {
            let kind = Kind::Unexpected { value: header.magic_cookie.into(), expected: MAGIC_COOKIE.into() };
            self.problem_at(Dhcp::FIELDS, "magic_cookie", span.start, kind);
            return self.data(options);
        }
        self.dhcp_options(options);
        self.bound(span.end, span.from(span.end));
    }

    fn dhcp_options(&mut self, span: Span) {
        let mut at = span.start;
        let end = self.captured(span).end;
        while at < end {
            let bytes = self.bytes(span.from(at));
            match *bytes {
                [END, ..] => {
                    self.part_of_bytes(&DHCP_END, at..at + 1);
                    return self.part_of_bytes(&PADDING, at + 1..end);
                }
                [PAD, ..] => {
                    let len = bytes.iter().take_while(|byte| **byte == PAD).count();
                    self.part_of_bytes(&DHCP_PAD, at..at + len);
                    at += len;
                }
                [code, length, ..] if usize::from(length) + 2 <= bytes.len() => {
                    let len = usize::from(length) + 2;
                    let (row, shape) = dhcp_option(code);
                    self.group(row, at..at + len, |walk| walk.dhcp_option(shape, at, at + len));
                    at += len;
                }
                _ => {
                    let rest = span.from(at);
                    return self.option_cut_short(dhcp_option(self.kind(rest)).0, DHCP_OPTION, Counts::Data, rest);
                }
            }
        }
    }

    fn dhcp_option(&mut self, shape: Shape, start: usize, end: usize) {
        let mut at = start + 2;
        self.rows(DHCP_OPTION, start..at);
        let len = end - at;
        match shape {
            Shape::Number(row, bytes) if bytes == len => return self.part_of_bytes(row, at..end),
            Shape::Number(_, bytes) => {
                let kind = Kind::Unexpected { value: len as u64, expected: bytes as u64 };
                self.problem_at(DHCP_OPTION, "length", start, kind);
                return self.part_of_bytes(&CUT_SHORT, at..end);
            }
            Shape::Text => return self.part_of_bytes(&DHCP_TEXT, at..end),
            Shape::Addresses => {
                while at + 4 <= end {
                    self.part_of_bytes(&DHCP_ADDRESS, at..at + 4);
                    at += 4;
                }
            }
            Shape::Codes => {
                while at < end {
                    self.part_of_bytes(&DHCP_CODE, at..at + 1);
                    at += 1;
                }
            }
            Shape::Bytes => return self.part_of_bytes(&OPTION_DATA, at..end),
        }
        if at < end || len == 0 {
            let kind = Kind::Unexpected { value: len as u64, expected: (at - start - 2).max(4) as u64 };
            self.problem_at(DHCP_OPTION, "length", start, kind);
        }
        self.part_of_bytes(&CUT_SHORT, at..end);
    }
}
