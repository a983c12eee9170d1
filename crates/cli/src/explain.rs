//! `--explain`: packets drawn with every byte at its place and what it means below it, and texts about what they show.
//!
//! ```text
//! → echo request 1 to 198.51.100.7                                 at 0.000 ms
//!
//!   ICMP  8 bytes, then 16 of data
//!     0 │ 08 00 a6 3b 1f 40 00 01
//!       │ ┬─ ┬─ ┬──── ┬──── ┬────
//!       │ │  │  │     │     ╰ sequence 1: which probe
//! ```
//!
//! A tool gives the bytes that it sent or received, as far as it has them ([`Packet`]), and gets a [`Picture`]. A packet that answers
//! another, or comes again, is drawn as a difference ([`Against`]): what changed is the lesson.
//!
//! The order to read in: `gutter` (bytes, marks, stems; knows nothing of packets), `cells` (fields to marks), `section` (a layer),
//! `changes` and `arithmetic` (two packets compared), `picture` (the whole).

mod arithmetic;
mod cells;
mod changes;
mod distance;
mod errors;
mod gutter;
mod packet;
mod pen;
mod picture;
mod section;
pub mod silence;
pub(crate) mod topics;

pub use cells::{Say, Told};
pub use distance::{arrived, way_back};
pub use errors::{error_title, error_topic};
pub use packet::{Packet, Part};
pub use pen::{Pen, WIDTH};
pub use picture::{Against, Layers, Picture, Remark};
pub use topics::{Hints, Topic};
