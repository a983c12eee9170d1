//! What fields of records are made of: numbers, addresses, names, and bytes in one of the alphabets of RFC 4648.

use super::table::{Names, RowType};
use crate::dns::cursor::{Cursor, Wrong};
use crate::dns::emit::Emitter;
use crate::dns::{Name, Type};
use crate::fields::Field;
use crate::fields::Show::{Bytes, Dec};
use crate::fields::row;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Bytes up to the end of the data, in base 64 (RFC 4648 section 4): keys and signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

/// Bytes up to the end of the data, in hexadecimal: digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

/// Bytes behind their number, in hexadecimal, and a `-` for none: RFC 5155 section 3.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salt(pub Vec<u8>);

/// The digest of a name behind its length, in base 32 whose digits are in the order of their characters (RFC 4648 section 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashedName(pub Vec<u8>);

/// Seconds since 1970 without leap seconds, modulo 2^32; written `YYYYMMDDHHmmSS`, RFC 4034 section 3.2.
///
/// RFC 4034 section 3.1.5 compares these by serial number arithmetic, so that a number may also mean a time 136 years later.
/// It is shown as the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub u32);

pub(in crate::dns) static LENGTH: Field = row("length", "Length", Dec);
pub(in crate::dns) static COUNTED: Field = row("bytes", "Bytes", Bytes);

/// A row that is read and written as its bytes, and shown as it shows itself.
macro_rules! number {
    ($($type:ident $read:ident),*) => { $(
        impl RowType for $type {
            fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
                cursor.$read(row)
            }
            fn emit(&self, to: &mut Emitter, _: Names) {
                to.put(&self.to_be_bytes());
            }
            fn text(&self) -> String {
                self.to_string()
            }
        }
    )* };
}
number!(u8 u8, u16 u16, u32 u32);

