//! Reads a zone from its master file.
//!
//! Obeys RFC 1035 section 5.1, RFC 2308 section 4 (`$TTL`), RFC 3597 section 5 (`TYPE65280 \# 4 0A000001`, with which
//! records of every type can be written). Leaves out `$INCLUDE`: a zone is one text.

use crate::Zone;
use crate::master::entry::{Token, entries};
use std::fmt;
use std::str::FromStr;
use wire::dns::rdata::{
    A, Aaaa, Caa, CharacterString, CharacterStrings, Cname, Mx, Ns, Property, PropertyTag, Ptr, Soa, Srv, Txt,
};
use wire::dns::{Class, Name, Rdata, Record, Type};

mod entry;

/// Why a text is no zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterError {
    /// The line, counted from 1; 0: the text as a whole.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for MasterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.problem),
            line => write!(f, "line {line}: {}", self.problem),
        }
    }
}

impl std::error::Error for MasterError {}

impl Zone {
    /// The zone in the text of a master file. Its SOA record comes first, and tells its apex.
    ///
    /// # Errors
    /// The line that is no entry, or whose record is outside of the zone; that there is no SOA record.
    pub fn parse(text: &str) -> Result<Self, MasterError> {
        let mut reading = Reading::default();
        let mut records: Vec<(usize, Record)> = vec![];
        for entry in entries(text) {
            let (line, tokens) = entry.map_err(|(line, problem)| MasterError { line, problem })?;
            let record = reading.entry(tokens).map_err(|problem| MasterError { line, problem })?;
            records.extend(record.map(|record| (line, record)));
        }
        let mut records = records.into_iter();
        let whole = |problem: &str| MasterError { line: 0, problem: problem.into() };
        let (line, soa) =
            records.next().ok_or_else(|| whole("a zone has an SOA record, and this text has no record"))?;
        if soa.rrtype() != Type::SOA {
            let problem = format!("the first record of a zone is its SOA record, and this is {}", soa.rrtype());
            return Err(MasterError { line, problem });
        }
        let mut others = vec![];
        for (line, record) in records {
            let problem = match record.rrtype() {
                Type::SOA => "a zone has one SOA record".to_string(),
                _ if !record.name.is_within(&soa.name) => format!("{} is outside of {}", record.name, soa.name),
                _ => {
                    others.push(record);
                    continue;
                }
            };
            return Err(MasterError { line, problem });
        }
        Ok(Zone::new(soa, others))
    }
}

/// What an entry takes from those before it.
#[derive(Default)]
struct Reading {
    origin: Option<Name>,
    owner: Option<Name>,
    /// Of `$TTL`.
    default_ttl: Option<u32>,
    /// Of the last record. RFC 1035 section 5.1: omitted values "are default to the last explicitly stated values".
    last_ttl: Option<u32>,
}

impl Reading {
    /// The record of an entry; `None`: it is a directive.
    fn entry(&mut self, tokens: Vec<Token>) -> Result<Option<Record>, String> {
        let mut words = Words(tokens.into());
        let leads = !words.next_is_blank();
        let first = if leads { Some(words.word("name")?) } else { words.skip().and(None) };
        match first.as_ref().map(|first| first.raw.to_ascii_uppercase()).as_deref() {
            Some("$ORIGIN") => self.origin = Some(self.name(&words.word("name")?.raw)?),
            Some("$TTL") => {
                self.default_ttl = Some(ttl(&words.word("time")?.raw).ok_or("$TTL takes a time, as in 3600 or 1h")?);
            }
            Some(directive) if directive.starts_with('$') => {
                return Err(format!("unknown directive {directive}; there are $ORIGIN and $TTL"));
            }
            _ => {
                let owner = match &first {
                    Some(first) => self.name(&first.raw)?,
                    None => self.owner.clone().ok_or("no name stands here or in an entry before")?,
                };
                self.owner = Some(owner.clone());
                return self.record(owner, &mut words).map(Some);
            }
        }
        words.end()?;
        Ok(None)
    }

    /// `[TTL] [class] type RDATA`, time and class in either order.
    fn record(&mut self, owner: Name, words: &mut Words) -> Result<Record, String> {
        let (mut stated, mut class) = (None, None);
        let rrtype = loop {
            let word = words.word("type")?.raw;
            if stated.is_none() && word.starts_with(|first: char| first.is_ascii_digit()) {
                stated = Some(ttl(&word).ok_or_else(|| format!("'{}' is no time", word.escape_debug()))?);
            } else if class.is_none() && word.parse::<Type>().is_err() && word.parse::<Class>().is_ok() {
                class = word.parse::<Class>().ok();
            } else {
                break word.parse::<Type>().map_err(|error| error.to_string())?;
            }
        };
        if class.is_some_and(|class| class != Class::IN) {
            return Err("a zone of another class than IN".into());
        }
        let rdata = self.rdata(rrtype, words)?;
        words.end()?;
        let of_soa = match &rdata {
            Rdata::Soa(soa) => Some(soa.minimum),
            _ => None,
        };
        let ttl = stated.or(self.default_ttl).or(self.last_ttl).or(of_soa);
        let ttl = ttl.ok_or("no time to live stands here, in $TTL or in a record before")?;
        self.last_ttl = Some(ttl);
        Ok(Record::new(owner, ttl, rdata))
    }

