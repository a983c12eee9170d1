//! Captures that nobody here wrote: peel finds in them as many packets, bytes and times as capinfos, and shows them all.
//!
//! Needs captures; see the crate `needs`.

use needs::{Failed, Program, captures, test};
use peel::capture::{Capture, Stop};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    captures::need().run([
        test("files_of_others_have_the_packets_that_capinfos_finds", compare),
        test("packets_of_others_are_shown_in_full", show),
    ])
}

/// Peel leaves to others what is compressed.
fn files() -> Result<Vec<PathBuf>, Failed> {
    Ok(captures::files()?.into_iter().filter(|path| path.extension().is_none_or(|ending| ending != "gz")).collect())
}

/// How many packets a file has, of how many bytes, from when to when.
#[derive(Debug, Default, PartialEq, Eq)]
struct Contents {
    packets: u64,
    bytes: u64,
    /// In nanoseconds; `None` where a packet has no time.
    times: Option<(i64, i64)>,
}

fn compare() -> Result<(), Failed> {
    let files = files()?;
    let names = files.iter().map(|path| path.to_string_lossy().into_owned());
    // It ends otherwise than well where a file is damaged, but tells of all.
    let told = Program::new("capinfos").words("-T -M -r -m -c -a -e -d -S").args(names).run()?.stdout;
    let (mut compared, mut packets, mut faults) = (0, 0, 0);
    let mut differ = vec![];
    for path in &files {
        let name = path.to_string_lossy().into_owned();
        let line = told.lines().find_map(|line| line.strip_prefix(&format!("{name},")));
        let Some(theirs) = line.and_then(contents) else { continue }; // of a kind that it does not know
        let (ours, fault) = read(path)?;
        (compared, packets, faults) = (compared + 1, packets + ours.packets, faults + u64::from(fault.is_some()));
        let (theirs, unit) = theirs;
        let rounded = |(from, to)| (from / unit * unit, to / unit * unit);
        let theirs = Contents { times: theirs.times.filter(|_| ours.times.is_some()), ..theirs };
        let ours = Contents { times: ours.times.map(rounded), ..ours };
        if ours != theirs {
            differ.push(format!("{name}: {ours:?}, and capinfos has {theirs:?} {}", fault.unwrap_or_default()));
        }
    }
    println!("{packets} packets of {compared} files compared with capinfos, {faults} files damaged");
    match (differ.is_empty(), packets) {
        (true, 1..) => Ok(()),
        (true, _) => Err("no packet to compare".into()),
        (false, _) => Err(differ.join("\n").into()),
    }
}

/// `4,1312,1340954905.298858,1340954905.301858`: the contents, and how exact the times are, in nanoseconds.
fn contents(line: &str) -> Option<(Contents, i64)> {
    let cells: Vec<&str> = line.split(',').collect();
    let nanoseconds = |text: &str| {
        let (seconds, decimals) = text.split_once('.')?;
        format!("{seconds}{decimals:0<9}").parse().ok()
    };
    let [packets, bytes, from, to] = cells.as_slice() else { return None };
    let times = nanoseconds(from).zip(nanoseconds(to));
    let decimals = from.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let unit = 10_i64.pow(9 - u32::try_from(decimals.min(9)).ok()?);
    Some((Contents { packets: packets.parse().ok()?, bytes: bytes.parse().ok()?, times }, unit))
}

/// What peel finds, and why it stopped.
fn read(path: &Path) -> Result<(Contents, Option<String>), Failed> {
    let mut found = Contents::default();
    let mut all: Option<Vec<i64>> = Some(vec![]);
    let mut capture = match Capture::open(File::open(path)?) {
        Ok(capture) => capture,
        Err(Stop::Fault(fault)) => return Ok((found, Some(fault.to_string()))),
        Err(Stop::Unreadable(error)) => return Err(error.into()),
    };
    let fault = loop {
        match capture.next_packet() {
            Ok(Some(record)) => {
                found.packets += 1;
                found.bytes += u64::from(record.packet.original_len);
                all = all.zip(record.packet.at).map(|(all, at)| [all, vec![at.0]].concat());
            }
            Ok(None) => break None,
            Err(Stop::Fault(fault)) => break Some(fault.to_string()),
            Err(Stop::Unreadable(error)) => return Err(error.into()),
        }
    };
    let all = all.unwrap_or_default();
    found.times = all.iter().min().copied().zip(all.iter().max().copied());
    Ok((found, fault))
}

fn show() -> Result<(), Failed> {
    let mut lines = 0;
    for path in files()? {
        for args in ["--tree --ascii -v", "--json", "--follow 1 --ascii"] {
            let program = Program::new(env!("CARGO_BIN_EXE_peel")).args([path.to_string_lossy()]).words(args);
            let ended = program.run()?;
            if ended.code > 2 || ended.stderr.contains("panicked") {
                return Err(format!("{} {args}: {ended}", path.display()).into());
            }
            let raw = ended.stdout.chars().find(|c| c.is_control() && *c != '\n');
            if let Some(raw) = raw {
                return Err(format!("{} {args}: {raw:?} in the output", path.display()).into());
            }
            lines += ended.stdout.lines().count();
        }
    }
    println!("{lines} lines shown");
    if lines == 0 { Err("no packet to show".into()) } else { Ok(()) }
}
