//! What fields of records are made of: numbers, addresses, names, and bytes in one of the alphabets of RFC 4648.

use super::digits::{base32_of, base64_of, bytes_of_base32, bytes_of_base64, bytes_of_hex, hex_of};
use super::table::{Names, RowType};
use super::words::{Words, seconds};
use crate::dns::cursor::{Cursor, Wrong};
use crate::dns::emit::Emitter;
use crate::dns::{Name, Type};
use crate::fields::Field;
use crate::fields::Show::{self, Bytes, Dec};
use crate::fields::row;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

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
    ($($type:ident $read:ident $most:literal $names:literal $units:literal),*) => { $(
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
            fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
                let what = concat!("a number from 0 to ", $most);
                let word = words.plain(row.label, what)?;
                let named = || $names.then(|| named(row, &word)).flatten().and_then(|number| number.try_into().ok());
                let units = || $units.then(|| seconds(&word)).flatten().and_then(|number| number.try_into().ok());
                let number = digits(&word).and_then(|word| word.parse().ok()).or_else(named).or_else(units);
                number.ok_or_else(|| Words::no(&word, row.label, what))
            }
        }
    )* };
}
// RFC 4034 appendix A.1 has mnemonics for algorithms. Of the numbers of four bytes only a zone's serial is no time, and times may be
// written with units.
number!(u8 u8 255 true false, u16 u16 65535 false false, u32 u32 4294967295 false true);

/// The word, if it is a decimal number without a sign.
fn digits(word: &str) -> Option<&str> {
    (!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

/// The number that has this name in the row's table.
fn named(row: &Field, word: &str) -> Option<u64> {
    let Show::Named(names) = row.show else { return None };
    names.iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(number, _)| *number)
}

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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        words.value(row.label, "an IPv4 address, as in 192.0.2.1")
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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        words.value(row.label, "an IPv6 address, as in 2001:db8::1")
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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        words.value(row.label, "a type, as in A or TYPE65280")
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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        words.value(row.label, "a time, as in 20301231235959 or in seconds since 1970")
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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        words.name(row.label)
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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        let what = "bytes in base 64 (RFC 4648 section 4)";
        words.rest(row.label, what, bytes_of_base64).map(Self)
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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        words.rest(row.label, "bytes in pairs of hexadecimal digits", bytes_of_hex).map(Self)
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
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        let what = "255 bytes at most in pairs of hexadecimal digits, or - for none";
        let word = words.plain(row.label, what)?;
        let bytes = if word == "-" { Some(vec![]) } else { bytes_of_hex(&word).filter(|bytes| !bytes.is_empty()) };
        let bytes = bytes.filter(|bytes| bytes.len() <= usize::from(u8::MAX));
        bytes.map(Self).ok_or_else(|| Words::no(&word, row.label, what))
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
        base32_of(&self.0)
    }
    fn of_text(words: &mut Words<'_>, row: &'static Field) -> Result<Self, String> {
        let what = "from 1 to 255 bytes in base 32 (RFC 4648 section 7), without padding";
        let word = words.plain(row.label, what)?;
        let bytes = bytes_of_base32(&word).filter(|bytes| (1..=usize::from(u8::MAX)).contains(&bytes.len()));
        bytes.map(Self).ok_or_else(|| Words::no(&word, row.label, what))
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

impl FromStr for Time {
    type Err = ();

    /// RFC 4034 section 3.2 tells the two ways apart by their length: 14 digits are a date.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = digits(text).ok_or(())?;
        if text.len() != 14 {
            return text.parse().map(Self).map_err(drop);
        }
        let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<i64>().ok()).ok_or(());
        let [year, month, day] = [part(0..4)?, part(4..6)?, part(6..8)?];
        let [hour, minute, second] = [part(8..10)?, part(10..12)?, part(12..14)?];
        let is_time = year > 0 && hour < 24 && minute < 60 && second < 60;
        let days = is_time.then(|| days_to(year, month, day)).flatten().ok_or(())?;
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
        // Section 3.1.5: the number is counted modulo 2^32, so a time before 1970 is one after 2038 too.
        u32::try_from(seconds.rem_euclid(1 << 32)).map(Self).map_err(drop)
    }
}

/// The days from 1970-01-01 to this date; `None`: its month has no such day.
fn days_to(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let most = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // Counted from March on, as in `date`.
    let (years, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    (1..=most).contains(&day).then_some(365 * years + years / 4 - years / 100 + years / 400 + of_year - 719_468)
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
            assert_eq!((text.parse(), seconds.to_string().parse()), (Ok(Time(seconds)), Ok(Time(seconds))));
        }
        // One second later, modulo 2^32.
        assert_eq!("21060207062816".parse(), Ok(Time(0)));
        for none in ["20230229000000", "20230001000000", "20231301000000", "20230100000000", "20230101240000"] {
            assert_eq!(none.parse::<Time>(), Err(()), "{none}");
        }
        assert_eq!("19691231235959".parse(), Ok(Time(u32::MAX)));
    }
}
