//! Zone files of a record or a few, and faults in them.

use super::generate;
use super::rng::Rng;
use names::{MasterError, Zone};
use wire::dns::rdata::{Base64, CharacterString, Hex, Property};
use wire::dns::{Name, Rdata, Record, Type};

/// A record of one of these types, whose data have a text of their own.
pub(crate) fn record(rng: &mut Rng, types: &[Type]) -> Record {
    loop {
        let rrtype = rng.pick(types);
        let mut rdata = generate::rdata(rrtype, rng);
        // Bytes that are none have no word, and a master file has no place without one.
        match &mut rdata {
            Rdata::Ds(ds) if ds.digest.0.is_empty() => ds.digest = Hex(vec![1]),
            Rdata::Dnskey(key) if key.public_key.0.is_empty() => key.public_key = Base64(vec![1]),
            Rdata::Rrsig(rrsig) if rrsig.signature.0.is_empty() => rrsig.signature = Base64(vec![1]),
            _ => {}
        }
        // "mandatory" lists what is not there; a parameter without a value has no word for it.
        let is_service = |data: &wire::dns::rdata::Svcb| {
            let has = |key| data.svc_params.get(key).is_some();
            !has(0)
                && (has(1) || !has(2))
                && data.svc_params.0.iter().all(|param| !param.value.is_empty() || [2, 8].contains(&param.key))
        };
        let has_text = match &rdata {
            Rdata::Svcb(data) | Rdata::Https(data) => is_service(data),
            Rdata::Soa(_) => false,
            _ => true,
        };
        // A name at the root is that of the zone.
        let name = generate::name(rng);
        if has_text && !name.is_root() {
            return Record::new(name, rng.next() as u32 >> 1, rdata);
        }
    }
}

/// One whose text has no escapes: hickory takes the digits behind a backslash for octal, and few characters in names.
pub(crate) fn plain(rng: &mut Rng, types: &[Type]) -> Record {
    let text = |rng: &mut Rng| rng.pick(&["", "v=spf1 mx -all", "a;b", "ca.example; a=b", "(x)"]).as_bytes().to_vec();
    loop {
        let mut record = record(rng, types);
        match &mut record.rdata {
            Rdata::Txt(txt) => txt.txt_data.0 = (0..=rng.below(3)).map(|_| CharacterString(text(rng))).collect(),
            Rdata::Caa(caa) => caa.value = Property(text(rng)),
            _ => {}
        }
        if !record.to_string().contains('\\') {
            return record;
        }
    }
}

