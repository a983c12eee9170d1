//! Rows, and how they are written down.

use crate::pair::Ratio;
use std::fmt::Write;

/// Rows that belong together.
pub(crate) struct Group {
    /// What it is asked for by, at the command line.
    pub(crate) name: &'static str,
    /// The heading.
    pub(crate) title: &'static str,
    /// What is measured, and what is equal on both sides.
    pub(crate) about: &'static str,
    /// Measures.
    pub(crate) rows: fn() -> Result<Vec<Row>, String>,
}

/// One thing that was measured.
pub(crate) struct Row {
    /// What it is, as in "UDP, 64 B, parse".
    pub(crate) what: String,
    /// Our figure with its unit.
    pub(crate) ours: String,
    /// The peer and its figure.
    pub(crate) peer: String,
    /// Ours by theirs: median, least and most.
    pub(crate) ratio: String,
    /// What was promised, or nothing.
    pub(crate) bar: String,
    /// Whether the promise was kept, if there was one.
    pub(crate) reached: Option<bool>,
}

/// A median with its range: `0.98 (0.95–1.10)`.
pub(crate) fn range(ratio: Ratio) -> String {
    format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.least, ratio.most)
}

/// What stands above all tables.
pub(crate) fn head() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let lock = include_str!("../../../Cargo.lock");
    let peers: Vec<String> = ["smoltcp", "etherparse", "pnet_packet", "tokio"]
        .iter()
        .map(|name| format!("{name} {}", version(lock, name)))
        .collect();
    format!(
        "# Measurements\n\n\
         Written by `just bench`, never by hand. A row without its bar reached is marked ✗.\n\n\
         Each row times two ways to do the same work in batches that alternate, ours and then theirs, and takes the ratio within\n\
         each pair, because whatever else the machine does slows both. The table has the median of the ratios with the least and\n\
         the most of them, and the medians of the times. Both results are compared before the clock starts.\n\n\
         This run: {}, {threads} threads, {} {}; {}.\n\n",
        processor(),
        std::env::consts::OS,
        std::env::consts::ARCH,
        peers.join(", "),
    )
}

/// A group as a section of Markdown.
pub(crate) fn section(group: &Group, rows: &[Row]) -> String {
    let mut text = format!("## {}\n\n{}\n\n", group.title, group.about);
    text += "| what | ours | peer | ratio | bar | |\n| --- | ---: | ---: | ---: | ---: | --- |\n";
    for Row { what, ours, peer, ratio, bar, reached } in rows {
        let mark = reached.map_or("", |reached| if reached { "✓" } else { "✗" });
        let _ = writeln!(text, "| {what} | {ours} | {peer} | {ratio} | {bar} | {mark} |");
    }
    text + "\n"
}

/// What the system calls its processor.
fn processor() -> String {
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or("an unnamed processor", |(_, name)| name).trim().to_string()
}

/// The version of a crate in a lock file.
fn version<'a>(lock: &'a str, name: &str) -> &'a str {
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{name}\"")).skip(1);
    lines.next().and_then(|line| line.strip_prefix("version = ")).map_or("?", |version| version.trim_matches('"'))
}
