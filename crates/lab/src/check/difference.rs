//! The first difference between what should come out and what did, field by field.

use super::ask::{Expected, Place};
use host::lab::{LabError, Value};
use std::fmt::Write as _;
use std::time::Duration;

/// How far apart two times may be that are the same: a division may be rounded one way or the other.
const ROUNDING: Duration = Duration::from_micros(1);
/// How many bytes are shown of many: a packet of two headers in full, and a DNS message with a record.
const SHOWN: usize = 64;
/// How many values are shown of a list.
const LISTED: usize = 8;

/// The first difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// In which field, if in one.
    pub(crate) field: Option<String>,
    pub(crate) expected: String,
    pub(crate) got: String,
}

/// The first difference; `None`: there is none.
pub(crate) fn between(expected: &Expected, got: &Result<Value, LabError>) -> Option<Difference> {
    let whole = |expected: String, got: String| Some(Difference { field: None, expected, got });
    match (expected, got) {
        (Expected::Malformed | Expected::IsOrMalformed(_), Err(LabError::Malformed)) => None,
        (Expected::Is(expected) | Expected::IsOrMalformed(expected), Ok(got)) => of_values(expected, got, None),
        (Expected::Bytes(expected, layout), Ok(Value::Bytes(got))) => of_bytes(expected, got, layout),
        (Expected::OneOf(expected, layout), Ok(Value::Bytes(got))) => {
            of_bytes(expected.iter().find(|right| *right == got).or(expected.first())?, got, layout)
        }
        (expected, got) => whole(shown_expected(expected), shown_answer(got)),
    }
}

fn of_values(expected: &Value, got: &Value, field: Option<&str>) -> Option<Difference> {
    match (expected, got) {
        (Value::Record(name, fields), Value::Record(other, others))
            if name == other && fields.len() == others.len() =>
        {
            let mut pairs = fields.iter().zip(others);
            pairs.find_map(|((name, expected), (_, got))| of_values(expected, got, Some(name)))
        }
        (Value::Time(expected), Value::Time(got)) if expected.abs_diff(*got) <= ROUNDING => None,
        (Value::Bytes(expected), Value::Bytes(got)) => {
            let difference = of_bytes(expected, got, &[])?;
            Some(Difference { field: field.map(String::from).or(difference.field), ..difference })
        }
        (expected, got) if expected == got => None,
        (expected, got) => {
            Some(Difference { field: field.map(String::from), expected: shown(expected), got: shown(got) })
        }
    }
}

fn of_bytes(expected: &[u8], got: &[u8], layout: &[Place]) -> Option<Difference> {
    if expected == got {
        return None;
    }
    let cut = |bytes: &[u8], Place(_, from, len): &Place| bytes.get(*from..from + len).map(hex);
    let wrong = layout.iter().find(|place| cut(expected, place) != cut(got, place));
    if let Some(place) = wrong {
        let Place(name, from, len) = place;
        let bytes = if *len == 1 { format!("byte {from}") } else { format!("bytes {from} to {}", from + len - 1) };
        let missing = || "missing".to_string();
        return Some(Difference {
            field: Some(format!("{name}, {bytes}")),
            expected: cut(expected, place).unwrap_or_else(missing),
            got: cut(got, place).unwrap_or_else(missing),
        });
    }
    if expected.len() != got.len() {
        let length = |bytes: &[u8]| shown(&Value::Bytes(bytes.to_vec()));
        return Some(Difference { field: None, expected: length(expected), got: length(got) });
    }
    let at = expected.iter().zip(got).position(|(a, b)| a != b).unwrap_or(0);
    let from = |bytes: &[u8]| few(bytes.get(at..).unwrap_or_default());
    Some(Difference { field: Some(format!("from byte {at} on")), expected: from(expected), got: from(got) })
}

fn shown_expected(expected: &Expected) -> String {
    match expected {
        Expected::Is(value) => shown(value),
        Expected::Bytes(bytes, _) => shown(&Value::Bytes(bytes.clone())),
        Expected::OneOf(several, _) => shown(&Value::Bytes(several.first().cloned().unwrap_or_default())),
        Expected::Malformed => "Malformed".into(),
        Expected::IsOrMalformed(value) => format!("{} or Malformed", shown(value)),
    }
}

