//! The two algorithms of the name system: what a name server answers from its zones, and how a resolver finds who to
//! ask.
//!
//! Obeys RFC 1034 section 4.3.2 (servers) and section 5.3.3 (resolvers), RFC 1035 section 5 (master files), RFC 2181,
//! RFC 2308 (negative answers), RFC 4592 (wildcards). What messages are made of is `wire::dns`.
//!
//! ```
//! use names::{Server, Zone};
//! use wire::dns::{Message, Question, Type};
//!
//! let zone = Zone::parse(
//!     "$ORIGIN example.com.\n\
//!      $TTL 300\n\
//!      @    SOA ns1 hostmaster 1 7200 3600 1209600 60\n\
//!      @    NS  ns1\n\
//!      ns1  A   203.0.113.2\n\
//!      shop CNAME www\n\
//!      www  A   203.0.113.10\n",
//! )?;
//! let server = Server::new(vec![zone]);
//! let query = Message::query(1, false, Question::new("shop.example.com".parse()?, Type::A));
//! let answer = server.answer(&query);
//! assert!(answer.header.aa);
//! assert_eq!(answer.answers[0].to_string(), "shop.example.com.\t300\tIN\tCNAME\twww.example.com.");
//! assert_eq!(answer.answers[1].to_string(), "www.example.com.\t300\tIN\tA\t203.0.113.10");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! There is no I/O in it: bytes and messages go in, bytes and decisions come out. The order to read in: [`Zone`],
//! `master.rs` (how its file is read), [`Server`], [`Walk`], [`Cache`].
//!
//! Leaves out: to transfer and to update zones, and to sign them.

mod cache;
mod master;
mod server;
mod walk;
mod zone;

pub use cache::{Cache, Delegation, Found};
pub use master::MasterError;
pub use server::Server;
pub use walk::{Ask, Hint, Judged, Next, Origin, Outcome, Unusable, Walk};
pub use zone::Zone;
