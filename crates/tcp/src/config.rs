//! What can be set on a connection before its SYN.

use crate::options::MOST_SHIFT;
use host::Nagle;
use std::time::Duration;

/// The manners of one end. [`Config::default`] is how Linux behaves, [`Config::by_the_rfcs`] what the documents
/// recommend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The maximum segment size to announce, bytes; also the most that is ever sent in one segment, options and text
    /// together. RFC 9293 section 3.7.1: "equal to the effective MTU minus the fixed IP and TCP headers", so 1460 on an
    /// Ethernet.
    pub mss: u16,
    /// Whether to offer window scaling (RFC 7323 section 2); without it no window is larger than 65,535 bytes.
    pub window_scale: bool,
    /// Whether to offer timestamps (RFC 7323 section 3). They take 12 bytes of each segment.
    pub timestamps: bool,
    /// RFC 9293's RCV.BUFF: how many bytes may have arrived that the program has not taken.
    pub receive_buffer: usize,
    /// How many bytes the program may have given that are not acknowledged.
    pub send_buffer: usize,

    /// The congestion window at the start, in segments. RFC 6928 section 2 has 10, and so has Linux.
    pub initial_window: u32,
    /// RFC 6298 (2.1): the retransmission timeout before the first measurement.
    pub rto_initial: Duration,
    /// RFC 6298 (2.4): the least retransmission timeout.
    pub rto_min: Duration,
    /// RFC 6298 (2.5): the longest retransmission timeout.
    pub rto_max: Duration,
    /// RFC 6298's G: by how much at least the timeout exceeds the smoothed round trip time.
    pub rto_granularity: Duration,

    /// Which rule holds small segments back (RFC 9293 section 3.7.4 and appendix A.3).
    pub nagle: Nagle,
    /// Whether all that does not fill a segment is held back, for [`crate::CORK_CEILING`] at the most.
    pub cork: bool,
    /// How long an acknowledgment may wait for company. RFC 9293 section 3.8.6.3: "MUST be less than 0.5 seconds"
    /// (MUST-40), so longer ones are cut to [`crate::LONGEST_ACK_DELAY`].
    pub ack_delay: Duration,
    /// How many acknowledgments are sent at once before delaying begins: Linux's start in "quick ack mode".
    pub quick_acks: u32,

    /// RFC 9293's R2 for SYNs: when opening is given up. Section 3.8.3: "at least 3 minutes" (MUST-23).
    pub connect_timeout: Duration,
    /// RFC 9293's R2 and user timeout: when data that nobody acknowledges end the connection.
    pub user_timeout: Duration,
    /// The probes on an idle connection; `None`: there are none. RFC 9293 section 3.8.4: "MUST default to off"
    /// (MUST-25).
    pub keepalive: Option<Keepalive>,
    /// The maximum segment lifetime: TIME-WAIT lasts twice as long. RFC 9293 section 3.4.2 takes it to be 2 minutes.
    pub msl: Duration,
    /// How long a connection that its program has left waits in FIN-WAIT-2 for the other side's FIN. RFC 9293 has no
    /// such limit; Linux has, by `tcp_fin_timeout`.
    pub fin_wait_2: Duration,

    /// Whether to keep a record of what left when and what had held it, which grows until
    /// [`crate::Connection::take_departures`] takes it.
    pub record: bool,
}

/// When and how often an idle connection is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    /// How long nothing has come before the first probe. RFC 9293 section 3.8.4: "MUST default to no less than two
    /// hours" (MUST-28).
    pub idle: Duration,
    /// From one probe to the next.
    pub interval: Duration,
    /// After so many unanswered probes the connection is over.
    pub probes: u32,
}

impl Default for Keepalive {
    /// Linux: two hours, then 9 probes every 75 seconds.
    fn default() -> Self {
        Self { idle: Duration::from_secs(7200), interval: Duration::from_secs(75), probes: 9 }
    }
}

impl Default for Config {
    /// As Linux behaves on an Ethernet, but for what this engine does not have (SACK) and for timestamps, which are off
    /// so that segments have round numbers.
    ///
    /// Linux's least timeout of 200 ms is not a floor under the sum, it is the least that is added to the smoothed
    /// round trip time; so it is both `rto_min` and `rto_granularity` here. Its 15 retransmissions of data, with
    /// doubling from there on, come to 924.6 seconds; its `TCP_TIMEWAIT_LEN` is 60 seconds, which makes its MSL 30.
    fn default() -> Self {
        Self {
            mss: 1460,
            window_scale: true,
            timestamps: false,
            receive_buffer: 128 << 10,
            send_buffer: 128 << 10,
            initial_window: 10,
            rto_initial: Duration::from_secs(1),
            rto_min: Duration::from_millis(200),
            rto_max: Duration::from_secs(120),
            rto_granularity: Duration::from_millis(200),
            nagle: Nagle::Minshall,
            cork: false,
            ack_delay: Duration::from_millis(40),
            quick_acks: 16,
            connect_timeout: Duration::from_secs(180),
            user_timeout: Duration::from_millis(924_600),
            keepalive: None,
            msl: Duration::from_secs(30),
            fin_wait_2: Duration::from_secs(60),
            record: false,
        }
    }
}

impl Config {
    /// What the RFCs recommend where Linux goes its own way: a least timeout of 1 second (RFC 6298 (2.4)), the Nagle
    /// rule of RFC 9293 section 3.7.4, no start with quick acknowledgments, an MSL of 2 minutes, R2 of 100 seconds.
    #[must_use]
    pub fn by_the_rfcs() -> Self {
        Self {
            rto_min: Duration::from_secs(1),
            rto_max: Duration::from_secs(60),
            rto_granularity: Duration::from_millis(100),
            nagle: Nagle::Rfc896,
            ack_delay: Duration::from_millis(200),
            quick_acks: 0,
            user_timeout: Duration::from_secs(100),
            msl: Duration::from_secs(120),
            ..Self::default()
        }
    }

    /// By how many bits our windows must be shifted down to fit into 16 bits.
    pub(crate) fn shift(&self) -> u8 {
        (0..MOST_SHIFT).find(|shift| self.receive_buffer >> shift <= usize::from(u16::MAX)).unwrap_or(MOST_SHIFT)
    }
}
