//! The engine, held to what its users would notice: conversations written down, numbers that must be exact, bytes that
//! must be right whatever the link does, and segments that nobody should send.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops where something is not as it must be"
)]

mod card;
mod changes;
mod dice;
mod ends;
mod hostile;
mod link;
mod pair;
mod script;
mod scripts;
mod transfers;
mod waits;
