//! The manners of one end that decide when its segments leave: Nagle, cork, delayed acknowledgments; and whatever else its socket
//! is told before the first SYN.

use host::{Nagle, Opt, Result, Stream};
use std::time::Duration;

/// What is done about acknowledgments at once (`TCP_QUICKACK`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuickAck {
    /// Nothing: as the host does it. Linux begins with quick ones and delays them once the program has answered.
    #[default]
    Usual,
    /// They are delayed from the start.
    Off,
    /// Asked for once, when the connection is open. It does not stick.
    Once,
    /// Asked for once more after each read.
    Always,
}

/// How one end behaves; what is `None` is as the host does it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manners {
    /// Which rule holds small segments back.
    pub nagle: Option<Nagle>,
    /// Whether the writes of a request are made between cork and uncork.
    pub cork: bool,
    /// What is done about acknowledgments at once.
    pub quick_ack: QuickAck,
    /// How long an acknowledgment may wait.
    pub ack_delay: Option<Duration>,
    /// What else the socket is told before the first SYN: buffers, congestion control and the like.
    pub others: Vec<Opt>,
}

/// Which congestion control a socket is told to have, if nobody says another.
///
/// The systems' own defaults differ. Reno is what the simulated network speaks and every Linux has; other systems let nobody
/// choose.
#[must_use]
pub fn usual_congestion() -> Option<Opt> {
    cfg!(target_os = "linux").then(|| Opt::Congestion("reno".into()))
}

impl Manners {
    /// What a socket is opened with.
    #[must_use]
    pub fn options(&self) -> Vec<Opt> {
        let options = [
            self.nagle.map(Opt::Nagle),
            self.ack_delay.map(Opt::AckDelay),
            (self.quick_ack == QuickAck::Off).then_some(Opt::QuickAck(false)),
        ];
        options.into_iter().flatten().chain(self.others.iter().cloned()).collect()
    }

    /// Whether data may travel in the SYN.
    #[must_use]
    pub fn opens_fast(&self) -> bool {
        self.others.contains(&Opt::FastOpen(true))
    }

    /// Whether closing is left to the host, which may wait, or throw away what has not left.
    #[must_use]
    pub fn lingers(&self) -> bool {
        self.others.iter().any(|option| matches!(option, Opt::Linger(Some(_))))
    }

    /// What a connection is told once it is open.
    ///
    /// # Errors
    /// What the host says of the option.
    pub fn on_open(&self, stream: &mut dyn Stream) -> Result<()> {
        match self.quick_ack {
            QuickAck::Once | QuickAck::Always => stream.set(Opt::QuickAck(true)),
            QuickAck::Usual | QuickAck::Off => Ok(()),
        }
    }

    /// What it is told after a read.
    ///
    /// # Errors
    /// What the host says of the option.
    pub fn after_read(&self, stream: &mut dyn Stream) -> Result<()> {
        if self.quick_ack == QuickAck::Always { stream.set(Opt::QuickAck(true)) } else { Ok(()) }
    }
}
