//! The table a header is declared by, and what is derived from it.
//!
//! [`header!`](crate::header) turns rows of `width name: type, "Label", how it is shown` into a struct with one field a row.
//! Bits are numbered as RFC 791 appendix B numbers them: 0 is the most significant bit of the first byte, and numbers are in
//! network byte order.

use crate::{Mac, text};
use std::net::{Ipv4Addr, Ipv6Addr};

/// One row of a header's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name of the struct's field.
    pub name: &'static str,
    /// What the RFC's figure calls it.
    pub label: &'static str,
    /// Where it begins, in bits from the start of the header.
    pub bit: usize,
    /// How wide it is, in bits.
    pub bits: usize,
    /// How its value reads best.
    pub show: Show,
}

/// A row whose place and width are known when it is met.
pub(crate) const fn row(name: &'static str, label: &'static str, show: Show) -> Field {
    Field { name, label, bit: 0, bits: 0, show }
}

/// How a field's value is shown to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// A decimal number.
    Dec,
    /// A hexadecimal number, as wide as the field.
    Hex,
    /// An IPv4 address.
    Addr,
    /// An IPv6 address.
    Addr6,
    /// A link-layer address.
    Station,
    /// One bit that is set or not.
    Flag,
    /// A number of which some values have names.
    Named(&'static [(u64, &'static str)]),
    /// The same, with the number in hexadecimal.
    NamedHex(&'static [(u64, &'static str)]),
    /// Bytes that people should be able to read, with zeros behind them that fill the field.
    Text,
    /// Bytes as they are, in hexadecimal.
    Bytes,
}

impl Field {
    /// `value` of this field in words: `64`, `0x1f40`, `17 UDP`, `set`.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "an address field is 32 bits wide")]
    pub fn shown(&self, value: u64) -> String {
        match self.show {
            Show::Dec => value.to_string(),
            Show::Hex => format!("{value:#0width$x}", width = self.bits.div_ceil(4) + 2),
            Show::Addr => Ipv4Addr::from(value as u32).to_string(),
            Show::Station => Mac::from_bits(value).to_string(),
            Show::Flag => if value == 0 { "not set" } else { "set" }.to_string(),
            Show::Named(_) => named(value.to_string(), self.name_of(value)),
            Show::NamedHex(_) => named(Field { show: Show::Hex, ..*self }.shown(value), self.name_of(value)),
            Show::Addr6 | Show::Text | Show::Bytes => {
                let bytes = value.to_be_bytes();
                self.shown_bytes(bytes.get(8 - self.bits.div_ceil(8).min(8)..).unwrap_or(&bytes))
            }
        }
    }

    /// The name of `value`, if the row has one for it.
    #[must_use]
    pub fn name_of(&self, value: u64) -> Option<&'static str> {
        let (Show::Named(names) | Show::NamedHex(names)) = self.show else { return None };
        names.iter().find(|(number, _)| *number == value).map(|(_, name)| *name)
    }

    /// The `bytes` of this field in words, for one that is wider than a number: an address, a text, or `63 82 53 63`. Text is
    /// escaped, for it comes from the network.
    #[must_use]
    pub fn shown_bytes(&self, bytes: &[u8]) -> String {
        match (self.show, bytes.as_array()) {
            (Show::Addr6, Some(octets)) => Ipv6Addr::from_octets(*octets).to_string(),
            (Show::Text, _) => text::without_padding(bytes).to_string(),
            _ => text::hex(bytes).to_string(),
        }
    }
}

fn named(number: String, name: Option<&str>) -> String {
    name.map_or_else(|| number.clone(), |name| format!("{number} {name}"))
}

/// A type that a row can have.
pub trait RowType: Copy {
    /// From the `bits` bits of `bytes` from bit `bit` on.
    fn get_from<const N: usize>(bytes: &[u8; N], bit: usize, bits: usize) -> Self;
    /// To the `bits` bits of `bytes` from bit `bit` on, which are zero before.
    fn put_into<const N: usize>(self, bytes: &mut [u8; N], bit: usize, bits: usize);
}

