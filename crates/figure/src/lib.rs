//! Pictures of packets.

mod canvas;
mod caption;
mod captured;
mod grid;
mod hexdump;
mod ladder;
mod metrics;
mod palette;
mod pieces;
mod plot;
mod refusal;
mod role;
mod room;
mod style;
mod topology;

pub use caption::Caption;
pub use captured::{Captured, Way};
pub use grid::grid;
pub use hexdump::hexdump;
pub use ladder::{Ladder, Party};
pub use pieces::{Stretch, pieces};
pub use plot::{Join, Line, Mark, Plot};
pub use refusal::Refusal;
pub use role::Role;
pub use topology::topology;
