//! How zone files are read: as `wire` writes them, and as a reader that nobody here wrote reads them.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "a test stops where something is not as it must be, and builds records byte by byte"
)]

#[path = "../../wire/tests/dns/generate.rs"]
#[allow(dead_code, reason = "it generates whole messages too")]
mod generate;
#[path = "../../wire/tests/packets/rng.rs"]
mod rng;
mod zones;

use hickory_proto::rr::RData;
use hickory_proto::serialize::binary::BinEncodable;
use hickory_proto::serialize::txt::Parser;
use names::Zone;
use rng::Rng;
use std::collections::BTreeMap;
use std::io::Write;
use wire::dns::{Name, Record, Type};

const RECORDS: u64 = 20_000;
const MUTANTS: u64 = 20_000;

#[test]
fn record_of_every_type_is_read_as_it_was_written() {
    let mut types = BTreeMap::new();
    for seed in 0..RECORDS {
        let record = zones::record(&mut Rng::new(seed), &generate::TYPES);
        let zone = zones::read(&zones::text(&[&record])).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(zone.len(), 2, "seed {seed}");
        let read = zone.iter().find(|read| read.rrtype() != Type::SOA).unwrap();
        assert_eq!(*read, record, "seed {seed}");
        // Letter by letter, which names as such are not compared by.
        assert_eq!(read.rdata.bytes(), record.rdata.bytes(), "seed {seed}");
        assert!(read.name.is_spelled_like(&record.name), "seed {seed}");
        *types.entry(record.rrtype()).or_insert(0) += 1;
    }
    assert!(types.len() == generate::TYPES.len() - 1 && types.values().all(|count| *count > 500), "{types:?}");
}

/// The data that hickory reads in a zone of one record, or its error.
fn hickorys(text: &str) -> Result<Vec<u8>, String> {
    let zone = zones::under_the_root(text);
    let parser = Parser::new(zone, None, Some(hickory_proto::rr::Name::root()));
    let (_, sets) = parser.parse().map_err(|error| error.to_string())?;
    let records = sets.into_values().flat_map(|set| set.records_without_rrsigs().cloned().collect::<Vec<_>>());
    let data: Vec<RData> = records.map(|record| record.data).filter(|data| !matches!(data, RData::SOA(_))).collect();
    match data.as_slice() {
        [one] => one.to_bytes().map_err(|error| error.to_string()),
        none => Err(format!("{} records", none.len())),
    }
}

/// Types that hickory reads in zone files, with the letters of whose data it does nothing of its own. For DNSKEY, RRSIG, NSEC,
/// NSEC3 and those that it does not know it has no reader.
const THEIRS: [Type; 10] =
    [Type::A, Type::AAAA, Type::NS, Type::PTR, Type::MX, Type::TXT, Type::SRV, Type::CAA, Type::DS, Type::HTTPS];

#[test]
fn hickory_and_we_read_the_same_zone_files_and_refuse_the_same() {
    let (mut both_read, mut both_refuse, mut reasons, mut unknown) = (0u64, 0u64, BTreeMap::new(), vec![]);
    for seed in 0..MUTANTS {
        let mut rng = Rng::new(seed);
        let record = zones::plain(&mut rng, &THEIRS);
        let text = zones::mutant(&zones::text(&[&record]), &mut rng);
        let ours = zones::read(&text);
        let data = |zone: Vec<Record>| zone.into_iter().find(|read| read.rrtype() != Type::SOA).map(|read| read.rdata);
        let ours =
            ours.map(|zone| data(zone).map(|data| data.bytes()).unwrap_or_default()).map_err(|error| error.problem);
        match (ours, hickorys(&text)) {
            // It makes letters of names small.
            (Ok(ours), Ok(theirs)) if ours.eq_ignore_ascii_case(&theirs) => both_read += 1,
            (Err(_), Err(_)) => both_refuse += 1,
            (ours, theirs) => {
                let reason = zones::why_hickory_differs(&text, record.rrtype(), &ours, &theirs);
                let Some(reason) = reason else {
                    unknown.push(format!("seed {seed}: {text}ours {ours:?}\nhickory {theirs:?}"));
                    continue;
                };
                *reasons.entry(reason).or_insert(0) += 1;
            }
        }
    }
    assert!(unknown.is_empty(), "{} without a reason:\n{}", unknown.len(), unknown[..unknown.len().min(5)].join("\n"));
    let mut told =
        format!("compared {MUTANTS} zone files with hickory-proto: both read {both_read}, both refuse {both_refuse}\n");
    for (reason, count) in &reasons {
        told += &format!("{count:6} {reason}\n");
    }
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    assert!(2 * both_read > MUTANTS && 10 * both_refuse > MUTANTS, "{told}");
}

#[test]
fn text_of_any_kind_is_a_zone_or_an_error_within_it() {
    for seed in 0..20_000 {
        let mut rng = Rng::new(seed);
        let records: Vec<Record> = (0..3).map(|_| zones::record(&mut rng, &generate::TYPES)).collect();
        let mut text = zones::text(&records.iter().collect::<Vec<_>>());
        for _ in 0..=rng.below(4) {
            text = zones::mutant(&text, &mut rng);
        }
        if let Err(error) = Zone::parse_within(&text, Some(&Name::root())) {
            assert!(error.line <= text.lines().count(), "seed {seed}: {error}");
            assert!(!error.problem.contains(char::is_control), "seed {seed}: {error}");
        }
    }
}
