//! Reads a zone from its master file.
//!
//! Obeys RFC 1035 section 5.1, RFC 2308 section 4 (`$TTL`), RFC 3597 section 5 (`TYPE65280 \# 4 0A000001`, with which
//! records of every type can be written). What stands behind a type is `wire`'s to read, by the table of that type.
//! Leaves out `$INCLUDE`: a zone is one text.

use crate::Zone;
use crate::master::entry::{Entries, Entry};
use std::fmt;
use wire::dns::rdata::{Word, Words, seconds};
use wire::dns::{Class, Name, Rdata, Record, Type};

mod entry;

/// The longest time to live, seconds. RFC 2181 section 8: "a minimum value of 0, and a maximum value of 2147483647".
const MOST_TTL: u32 = 0x7fff_ffff;

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
    /// The line that is no entry, or whose record is outside of the zone or in conflict with another; that there is no
    /// SOA record.
    pub fn parse(text: &str) -> Result<Self, MasterError> {
        Self::parse_within(text, None)
    }

    /// The same of a text whose names are relative to `origin` until it has an `$ORIGIN` of its own.
    ///
    /// # Errors
    /// As [`Zone::parse`].
    pub fn parse_within(text: &str, origin: Option<&Name>) -> Result<Self, MasterError> {
        let mut records = records(text, origin)?.into_iter();
        let whole = |problem: &str| MasterError { line: 0, problem: problem.into() };
        let (line, soa) =
            records.next().ok_or_else(|| whole("a zone has an SOA record, and this text has no record"))?;
        if soa.rrtype() != Type::SOA {
            let problem = format!(
                "the first record of a zone is its SOA record (RFC 1035 section 5.2), and this is {}",
                soa.rrtype()
            );
            return Err(MasterError { line, problem });
        }
        let mut others: Vec<(usize, Record)> = vec![];
        for (line, record) in records {
            let problem = match record.rrtype() {
                Type::SOA => "a zone has one SOA record (RFC 1035 section 5.2)".to_string(),
                _ if !record.name.is_within(&soa.name) => format!(
                    "{} is outside of {}, and not this zone's to tell (RFC 1035 section 5.2)",
                    record.name, soa.name
                ),
                _ => {
                    others.push((line, record));
                    continue;
                }
            };
            return Err(MasterError { line, problem });
        }
        let zone = Zone::new(soa, others.iter().map(|(_, record)| record.clone()).collect());
        // The later of two records that cannot be there both is the one that is told.
        let conflict = others.iter().rev().find_map(|(line, record)| Some((*line, zone.conflict(record)?)));
        conflict.map_or(Ok(zone), |(line, problem)| Err(MasterError { line, problem }))
    }
}

