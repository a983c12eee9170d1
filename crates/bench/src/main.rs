//! `just bench`: measures this workspace against its peers, prints the tables and writes them to `docs/bench.md`.
//!
//! `just bench GROUP…` runs these groups only, and writes nothing: the file is all groups of one run on one machine.
//!
//! A group is a function that gives rows ([`table::Group`]); what all of them measure with is in [`pair`].

mod dissect;
mod live;
mod names;
mod nat_live;
mod pair;
mod peel;
mod place;
mod reassembly;
mod sim;
mod sockets;
mod sweep;
mod table;
mod tcp;
mod tls;
mod tools;
mod trace;
mod wire;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use table::Group;

/// All groups, in the order of the file.
const GROUPS: &[Group] = &[
    wire::PACKETS,
    wire::CHECKSUM,
    dissect::DISSECT,
    reassembly::REASSEMBLY,
    sim::SIM,
    tcp::TCP,
    tools::TOOLS,
    live::LIVE,
    sockets::SOCKETS,
    names::NAMES,
    nat_live::NAT_LIVE,
    tls::TLS,
    sweep::SWEEP,
    trace::TRACE,
    peel::PEEL,
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match run(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(wanted: &[String]) -> Result<(), String> {
    if let [argument, program, args @ ..] = wanted
        && argument == tools::MEMORY_OF
    {
        return tools::tell_memory(Path::new(program), args);
    }
    if let [argument] = wanted
        && argument == reassembly::FLOOD_MEMORY
    {
        return reassembly::tell_flood_memory();
    }
    if let [argument] = wanted
        && argument == tcp::IDLE_CONNECTIONS
    {
        return tcp::hold_connections();
    }
    if let [argument, args @ ..] = wanted
        && let Some(done) = sockets::part(argument, args).or_else(|| tls::part(argument, args))
    {
        return done;
    }
    if let [argument, args @ ..] = wanted
        && let Some(done) = nat_live::part(argument, args)
    {
        return done;
    }
    if let Some(unknown) = wanted.iter().find(|name| GROUPS.iter().all(|group| group.name != *name)) {
        let known: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
        return Err(format!("no group named '{unknown}'; the groups are {}", known.join(", ")));
    }
    let mut document = table::head();
    let (mut bars, mut reached) = (0, 0);
    for group in GROUPS.iter().filter(|group| wanted.is_empty() || wanted.iter().any(|name| group.name == name)) {
        let rows = (group.rows)()?;
        bars += rows.iter().filter(|row| row.reached.is_some()).count();
        reached += rows.iter().filter(|row| row.reached == Some(true)).count();
        let section = table::section(group, &rows);
        // A closed pipe is no reason not to write the file.
        let _ = std::io::stdout().write_all(section.as_bytes());
        document += &section;
    }
    println!("{reached} of {bars} bars reached");
    if wanted.is_empty() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bench.md");
        std::fs::write(&file, document).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    Ok(())
}
