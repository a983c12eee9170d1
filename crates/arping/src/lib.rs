//! arping: ask a link which station has an IPv4 address, and time the answers.
//!
//! ARP (RFC 826) is how a host finds the station behind an address before it can send the first frame. This tool asks the same
//! question by hand, so one sees who answers, how fast, and whether more than one does.
//!
//! To read: [`rules`] (what a packet means, pure), then a mode:
//!
//! | mode | called as | does |
//! |---|---|---|
//! | [`ask`] | `arping TARGET` | asks for one address, probes for it (`-D`) or announces it (`-A`, `-U`) |
//! | [`sweep`] | `arping 10.0.0.0/24` | asks for all addresses of a prefix |
//! | [`watch`] | `arping --watch` | sends nothing, and tells who is where and whose station changes |
//!
//! Leaves out: RARP, ARP for other protocols than IPv4, the defence of an address (RFC 5227 section 2.4: the host's work).

pub mod ask;
mod explain;
mod flags;
mod interfaces;
pub mod prefix;
pub mod rules;
#[cfg(test)]
mod scripted;
pub mod sweep;
pub mod watch;
pub mod words;

pub use flags::Arping;

use cli::{Failure, Output, Session, Show, Tool, Verdict, World};
use explain::Explained;
use flags::Plan;
use serde::Serialize;

impl Tool for Arping {
    const NAME: &'static str = "arping";

    fn world(&self) -> &World {
        &self.world
    }

    fn show(&self) -> &Show {
        &self.show
    }

    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure> {
        let plan = self.plan(session)?;
        let Session { host, out, .. } = session;
        let yes = match plan {
            Plan::Ask { plan, count_is_usual } => {
                let mut text = ask::text::Text::new(self.quiet, plan.place.ours);
                let mut drawn = Explained::new(plan.place.asker.mac, false);
                let summary = ask::engine::run(*host, &plan, &mut |event| {
                    if let ask::events::Event::Frame(frame) = event {
                        return drawn.show(out, frame);
                    }
                    let wanted = !self.quiet || matches!(event, ask::events::Event::Summary(_));
                    shown(out, event, wanted, |out| text.show(out, event))
                })?;
                if out.explains() && summary.verdict == ask::events::Answer::Silent && summary.sent > 0 {
                    out.verdict(Self::NAME, &explain::silence(*host, &summary))?;
                }
                if count_is_usual && summary.ended == ask::events::Ended::Count {
                    out.note(cli::PROBES_NOTE);
                }
                summary.verdict.is_yes()
            }
            Plan::Sweep(plan) => {
                let mut drawn = Explained::new(plan.place.mac, true);
                let summary = sweep::engine::run(*host, &plan, &mut |event| {
                    if let sweep::events::Event::Frame(frame) = event {
                        return drawn.show(out, frame);
                    }
                    let wanted = !self.quiet || matches!(event, sweep::events::Event::Summary(_));
                    shown(out, event, wanted, |out| sweep::text::show(out, self.quiet, event))
                })?;
                summary.received > 0
            }
            Plan::Watch(plan) => {
                let mut drawn = Explained::new(plan.place.mac, false);
                let text = watch::text::Text::new(self.quiet, plan.place.own.clone());
                let summary = watch::engine::run(*host, &plan, &mut |event| {
                    if let watch::events::Event::Frame(frame) = event {
                        return drawn.show(out, frame);
                    }
                    let wanted = !self.quiet || matches!(event, watch::events::Event::Summary(_));
                    shown(out, event, wanted, |out| text.show(out, event))
                })?;
                summary.moves == 0 && summary.conflicts == 0
            }
        };
        Ok(if yes { Verdict::Yes } else { Verdict::No })
    }
}

/// Shows an event: with `--json` as one line if it is `wanted`, else as `text` has it.
fn shown(
    out: &mut Output,
    event: &impl Serialize,
    wanted: bool,
    text: impl FnOnce(&mut Output) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match (out.is_json(), wanted) {
        (true, true) => out.json(event),
        (true, false) => Ok(()),
        (false, _) => text(out),
    }
}
