//! All addresses of a prefix asked for: who is on this link?
//!
//! Requests leave in small bursts, who stays silent is asked once more, and there is one wait for all of them, not one for each.
//!
//! To read: [`schedule`] (when requests leave, and when to stop listening; pure), [`census`] (who has which address; pure),
//! [`place`] (over which interface, and which addresses), [`engine`] (the loop), [`events`] (what it tells) and [`text`] (how
//! that reads).
//!
//! Obeys RFC 826; RFC 5227 section 2.1.1 where it asks for an address of its own.

pub mod census;
pub mod engine;
pub mod events;
pub mod place;
pub mod schedule;
pub mod text;