/// A type that a row of up to 64 bits can have.
pub trait Bits: Copy {
    /// From the low bits of `value`.
    fn from_bits(value: u64) -> Self;
    /// Into the low bits of the answer.
    fn to_bits(self) -> u64;
}

impl<T: Bits> RowType for T {
    #[inline(always)]
    fn get_from<const N: usize>(bytes: &[u8; N], bit: usize, bits: usize) -> Self {
        Self::from_bits(get(bytes, bit, bits))
    }
    #[inline(always)]
    fn put_into<const N: usize>(self, bytes: &mut [u8; N], bit: usize, bits: usize) {
        put(bytes, bit, bits, self.to_bits());
    }
}

macro_rules! unsigned {
    ($($t:ty),*) => { $(
        impl Bits for $t {
            #[inline]
            #[allow(clippy::cast_possible_truncation, reason = "a row is never wider than its type, or tables would not compile")]
            fn from_bits(value: u64) -> Self { value as $t }
            #[inline]
            #[allow(clippy::cast_lossless, trivial_numeric_casts, reason = "u64 is among the types")]
            fn to_bits(self) -> u64 { self as u64 }
        }
    )* };
}
unsigned!(u8, u16, u32, u64);

impl Bits for bool {
    #[inline]
    fn from_bits(value: u64) -> Self {
        value != 0
    }
    #[inline]
    fn to_bits(self) -> u64 {
        u64::from(self)
    }
}

impl Bits for Ipv4Addr {
    #[inline]
    fn from_bits(value: u64) -> Self {
        Ipv4Addr::from(u32::from_bits(value))
    }
    #[inline]
    fn to_bits(self) -> u64 {
        u64::from(u32::from(self))
    }
}

impl Bits for Mac {
    #[inline]
    fn from_bits(value: u64) -> Self {
        let [_, _, a, b, c, d, e, f] = value.to_be_bytes();
        Mac([a, b, c, d, e, f])
    }
    #[inline]
    fn to_bits(self) -> u64 {
        let Mac([a, b, c, d, e, f]) = self;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }
}

/// Whole bytes at a whole byte, of any length.
impl<const M: usize> RowType for [u8; M] {
    #[inline(always)]
    fn get_from<const N: usize>(bytes: &[u8; N], bit: usize, _: usize) -> Self {
        bytes.get(bit / 8..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; M])
    }
    #[inline(always)]
    fn put_into<const N: usize>(self, bytes: &mut [u8; N], bit: usize, _: usize) {
        if let Some(place) = bytes.get_mut(bit / 8..).and_then(<[u8]>::first_chunk_mut) {
            *place = self;
        }
    }
}

impl RowType for Ipv6Addr {
    #[inline(always)]
    fn get_from<const N: usize>(bytes: &[u8; N], bit: usize, bits: usize) -> Self {
        Ipv6Addr::from_octets(RowType::get_from(bytes, bit, bits))
    }
    #[inline(always)]
    fn put_into<const N: usize>(self, bytes: &mut [u8; N], bit: usize, bits: usize) {
        self.octets().put_into(bytes, bit, bits);
    }
}

/// Whether a row of `bits` bits at bit `bit` can be read: a number touches eight bytes at most, more bits are whole bytes.
#[must_use]
pub const fn is_readable(bit: usize, bits: usize) -> bool {
    if bits > 64 { bit.is_multiple_of(8) && bits.is_multiple_of(8) } else { bit % 8 + bits <= 64 }
}

/// The `bits` bits of `bytes` from bit `bit` on.
///
/// With constant arguments, as the table gives them, this folds to one load; a field outside of the header does not compile.
#[inline(always)]
#[must_use]
#[expect(clippy::indexing_slicing, reason = "the table asserts at compile time that all fields lie within its N bytes")]
pub const fn get<const N: usize>(bytes: &[u8; N], bit: usize, bits: usize) -> u64 {
    let last = (bit + bits - 1) / 8;
    let mut byte = bit / 8;
    let mut value = 0;
    while byte <= last {
        value = value << 8 | bytes[byte] as u64;
        byte += 1;
    }
    value >> (7 - (bit + bits - 1) % 8) & (u64::MAX >> (64 - bits))
}

