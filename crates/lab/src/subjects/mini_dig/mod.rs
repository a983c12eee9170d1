//! Lab 18: a DNS query, its answer (RFC 1035), and whom to ask next (RFC 1034).
//!
//! What should come out is known because the question was made from it: names, records and scenes first, the bytes from them.

mod bytes;
mod layout;
mod names;
mod records;
mod verdicts;

#[cfg(test)]
mod tests;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{asked, malformed};

const A: u16 = 1;
const NS: u16 = 2;
const CNAME: u16 = 5;
const SOA: u16 = 6;
const TXT: u16 = 16;
const AAAA: u16 = 28;
const OPT: u16 = 41;

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "name" => bytes::name(draw),
        "query" => bytes::query(draw),
        "header" => bytes::header(draw),
        "labels" => names::labels(draw),
        "pointer" => names::pointer(draw),
        "limits" => names::limits(draw),
        "record" => records::record(draw),
        "rdata" => records::rdata(draw),
        "within" => verdicts::within(draw),
        "mine" => bytes::mine(draw),
        "answer" => verdicts::answer(draw),
        "negative" => verdicts::negative(draw),
        "failed" => verdicts::failed(draw),
        "referral" => verdicts::referral(draw),
        "glue" => verdicts::glue(draw),
        "negative-ttl" => verdicts::negative_ttl(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

/// A label of up to `most` small letters.
fn label(draw: &mut Draw, most: usize) -> String {
    let len = 1 + draw.index(most);
    (0..len).map(|_| char::from(b'a' + draw.byte() % 26)).collect()
}

/// A name of `count` labels, with its dot at the end.
fn drawn(draw: &mut Draw, count: usize) -> String {
    if count == 0 { ".".into() } else { (0..count).map(|_| label(draw, 8) + ".").collect() }
}

/// The same name with some of its letters in the other case.
fn respelled(draw: &mut Draw, name: &str) -> String {
    name.chars().map(|letter| if draw.below(2) == 0 { letter.to_ascii_uppercase() } else { letter }).collect()
}

/// `labels` in front of `zone`.
fn under(labels: &str, zone: &str) -> String {
    if zone == "." { format!("{labels}.") } else { format!("{labels}.{zone}") }
}
