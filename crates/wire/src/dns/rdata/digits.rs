//! Bytes in the alphabets of RFC 4648, both ways.

/// The digits of base 64, RFC 4648 section 4.
const SIXTY_FOUR: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Those of base 32 in the order of their characters, RFC 4648 section 7.
const THIRTY_TWO: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";

/// Hexadecimal as dig writes it: capitals, no blanks.
pub(in crate::dns) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// RFC 4648 section 4.
pub(super) fn base64_of(bytes: &[u8]) -> String {
    let padding = match bytes.len() % 3 {
        0 => "",
        1 => "==",
        _ => "=",
    };
    in_digits(bytes, 6, SIXTY_FOUR) + padding
}

/// RFC 4648 section 7, "unpadded" by RFC 5155 section 3.3, and in capitals as dig writes it.
pub(super) fn base32_of(bytes: &[u8]) -> String {
    in_digits(bytes, 5, THIRTY_TWO)
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

/// The bytes behind hexadecimal digits of either case; `None`: some have no partner, or are none.
pub(super) fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?));
    rest.is_empty().then(|| bytes.collect())?
}

/// The bytes behind digits of base 64, with the padding that belongs to them.
pub(super) fn bytes_of_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    (text.len().is_multiple_of(4) && padding <= 2).then(|| of_digits(digits.as_bytes(), 6, SIXTY_FOUR))?
}

/// The bytes behind digits of base 32 of either case.
pub(super) fn bytes_of_base32(text: &str) -> Option<Vec<u8>> {
    of_digits(text.to_ascii_uppercase().as_bytes(), 5, THIRTY_TWO)
}

/// `None`: a character is no digit, or the last ones say more than whole bytes.
///
/// RFC 4648 section 3.5 has bits behind the last byte be zeros, and section 6 lists how many digits there can be.
fn of_digits(text: &[u8], width: u32, digits: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (vec![], 0u32, 0);
    for letter in text {
        let digit = digits.iter().position(|digit| digit == letter).and_then(|digit| u32::try_from(digit).ok())?;
        held = held << width | digit;
        bits += width;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0 && bits < width).then_some(bytes)
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
            let bytes = bytes.as_bytes();
            assert_eq!((base64_of(bytes), base32_of(bytes)), (sixtyfour.into(), thirtytwo.into()));
            assert_eq!(bytes_of_base64(sixtyfour).as_deref(), Some(bytes));
            assert_eq!(bytes_of_base32(&thirtytwo.to_lowercase()).as_deref(), Some(bytes));
            assert_eq!(bytes_of_hex(&hex_of(bytes)).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn digits_that_are_no_bytes_are_refused() {
        for text in ["Zg", "Zg=", "Zh==", "Z===", "Zm9=v", "Zm-v", "===="] {
            assert_eq!(bytes_of_base64(text), None, "{text}");
        }
        for text in ["C", "CP=", "CPN", "W0", "CR"] {
            assert_eq!(bytes_of_base32(text), None, "{text}");
        }
        for text in ["A", "0G", "+1", "é"] {
            assert_eq!(bytes_of_hex(text), None, "{text}");
        }
    }
}
