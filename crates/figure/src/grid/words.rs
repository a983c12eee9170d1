//! What a field says in a picture: its value, its bytes, and the name of its value.

use wire::dissect::{Field, Value, Verdict};

/// What stands in a field.
pub(crate) struct Said {
    /// The value: a number, an address.
    pub(crate) value: String,
    /// The bytes as they are on the wire, where the value does not show them already.
    pub(crate) hex: Option<String>,
    /// What the value is called, or what became of a checksum.
    pub(crate) name: Option<String>,
}

/// More bytes are counted instead of shown.
const MOST_BYTES: usize = 16;

pub(crate) fn said(field: &Field<'_>) -> Said {
    let bits = field.bits().len();
    let shown = match field.value() {
        Value::Number(number) if bits == 1 => number.to_string(),
        Value::Bytes(bytes) if bytes.len() > MOST_BYTES && field.fields().next().is_none() => {
            format!("{} bytes", bytes.len())
        }
        _ => field.shown(),
    };
    let name = field.value_name();
    let value = match name {
        Some(name) => shown.strip_suffix(name).unwrap_or(&shown).trim_end().to_string(),
        None => shown,
    };
    let hex = hex(field).filter(|hex| digits(hex) != digits(&value) && bits > 1);
    Said { value, hex, name: verdict(field).or(name.map(String::from)) }
}

/// The field's own bits: `0x40`, or bytes where there are more than two.
fn hex(field: &Field<'_>) -> Option<String> {
    let bits = field.bits().len();
    match field.value() {
        Value::Number(number) if bits <= 16 || !bits.is_multiple_of(8) => {
            Some(format!("0x{number:0width$x}", width = bits.div_ceil(4)))
        }
        Value::Number(number) => {
            let bytes = number.to_be_bytes();
            Some(spaced(bytes.get(8 - bits / 8..).unwrap_or_default()))
        }
        Value::Bytes(bytes) if bytes.len() > MOST_BYTES => None,
        Value::Bytes(bytes) => Some(spaced(bytes)),
    }
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// To see whether two ways of writing show the same digits.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_hexdigit).collect()
}

/// What became of a checksum, in a word or two.
fn verdict(field: &Field<'_>) -> Option<String> {
    if field.name() != "checksum" || field.within().is_some() {
        return None;
    }
    match field.layer().checksum() {
        Verdict::None => None,
        Verdict::Right => Some("correct".into()),
        Verdict::Wrong(right) => Some(format!("wrong: {right:#06x} is right")),
        Verdict::LeftToTheCard(right) => Some(format!("the card makes it {right:#06x}")),
        Verdict::Absent => Some("none was made".into()),
        Verdict::NotCaptured => Some("not checked: cut off".into()),
        Verdict::InFragments => Some("not checked: fragment".into()),
        Verdict::Quoted => Some("not checked: quoted".into()),
        Verdict::Unknown => Some("not checked".into()),
    }
}

/// A field in a sentence: `Time to Live 64 (0x40)`.
pub(crate) fn told(field: &Field<'_>) -> String {
    let Said { value, hex, name } = said(field);
    let name = name.map_or_else(String::new, |name| format!(" {name}"));
    let hex = hex.map_or_else(String::new, |hex| format!(" ({hex})"));
    format!("{} {value}{name}{hex}", field.label())
}
