//! What the kernel knows of a connection: `TCP_INFO`, from the bytes of `struct tcp_info`.
//!
//! The struct has grown at its end since Linux 2.4, and where its fields lie has never changed. So an older kernel's is shorter,
//! and what it lacks is not known; a newer kernel's is cut to what this program asks for.
//!
//! The kernel counts windows in segments; here they are bytes, at the size that a segment to the peer has now.

use crate::message;
use host::{TcpInfo, Text};
use socket2::Socket;
use std::io;
use std::time::Duration;

/// Bytes of the struct up to the last field that is read here.
const LEN: usize = 232;

/// What the kernel knows of the connection of `socket`. `began`: whether this side sent the first SYN.
///
/// # Errors
/// As getsockopt(2).
pub(super) fn of(socket: &Socket, began: bool) -> io::Result<TcpInfo> {
    let mut buffer = [0; LEN];
    let known = message::get(socket, libc::IPPROTO_TCP, libc::TCP_INFO, &mut buffer)?;
    let name = socket.tcp_congestion().ok();
    let name =
        name.map(|name| String::from_utf8_lossy(name.split(|byte| *byte == 0).next().unwrap_or_default()).into());
    Ok(TcpInfo { congestion: name.map(Text::Owned), ..Known(known).info(began) })
}

/// The bytes of the struct that the kernel gave.
struct Known<'a>(&'a [u8]);

impl Known<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.0.get(at..)?.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
    }

    fn u64(&self, at: usize) -> Option<u64> {
        self.0.get(at..)?.first_chunk().map(|bytes| u64::from_ne_bytes(*bytes))
    }

    fn micros(&self, at: usize) -> Option<Duration> {
        self.u32(at).map(|micros| Duration::from_micros(micros.into()))
    }

    fn long_micros(&self, at: usize) -> Option<Duration> {
        self.u64(at).map(Duration::from_micros)
    }

    /// The fields by the offsets that linux/tcp.h gives them.
    fn info(&self, began: bool) -> TcpInfo {
        let mss = self.u32(16);
        let bytes = |at| Some(self.u32(at)?.saturating_mul(mss?));
        let option = |bit: u8| self.byte(5).map(|options| options & bit != 0);
        // Before the first round trip has been measured it is 0, and how much it varies a guess.
        let measured = self.u32(68).is_some_and(|rtt| rtt > 0);
        TcpInfo {
            state: self.byte(0).and_then(state),
            cwnd: bytes(80),
            ssthresh: self.u32(76).and_then(|segments| threshold(segments, mss?)),
            rtt: self.micros(68).filter(|_| measured),
            unacked: self.unacked(began),
            rwnd: self.u32(228),
            retransmits: self.u32(100),
            queued: self.u32(144),
            snd_mss: mss,
            rcv_mss: self.u32(20),
            rttvar: self.micros(72).filter(|_| measured),
            // The greatest number: nothing has been measured.
            min_rtt: self.micros(148).filter(|_| self.u32(148) != Some(u32::MAX)),
            rto: self.micros(8),
            ack_delay: self.micros(12),
            congestion: None,
            ca_state: self.byte(1).and_then(ca_state),
            reordering: self.u32(88),
            delivered: self.u32(192),
            lost: self.u32(32),
            bytes_sent: self.u64(200),
            bytes_received: self.u64(128),
            segments_sent: self.u32(136),
            segments_received: self.u32(140),
            data_segments_sent: self.u32(156),
            data_segments_received: self.u32(152),
            // The greatest number: no limit.
            pacing_rate: self.u64(104).filter(|rate| *rate != u64::MAX),
            delivery_rate: self.u64(160),
            busy: self.long_micros(168),
            rwnd_limited: self.long_micros(176),
            sndbuf_limited: self.long_micros(184),
            syn_data: option(32),
            syn_data_failure: self.byte(7).and_then(|bits| fast_open_failure(bits >> 1 & 3)),
            timestamps: option(1),
            sack: option(2),
            ecn: option(8),
        }
    }

    /// Bytes that are sent and not acknowledged: those that were sent once, less the acknowledged ones, among which the kernel
    /// counts the SYN of who began.
    fn unacked(&self, began: bool) -> Option<u32> {
        let once = self.u64(200)?.saturating_sub(self.u64(208)?);
        let acknowledged = self.u64(120)?.saturating_sub(u64::from(began));
        u32::try_from(once.saturating_sub(acknowledged)).ok()
    }
}

