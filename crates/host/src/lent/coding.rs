//! How numbers, texts, addresses and what is made of them are written in a message.
//!
//! A number has its own width, little-endian; a length is 32 bits; what may be missing has a byte 0 or 1 before it; the variants
//! of an enum are numbered, and the number comes first. Reading never panics, whatever the bytes, and what it takes up is
//! bounded by the message, which is bounded itself.

use crate::{Mac, SocketId, Text, Time};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use std::time::Duration;

/// How deep values may lie within values.
const MOST_DEPTH: usize = 8;

/// Bytes that are no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Garbled {
    /// A length of nothing, or above the most.
    Length(usize),
    /// The message ends within a value.
    Short,
    /// Bytes behind the message's end.
    Trailing(usize),
    /// No variant of this type has this number.
    Number(&'static str, u8),
    /// Not UTF-8, or a value that its type does not have.
    Value(&'static str),
    /// Values within values within values.
    Depth,
}

impl fmt::Display for Garbled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(f, "a message of {length} bytes"),
            Self::Short => f.write_str("a message that ends too early"),
            Self::Trailing(bytes) => write!(f, "a message with {bytes} bytes behind its end"),
            Self::Number(what, number) => write!(f, "{what} {number}, which there is not"),
            Self::Value(what) => write!(f, "a {what} that is none"),
            Self::Depth => f.write_str("values nested too deep"),
        }
    }
}

impl std::error::Error for Garbled {}

/// What is left to read of a message.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message, depth: 0 }
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Garbled> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Garbled::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Garbled> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Garbled::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A value that may hold others of its kind.
    pub(super) fn nested<T: Coded>(&mut self) -> Result<T, Garbled> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(Garbled::Depth);
        }
        let value = T::take(self);
        self.depth -= 1;
        value
    }

    pub(super) fn end(&self) -> Result<(), Garbled> {
        if self.rest.is_empty() { Ok(()) } else { Err(Garbled::Trailing(self.rest.len())) }
    }
}

/// A type that can stand in a message.
pub(super) trait Coded: Sized {
    fn put(&self, out: &mut Vec<u8>);
    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Coded for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
                from.array().map(Self::from_le_bytes)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, u128);

pub(super) fn coded(out: &mut Vec<u8>, number: u8, value: &impl Coded) {
    out.push(number);
    value.put(out);
}

impl Coded for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        match u8::take(from)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Garbled::Value("truth value")),
        }
    }
}

impl Coded for usize {
    fn put(&self, out: &mut Vec<u8>) {
        u64::try_from(*self).unwrap_or(u64::MAX).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        usize::try_from(u64::take(from)?).map_err(|_| Garbled::Value("count"))
    }
}

pub(super) fn put_len(len: usize, out: &mut Vec<u8>) {
    u32::try_from(len).unwrap_or(u32::MAX).put(out);
}

pub(super) fn take_len(from: &mut Reader<'_>) -> Result<usize, Garbled> {
    usize::try_from(u32::take(from)?).map_err(|_| Garbled::Short)
}

impl<T: Coded> Coded for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        T::take(from).map(Box::new)
    }
}

/// Bytes are no list of numbers, but one piece.
impl Coded for Vec<u8> {
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        out.extend_from_slice(self);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        let len = take_len(from)?;
        from.bytes(len).map(<[u8]>::to_vec)
    }
}

impl Coded for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        String::from_utf8(Coded::take(from)?).map_err(|_| Garbled::Value("text"))
    }
}

impl Coded for Text {
    fn put(&self, out: &mut Vec<u8>) {
        self.to_string().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        String::take(from).map(Text::Owned)
    }
}

impl<A: Coded, B: Coded> Coded for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        Ok((A::take(from)?, B::take(from)?))
    }
}

impl Coded for Range<u64> {
    fn put(&self, out: &mut Vec<u8>) {
        self.start.put(out);
        self.end.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        Ok(u64::take(from)?..u64::take(from)?)
    }
}

impl<T: Coded> Coded for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        bool::take(from)?.then(|| T::take(from)).transpose()
    }
}

impl<T: Coded, E: Coded> Coded for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        Ok(if bool::take(from)? { Ok(T::take(from)?) } else { Err(E::take(from)?) })
    }
}

impl Coded for Duration {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_nanos().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        let nanos = u128::take(from)?;
        if nanos > Duration::MAX.as_nanos() {
            return Err(Garbled::Value("time"));
        }
        Ok(Duration::from_nanos_u128(nanos))
    }
}

impl Coded for Time {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        u64::take(from).map(Time)
    }
}

impl Coded for SocketId {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        u32::take(from).map(SocketId)
    }
}

impl Coded for Mac {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        from.array().map(Mac)
    }
}

impl Coded for IpAddr {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            IpAddr::V4(address) => coded(out, 4, &u32::from(*address)),
            IpAddr::V6(address) => coded(out, 6, &u128::from(*address)),
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        match u8::take(from)? {
            4 => u32::take(from).map(|bits| Ipv4Addr::from(bits).into()),
            6 => u128::take(from).map(|bits| Ipv6Addr::from(bits).into()),
            other => Err(Garbled::Number("version of IP", other)),
        }
    }
}

impl Coded for SocketAddr {
    fn put(&self, out: &mut Vec<u8>) {
        self.ip().put(out);
        self.port().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        Ok(SocketAddr::new(Coded::take(from)?, Coded::take(from)?))
    }
}
