//! What a program may use.

#[cfg(unix)]
use crate::Limit;
use host::Time;
use std::time::Duration;

/// What a program may use before it is ended. Memory is bounded by whoever starts it: the system ends what asks for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// How long it may say nothing, by the machine's clock, while the world waits for it.
    pub silence: Duration,
    /// How long it may take in all, by the machine's clock.
    pub wall_clock: Duration,
    /// How much it may ask.
    pub requests: u64,
    /// How many packets it may send. They may all leave at one time, so that time bounds them in no way.
    pub packets: u64,
    /// How many bytes it may say over the line.
    pub bytes: u64,
    /// Until when it may wait, in the time of the network.
    pub virtual_time: Time,
    /// How many bytes it may print.
    pub output: u64,
}

impl Budget {
    /// For a learner's program: far more than a right one needs, and soon at an end for a wrong one.
    pub const LEARNER: Self = Self {
        silence: Duration::from_secs(2),
        wall_clock: Duration::from_secs(10),
        requests: 50_000,
        packets: 10_000,
        bytes: 64 << 20,
        virtual_time: Time(3_600_000_000_000),
        output: 1 << 20,
    };

    /// For a program that may run on: it is ended only when it says nothing any more.
    pub const TOOL: Self = Self {
        silence: Duration::from_secs(10),
        wall_clock: Duration::MAX,
        requests: u64::MAX,
        packets: u64::MAX,
        bytes: u64::MAX,
        virtual_time: Time::NEVER,
        output: u64::MAX,
    };
}

/// What a program has used so far.
#[cfg(unix)]
#[derive(Debug, Default)]
pub(crate) struct Spent {
    pub(crate) requests: u64,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) output: u64,
}

#[cfg(unix)]
impl Spent {
    /// The first limit that is passed.
    pub(crate) fn beyond(&self, budget: &Budget) -> Option<Limit> {
        let Budget { requests, packets, bytes, output, .. } = *budget;
        let limits = [
            (self.packets > packets, Limit::Packets(packets)),
            (self.requests > requests, Limit::Requests(requests)),
            (self.bytes > bytes, Limit::Bytes(bytes)),
            (self.output > output, Limit::Output(output)),
        ];
        limits.into_iter().find_map(|(beyond, limit)| beyond.then_some(limit))
    }
}
