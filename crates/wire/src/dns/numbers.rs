//! The numbers of types, classes, operations and outcomes, and the words for them.
//!
//! Obeys RFC 1035 section 3.2, RFC 6895 (the registries), and RFC 3597 section 5 for those that have no name: `TYPE65534`, `CLASS32`.
//!
//! ```
//! use wire::dns::{Class, Rcode, Type};
//!
//! assert_eq!("aaaa".parse(), Ok(Type::AAAA));
//! assert_eq!("TYPE65534".parse(), Ok(Type(65534)));
//! assert_eq!((Type(28).to_string(), Type(65534).to_string()), ("AAAA".into(), "TYPE65534".into()));
//! assert_eq!((Class::IN.to_string(), Rcode::NXDOMAIN.to_string()), ("IN".into(), "NXDOMAIN".into()));
//! ```

use std::fmt;
use std::str::FromStr;

/// What kind of data a record has, or a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Type(pub u16);

/// Which of several name spaces; the Internet's is the only one in common use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class(pub u16);

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opcode(pub u8);

/// What became of a query: the header's 4 bits, with the 8 of EDNS above them (RFC 6891 section 6.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rcode(pub u16);

/// One constant for each number that the code or its users name, and the table of all that have a name.
macro_rules! names {
    ($Type:ident, $NAMES:ident, $($number:literal $name:ident,)*) => {
        impl $Type {
            $( #[doc = concat!("Number ", $number, ".")] pub const $name: Self = Self($number); )*
        }
        /// The names of the numbers that have one.
        pub(crate) const $NAMES: &[(u64, &str)] = &[$(($number, stringify!($name))),*];
    };
}

names! { Type, TYPES,
    1 A, 2 NS, 5 CNAME, 6 SOA, 10 NULL, 11 WKS, 12 PTR, 13 HINFO, 14 MINFO, 15 MX, 16 TXT, 17 RP, 18 AFSDB, 24 SIG, 25 KEY,
    28 AAAA, 29 LOC, 33 SRV, 35 NAPTR, 36 KX, 37 CERT, 39 DNAME, 41 OPT, 42 APL, 43 DS, 44 SSHFP, 45 IPSECKEY, 46 RRSIG,
    47 NSEC, 48 DNSKEY, 49 DHCID, 50 NSEC3, 51 NSEC3PARAM, 52 TLSA, 53 SMIMEA, 55 HIP, 59 CDS, 60 CDNSKEY, 61 OPENPGPKEY,
    62 CSYNC, 63 ZONEMD, 64 SVCB, 65 HTTPS, 99 SPF, 108 EUI48, 109 EUI64, 249 TKEY, 250 TSIG, 251 IXFR, 252 AXFR, 253 MAILB,
    254 MAILA, 255 ANY, 256 URI, 257 CAA,
}

names! { Class, CLASSES, 1 IN, 3 CH, 4 HS, 254 NONE, 255 ANY, }

names! { Opcode, OPCODES, 0 QUERY, 1 IQUERY, 2 STATUS, 4 NOTIFY, 5 UPDATE, }

names! { Rcode, RCODES,
    0 NOERROR, 1 FORMERR, 2 SERVFAIL, 3 NXDOMAIN, 4 NOTIMP, 5 REFUSED, 6 YXDOMAIN, 7 YXRRSET, 8 NXRRSET, 9 NOTAUTH, 10 NOTZONE,
    16 BADVERS, 17 BADKEY, 18 BADTIME, 22 BADTRUNC, 23 BADCOOKIE,
}

fn name_of(names: &[(u64, &'static str)], number: u64) -> Option<&'static str> {
    names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// The number behind `prefix`, as in `TYPE65534`, or that of a name; letters of either case.
fn number_of(names: &[(u64, &str)], prefix: &str, text: &str) -> Option<u16> {
    let by_name = names.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(number, _)| *number);
    let by_number = || {
        let (word, digits) = text.split_at_checked(prefix.len())?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        (word.eq_ignore_ascii_case(prefix) && is_number).then(|| digits.parse().ok())?
    };
    by_name.or_else(by_number).and_then(|number| u16::try_from(number).ok())
}

/// A word that is no type, class or the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// What it should have been: `type`, `class`.
    pub what: &'static str,
    /// How one without a name is written.
    pub prefix: &'static str,
    /// The word, escaped.
    pub word: String,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, prefix, word } = self;
        write!(f, "'{word}' is no {what}; one without a name is written by its number, as in {prefix}65280")
    }
}

impl std::error::Error for UnknownWord {}

macro_rules! words {
    ($Type:ident, $NAMES:ident, $what:literal, $prefix:literal) => {
        impl fmt::Display for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match name_of($NAMES, self.0.into()) {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!(concat!($prefix, "{}"), self.0)),
                }
            }
        }

        impl FromStr for $Type {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let number = number_of($NAMES, $prefix, text).and_then(|number| number.try_into().ok());
                number.map(Self).ok_or_else(|| UnknownWord {
                    what: $what,
                    prefix: $prefix,
                    word: text.escape_default().to_string(),
                })
            }
        }
    };
}
words!(Type, TYPES, "type", "TYPE");
words!(Class, CLASSES, "class", "CLASS");
words!(Opcode, OPCODES, "opcode", "OPCODE");
words!(Rcode, RCODES, "rcode", "RCODE");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_that_is_no_type_is_named_with_the_way_out() {
        let told = |word: &str| word.parse::<Type>().unwrap_err().to_string();
        assert_eq!(told("AAA"), "'AAA' is no type; one without a name is written by its number, as in TYPE65280");
        for word in ["TYPE", "TYPE65536", "TYPE+1", "TYPE-1", "", "\u{7f}é"] {
            assert!(told(word).is_ascii(), "{word}");
        }
    }

    #[test]
    fn every_number_is_read_as_it_is_written() {
        for number in 0..=u16::MAX {
            assert_eq!(Type(number).to_string().parse(), Ok(Type(number)));
            assert_eq!(Class(number).to_string().parse(), Ok(Class(number)));
        }
        assert_eq!("type00001".parse(), Ok(Type::A));
    }
}