impl RowType for Ipv4Addr {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.octets(row).map(Self::from_octets)
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        to.put(&self.octets());
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl RowType for Ipv6Addr {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.octets(row).map(Self::from_octets)
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        to.put(&self.octets());
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl RowType for Type {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.u16(row).map(Self)
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        to.put(&self.0.to_be_bytes());
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl RowType for Time {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.u32(row).map(Self)
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        to.put(&self.0.to_be_bytes());
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl RowType for Name {
    /// A pointer is followed in any type. RFC 3597 section 4: "Receiving servers MUST decompress domain names in RRs of
    /// well-known type", and in those that nobody may compress it does no harm.
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.name(row)
    }
    fn emit(&self, to: &mut Emitter, names: Names) {
        match names {
            Names::Compressed => to.compressed(self),
            Names::Whole => to.put(self.wire()),
        }
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl RowType for Base64 {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.rest(row).map(|bytes| Self(bytes.to_vec()))
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        to.put(&self.0);
    }
    fn text(&self) -> String {
        base64_of(&self.0)
    }
}

impl RowType for Hex {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        cursor.rest(row).map(|bytes| Self(bytes.to_vec()))
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        to.put(&self.0);
    }
    fn text(&self) -> String {
        hex_of(&self.0)
    }
}

impl RowType for Salt {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        counted(cursor, row).map(|bytes| Self(bytes.to_vec()))
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        put_counted(to, &self.0);
    }
    fn text(&self) -> String {
        if self.0.is_empty() { "-".into() } else { hex_of(&self.0) }
    }
}

impl RowType for HashedName {
    fn read(cursor: &mut Cursor<'_>, row: &'static Field) -> Result<Self, Wrong> {
        counted(cursor, row).map(|bytes| Self(bytes.to_vec()))
    }
    fn emit(&self, to: &mut Emitter, _: Names) {
        put_counted(to, &self.0);
    }
    fn text(&self) -> String {
        base32(&self.0)
    }
}

/// Bytes behind their number in one byte.
pub(super) fn counted<'m>(cursor: &mut Cursor<'m>, row: &'static Field) -> Result<&'m [u8], Wrong> {
    cursor.group(row, |cursor| {
        let len = cursor.u8(&LENGTH)?;
        cursor.bytes(&COUNTED, len.into())
    })
}

/// Entries up to the end of what is counted.
pub(in crate::dns) fn list<T>(
    cursor: &mut Cursor<'_>,
    entry: impl Fn(&mut Cursor<'_>) -> Result<T, Wrong>,
) -> Result<(), Wrong> {
    while cursor.left() > 0 {
        entry(cursor)?;
    }
    Ok(())
}

/// Writes at most 255 bytes behind their number; what is more is left out.
pub(super) fn put_counted(to: &mut Emitter, bytes: &[u8]) {
    let len = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    to.put(&[len]);
    to.put(bytes.get(..usize::from(len)).unwrap_or(bytes));
}

/// Hexadecimal as dig writes it: capitals, no blanks.
pub(in crate::dns) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// RFC 4648 section 4.
pub(in crate::dns) fn base64_of(bytes: &[u8]) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padding = match bytes.len() % 3 {
        0 => "",
        1 => "==",
        _ => "=",
    };
    in_digits(bytes, 6, digits) + padding
}

/// RFC 4648 section 7, "unpadded" by RFC 5155 section 3.3, and in capitals as dig writes it.
fn base32(bytes: &[u8]) -> String {
    in_digits(bytes, 5, b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
}

/// Each `width` bits by one of 2^`width` digits; zeros fill the last one.
fn in_digits(bytes: &[u8], width: u32, digits: &[u8]) -> String {
    let (mut text, mut held, mut bits) = (String::new(), 0u32, 0);
    let digit = |value: u32| {
        let place = usize::try_from(value & ((1 << width) - 1)).ok()?;
        digits.get(place).map(|digit| char::from(*digit))
    };
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= width {
            bits -= width;
            text.extend(digit(held >> bits));
        }
    }
    if bits > 0 {
        text.extend(digit(held << (width - bits)));
    }
    text
}

/// Data of a type that is not known, RFC 3597 section 5.
pub(super) fn generic(f: &mut fmt::Formatter<'_>, data: &[u8]) -> fmt::Result {
    write!(f, "\\# {}", data.len())?;
    if data.is_empty() { Ok(()) } else { write!(f, " {}", hex_of(data)) }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0 / 86_400, self.0 % 86_400);
        let (year, month, day) = date(days);
        write!(f, "{year:04}{month:02}{day:02}{:02}{:02}{:02}", second / 3600, second / 60 % 60, second % 60)
    }
}

/// Year, month and day, so many days after 1970-01-01, in the calendar in use today.
///
/// Years are counted from March on, so that the leap day is the last of its year; 400 of them have the same number of days.
fn date(days: u32) -> (u32, u32, u32) {
    // 0000-03-01 is so many days before 1970-01-01.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // From March on, months have 31 and 30 days in turn, 153 in five of them.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_the_alphabets_of_the_rfc() {
        // RFC 4648 section 10.
        for (bytes, sixtyfour, thirtytwo) in [
            ("", "", ""),
            ("f", "Zg==", "CO"),
            ("fo", "Zm8=", "CPNG"),
            ("foo", "Zm9v", "CPNMU"),
            ("foob", "Zm9vYg==", "CPNMUOG"),
            ("fooba", "Zm9vYmE=", "CPNMUOJ1"),
            ("foobar", "Zm9vYmFy", "CPNMUOJ1E8"),
        ] {
            assert_eq!((base64_of(bytes.as_bytes()), base32(bytes.as_bytes())), (sixtyfour.into(), thirtytwo.into()));
        }
    }

    #[test]
    fn seconds_are_a_date() {
        for (seconds, text) in [
            (0, "19700101000000"),
            (951_782_399, "20000228235959"),
            (951_782_400, "20000229000000"),
            (951_868_800, "20000301000000"),
            // RFC 4034 section 3.3's own example.
            (1_048_354_263, "20030322173103"),
            (u32::MAX, "21060207062815"),
        ] {
            assert_eq!(Time(seconds).to_string(), text);
        }
    }
}
