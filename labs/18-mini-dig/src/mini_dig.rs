//! Lab 18: write the bodies of these functions. `cargo lab check 18` says how far you are, `cargo lab hint 18` helps.
//!
//! What comes from the network may be anything. Take bytes with `get`, which answers `None` beyond the end, and not with
//! `[…]`, which panics there.

use host::lab::{Lab, LabError};
use std::net::{Ipv4Addr, SocketAddrV4};

/// A name: its labels from the left, without dots. The root has none.
pub type Name = Vec<Vec<u8>>;

/// The bytes of `text` as they stand in a message without compression. `text` is `www.example.com`, with a dot at its end or
/// not; `.` is the root. There is nothing to escape in it.
///
/// Malformed is: an empty label, a label of more than 63 bytes, a name of more than 255 bytes in the message.
pub fn encode_name(text: &str) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// A whole query: the header, and one question of class IN (1). Nothing is set in it but RD, if recursion is desired.
pub fn encode_query(id: u16, recursion_desired: bool, name: &str, qtype: u16) -> Lab<Vec<u8>> {
    Err(LabError::NotYet)
}

/// What the first twelve bytes of a message say. AD, CD and Z are left out.
pub struct Header {
    pub id: u16,
    /// QR.
    pub response: bool,
    pub opcode: u8,
    /// AA.
    pub authoritative: bool,
    /// TC.
    pub truncated: bool,
    /// RD.
    pub recursion_desired: bool,
    /// RA.
    pub recursion_available: bool,
    pub rcode: u8,
    /// QDCOUNT.
    pub questions: u16,
    /// ANCOUNT.
    pub answers: u16,
    /// NSCOUNT.
    pub authorities: u16,
    /// ARCOUNT.
    pub additionals: u16,
}

/// The header of a message. Malformed is what is too short for one.
pub fn header(message: &[u8]) -> Lab<Header> {
    Err(LabError::NotYet)
}

/// The name that stands at byte `at` of a message, its letters in the case they came in; and where what follows it begins.
///
/// Malformed is: a name that is cut short, a length that begins with bits 01 or 10, a pointer that does not lead to before
/// the labels that it ends, a name of more than 255 bytes (as it would be without compression).
pub fn read_name(message: &[u8], at: usize) -> Lab<(Name, usize)> {
    Err(LabError::NotYet)
}

/// A resource record. Its class is IN, and you need not look at it.
pub struct Record {
    pub name: Name,
    pub ttl: u32,
    pub data: Data,
}

/// What a record says.
pub enum Data {
    /// Type 1.
    A(Ipv4Addr),
    /// Type 2: the name of a server that has authority for a zone.
    Ns(Name),
    /// Type 5: the name for which this one is an alias.
    Cname(Name),
    /// Type 6: two names and five numbers, of which the last is of use here.
    Soa { minimum: u32 },
    /// Any other type, with its RDATA as it came.
    Other(u16, Vec<u8>),
}

impl Data {
    /// The number of its type. This one is written.
    pub fn rtype(&self) -> u16 {
        match self {
            Data::A(_) => 1,
            Data::Ns(_) => 2,
            Data::Cname(_) => 5,
            Data::Soa { .. } => 6,
            Data::Other(rtype, _) => *rtype,
        }
    }
}

/// The record that stands at byte `at` of a message, and where what follows it begins.
///
/// Malformed is: a record that is cut short, and RDATA of a known type that does not end where RDLENGTH says.
pub fn read_record(message: &[u8], at: usize) -> Lab<(Record, usize)> {
    Err(LabError::NotYet)
}

/// Whether `name` is `zone` or below it. Letters of ASCII are the same in either case.
pub fn is_within(name: &Name, zone: &Name) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// Whether `answer`, which came from `from`, answers `query`, which was sent to `to`. What cannot be read answers nothing.
pub fn is_mine(query: &[u8], to: SocketAddrV4, answer: &[u8], from: SocketAddrV4) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// An answer that was read, as far as it says what became of the question.
pub struct Response {
    /// The name that was asked for.
    pub name: Name,
    /// The type that was asked for.
    pub qtype: u16,
    /// TC.
    pub truncated: bool,
    pub rcode: u8,
    pub answers: Vec<Record>,
    pub authorities: Vec<Record>,
}

/// What an answer comes to.
pub enum Verdict {
    /// There is a record of the type that was asked for: at the name itself, or at the end of its aliases.
    Answer,
    /// The name is an alias; ask for this one.
    Follow(Name),
    /// Others know more: the servers of this zone.
    Referral { zone: Name, servers: Vec<Name> },
    /// There is no such name.
    NoName,
    /// The name is there, but has no record of that type.
    NoData,
    /// A referral that leads nowhere: not down from the zone of this server towards the name.
    Lame,
    /// Not all of it is here: ask again over TCP.
    Truncated,
    /// The server cannot or will not: its RCODE.
    Failed(u8),
}

/// What became of a question that was put to a server of `zone`.
///
/// What the server says of names that are not within `zone` does not count, as if it were not there. Aliases that go in a
/// circle are Malformed.
pub fn classify(response: &Response, zone: &Name) -> Lab<Verdict> {
    Err(LabError::NotYet)
}

/// Whom to ask next.
pub enum Next {
    /// A server, at this address.
    Ask(Ipv4Addr),
    /// The address of this server has to be found first.
    Find(Name),
    /// Nobody.
    Nobody,
}

/// Whom to ask after a server of `zone` has referred to the `servers` of `to`, with these records in the additional section.
///
/// The first of the servers whose address is there; if there is none, the first one whose address can be found. An address
/// does not count if its name is not within `zone`; and what is within `to` cannot be found without a server of `to`.
pub fn next(zone: &Name, to: &Name, servers: &[Name], additionals: &[Record]) -> Lab<Next> {
    Err(LabError::NotYet)
}

/// For how many seconds one may remember that there is no `name`, or no such record of it, from the authority section of the
/// answer that said so; `None`: not at all.
///
/// A time to live whose first bit is set counts as zero.
pub fn negative_ttl(name: &Name, authorities: &[Record]) -> Lab<Option<u32>> {
    Err(LabError::NotYet)
}
