//! Datagrams that came, byte by byte: `-e`. The first of a socket is drawn in full, a later one as what changed since.

use super::door::Door;
use super::engine::{Echo, Event, Heard};
use super::text::why;
use cli::explain::{self, Against, Hints, Layers, Packet, Part, Picture, Remark, Topic};
use cli::{Failure, Output};
use host::{IcmpError, Time};
use std::collections::BTreeMap;
use wire::dissect::Protocol;
use wire::udp::Udp;

/// What was explained so far.
pub(crate) struct Explained {
    /// The last datagram of each socket, with its number.
    last: BTreeMap<usize, (u64, Packet<'static>)>,
    hints: Hints,
}

impl Explained {
    pub(crate) fn new() -> Self {
        Self { last: BTreeMap::new(), hints: Hints::of("udp-echo") }
    }

    /// Draws the datagram of an event, where it has one.
    pub(crate) fn show(&mut self, out: &mut Output, doors: &[Door], event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Datagram(heard, echo) => match doors.get(heard.door) {
                Some(door) => self.datagram(out, door, heard, *echo),
                None => Ok(()),
            },
            Event::Trouble { error, at, quote, .. } => self.error(out, error, *at, quote),
            Event::Start => Ok(()),
        }
    }

    fn datagram(&mut self, out: &mut Output, door: &Door, heard: &Heard<'_>, echo: Echo<'_>) -> Result<(), Failure> {
        let Heard { number, from, data, whole, ttl, at, .. } = *heard;
        let packet = Packet::new(Part::Data, data).kept();
        let before = self.last.get(&heard.door);
        let against = before.map(|(before, basis)| Against::since(&format!("datagram {before}"), Layers::All, basis));
        let ports = format!(
            "8 bytes, from port {} to port {}, length {}: this host looked at them, took them off, and chose the \
             socket: {}",
            from.port(),
            door.port,
            whole + Udp::LEN,
            why(door)
        );
        let back = match echo {
            Echo::Sent => Remark::Fact(format!("the same {} bytes went back to {from}", data.len())),
            Echo::Endless => Remark::Wrong("nothing went back: the sender's port echoes too".into()),
            Echo::Unsent(_) => Remark::Wrong("nothing went back".into()),
        };
        let cut = (whole > data.len())
            .then(|| Remark::Wrong(format!("{} bytes were not read, and are gone", whole - data.len())));
        let picture = Picture::arriving(format!("datagram {number} from {from}"), at, &packet)
            .unseen(Protocol::Udp, ports)
            .against(against)
            .remark(cut)
            .remark(ttl.map(|ttl| Remark::Fact(explain::arrived(ttl))))
            .remark([back])
            .remark(self.hints.more(Topic::Port, "how a socket is chosen"));
        out.picture(&picture)?;
        self.last.insert(heard.door, (number, packet));
        Ok(())
    }

    fn error(&mut self, out: &mut Output, error: &IcmpError, at: Time, quote: &[u8]) -> Result<(), Failure> {
        let IcmpError { by, kind, code, .. } = *error;
        let packet = Packet::new(Part::Data, quote);
        let seen = format!(
            "type {kind} code {code}: this host hands over what the message says and what it quotes of the data"
        );
        let title = format!("{} from {by}, about an echo", explain::error_title(kind, code));
        let hint = self.hints.more(explain::error_topic(kind, code), "what that means");
        out.picture(&Picture::arriving(title, at, &packet).unseen(Protocol::Icmp, seen).remark(hint))
    }
}
