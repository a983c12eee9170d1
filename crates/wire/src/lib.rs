//! Every header of this course, each as one table of fields.
//!
//! A header's module holds a [`header!`] table with a row per field in the order of the RFC's figure. The plain struct, its
//! reading and writing, the bit grid in its docs and the list of fields for whoever wants to show bytes all come from that table.
//!
//! ```
//! use wire::ipv4::{self, Ipv4};
//!
//! let packet = ipv4::example();
//! let (header, _options, payload, _trailer) = Ipv4::parse(&packet)?;
//! assert_eq!(header.ttl, 100);
//! assert_eq!(payload.len(), usize::from(header.total_length) - 20);
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Two rules hold in all modules:
//!
//! - **Parsing never panics, whatever the bytes.** A length that came from the wire is compared with what is there before
//!   anything is cut by it; what does not fit is a [`WireError`] that names header, field and byte.
//! - **A struct holds every field, also those that are wrong.** So parse and emit are inverse to each other, and a wrong value
//!   can be sent on purpose. What *should* stand in the lengths and checksums is said by the `sealed` methods.
//!
//! The order to read in: [`fields`] (the table), [`checksum`], [`ethernet`], [`arp`], [`ipv4`] with [`options`], [`icmp`],
//! [`udp`], [`tcp`] with [`tcp::options`]; [`ipv6`] with [`icmpv6`]; [`dhcp`], [`dns`], [`tls`]. Then what is built on these: [`fragment`] cuts
//! packets and puts them together, [`extensions`] are what a router tells behind an ICMP error, [`dissect`] takes any packet
//! apart for people.

pub mod arp;
pub mod checksum;
pub mod dhcp;
pub mod dissect;
pub mod dns;
mod error;
pub mod ethernet;
pub mod extensions;
pub mod fields;
pub mod fragment;
pub mod icmp;
pub mod icmpv6;
pub mod ipv4;
pub mod ipv6;
pub mod linux_cooked;
pub mod loopback;
mod mac;
pub mod options;
pub mod reader;
pub mod tcp;
mod text;
pub mod tls;
pub mod udp;

pub use error::{Problem, WireError};
pub use mac::{Mac, MacError};
