//! Bytes from the network, made safe for a terminal and legible for people.

use std::fmt::{self, Display, Write};

/// The bytes of a text without the zeros behind it: ASCII that can be printed as it is, all else by its number, as in `\x1b`.
///
/// So neither the bytes that move a cursor or recolour a screen get through nor those that turn the reading direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a>(&'a [u8]);

/// See [`Text`].
pub(crate) fn without_padding(bytes: &[u8]) -> Text<'_> {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Text(bytes.get(..end).unwrap_or(bytes))
}

/// All of the bytes of a text; see [`Text`].
pub(crate) fn escaped(bytes: &[u8]) -> Text<'_> {
    Text(bytes)
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| match byte {
            b' '..=b'~' => f.write_char(char::from(*byte)),
            _ => write!(f, "\\x{byte:02x}"),
        })
    }
}

/// Bytes in hexadecimal with blanks between them; of many only the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hex<'a>(&'a [u8]);

/// So many bytes are shown: a line of a hexdump.
const MOST: usize = 16;

/// See [`Hex`].
pub(crate) fn hex(bytes: &[u8]) -> Hex<'_> {
    Hex(bytes)
}

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, byte) in self.0.iter().take(MOST).enumerate() {
            let blank = if number == 0 { "" } else { " " };
            write!(f, "{blank}{byte:02x}")?;
        }
        match self.0.len().checked_sub(MOST) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_by_its_number() {
        assert_eq!(without_padding(b"web-1\0\0").to_string(), "web-1");
        assert_eq!(without_padding(b"\x1b[31mred\r\n\0.").to_string(), "\\x1b[31mred\\x0d\\x0a\\x00.");
        assert_eq!(without_padding("\u{202e}\u{9b}".as_bytes()).to_string(), "\\xe2\\x80\\xae\\xc2\\x9b");
        assert_eq!(without_padding(&[]).to_string(), "");
    }

    #[test]
    fn many_bytes_are_shown_by_their_first_and_a_count() {
        assert_eq!(hex(&[0x63, 0x82]).to_string(), "63 82");
        assert_eq!(hex(&[7; 16]).to_string(), ["07"; 16].join(" "));
        assert_eq!(hex(&[7; 20]).to_string(), ["07"; 16].join(" ") + " and 4 more");
    }
}
