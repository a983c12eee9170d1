//! `mini-dig poison`: what it takes to have a lie believed by a resolver whose questions one does not see. For simulated
//! networks only.
//!
//! Obeys, from the other side, RFC 5452 section 4 to section 9. The way is that of 2008: who asks the resolver for names
//! that nobody has asked for makes it ask, as often as one likes, and each time there is a race between the true answer and
//! the forged ones.
//!
//! The order to read in: [`odds`], [`habits`] (pure functions), `liar` (its packets), this file (many races, and a table).

pub mod habits;
mod liar;
pub mod odds;
mod table;

use cli::{Failure, Session, Verdict, escape, nearest};
use liar::Liar;
use odds::Space;
use std::time::Duration;
use table::Row;
use wire::dns::Name;

/// The word that begins it.
pub(crate) const WORD: &str = "poison";

/// What is tried.
struct Plan {
    /// Names of nodes, or addresses.
    resolvers: Vec<String>,
    races: u32,
    guesses: u32,
    /// The zone that is lied about.
    zone: Name,
    /// That of the liar.
    own: Name,
}

/// How the races with one resolver went.
struct Outcome {
    space: Space,
    is_counted: bool,
    won: u32,
    /// A name about which it was fooled.
    example: Option<Name>,
    /// How long a race took.
    race: Duration,
}

/// Races each of the resolvers that the words name.
pub(crate) fn run(words: &[String], session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let plan = Plan::of(words)?;
    if session.probes.is_none() {
        return Err(Failure::said("poison lies to resolvers of a simulated network, and to no others")
            .hint("add `--net names-poisoned`, which has resolvers for it"));
    }
    if session.out.explains() {
        return Err(Failure::said("a table of many races has no single packets to explain")
            .hint("--pcap FILE records them, and `peel` shows them"));
    }
    let mut liar = Liar::new(session.host, &plan.zone, &plan.own)?;
    let mut rows = vec![];
    for resolver in &plan.resolvers {
        let address = cli::ipv4_of(session.host, resolver)?;
        let outcome = liar.races(session.host, address, &plan)?;
        rows.push(Row { resolver: escape(resolver), address, outcome });
    }
    table::show(&plan, liar.address(), &rows, &mut session.out)?;
    Ok(if rows.iter().any(|row| row.outcome.won > 0) { Verdict::Yes } else { Verdict::No })
}

impl Plan {
    fn of(words: &[String]) -> Result<Self, Failure> {
        let mut plan = Self {
            resolvers: vec![],
            races: 200,
            guesses: 64,
            zone: crate::words::name_of("example.com")?,
            own: crate::words::name_of("liar.org")?,
        };
        for word in words {
            match word.strip_prefix('+') {
                None => plan.resolvers.push(word.trim_start_matches('@').to_string()),
                Some(flag) => plan.take(flag)?,
            }
        }
        if plan.resolvers.is_empty() {
            return Err(Failure::said("poison needs a resolver to lie to")
                .hint("in `--net names-poisoned` there are counts, fixed8, fixed, random8, cased8 and resolver"));
        }
        Ok(plan)
    }

    /// `races=1000`, `guesses=64`, `zone=example.com`, `own=liar.org`.
    fn take(&mut self, flag: &str) -> Result<(), Failure> {
        let (word, value) = flag.split_once('=').unwrap_or((flag, ""));
        let number = |most: u32| {
            let number = value.parse().ok().filter(|number| (1..=most).contains(number));
            let said = format!("+{word} takes a whole number from 1 to {most}, and '{}' is none", escape(value));
            number.ok_or_else(|| Failure::said(said))
        };
        match word {
            "races" => self.races = number(100_000)?,
            "guesses" => self.guesses = number(10_000)?,
            "zone" => self.zone = crate::words::name_of(value)?,
            "own" => self.own = crate::words::name_of(value)?,
            other => {
                let hint = match nearest(other, ["races", "guesses", "zone", "own"].into_iter()) {
                    Some(near) => format!("did you mean '+{near}'?"),
                    None => "poison takes +races=N, +guesses=N, +zone=NAME and +own=NAME".into(),
                };
                return Err(Failure::said(format!("unknown flag '+{}' of poison", escape(flag))).hint(hint));
            }
        }
        Ok(())
    }
}
