//! A record of all TCP connections, for who wants to see both ends of one, and why a segment left when it did.
//!
//! No program of a host could know this: it sees its own end, through [`host::Stream::info`], and only when it asks.

use crate::World;
use host::Time;
use std::net::SocketAddr;
use tcp::{Departure, Held, TcpInfo};

/// How a connection stood after something had happened to it: a segment, a call, the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpMoment {
    /// When.
    pub at: Time,
    /// At which node.
    pub host: String,
    /// The connection's end there.
    pub own: SocketAddr,
    /// Its other end.
    pub peer: SocketAddr,
    /// All of its state.
    pub info: TcpInfo,
    /// The segments with data that left in this moment, and what had held them.
    pub departures: Vec<Departure>,
    /// The bytes that wait to leave, and what holds them.
    pub held: Vec<Held>,
}

impl World {
    /// Keeps a record of all connections that begin from now on.
    pub fn record_tcp(&mut self) {
        self.tcp_record.get_or_insert_default();
        self.stacks().for_each(|(_, stack)| stack.record_tcp());
    }

    /// What was recorded since this was asked last, in the order in which it happened. The record grows until it is taken.
    #[must_use]
    pub fn take_tcp_record(&mut self) -> Vec<TcpMoment> {
        self.tcp_record.as_mut().map(std::mem::take).unwrap_or_default()
    }
}
