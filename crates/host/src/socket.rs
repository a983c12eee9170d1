//! What passes through sockets: packets, errors about packets, options.

use crate::{Text, Time};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A socket's number; it means something only to the host that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SocketId(pub u32);

/// What a program waits for at a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interest {
    /// Which socket.
    pub socket: SocketId,
    /// That there is something to receive.
    pub read: bool,
    /// That there is room to send.
    pub write: bool,
}

impl Interest {
    /// That there is something to receive at `socket`.
    #[must_use]
    pub fn read(socket: SocketId) -> Self {
        Self { socket, read: true, write: false }
    }
}

/// What a link, raw, ping or UDP socket received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When it arrived: virtual, or by the kernel's clock, so that a slow reader does not lengthen a round trip.
    pub at: Time,
    /// Who sent it, as far as the socket knows: an address, and a port where there are ports. With [`Packet::error`]: who
    /// reported that.
    pub from: Option<SocketAddr>,
    /// The IP header's time to live on arrival, where the world can know it.
    pub ttl: Option<u8>,
    /// A frame, an IP packet, an ICMP message or a payload, as the socket has it; with [`Packet::error`] the quote.
    pub bytes: Vec<u8>,
    /// The ICMP error that this stands for, about something this socket sent. `bytes` is then what the error quotes of that,
    /// in the form in which this socket sends (a ping socket: from the ICMP header on).
    pub error: Option<IcmpError>,
}

/// An ICMP error about something that a socket sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpError {
    /// Who says so. This may be the host itself, when nobody on its link answered for the next hop.
    pub by: IpAddr,
    /// The message's type.
    pub kind: u8,
    /// The message's code.
    pub code: u8,
    /// The next hop's MTU in bytes, where the message is "fragmentation needed"; else 0.
    pub mtu: u16,
}

/// One list for all sockets; given at opening (before SYN or bind) or set later. What a world lacks is `Unsupported`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opt {
    /// TCP: send small segments at once.
    NoDelay(bool),
    /// TCP: hold back what does not fill a segment.
    Cork(bool),
    /// TCP: acknowledge at once, for now. On Linux it does not stick: who wants it always asks again after each read.
    QuickAck(bool),
    /// TCP: say with each write that more follows (`MSG_MORE`), so that what does not fill a segment waits for it; the first write
    /// without it lets all go.
    MsgMore(bool),
    /// TCP: the largest segment to announce, bytes.
    MaxSegment(u16),
    /// How much may wait to be sent, bytes.
    SendBuffer(u32),
    /// How much may wait to be received, bytes.
    RecvBuffer(u32),
    /// TCP: congestion control by name.
    Congestion(String),
    /// TCP: data in the SYN (RFC 7413). A connection to a peer whose cookie is known is given before it is established: its first
    /// write is what leaves in the SYN, and a refusal is the answer to a later call.
    FastOpen(bool),
    /// TCP: what closing does with unsent data.
    Linger(Option<Duration>),
    /// TCP: probes on a connection that has been idle for so long.
    KeepAlive(Option<Duration>),
    /// TCP: from one such probe to the next. To be given behind [`Opt::KeepAlive`].
    KeepAliveInterval(Duration),
    /// TCP: after how many such probes without an answer the connection is over. To be given behind [`Opt::KeepAlive`].
    KeepAliveProbes(u8),
    /// TCP: how long data may stay unacknowledged.
    UserTimeout(Duration),
    /// TCP: bind although an old connection lingers there. UDP: share a port with sockets that may do so too.
    ReuseAddress(bool),
    /// Share a port with other sockets.
    ReusePort(bool),
    /// Send from this address.
    Source(SocketAddr),
    /// Send and receive on this interface only.
    Interface(String),
    /// UDP: be connected to this peer. Datagrams leave for it where nobody says otherwise, and those of others are not received,
    /// nor errors about what went to others.
    Peer(SocketAddr),
    /// UDP: whether datagrams leave with a checksum. In IPv4 it may be left out (RFC 768).
    Checksum(bool),
    /// Link sockets: receive also the frames that this host sends.
    Outgoing(bool),
    /// The IP header's time to live.
    Ttl(u8),
    /// The IP header's second byte: DSCP and ECN.
    Tos(u8),
    /// The IP header's "don't fragment".
    DontFragment(bool),
    /// How many connections may wait to be accepted.
    Backlog(u16),
    /// TCP: how long an acknowledgement may wait.
    AckDelay(Duration),
    /// TCP: which rule holds small segments back.
    Nagle(Nagle),
    /// TCP: keep what [`crate::Stream::account`] tells.
    Record(bool),
}