    fn rdata(&self, rrtype: Type, words: &mut Words) -> Result<Rdata, String> {
        if words.take_if("\\#") {
            return generic(rrtype, words);
        }
        Ok(match rrtype {
            Type::A => Rdata::A(A { address: words.value("IPv4 address")? }),
            Type::AAAA => Rdata::Aaaa(Aaaa { address: words.value("IPv6 address")? }),
            Type::NS => Rdata::Ns(Ns { nsdname: self.name_of(words)? }),
            Type::CNAME => Rdata::Cname(Cname { cname: self.name_of(words)? }),
            Type::PTR => Rdata::Ptr(Ptr { ptrdname: self.name_of(words)? }),
            Type::MX => Rdata::Mx(Mx { preference: words.value("preference")?, exchange: self.name_of(words)? }),
            Type::TXT => Rdata::Txt(Txt { txt_data: CharacterStrings(words.strings()?) }),
            Type::SRV => Rdata::Srv(Srv {
                priority: words.value("priority")?,
                weight: words.value("weight")?,
                port: words.value("port")?,
                target: self.name_of(words)?,
            }),
            Type::SOA => Rdata::Soa(Soa {
                mname: self.name_of(words)?,
                rname: self.name_of(words)?,
                serial: words.value("serial number")?,
                refresh: words.time()?,
                retry: words.time()?,
                expire: words.time()?,
                minimum: words.time()?,
            }),
            Type::CAA => Rdata::Caa(Caa {
                flags: words.value("flags")?,
                tag: PropertyTag(words.word("tag")?.bytes),
                value: Property(words.word("value")?.bytes),
            }),
            other => {
                return Err(format!(
                    "the data of type {other} are written as \\# LENGTH HEX here (RFC 3597 section 5)"
                ));
            }
        })
    }

    fn name_of(&self, words: &mut Words) -> Result<Name, String> {
        self.name(&words.word("name")?.raw)
    }

    /// RFC 1035 section 5.1: a name that does not end in a dot is relative to the origin, and "@" is the origin.
    fn name(&self, text: &str) -> Result<Name, String> {
        let shown = text.escape_debug();
        let of = |text: &str| text.parse::<Name>().map_err(|error| format!("'{shown}' is no name: {error}"));
        let origin =
            || self.origin.as_ref().ok_or_else(|| format!("'{shown}' is relative, and no $ORIGIN stands before it"));
        if text == "@" {
            return origin().cloned();
        }
        if text.ends_with('.') && !text.ends_with("\\.") {
            return of(text);
        }
        let relative = of(text)?;
        let labels: Vec<&[u8]> = relative.labels().collect();
        let joined = labels.iter().rev().try_fold(origin()?.clone(), |name, label| name.child(label));
        joined.ok_or_else(|| format!("'{shown}' with its origin is longer than a name can be (RFC 1035 section 2.3.4)"))
    }
}

/// `\# 4 0A000001`: the bytes of a type whose own notation is not known.
fn generic(rrtype: Type, words: &mut Words) -> Result<Rdata, String> {
    let len: usize = words.value("length")?;
    let mut digits = String::new();
    while let Some(word) = words.next() {
        digits.push_str(&word.raw);
    }
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok().filter(|_| !pair.starts_with('+'))
    });
    let bytes: Vec<u8> = pairs.collect::<Option<_>>().ok_or("no pairs of hexadecimal digits")?;
    if bytes.len() != len {
        return Err(format!("{len} bytes are announced, and {} stand here", bytes.len()));
    }
    Ok(Rdata::Unknown(rrtype, bytes))
}

/// Seconds, also as `1h30m`: what the field's servers read beside the RFC's bare numbers.
fn ttl(text: &str) -> Option<u32> {
    let (mut total, mut number) = (0_u32, None);
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0_u32).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        let unit = match letter.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    // RFC 2181 section 8: 31 bits.
    total.checked_add(number.unwrap_or(0)).filter(|total| *total <= i32::MAX.unsigned_abs() && !text.is_empty())
}

/// The tokens of an entry that are still to be read.
struct Words(std::collections::VecDeque<Token>);

impl Words {
    fn next(&mut self) -> Option<Token> {
        self.0.pop_front()
    }

    fn next_is_blank(&self) -> bool {
        self.0.front().is_some_and(|token| token.is_blank)
    }

    fn skip(&mut self) -> Option<Token> {
        self.next()
    }

