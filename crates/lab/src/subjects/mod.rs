//! What each lab is asked, and what should come out: a file a lab.
//!
//! All of it is made in this process; nothing of it is in the learner's folder or program. Borders are built, not drawn: each
//! wrong solution has an input that is made against it, for random ones find some of them once in a hundred thousand.

mod arping;
mod checksum;
mod draw;
mod lines;
mod mini_dig;
mod myping;
mod mytraceroute;
mod nagle;
mod nat_box;
mod peel;
mod pool;
mod route;
mod subnet;
mod tcp_segments;
mod tcp_states;
mod tls_records;
mod udp_demux;

pub(crate) use draw::{Draw, SEED};

use crate::check::Part;
use crate::check::case::Case;
use crate::lab::Lab;

/// What a check of a lab does, with questions that are drawn by `seed`; `None`: there is no such check here.
pub(crate) fn parts(lab: &Lab, check: &str, seed: u64) -> Option<Vec<Part>> {
    match lab.entry.name {
        "arping" => arping::parts(check, seed),
        "checksum" => checksum::parts(check, seed),
        "mini-dig" => mini_dig::parts(check, seed),
        "myping" => myping::parts(check, seed),
        "mytraceroute" => mytraceroute::parts(check, seed),
        "nagle" => nagle::parts(check, seed),
        "nat-box" => nat_box::parts(check, seed),
        "peel" => peel::parts(check, seed),
        "pool" => pool::parts(check, seed),
        "route" => route::parts(check, seed),
        "subnet" => subnet::parts(check, seed),
        "tcp-segments" => tcp_segments::parts(check, seed),
        "tcp-states" => tcp_states::parts(check, seed),
        "tls-records" => tls_records::parts(check, seed),
        "udp-demux" => udp_demux::parts(check, seed),
        _ => None,
    }
}

/// How cases of a check are made that are like none that everybody sees.
pub(crate) fn made(lab: &Lab, check: &str) -> &'static [fn(&mut Draw) -> Case] {
    match lab.entry.name {
        "mytraceroute" => mytraceroute::made(check),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::Checkout;
    use std::collections::BTreeSet;

    #[test]
    fn table_of_the_visible_answers_is_not_enough_for_any_check() {
        let labs = Checkout::at(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).labs().unwrap();
        let (mut checks, mut enough) = (0, vec![]);
        for lab in &labs {
            for check in &lab.about.checks {
                let asked = |seed| {
                    let mut asked = BTreeSet::new();
                    for part in parts(lab, &check.name, seed).unwrap() {
                        if let Part::Asks(asks) = part {
                            asked.extend(asks.iter().map(|ask| format!("{} {:?}", ask.function, ask.arguments)));
                        }
                    }
                    asked
                };
                let seen = asked(SEED);
                checks += usize::from(!seen.is_empty());
                let is_enough = [2, 3].into_iter().any(|seed| asked(seed).difference(&seen).count() < 3);
                if is_enough && !seen.is_empty() {
                    enough.push(format!("{} of lab {}", check.name, lab.number()));
                }
            }
        }
        assert!(enough.is_empty() && checks > 80, "{enough:?} of {checks}");
    }
}