/// The records of a text with their lines.
fn records(text: &str, origin: Option<&Name>) -> Result<Vec<(usize, Record)>, MasterError> {
    let mut reading = Reading { origin: origin.cloned(), ..Reading::default() };
    let (mut entries, mut records) = (Entries::of(text), vec![]);
    while let Some(entry) = entries.next_entry().map_err(|(line, problem)| MasterError { line, problem })? {
        let line = entry.line;
        let record = reading.entry(entry).map_err(|problem| MasterError { line, problem })?;
        records.extend(record.map(|record| (line, record)));
    }
    Ok(records)
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
    fn entry(&mut self, entry: Entry) -> Result<Option<Record>, String> {
        let origin = self.origin.clone();
        let directive = entry.words.first().filter(|first| !entry.is_indented && is_directive(first));
        if let Some(directive) = directive.map(|first| first.raw.to_ascii_uppercase()) {
            let mut words = Words::new(entry.words.into_iter().skip(1), origin.as_ref());
            self.directive(&directive, &mut words)?;
            return words.end().map(|()| None);
        }
        let mut words = Words::new(entry.words, origin.as_ref());
        let owner = match entry.is_indented {
            false => words.name("NAME")?,
            true => self.owner.clone().ok_or("no name stands here or in an entry before (RFC 1035 section 5.1)")?,
        };
        self.owner = Some(owner.clone());
        self.record(owner, &mut words).map(Some)
    }

    fn directive(&mut self, directive: &str, words: &mut Words<'_>) -> Result<(), String> {
        match directive {
            "$ORIGIN" => self.origin = Some(words.name("the origin")?),
            "$TTL" => self.default_ttl = Some(ttl(&words.plain("the time to live", A_TIME)?)?),
            "$INCLUDE" => {
                return Err("$INCLUDE is not followed: a zone is one file here, so put those lines in its place".into());
            }
            other => {
                return Err(format!("unknown directive {}; there are $ORIGIN and $TTL", other.escape_debug()));
            }
        }
        Ok(())
    }

    /// `[TTL] [class] type RDATA`, time and class in either order.
    fn record(&mut self, owner: Name, words: &mut Words<'_>) -> Result<Record, String> {
        let (mut stated, mut class) = (None, None);
        let rrtype = loop {
            let word = words.plain("TYPE", "the type of a record, as in A or TYPE65280")?;
            if stated.is_none() && word.starts_with(|first: char| first.is_ascii_digit()) {
                stated = Some(ttl(&word)?);
            } else if class.is_none() && word.parse::<Type>().is_err() && word.parse::<Class>().is_ok() {
                class = word.parse::<Class>().ok();
            } else {
                break word.parse::<Type>().map_err(|error| error.to_string())?;
            }
        };
        if let Some(class) = class.filter(|class| *class != Class::IN) {
            return Err(format!("class {class}: a zone here is of class IN"));
        }
        // RFC 6895 section 3.1: numbers from 128 to 255 are of questions and of messages.
        if matches!(rrtype.0, 0 | 128..=255) {
            return Err(format!("{rrtype} is a type for questions or messages, and in no zone (RFC 6895 section 3.1)"));
        }
        let rdata = Rdata::of_words(rrtype, words)?;
        let of_soa = match &rdata {
            Rdata::Soa(soa) => Some(soa.minimum),
            _ => None,
        };
        let ttl = stated.or(self.default_ttl).or(self.last_ttl).or(of_soa);
        let ttl = ttl.ok_or("no time to live stands here, in $TTL or in a record before (RFC 2308 section 4)")?;
        self.last_ttl = Some(ttl);
        Ok(Record::new(owner, ttl, rdata))
    }
}

/// A name that begins with a dollar has a backslash before it.
fn is_directive(word: &Word) -> bool {
    word.raw.starts_with('$') && !word.is_quoted
}

const A_TIME: &str = "seconds or units, as in 3600 or 1h30m, and 2147483647 at the most (RFC 2181 section 8)";

