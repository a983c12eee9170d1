//! Numbers that two agree on in front of everybody, and the keys that come of it.

use super::{asked, malformed};
use crate::check::ask::{Ask, Expected, Place};
use crate::subjects::draw::Draw;
use host::lab::Value;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk};

const POWER: &str = "RFC 2631 section 2.1.1: Y = g ^ x mod p";
const BIG: &str = "no RFC: two numbers of 32 bits have a product of 64, and its remainder fits into 32 again";
const MANY: &str = "no RFC: x^13 is x^8 * x^4 * x, so 32 squares are enough for any exponent of 32 bits";
const SHARED: &str = "RFC 2631 section 2.1.1: ZZ = Y ^ x mod p, and that is g ^ (xa * xb) mod p for both";
const PUBLIC: &str =
    "RFC 8446 section 4.2.8.1: peers make sure that 1 < Y < p - 1, else the result is known beforehand";
const CRACK: &str =
    "no RFC: whoever tries all exponents finds the secret, and only the number of them keeps him from it";
const EXPAND: &str =
    "RFC 5869 section 2.3: T(i) = HMAC-Hash(PRK, T(i-1) | info | i), one behind the other, and the first L bytes";
const BLOCKS: &str = "RFC 5869 section 2.3: L is at most 255 * HashLen";
const LABEL: &str = "RFC 8446 section 7.1: HkdfLabel is length (2 bytes), label<7..255>, which begins with `tls13 `, and context<0..255>";
const NONCE: &str =
    "RFC 8446 section 5.3: the number as 8 bytes, zeros before it up to the IV's length, XORed with the IV";
const INNER: &str = "RFC 8446 section 5.2: content, type (1 byte), and any number of zeros behind it";
const NO_TYPE: &str =
    "RFC 8446 section 5.4: without a byte that is not zero there is no type, which is an unexpected_message";

const NONCE_FIELDS: &[Place] = &[Place("bytes of the IV alone", 0, 4), Place("IV and record number", 4, 8)];

/// By squares, from the exponent's highest bit down.
pub(super) fn power_of(base: u32, exponent: u32, modulus: u32) -> u32 {
    let (base, modulus) = (u128::from(base), u128::from(modulus));
    let product = (0..32).rev().fold(1 % modulus, |product, bit| {
        let square = product * product % modulus;
        if exponent >> bit & 1 == 1 { square * base % modulus } else { square }
    });
    u32::try_from(product).unwrap_or(0)
}

fn below(draw: &mut Draw, from: u32, end: u32) -> u32 {
    from + u32::try_from(draw.below(u64::from(end - from))).unwrap_or(0)
}

/// Primes, with a base that leads to all numbers below.
const GROUPS: [(u32, u32); 5] = [(5, 23), (3, 17), (2, 101), (3, 257), (3, 65_537)];
/// The largest prime of 32 bits.
const LARGE: u32 = 4_294_967_291;

pub(super) fn power(mut draw: Draw) -> Vec<Ask> {
    let ask = |base: u32, exponent: u32, modulus: u32, why| {
        let expected = power_of(base, exponent, modulus);
        let arguments = [("base", base.into()), ("exponent", exponent.into()), ("modulus", modulus.into())];
        asked("power", arguments, expected.into(), why)
    };
    let mut asks = vec![
        ask(5, 6, 23, POWER),
        ask(5, 1, 23, POWER),
        ask(5, 0, 23, POWER),
        ask(0, 3, 23, POWER),
        ask(28, 2, 23, POWER),
        ask(7, 5, 2, POWER),
    ];
    for (base, modulus) in GROUPS {
        let exponent = below(&mut draw, 2, modulus);
        asks.push(ask(base, exponent, modulus, POWER));
    }
    asks.extend([ask(LARGE - 1, 2, LARGE, BIG), ask(2, 40, LARGE, BIG), ask(u32::MAX, 3, u32::MAX - 1, BIG)]);
    for _ in 0..4 {
        let [base, modulus] = [below(&mut draw, 1 << 16, u32::MAX), below(&mut draw, 1 << 31, u32::MAX)];
        asks.push(ask(base, below(&mut draw, 2, 99), modulus, BIG));
    }
    for _ in 0..4 {
        let [base, exponent] = [below(&mut draw, 2, 1 << 31), below(&mut draw, 1 << 31, u32::MAX)];
        asks.push(ask(base, exponent, LARGE, MANY));
    }
    asks.push(ask(3, u32::MAX, LARGE, MANY));
    asks
}

