//! One address asked for, probed or announced.
//!
//! To read: [`schedule`] (when packets leave), [`place`] (over which interface), [`engine`] (the loop), [`events`] (what it
//! tells) and [`text`] (how that reads).
//!
//! Obeys RFC 826; RFC 5227 sections 2.1.1 (`-D`) and 2.3 (`-U`).

pub mod engine;
pub mod events;
pub mod place;
pub mod schedule;
pub mod text;