    fn take_if(&mut self, raw: &str) -> bool {
        self.0.pop_front_if(|token| token.raw == raw && !token.is_quoted).is_some()
    }

    fn word(&mut self, what: &str) -> Result<Token, String> {
        self.next().ok_or_else(|| format!("a {what} is missing"))
    }

    fn value<T: FromStr>(&mut self, what: &str) -> Result<T, String> {
        let word = self.word(what)?.raw;
        word.parse().map_err(|_| format!("'{}' is no {what}", word.escape_debug()))
    }

    fn time(&mut self) -> Result<u32, String> {
        let word = self.word("time")?.raw;
        ttl(&word).ok_or_else(|| format!("'{}' is no time", word.escape_debug()))
    }

    fn strings(&mut self) -> Result<Vec<CharacterString>, String> {
        let mut strings = vec![CharacterString(self.word("text")?.bytes)];
        while let Some(token) = self.next() {
            strings.push(CharacterString(token.bytes));
        }
        match strings.iter().find(|string| string.0.len() > 255) {
            Some(long) => Err(format!("a string of {} bytes; 255 are the most (RFC 1035 section 3.3)", long.0.len())),
            None => Ok(strings),
        }
    }

    fn end(&mut self) -> Result<(), String> {
        self.next()
            .map_or(Ok(()), |word| Err(format!("'{}' is more than the entry has room for", word.raw.escape_debug())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "$ORIGIN example.com.\n$TTL 1h\n@ IN SOA ns1 host\\.master (\n 1 ; serial\n 2h 1h 2w 300 )\n";

    fn told(text: &str) -> String {
        Zone::parse(&format!("{HEAD}{text}")).unwrap_err().to_string()
    }

    #[test]
    fn file_is_read_with_all_its_shorthands() {
        let zone = Zone::parse(&format!(
            "{HEAD}    NS ns1\n        60 IN NS ns2.example.org. ; a comment\nns1 A 203.0.113.2\n\
             txt IN 5 TXT \"two words; no comment\" plain \"a\\\"b\\065\"\nx TYPE65280 \\# 3 0A00 FF\n\
             $ORIGIN sub\n@ AAAA 2001:db8::1\n*.w MX 10 @\n"
        ));
        let text: Vec<String> = zone.unwrap().records().map(|record| record.to_string().replace('\t', " ")).collect();
        assert_eq!(
            text,
            [
                "example.com. 3600 IN NS ns1.example.com.",
                "example.com. 60 IN NS ns2.example.org.",
                "example.com. 3600 IN SOA ns1.example.com. host\\.master.example.com. 1 7200 3600 1209600 300",
                "ns1.example.com. 3600 IN A 203.0.113.2",
                "sub.example.com. 3600 IN AAAA 2001:db8::1",
                "*.w.sub.example.com. 3600 IN MX 10 sub.example.com.",
                "txt.example.com. 5 IN TXT \"two words; no comment\" \"plain\" \"a\\\"bA\"",
                "x.example.com. 3600 IN TYPE65280 \\# 3 0A00FF",
            ]
            .map(String::from)
            .to_vec(),
        );
    }

    #[test]
    fn what_is_no_entry_is_told_by_line_and_what_is_missing() {
        for (text, expected) in [
            ("www A 203.0.113.256\n", "line 6: '203.0.113.256' is no IPv4 address"),
            ("www A\n", "line 6: a IPv4 address is missing"),
            ("www A 203.0.113.1 2\n", "line 6: '2' is more than the entry has room for"),
            (
                "www AB 203.0.113.1\n",
                "line 6: 'AB' is no type; one without a name is written by its number, as in TYPE65280",
            ),
            ("\nwww.example.org. A 203.0.113.1\n", "line 7: www.example.org. is outside of example.com."),
            (
                "a..b A 203.0.113.1\n",
                "line 6: 'a..b' is no name: character 3: a label between two dots cannot be empty (RFC 1035 section 3.1)",
            ),
            ("w TXT \"open\n", "line 6: a quote that nothing closes"),
            ("w TXT ( open\n", "line 6: a parenthesis that nothing closes"),
            ("w TXT )\n", "line 6: a parenthesis that nothing opened"),
            ("w DS 1 2 3 4\n", "line 6: the data of type DS are written as \\# LENGTH HEX here (RFC 3597 section 5)"),
            ("w TYPE9 \\# 2 0A\n", "line 6: 2 bytes are announced, and 1 stand here"),
            ("$INCLUDE x\n", "line 6: unknown directive $INCLUDE; there are $ORIGIN and $TTL"),
            ("w 2147483648 A 203.0.113.1\n", "line 6: '2147483648' is no time"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        assert_eq!(
            Zone::parse("www A 1.2.3.4\n").unwrap_err().to_string(),
            "line 1: 'www' is relative, and no $ORIGIN stands before it"
        );
        assert_eq!(Zone::parse("; nothing\n").unwrap_err().line, 0);
    }
}