pub(super) fn shared(mut draw: Draw) -> Vec<Ask> {
    let arguments = |public: u32, secret: u32, modulus: u32| {
        [("public", public.into()), ("secret", secret.into()), ("modulus", modulus.into())]
    };
    let ask = |public: u32, secret: u32, modulus: u32| {
        asked("shared", arguments(public, secret, modulus), power_of(public, secret, modulus).into(), SHARED)
    };
    let bad = |public: u32, modulus: u32| malformed("shared", arguments(public, 6, modulus), PUBLIC);
    let mut asks = vec![ask(8, 15, 23), ask(19, 6, 23)];
    for (base, modulus) in GROUPS {
        // Both ends: what comes out is the same.
        let [one, other] = [below(&mut draw, 2, modulus - 2), below(&mut draw, 2, modulus - 2)];
        let publics = [power_of(base, one, modulus), power_of(base, other, modulus)];
        if publics.iter().all(|public| (2..modulus - 1).contains(public)) {
            asks.extend([ask(publics[1], one, modulus), ask(publics[0], other, modulus)]);
        }
        asks.extend([0, 1, modulus - 1, modulus, modulus + 5].map(|public| bad(public, modulus)));
        asks.extend([2, modulus - 2].map(|public| ask(public, 6, modulus)));
    }
    asks.extend([ask(LARGE - 2, 1 << 30, LARGE), bad(LARGE - 1, LARGE), bad(u32::MAX, LARGE)]);
    asks
}

pub(super) fn crack(mut draw: Draw) -> Vec<Ask> {
    let ask = |base: u32, modulus: u32, public: u32| {
        let secret = (1..modulus).find(|secret| power_of(base, *secret, modulus) == public);
        let arguments = [("base", base.into()), ("modulus", modulus.into()), ("public", public.into())];
        asked("crack", arguments, secret.into(), CRACK)
    };
    let mut asks = vec![ask(5, 23, 8), ask(5, 23, 19), ask(5, 23, 5), ask(5, 23, 1), ask(4, 23, 5), ask(4, 23, 1)];
    // All of a small group; of a base that leads to a half of it only; and of what is no remainder.
    asks.extend((1..17).map(|public| ask(3, 17, public)));
    asks.extend((1..17).map(|public| ask(2, 17, public)));
    asks.extend([ask(3, 17, 0), ask(3, 17, 17), ask(3, 257, 256), ask(2, 101, 50), ask(3, 4099, 2)]);
    for modulus in [29, 53, 103, 257, 1009, 4099] {
        let mut drawn = || 2 + u32::from(draw.word()) % (modulus - 3);
        asks.push(ask(drawn(), modulus, drawn()));
    }
    asks
}

/// How many bytes are wanted of `ring`.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand with SHA-256, by `ring`, up to what RFC 5869 allows.
pub(super) fn expanded(key: &[u8], info: &[&[u8]], length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let key = Prk::new_less_safe(HKDF_SHA256, key);
    let filled = key.expand(info, Length(length)).and_then(|okm| okm.fill(&mut bytes));
    if filled.is_ok() { bytes } else { vec![] }
}