/// What a function answered, in words.
pub(crate) fn shown_answer(answer: &Result<Value, LabError>) -> String {
    match answer {
        Ok(value) => shown(value),
        Err(LabError::NotYet) => "NotYet: it is not written".into(),
        Err(LabError::Malformed) => "Malformed".into(),
        Err(LabError::Host(error)) => cli::escape(&format!("an error: {error}")),
    }
}

/// A value in words. Text comes from the learner's program, so it is escaped.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Nothing => "nothing".into(),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Word(word) => format!("0x{word:04x}"),
        Value::Time(time) => milliseconds(*time),
        Value::Address(address) => address.to_string(),
        Value::Bytes(bytes) if bytes.is_empty() => "no bytes".into(),
        Value::Bytes(bytes) => format!("{}: {}", count(bytes.len()), few(bytes)),
        Value::Text(text) => format!("'{}'", cli::escape(text)),
        Value::List(values) => {
            let first: Vec<String> = values.iter().take(LISTED).map(shown).collect();
            let more =
                if values.len() > first.len() { format!(", … {} in all", values.len()) } else { String::new() };
            format!("[{}{more}]", first.join(", "))
        }
        Value::Record(name, fields) if fields.is_empty() => cli::escape(name),
        Value::Record(name, fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{} {}", cli::escape(name), shown(value))).collect();
            format!("{} with {}", cli::escape(name), fields.join(", "))
        }
    }
}

pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{}.{:03} ms", time.as_millis(), time.as_micros() % 1000)
}

fn count(bytes: usize) -> String {
    if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") }
}

fn few(bytes: &[u8]) -> String {
    let first = hex(bytes.get(..SHOWN).unwrap_or(bytes));
    if bytes.len() > SHOWN { format!("{first} …") } else { first }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (at, byte) in bytes.iter().enumerate() {
        let _ = write!(text, "{}{byte:02x}", if at == 0 { "" } else { " " });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::ask::IPV4;

    fn told(expected: &Expected, got: Result<Value, LabError>) -> String {
        let Some(Difference { field, expected, got }) = between(expected, &got) else { return "same".into() };
        format!("{}: {expected} | {got}", field.unwrap_or_default())
    }

    #[test]
    fn first_field_that_differs_is_named() {
        let packet = wire::ipv4::example();
        let expected = Expected::Bytes(packet.clone(), IPV4);
        assert_eq!(told(&expected, Ok(packet.clone().into())), "same");
        let with = |at: usize, byte: u8| {
            let mut wrong = packet.clone();
            wrong[at] = byte;
            told(&expected, Ok(wrong.into()))
        };
        assert_eq!(with(3, 8), "total length, bytes 2 to 3: 00 1c | 00 08");
        assert_eq!(with(8, 63), "time to live, byte 8: 64 | 3f");
        assert_eq!(with(27, 9), "from byte 27 on: 01 | 09");
        assert_eq!(told(&expected, Ok(packet[..2].into())), "total length, bytes 2 to 3: 00 1c | missing");
    }

    #[test]
    fn records_are_compared_field_by_field_and_times_as_far_as_rounding_goes() {
        let record = |ttl: u8, micros| {
            Value::record("Reply", [("ttl", ttl.into()), ("rtt", Duration::from_micros(micros).into())])
        };
        let expected = Expected::Is(record(96, 72_000));
        assert_eq!(told(&expected, Ok(record(96, 72_001))), "same");
        assert_eq!(told(&expected, Ok(record(100, 72_000))), "ttl: 96 | 100");
        assert_eq!(told(&expected, Ok(record(96, 72_002))), "rtt: 72.000 ms | 72.002 ms");
        assert_eq!(told(&expected, Ok(Value::record("NotMine", []))), ": Reply with ttl 96, rtt 72.000 ms | NotMine");
    }

    #[test]
    fn what_is_not_written_is_never_right() {
        for expected in [Expected::Malformed, Expected::Is(Value::Nothing), Expected::IsOrMalformed(Value::Nothing)] {
            assert!(between(&expected, &Err(LabError::NotYet)).is_some(), "{expected:?}");
        }
        assert_eq!(told(&Expected::Malformed, Err(LabError::Malformed)), "same");
        let text = Value::Text("\u{1b}[2J".into());
        assert_eq!(told(&Expected::Is(true.into()), Ok(text)), ": true | '\\u{1b}[2J'");
    }
}
