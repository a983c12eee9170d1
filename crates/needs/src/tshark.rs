//! tshark, the judge of captures.

use crate::{Failed, Need, Program, transcript};
use std::path::Path;

/// The need `tshark`: the program of this name.
#[must_use]
pub fn need() -> Need {
    need_with(&[])
}

/// The need `tshark`, and these programs beside it.
#[must_use]
pub fn need_with(programs: &[&str]) -> Need {
    crate::need::tshark(programs)
}

/// What tshark reads in a capture: a line for each packet, and in it those of `fields` that the packet has, a blank between.
///
/// # Errors
/// When tshark cannot read the file to its end.
pub fn fields(file: &Path, fields: &[&str]) -> Result<Vec<String>, Failed> {
    let file = file.to_string_lossy().into_owned();
    let fields = fields.iter().flat_map(|field| ["-e", field]);
    let read = Program::new("tshark").args(["-r", &file, "-n", "-T", "fields"]).args(fields).succeed()?;
    Ok(read.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
}

/// Compares what was read, packet by packet, and prints how many packets that were.
///
/// # Errors
/// When they differ, or there is nothing to compare.
pub fn equal(read: &[String], expected: &[impl AsRef<str>]) -> Result<(), Failed> {
    transcript::equal(read, expected)?;
    if read.is_empty() {
        return Err("the capture is empty".into());
    }
    println!("{} packets compared with tshark", read.len());
    Ok(())
}
