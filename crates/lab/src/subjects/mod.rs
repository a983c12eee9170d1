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
        // Its questions are all there are: what could be drawn, everybody has seen.
        "tcp-states" => tcp_states::parts(check),
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
