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

use crate::check::Part;
use crate::lab::Lab;

/// What a check of a lab does; `None`: there is no such check here.
pub(crate) fn parts(lab: &Lab, check: &str) -> Option<Vec<Part>> {
    match lab.entry.name {
        "arping" => arping::parts(check),
        "checksum" => checksum::parts(check),
        "mini-dig" => mini_dig::parts(check),
        "myping" => myping::parts(check),
        "mytraceroute" => mytraceroute::parts(check),
        "nagle" => nagle::parts(check),
        "nat-box" => nat_box::parts(check),
        "peel" => peel::parts(check),
        "pool" => pool::parts(check),
        "route" => route::parts(check),
        "subnet" => subnet::parts(check),
        "tcp-segments" => tcp_segments::parts(check),
        "tcp-states" => tcp_states::parts(check),
        "tls-records" => tls_records::parts(check),
        "udp-demux" => udp_demux::parts(check),
        _ => None,
    }
}
