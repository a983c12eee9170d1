//! Text from outside, made safe for a terminal.
//!
//! A host's name, a banner or a certificate can hold the bytes that move a cursor, recolour a screen or turn the reading
//! direction. They are shown as their numbers instead. To escape twice changes nothing.

/// `text` with everything that would act on a terminal shown by its number, as in `\u{1b}`.
///
/// ```
/// assert_eq!(cli::escape("bell\u{7}, Grüße"), "bell\\u{7}, Grüße");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if acts_on_a_terminal(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// As [`escape`], for bytes that should be UTF-8; those that are not are shown as `\xff`.
///
/// ```
/// assert_eq!(cli::escape_bytes(b"ok \xff\r\n"), "ok \\xff\\u{d}\\u{a}");
/// ```
#[must_use]
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut safe = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        safe.push_str(&escape(chunk.valid()));
        for byte in chunk.invalid() {
            safe.push_str(&format!("\\x{byte:02x}"));
        }
    }
    safe
}

/// Control characters, line separators, and what turns the reading direction or takes no room.
pub(crate) fn acts_on_a_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_by_its_number() {
        assert_eq!(escape("\u{1b}[31mred"), "\\u{1b}[31mred");
        assert_eq!(escape("one\r\ntwo\u{7f}\u{9b}"), "one\\u{d}\\u{a}two\\u{7f}\\u{9b}");
        assert_eq!(escape("user\u{202e}txt.exe"), "user\\u{202e}txt.exe");
        assert_eq!(escape("plain Ω text \\ stays"), "plain Ω text \\ stays");
    }

    #[test]
    fn escaping_twice_changes_nothing() {
        for text in ["\u{1b}", "a\\b", "\u{202e}x", ""] {
            assert_eq!(escape(&escape(text)), escape(text));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_bytes() {
        assert_eq!(escape_bytes(&[0xff, b'a', 0xc3, 0xa4, 0xc3]), "\\xffaä\\xc3");
        assert_eq!(escape_bytes(b""), "");
    }
}
