//! One end of a TCP connection, written to be read.
//!
//! Segments and time go in, segments and the time of the next wake-up come out. There is no socket here, no clock, no
//! thread and no address: the simulated network, a test and a learner's program drive the same [`Connection`] by the
//! same few calls.
//!
//! ```
//! use host::Time;
//! use tcp::{Config, Connection, Heard, Received, Seq};
//!
//! let now = Time::START;
//! let mut client = Connection::connect(now, Config::default(), Seq(1000));
//! let syn = client.poll(now).unwrap();
//! assert_eq!(syn.to_string(), "SYN 1000 win 65535 <mss 1460, wscale 2>");
//!
//! let Heard::Connection(mut server) = tcp::hear(now, &Config::default(), &syn, Seq(5000)) else { panic!() };
//! client.send(b"hello")?;
//! loop {
//!     let (to_client, to_server) = (server.poll(now), client.poll(now));
//!     to_client.iter().for_each(|segment| client.arrive(now, segment));
//!     to_server.iter().for_each(|segment| server.arrive(now, segment));
//!     if to_client.is_none() && to_server.is_none() {
//!         break;
//!     }
//! }
//! let mut bytes = [0; 100];
//! assert_eq!(server.receive(&mut bytes)?, Received::Bytes(5));
//! # Ok::<(), tcp::Error>(())
//! ```
//!
//! # The way through
//!
//! 1. [`State`] has the eleven states and a picture of them, [`CHANGES`] what leads from one to another.
//! 2. `arrival.rs` is RFC 9293 section 3.10.7, SEGMENT ARRIVES: the heart of the protocol, step by step in the RFC's
//!    order. Its fifth step, the acknowledgment, is `acknowledgment.rs`; the state LISTEN is `listen.rs`.
//! 3. `calls.rs` is what a program asks for, `timeout.rs` what time does, `transmit.rs` what leaves.
//! 4. `connection.rs` holds the transmission control block. Its two large parts are drawn in `send.rs` and
//!    `receive.rs`.
//! 5. Each rule has a file of its own, and needs none of the others to be understood:
//!
//! | file | question |
//! |---|---|
//! | `seq.rs` | which of two sequence numbers comes first? |
//! | `window.rs` | is it worth while to send this, to open the window by that? |
//! | `nagle.rs` | must a small segment wait? |
//! | `delayed_ack.rs` | when does an acknowledgment leave? |
//! | `retransmission.rs` | how long is too long without one? |
//! | `congestion.rs` | how much may be in the network? |
//! | `challenge.rs` | how often is nonsense answered? |
//! | `timestamps.rs` | which clock is echoed, which segment is too old? |
//! | `options.rs`, `segment.rs` | what did they say, and how does it look on the wire? |
//!
//! 6. [`Connection::info`] shows everything, and [`Connection::held`] says of each byte that has not left [why](Rule).
//!
//! # What it obeys
//!
//! RFC 9293 (TCP), RFC 6298 (retransmission timer), RFC 5681, RFC 6582, RFC 6928 and RFC 3042 (congestion control), RFC
//! 7323 (window scale, timestamps), RFC 5961 (strangers' resets). Where Linux goes its own way, [`Config::default`]
//! follows Linux and says so; [`Config::by_the_rfcs`] does not.
//!
//! # What it leaves out
//!
//! Selective acknowledgment (RFC 2018), ECN (RFC 3168), CUBIC (RFC 9438), Fast Open (RFC 7413): where each will go is
//! said in the files named `options`, `segment`, `congestion` and `listen`. Urgent data. Text in a first SYN is not
//! taken, and comes again. R1 of RFC 9293 section 3.8.3, the advice to IP to look for another gateway.

mod acknowledgment;
mod arrival;
mod calls;
mod challenge;
mod changes;
mod config;
mod congestion;
mod connection;
mod delayed_ack;
mod info;
mod listen;
mod nagle;
mod options;
mod receive;
mod retransmission;
mod segment;
mod send;
mod seq;
mod state;
mod timeout;
mod timestamps;
mod transmit;
mod why;
mod window;

pub use arrival::closed;
pub use calls::{Error, Received};
pub use changes::{CHANGES, Cause, Change};
pub use config::{Config, Keepalive};
pub use congestion::Phase;
pub use connection::Connection;
pub use delayed_ack::LONGEST_ACK_DELAY;
pub use host::{Departure, Held, Nagle, Rule};
pub use info::TcpInfo;
pub use listen::{Heard, hear};
pub use options::{Options, Timestamps};
pub use segment::Segment;
pub use seq::Seq;
pub use state::State;
pub use timeout::CORK_CEILING;
