//! Tables of what a host knew of a TCP connection over time, as `tcp-echo send --tcpinfo` writes them, and their picture.
//!
//! The first line names the columns; those that a picture needs are found by their names, wherever they stand, and an empty cell is
//! what the host did not know.

use crate::pictures::{caption, refused, write};
use cli::{Failure, Output, Verdict, escape};
use figure::{Course, Sample, course};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// A table is kept in memory, up to so many bytes.
const MOST_BYTES: u64 = 1 << 26;
/// More digits are no time and no number of bytes.
const MOST_DIGITS: usize = 15;

/// Draws the tables in `files`, one over the other.
pub(crate) fn draw(files: &[String], path: &Path, out: &mut Output) -> Result<Verdict, Failure> {
    let courses = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = files.iter().map(|file| escape(file)).collect();
    let title = match names.as_slice() {
        [one] => format!("The TCP connection of {one}, as its host knows it"),
        many => format!("The TCP connections of {}, as their hosts know them", many.join(", ")),
    };
    let drawn = course(&caption(path, &title), &courses).map_err(|refusal| refused(&refusal))?;
    write(&drawn, path, out)
}

fn read(file: &str) -> Result<Course, Failure> {
    let cannot = |reason: String| Failure::said(format!("cannot read '{}': {reason}", escape(file)));
    let source: std::io::Result<Box<dyn Read>> = match file {
        "-" => Ok(Box::new(std::io::stdin())),
        _ => std::fs::File::open(file).map(|opened| Box::new(opened) as Box<dyn Read>),
    };
    let mut bytes = vec![];
    let length = source
        .and_then(|source| source.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot(cli::reason(&error)))?;
    if length as u64 > MOST_BYTES {
        return Err(cannot(format!("it has more than {MOST_BYTES} bytes")));
    }
    let name = Path::new(file).file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let samples = samples(&String::from_utf8_lossy(&bytes)).map_err(|wrong| {
        Failure::said(format!("'{}' {wrong}", escape(file)))
            .hint("--plot draws what `tcp-echo send --tcpinfo FILE.csv` writes; captures have `--ladder`")
    })?;
    Ok(Course { name, samples })
}

/// The rows of a table; else what is wrong with it.
fn samples(text: &str) -> Result<Vec<Sample>, String> {
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| head.iter().position(|title| *title == name);
    let time = column("time_ms").ok_or("is no table of samples: its first line has no column time_ms")?;
    let [cwnd, ssthresh, unacked, rtt, retransmits] =
        ["cwnd_bytes", "ssthresh_bytes", "unacked_bytes", "rtt_ms", "retransmits"].map(column);
    let mut samples: Vec<Sample> = vec![];
    for (index, line) in lines.enumerate() {
        let at = index + 2;
        let cells: Vec<&str> = line.split(',').collect();
        if cells.len() != head.len() {
            return Err(format!("has {} cells in line {at}, and {} columns", cells.len(), head.len()));
        }
        let cell = |column: Option<usize>| column.and_then(|column| cells.get(column)).filter(|cell| !cell.is_empty());
        let wrong = |cell: &str| format!("has '{}' in line {at} where a number belongs", escape(cell));
        let bytes = |column| cell(column).map(|cell| number(cell).ok_or_else(|| wrong(cell))).transpose();
        let millis = |column| cell(column).map(|cell| milliseconds(cell).ok_or_else(|| wrong(cell))).transpose();
        let sample = Sample {
            at: millis(Some(time))?.ok_or_else(|| format!("has no time in line {at}"))?,
            cwnd: bytes(cwnd)?,
            ssthresh: bytes(ssthresh)?,
            unacked: bytes(unacked)?,
            rtt: millis(rtt)?,
            retransmits: bytes(retransmits)?,
        };
        if samples.last().is_some_and(|last| last.at > sample.at) {
            return Err(format!("goes back in time in line {at}"));
        }
        samples.push(sample);
    }
    Ok(samples)
}

fn number(text: &str) -> Option<u64> {
    let is_number = text.len() <= MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// `37.5` exactly, to the nanosecond.
fn milliseconds(text: &str) -> Option<Duration> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let nanos = format!("{decimals:0<6}");
    let nanos = number(&nanos).filter(|_| nanos.len() == 6 && !decimals.is_empty())?;
    Some(Duration::from_millis(number(whole)?) + Duration::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_names_and_empty_cells_are_unknown() {
        let table = "state,rtt_ms,time_ms,cwnd_bytes,ssthresh_bytes\nESTABLISHED,37.5,40.000,14600,\n,,41,,2920\n";
        let first = Sample {
            at: Duration::from_millis(40),
            cwnd: Some(14_600),
            rtt: Some(Duration::from_micros(37_500)),
            ..Sample::default()
        };
        let second = Sample { at: Duration::from_millis(41), ssthresh: Some(2920), ..Sample::default() };
        assert_eq!(samples(table), Ok(vec![first, second]));
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said_with_its_line() {
        for (table, wrong) in [
            ("", "is no table of samples: its first line has no column time_ms"),
            ("time,cwnd_bytes\n1,2\n", "is no table of samples: its first line has no column time_ms"),
            ("time_ms,cwnd_bytes\n1,2\n3\n", "has 1 cells in line 3, and 2 columns"),
            ("time_ms,cwnd_bytes\n1,-2\n", "has '-2' in line 2 where a number belongs"),
            ("time_ms,cwnd_bytes\n1,1e3\n", "has '1e3' in line 2 where a number belongs"),
            ("time_ms,cwnd_bytes\n1.0000001,2\n", "has '1.0000001' in line 2 where a number belongs"),
            ("time_ms,cwnd_bytes\n9999999999999999,2\n", "has '9999999999999999' in line 2 where a number belongs"),
            ("time_ms,cwnd_bytes\n,2\n", "has no time in line 2"),
            ("time_ms,cwnd_bytes\n2,2\n1,2\n", "goes back in time in line 3"),
            ("time_ms,cwnd_bytes\n\u{1b}[2J,2\n", "has '\\u{1b}[2J' in line 2 where a number belongs"),
        ] {
            assert_eq!(samples(table), Err(wrong.to_string()), "{table}");
        }
    }
}
