//! Service bindings: where a service is, and what a client should know before it connects.
//!
//! Obeys RFC 9460 section 2.2 (the bytes) and section 7 (the parameters), RFC 9461 section 5 and RFC 9540 section 4 for two
//! that came later.

use super::digits::{base64_of, bytes_of_base64};
use super::field::{COUNTED, list};
use super::table::{Names, RowType};
use super::text::{comma_separated, counted_text, entries_of, quoted};
use super::words::{Word, Words};
use crate::Problem;
use crate::dns::Name;
use crate::dns::cursor::{Cursor, Wrong};
use crate::dns::emit::Emitter;
use crate::fields::Field;
use crate::fields::Show::{self, Addr, Addr6, Bytes, Dec, Named};
use crate::fields::row;
use std::net::{Ipv4Addr, Ipv6Addr};

table! {
    /// The data of types SVCB and HTTPS, RFC 9460 section 2.2; priority 0 makes it an alias.
    Svcb, Whole;
    svc_priority: u16,       "SvcPriority", Dec;
    target_name:  Name,      "TargetName",  Bytes;
    svc_params:   SvcParams, "SvcParams",   Bytes;
}

/// What a client should know, by ascending keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SvcParams(pub Vec<SvcParam>);

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SvcParam {
    /// What it tells.
    pub key: u16,
    /// The value, as the key says.
    pub value: Vec<u8>,
}

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6HINT: u16 = 6;
const OHTTP: u16 = 8;

/// Keys by their names in a master file.
const SVC_PARAM_KEYS: &[(u64, &str)] = &[
    (0, "mandatory"),
    (1, "alpn"),
    (2, "no-default-alpn"),
    (3, "port"),
    (4, "ipv4hint"),
    (5, "ech"),
    (6, "ipv6hint"),
    (7, "dohpath"),
    (8, "ohttp"),
];
const KEY_NAMES: Show = Named(SVC_PARAM_KEYS);

static SVC_PARAM: Field = row("svc_param", "SvcParam", Bytes);
static KEY: Field = row("key", "SvcParamKey", KEY_NAMES);
static LENGTH: Field = row("value_length", "Length of SvcParamValue", Dec);
static MANDATORY_KEY: Field = row("mandatory_key", "Mandatory Key", KEY_NAMES);
static ALPN_ID: Field = row("alpn_id", "ALPN Protocol", Show::Text);
static PORT_NUMBER: Field = row("port", "Port", Dec);
static HINT: Field = row("hint", "Address Hint", Addr);
static HINT6: Field = row("hint", "Address Hint", Addr6);

impl SvcParams {
    /// The value of this key, if it is there.
    #[must_use]
    pub fn get(&self, key: u16) -> Option<&[u8]> {
        self.0.iter().find(|param| param.key == key).map(|param| param.value.as_slice())
    }
}

impl RowType for SvcParams {
    fn read(cursor: &mut Cursor<'_>, _: &'static Field) -> Result<Self, Wrong> {
        let mut params: Vec<SvcParam> = vec![];
        while cursor.left() > 0 {
            let at = cursor.at();
            let param = cursor.group(&SVC_PARAM, param)?;
            // RFC 9460 section 2.2: "SvcParamKeys SHALL appear in increasing numeric order", or the record is malformed.
            if let Some(last) = params.last().filter(|last| last.key >= param.key) {
                let problem = Problem::Order { value: param.key.into(), after: last.key.into() };
                return Err(Cursor::error(&KEY, at, problem));
            }
            params.push(param);
        }
        Ok(Self(params))
    }

