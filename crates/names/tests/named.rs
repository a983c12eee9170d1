//! BIND's programs for zone files, `named-compilezone` and `named-checkzone`, read what this crate reads, and refuse what it
//! refuses.

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
#[allow(dead_code, reason = "hickory is judged elsewhere")]
mod zones;

use names::Zone;
use needs::{Ended, Failed, Program, test};
use rng::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use wire::dns::{Name, Record, Type};

/// Two checks of a zone as a whole are not asked for, and names need not be those of hosts.
const LENIENT: &str = "-k ignore -m ignore -M ignore -n ignore -r ignore -S ignore -T ignore -W ignore -i none";

fn main() -> ExitCode {
    needs::programs("named", &["named-checkzone", "named-compilezone"]).run([
        test("zone_that_bind_reads_and_writes_again_is_the_same", written_again),
        test("line_that_bind_refuses_is_refused", refused),
    ])
}

/// Records of all types, each at a name of its own. BIND looks into some data and refuses what no signer makes.
fn records(count: u64) -> Vec<Record> {
    let types: Vec<Type> = generate::TYPES.into_iter().filter(|rrtype| *rrtype != Type::SOA).collect();
    let mut rng = Rng::new(53);
    let mut made = vec![];
    while (made.len() as u64) < count {
        let record = zones::record(&mut rng, &types);
        let name = record.name.child(format!("r{}", made.len()).as_bytes());
        // The root's own zone has no delegations here, and an asterisk is no name of one.
        let Some(name) = name.filter(|_| record.rrtype() != Type::NS && is_taken(&record)) else { continue };
        made.push(Record { name, ..record });
    }
    made
}

/// What BIND takes of such data; its rules beyond the text.
fn is_taken(record: &Record) -> bool {
    use wire::dns::Rdata;
    match &record.rdata {
        // Digests and keys of known algorithms have their lengths; those of others are bytes.
        Rdata::Ds(ds) => ds.digest_type > 4,
        Rdata::Dnskey(key) => key.algorithm > 20 && key.algorithm < 250 && key.public_key.0.len() > 4,
        // A signer's name is the owner's or above it, and so has no more labels (RFC 4034 section 3.1.7).
        Rdata::Rrsig(rrsig) => {
            (21..250).contains(&rrsig.algorithm) && usize::from(rrsig.labels) >= rrsig.signer_name.labels().count()
        }
        // "dohpath" has a variable in it (RFC 9461 section 5), and BIND 9.18 knows no key above 6 by its name.
        Rdata::Svcb(data) | Rdata::Https(data) => [7, 8].iter().all(|key| data.svc_params.get(*key).is_none()),
        _ => true,
    }
}

fn written_again() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let records = records(3_000);
    let text: String = records.iter().map(|record| format!("{record}\n")).collect();
    let zone = format!(". 60 IN SOA a. b. 1 2 3 4 5\n. 60 IN NS a.\na. 60 IN A 192.0.2.1\n{text}");
    std::fs::write(directory.path().join("zone"), &zone)?;
    let ours = |text: &str| -> Result<BTreeSet<String>, Failed> {
        let zone = Zone::parse(text).map_err(|error| format!("{error}: {:?}", text.lines().nth(error.line - 1)))?;
        Ok(zone.records().map(|record| record.to_string().to_lowercase()).collect())
    };
    for style in ["full", "relative"] {
        let program = Program::new("named-compilezone").words(LENIENT).words(&format!("-s {style} -o written . zone"));
        program.directory(directory.path()).succeed()?;
        let written = std::fs::read_to_string(directory.path().join("written"))?;
        let (is, expected) = (ours(&written)?, ours(&zone)?);
        let missing: Vec<&String> = expected.symmetric_difference(&is).take(6).collect();
        if !missing.is_empty() || is.len() < records.len() {
            return Err(format!("{style}: {} records, and not the same: {missing:#?}", is.len()).into());
        }
    }
    println!("{} records compared with what named-compilezone writes", records.len());
    Ok(())
}

fn refused() -> Result<(), Failed> {
    const LINES: u64 = 400;
    let directory = tempfile::tempdir()?;
    let types: Vec<Type> = generate::TYPES.into_iter().filter(|rrtype| *rrtype != Type::SOA).collect();
    let (mut both_read, mut both_refuse, mut reasons, mut unknown) = (0, 0, BTreeMap::new(), vec![]);
    for seed in 0..LINES {
        let mut rng = Rng::new(seed);
        let record = zones::record(&mut rng, &types);
        let text = zones::mutant(&zones::text(&[&record]), &mut rng);
        let zone = format!(". 60 IN SOA a. b. 1 2 3 4 5\n. 60 IN NS a.\na. 60 IN A 192.0.2.1\n{text}");
        let ours = Zone::parse_within(&zone, Some(&Name::root())).map(drop);
        match (ours, check(directory.path(), &zone)?) {
            (Ok(()), Ended { code: 0, .. }) => both_read += 1,
            (Err(_), Ended { code: 1, .. }) => both_refuse += 1,
            (ours, theirs) => match why_bind_differs(&ours.clone().map_err(|error| error.problem), &theirs.stdout) {
                Some(reason) => *reasons.entry(reason).or_insert(0) += 1,
                None => unknown.push(format!("seed {seed}: {text}ours {ours:?}\nBIND {}", theirs.stdout)),
            },
        }
    }
    println!("compared {LINES} lines with named-checkzone: both read {both_read}, both refuse {both_refuse}");
    reasons.iter().for_each(|(reason, count)| println!("{count:6} {reason}"));
    match unknown.is_empty() && 4 * both_read > LINES && 8 * both_refuse > LINES {
        true => Ok(()),
        false => Err(format!("{} without a reason:\n{}", unknown.len(), unknown.join("\n")).into()),
    }
}

fn check(directory: &Path, zone: &str) -> Result<Ended, Failed> {
    std::fs::write(directory.join("zone"), zone)?;
    Ok(Program::new("named-checkzone").words(LENIENT).words(". zone").directory(directory).run()?)
}

/// Why BIND has another opinion of a line; `None`: for no reason that is known.
fn why_bind_differs(ours: &Result<(), String>, theirs: &str) -> Option<&'static str> {
    let says = |part: &str| theirs.contains(part);
    match ours {
        Ok(()) if says("near 'dohpath=': FORMERR") => {
            Some("RFC 9461 section 5: into the template of a path it looks, and we do not")
        }
        Ok(()) if says("near 'ohttp': syntax error") => {
            Some("RFC 9540 section 4: a key that BIND 9.18 does not know yet")
        }
        Ok(()) if says("invalid NS owner name (wildcard)") => {
            Some("RFC 4592 section 4.2: an NS at an asterisk, which we let pass")
        }
        Ok(()) if says("invalid NSEC3 owner name") => {
            Some("RFC 5155 section 3: an owner that is no digest, which we let pass")
        }
        Err(problem) if problem.contains("the length:") => {
            Some("RFC 3597 section 5: \\# begins the general form, also of TXT")
        }
        _ => None,
    }
}
