//! What came of the races: a row for each resolver.

use super::odds::races_for_even_chance;
use super::{Outcome, Plan};
use cli::{Failure, Output};
use serde::Serialize;
use std::net::Ipv4Addr;

/// A resolver, and how the races with it went.
pub(super) struct Row {
    /// As it was typed.
    pub(super) resolver: String,
    pub(super) address: Ipv4Addr,
    pub(super) outcome: Outcome,
}

/// The same as `--json` has it.
#[derive(Serialize)]
#[serde(tag = "event", rename = "poison")]
struct Line<'a> {
    resolver: &'a str,
    address: Ipv4Addr,
    ports: u32,
    ids: u32,
    ids_are_counted: bool,
    letters: u32,
    guesses: u32,
    odds: f64,
    races: u32,
    expected: f64,
    won: u32,
    races_for_even_chance: Option<u64>,
    race_ns: u64,
}

pub(super) fn show(plan: &Plan, liar: Ipv4Addr, rows: &[Row], out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return rows.iter().try_for_each(|row| out.json(&line(plan, row)));
    }
    let Plan { races, guesses, zone, .. } = plan;
    let (races_each, guesses_each) = (counted(u64::from(*races), "race"), counted(u64::from(*guesses), "guess"));
    let zone = zone.to_string();
    out.line(&format!(
        "POISON {}: {races_each} with each resolver, {guesses_each} a race, from {liar}, who does not see the questions",
        zone.strip_suffix('.').unwrap_or(&zone)
    ))?;
    out.line("odds of a race: guesses / (ports x ids x 2^letters), RFC 5452 section 7.2")?;
    out.line("")?;
    out.line(
        "resolver   ports     ids  letters     odds of a race   expected   won   even chance after            that is",
    )?;
    for Row { resolver, outcome, .. } in rows {
        let odds = outcome.space.odds(*guesses);
        let ids = if outcome.is_counted { "counted".into() } else { outcome.space.ids.to_string() };
        let even = races_for_even_chance(odds);
        let races_for = even.map_or("-".into(), |even| counted(even, "race"));
        let that_is = even.map_or("-".into(), |even| span(outcome.race.as_secs_f64() * even as f64));
        out.line(&format!(
            "{resolver:<9} {:>6} {ids:>7} {:>8} {:>18} {:>10} {:>5} {races_for:>19} {that_is:>18}",
            outcome.space.ports,
            outcome.space.letters,
            one_in(odds),
            rounded(f64::from(*races) * odds),
            outcome.won,
        ))?;
    }
    let fooled = rows.iter().filter_map(|row| Some((row, row.outcome.example.as_ref()?)));
    for (index, (Row { resolver, .. }, example)) in fooled.enumerate() {
        if index == 0 {
            out.line("")?;
        }
        out.line(&format!("{resolver} tells everybody now that {example} is at {liar}, and keeps it for a day"))?;
    }
    Ok(())
}

fn line<'a>(plan: &Plan, row: &'a Row) -> Line<'a> {
    let Outcome { space, is_counted, won, race, .. } = &row.outcome;
    let odds = space.odds(plan.guesses);
    Line {
        resolver: &row.resolver,
        address: row.address,
        ports: space.ports,
        ids: space.ids,
        ids_are_counted: *is_counted,
        letters: space.letters,
        guesses: plan.guesses,
        odds,
        races: plan.races,
        expected: f64::from(plan.races) * odds,
        won: *won,
        races_for_even_chance: races_for_even_chance(odds),
        race_ns: crate::json::nanos(*race),
    }
}

/// `1 race`, `64 guesses`.
fn counted(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number if what.ends_with('s') => format!("{number} {what}es"),
        number => format!("{number} {what}s"),
    }
}

/// `1 in 1024`, `certain`.
fn one_in(odds: f64) -> String {
    if odds >= 1.0 { "certain".into() } else { format!("1 in {:.0}", 1.0 / odds) }
}

/// A number of races, with as many digits as matter.
fn rounded(number: f64) -> String {
    match number {
        number if number >= 10.0 => format!("{number:.0}"),
        number if number >= 0.01 => format!("{number:.2}"),
        number => format!("{number:.6}"),
    }
}

/// A time in the unit that suits it.
fn span(seconds: f64) -> String {
    let (number, unit) = match seconds {
        seconds if seconds < 120.0 => (seconds, "seconds"),
        seconds if seconds < 7200.0 => (seconds / 60.0, "minutes"),
        seconds if seconds < 172_800.0 => (seconds / 3600.0, "hours"),
        seconds if seconds < 86_400.0 * 730.0 => (seconds / 86_400.0, "days"),
        seconds => (seconds / 86_400.0 / 365.25, "years"),
    };
    if number < 10.0 { format!("{number:.1} {unit}") } else { format!("{number:.0} {unit}") }
}