    fn emit(&self, to: &mut Emitter, _: Names) {
        for SvcParam { key, value } in &self.0 {
            to.put(&key.to_be_bytes());
            to.counted(|to| to.put(value));
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(SvcParam::text).collect::<Vec<_>>().join(" ")
    }

    /// In any order, RFC 9460 section 2.1; on the wire they ascend.
    fn of_text(words: &mut Words<'_>, _: &'static Field) -> Result<Self, String> {
        let mut params: Vec<SvcParam> = vec![];
        while let Some(word) = words.next_word() {
            let param = SvcParam::of_word(&word, words)?;
            if params.iter().any(|other| other.key == param.key) {
                return Err(format!("{} stands here twice, and may not (RFC 9460 section 2.1)", key_name(param.key)));
            }
            params.push(param);
        }
        params.sort_by_key(|param| param.key);
        let params = Self(params);
        // RFC 9460 section 8: "mandatory" lists other keys, and each of them is there.
        let listed = params.get(MANDATORY).unwrap_or_default().as_chunks::<2>().0;
        let mut listed = listed.iter().map(|key| u16::from_be_bytes(*key));
        match listed.find(|key| *key == MANDATORY || params.get(*key).is_none()) {
            Some(key) if key == MANDATORY => Err("mandatory cannot list itself (RFC 9460 section 8)".into()),
            Some(key) => Err(format!("mandatory lists {0}, and {0} is not here (RFC 9460 section 8)", key_name(key))),
            // RFC 9460 section 7.1.1: with "no-default-alpn", "alpn" is needed "in order for the RR to be 'self-consistent'".
            None if params.get(NO_DEFAULT_ALPN).is_some() && params.get(ALPN).is_none() => Err(
                "no-default-alpn takes the default protocol away, and no alpn names another (RFC 9460 section 7.1.1)"
                    .into(),
            ),
            None => Ok(params),
        }
    }
}

pub(in crate::dns) fn param(cursor: &mut Cursor<'_>) -> Result<SvcParam, Wrong> {
    let key = cursor.u16(&KEY)?;
    let len = usize::from(cursor.u16(&LENGTH)?);
    let from = cursor.at();
    cursor.counted(&LENGTH, len, |cursor| {
        let is_list = matches!(key, MANDATORY | ALPN | IPV4HINT | IPV6HINT);
        match key {
            // RFC 9460 section 7: such a list has one entry at least.
            _ if is_list && len == 0 => {
                Err(Cursor::error(&LENGTH, from.saturating_sub(2), Problem::TooSmall { value: 0, least: 1 }))
            }
            MANDATORY => list(cursor, |cursor| cursor.u16(&MANDATORY_KEY)),
            ALPN => list(cursor, alpn_id),
            IPV4HINT => list(cursor, |cursor| cursor.octets::<4>(&HINT)),
            IPV6HINT => list(cursor, |cursor| cursor.octets::<16>(&HINT6)),
            PORT => cursor.u16(&PORT_NUMBER).map(drop),
            // Nothing: that they are there is what they tell. What is there will not have been read.
            NO_DEFAULT_ALPN | OHTTP => Ok(()),
            _ => cursor.rest(&COUNTED).map(drop),
        }
    })?;
    Ok(SvcParam { key, value: cursor.since(from).to_vec() })
}

fn alpn_id(cursor: &mut Cursor<'_>) -> Result<(), Wrong> {
    let at = cursor.at();
    let id = counted_text(cursor, &ALPN_ID)?;
    // RFC 7301 section 3.1: "Empty strings MUST NOT be included".
    if id.is_empty() { Err(Cursor::error(&ALPN_ID, at, Problem::TooSmall { value: 0, least: 1 })) } else { Ok(()) }
}

/// The name of a key, or `key` and its number.
fn key_name(key: u16) -> String {
    let name = SVC_PARAM_KEYS.iter().find(|(number, _)| *number == u64::from(key)).map(|(_, name)| *name);
    name.map_or_else(|| format!("key{key}"), ToString::to_string)
}

/// The key of this name, or of the number behind `key`.
fn key_of(name: &str) -> Option<u16> {
    let known = SVC_PARAM_KEYS.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
    let number = || name.strip_prefix("key").filter(|digits| !digits.starts_with('+'))?.parse().ok();
    known.or_else(number).and_then(|key| u16::try_from(key).ok())
}

impl SvcParam {
    /// `key`, `key=value` or `key="value"`, whose string is a word of its own.
    ///
    /// RFC 9460 section 2.1: behind `keyNNNNN` stand the bytes of the value, whatever the key is.
    fn of_word(word: &Word, words: &mut Words<'_>) -> Result<Self, String> {
        let (name, plain) = match word.raw.split_once('=') {
            Some((name, _)) => (name, word.bytes.get(name.len() + 1..)),
            None => (word.raw.as_str(), None),
        };
        let shown = name.escape_debug();
        let key = key_of(name).filter(|_| !word.is_quoted);
        let key = key.ok_or_else(|| {
            format!(
                "'{shown}' is no key of a parameter; one without a name is written by its number, as in key667=value"
            )
        })?;
        let value = match (plain, words.joined()) {
            (Some([]), Some(string)) => string.bytes,
            (Some(plain), None) => plain.to_vec(),
            (None, None) => return Self::of_value(key, name, None),
            (_, Some(_)) => {
                return Err(format!("a string stands right behind '{shown}'; it is written {shown}=\"...\""));
            }
        };
        Self::of_value(key, name, Some(value))
    }