/// The state, by RFC 9293's names.
pub(super) fn state(number: u8) -> Option<Text> {
    let name = match number {
        1 => "ESTABLISHED",
        2 => "SYN-SENT",
        3 | 12 => "SYN-RECEIVED",
        4 => "FIN-WAIT-1",
        5 => "FIN-WAIT-2",
        6 => "TIME-WAIT",
        7 => "CLOSED",
        8 => "CLOSE-WAIT",
        9 => "LAST-ACK",
        10 => "LISTEN",
        11 => "CLOSING",
        _ => return None,
    };
    Some(name.into())
}

fn ca_state(number: u8) -> Option<Text> {
    let name = match number {
        0 => "Open",
        1 => "Disorder",
        2 => "CWR",
        3 => "Recovery",
        4 => "Loss",
        _ => return None,
    };
    Some(name.into())
}

/// The slow start threshold, bytes; the greatest number until a loss.
fn threshold(segments: u32, mss: u32) -> Option<u32> {
    const INFINITE: u32 = 0x7fff_ffff;
    Some(if segments >= INFINITE { u32::MAX } else { segments.saturating_mul(mss) })
}

/// Why a SYN had no data, or data that were not taken.
fn fast_open_failure(number: u8) -> Option<Text> {
    let reason = match number {
        1 => "no cookie of that peer was known",
        2 => "the peer did not acknowledge the data of the SYN",
        3 => "the SYN with data was not answered, and was sent again without",
        _ => return None,
    };
    Some(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A struct in which the byte at each place is the place.
    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|at| u8::try_from(at).unwrap_or(0xff)).collect()
    }

    #[test]
    fn shorter_struct_of_an_older_kernel_leaves_its_end_unknown() {
        let old = Known(&bytes(104)).info(true);
        assert_eq!(
            (old.retransmits, old.queued, old.rwnd, old.unacked),
            (Some(u32::from_ne_bytes([100, 101, 102, 103])), None, None, None)
        );
        for len in 0..LEN {
            let info = Known(&bytes(len)).info(true);
            assert_eq!(info.state.is_some(), len > 0 && state(0).is_some(), "{len} bytes");
            assert_eq!(info.rwnd, None, "{len} bytes");
        }
        assert!(Known(&bytes(LEN)).info(true).rwnd.is_some());
    }

    #[test]
    fn windows_are_bytes_and_no_threshold_is_the_greatest_number() {
        let mut bytes = [0; LEN];
        bytes[0] = 1;
        bytes[5] = 1 | 32;
        bytes[16..20].copy_from_slice(&1448_u32.to_ne_bytes());
        bytes[76..80].copy_from_slice(&0x7fff_ffff_u32.to_ne_bytes());
        bytes[80..84].copy_from_slice(&10_u32.to_ne_bytes());
        let info = Known(&bytes).info(true);
        assert_eq!(
            (info.state.as_deref(), info.cwnd, info.ssthresh),
            (Some("ESTABLISHED"), Some(14_480), Some(u32::MAX))
        );
        assert_eq!((info.syn_data, info.timestamps, info.sack), (Some(true), Some(true), Some(false)));
    }

    #[test]
    fn bytes_under_way_are_those_sent_once_less_those_acknowledged() {
        let mut bytes = [0; LEN];
        for (at, number) in [(120, 1001_u64), (200, 3000), (208, 500)] {
            bytes[at..at + 8].copy_from_slice(&number.to_ne_bytes());
        }
        // The SYN is among the acknowledged ones of who sent it first.
        assert_eq!([true, false].map(|began| Known(&bytes).info(began).unacked), [Some(1500), Some(1499)]);
    }
}
