//! The simulated network: links, switches, routers and hosts in virtual time.
//!
//! A [`Net`] is read from a topology file, a [`World`] is that network at work, and a [`host::Guest`] is a program's view of one
//! node in it:
//!
//! ```
//! use host::{Host, Packets};
//! use sim::{Net, World};
//! use std::{cell::RefCell, net::IpAddr, rc::Rc, time::Duration};
//!
//! let net = Net::load("routers")?;
//! let world = Rc::new(RefCell::new(World::new(&net, 1)));
//! let mut client = sim::guest(&world, "client").expect("a node of this network");
//!
//! let server: IpAddr = client.resolve("server")?[0];
//! let mut socket = client.open_ping(&[])?;
//! socket.send(Some((server, 0).into()), &wire::icmp::echo_request(0, 1, b"first hop"))?;
//! let reply = socket.recv(client.now() + Duration::from_secs(1))?.expect("a reply within a second");
//!
//! assert_eq!(reply.ttl, Some(96)); // it left with 100, and four routers took one each
//! assert_eq!(client.now(), host::Time::START + Duration::from_millis(72));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! There is no thread, clock or I/O in it but the files it is told to capture to, and nothing random but what the seed gives:
//! the same commands have the same result, byte for byte. Nodes learn of each other only by the bytes that come off a link.
//!
//! To read: `topology` (the file), `world` and `event` (what happens, and in which order), `cable`, `hub` and `switch` (what is between nodes), `faults` (what
//! goes wrong), `ip` (what a node is).

mod account;
mod cable;
mod capture;
mod event;
mod faults;
mod hub;
mod ip;
mod prefix;
mod program;
mod random;
mod switch;
mod topology;
mod trace;
mod world;

pub use program::{Driver, driver, guest, spawn, spawn_with};
pub use topology::{Cable, Kind, Map, MapLink, MapNode, Medium, Net, NetError, Place};
pub use world::{Fate, Hand, World};
