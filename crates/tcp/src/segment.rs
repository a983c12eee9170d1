//! A segment as RFC 9293 speaks of it: SEG.SEQ, SEG.ACK, SEG.LEN, SEG.WND, flags, options, text.
//!
//! Ports and addresses are not in it: they say whose connection it is, and by the time that one has it, all of its
//! segments have the same. [`Segment::parse`] and [`Segment::bytes`] go from and to the bytes of an IP packet's
//! payload.
//!
//! Leaves out: the urgent pointer (RFC 9293 section 3.8.5: "new applications SHOULD NOT employ the TCP urgent
//! mechanism"); bytes that were sent as urgent are data like others here. And the bits CWR, ECE and AE, the place of
//! ECN (RFC 3168 section 6.1).

use crate::options::Options;
use crate::seq::Seq;
use std::fmt;
use std::net::SocketAddr;
use wire::WireError;
use wire::tcp::Tcp;

/// A segment without its ports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    /// SEG.SEQ: the number of the first byte, or of the SYN, or else of the byte that would come next.
    pub seq: Seq,
    /// SEG.ACK: the number that its sender expects next; `None`: the ACK bit is off.
    pub ack: Option<Seq>,
    /// The first segment of its direction; counts as one number, before the data.
    pub syn: bool,
    /// The connection is over at once.
    pub rst: bool,
    /// The receiver's program should have the data now.
    pub psh: bool,
    /// The last segment of its direction; counts as one number, behind the data.
    pub fin: bool,
    /// SEG.WND as it stands in the header, before any scaling.
    pub window: u16,
    /// What the options say.
    pub options: Options,
    /// The text.
    pub data: Vec<u8>,
}

impl Segment {
    /// A segment from the payload of an IP packet, with its header for the ports. Its checksum is for
    /// [`Tcp::is_intact`] to judge.
    ///
    /// # Errors
    /// When the header is cut short, or its length is wrong.
    pub fn parse(bytes: &[u8]) -> Result<(Tcp, Self), WireError> {
        let (tcp, options, data) = Tcp::parse(bytes)?;
        let segment = Self {
            seq: Seq(tcp.sequence_number),
            ack: tcp.ack.then_some(Seq(tcp.acknowledgment_number)),
            syn: tcp.syn,
            rst: tcp.rst,
            psh: tcp.psh,
            fin: tcp.fin,
            window: tcp.window,
            options: Options::parse(options),
            data: data.to_vec(),
        };
        Ok((tcp, segment))
    }

    /// The payload of the IP packet that carries this segment between these ends.
    #[must_use]
    pub fn bytes(&self, from: SocketAddr, to: SocketAddr) -> Vec<u8> {
        let tcp = Tcp {
            sequence_number: self.seq.0,
            acknowledgment_number: self.ack.unwrap_or_default().0,
            ack: self.ack.is_some(),
            syn: self.syn,
            rst: self.rst,
            psh: self.psh,
            fin: self.fin,
            window: self.window,
            ..Tcp::new(from.port(), to.port())
        };
        tcp.segment(from.ip(), to.ip(), &self.options.emit(), &self.data)
    }

    /// SEG.LEN: RFC 9293 section 3.4, "the number of octets occupied by the data in the segment (counting SYN and
    /// FIN)".
    #[must_use]
    pub fn len(&self) -> u32 {
        // An IP packet has no more than 65,535 bytes.
        u32::try_from(self.data.len()).unwrap_or(u32::MAX / 2) + u32::from(self.syn) + u32::from(self.fin)
    }

    /// Whether it takes no sequence numbers: an acknowledgment or a reset, which nobody acknowledges.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// SEG.SEQ+SEG.LEN: the number behind its last.
    #[must_use]
    pub fn end(&self) -> Seq {
        self.seq + self.len()
    }

    /// The reset that the sender of this segment must believe, for it has the numbers that this segment asks for.
    ///
    /// RFC 9293 section 3.5.2: "If the incoming segment has the ACK bit set, the reset takes its sequence number from
    /// the ACK field of the segment; otherwise, the reset has sequence number zero and the ACK field is set to the sum
    /// of the sequence number and segment length of the incoming segment."
    #[must_use]
    pub fn reset(&self) -> Segment {
        match self.ack {
            Some(ack) => Segment { seq: ack, rst: true, ..Segment::default() },
            None => Segment { seq: Seq(0), ack: Some(self.end()), rst: true, ..Segment::default() },
        }
    }
}

/// `PSH,ACK 1:501 ack 1 win 64240`: flags, the numbers that it takes, and what it says of the other direction.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags =
            [(self.syn, "SYN"), (self.fin, "FIN"), (self.rst, "RST"), (self.psh, "PSH"), (self.ack.is_some(), "ACK")];
        let names: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        write!(f, "{} {}", if names.is_empty() { "-".to_string() } else { names.join(",") }, self.seq)?;
        if !self.data.is_empty() {
            write!(f, ":{}", self.seq + self.len())?;
        }
        if let Some(ack) = self.ack {
            write!(f, " ack {ack}")?;
        }
        write!(f, " win {}", self.window)?;
        let options = [
            self.options.mss.map(|mss| format!("mss {mss}")),
            self.options.window_scale.map(|shift| format!("wscale {shift}")),
            self.options.timestamps.map(|clock| format!("ts {} ecr {}", clock.value, clock.echo_reply)),
        ];
        let said: Vec<String> = options.into_iter().flatten().collect();
        if said.is_empty() { Ok(()) } else { write!(f, " <{}>", said.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segment_comes_back_from_its_bytes_with_a_right_checksum() {
        let (from, to): (SocketAddr, SocketAddr) = ("10.0.0.1:5555".parse().unwrap(), "10.0.0.2:80".parse().unwrap());
        let sent = Segment {
            seq: Seq(u32::MAX),
            ack: Some(Seq(7)),
            fin: true,
            psh: true,
            window: 9,
            options: Options { mss: Some(1460), ..Options::default() },
            data: b"hello".to_vec(),
            ..Segment::default()
        };
        let bytes = sent.bytes(from, to);
        assert!(Tcp::is_intact(from.ip(), to.ip(), &bytes));
        let (tcp, received) = Segment::parse(&bytes).unwrap();
        assert_eq!((tcp.source_port, tcp.destination_port), (5555, 80));
        assert_eq!(received, sent);
        assert_eq!((received.len(), received.end()), (6, Seq(5)));
        assert_eq!(received.to_string(), "FIN,PSH,ACK 4294967295:5 ack 7 win 9 <mss 1460>");
    }
}
