//! The Domain Name System: questions, records, and names that point into the message around them.
//!
//! Obeys RFC 1035 section 4 (messages), RFC 2181, RFC 3597 (types that are not known), RFC 6891 (EDNS) and the documents of the types that
//! are cited in their tables.
//!
//! ```text
//! +---------------------+
//! |       Header        |  12 bytes
//! +---------------------+
//! |      Question       |  QDCOUNT entries: a name, a type, a class
//! +---------------------+
//! |       Answer        |  ANCOUNT records
//! +---------------------+
//! |      Authority      |  NSCOUNT records: who would know
//! +---------------------+
//! |     Additional      |  ARCOUNT records: their addresses, EDNS
//! +---------------------+
//! ```
//!
//! ```
//! use wire::dns::{Anatomy, Message, Question, Rdata, Record, Type};
//!
//! let www: wire::dns::Name = "www.example.com".parse()?;
//! let query = Message::query(0x1234, true, Question::new(www.clone(), Type::A));
//! assert_eq!(query.bytes().len(), 33);
//!
//! let mut answer = Message { header: query.header.answer(), ..query.clone() };
//! answer.answers.push(Record::new(www, 300, Rdata::of_address([203, 0, 113, 10].into())));
//! let bytes = answer.sealed().bytes();
//!
//! let (read, behind) = Message::parse(&bytes)?;
//! assert_eq!(read.answers[0].to_string(), "www.example.com.\t300\tIN\tA\t203.0.113.10");
//! assert!(behind.is_empty());
//!
//! // The name of the answer stands in the question, and two bytes point there.
//! let pointer = &Anatomy::of(&bytes).pointers[0];
//! assert_eq!((pointer.at, pointer.to, pointer.name.to_string()), (33, 12, "www.example.com.".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The order to read in: [`Header`], [`Name`], `dns/cursor.rs` (how pointers are followed, and what bounds it), [`Question`], [`Record`],
//! [`Rdata`] with its tables, [`Edns`], `dns/emit.rs` (compression), [`framing`]; [`Anatomy`] tells where each field stands.
//!
//! Leaves out: to read master files, and to check signatures.

mod anatomy;
mod cursor;
mod edns;
mod emit;
pub mod framing;
mod header;
mod message;
mod name;
mod numbers;
mod question;
pub mod rdata;
mod record;
mod tell;

pub use anatomy::{Anatomy, Part, Pointer};
pub use cursor::MOST_POINTERS;
pub use edns::{ClientSubnet, Edns, EdnsOption, EdnsOptions};
pub use header::Header;
pub use message::Message;
pub use name::{Labels, MOST_LABEL, MOST_NAME, Name, NameError, NameRule};
pub use numbers::{Class, Opcode, Rcode, Type, UnknownWord};
pub use question::Question;
pub use rdata::Rdata;
pub use record::Record;

pub(crate) use tell::{name_of, text_of};

/// The port of servers, RFC 1035 section 4.2.
pub const PORT: u16 = 53;
/// The longest answer that every client takes in a datagram, RFC 1035 section 4.2.1, in bytes.
pub const LEAST_PAYLOAD: usize = 512;
