//! Lab @number@: @about@.

use super::draw::Draw;
use crate::check::Part;
use crate::check::ask::{Ask, asked, malformed};
use host::lab::Value;

const ORDER: &str = "RFC 791 appendix B: the first byte is the more significant one";
const SHORT: &str = "no RFC: a number of 16 bits has two bytes";

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let draw = Draw::new(seed, check);
    let asks = match check {
        "word" => word(draw),
        _ => return None,
    };
    Some(vec![Part::Asks(asks)])
}

fn word(mut draw: Draw) -> Vec<Ask> {
    let ask = |bytes: &[u8]| match *bytes {
        [high, low, ..] => {
            let number = u16::from(high) * 256 + u16::from(low);
            asked("word", [("bytes", bytes.into())], Value::Word(number), ORDER)
        }
        _ => malformed("word", [("bytes", bytes.into())], SHORT),
    };
    // What everybody can follow first, and then what `seed` draws: a table of the visible answers earns nothing of it.
    let mut asks: Vec<Ask> = [&[0x12, 0x34][..], &[0x12], &[]].map(ask).into();
    for count in 2..10 {
        asks.push(ask(&draw.bytes(count)));
    }
    asks
}