fn ttl(text: &str) -> Result<u32, String> {
    let time = seconds(text).filter(|time| *time <= MOST_TTL);
    time.ok_or_else(|| format!("'{}' is no time to live: that is {A_TIME}", text.escape_debug()))
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
             $ORIGIN sub\n@ AAAA 2001:db8::1\n*.w MX 10 @\n\
             a\\.b\\032c\\@ A ( ; a comment\n 192.0.2.1 ) ; another\nz ( TXT \"two\nlines\" )\n MX 1 end\\\\.\n"
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
                "a\\.b\\032c\\@.sub.example.com. 3600 IN A 192.0.2.1",
                "*.w.sub.example.com. 3600 IN MX 10 sub.example.com.",
                "z.sub.example.com. 3600 IN MX 1 end\\\\.",
                "z.sub.example.com. 3600 IN TXT \"two\\010lines\"",
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
            (
                "www A 203.0.113.256\n",
                "line 6: '203.0.113.256' is no ADDRESS: that is an IPv4 address, as in 192.0.2.1",
            ),
            ("www A\n", "line 6: ADDRESS is missing: an IPv4 address, as in 192.0.2.1"),
            ("www A 203.0.113.1 2\n", "line 6: '2' is more than the entry has room for: a comment begins with ;"),
            (
                "www AB 203.0.113.1\n",
                "line 6: 'AB' is no type; one without a name is written by its number, as in TYPE65280",
            ),
            (
                "\nwww.example.org. A 203.0.113.1\n",
                "line 7: www.example.org. is outside of example.com., and not this zone's to tell (RFC 1035 section 5.2)",
            ),
            (
                "a..b A 203.0.113.1\n",
                "line 6: 'a..b' is no name: character 3: a label between two dots cannot be empty (RFC 1035 section 3.1)",
            ),
            ("w TXT \"open\n", "line 6: a quote that nothing closes"),
            ("w TXT ( open\n", "line 6: a parenthesis that nothing closes"),
            ("w TXT )\n", "line 6: a parenthesis that nothing opened"),
            ("w DS 1 2 3 4\n", "line 6: '4' is no Digest: that is bytes in pairs of hexadecimal digits"),
            ("w TYPE9 \\# 2 0A\n", "line 6: 2 bytes are announced, and 1 stand here (RFC 3597 section 5)"),
            ("w A \\# 2 0A0B\n", "line 6: no data of type A: DNS, byte 0: address needs 4 bytes, 2 are there"),
            (
                "w HINFO a b\n",
                "line 6: data of type HINFO are written in the general form here, as in \\# 4 0A000001 (RFC 3597 section 5)",
            ),
            ("w OPT x\n", "line 6: OPT is of messages and in no zone (RFC 6891 section 6.1.1)"),
            ("w AXFR x\n", "line 6: AXFR is a type for questions or messages, and in no zone (RFC 6895 section 3.1)"),
            ("w CH A 192.0.2.1\n", "line 6: class CH: a zone here is of class IN"),
            (
                "$INCLUDE x\n",
                "line 6: $INCLUDE is not followed: a zone is one file here, so put those lines in its place",
            ),
            ("$GENERATE 1-9 a A 1.2.3.4\n", "line 6: unknown directive $GENERATE; there are $ORIGIN and $TTL"),
            (
                "w 2147483648 A 203.0.113.1\n",
                "line 6: '2147483648' is no time to live: that is seconds or units, as in 3600 or 1h30m, and 2147483647 at the most \
                 (RFC 2181 section 8)",
            ),
            (
                "w A 192.0.2.1\nw CNAME x\n",
                "line 7: w.example.com. is an alias and has A too: where CNAME stands no other data may (RFC 2181 section 10.1)",
            ),
            ("w CNAME x\nw CNAME y\n", "line 7: w.example.com. is an alias of two names (RFC 2181 section 10.1)"),
            (
                "w TXT a\\1\n",
                "line 6: a backslash before a digit stands for a byte in three digits (RFC 1035 section 5.1)",
            ),
            (
                "w HTTPS 1 . alpn\n",
                "line 6: alpn takes names of protocols with commas between, each of 1 to 255 bytes (RFC 9460 section 7)",
            ),
            ("w HTTPS 1 . port=1 port=2\n", "line 6: port stands here twice, and may not (RFC 9460 section 2.1)"),
            ("w HTTPS 1 . mandatory=alpn\n", "line 6: mandatory lists alpn, and alpn is not here (RFC 9460 section 8)"),
            (
                "w HTTPS 1 . prt=1\n",
                "line 6: 'prt' is no key of a parameter; one without a name is written by its number, as in key667=value",
            ),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        assert_eq!(
            Zone::parse("www A 1.2.3.4\n").unwrap_err().to_string(),
            "line 1: 'www' is relative, and no $ORIGIN stands before it: end it with a dot, or say what it is relative to"
        );
        assert_eq!(Zone::parse("; nothing\n").unwrap_err().line, 0);
    }
}
