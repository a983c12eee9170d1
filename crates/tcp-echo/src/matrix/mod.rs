//! `tcp-echo matrix`: every rule for small segments against every manner of acknowledging, corked and not, for some
//! patterns.
//!
//! Each cell is a network of its own in which requests are sent: [`cell`] runs it, and says in a sentence what the host
//! told of the second request. Nothing is known beforehand. With `--live`, `here` runs it on this machine too, and `lessons` says
//! where the two differ.

mod beside;
pub mod cell;
mod here;
mod json;
mod lessons;
mod text;

use crate::flags::Matrix;
use crate::lists::Writes;
use crate::manners::QuickAck;
use cell::{Cell, Setting};
use cli::{Failure, Output, Session, Verdict, World};
use here::Pair;
use host::Nagle;

/// The network that is run for each cell.
const NET: &str = "transport";
/// Of how many requests of a cell the median is told, on this machine.
const REQUESTS: u32 = 10;

/// Runs `tcp-echo matrix`.
pub(crate) fn run(flags: &Matrix, world: &World, out: &mut Output) -> Result<Verdict, Failure> {
    if flags.count.is_some() {
        return Err(Failure::said("-c is for --live: the model does the same each time")
            .hint("a cell of the model has three requests, of which the first two are told"));
    }
    let (net, seed) = world.own_network(NET)?;
    for (index, Writes(writes)) in patterns(flags).iter().enumerate() {
        let settings = settings(writes, flags, &[QuickAck::Usual, QuickAck::Off, QuickAck::Always]);
        let cells = settings.map(|setting| cell::run(&net, seed, setting)).collect::<Result<Vec<_>, _>>()?;
        if out.is_json() {
            cells.iter().try_for_each(|cell| out.json(&json::line(cell)))?;
            continue;
        }
        if index == 0 {
            let trip = cells.first().map(|cell| cell.trip).unwrap_or_default();
            text::head(trip, flags.ack_delay).iter().try_for_each(|line| out.line(line))?;
        }
        text::table(&cells).iter().try_for_each(|line| out.line(line))?;
    }
    Ok(Verdict::Yes)
}

/// Runs `tcp-echo matrix --live`.
pub(crate) fn run_live(flags: &Matrix, world: &World, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let count = flags.count.unwrap_or(REQUESTS);
    let (mut net, seed) = world.own_network(NET)?;
    // The loopback has no delay either.
    net.set("link.delay=0 ms")?;
    let mut pairs = vec![];
    for (index, Writes(writes)) in patterns(flags).iter().enumerate() {
        let settings = settings(writes, flags, &[QuickAck::Usual, QuickAck::Off, QuickAck::Once, QuickAck::Always]);
        let run = |setting: Setting| here::pair(&net, seed, session.host, setting, count);
        let of_pattern = settings.map(run).collect::<Result<Vec<_>, _>>()?;
        if session.out.is_json() {
            of_pattern.iter().try_for_each(|pair| session.out.json(&json::pair(pair)))?;
        } else {
            if index == 0 {
                text::head_live(&of_pattern, count, flags.ack_delay)
                    .iter()
                    .try_for_each(|line| session.out.line(line))?;
            }
            text::table_live(&of_pattern).iter().try_for_each(|line| session.out.line(line))?;
        }
        pairs.extend(of_pattern);
    }
    let lessons = lessons::of(&pairs);
    match session.out.is_json() {
        true => lessons.iter().try_for_each(|lesson| session.out.json(&json::lesson(lesson)))?,
        false => {
            session.out.line("\nwhat this shows")?;
            lessons.iter().try_for_each(|lesson| session.out.line(&format!("- {lesson}")))?;
        }
    }
    let witnesses = pairs.iter().filter_map(Pair::here).filter_map(|cell| cell.request.seen_by.as_ref());
    let notes: Vec<String> = witnesses.filter_map(crate::words::witness).collect();
    notes.iter().for_each(|note| session.out.note(note));
    Ok(Verdict::Yes)
}

/// The patterns of writes that are wanted.
fn patterns(flags: &Matrix) -> Vec<Writes> {
    match flags.writes.is_empty() {
        true => [vec![4, 4], vec![500, 960], vec![5000]].map(Writes).to_vec(),
        false => flags.writes.clone(),
    }
}

/// All cells of a pattern.
fn settings<'a>(
    writes: &'a [usize],
    flags: &'a Matrix,
    quick_acks: &'a [QuickAck],
) -> impl Iterator<Item = Setting> + 'a {
    let nagles = [Nagle::Off, Nagle::Rfc896, Nagle::Minshall];
    nagles.into_iter().flat_map(move |nagle| {
        [false, true].into_iter().flat_map(move |cork| {
            quick_acks.iter().map(move |quick_ack| Setting {
                writes: writes.to_vec(),
                nagle,
                cork,
                quick_ack: *quick_ack,
                ack_delay: flags.ack_delay,
            })
        })
    })
}

/// How a rule is called on the command line.
fn nagle(rule: Nagle) -> &'static str {
    match rule {
        Nagle::Off => "off",
        Nagle::Rfc896 => "rfc",
        Nagle::Minshall => "minshall",
    }
}

/// How a manner of acknowledging is called there; `usual` is what needs no option.
fn quick_ack(how: QuickAck) -> &'static str {
    match how {
        QuickAck::Usual => "usual",
        QuickAck::Off => "off",
        QuickAck::Once => "once",
        QuickAck::Always => "always",
    }
}

impl Cell {
    /// What became of the second request, in a sentence.
    fn sentence(&self) -> String {
        if self.request.stories.is_none() {
            return "not known: what left when, and why".into();
        }
        let then = match self.longest_held() {
            None => {
                let segments = self.request.segments - self.request.resent;
                let word = if segments == 1 { "segment" } else { "segments" };
                format!("all leaves at once, in {segments} {word}")
            }
            Some((bytes, rule, time)) => {
                let held = format!("{bytes} bytes wait {} ms, held by {rule}", cli::milliseconds(time));
                match time.checked_sub(self.trip) {
                    Some(delay) if rule == host::Rule::Nagle && delay.is_zero() => {
                        format!("{held}: a round trip, till the ACK")
                    }
                    Some(delay) if rule == host::Rule::Nagle => {
                        format!("{held}: a round trip, and {} ms the echo delays its ACK", cli::milliseconds(delay))
                    }
                    _ => held,
                }
            }
        };
        let resent = match self.request.resent {
            0 => String::new(),
            resent => format!("; {resent} sent again, so long was the ACK in coming"),
        };
        let quick = if self.begins_quickly() { "; the 1st ACKs were quick" } else { "" };
        format!("{then}{resent}{quick}")
    }
}
