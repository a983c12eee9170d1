//! Frames, byte by byte: `-e`.
//!
//! The first frame of ours is drawn in full. A reply is drawn as what differs from the request, which is all of it that matters:
//! RFC 826 has it made from the request, by turning it round and filling in what was asked for.

use crate::ask::events::Summary;
use crate::rules::Meaning;
use crate::words::Frame;
use cli::explain::silence::{self, Evidence, Verdict};
use cli::explain::{Against, Hints, Layers, Packet, Part, Picture, Remark, Told, Topic};
use cli::{Failure, Output, milliseconds};
use host::{Host, Time};
use wire::Mac;
use wire::arp::{Arp, REQUEST};
use wire::dissect::Protocol;
use wire::ethernet::Ethernet;

/// What was explained so far.
pub(crate) struct Explained {
    /// Our own station.
    mac: Mac,
    /// Whether many addresses are asked for: then one request is drawn for all.
    many: bool,
    /// The last frame of ours, and when it left.
    sent: Option<(Packet<'static>, Time)>,
    /// The last frame of others.
    heard: Option<Packet<'static>>,
    hints: Hints,
}

impl Explained {
    pub(crate) fn new(mac: Mac, many: bool) -> Self {
        Self { mac, many, sent: None, heard: None, hints: Hints::of("arping") }
    }

    /// Draws a frame.
    pub(crate) fn show(&mut self, out: &mut Output, frame: &Frame) -> Result<(), Failure> {
        let parts = Ethernet::take(&frame.bytes).and_then(|(ethernet, payload)| Ok((ethernet, Arp::take(payload)?.0)));
        match parts {
            Ok((_, arp)) if frame.leaves => self.leaving(out, frame, &arp),
            Ok((ethernet, arp)) => self.arriving(out, frame, &ethernet, &arp),
            Err(_) => {
                let packet = Packet::new(Part::Frame, &frame.bytes);
                out.picture(&Picture::arriving("a frame that says it is ARP", frame.at, &packet))
            }
        }
    }

    fn leaving(&mut self, out: &mut Output, frame: &Frame, arp: &Arp) -> Result<(), Failure> {
        if self.many && self.sent.is_some() {
            return Ok(());
        }
        let packet = Packet::new(Part::Frame, &frame.bytes).kept();
        let (topic, question) = match arp {
            arp if arp.is_probe() => (Topic::ArpProbe, "why a probe has no sender"),
            arp if arp.is_announcement() && arp.operation == REQUEST => (Topic::Announcement, "what an announcement does"),
            arp if arp.is_announcement() => (Topic::Gratuitous, "what a reply does that nobody asked for"),
            _ => (Topic::ArpRequest, "what a request tells others"),
        };
        let mac = self.mac;
        let say = |told: Told<'_, '_>| yours(told, mac);
        let picture = Picture::leaving(title(arp), frame.at, &packet).saying(&say);
        let since = self.sent.as_ref().map(|(before, _)| Against::since("the last one", Layers::All, before));
        let others = self.many.then(|| Remark::Fact("the other requests have other targets, and are not drawn".into()));
        out.picture(&picture.against(since).remark(others).remark(self.hints.more(topic, question)))?;
        self.sent = Some((packet, frame.at));
        Ok(())
    }

    fn arriving(&mut self, out: &mut Output, frame: &Frame, ethernet: &Ethernet, arp: &Arp) -> Result<(), Failure> {
        let packet = Packet::new(Part::Frame, &frame.bytes).kept();
        let answers = frame.meaning == Some(Meaning::Answer);
        let mut remarks = vec![];
        if answers {
            remarks.push(Remark::Fact(
                "sender and target changed places, and what was asked for is filled in: that makes it the answer".into(),
            ));
        }
        match frame.meaning {
            Some(Meaning::Claim) => remarks.push(Remark::Fact(format!(
                "{} says that it has {}, and does not say it to us as an answer",
                arp.sender_mac, arp.sender
            ))),
            Some(Meaning::Probe) => remarks.push(Remark::Fact(format!("{} wants {} too", arp.sender_mac, arp.target))),
            _ => {}
        }
        if ethernet.source != arp.sender_mac {
            let wrong = "frame and packet name different senders: a proxy, or a forger";
            remarks.push(Remark::Wrong(wrong.into()));
        }
        let asked = self.sent.as_ref().filter(|_| answers);
        if let Some((_, at)) = asked.filter(|_| !self.many) {
            remarks.push(Remark::Fact(format!("round trip {} ms", milliseconds(frame.at - *at))));
        }
        let (topic, question) = match arp {
            arp if answers || arp.operation != REQUEST => (Topic::ArpReply, "what a reply proves"),
            arp if arp.is_probe() => (Topic::ArpProbe, "why a probe has no sender"),
            arp if arp.is_announcement() => (Topic::Announcement, "what an announcement does"),
            _ => (Topic::ArpRequest, "what a request tells others"),
        };
        remarks.extend(self.hints.more(topic, question));
        let against = match asked {
            Some((basis, _)) => Some(Against {
                basis,
                layers: Layers::All,
                heading: "only what differs from your request is marked".into(),
                same: "are as in your request".into(),
                was: None,
            }),
            None => self.heard.as_ref().map(|basis| Against::since("the last one heard", Layers::All, basis)),
        };
        let mac = self.mac;
        let say = |told: Told<'_, '_>| yours(told, mac);
        let picture = Picture::arriving(title(arp), frame.at, &packet).saying(&say);
        out.picture(&picture.against(against).remark(remarks))?;
        self.heard = Some(packet);
        Ok(())
    }
}

/// Why nobody answered.
pub(crate) fn silence(host: &mut dyn Host, summary: &Summary) -> Verdict {
    let target = summary.target;
    let evidence = Evidence {
        by_arp: true,
        claimed: summary.macs.clone(),
        ..Evidence::new(target.into(), "ARP requests", summary.sent).seen_from(host)
    };
    let further = match evidence.next_hop {
        Some(next_hop) if next_hop != target => vec![("whether it answers through the gateway", format!("myping {target}"))],
        _ => vec![("whether it only slept or what it said was lost", format!("arping -c 10 {target}"))],
    };
    silence::judge(&Evidence { further, ..evidence })
}

/// The headline of a packet.
fn title(arp: &Arp) -> String {
    let Arp { sender, sender_mac, target, .. } = arp;
    match arp.operation {
        _ if arp.is_probe() => format!("ARP probe: does anybody have {target}?"),
        REQUEST if arp.is_announcement() => format!("ARP announcement: {sender} is here"),
        REQUEST => format!("ARP request: who has {target}? tell {sender}"),
        wire::arp::REPLY => format!("ARP reply: {sender} is at {sender_mac}"),
        other => format!("ARP of operation {other} from {sender}"),
    }
}

/// That a station is our own.
fn yours(told: Told<'_, '_>, mac: Mac) -> Option<String> {
    let (field, shown) = (told.field, told.field.shown());
    let is_ours = shown == mac.to_string();
    match (field.layer().protocol(), field.name()) {
        (Protocol::Ethernet, "source") if is_ours => Some(format!("from {shown}, you")),
        (Protocol::Ethernet, "destination") if is_ours => Some(format!("to {shown}, you alone")),
        (Protocol::Arp, "sender_mac") if is_ours => Some(format!("sender {shown}, you")),
        (Protocol::Arp, "target_mac") if is_ours => Some(format!("target {shown}, you")),
        _ => None,
    }
}
