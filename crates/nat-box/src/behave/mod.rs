//! `nat-box behave`: how the NAT on the way to a server behaves, by asking that server what it sees.
//!
//! RFC 5780 section 4 has the questions, and RFC 4787 what the answers should be. Two of them need a second address
//! inside, which RFC 5780 does not have: a NAT that gives each host what it asks for while it is alone may do something
//! else when two ask for the same.

mod prober;
mod timer;

use crate::flags::Behave;
use crate::json::Line;
use cli::{Failure, Output, Session, Verdict};
use prober::Prober;
use std::time::Duration;

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was asked.
    pub question: &'static str,
    /// What is so.
    pub finding: String,
    /// Which requirement of RFC 4787 section 12 is about it, and what it asks for.
    pub requirement: Option<&'static str>,
    /// Whether it is met; `None`: it is not known, or there is none.
    pub met: Option<bool>,
    /// How it was asked.
    pub how: &'static str,
}

/// How long timers are looked for in a simulated network, where waiting costs nothing.
const LONGEST_TIMER: Duration = Duration::from_secs(900);

/// Runs `nat-box behave`.
pub(crate) fn run(flags: &Behave, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let is_simulated = session.probes.is_some();
    let longest = flags.timer.or(is_simulated.then_some(LONGEST_TIMER));
    let out = &mut session.out;
    let (mut prober, seen) = Prober::new(session.host, flags)?;
    if !out.is_json() {
        out.line(&format!("{:25}  {:60}  RFC 4787 asks for", "behaviour", "found"))?;
    }
    let mut findings = vec![];
    let mut say = |out: &mut Output, finding: Finding| {
        show(out, &finding)?;
        findings.push(finding);
        Ok::<(), Failure>(())
    };
    say(out, seen)?;
    say(out, prober.mapping()?)?;
    say(out, prober.port()?)?;
    for finding in prober.collision()? {
        say(out, finding)?;
    }
    say(out, prober.filtering()?)?;
    say(out, prober.hairpin()?)?;
    say(out, prober.fragments()?)?;
    if let Some(longest) = longest {
        for finding in prober.timers(longest)? {
            say(out, finding)?;
        }
    }
    let count = |met| findings.iter().filter(|finding| finding.met == Some(met)).count();
    let (met, unmet) = (count(true), count(false));
    match out.is_json() {
        true => out.json(&Line::Summary { met, unmet })?,
        false => out.line(&format!("\n{met} requirements met, {unmet} not"))?,
    }
    Ok(if unmet == 0 { Verdict::Yes } else { Verdict::No })
}

fn show(out: &mut Output, finding: &Finding) -> Result<(), Failure> {
    let Finding { question, finding, requirement, met, how } = finding;
    if out.is_json() {
        let (requirement, met) = (*requirement, *met);
        return out.json(&Line::Finding { question, finding: finding.clone(), requirement, met });
    }
    let verdict = match met {
        Some(true) => ", yes",
        Some(false) => ", NO",
        None => "",
    };
    let line = format!("{question:25}  {finding:60}  {}{verdict}", requirement.unwrap_or(""));
    out.line(line.trim_end())?;
    if out.explains() {
        out.line(&format!("    {how}"))?;
    }
    Ok(())
}
