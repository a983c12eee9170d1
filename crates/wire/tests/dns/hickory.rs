//! hickory-proto reads what this crate writes and writes what it reads; and both find the same bytes to be messages.

use crate::rng::Rng;
use crate::{generate, mutate};
use hickory_proto::op::Message as Theirs;
use hickory_proto::serialize::binary::BinEncodable;
use std::collections::BTreeMap;
use std::io::Write;
use wire::dns::{EdnsOption, MOST_POINTERS, Message, Name, Rdata, Record, Type};
use wire::{Problem, WireError};

const MESSAGES: u64 = 20_000;
const MUTANTS: u64 = 100_000;

#[test]
fn hickory_and_we_read_the_same() {
    let (mut records, mut types) = (0, BTreeMap::new());
    for seed in 0..MESSAGES {
        let message = generate::message(&mut Rng::new(seed));
        let bytes = message.bytes();
        let theirs = Theirs::from_vec(&bytes).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        // What they understood, in their own bytes: names compressed in their own way, data from their own structs.
        let written = theirs.to_vec().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let (read, behind) =
            Message::parse(&written).unwrap_or_else(|error| panic!("seed {seed}, by hickory: {error}"));
        assert_eq!((&read, behind), (&message, [].as_slice()), "seed {seed}: understood otherwise");
        assert!(spelled(&read).eq(spelled(&message)), "seed {seed}: other letters");
        for record in message.records() {
            records += 1;
            *types.entry(record.rrtype()).or_insert(0) += 1;
        }
    }
    let told = format!("compared {MESSAGES} messages with hickory-proto, {records} records of {} types\n", types.len());
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert!(types.len() == generate::TYPES.len() + 1 && types.values().all(|count| *count > 500), "{told}{types:?}");
}

/// The names of a message letter by letter.
fn spelled(message: &Message) -> impl Iterator<Item = &[u8]> {
    let targets = message.records().filter_map(|record| record.rdata.target());
    let names = message.questions.iter().map(|question| &question.qname);
    names.chain(message.records().map(|record| &record.name)).chain(targets).map(Name::wire)
}

#[test]
fn hickory_and_we_write_the_same_text() {
    let (mut compared, mut rng) = (0, Rng::new(1));
    while compared < 5_000 {
        // Where its text is that of a master file; it does not escape TXT and CAA, and writes lists of SVCB in its own way.
        let rrtype = rng.pick(&[Type::A, Type::AAAA, Type::SOA, Type::MX, Type::SRV, Type::DS, Type::NSEC]);
        let record = Record::new("example.com".parse().unwrap(), 1, generate::rdata(rrtype, &mut rng));
        let mut message = generate::message(&mut rng);
        (message.answers, message.authorities, message.additionals) = (vec![record], vec![], vec![]);
        let message = message.sealed();
        let ours = message.answers[0].rdata.to_string();
        let theirs = Theirs::from_vec(&message.bytes()).unwrap().answers[0].data.to_string();
        // It escapes other characters of names, writes bytes in octal, and has no words for a type that is not known.
        let is_plain = |text: &str| !text.contains(['\\', '*', '_']) && !text.contains("TYPE");
        if is_plain(&ours) && is_plain(&theirs) {
            assert_eq!(ours.to_lowercase(), theirs.trim_end().to_lowercase());
            compared += 1;
        }
    }
}

#[test]
fn hickory_and_we_refuse_the_same_mutants() {
    let (mut both_accept, mut both_refuse, mut reasons) = (0u64, 0u64, BTreeMap::new());
    for seed in 0..MUTANTS {
        let mut rng = Rng::new(seed);
        let [original, other] = [(); 2].map(|()| generate::message(&mut rng).bytes());
        let bytes = mutate::mutant(&original, &other, &mut rng);
        match (Message::parse(&bytes), Theirs::from_vec(&bytes)) {
            (Ok((ours, _)), Ok(theirs)) => {
                both_accept += 1;
                assert_same_records(&ours, &theirs, seed);
            }
            (Err(_), Err(_)) => both_refuse += 1,
            (ours, theirs) => {
                let (ours, theirs) = (ours.map(|(message, _)| message), theirs.map(|_| ()));
                let reason = match (&ours, &theirs) {
                    (Ok(ours), Err(_)) => why_only_they_refuse(ours),
                    (Err(ours), _) => why_only_we_refuse(ours),
                    _ => None,
                };
                let hex = || bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                let reason = reason.unwrap_or_else(|| panic!("seed {seed}: {ours:?}, hickory {theirs:?}: {}", hex()));
                *reasons.entry(reason).or_insert(0) += 1;
            }
        }
    }
    let mut told = format!(
        "compared {MUTANTS} mutants with hickory-proto: both accept {both_accept}, both refuse {both_refuse}\n"
    );
    for (reason, count) in &reasons {
        told += &format!("{count:6} {reason}\n");
    }
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert!(5 * both_accept > MUTANTS && 5 * both_refuse > MUTANTS && reasons.len() == REASONS, "{told}");
}

