//! All of a connection's state, to be looked at: RFC 9293 section 3.10.6, STATUS.

use crate::congestion::Phase;
use crate::connection::Connection;
use crate::seq::Seq;
use crate::state::State;
use host::{Text, Time};
use std::time::Duration;

/// A connection at one moment. Windows and counts are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpInfo {
    /// The state.
    pub state: State,

    /// ISS: the number of our SYN.
    pub iss: Seq,
    /// SND.UNA: the first number that is not acknowledged.
    pub snd_una: Seq,
    /// SND.NXT: the next number to be sent.
    pub snd_nxt: Seq,
    /// SND.WND: the other side's window.
    pub snd_wnd: u32,
    /// Eff.snd.MSS less the options of each segment: the text of a full segment.
    pub mss: u32,
    /// Written by the program and never sent.
    pub queued: u32,
    /// Sent and not acknowledged: RFC 5681's `FlightSize`.
    pub flight: u32,

    /// IRS: the number of the other side's SYN.
    pub irs: Seq,
    /// RCV.NXT: the next number that is expected.
    pub rcv_nxt: Seq,
    /// RCV.WND: the window that we have told, as far as it is not used up.
    pub rcv_wnd: u32,
    /// In order, and not read by the program.
    pub unread: usize,
    /// Beyond a gap.
    pub beyond_gaps: usize,
    /// In order, in all.
    pub received: u64,

    /// Which of the congestion algorithms is at work.
    pub phase: Phase,
    /// The congestion window.
    pub cwnd: u32,
    /// The slow start threshold; [`u32::MAX`] until a loss.
    pub ssthresh: u32,
    /// Duplicate acknowledgments in a row.
    pub duplicates: u32,

    /// SRTT; `None`: nothing has been measured.
    pub srtt: Option<Duration>,
    /// RTTVAR.
    pub rttvar: Duration,
    /// RTO, with the doublings in force.
    pub rto: Duration,
    /// How often it is doubled.
    pub backoff: u32,
    /// Segments that were sent again.
    pub retransmits: u32,
    /// When the retransmission or persist timer expires; [`Time::NEVER`]: it does not run.
    pub timer: Time,
    /// When a delayed acknowledgment is due; [`Time::NEVER`]: none is.
    pub ack_due: Time,
}

impl Connection {
    /// STATUS.
    #[must_use]
    pub fn info(&self) -> TcpInfo {
        TcpInfo {
            state: self.state,
            iss: self.send.iss,
            snd_una: self.send.una,
            snd_nxt: self.send.nxt,
            snd_wnd: self.send.wnd,
            mss: self.mss(),
            queued: self.send.queued(),
            flight: self.send.flight(),
            irs: self.receive.irs,
            rcv_nxt: self.receive.nxt,
            rcv_wnd: self.receive.window(),
            unread: self.receive.unread(),
            beyond_gaps: self.receive.beyond_gaps(),
            received: self.receive.bytes,
            phase: self.congestion.phase(),
            cwnd: self.congestion.cwnd,
            ssthresh: self.congestion.ssthresh,
            duplicates: self.congestion.duplicates,
            srtt: self.retransmission.srtt,
            rttvar: self.retransmission.rttvar,
            rto: self.retransmission.rto(),
            backoff: self.retransmission.backoff,
            retransmits: self.retransmission.count,
            timer: self.retransmission.due(),
            ack_due: self.delayed_ack.due(),
        }
    }
}

/// As a program sees it through its host.
impl From<&TcpInfo> for host::TcpInfo {
    fn from(info: &TcpInfo) -> Self {
        Self {
            state: Some(Text::Owned(info.state.to_string())),
            cwnd: Some(info.cwnd),
            ssthresh: Some(info.ssthresh),
            rtt: info.srtt,
            unacked: Some(info.flight),
            rwnd: Some(info.snd_wnd),
            retransmits: Some(info.retransmits),
            queued: Some(info.queued),
            snd_mss: Some(info.mss),
            rttvar: info.srtt.map(|_| info.rttvar),
            rto: Some(info.rto),
            congestion: Some(Text::Borrowed("reno")),
            bytes_received: Some(info.received),
            ..Self::default()
        }
    }
}
