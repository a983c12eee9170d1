//! `tcp-echo serve` on real kernels: who reaches it, who gets which connection, and how many it holds.
//!
//! Apart from `live`, where times are measured: these leave the machine little time for anything else.

#![allow(clippy::indexing_slicing, reason = "a test ends at its first surprise")]

mod clients;
#[path = "../live/ends.rs"]
mod ends;

use clients::{FLOWS, MANY, NEVER_READS, SAME_PORTS, THREE, TWO};
use ends::{exits, has, interrupt, ours, pair, python, serve};
use needs::{Ended, Failed, Net, Running, Test, test};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// 10,000 open connections take less than this, KiB.
const MOST_MEMORY: u64 = 64 * 1024;

fn main() -> ExitCode {
    let tests: Vec<Test> = vec![
        test("loopback_is_reached_from_its_host_only_and_all_addresses_from_next_door", reach),
        test("two_programs_have_the_same_port_at_two_addresses", two_addresses),
        test("four_sockets_share_2000_flows_evenly", four_sockets),
        test("four_threads_share_2000_flows_evenly", four_threads),
        test("same_pair_goes_to_the_same_worker_until_one_joins_and_again_when_it_has_left", joined),
        test("end_of_a_run_is_fin_to_who_was_accepted_and_rst_to_who_waits", end_of_the_run),
        test("who_comes_when_it_is_full_waits_until_one_has_gone", full),
        test("ten_thousand_connections_take_less_than_64_mib", ten_thousand),
        test("twenty_thousand_connects_leave_no_descriptor", descriptors),
        test("who_never_reads_takes_no_memory_and_holds_up_nobody", never_reads),
        test("connection_that_is_silent_is_closed_with_fin", idle),
    ];
    needs::live(&["python3"]).run(tests)
}

/// How a request of `node` to this address fares: 0 echoed, 1 not.
fn asks(net: &Net, node: &str, address: &str, code: i32) -> Result<(), Failed> {
    exits(&net.at(node, ours(&format!("send -q -c 1 {address}"))).run()?, code)
}

fn reach() -> Result<(), Failed> {
    let net = pair()?;
    for (bind, says, from_itself, from_a) in [
        ("127.0.0.1", "TCP ECHO at 127.0.0.1:7, for programs of this host only", 0, 1),
        ("10.77.1.2", "TCP ECHO at 10.77.1.2:7, for whoever reaches that address", 1, 0),
        ("0.0.0.0", "TCP ECHO at port 7 of all addresses, for whoever reaches one of them", 0, 0),
    ] {
        let server = serve(&net, &format!("--bind {bind}"))?;
        asks(&net, "b", "127.0.0.1", from_itself)?;
        asks(&net, "a", "10.77.1.2", from_a)?;
        has(&interrupt(server)?.stdout, says)?;
    }
    let nowhere = net.at("b", ours("serve --bind 10.77.1.9")).run()?;
    has(
        &nowhere.stderr,
        "error: 10.77.1.9 is no address of this machine\nhint: this host's addresses are 127.0.0.1, 10.77.1.2;",
    )?;
    exits(&nowhere, 2)
}

fn two_addresses() -> Result<(), Failed> {
    let net = pair()?;
    let _home = serve(&net, "--bind 127.0.0.1")?;
    let _outside = serve(&net, "--bind 10.77.1.2")?;
    for (args, error) in [
        ("", "error: port 7 of this host is in use already\nhint: user 0 listens at "),
        (
            "--bind 127.0.0.1",
            "error: 127.0.0.1:7 is in use already\nhint: user 0 listens at 127.0.0.1:7, and `ss -ltnp 'sport = :7'`",
        ),
        ("--bind 127.0.0.1 --reuseport 1", "; sharing it takes --reuseport at both, by one user"),
    ] {
        let third = net.at("b", ours(&format!("serve {args}"))).run()?;
        has(&third.stderr, error)?;
        exits(&third, 2)?;
    }
    let _third = serve(&net, "--bind 127.0.0.2")?;
    asks(&net, "b", "127.0.0.2", 0)
}

/// How many connections each worker had, by the table at the end.
fn spread(ended: &Ended) -> Vec<u32> {
    let table = ended.stdout.lines().skip_while(|line| !line.starts_with("worker  connections")).skip(1);
    table.map_while(|line| line.split_whitespace().nth(1).filter(|_| line.ends_with('%'))?.parse().ok()).collect()
}

/// 2000 flows over four workers: each has between 18 and 32 per cent of them.
fn even(args: &str) -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, args)?;
    net.at("b", python(FLOWS, &["2000"])).succeed()?;
    let ended = interrupt(server)?;
    let workers = spread(&ended);
    if workers.len() != 4 || workers.iter().sum::<u32>() != 2000 || !workers.iter().all(|one| (360..=640).contains(one))
    {
        return Err(format!("{args}: {workers:?}\n{ended}").into());
    }
    has(&ended.stderr, "note: the kernel chooses by a hash of both addresses and both ports")?;
    exits(&ended, 0)
}

fn four_sockets() -> Result<(), Failed> {
    even("-q --reuseport 4")
}

fn four_threads() -> Result<(), Failed> {
    even("-q --threads 4")
}