pub(super) fn expand(mut draw: Draw) -> Vec<Ask> {
    let arguments = |key: &[u8], info: &[u8], length: usize| {
        [("key", key.into()), ("info", info.into()), ("length", length.into())]
    };
    let ask = |key: &[u8], info: &[u8], length: usize| {
        asked("expand", arguments(key, info, length), expanded(key, &[info], length).into(), EXPAND)
    };
    let mut asks = vec![];
    for (info, length) in [(0, 32), (0, 1), (3, 16), (10, 42), (7, 64), (0, 33), (20, 31), (80, 82), (5, 65), (9, 0)] {
        asks.push(ask(&draw.bytes(32), &draw.bytes(info), length));
    }
    asks.extend([ask(&draw.bytes(80), &draw.bytes(4), 40), ask(&draw.bytes(32), &draw.bytes(4), 255 * 32)]);
    for length in [255 * 32 + 1, 1 << 16] {
        let (key, info) = (draw.bytes(32), draw.bytes(4));
        asks.push(malformed("expand", arguments(&key, &info, length), BLOCKS));
    }
    asks
}

/// The struct `HkdfLabel`.
pub(super) fn hkdf_label(label: &str, context: &[u8], length: u16) -> Vec<u8> {
    let label = ["tls13 ", label].concat();
    [&length.to_be_bytes()[..], &super::vector(1, label.as_bytes()), &super::vector(1, context)].concat()
}

pub(super) fn label(mut draw: Draw) -> Vec<Ask> {
    let ask = |secret: &[u8], label: &str, context: &[u8], length: u16| {
        let info = hkdf_label(label, context, length);
        let arguments = [
            ("secret", secret.into()),
            ("label", label.into()),
            ("context", context.into()),
            ("length", length.into()),
        ];
        asked("expand_label", arguments, expanded(secret, &[&info], length.into()).into(), LABEL)
    };
    let mut asks = vec![];
    for (label, context, length) in [
        ("key", 0, 16),
        ("iv", 0, 12),
        ("finished", 0, 32),
        ("derived", 32, 32),
        ("c hs traffic", 32, 32),
        ("traffic upd", 0, 32),
        ("exporter", 255, 64),
        ("x", 1, 300),
    ] {
        asks.push(ask(&draw.bytes(32), label, &draw.bytes(context), length));
    }
    asks
}

pub(super) fn nonce(mut draw: Draw) -> Vec<Ask> {
    let mut ask = |sequence: u64| {
        let iv = draw.bytes(12);
        let number = [&[0; 4][..], &sequence.to_be_bytes()].concat();
        let expected = iv.iter().zip(number).map(|(iv, number)| iv ^ number).collect();
        Ask {
            function: "nonce",
            arguments: vec![("iv", iv.into()), ("sequence", sequence.into())],
            expected: Expected::Bytes(expected, NONCE_FIELDS),
            why: NONCE,
        }
    };
    [0, 1, 2, 255, 256, 65_536, (1 << 32) - 1, 1 << 32, u64::MAX - 1, u64::MAX].map(&mut ask).into()
}

pub(super) fn inner(mut draw: Draw) -> Vec<Ask> {
    let ask = |content: &[u8], content_type: u8, zeros: usize| {
        let plaintext = [content, &[content_type], &vec![0; zeros]].concat();
        let fields = [("content_type", content_type.into()), ("content", content.into())];
        asked("inner", [("plaintext", plaintext.into())], Value::record("inner", fields), INNER)
    };
    let mut asks = vec![ask(b"hello", 23, 0), ask(&[1, 0], 21, 0), ask(&[], 23, 0), ask(&[], 23, 5)];
    asks.extend([ask(b"hello", 23, 1), ask(&[20, 0, 0, 0], 22, 16), ask(&[0, 0], 23, 3), ask(&[5, 0, 0, 6, 0], 23, 0)]);
    for _ in 0..4 {
        let (content, zeros) = (draw.index(40), draw.index(200));
        asks.push(ask(&draw.bytes(content), 21 + draw.byte() % 3, zeros));
    }
    asks.extend([0, 1, 16].map(|zeros| malformed("inner", [("plaintext", vec![0; zeros].into())], NO_TYPE)));
    asks
}