    fn of_value(key: u16, name: &str, value: Option<Vec<u8>>) -> Result<Self, String> {
        let told = |what: &str| format!("{name} takes {what} (RFC 9460 section 7)");
        if name.starts_with("key") {
            return Ok(Self { key, value: value.unwrap_or_default() });
        }
        let has_value = value.is_some();
        let value = value.unwrap_or_default();
        let text = || String::from_utf8(value.clone()).unwrap_or_default();
        let value = match key {
            NO_DEFAULT_ALPN | OHTTP if has_value => return Err(told("no value")),
            NO_DEFAULT_ALPN | OHTTP => vec![],
            MANDATORY => {
                let keys: Option<std::collections::BTreeSet<u16>> = text().split(',').map(key_of).collect();
                let count = text().split(',').count();
                let keys = keys
                    .filter(|keys| keys.len() == count)
                    .ok_or_else(|| told("keys with commas between, none twice"))?;
                keys.into_iter().flat_map(u16::to_be_bytes).collect()
            }
            ALPN => entries_of(&value)
                .ok_or_else(|| told("names of protocols with commas between, each of 1 to 255 bytes"))?,
            PORT => {
                let port = text().parse::<u16>().ok().filter(|_| value.iter().all(u8::is_ascii_digit));
                port.ok_or_else(|| told("a port from 0 to 65535"))?.to_be_bytes().to_vec()
            }
            IPV4HINT => split::<Ipv4Addr, 4>(&text(), Ipv4Addr::octets)
                .ok_or_else(|| told("IPv4 addresses with commas between"))?,
            IPV6HINT => split::<Ipv6Addr, 16>(&text(), Ipv6Addr::octets)
                .ok_or_else(|| told("IPv6 addresses with commas between"))?,
            ECH => bytes_of_base64(&text()).filter(|ech| !ech.is_empty()).ok_or_else(|| told("bytes in base 64"))?,
            _ if !has_value => return Err(told("a value")),
            _ => value,
        };
        Ok(Self { key, value })
    }

