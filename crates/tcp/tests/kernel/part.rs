//! What the two processes of a test have agreed on.

use crate::dice::{Dice, Faults};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;
use tcp::{Config, Seq};

/// The engine's end, whether it calls or waits.
pub(crate) const ENGINE: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(10, 77, 1, 77), 5555));
/// The kernel's end where it waits; where it calls, it chooses a port.
pub(crate) const KERNEL: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(10, 77, 1, 2), 80));

/// Nothing takes so long unless something is wrong. It says nothing of how long things take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a process says once the other one may begin.
pub(crate) const READY: &str = "ready";

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The engine calls the kernel, and both send and close.
    EngineCalls,
    /// The kernel calls the engine, and both send and close.
    KernelCalls,
    /// The engine calls a port of the kernel where nobody listens.
    KernelRefuses,
    /// The kernel calls a port of the engine where nobody listens.
    EngineRefuses,
    /// The engine calls, and the kernel's program leaves with something unread.
    KernelBreaksOff,
    /// The kernel calls, and the engine's program aborts.
    EngineBreaksOff,
}

impl Part {
    pub(crate) const ALL: [Part; 6] = [
        Part::EngineCalls,
        Part::KernelCalls,
        Part::KernelRefuses,
        Part::EngineRefuses,
        Part::KernelBreaksOff,
        Part::EngineBreaksOff,
    ];

    /// The part of this name.
    pub(crate) fn named(name: &str) -> Self {
        *Self::ALL.iter().find(|part| part.to_string() == name).unwrap()
    }

    /// Whether the engine sends the SYN.
    pub(crate) fn engine_calls(self) -> bool {
        matches!(self, Part::EngineCalls | Part::KernelRefuses | Part::KernelBreaksOff)
    }

    /// Whether both sides send all that they have.
    pub(crate) fn is_transfer(self) -> bool {
        matches!(self, Part::EngineCalls | Part::KernelCalls)
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

/// Which end sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Engine,
    Kernel,
}

impl Side {
    /// The bytes of this side from `from` up to `to`.
    pub(crate) fn bytes(self, from: u64, to: u64) -> Vec<u8> {
        (from..to).map(|place| ((place ^ (place >> 8)) as u8).wrapping_mul(7).wrapping_add(self as u8 * 101)).collect()
    }
}

/// How a transfer goes: all of it from the seed.
pub(crate) struct Transfer {
    pub(crate) config: Config,
    pub(crate) iss: Seq,
    pub(crate) faults: Faults,
    /// How many bytes the engine sends.
    pub(crate) from_engine: u64,
    /// How many bytes the kernel sends.
    pub(crate) from_kernel: u64,
    /// Who closes only after the other side has; `None`: each when it has sent all.
    pub(crate) closes_last: Option<Side>,
    /// Who reads only when it has given away all that it sends, so that the other side's window to it is used up.
    pub(crate) reads_last: Option<Side>,
    /// For what happens on the way.
    pub(crate) dice: Dice,
}

impl Transfer {
    pub(crate) fn draw(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let config = Config {
            mss: [1460, 1460, 1460, 536][dice.below(4) as usize],
            window_scale: dice.happens(700),
            timestamps: dice.happens(500),
            receive_buffer: [16_000, 65_535, 128 << 10][dice.below(3) as usize],
            send_buffer: [16_000, 65_535, 128 << 10][dice.below(3) as usize],
            ..Config::default()
        };
        // Half of the connections go round the end of the sequence numbers.
        let iss = if dice.happens(500) { Seq(u32::MAX - dice.below(200_000) as u32) } else { Seq(dice.next() as u32) };
        let sides = [None, Some(Side::Engine), Some(Side::Kernel)];
        Self {
            config,
            iss,
            faults: Faults { lost: 10 + dice.below(20), doubled: 20 + dice.below(30), late: 50 + dice.below(100) },
            from_engine: 300_000 + dice.below(700_000),
            from_kernel: 300_000 + dice.below(700_000),
            closes_last: sides[(seed % 3) as usize],
            reads_last: sides[(seed / 3 % 3) as usize],
            dice,
        }
    }
}
