//! A line an event, in the letters of ns-2: `+` sent, `r` received, `d` dropped because the queue is full, `x` lost on the way.
//!
//! ```text
//! + 0.000000000 net1  client>r1  60  ARP who has 192.168.1.100? tell 192.168.1.3
//! r 0.000500000 net1  client>r1  60  ARP who has 192.168.1.100? tell 192.168.1.3
//! ```

use host::Time;
use std::io::{self, BufWriter, Write};
use wire::arp::{Arp, REPLY, REQUEST};
use wire::ethernet::{self, Ethernet};
use wire::fragment::UNIT;
use wire::icmp::{self, Message};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

/// Where the lines go.
#[derive(Default)]
pub(crate) struct Trace {
    sink: Option<BufWriter<Box<dyn Write>>>,
    error: Option<io::Error>,
}

impl Trace {
    pub(crate) fn to(&mut self, sink: Box<dyn Write>) {
        self.sink = Some(BufWriter::new(sink));
    }

    pub(crate) fn note(&mut self, kind: char, now: Time, cable: &str, name: &str, frame: &[u8]) {
        let Some(sink) = &mut self.sink else { return };
        let (seconds, nanoseconds) = (now.0 / 1_000_000_000, now.0 % 1_000_000_000);
        let len = frame.len();
        let written = writeln!(sink, "{kind} {seconds}.{nanoseconds:09} {cable}  {name}  {len}  {}", summary(frame));
        self.error = self.error.take().or(written.err());
    }

    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let flushed = self.sink.as_mut().map_or(Ok(()), Write::flush);
        self.error.take().map_or(flushed, Err)
    }
}

/// What a frame says, in a few words.
fn summary(frame: &[u8]) -> String {
    let Ok((header, payload)) = Ethernet::take(frame) else { return "no frame".into() };
    match header.ethertype {
        ethernet::ARP => arp(payload),
        ethernet::IPV4 => ip(payload),
        other => format!("EtherType {other:#06x}"),
    }
}

fn arp(packet: &[u8]) -> String {
    match Arp::parse(packet) {
        Ok((arp, _)) if arp.operation == REQUEST => format!("ARP who has {}? tell {}", arp.target, arp.sender),
        Ok((arp, _)) if arp.operation == REPLY => format!("ARP {} is at {}", arp.sender, arp.sender_mac),
        Ok((arp, _)) => format!("ARP operation {}", arp.operation),
        Err(error) => error.to_string(),
    }
}

fn ip(packet: &[u8]) -> String {
    let (header, payload) = match Ipv4::parse(packet) {
        Ok((header, _, payload, _)) => (header, payload),
        Err(error) => return error.to_string(),
    };
    let what = match header.protocol {
        protocol if !header.is_whole() => {
            let start = usize::from(header.fragment_offset) * UNIT;
            format!("fragment of protocol {protocol}, bytes {start} to {}", start + payload.len())
        }
        ipv4::ICMP => icmp(payload),
        ipv4::UDP => match Udp::parse(payload) {
            Ok((udp, data, _)) => format!("UDP {} > {}, {} bytes", udp.source_port, udp.destination_port, data.len()),
            Err(error) => error.to_string(),
        },
        ipv4::TCP => tcp(payload),
        other => format!("protocol {other}"),
    };
    format!("{} > {} ttl {}: {what}", header.source, header.destination, header.ttl)
}

fn tcp(segment: &[u8]) -> String {
    let (tcp, data) = match Tcp::parse(segment) {
        Ok((tcp, _, data)) => (tcp, data),
        Err(error) => return error.to_string(),
    };
    let flags = [(tcp.syn, "SYN "), (tcp.fin, "FIN "), (tcp.rst, "RST "), (tcp.psh, "PSH "), (tcp.ack, "ACK ")];
    let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    format!(
        "TCP {} > {} {flags}seq {} ack {}, {} bytes",
        tcp.source_port,
        tcp.destination_port,
        tcp.sequence_number,
        tcp.acknowledgment_number,
        data.len()
    )
}

fn icmp(message: &[u8]) -> String {
    match icmp::parse(message) {
        Ok((_, Message::EchoRequest { echo, .. })) => format!("echo request {}", echo.sequence),
        Ok((_, Message::EchoReply { echo, .. })) => format!("echo reply {}", echo.sequence),
        Ok((icmp, _)) => format!("ICMP type {} code {}", icmp.kind, icmp.code),
        Err(error) => error.to_string(),
    }
}
