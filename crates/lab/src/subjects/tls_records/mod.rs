//! Lab 19: records and a `ClientHello`, and where the keys come from (RFC 8446, RFC 5869).
//!
//! What should come out is known because the question was made from it; what is derived with SHA-256, `ring` says.

mod hello;
mod keys;
mod records;

#[cfg(test)]
mod tests;

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{asked, malformed};

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "record" => records::record(draw),
        "cut" => records::cut(draw),
        "record-limits" => records::limits(draw),
        "messages" => records::messages(draw),
        "pieces" => records::pieces(draw),
        "too-long" => records::too_long(draw),
        "hello" => hello::hello(draw),
        "extensions" => hello::extensions(draw),
        "lengths" => hello::lengths(draw),
        "server-name" => hello::server_name(draw),
        "name-limits" => hello::name_limits(draw),
        "versions" => hello::versions(draw),
        "power" => keys::power(draw),
        "shared" => keys::shared(draw),
        "crack" => keys::crack(draw),
        "expand" => keys::expand(draw),
        "label" => keys::label(draw),
        "nonce" => keys::nonce(draw),
        "inner" => keys::inner(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

/// `bytes` behind their length, which has `width` bytes.
fn vector(width: usize, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    [length.get(4 - width..).unwrap_or_default(), bytes].concat()
}

/// The first `count` of these bytes.
fn first(bytes: &[u8], count: usize) -> Vec<u8> {
    bytes.iter().take(count).copied().collect()
}