/// Puts the low `bits` bits of `value` at bit `bit` of `bytes`, which are zero there before.
#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "the table asserts at compile time that all fields lie within its N bytes")]
#[expect(clippy::cast_possible_truncation, reason = "byte by byte is the point")]
pub const fn put<const N: usize>(bytes: &mut [u8; N], bit: usize, bits: usize, value: u64) {
    let first = bit / 8;
    let mut byte = (bit + bits - 1) / 8;
    let mut value = (value & (u64::MAX >> (64 - bits))) << (7 - (bit + bits - 1) % 8);
    loop {
        bytes[byte] |= value as u8;
        value >>= 8;
        if byte == first {
            break;
        }
        byte -= 1;
    }
}

/// The sum of the first `rows` widths: where row number `rows` begins, in bits.
#[must_use]
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time only, where a wrong index does not compile")]
pub const fn offset(widths: &[usize], rows: usize) -> usize {
    let (mut row, mut bit) = (0, 0);
    while row < rows {
        bit += widths[row];
        row += 1;
    }
    bit
}

/// Declares a header: `Name, "title", BYTES bytes;` and then one row a field, in the order of the RFC's figure.
///
/// A row is `width name: type, "Label", Show;`. The widths must add up to the header's length, or it does not compile.
/// Derived are the struct, `TITLE`, `LEN` (bytes), `FIELDS`, `read`, `write`, `take`, `emit` and `bytes`.
#[macro_export]
macro_rules! header {
    ($(#[$meta:meta])* $Header:ident, $title:literal, $len:literal bytes;
     $( $bits:literal $field:ident : $type:ty, $label:literal, $show:expr; )*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $Header {
            $( #[doc = concat!($label, ", ", stringify!($bits), " bits.")] pub $field: $type, )*
        }

        const _: () = {
            use $crate::fields::{RowType, Field, is_readable, offset};
            use $crate::{Problem, WireError};

            #[allow(non_camel_case_types, reason = "the rows' own names, used as their numbers")]
            enum Row { $($field,)* End }
            const WIDTHS: &[usize] = &[$($bits),*];
            const _: () = assert!(offset(WIDTHS, Row::End as usize) == $len * 8, "the widths must add up to the length");
            $( const _: () = assert!($bits <= 8 * size_of::<$type>(), "a row is wider than its type"); )*
            $( const _: () = assert!(is_readable(offset(WIDTHS, Row::$field as usize), $bits), "a row touches nine bytes"); )*

            impl $Header {
                /// What errors and dumps call this header.
                pub const TITLE: &'static str = $title;
                /// The length of the fixed part, in bytes.
                pub const LEN: usize = $len;
                /// The rows of the table.
                pub const FIELDS: &'static [Field] = &[$( Field {
                    name: stringify!($field), label: $label, bit: offset(WIDTHS, Row::$field as usize), bits: $bits, show: $show,
                } ),*];

                /// The fields as they stand in `bytes`, right or wrong.
                #[inline]
                #[must_use]
                pub fn read(bytes: &[u8; $len]) -> Self {
                    Self { $( $field: {
                        const BIT: usize = offset(WIDTHS, Row::$field as usize);
                        <$type as RowType>::get_from(bytes, BIT, $bits)
                    } ),* }
                }

                /// Overwrites `bytes` by the fields, right or wrong.
                #[inline]
                pub fn write(&self, bytes: &mut [u8; $len]) {
                    *bytes = [0; $len];
                    $( {
                        const BIT: usize = offset(WIDTHS, Row::$field as usize);
                        RowType::put_into(self.$field, bytes, BIT, $bits);
                    } )*
                }

                /// The fields as bytes.
                #[inline]
                #[must_use]
                pub fn bytes(&self) -> [u8; $len] {
                    let mut bytes = [0; $len];
                    self.write(&mut bytes);
                    bytes
                }

                /// Takes the fixed part from the front of `bytes`; what follows comes back beside it.
                ///
                /// # Errors
                /// When there are fewer bytes than that.
                #[inline]
                pub fn take(bytes: &[u8]) -> Result<(Self, &[u8]), WireError> {
                    let Some((head, rest)) = bytes.split_first_chunk::<$len>() else {
                        let problem = Problem::TooShort { need: $len, have: bytes.len() };
                        return Err(WireError { header: $title, field: "", byte: bytes.len(), problem });
                    };
                    Ok((Self::read(head), rest))
                }

                /// Writes the fixed part to the front of `buffer`, and gives the rest of the buffer back; `None` when it is too short.
                #[inline]
                #[must_use]
                pub fn emit<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b mut [u8]> {
                    let (head, rest) = buffer.split_first_chunk_mut::<$len>()?;
                    self.write(head);
                    Some(rest)
                }
            }
        };
    };
}

