//! `tcp-echo matrix`: every rule for small segments against every manner of acknowledging, corked and not, for some
//! patterns.
//!
//! Each cell is a network of its own in which requests are sent: [`cell`] runs it, and says in a sentence what the host
//! told of the second request. Nothing is known beforehand.

pub mod cell;
mod json;
mod text;

use crate::flags::Matrix;
use crate::lists::Writes;
use crate::manners::QuickAck;
use cell::{Cell, Setting};
use cli::{Failure, Output, Verdict, World};
use host::Nagle;

/// The network that is run for each cell.
const NET: &str = "transport";

/// Runs `tcp-echo matrix`.
pub(crate) fn run(flags: &Matrix, world: &World, out: &mut Output) -> Result<Verdict, Failure> {
    let (net, seed) = world.own_network(NET)?;
    let usual = [vec![4, 4], vec![500, 960], vec![5000]].map(Writes);
    let patterns = if flags.writes.is_empty() { &usual[..] } else { &flags.writes };
    for (index, Writes(writes)) in patterns.iter().enumerate() {
        let cells =
            settings(writes, flags).map(|setting| cell::run(&net, seed, setting)).collect::<Result<Vec<_>, _>>()?;
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

/// All cells of a pattern.
fn settings<'a>(writes: &'a [usize], flags: &'a Matrix) -> impl Iterator<Item = Setting> + 'a {
    let nagles = [Nagle::Off, Nagle::Rfc896, Nagle::Minshall];
    let corks = [false, true];
    let quick_acks = [QuickAck::Usual, QuickAck::Off, QuickAck::Always];
    nagles.into_iter().flat_map(move |nagle| {
        corks.into_iter().flat_map(move |cork| {
            quick_acks.into_iter().map(move |quick_ack| Setting {
                writes: writes.to_vec(),
                nagle,
                cork,
                quick_ack,
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
        let quick = if self.first < self.then { "; the 1st ACKs were quick" } else { "" };
        format!("{then}{resent}{quick}")
    }
}
