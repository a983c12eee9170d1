//! Segments of this host, both ways, byte by byte: `-e`.
//!
//! The first of a connection each way is drawn in full, from IP's header on; a later one as what changed since the one before it the
//! same way. What the numbers mean is said as [`crate::ladder`] says it: counted from each side's SYN, which is 0.

use crate::ladder::Said;
use cli::explain::{self, Against, Hints, Layers, Packet, Part, Picture, Remark, Told, Topic};
use cli::{Failure, Output};
use host::{Seen, Step};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use wire::dissect::Protocol;
use wire::ipv4::Ipv4;
use wire::tcp::Tcp;
use wire::tcp::options::{TcpOption, TcpOptions};

/// What was explained so far.
pub(crate) struct Explained {
    hints: Hints,
    /// Who saw the segments.
    witness: &'static str,
    /// Whether it was said who saw the segments.
    is_begun: bool,
    /// By the other end.
    connections: BTreeMap<SocketAddr, Connection>,
}

/// A connection as far as it was drawn.
#[derive(Default)]
struct Connection {
    segments: u64,
    /// The state after the last segment.
    state: Option<String>,
    own: Direction,
    peer: Direction,
}

/// What one side has sent.
#[derive(Default, Clone)]
struct Direction {
    /// The number of its SYN.
    first: Option<u32>,
    /// The number behind the last byte that was sent.
    end: Option<u32>,
    /// RFC 7323 section 2.2: how far its windows are shifted, if both sides say so.
    shift: Option<u8>,
    /// The last segment, with its number among all.
    last: Option<(u64, Packet<'static>)>,
}

impl Explained {
    /// `is_simulated`: whether it is a simulated network that shows the segments.
    pub(crate) fn new(is_simulated: bool) -> Self {
        let witness = if is_simulated { "the simulated network" } else { "a link socket" };
        Self { hints: Hints::of("tcp-echo"), witness, is_begun: false, connections: BTreeMap::new() }
    }

    /// Draws the segment of a step, where it has one.
    pub(crate) fn show(&mut self, out: &mut Output, peer: SocketAddr, step: &Step) -> Result<(), Failure> {
        let connection = self.connections.entry(peer).or_default();
        let was = connection.state.replace(step.state.to_string());
        let Some(seen) = &step.segment else { return Ok(()) };
        let Some(segment) = Segment::of(seen) else { return Ok(()) };
        connection.segments += 1;
        let number = connection.segments;
        let (sender, other) = match seen.came {
            false => (&mut connection.own, &mut connection.peer),
            true => (&mut connection.peer, &mut connection.own),
        };
        let is_again = sender.note(&segment);
        let (numbers, scale) = ((sender.first.unwrap_or(0), other.first.unwrap_or(0)), sender.shift.and(other.shift));
        let shift = scale.and(sender.shift);
        let say = |told: Told<'_, '_>| say(told, &segment, numbers, shift);

        let packet = Packet::beginning(Part::Packet, &seen.packet, segment.whole_len).kept();
        let words = Said::of(seen).relative(numbers.0, numbers.1);
        let before = sender.last.as_ref();
        let against = before.map(|(before, basis)| Against::since(&format!("segment {before}"), Layers::All, basis));
        let picture = match seen.came {
            false => Picture::leaving(format!("segment {number} to {peer}: {words}"), step.at, &packet),
            true => Picture::arriving(format!("segment {number} from {peer}: {words}"), step.at, &packet),
        };
        let mut remarks = vec![];
        if !self.is_begun {
            let witness = self.witness;
            remarks.push(Remark::Fact(format!(
                "TCP shows a program none of its segments: this is what {witness} saw at this host"
            )));
        }
        if let Some(was) = was.filter(|was| *was != *step.state) {
            remarks.push(Remark::Fact(format!("this end was {was}, and is {} from now on", step.state)));
        }
        if is_again {
            let fact = if seen.came { "all of it came before" } else { "all of it left before: it is sent again" };
            remarks.push(Remark::Fact(fact.into()));
        }
        if seen.came && before.is_none() {
            remarks.push(Remark::Fact(explain::arrived(segment.ttl)));
        }
        if segment.header.syn {
            remarks.extend(self.hints.more(Topic::TcpSyn, "what a SYN begins"));
        }
        if segment.header.rst {
            remarks.extend(self.hints.more(Topic::Rst, "what a RST says"));
        }
        out.picture(&picture.against(against).saying(&say).remark(remarks))?;
        self.is_begun = true;
        sender.last = Some((number, packet));
        Ok(())
    }
}

/// The headers of a segment, as far as they are asked for here.
struct Segment {
    ttl: u8,
    header: Tcp,
    shift: Option<u8>,
    /// Bytes of data.
    len: usize,
    /// Bytes of the whole packet.
    whole_len: usize,
}

impl Segment {
    fn of(seen: &Seen) -> Option<Self> {
        let (ip, _, payload) = Ipv4::split(&seen.packet).ok()?;
        let (header, options, _) = Tcp::parse(payload).ok()?;
        let shift = TcpOptions::new(options).find_map(|option| match option {
            Ok(TcpOption::WindowScale(shift)) => Some(shift),
            _ => None,
        });
        Some(Self { ttl: ip.ttl, header, shift, len: seen.len, whole_len: ip.total_length.into() })
    }