/// The RFCs' picture of a header: 32 bits a row, a label in each cell, fields across rows marked by their largest part.
#[must_use]
pub fn grid(fields: &[Field]) -> String {
    let total = fields.last().map_or(0, |field| field.bit + field.bits);
    let columns = total.min(32);
    let numbers: String = (0..columns).map(|bit| format!(" {}", bit % 10)).collect();
    let tens: String =
        (0..columns).map(|bit| if bit % 10 == 0 { format!(" {}", bit / 10) } else { "  ".into() }).collect();
    let rule = |bits: usize| "+-".repeat(bits) + "+";
    let mut lines = vec![tens.trim_end().to_string(), numbers, rule(columns)];
    let mut line = String::new();
    for cell in fields.iter().flat_map(cells) {
        let width = cell.bits * 2 - 1;
        line += &format!("|{:^width$}", cell.label);
        let end = cell.bit + cell.bits;
        if end.is_multiple_of(32) || end == total {
            let filled = if end.is_multiple_of(32) { columns } else { end % 32 };
            let below = if cell.goes_on { format!("+{:width$}+", "") } else { rule(filled) };
            lines.extend([std::mem::take(&mut line) + "|", below]);
        }
    }
    lines.join("\n") + "\n"
}

/// The part of a field that lies in one row of the grid.
struct Cell {
    bit: usize,
    bits: usize,
    label: String,
    /// Whether it is a whole row, and the next row is of the same field; then no rule is drawn between them.
    goes_on: bool,
}

/// More bits than an IPv6 address has are drawn as one row, with their number of bytes: RFC 2131's figure does so.
const TALL: usize = 128;

/// Cuts a field at the ends of rows; the first of its widest parts carries the label.
fn cells(field: &Field) -> Vec<Cell> {
    if field.bits > TALL {
        let label = format!("{} ({} bytes)", field.label, field.bits / 8);
        return vec![Cell { bit: field.bit, bits: 32, label, goes_on: false }];
    }
    let mut cells: Vec<Cell> = vec![];
    let end = field.bit + field.bits;
    let mut bit = field.bit;
    while bit < end {
        let bits = (32 - bit % 32).min(end - bit);
        let goes_on = bits == 32 && end - bit >= 64;
        cells.push(Cell { bit, bits, label: String::new(), goes_on });
        bit += bits;
    }
    let widest = cells.iter().map(|cell| cell.bits).max().unwrap_or(0);
    if let Some(cell) = cells.iter_mut().find(|cell| cell.bits == widest) {
        cell.label = field.label.chars().take(widest * 2 - 1).collect();
    }
    cells
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Field, grid};
    use crate::ipv4::Ipv4;

    /// The figure in a module's docs is drawn from its table; with `BLESS` in the environment it is drawn anew.
    pub(crate) fn check_figure(module: &str, committed: &str, fields: &[Field]) {
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(format!("{}/src/{module}.txt", env!("CARGO_MANIFEST_DIR")), grid(fields)).unwrap();
        } else {
            assert_eq!(committed, grid(fields), "`just bless` draws it anew");
        }
    }

    #[test]
    fn value_is_shown_as_its_field_reads_best() {
        let shown = |name: &str, value| Ipv4::FIELDS.iter().find(|field| field.name == name).unwrap().shown(value);
        assert_eq!(shown("ttl", 64), "64");
        assert_eq!(shown("identification", 0xab), "0x00ab");
        assert_eq!(shown("protocol", 17), "17 UDP");
        assert_eq!(shown("protocol", 200), "200");
        assert_eq!(shown("dont_fragment", 1), "set");
        assert_eq!(shown("source", 0x0a00_0001), "10.0.0.1");
    }
}
