//! What a connection pool decides: which connection a request gets, which are kept, and which have been idle for too
//! long.
//!
//! Here are no sockets and no clock: connections are numbers, and the time is an argument. Whoever runs the pool opens
//! and closes what it says, and tells it what became of that.
//!
//! Leaves out: a life span for connections (servers that are taken out of a balancer want one), fairness between those
//! who wait (the engine asks for them in their order), and probes of idle connections.

use host::Time;
use std::time::Duration;

/// The number of a connection, in the order in which they were opened, from 1 on.
pub type Number = u64;

/// When connections are opened, and whether they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No pool: each request opens a connection, and closes it.
    Each,
    /// A connection is opened when a request finds none that is free, and kept.
    Lazy,
    /// As many as the pool may have are opened before the first request, and kept.
    Eager,
}

impl Kind {
    /// As the command line and the tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Each => "each",
            Kind::Lazy => "lazy",
            Kind::Eager => "eager",
        }
    }
}

/// How large a pool may be, and how long it keeps what nobody uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// When connections are opened.
    pub kind: Kind,
    /// How many are open at once, at the most. It does not hold for [`Kind::Each`], which keeps none.
    pub size: usize,
    /// How long one may be idle; `None`: as long as the other side lets it.
    pub idle_timeout: Option<Duration>,
}

/// What a request gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// This connection.
    Reuse(Number),
    /// A new connection, of this number.
    Open(Number),
    /// Nothing, until a connection comes back.
    Wait,
}

/// What becomes of a connection that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// It stays open.
    Keep,
    /// It is closed.
    Close,
}

/// The connections of a pool, as far as it must know them.
#[derive(Debug, Clone)]
pub struct Pool {
    limits: Limits,
    /// Those that nobody uses, with the time since when; the one that was used last is last.
    idle: Vec<(Number, Time)>,
    /// How many are in use.
    used: usize,
    opened: Number,
}

impl Pool {
    /// A pool without a connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, idle: vec![], used: 0, opened: 0 }
    }

    /// The connections that are opened before the first request. They are in use until they are given back.
    pub fn begin(&mut self) -> Vec<Number> {
        let wanted = if self.limits.kind == Kind::Eager { self.limits.size } else { 0 };
        (0..wanted).map(|_| self.open()).collect()
    }

    /// A request wants a connection.
    ///
    /// It gets the one that was used last: its congestion window is the least likely to be too old, and those that are
    /// not needed grow old and go.
    pub fn take(&mut self) -> Take {
        if let Some((number, _)) = self.idle.pop() {
            self.used += 1;
            return Take::Reuse(number);
        }
        match self.limits.kind {
            Kind::Lazy | Kind::Eager if self.used >= self.limits.size => Take::Wait,
            _ => Take::Open(self.open()),
        }
    }

    fn open(&mut self) -> Number {
        self.used += 1;
        self.opened += 1;
        self.opened
    }

    /// A request is done with its connection, which is still good.
    pub fn give_back(&mut self, now: Time, number: Number) -> Return {
        self.used = self.used.saturating_sub(1);
        if self.limits.kind == Kind::Each {
            return Return::Close;
        }
        self.idle.push((number, now));
        Return::Keep
    }

    /// A connection is gone: the other side has closed it, or it has failed.
    ///
    /// It must never be handed out again: whatever was sent over it would be lost.
    pub fn lost(&mut self, number: Number) {
        match self.idle.iter().position(|(idle, _)| *idle == number) {
            Some(place) => drop(self.idle.remove(place)),
            None => self.used = self.used.saturating_sub(1),
        }
    }

    /// Which connections have been idle for too long: they are to be closed.
    pub fn expire(&mut self, now: Time) -> Vec<Number> {
        let Some(timeout) = self.limits.idle_timeout else { return vec![] };
        let old = self.idle.iter().take_while(|(_, since)| now >= *since + timeout).count();
        self.idle.drain(..old).map(|(number, _)| number).collect()
    }

    /// When the next connection will have been idle for too long; [`Time::NEVER`]: none will.
    #[must_use]
    pub fn expires_at(&self) -> Time {
        match (self.limits.idle_timeout, self.idle.first()) {
            (Some(timeout), Some((_, since))) => *since + timeout,
            _ => Time::NEVER,
        }
    }

    /// How many connections it has opened so far.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pool(kind: Kind, size: usize) -> Pool {
        Pool::new(Limits { kind, size, idle_timeout: Some(SECOND) })
    }

    fn at(millis: u64) -> Time {
        Time(millis * 1_000_000)
    }

    #[test]
    fn request_gets_the_connection_that_was_used_last() {
        let mut pool = pool(Kind::Lazy, 2);
        assert_eq!([pool.take(), pool.take(), pool.take()], [Take::Open(1), Take::Open(2), Take::Wait]);
        assert_eq!(pool.give_back(at(0), 2), Return::Keep);
        assert_eq!(pool.give_back(at(1), 1), Return::Keep);
        assert_eq!([pool.take(), pool.take(), pool.take()], [Take::Reuse(1), Take::Reuse(2), Take::Wait]);
    }

    #[test]
    fn eager_pool_opens_all_before_the_first_request_and_no_more_then() {
        let mut pool = pool(Kind::Eager, 2);
        assert_eq!(pool.begin(), [1, 2]);
        pool.give_back(at(0), 1);
        pool.give_back(at(0), 2);
        assert_eq!([pool.take(), pool.take(), pool.take()], [Take::Reuse(2), Take::Reuse(1), Take::Wait]);
        assert_eq!(pool.opened(), 2);
    }

    #[test]
    fn connection_that_is_gone_is_never_handed_out_and_makes_room_for_another() {
        let mut pool = pool(Kind::Lazy, 1);
        assert_eq!(pool.take(), Take::Open(1));
        pool.give_back(at(0), 1);
        pool.lost(1);
        assert_eq!(pool.take(), Take::Open(2));
        pool.lost(2);
        assert_eq!(pool.take(), Take::Open(3));
        assert_eq!(pool.take(), Take::Wait);
    }

    #[test]
    fn connection_expires_when_it_has_been_idle_for_as_long_as_it_may() {
        let mut pool = pool(Kind::Lazy, 3);
        assert_eq!([pool.take(), pool.take()], [Take::Open(1), Take::Open(2)]);
        assert_eq!(pool.expires_at(), Time::NEVER, "what is in use is not idle");
        pool.give_back(at(0), 1);
        pool.give_back(at(500), 2);
        assert_eq!(pool.expires_at(), at(1000));
        assert!(pool.expire(at(999)).is_empty());
        assert_eq!(pool.expire(at(1000)), [1]);
        assert_eq!(pool.expires_at(), at(1500));
        assert_eq!(pool.take(), Take::Reuse(2), "it is not old yet");
    }

    #[test]
    fn without_a_pool_each_request_opens_a_connection_and_none_is_kept() {
        let mut pool = pool(Kind::Each, 1);
        assert_eq!([pool.take(), pool.take()], [Take::Open(1), Take::Open(2)], "the size is a pool's");
        assert_eq!(pool.give_back(at(0), 1), Return::Close);
        assert_eq!(pool.take(), Take::Open(3));
    }
}
