//! Whole tools, from start to end.

use crate::pair::{median, sorted};
use crate::table::{Group, Row};
use nix::sys::resource::{UsageWho, getrusage};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A tool as its user meets it.
pub(crate) const TOOLS: Group = Group {
    name: "tools",
    title: "tools: a whole run in the simulated network",
    about: "`myping --net routers -c 3 server`, the release build, from the start of the process to its end: median of 51 runs,\n\
            and the most memory that one more run had. There is no peer: nobody else's ping has a network with it.",
    rows,
};

const ARGS: [&str; 5] = ["--net", "routers", "-c", "3", "server"];

fn rows() -> Result<Vec<Row>, String> {
    let myping = beside("myping")?;
    let times = (0..51).map(|_| run(&myping)).collect::<Result<Vec<f64>, String>>()?;
    let took = median(&sorted(times.into_iter()));
    let memory = memory(&myping, &ARGS)?;
    let row = |what: &str, ours: String, bar: &str, reached: bool| Row {
        what: what.into(),
        ours,
        peer: String::new(),
        ratio: String::new(),
        bar: bar.into(),
        reached: Some(reached),
    };
    Ok(vec![
        row("time", format!("{:.1} ms", took * 1e3), "< 50 ms", took < 0.05),
        row("memory", format!("{:.1} MiB", memory / 1024.0), "< 32 MiB", memory < 32.0 * 1024.0),
    ])
}

/// A program that was built beside this one.
pub(crate) fn beside(name: &str) -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = here.with_file_name(name);
    if program.exists() { Ok(program) } else { Err(format!("{name} is not built: `just release` builds the tools")) }
}

/// Runs a tool; the answer is how long it took, in seconds.
#[expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a whole process is what is measured")]
fn run(program: &Path) -> Result<f64, String> {
    let mut command = std::process::Command::new(program);
    let start = std::time::Instant::now();
    let output = command.env_clear().args(ARGS).output().map_err(|error| error.to_string())?;
    let took = start.elapsed();
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("3 packets transmitted, 3 received") {
        Ok(took.as_secs_f64())
    } else {
        Err(format!("it did not ping: {text}"))
    }
}

/// How much memory a run takes at the most, in KiB.
///
/// The system keeps the most that *any* child of a process had, and `cargo run` leaves us the compiler's. So a process of its
/// own starts the tool: this program again, which ends in [`tell_memory`].
#[expect(clippy::disallowed_types, reason = "a whole process is what is measured")]
pub(crate) fn memory(program: &Path, args: &[&str]) -> Result<f64, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = std::process::Command::new(here);
    let output = command.arg(MEMORY_OF).arg(program).args(args).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| format!("no amount of memory: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// The argument with which this program does [`tell_memory`].
pub(crate) const MEMORY_OF: &str = "--memory-of";

/// Runs `program` once, its output thrown away, and prints how much memory it had at the most, in KiB.
#[expect(clippy::disallowed_types, reason = "a whole process is what is measured")]
pub(crate) fn tell_memory(program: &Path, args: &[String]) -> Result<(), String> {
    let mut command = std::process::Command::new(program);
    let status = command.env_clear().args(args).stdout(Stdio::null()).status().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("{} ended with {status}", program.display()));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    println!("{}", usage.max_rss());
    Ok(())
}
