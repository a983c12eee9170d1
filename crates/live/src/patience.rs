//! Waiting in the receiving call itself.
//!
//! Who waits for an answer asks for it, hears that there is none, waits until there is one, and asks again: three system calls.
//! One does the same if it may wait by itself, and where the answer is microseconds away, that is a good part of its way.
//!
//! It must not outlast Ctrl-C. signal(7): a receive with a timeout (`SO_RCVTIMEO`) is interrupted by a signal, whatever its
//! handler asked for. A signal that came a moment before the call is not seen by it, though, and one that another thread got
//! neither. So a call waits for so short a time that nobody notices, and after it the wait goes on at `poll(2)`, which sees both.

use crate::clock::Clock;
use host::Time;
use socket2::Socket;
use std::cell::Cell;
use std::time::Duration;

/// How long a receiving call waits by itself.
const PATIENCE: Duration = Duration::from_millis(50);
/// Only who has so much time lets it: the kernel counts in ticks, and a deadline is not to be missed by one.
const LEAST: Duration = Duration::from_millis(100);

/// What is known of a socket's patience.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Whether the kernel was told.
    is_set: Cell<bool>,
}

impl Patience {
    /// Whether to let the next receive from `socket`, with time until `until`, wait by itself.
    ///
    /// Systems other than Linux go on with such a call after a signal, so there it never does.
    pub(crate) fn is_for(&self, socket: &Socket, clock: &Clock, until: Time) -> bool {
        // What the clock said last is for nothing, and mostly enough to see that there is no time.
        let has_time = until == Time::NEVER || until - clock.latest() >= LEAST && until - clock.now() >= LEAST;
        cfg!(target_os = "linux") && has_time && (self.is_set.get() || self.set(socket))
    }

    /// Tells the kernel; false if it does not take it.
    fn set(&self, socket: &Socket) -> bool {
        let told = socket.set_read_timeout(Some(PATIENCE)).and_then(|()| socket.set_nonblocking(false));
        self.is_set.set(told.is_ok());
        told.is_ok()
    }
}
