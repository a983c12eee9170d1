//! A network address translator, written to be read.
//!
//! A packet, the side it came from and the time go in; a [`Verdict`] comes out, and the packet is changed in place:
//! addresses, ports and every checksum that covers them. There is no socket here, no clock and no thread: the simulated
//! network, a test and a program between two interfaces drive the same [`Nat`] by the same call.
//!
//! ```
//! use host::Time;
//! use nat::{Config, Nat, Side, Verdict};
//! use std::net::{IpAddr, Ipv4Addr};
//! use wire::ipv4::{self, Ipv4};
//! use wire::udp::Udp;
//!
//! let public = Ipv4Addr::new(203, 0, 113, 7);
//! let mut nat = Nat::new(Config { first_port: Some(7777), ..Config::new(public) })?;
//!
//! let (inside, server) = (Ipv4Addr::new(192, 168, 1, 2), Ipv4Addr::new(198, 51, 100, 1));
//! let datagram = Udp::new(8892, 8080).datagram(IpAddr::V4(inside), IpAddr::V4(server), b"hello");
//! let mut packet = Ipv4::new(inside, server, ipv4::UDP).packet(&datagram);
//! assert_eq!(nat.translate(&mut packet, Side::Inside, Time::START), Verdict::Pass);
//!
//! let (header, _, datagram, _) = Ipv4::parse(&packet)?;
//! let (udp, payload, _) = Udp::parse(datagram)?;
//! assert_eq!((header.source, udp.source_port), (public, 7777));
//! assert!(Ipv4::is_intact(&packet) && udp.is_intact(public.into(), server.into(), payload));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way through
//!
//! 1. `translate.rs` is the heart: what happens to a packet from inside, and to one from outside.
//! 2. `table/` holds what must be remembered: a *mapping* says which outside address and port stand for an inside one,
//!    a *session* which peer it talks to, in which state and until when. `ports.rs` chooses a port, `wheel.rs` ends what
//!    has been quiet for too long, `index.rs` finds all of it in one step.
//! 3. `rewrite.rs` changes bytes and mends checksums; `packet.rs` finds the fields.
//! 4. Three special cases have a file each: `errors.rs` (ICMP errors, whose quote must be changed too), `fragments.rs`
//!    (only the first fragment has ports), `state.rs` (when a TCP connection is over).
//! 5. `ahead.rs` is for speed alone: who has many packets at hand has their places in the table read at the same time.
//! 6. [`Config`] has the choices, and [`Change`] tells who watches what becomes of the table.
//!
//! # What it obeys
//!
//! RFC 3022 (what a NAT is), RFC 4787 (UDP), RFC 5382 (TCP), RFC 5508 (ICMP), RFC 7857 (what was learnt since), RFC 1624
//! (checksums). No packet takes a slow path: each step looks in a table of fixed size, whatever the load.
//!
//! # What it leaves out
//!
//! IPv6; protocols other than TCP, UDP and ICMP; changing what programs write about their own addresses (application
//! level gateways, which RFC 4787 section 7 wants off); the time to live and the size of packets, which are the
//! router's work around it. The identification of whole packets stays as it is, though RFC 7857 section 10 says SHOULD:
//! RFC 5508 section 4.2, REQ-4, wants a quoted packet as it was when it left, and for that each identification had to be
//! remembered. Only that of fragments is replaced, where two hosts' could be mixed up.

mod ahead;
mod change;
mod config;
mod errors;
mod fragments;
mod index;
mod packet;
mod ports;
mod rewrite;
mod slab;
mod state;
mod table;
mod translate;
mod verdict;
mod wheel;

pub use change::{Change, Ending, Entry, What};
pub use config::{Behaviour, Config, ConfigError, Forward, Limits, Protocol, Static, Timers};
pub use state::State;
pub use translate::Nat;
pub use verdict::{Reason, Side, Verdict};
