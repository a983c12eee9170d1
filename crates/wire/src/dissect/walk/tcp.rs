//! TCP segments and their options.

use super::options::Counts;
use super::{Outer, Span, Walk, ip, len};
use super::{http, ssh};
use crate::dissect::rows::{
    CUT_SHORT, OPTION_DATA, PADDING, SACK_BLOCK, TCP_END, TCP_NO_OPERATION, TCP_OPTION, tcp_option,
};
use crate::dissect::{Kind, Protocol};
use crate::dns;
use crate::tcp::Tcp;
use crate::tcp::options::{END, NO_OPERATION, SACK};
use crate::tls;
use std::ops::Range;

impl Walk<'_> {
    pub(super) fn tcp(&mut self, outer: &Outer, span: Span) {
        let start = span.start;
        let Some(header) = self.open(Protocol::Tcp, Tcp::FIELDS, Tcp::take, span) else { return };
        let value = usize::from(header.data_offset) * 4;
        // A short quote may be filled up with zeros behind the first 8 bytes of a header.
        if value < Tcp::LEN && !self.is_quoted {
            self.problem_at(Tcp::FIELDS, "data_offset", start, Kind::TooSmall { value, least: Tcp::LEN });
        } else if value > span.len() {
            self.problem_at(Tcp::FIELDS, "data_offset", start, Kind::TooLarge { value, most: span.len() });
        }
        let head = span.first(value.max(Tcp::LEN)).end;
        self.tcp_options(Span { start: start + Tcp::LEN, end: head });
        self.bound(head, span.from(head));
        if header.reserved != 0 {
            self.problem_at(Tcp::FIELDS, "reserved", start, Kind::Reserved);
        }
        let verdict = self.transport(outer, ip::TCP, span, start + 16);
        self.verdict(Tcp::FIELDS, start + 16, verdict);
        let ports = [header.source_port, header.destination_port];
        if ports.contains(&dns::PORT) {
            self.dns_stream(span.from(head));
        } else if ports.iter().any(|port| [tls::HTTPS_PORT, tls::DNS_PORT].contains(port)) {
            self.tls_stream(span.from(head));
        } else if ports.iter().any(|port| http::PORTS.contains(port)) {
            self.http_stream(span.from(head));
        } else if ports.contains(&ssh::PORT) {
            self.ssh_stream(span.from(head));
        } else {
            self.data(span.from(head));
        }
    }

    fn tcp_options(&mut self, span: Span) {
        let mut at = span.start;
        let end = self.captured(span).end;
        while at < end {
            let bytes = self.bytes(span.from(at));
            match *bytes {
                [END, ..] => {
                    self.part_of_bytes(&TCP_END, at..at + 1);
                    return self.part_of_bytes(&PADDING, at + 1..end);
                }
                [NO_OPERATION, ..] => {
                    self.part_of_bytes(&TCP_NO_OPERATION, at..at + 1);
                    at += 1;
                }
                [kind, length, ..] if (2..=bytes.len()).contains(&usize::from(length)) => {
                    let len = usize::from(length);
                    let (row, _) = tcp_option(kind);
                    self.group(row, at..at + len, |walk| walk.tcp_option(kind, at, at + len));
                    at += len;
                }
                [kind, length, ..]
                    if usize::from(length) > bytes.len()
                        && (at + usize::from(length) <= span.end || self.is_beginning) =>
                {
                    return self.beginning_of_tcp_option(kind, at..end);
                }
                _ => {
                    let rest = span.from(at);
                    return self.option_cut_short(tcp_option(self.kind(rest)).0, TCP_OPTION, Counts::Option, rest);
                }
            }
        }
    }

    /// What there is of an option of which the rest was not captured, or is not quoted.
    fn beginning_of_tcp_option(&mut self, kind: u8, there: Range<usize>) {
        let (row, table) = tcp_option(kind);
        if kind != SACK {
            return self.beginning_of_option(row, table.unwrap_or(TCP_OPTION), there);
        }
        self.group(row, there.clone(), |walk| {
            let mut at = there.start + 2;
            walk.rows(TCP_OPTION, there.start..at);
            while at < there.end {
                let block = at..there.end.min(at + 8);
                walk.rows(SACK_BLOCK, block.clone());
                walk.cut_short(SACK_BLOCK, &block);
                at += 8;
            }
        });
    }

    /// The fields of an option of at least two bytes.
    fn tcp_option(&mut self, kind: u8, start: usize, end: usize) {
        let (_, table) = tcp_option(kind);
        let unlike = |walk: &mut Self, expected: usize| {
            let kind = Kind::Unexpected { value: (end - start) as u64, expected: expected as u64 };
            walk.problem_at(TCP_OPTION, "length", start, kind);
        };
        match table {
            Some(table) if len(table) == end - start => self.rows(table, start..end),
            Some(table) => {
                self.rows(TCP_OPTION, start..start + 2);
                self.part_of_bytes(&CUT_SHORT, start + 2..end);
                unlike(self, len(table));
            }
            None if kind == SACK => {
                self.rows(TCP_OPTION, start..start + 2);
                let blocks = (end - start - 2) / 8;
                for block in 0..blocks {
                    let at = start + 2 + block * 8;
                    self.rows(SACK_BLOCK, at..at + 8);
                }
                self.part_of_bytes(&CUT_SHORT, start + 2 + blocks * 8..end);
                let expected = 2 + 8 * blocks.clamp(1, 4);
                if end - start != expected {
                    unlike(self, expected);
                }
            }
            None => {
                self.rows(TCP_OPTION, start..start + 2);
                self.part_of_bytes(&OPTION_DATA, start + 2..end);
            }
        }
    }
}
