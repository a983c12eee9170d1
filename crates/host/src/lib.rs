//! What a program may ask of the machine it runs on.
//!
//! A tool of this course is written against [`Host`] and never learns in which world it runs: the simulated network, a host
//! lent by a checker, or the machine you sit at. This crate holds the traits, their types, and [`Guest`], the one implementation
//! for every world that is not the real machine. It does no I/O, except that a program whose host is lent to it ([`lent`]) finds
//! the line to it at its standard input.
//!
//! ```
//! use host::{Host, Result, Time};
//! use std::net::IpAddr;
//! use std::time::Duration;
//!
//! /// How long until the first ICMP message arrives, and at most a second.
//! fn first_answer(host: &mut dyn Host, to: IpAddr, request: &[u8]) -> Result<Option<Duration>> {
//!     let mut socket = host.open_ping(&[])?;
//!     let sent = host.now();
//!     socket.send(Some((to, 0).into()), request)?;
//!     Ok(socket.recv(sent + Duration::from_secs(1))?.map(|packet| packet.at - sent))
//! }
//! ```
//!
//! Three manners hold in all worlds:
//!
//! - **Time moves only while a program waits.** [`Host::now`] costs nothing; `recv`, `wait` and `sleep` take the time at which
//!   they give up. That this time came is an answer (`None`), not an error.
//! - **One program, one thread, one order.** Neither a host nor its sockets are `Send`.
//! - **What a world cannot do is [`Error::Unsupported`]**, never silence.

mod account;
mod call;
mod error;
mod frames;
mod guest;
pub mod lab;
pub mod lent;
mod lockstep;
mod seed;
mod socket;
mod time;
mod traits;

pub use account::{Account, Departure, Held, Rule, Seen, Step};
pub use call::{Call, Carrier, Reply};
pub use error::{Error, Result, Text, unsupported};
pub use frames::{Cable, Frame, Frames};
pub use guest::Guest;
pub use lockstep::{Lockstep, Program, lockstep};
pub use seed::Seed;
pub use socket::{IcmpError, Interest, Nagle, Opt, Packet, SocketId, TcpInfo, TcpSocket};
pub use time::Time;
pub use traits::{Another, Host, Interface, Listener, Neighbour, Packets, Route, Socket, Stream};
pub use wire::Mac;
