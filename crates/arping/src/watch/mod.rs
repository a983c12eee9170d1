//! What is said on a link, without a word of our own: who is where, and whose station changes.
//!
//! To read: [`table`] (what a packet says and what a host's table makes of it; pure), [`place`] (on which interface),
//! [`engine`] (the loop), [`events`] (what it tells) and [`text`] (how that reads).
//!
//! Obeys RFC 826, "packet reception"; RFC 5227 sections 1.1 (probe, announcement), 2.1.1 and 2.4 (conflicts).
//!
//! Leaves out: to answer or to defend anything; what this host itself sends; the ageing of table entries.

pub mod engine;
pub mod events;
pub mod place;
pub mod table;
pub mod text;