    /// How many sequence numbers it takes: RFC 9293 section 3.4.
    fn takes(&self) -> u32 {
        u32::try_from(self.len).unwrap_or(0) + u32::from(self.header.syn) + u32::from(self.header.fin)
    }
}

impl Direction {
    /// Takes note of a segment of this side; the answer is whether all of it was sent before.
    fn note(&mut self, segment: &Segment) -> bool {
        let header = segment.header;
        if header.syn {
            self.first = Some(header.sequence_number);
            self.shift = segment.shift;
        }
        let behind = header.sequence_number.wrapping_add(segment.takes());
        let is_new = self.end.is_none_or(|end| behind.wrapping_sub(end).cast_signed() > 0);
        if is_new {
            self.end = Some(behind);
        }
        !is_new && segment.takes() > 0
    }
}

/// What this tool knows of the fields of a segment. Its numbers are counted from these two; `shift`: its window is shifted.
fn say(told: Told<'_, '_>, segment: &Segment, (first, other): (u32, u32), shift: Option<u8>) -> Option<String> {
    let (field, header, len) = (told.field, segment.header, segment.len);
    let value = field.number();
    Some(match (field.layer().protocol(), field.name()) {
        (Protocol::Tcp, "sequence_number") if header.syn => {
            format!("sequence number {value}: its bytes are counted from here, as 0")
        }
        // RFC 9293 section 3.5.2: that of a RST which answers a segment without ACK is 0.
        (Protocol::Tcp, "sequence_number") if header.rst && header.sequence_number == 0 => {
            "sequence number 0: there is no connection to count in".into()
        }
        (Protocol::Tcp, "sequence_number") => {
            format!("sequence number {value}: {}, counted from its SYN", header.sequence_number.wrapping_sub(first))
        }
        (Protocol::Tcp, "acknowledgment_number") if header.ack => {
            let next = header.acknowledgment_number.wrapping_sub(other);
            format!("acknowledgment number {value}: {next} is what it waits for next")
        }
        (Protocol::Tcp, "window") if !header.syn && !header.rst => {
            let shift = shift.filter(|shift| (1..=14).contains(shift))?;
            format!("window {value}: in units of {}, so room for {} bytes", 1_u64 << shift, value << shift)
        }
        (Protocol::Tcp, "checksum") if len > Seen::DATA => {
            format!("checksum {}: over a pseudo-header, this header and all {len} bytes of data", field.shown())
        }
        (Protocol::Data, "data") if len > Seen::DATA => format!("the first {} of {len} bytes of data", Seen::DATA),
        _ => return None,
    })
}