/// So many of the reasons below are met. One that is met no more has to go.
const REASONS: usize = 16;

#[test]
fn chain_of_pointers_that_hickory_follows_is_too_long_for_us() {
    let with_chain = |pointers: u16| {
        // The root, as the identifier; then pointers as data of a type that nobody has, and the last of them as a name.
        let mut chain = Message::new(wire::dns::Header::query(0, false));
        let pointer = |to: u16| (0xc000 | to).to_be_bytes();
        let data: Vec<u8> =
            (0..pointers - 1).flat_map(|number| pointer(if number == 0 { 0 } else { 23 + 2 * (number - 1) })).collect();
        chain.answers.push(Record::new(Name::root(), 0, Rdata::Unknown(Type(65_280), data)));
        let mut bytes = chain.sealed().bytes();
        bytes[7] = 2;
        bytes.extend(pointer(23 + 2 * (pointers - 2)));
        bytes.extend([0xff, 0x01, 0, 1, 0, 0, 0, 0, 0, 1, 7]);
        bytes
    };
    let read = |bytes: &[u8]| (Message::parse(bytes).is_ok(), Theirs::from_vec(bytes).is_ok());
    assert_eq!(read(&with_chain(MOST_POINTERS as u16)), (true, true));
    assert_eq!(read(&with_chain(MOST_POINTERS as u16 + 1)), (false, true));
}

#[test]
fn bombs_of_pointers_are_accepted_and_refused_alike() {
    const BOMBS: u64 = 2_000;
    let (mut both_accept, mut both_refuse, mut only_too_long) = (0, 0, 0);
    for seed in 0..BOMBS {
        let bytes = mutate::bomb(&mut Rng::new(seed));
        match (Message::parse(&bytes), Theirs::from_vec(&bytes)) {
            (Ok(_), Ok(_)) => both_accept += 1,
            (Err(_), Err(_)) => both_refuse += 1,
            // RFC 1035 section 2.3.4: a name has 127 labels at the most, and so has no use for more pointers.
            (Err(error), Ok(_)) if error.problem == (Problem::TooMany { most: MOST_POINTERS }) => only_too_long += 1,
            (ours, theirs) => panic!("seed {seed}: {ours:?}, hickory {theirs:?}"),
        }
    }
    let told = format!(
        "compared {BOMBS} bombs with hickory-proto: both accept {both_accept}, both refuse {both_refuse}\n{only_too_long:6} more \
         pointers than a name can have labels\n"
    );
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert!(both_accept > 100 && both_refuse > 100 && only_too_long > 100, "{told}");
}

/// Owners, types, classes and times of all records are the same.
fn assert_same_records(ours: &Message, theirs: &Theirs, seed: u64) {
    let facts = |record: &hickory_proto::rr::Record| {
        let name = record.name.to_bytes().unwrap();
        (name, u16::from(record.record_type()), u16::from(record.dns_class), record.ttl)
    };
    let theirs: Vec<_> =
        [&theirs.answers, &theirs.authorities, &theirs.additionals].into_iter().flatten().map(facts).collect();
    // Theirs has EDNS, and a signature of the message, elsewhere.
    let ours = ours.records().filter(|record| ![Type::OPT, Type::TSIG].contains(&record.rrtype()));
    let ours: Vec<_> =
        ours.map(|record| (record.name.wire().to_vec(), record.rrtype().0, record.class.0, record.ttl)).collect();
    assert_eq!(ours, theirs, "seed {seed}");
}

