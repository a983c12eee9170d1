//! Lab 15: write the bodies of ten functions. `cargo lab check 15` says how far you are, `cargo lab hint 15` helps.
//!
//! Add functions as you like. The first three are about what a new connection costs, the others about what a pool decides; the
//! two halves need nothing of each other.

use host::lab::{Lab, LabError};
use std::time::Duration;

/// How many segments a new connection may have under way (RFC 6928).
const INITIAL_WINDOW: u64 = 10;

/// How many round trips an answer of so many bytes takes, from the request to the last byte; and the congestion window of the
/// server behind it. `mss` is how much a segment carries, `cwnd` how many segments may be under way at first.
///
/// The server sends as many segments as the window allows, and the others when those are acknowledged, which is a round trip
/// later. A round that fills the window doubles it: each of its acknowledgments adds a segment, and nothing is lost. A round that
/// does not fill it shows nothing, and leaves it as it is. No answer is without a round trip, not even one of no bytes.
pub fn round_trips(bytes: u64, mss: u64, cwnd: u64) -> Lab<(u64, u64)> {
    Err(LabError::NotYet)
}

/// The congestion window of a connection on which nothing was sent for this time; `rto` is its retransmission timeout.
pub fn restart(cwnd: u64, idle: Duration, rto: Duration) -> Lab<u64> {
    Err(LabError::NotYet)
}

/// A request, and how long after the answer to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    pub idle: Duration,
    /// How long its answer is.
    pub bytes: u64,
}

/// Where a request's connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Each request opens one, and it is closed after the answer.
    PerRequest,
    /// It is opened when a request needs it, and kept.
    Lazy,
    /// It is opened before the first request, and kept; when it is closed, the next one is opened at once.
    Eager,
}

/// What is the same for all requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    pub mss: u64,
    pub rto: Duration,
    /// A kept connection that was idle for as long is closed.
    pub timeout: Duration,
}

/// How many round trips each of these requests takes, one after the other. A handshake takes one, and the request follows its
/// last segment without waiting.
pub fn cost(policy: Policy, path: Path, requests: &[Request]) -> Lab<Vec<u64>> {
    Err(LabError::NotYet)
}

/// What an answer says about its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    /// Whether it was read to its end.
    pub complete: bool,
    /// Whether it is of HTTP/1.1, and not of HTTP/1.0.
    pub http_1_1: bool,
    /// The option in its field Connection.
    pub option: Persistence,
    /// What came behind it.
    pub heard: Heard,
}

/// An option in the field Connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Neither of the two.
    Unsaid,
    KeepAlive,
    Close,
}

/// What came from the server on a connection on which nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Nothing,
    /// A FIN: it will send no more. It may still take what you send, or so TCP says.
    Fin,
    Reset,
    /// Bytes that nobody asked for.
    Data,
}

/// Whether the connection can serve another request.
pub fn healthy(returned: &Returned) -> Lab<bool> {
    Err(LabError::NotYet)
}

/// How long a connection may be idle in the pool, so that no request meets a server that has just closed it.
///
/// `own` is what the pool would like. `server` is how long the server waits for a request, if that is known. It counts from when
/// it sent the answer, which is half a round trip before the answer was here, until the request is there.
pub fn idle_limit(own: Duration, server: Option<Duration>, round_trip: Duration) -> Lab<Duration> {
    Err(LabError::NotYet)
}

/// A connection in the pool that nobody uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// Since when.
    pub since: Duration,
    /// What came meanwhile.
    pub heard: Heard,
}

/// A pool of connections to one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// In no order.
    pub idle: Vec<Idle>,
    /// How many are in use.
    pub busy: usize,
    /// How many requests wait for a connection.
    pub waiting: usize,
    /// How many there should be at least, in use or not, before anybody asks. A lazy pool has 0 here.
    pub min: usize,
    /// How many there may be.
    pub max: usize,
    /// After how much time idle no connection is used any more: see `idle_limit`.
    pub limit: Duration,
}

/// What a request gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The idle connection with this index.
    Reuse(usize),
    /// A new connection.
    Open,
    /// None for now.
    Wait,
}

/// What a request gets at this time: of the idle connections that can be used, the one that was used last; else a new one, if there
/// may be one more. Those that cannot be used are as good as closed, and do not count.
pub fn take(pool: &Pool, now: Duration) -> Lab<Take> {
    Err(LabError::NotYet)
}

/// What becomes of a connection whose answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// It is idle from now on.
    Keep,
    /// The request that has been waiting longest has it.
    HandOver,
    /// It is closed.
    Close,
    /// It is closed, and another is opened for the request that has been waiting longest.
    Replace,
}

/// What becomes of one of the connections in use. `pool` is as it was before.
pub fn give_back(pool: &Pool, returned: &Returned) -> Lab<Back> {
    Err(LabError::NotYet)
}

/// Which idle connections are to be closed at this time, by their indices: those that cannot be used any more.
pub fn expire(pool: &Pool, now: Duration) -> Lab<Vec<usize>> {
    Err(LabError::NotYet)
}

/// How many connections are to be opened at this time, before anybody asks for them.
pub fn open_ahead(pool: &Pool, now: Duration) -> Lab<usize> {
    Err(LabError::NotYet)
}

/// A request that failed before any of its answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed<'a> {
    /// Its method: `GET`, `POST`, whatever a program says.
    pub method: &'a str,
    /// Whether any byte of it was handed to the connection.
    pub sent: bool,
    /// How it failed. `Nothing`: nobody answered for a long time.
    pub heard: Heard,
    /// Whether it had been sent again already, without anybody having asked for that.
    pub again: bool,
}

/// Whether to send it again by itself, on another connection. A method is one of the eight of RFC 9110 section 9.3, or of RFC 5789
/// (`PATCH`), or one that you know nothing about.
pub fn retry(failed: &Failed<'_>) -> Lab<bool> {
    Err(LabError::NotYet)
}