/// Their lines.
pub(crate) fn text(records: &[&Record]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// Behind the SOA record of the root.
pub(crate) fn under_the_root(text: &str) -> String {
    format!(". 60 IN SOA a. b. 1 2 3 4 5\n{text}")
}

pub(crate) fn read(text: &str) -> Result<Vec<Record>, MasterError> {
    let zone = Zone::parse_within(&under_the_root(text), Some(&Name::root()))?;
    Ok(zone.records().cloned().collect())
}

/// Words that mean something in some places of a master file.
const WORDS: &[&str] = &[
    "A",
    "IN",
    "CH",
    "TYPE65280",
    "\\#",
    "@",
    ".",
    "300",
    "1h",
    "-",
    "65536",
    "4294967296",
    "(",
    ")",
    "\"\"",
    "\"a b\"",
    "x..y",
    "::1",
    "192.0.2.1",
    "00",
    "Zg==",
    "alpn=h2",
    "mandatory=alpn",
    "port=53",
    "$ORIGIN",
    "20240229000000",
    "a\\.b",
    "\\101",
];

/// The text in another form, or with a fault.
pub(crate) fn mutant(text: &str, rng: &mut Rng) -> String {
    let line = text.trim_end_matches('\n');
    let mut words: Vec<String> = line.split(' ').flat_map(|part| part.split('\t')).map(String::from).collect();
    let at = rng.below(words.len());
    match rng.below(9) {
        0 => words[at] = rng.pick(WORDS).into(),
        1 => drop(words.remove(at)),
        2 => words.insert(at, words[at].clone()),
        3 => words.insert(at, rng.pick(WORDS).into()),
        4 => {
            let from = 4.min(words.len() - 1);
            return format!("{} (\t{} ; it goes on)\n\n )\n", words[..from].join(" "), words[from..].join(" "));
        }
        5 => {
            let mut letters: Vec<char> = line.chars().collect();
            let at = rng.below(letters.len());
            letters[at] = rng.pick(&['0', 'g', '.', '=', '"', '\\', ';', '(', ',', '-', ' ']);
            return letters.into_iter().collect::<String>() + "\n";
        }
        6 => return line.to_uppercase() + " ; in capitals\n",
        _ => return format!("{line}\n"),
    }
    words.join(" ") + "\n"
}

const PARENTHESES: &str = "RFC 1035 section 5.1: strings within parentheses are strings; hickory takes them apart";

/// Why hickory reads a text otherwise; `None`: for no reason that is known.
pub(crate) fn why_hickory_differs(
    text: &str,
    rrtype: Type,
    ours: &Result<Vec<u8>, String>,
    theirs: &Result<Vec<u8>, String>,
) -> Option<&'static str> {
    let is_one_of = |told: &str, parts: &[&str]| parts.iter().any(|part| told.contains(part));
    match (ours, theirs) {
        (Err(ours), Ok(_)) => Some(match ours.as_str() {
            told if is_one_of(told, &["is no type;"]) => "RFC 1035 section 5.1: one time and one class, and not two",
            told if is_one_of(told, &["more than the entry", "is no Digest", "a quote", "a parenthesis"]) => {
                "hickory passes over words behind the data, half a byte of them, and what nothing closes"
            }
            told if is_one_of(told, &["is no Tag"]) => "RFC 8659 section 4.1: a tag of letters and digits",
            told if is_one_of(told, &["TXT-DATA is missing"]) => "RFC 1035 section 3.3.14: one string at least",
            told if is_one_of(told, &["class CH"]) => "zones here are of class IN",
            told if is_one_of(told, &["\\\"\\\"' is no"]) => "a string in quotes is no name",
            told if is_one_of(told, &["length"]) => "RFC 3597 section 5: \\# is no text",
            _ => return None,
        }),
        (Ok(_), Err(theirs)) => Some(match theirs.as_str() {
            told if is_one_of(told, &["invalid characters", "Malformed label"]) => {
                "RFC 2181 section 11: any byte can be in a label"
            }
            told if is_one_of(told, &["unclosed quoted", "illegal character input"]) => PARENTHESES,
            told if is_one_of(told, &["bad formatted key"]) => {
                "RFC 9460 section 14.3.2, RFC 9461, RFC 9540: newer keys"
            }
            "SvcParams out of order" => "RFC 9460 section 2.1: parameters in any order",
            told if is_one_of(told, &["token in stream: Origin", "token in stream: At", "token in stream: Ttl"]) => {
                "RFC 1035 section 5.1: @ is a name and $ORIGIN a directive at their places only"
            }
            // Its lexer has a word of its own for a text that is a comment as a whole.
            "0 records" => "RFC 1035 section 5.1: a line of comment has no record",
            _ => return None,
        }),
        (Ok(_), Ok(_)) if text.contains('\\') => {
            Some("RFC 1035 section 5.1: digits behind a backslash are decimal, and not octal")
        }
        (Ok(_), Ok(_)) if [Type::TXT, Type::CAA].contains(&rrtype) && text.contains('(') => Some(PARENTHESES),
        (Ok(_), Ok(_)) if text.contains('"') => {
            Some("RFC 1035 section 5.1: a quote begins and ends a string; within a word hickory takes it for a letter")
        }
        (Ok(_), Ok(_)) => None,
        (Err(_), Err(_)) => None,
    }
}