impl Opt {
    /// By which name it is known: as in Linux's `setsockopt`, if it has such a one.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoDelay(_) => "TCP_NODELAY",
            Self::Cork(_) => "TCP_CORK",
            Self::QuickAck(_) => "TCP_QUICKACK",
            Self::MsgMore(_) => "MSG_MORE",
            Self::MaxSegment(_) => "TCP_MAXSEG",
            Self::SendBuffer(_) => "SO_SNDBUF",
            Self::RecvBuffer(_) => "SO_RCVBUF",
            Self::Congestion(_) => "TCP_CONGESTION",
            Self::FastOpen(_) => "TCP_FASTOPEN",
            Self::Linger(_) => "SO_LINGER",
            Self::KeepAlive(_) => "SO_KEEPALIVE",
            Self::KeepAliveInterval(_) => "TCP_KEEPINTVL",
            Self::KeepAliveProbes(_) => "TCP_KEEPCNT",
            Self::UserTimeout(_) => "TCP_USER_TIMEOUT",
            Self::ReuseAddress(_) => "SO_REUSEADDR",
            Self::ReusePort(_) => "SO_REUSEPORT",
            Self::Source(_) => "'source address'",
            Self::Interface(_) => "SO_BINDTODEVICE",
            Self::Peer(_) => "'connected peer'",
            Self::Checksum(_) => "SO_NO_CHECK",
            Self::Outgoing(_) => "'outgoing frames'",
            Self::Ttl(_) => "IP_TTL",
            Self::Tos(_) => "IP_TOS",
            Self::DontFragment(_) => "IP_MTU_DISCOVER",
            Self::Backlog(_) => "'backlog'",
            Self::AckDelay(_) => "'ACK delay'",
            Self::Nagle(_) => "'Nagle rule'",
            Self::Record(_) => "'record of the connection'",
        }
    }
}

/// Which rule holds a small segment back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nagle {
    /// None.
    Off,
    /// RFC 9293 section 3.7.4, told first in RFC 896: while anything is unacknowledged.
    Rfc896,
    /// RFC 9293 appendix A.3: while a small segment is unacknowledged.
    Minshall,
}

/// What a host knows of a TCP connection; `None`: this world cannot know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// The state, by RFC 9293's names.
    pub state: Option<Text>,
    /// The congestion window, bytes.
    pub cwnd: Option<u32>,
    /// The slow start threshold, bytes.
    pub ssthresh: Option<u32>,
    /// The smoothed round trip time.
    pub rtt: Option<Duration>,
    /// Bytes sent and not acknowledged.
    pub unacked: Option<u32>,
    /// The peer's receive window, bytes.
    pub rwnd: Option<u32>,
    /// Segments sent again.
    pub retransmits: Option<u32>,
    /// Bytes written by the program and never sent.
    pub queued: Option<u32>,
    /// Bytes of data in a full segment to the peer.
    pub snd_mss: Option<u32>,
    /// Bytes of data in a full segment from the peer, as far as they were seen.
    pub rcv_mss: Option<u32>,
    /// How much the round trip time varies: RFC 6298's RTTVAR.
    pub rttvar: Option<Duration>,
    /// The shortest round trip time of late.
    pub min_rtt: Option<Duration>,
    /// The retransmission timeout, with the doublings in force.
    pub rto: Option<Duration>,
    /// How long an acknowledgment may wait, as the host has it now.
    pub ack_delay: Option<Duration>,
    /// Congestion control by name.
    pub congestion: Option<Text>,
    /// What congestion control takes the network for, by Linux' names: Open, Disorder, CWR, Recovery, Loss.
    pub ca_state: Option<Text>,
    /// How many segments may come in another order before one is taken for lost.
    pub reordering: Option<u32>,
    /// Segments that have arrived, as far as acknowledgments tell.
    pub delivered: Option<u32>,
    /// Segments under way that are taken for lost.
    pub lost: Option<u32>,
    /// Bytes of data sent, each time that they were.
    pub bytes_sent: Option<u64>,
    /// Bytes of data received in order.
    pub bytes_received: Option<u64>,
    /// Segments sent, those without data too.
    pub segments_sent: Option<u32>,
    /// Segments received, those without data too.
    pub segments_received: Option<u32>,
    /// Segments with data sent.
    pub data_segments_sent: Option<u32>,
    /// Segments with data received.
    pub data_segments_received: Option<u32>,
    /// How fast the host lets segments leave, bytes a second.
    pub pacing_rate: Option<u64>,
    /// How fast data arrived of late, bytes a second.
    pub delivery_rate: Option<u64>,
    /// For how long there was anything to send or to be acknowledged.
    pub busy: Option<Duration>,
    /// For how much of that the peer's receive window held it up.
    pub rwnd_limited: Option<Duration>,
    /// For how much of that this host's send buffer held it up.
    pub sndbuf_limited: Option<Duration>,
    /// Whether data in the SYN was taken (RFC 7413), ours by the peer or the peer's here.
    pub syn_data: Option<bool>,
    /// Why data did not travel in the SYN though it was asked for.
    pub syn_data_failure: Option<Text>,
    /// Whether segments carry timestamps (RFC 7323).
    pub timestamps: Option<bool>,
    /// Whether selective acknowledgments were agreed on (RFC 2018).
    pub sack: Option<bool>,
    /// Whether ECN was agreed on (RFC 3168).
    pub ecn: Option<bool>,
}

/// A TCP socket of the host, whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpSocket {
    /// Its own address and port.
    pub local: SocketAddr,
    /// The other end; `None`: it listens.
    pub peer: Option<SocketAddr>,
    /// The state, by RFC 9293's names.
    pub state: Text,
    /// The number of the user who opened it; `None`: it is nobody's any more.
    pub user: Option<u32>,
}

impl Packet {
    /// The sender's address without its port.
    #[must_use]
    pub fn sender(&self) -> Option<IpAddr> {
        self.from.map(|from| from.ip())
    }
}
