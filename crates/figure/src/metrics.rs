//! How wide text is, so that a figure can be laid out before anybody draws it.
//!
//! Advance widths of the two fonts that ship inside mdBook: Open Sans (regular and bold, of 2048 units an em) and Source Code Pro
//! (600 of 1000 for every character). What the tables lack is taken to be as wide as it is high.

/// A font, as wide as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// Open Sans.
    Words,
    /// Open Sans, bold.
    Bold,
    /// Source Code Pro, bold or not.
    Mono,
}

/// How wide `text` is at a size.
pub(crate) fn width(face: Face, size: f64, text: &str) -> f64 {
    text.chars().map(|character| advance(face, character)).sum::<f64>() * size
}

/// The beginning of `text` that fits `room`, with dots where something is left out; `None`: not even two characters do.
pub(crate) fn shortened(face: Face, size: f64, text: &str, room: f64) -> Option<String> {
    if width(face, size, text) <= room {
        return Some(text.to_string());
    }
    let mut short: String = text.to_string();
    while short.pop().is_some() {
        let dotted = format!("{}…", short.trim_end());
        if dotted.chars().count() > 2 && width(face, size, &dotted) <= room {
            return Some(dotted);
        }
    }
    None
}

/// In ems.
fn advance(face: Face, character: char) -> f64 {
    let table = match face {
        Face::Words => &WORDS,
        Face::Bold => &BOLD,
        Face::Mono => return if is_wide(character) { 1.0 } else { 0.6 },
    };
    let units = match (usize::try_from(u32::from(character)), character) {
        (Ok(code @ 32..127), _) => table.get(code - 32).copied().unwrap_or(2048),
        (_, '–') => 1024,
        (_, '·') => 584,
        (_, '×' | '≤' | '≥') => 1171,
        (_, 'µ' | 'ä' | 'ö' | 'ü' | 'ß') => 1456,
        _ => 2048,
    };
    f64::from(units) / 2048.0
}

/// What even a font of equal widths draws wider: scripts of East Asia, and pictures.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'..='\u{3ffff}')
}

/// From the blank to the tilde.
#[rustfmt::skip]
const WORDS: [u16; 95] = [
    532, 547, 821, 1323, 1171, 1686, 1495, 453, 606, 606, 1130, 1171, 502, 659, 545, 752, 1171, 1171, 1171, 1171, 1171, 1171, 1171,
    1171, 1171, 1171, 545, 545, 1171, 1171, 1171, 879, 1841, 1296, 1327, 1292, 1493, 1139, 1057, 1491, 1511, 571, 547, 1257, 1063,
    1849, 1544, 1595, 1233, 1595, 1266, 1124, 1133, 1491, 1219, 1896, 1182, 1147, 1169, 674, 752, 674, 1110, 918, 1182, 1139, 1255,
    975, 1255, 1149, 694, 1122, 1257, 518, 518, 1075, 518, 1905, 1257, 1237, 1255, 1255, 836, 977, 723, 1257, 1026, 1593, 1073, 1032,
    958, 776, 1128, 776, 1171,
];

/// From the blank to the tilde.
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    532, 586, 967, 1323, 1169, 1845, 1536, 545, 694, 694, 1116, 1169, 594, 659, 584, 846, 1169, 1169, 1169, 1169, 1169, 1169, 1169,
    1169, 1169, 1169, 584, 594, 1169, 1169, 1169, 977, 1837, 1413, 1376, 1305, 1516, 1147, 1124, 1483, 1567, 678, 678, 1360, 1157,
    1931, 1665, 1630, 1286, 1630, 1352, 1128, 1186, 1548, 1331, 1980, 1366, 1278, 1186, 678, 846, 678, 1090, 842, 1243, 1237, 1296,
    1053, 1296, 1210, 793, 1157, 1346, 625, 625, 1270, 625, 2011, 1346, 1268, 1296, 1296, 930, 1018, 889, 1346, 1165, 1753, 1184,
    1165, 999, 807, 1128, 807, 1169,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_too_wide_ends_in_dots_and_fits() {
        assert_eq!(shortened(Face::Mono, 10.0, "12345", 30.0).as_deref(), Some("12345"));
        assert_eq!(shortened(Face::Mono, 10.0, "123456", 30.0).as_deref(), Some("1234…"));
        assert_eq!(shortened(Face::Mono, 10.0, "one two", 30.0).as_deref(), Some("one…"));
        assert_eq!(shortened(Face::Mono, 10.0, "123456", 12.0), None);
    }
}