    /// `key=value` as in a master file, the value as its key wants it.
    pub(in crate::dns) fn text(&self) -> String {
        let (name, value) = (key_name(self.key), &self.value);
        let value = match self.key {
            _ if value.is_empty() => return name,
            MANDATORY => joined(value, |key: [u8; 2]| key_name(u16::from_be_bytes(key))),
            ALPN => comma_separated(value),
            PORT => joined(value, |port: [u8; 2]| u16::from_be_bytes(port).to_string()),
            IPV4HINT => joined(value, |octets: [u8; 4]| Ipv4Addr::from(octets).to_string()),
            IPV6HINT => joined(value, |octets: [u8; 16]| Ipv6Addr::from(octets).to_string()),
            ECH => base64_of(value),
            _ => quoted(value),
        };
        format!("{name}={value}")
    }
}

/// The bytes of what stands between commas, all of it.
fn split<T: std::str::FromStr, const N: usize>(text: &str, bytes: impl Fn(&T) -> [u8; N]) -> Option<Vec<u8>> {
    let entries = text.split(',').map(|entry| entry.parse().ok().map(|entry| bytes(&entry)));
    entries.collect::<Option<Vec<_>>>().map(|entries| entries.concat())
}

/// The entries of a list of `N` bytes each, with commas between them.
fn joined<const N: usize>(value: &[u8], shown: impl Fn([u8; N]) -> String) -> String {
    let (entries, _) = value.as_chunks::<N>();
    entries.iter().map(|entry| shown(*entry)).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Type;
    use crate::dns::rdata::Rdata;

    fn read(data: &[u8]) -> Result<String, String> {
        Rdata::read(Type::HTTPS, &mut Cursor::new(data)).map(|data| data.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn parameters_read_as_in_the_vectors_of_the_rfc() {
        // RFC 9460 appendix D: the figures' bytes and texts.
        let foo = b"\x03foo\x07example\x03com\0";
        for (data, text) in [
            ([b"\0\0".as_slice(), foo].concat(), "0 foo.example.com."),
            (b"\0\x01\0".to_vec(), "1 ."),
            ([b"\0\x10", foo.as_slice(), b"\0\x03\0\x02\0\x35"].concat(), "16 foo.example.com. port=53"),
            ([b"\0\x01", foo.as_slice(), b"\x02\x9b\0\x05hello"].concat(), "1 foo.example.com. key667=\"hello\""),
            (
                [b"\0\x01", foo.as_slice(), b"\x02\x9b\0\x09hello\xd2qoo"].concat(),
                "1 foo.example.com. key667=\"hello\\210qoo\"",
            ),
            (
                [
                    b"\0\x10".as_slice(),
                    b"\x03foo\x07example\x03org\0",
                    b"\0\0\0\x04\0\x01\0\x04\0\x01\0\x09\x02h2\x05h3-19\0\x04\0\x04\xc0\0\x02\x01",
                ]
                .concat(),
                "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1",
            ),
            (
                [b"\0\x10".as_slice(), b"\x03foo\x07example\x03org\0", b"\0\x01\0\x0c\x08f\\oo,bar\x02h2"].concat(),
                "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
            ),
        ] {
            assert_eq!(read(&data).as_deref(), Ok(text));
        }
    }

    #[test]
    fn malformed_parameters_are_refused() {
        let told = |params: &[u8]| read(&[b"\0\x01\0", params].concat()).unwrap_err();
        assert_eq!(told(b"\0\x03\0\x02\0\x35\0\x03\0\x02\0\x35"), "DNS, byte 9: key is 3, and comes after 3");
        assert_eq!(told(b"\0\x03\0\x03\0\x35\0"), "DNS, byte 5: value_length is 3, and must be 2");
        assert_eq!(told(b"\0\x02\0\x01\0"), "DNS, byte 5: value_length is 1, and must be 0");
        assert_eq!(told(b"\0\x04\0\x00"), "DNS, byte 5: value_length says 0 bytes, 1 is the least");
        assert_eq!(told(b"\0\x04\0\x06\x01\x02\x03\x04\x05\x06"), "DNS, byte 11: hint needs 4 bytes, 2 are there");
        assert_eq!(told(b"\0\x01\0\x01\0"), "DNS, byte 7: alpn_id says 0 bytes, 1 is the least");
        assert_eq!(told(b"\0\x07\0\x09/dns"), "DNS, byte 5: value_length says 9 bytes, 4 are there");
    }
}
