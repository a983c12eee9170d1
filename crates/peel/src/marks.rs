//! What is worth a mark: packets that were lost, and those with something wrong.

use crate::capture::Record;
use wire::dissect::{Kind, Problem};

/// Whether the packet never arrived: the simulated network, which knows it, notes it so in captures of a link.
pub(crate) fn is_lost(record: &Record<'_>) -> bool {
    record.packet.comment.as_ref().is_some_and(|comment| comment.starts_with("lost") || comment.starts_with("dropped"))
}

/// Whether a problem is one of the packet. That a capture keeps only the beginning of packets, or has them before the network
/// card has filled in their checksums, is none.
pub(crate) fn matters(problem: &Problem) -> bool {
    !matches!(problem.kind, Kind::Truncated { .. } | Kind::ChecksumLeftToTheCard { .. })
}
