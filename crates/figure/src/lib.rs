//! Pictures of packets.

mod canvas;
mod caption;
mod captured;
mod grid;
mod hexdump;
mod ladder;
mod metrics;
mod palette;
mod refusal;
mod style;

pub use caption::Caption;
pub use captured::{Captured, Way};
pub use grid::grid;
pub use hexdump::hexdump;
pub use ladder::{Ladder, Party};
pub use refusal::Refusal;