/// Which worker of a server each port came to, time after time: `worker 2: connection 9 from 127.0.0.1:20017`.
fn workers_of_ports(ended: &Ended) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in ended.stdout.lines() {
        if let Some((worker, from)) = line.split_once(": connection ")
            && let Some((_, peer)) = from.split_once(" from ")
        {
            all.entry(peer.into()).or_default().push(worker.into());
        }
    }
    all
}

fn joined() -> Result<(), Failed> {
    let net = pair()?;
    let knock = || net.at("b", python(SAME_PORTS, &[])).succeed();
    let two = serve(&net, "--reuseport 2")?;
    knock()?;
    knock()?;
    let third = serve(&net, "--reuseport 1")?;
    knock()?;
    let third = interrupt(third)?;
    knock()?;
    let two = interrupt(two)?;
    let ports = workers_of_ports(&two);
    let is_back =
        |workers: &Vec<String>| workers.len() >= 3 && workers[0] == workers[1] && Some(&workers[0]) == workers.last();
    if ports.len() != 200 || !ports.values().all(is_back) {
        return Err(format!("not the same worker each time: {ports:?}").into());
    }
    // Halves of all hashes become thirds: 1/3 and 1/6 of all stay where they were.
    let stayed =
        ports.values().filter(|workers| workers.len() == 4 && workers.iter().all(|one| *one == workers[0])).count();
    if !(60..=140).contains(&stayed) {
        return Err(format!("{stayed} of 200 stayed with their worker\n{two}{third}").into());
    }
    has(&third.stdout, "; it is shared with whoever joins")
}

fn end_of_the_run() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "--max-connections 1")?;
    let mut client = net.at("b", python(TWO, &[])).start()?;
    client.wait_for("both connected")?;
    let served = interrupt(server)?;
    has(&client.end()?.stdout, "both connected\nFIN\nRST\n")?;
    has(&served.stdout, "\nfull: 1 connection is open, the next ones wait to be accepted (--max-connections)\n")?;
    has(&served.stdout, "\nconnection 1: 1 bytes echoed, closed by this side, whose run is over\n")?;
    exits(&served, 0)
}

fn full() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-q --max-connections 2")?;
    let said = net.at("b", python(THREE, &[])).succeed()?;
    has(&said, "[True, True, False]\nTrue\n")?;
    has(&interrupt(server)?.stdout, "\n3 connections, 3 bytes echoed, ")
}

/// A number of `/proc/PROCESS/status`: `VmHWM` is the most memory that it ever had, KiB.
fn status(server: &Running, name: &str) -> Result<u64, Failed> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process()))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| format!("no {name} in {status}").into())
}

fn open_descriptors(server: &Running) -> Result<usize, Failed> {
    Ok(std::fs::read_dir(format!("/proc/{}/fd", server.process()))?.count())
}

fn ten_thousand() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-q")?;
    let mut client = net.at("b", python(MANY, &["10000"])).start()?;
    client.wait_for("open ")?;
    let (memory, open) = (status(&server, "VmHWM")?, open_descriptors(&server)?);
    client.signal("KILL")?;
    let held: usize = client.end()?.stdout.trim_start_matches("open ").trim().parse()?;
    if memory >= MOST_MEMORY || open < held {
        return Err(format!("{memory} KiB for {held} connections, {open} descriptors").into());
    }
    has(&interrupt(server)?.stdout, &format!("\n{held} connections, {held}000 bytes echoed, "))
}

fn descriptors() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-q")?;
    net.at("b", python(FLOWS, &["10"])).succeed()?;
    let (before, memory) = (open_descriptors(&server)?, status(&server, "VmRSS")?);
    net.at("b", python(FLOWS, &["20000"])).succeed()?;
    asks(&net, "b", "127.0.0.1", 0)?;
    let after = open_descriptors(&server)?;
    let more = status(&server, "VmRSS")?.saturating_sub(memory);
    if after > before || more > 1024 {
        return Err(format!("{before} descriptors before, {after} behind, and {more} KiB more").into());
    }
    has(&interrupt(server)?.stdout, "\n20011 connections, ")
}

fn never_reads() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "--idle-timeout 3")?;
    let mut client = net.at("b", python(NEVER_READS, &[])).start()?;
    client.wait_for("sent ")?;
    let memory = status(&server, "VmHWM")?;
    let client = client.end()?;
    let sent: u64 = client.stdout.lines().find_map(|line| line.strip_prefix("sent ")?.parse().ok()).unwrap_or(0);
    let served = interrupt(server)?;
    has(&served.stdout, " bytes echoed, broken off by this side (RST), idle for too long (--idle-timeout): ")?;
    has(&client.stdout, "\nRST\n")?;
    // What is under way lies in the kernel's buffers, and at most one read of it in the program.
    if sent < 1_000_000 || memory > 16 * 1024 { Err(format!("{memory} KiB: {client}{served}").into()) } else { Ok(()) }
}

fn idle() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "--idle-timeout 1")?;
    let sent = net.at("a", ours("send -i 9 10.77.1.2")).run()?;
    has(&sent.stdout, "10.77.1.2:7 closed its direction (FIN)")?;
    has(
        &interrupt(server)?.stdout,
        "connection 1: 56 bytes echoed, closed by this side, idle for too long (--idle-timeout)\n",
    )
}
