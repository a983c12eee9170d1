//! A zone with records of all types, and a thousand questions about it.

use crate::Rng;
use crate::generate;
use std::collections::BTreeMap;
use std::fmt::Write;
use wire::dns::rdata::{Base64, Hex, Time};
use wire::dns::{Rdata, Record, Type};

/// What every client is asked for: a name and a type.
pub(crate) type Asked = (String, Type);

/// The beginning of the zone: what it takes to see each kind of answer.
const HEAD: &str = r#"$ORIGIN example.
$TTL 3600
@           SOA ns hostmaster 2026112601 2h 1h 2w 300
@           NS  ns
@           MX  10 mail
@           MX  20 mail.elsewhere.test.
ns          A   127.0.0.1
mail        A   192.0.2.25
mail        AAAA 2001:db8::25
; chains of aliases: within the zone, out of it, to what is not there, and round
c1          CNAME c2
c2          CNAME c3
c3          CNAME mail
c4          CNAME www.elsewhere.test.
c5          CNAME nosuch
c6          CNAME c7
c7          CNAME c6
c8          CNAME a.wild
; names that stand for others
*.wild      A   192.0.2.77
*.wild      TXT "any name"
x.wild      MX  5 mail
*.alias     CNAME mail
; names that only others stand below
a.b.c.deep  A   192.0.2.78
; other servers' zones, with glue and without
sub         NS  ns.sub
sub         NS  ns2.sub
sub         DS  12345 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
ns.sub      A   127.0.0.1
ns2.sub     AAAA 2001:db8::80
sub2        NS  ns.elsewhere.test.
; spelling
0p9mhaveqvm6t7vbl5lop2u3t2rp3to0 A 192.0.2.84
MiXeD       A   192.0.2.79
a\.b        A   192.0.2.81
sp\032ace   A   192.0.2.82
\$\@\"\;    A   192.0.2.83
"#;

/// Its text.
pub(crate) fn text() -> String {
    let mut text = HEAD.to_string();
    for (index, string) in ["one string of many", "another one"].iter().cycle().take(60).enumerate() {
        let _ = writeln!(text, "big TXT \"{index:03} {string} {}\"", "x".repeat(40));
    }
    for index in 0..40 {
        let _ = writeln!(text, "many A 198.51.100.{index}");
    }
    for record in records() {
        let _ = writeln!(text, "{record}");
    }
    text
}

/// The zone `signed`, before somebody signs it.
pub(crate) const SIGNED: &str = r#"$ORIGIN signed.
$TTL 3600
@           SOA ns hostmaster 2026112601 2h 1h 2w 300
@           NS  ns
ns          A   127.0.0.1
www         A   192.0.2.10
www         AAAA 2001:db8::10
alias       CNAME www
out         CNAME www.example.
*.wild      A   192.0.2.77
a.b.deep    TXT "below what is not there"
sub         NS  ns.sub
ns.sub      A   192.0.2.80
"#;

/// What is asked about that zone: answers with signatures, and proofs that something is not there.
pub(crate) fn questions_about_signed() -> Vec<Asked> {
    let names = [
        "",
        "ns.",
        "www.",
        "alias.",
        "out.",
        "x.wild.",
        "y.x.wild.",
        "deep.",
        "b.deep.",
        "nosuch.",
        "sub.",
        "www.sub.",
    ];
    let types = [Type::A, Type::AAAA, Type::TXT, Type::SOA, Type::NS, Type::DNSKEY, Type::DS, Type::CNAME];
    names.iter().flat_map(|name| types.iter().map(move |rrtype| (format!("{name}signed"), *rrtype))).collect()
}

/// Three sets for each type, at names of their own.
fn records() -> Vec<Record> {
    let mut rng = Rng::new(1000);
    let mut records: Vec<Record> = vec![];
    for rrtype in generate::TYPES.into_iter().filter(|rrtype| ![Type::SOA, Type::CNAME, Type::NS].contains(rrtype)) {
        for set in 0..3 {
            let name = name(rrtype, set).parse().expect("a name");
            for _ in 0..=set {
                let rdata = data(rrtype, &mut rng);
                let record = Record::new(wire::dns::Name::clone(&name), 600 + set, rdata);
                if !records.contains(&record) {
                    records.push(record);
                }
            }
        }
    }
    records
}

