//! Bytes arrive, all of them, in order, and no others: over links that lose, double and overtake, between this engine
//! and itself, and between it and smoltcp, which nobody here wrote.

use crate::dice::{Dice, Faults};
use crate::ends::{Ours, Program, Smoltcp};
use crate::link::{End, Run, talk};
use host::Nagle;
use tcp::{Config, Seq};

/// How many bytes the client sends in one run; the server sends half of it, or nothing.
const BYTES: u64 = 750_000;
const SEEDS: u64 = 50;

/// Settings and a link that differ from seed to seed.
fn draw(dice: &mut Dice) -> (Config, Faults) {
    let config = Config {
        mss: [1460, 1460, 536, 300][dice.below(4) as usize],
        window_scale: dice.happens(700),
        timestamps: dice.happens(500),
        receive_buffer: [4000, 16_000, 65_535, 400_000][dice.below(4) as usize],
        send_buffer: [3000, 65_535, 400_000][dice.below(3) as usize],
        nagle: [Nagle::Off, Nagle::Rfc896, Nagle::Minshall][dice.below(3) as usize],
        quick_acks: dice.below(17) as u32,
        ..Config::default()
    };
    let faults = Faults { lost: dice.below(60), doubled: dice.below(50), late: dice.below(100) };
    (config, faults)
}

fn iss(dice: &mut Dice) -> Seq {
    // Some connections go round the end of the sequence numbers.
    if dice.happens(300) { Seq(u32::MAX - dice.below(100_000) as u32) } else { Seq(dice.next() as u32) }
}

fn programs(dice: &mut Dice) -> [Program; 2] {
    let bytes = [BYTES, if dice.happens(200) { 0 } else { BYTES / 2 }];
    let slow = [dice.happens(200), dice.happens(200)];
    [0, 1].map(|side| Program::new(side, bytes[side], bytes[1 - side], slow[side], dice))
}

fn against_itself(seed: u64) -> Run {
    let mut dice = Dice::new(seed);
    let (config, faults) = draw(&mut dice);
    let (other_config, _) = draw(&mut dice);
    let [client, server] = programs(&mut dice);
    let mut client = Ours::new(config, iss(&mut dice), client);
    let mut server = Ours::new(other_config, iss(&mut dice), server);
    talk(&mut [&mut client, &mut server], faults, &mut dice)
}

/// `calls`: this engine is the client.
fn against_smoltcp(seed: u64, calls: bool) -> Run {
    let mut dice = Dice::new(seed);
    let (config, faults) = draw(&mut dice);
    let (buffer, timestamps) = ([8000, 65_535, 200_000][dice.below(3) as usize], dice.happens(500));
    let [client, server] = programs(&mut dice);
    let (ours, other) = if calls { (client, server) } else { (server, client) };
    let mut ours = Ours::new(config, iss(&mut dice), ours);
    let mut other = Smoltcp::new(other, buffer, timestamps);
    let mut ends: [&mut dyn End; 2] = [&mut ours, &mut other];
    if !calls {
        ends.swap(0, 1);
    }
    talk(&mut ends, faults, &mut dice)
}

/// Runs every seed, or only the one that the environment names as `SEED`, and names the one that fails.
fn every_seed(name: &str, run: impl Fn(u64) -> Run) {
    let only: Option<u64> = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let mut bytes = 0;
    for seed in (1..=SEEDS).filter(|seed| only.is_none_or(|only| only == *seed)) {
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(seed)));
        let Ok(Run { time, packets, bytes: arrived }) = run else { panic!("{name} with SEED={seed}") };
        bytes += arrived;
        if only.is_some() {
            println!("{name} {seed}: {arrived} bytes in {packets} packets and {} virtual ms", time.0 / 1_000_000);
        }
    }
    // Both ways of calling smoltcp together: 100 MB.
    assert!(only.is_some() || bytes >= 50_000_000, "only {bytes} bytes");
}

#[test]
fn bytes_arrive_between_two_of_ours_over_a_bad_link() {
    every_seed("against itself", against_itself);
}

#[test]
fn bytes_arrive_from_and_at_smoltcp_that_waits() {
    every_seed("calling smoltcp", |seed| against_smoltcp(seed, true));
}

#[test]
fn bytes_arrive_from_and_at_smoltcp_that_calls() {
    every_seed("called by smoltcp", |seed| against_smoltcp(seed, false));
}