/// Why hickory refuses what is a message to us: what it says may be wrong, and it has the form of a message.
///
/// Its own error does not tell: it complains of the length of data that it has stopped to read.
fn why_only_they_refuse(ours: &Message) -> Option<&'static str> {
    let early = ours.answers.iter().chain(&ours.authorities);
    let is_of_the_message = |record: &Record| [Type::OPT, Type::SIG, Type::TSIG].contains(&record.rrtype());
    if early.clone().any(is_of_the_message) {
        return Some("a record that speaks of the message, and stands among those that do not; it can be shown");
    }
    let edns = || ours.additionals.iter().filter(|record| record.rrtype() == Type::OPT);
    if edns().count() > 1 || edns().any(|record| !record.name.is_root()) {
        return Some(
            "RFC 6891 section 6.1: EDNS twice, or with a name: a server answers it with FORMERR; it can be shown",
        );
    }
    ours.records().find_map(|record| {
        Some(match &record.rdata {
            Rdata::Dnskey(key) if key.protocol != 3 => {
                "RFC 4034 section 2.1.2: a key that is good for no signature; it can be shown"
            }
            Rdata::Nsec3(nsec3) if nsec3.hash_algorithm != 1 || nsec3.flags > 1 => {
                "RFC 5155 section 8: a proof that a validator ignores; it can be shown"
            }
            Rdata::Caa(caa) if caa.tag.0.len() > 15 || !caa.tag.0.iter().all(u8::is_ascii_alphanumeric) => {
                "RFC 8659 section 4.1: a tag of more than letters and digits, or of more than 15; it can be shown"
            }
            Rdata::Svcb(data) | Rdata::Https(data)
                if data.svc_params.get(1).is_some_and(|alpn| str::from_utf8(alpn).is_err()) =>
            {
                "RFC 7301 section 3.1: the name of a protocol is bytes, and need not be UTF-8"
            }
            Rdata::Opt(options) if options.0.iter().any(is_of_another_family) => {
                "RFC 7871 section 6: a family that is neither IPv4 nor IPv6"
            }
            Rdata::Unknown(rrtype, data) if data.is_empty() && !OTHERS.contains(rrtype) => {
                "RFC 3597 section 5: a type that is not known may have no data"
            }
            Rdata::Unknown(rrtype, _) if OTHERS.contains(rrtype) => {
                "a type that this crate has no table for, and hickory has"
            }
            _ => return None,
        })
    })
}

fn is_of_another_family(option: &EdnsOption) -> bool {
    matches!(option, EdnsOption::ClientSubnet(subnet) if ![1, 2].contains(&subnet.family))
}

/// Types that hickory knows and this crate does not; those for questions it refuses as records.
const OTHERS: [Type; 20] = [
    Type(0),
    Type::HINFO,
    Type::SIG,
    Type::KEY,
    Type::NAPTR,
    Type::CERT,
    Type::SSHFP,
    Type::NSEC3PARAM,
    Type::TLSA,
    Type::SMIMEA,
    Type::CDS,
    Type::CDNSKEY,
    Type::OPENPGPKEY,
    Type::CSYNC,
    Type::TSIG,
    Type::IXFR,
    Type::AXFR,
    Type::ANY,
    Type::NULL,
    // ANAME, by a number that is for private use.
    Type(65_305),
];

/// Why we refuse what is a message to hickory.
fn why_only_we_refuse(ours: &WireError) -> Option<&'static str> {
    Some(match ours.field {
        "window" | "bitmap_length" => "RFC 4034 section 4.1.2: windows ascend, and have from 1 to 32 bytes",
        "bitmap" => "RFC 4034 section 4.1.2: a window ends behind the data",
        "value_length" | "hint" | "alpn_id" | "key" => {
            "RFC 9460 section 2.2: a value without the format that its key expects"
        }
        "option_code" | "option_length" | "option_data" => {
            "RFC 6891 section 6.1.2: an option that ends behind the data"
        }
        "client_cookie" | "server_cookie" => "RFC 7873 section 5.2.2: a cookie of another length",
        "info_code" => "RFC 8914 section 2: a code has two bytes",
        "source_prefix_length" | "scope_prefix_length" | "address" => {
            "RFC 7871 section 6: a prefix longer than an address"
        }
        _ => return None,
    })
}
