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
    /// TCP: acknowledge at once, for now.
    QuickAck(bool),
    /// TCP: the largest segment to announce, bytes.
    MaxSegment(u16),
    /// How much may wait to be sent, bytes.
    SendBuffer(u32),
    /// How much may wait to be received, bytes.
    RecvBuffer(u32),
    /// TCP: congestion control by name.
    Congestion(String),
    /// TCP: data in the SYN.
    FastOpen(bool),
    /// TCP: what closing does with unsent data.
    Linger(Option<Duration>),
    /// TCP: probes on an idle connection.
    KeepAlive(Option<Duration>),
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
            Self::MaxSegment(_) => "TCP_MAXSEG",
            Self::SendBuffer(_) => "SO_SNDBUF",
            Self::RecvBuffer(_) => "SO_RCVBUF",
            Self::Congestion(_) => "TCP_CONGESTION",
            Self::FastOpen(_) => "TCP_FASTOPEN",
            Self::Linger(_) => "SO_LINGER",
            Self::KeepAlive(_) => "SO_KEEPALIVE",
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
}

impl Packet {
    /// The sender's address without its port.
    #[must_use]
    pub fn sender(&self) -> Option<IpAddr> {
        self.from.map(|from| from.ip())
    }
}
