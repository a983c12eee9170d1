//! The tests: which part is played with which seed, and what must have come of it.

use crate::part::{PATIENCE, Part, READY, Side, Transfer};
use crate::{engine, opponent};
use needs::{Ended, Net, Program, Test, test};
use std::process::ExitCode;

/// So many seeds for each side that calls.
const SEEDS: u64 = 6;

/// `TCP_TIME_WAIT` of Linux's `tcp_states.h`, as `/proc/net/tcp` has it.
const TIME_WAIT: &str = "06";

pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [side, part, seed] = arguments.as_slice()
        && let Some(play) = [("--engine", engine::play as fn(Part, u64)), ("--kernel", opponent::play)]
            .iter()
            .find_map(|(name, play)| (name == side).then_some(play))
    {
        play(Part::named(part), seed.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let transfers = (1..=SEEDS).flat_map(|seed| {
        [
            ("bytes_arrive_from_and_at_a_kernel_that_waits", Part::EngineCalls, seed),
            ("bytes_arrive_from_and_at_a_kernel_that_calls", Part::KernelCalls, seed + SEEDS),
        ]
        .map(|(promise, part, seed)| trial(&format!("{promise}_with_seed_{seed}"), part, seed))
    });
    let resets = [
        ("closed_port_of_the_kernel_refuses", Part::KernelRefuses),
        ("closed_port_of_the_engine_refuses_the_kernel", Part::EngineRefuses),
        ("reset_of_the_kernel_ends_the_connection", Part::KernelBreaksOff),
        ("reset_of_the_engine_ends_the_kernels_connection", Part::EngineBreaksOff),
    ]
    .map(|(promise, part)| trial(promise, part, 1));
    needs::live(&["ethtool", "cat"]).run(transfers.chain(resets))
}

fn trial(name: &str, part: Part, seed: u64) -> Test {
    test(name, move || check(part, seed).map_err(|error| format!("{part} with seed {seed}: {error}").into()))
}

fn check(part: Part, seed: u64) -> Result<(), String> {
    let net = Net::row(&["a", "b"]).build()?;
    let [engine, kernel] = play(&net, part, seed)?;
    if part.is_transfer() {
        let transfer = Transfer::draw(seed);
        says(&engine, &format!("{} bytes right", transfer.from_kernel))?;
        says(&kernel, &format!("{} bytes right", transfer.from_engine))?;
        println!("{part} with seed {seed}: {}", engine.stdout.lines().last().unwrap_or_default());
    }
    // Whoever closed first is in TIME-WAIT now, and the other one's connection is gone.
    let states = states(&net)?;
    let waits = match Transfer::draw(seed).closes_last {
        _ if !part.is_transfer() => Some(false),
        Some(side) => Some(side == Side::Engine),
        None => None, // both have closed, or one was quicker
    };
    let is_right = states.iter().all(|state| state == TIME_WAIT)
        && waits.is_none_or(|waits| states.len() == usize::from(waits))
        && states.len() <= 1;
    if is_right { Ok(()) } else { Err(format!("the kernel's connections are in {states:?}\n{engine}")) }
}

/// Lets both sides play, the one that waits first, and gives what they said.
fn play(net: &Net, part: Part, seed: u64) -> Result<[Ended; 2], String> {
    let program = |node: &str, side: &str| -> Result<Program, String> {
        let this = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
        // Each process has its own end of patience, and can say more of why.
        let program = Program::new(this).args([side, &part.to_string(), &seed.to_string()]).limit(PATIENCE * 2);
        Ok(net.at(node, program))
    };
    let (engine, kernel) = (program("a", "--engine")?, program("b", "--kernel")?);
    let ended = if part == Part::KernelRefuses {
        [engine.run()?, Ended::default()]
    } else if part.engine_calls() {
        let mut waiting = kernel.start()?;
        waiting.wait_for(READY)?;
        let engine = engine.run()?;
        [engine, ended(waiting.end())]
    } else {
        let mut waiting = engine.start()?;
        waiting.wait_for(READY)?;
        let kernel = kernel.start()?;
        [ended(waiting.end()), ended(kernel.end())]
    };
    match ended.iter().find(|ended| ended.code != 0) {
        Some(_) => Err(format!("the engine's end: {}the kernel's end: {}", ended[0], ended[1])),
        None => Ok(ended),
    }
}

/// How it ended: also in not ending, so that what the other one says is told beside it.
fn ended(ended: Result<Ended, String>) -> Ended {
    ended.unwrap_or_else(|stderr| Ended { code: 1, stderr, ..Ended::default() })
}

fn says(ended: &Ended, text: &str) -> Result<(), String> {
    if ended.stdout.contains(text) { Ok(()) } else { Err(format!("no word of '{text}': {ended}")) }
}

/// The states of the kernel's connections, from `/proc/net/tcp`: the fourth column below its heading.
fn states(net: &Net) -> Result<Vec<String>, String> {
    let table = net.at("b", Program::new("cat").words("/proc/net/tcp")).succeed()?;
    Ok(table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(3)).map(Into::into).collect())
}
