//! Pictures of packets: SVG and HTML that need no script, no font and no other file.
//!
//! Bytes, captures and networks go in, a file's content comes out; there is no I/O and no clock, and the same input gives the same
//! bytes. Nothing here knows where a packet comes from: the book's figures are drawn from runs in the simulated network, `peel` draws
//! from a capture.
//!
//! | | from | shows |
//! |---|---|---|
//! | [`grid()`] | a layer of a [`wire::dissect::Dissection`] | a header in rows of 32 bits, with its values |
//! | [`hexdump()`] | a dissection | bytes and fields, which light up together; HTML |
//! | [`Ladder`] | [`Captured`] packets of all parties, or of one | who sent what to whom, and when it came |
//! | [`layers()`] | a message at several places | what each layer put around it, and what changed on the way |
//! | [`origins()`] | secrets and keys | what comes of what |
//! | [`pieces()`] | packets of each link of a way | what became of one IP packet |
//! | [`pointers()`] | a DNS message | its bytes, and an arrow from each compression pointer to its target |
//! | [`sealed()`] | a record of TLS | how it is opened, and what was in it |
//! | [`states()`] | [`tcp::CHANGES`] | the states of a connection, and what leads from one to another |
//! | [`topology()`] | a [`sim::Map`] | what is where |
//! | [`views()`] | records of TLS | what somebody on the path sees, beside what the ends see |
//! | [`Plot`] and [`Panels`] | numbers | lines over time |
//! | [`course()`] | samples of TCP connections | their windows and round trip times over time |
//! | [`waits()`] | times at which bytes of requests left | what waited, how long, and by which rule |
//!
//! ```
//! use figure::{Caption, grid};
//! use wire::dissect::{LinkType, Protocol, dissect};
//!
//! let packet = wire::ipv4::example();
//! let dissection = dissect(&packet, LinkType::RawIp);
//! let ip = dissection.layer(Protocol::Ipv4).expect("an IPv4 packet");
//! let svg = grid(&Caption::new("first", "The IPv4 header of an echo request"), ip)?;
//! assert!(svg.starts_with("<svg") && svg.contains("192.168.10.3"));
//! # Ok::<(), figure::Refusal>(())
//! ```
//!
//! # Rules of all figures
//!
//! - They are to be inlined into a page, so that they follow its reader's theme; alone they follow the system's. A figure has no blank
//!   line, at which Markdown would end it, and its ids begin with its name.
//! - A picture is 360 units wide and as wide as its page up to 560 px, so that one drawing serves a phone and a desktop. No text is
//!   smaller than 11 units. What has room where is computed from the widths of the book's fonts.
//! - Colour stands for a layer in pictures of bytes and for a role in pictures over time, and says nothing that is not said by a word
//!   or a shape too. A test computes that all of it can be told from what is behind it, in all themes of the book.
//! - A title and a description tell in words what there is to see.
//!
//! The order to read in: [`Caption`], `palette` and `style` (how figures look), `canvas` and `metrics` (what they are drawn with), then
//! a file or a folder for each kind. Why there is no picture of something is a [`Refusal`].

mod canvas;
mod caption;
mod captured;
#[cfg(test)]
mod chance;
mod course;
mod grid;
mod hexdump;
mod ladder;
mod layers;
mod metrics;
mod origins;
#[cfg(test)]
mod overlap;
mod palette;
mod pieces;
mod plot;
mod pointers;
mod refusal;
mod role;
mod room;
mod sealed;
mod states;
mod style;
mod topology;
mod views;
mod waits;

pub use caption::Caption;
pub use captured::{Captured, Way};
pub use course::{Course, Sample, course};
pub use grid::grid;
pub use hexdump::hexdump;
pub use ladder::{Ladder, Party};
pub use layers::{Place, layers};
pub use origins::{Origin, origins};
pub use pieces::{Stretch, pieces};
pub use plot::{Join, Line, Mark, Panel, Panels, Plot};
pub use pointers::pointers;
pub use refusal::Refusal;
pub use role::Role;
pub use sealed::{Sealed, sealed};
pub use states::states;
pub use topology::topology;
pub use views::{View, views};
pub use waits::{Departure, Wait, waits};