/// Where the records of a type are. The owner of NSEC3 is a digest, and no name if nothing else is there: RFC 5155 section
/// 7.2.8.
fn name(rrtype: Type, set: u32) -> String {
    match rrtype {
        Type::NSEC3 => format!("0p9mhaveqvm6t7vbl5lop2u3t2rp3to{set}.example"),
        rrtype => format!("{}{set}.types.example", rrtype.to_string().to_lowercase()),
    }
}

/// Data that servers of other makers take: bytes where there must be some, and a parameter only with a value.
fn data(rrtype: Type, rng: &mut Rng) -> Rdata {
    loop {
        let mut rdata = generate::rdata(rrtype, rng);
        let is_taken = match &mut rdata {
            Rdata::Ds(ds) => {
                (ds.algorithm, ds.digest_type, ds.digest) = (13, 2, Hex(rng.bytes(32)));
                true
            }
            Rdata::Dnskey(key) => {
                (key.algorithm, key.public_key) = (13, Base64(rng.bytes(64)));
                true
            }
            Rdata::Rrsig(rrsig) => {
                rrsig.signature = Base64(rng.bytes(64));
                // Between 2001 and 2094: dig takes a number for the time with it that is nearest to now (RFC 4034 section 3.1.5).
                (rrsig.inception, rrsig.expiration) = (
                    Time(1_000_000_000 + (rng.next() % 2_900_000_000) as u32),
                    Time(1_000_000_000 + (rng.next() % 2_900_000_000) as u32),
                );
                rrsig.signer_name = "example".parse().expect("a name");
                // dig looks for sets that are signed, and finds fault with those that are not one.
                (rrsig.algorithm, rrsig.labels, rrsig.type_covered, rrsig.original_ttl) = (13, 3, Type::TXT, 600);
                true
            }
            Rdata::Svcb(data) | Rdata::Https(data) => {
                let has = |key| data.svc_params.get(key).is_some();
                // RFC 9460 section 7.1.1: without the default protocol there must be others.
                let is_consistent = has(1) || !has(2);
                let mut params = data.svc_params.0.iter().filter(|_| is_consistent).peekable();
                params.peek().is_some()
                    && params
                        .all(|param| ![0, 7, 8].contains(&param.key) && (param.key == 2 || !param.value.is_empty()))
            }
            _ => true,
        };
        // Such a label is a matter of quoting, which names at the head of the zone are for.
        if is_taken && rdata.target().is_none_or(|name| !name.to_string().contains('\\')) {
            return rdata;
        }
    }
}

/// A thousand questions and a few for zones of others: each set by its type and by another, names that are not there, and all of the head.
pub(crate) fn questions() -> Vec<Asked> {
    let mut rng = Rng::new(7);
    let types: Vec<Type> = generate::TYPES.into_iter().collect();
    let names = [
        "example",
        "ns.example",
        "mail.example",
        "c1.example",
        "c3.example",
        "c4.example",
        "c5.example",
        "c6.example",
        "c8.example",
        "a.wild.example",
        "a.b.wild.example",
        "x.wild.example",
        "y.x.wild.example",
        "wild.example",
        "n.alias.example",
        "deep.example",
        "b.c.deep.example",
        "nosuch.example",
        "nosuch.ns.example",
        "sub.example",
        "www.sub.example",
        "ns.sub.example",
        "www.sub2.example",
        "big.example",
        "many.example",
        "mixed.example",
        "MIXED.Example",
        "a\\.b.example",
        "a.b.example",
        "sp\\032ace.example",
        "\\$\\@\\\"\\;.example",
        "elsewhere.test",
        "*.wild.example",
    ];
    let mut asked: BTreeMap<Asked, ()> = BTreeMap::new();
    for name in names {
        for rrtype in [Type::A, Type::AAAA, Type::TXT, Type::CNAME, Type::MX, Type::NS, Type::SOA, Type::DS] {
            asked.insert((name.into(), rrtype), ());
        }
    }
    for record in records() {
        let name = record.name.to_string();
        asked.insert((name.clone(), record.rrtype()), ());
        asked.insert((name.to_uppercase(), record.rrtype()), ());
        asked.insert((format!("below.{name}"), record.rrtype()), ());
    }
    while asked.len() < 1060 {
        let name = match rng.below(4) {
            0 => format!("{}.wild.example", rng.pick(&["q", "r.s", "T"])),
            1 => format!("n{}.example", rng.below(1000)),
            2 => rng.pick(&names).to_string(),
            _ => format!("{}{}.types.example", rng.pick(&types).to_string().to_lowercase(), rng.below(4)),
        };
        asked.insert((name, rng.pick(&types)), ());
    }
    asked.into_keys().collect()
}
