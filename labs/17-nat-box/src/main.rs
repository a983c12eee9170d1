//! Handed out: nothing to write here. Your file is `nat_box.rs`.
//!
//! `cargo lab check 17` asks your functions, by `answer`. `cargo lab run 17 -- 192.168.1.2:8892 55.11.22.33:8080` shows a datagram
//! before and after your `set_end`, and `cargo lab run 17 --net labs/17-nat-box/home.toml` lets your NAT stand between a home and
//! the rest of the world: see `home.rs`.
#![forbid(unsafe_code)]

mod home;
#[allow(unused, reason = "what is not written yet uses nothing")]
mod nat_box;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use nat_box::{Config, End, Forward, Nat, Protocol, Segment, Verdict};
use std::net::SocketAddrV4;
use std::process::ExitCode;
use std::time::Duration;
use wire::checksum::Checksum;
use wire::ipv4::Ipv4;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your functions say to one question.
fn answer(ask: &Question) -> Lab<Value> {
    if ask.function == "nat" {
        return script(ask);
    }
    if ask.function == "set_quoted" {
        let mut packet = ask.bytes(0)?.to_vec();
        nat_box::set_quoted(&mut packet, ended(text(ask, 1)?)?)?;
        return Ok(packet.into());
    }
    let end = if text(ask, 1)? == "Source" { End::Source } else { End::Destination };
    let mut packet = ask.bytes(0)?.to_vec();
    nat_box::set_end(&mut packet, end, ended(text(ask, 2)?)?)?;
    let header = packet.first().map_or(0, |first| usize::from(first & 15) * 4);
    let word = |at: usize| packet.get(at..at + 2).map_or(0, |word| u16::from_be_bytes([word[0], word[1]]));
    Ok(match ask.function.as_str() {
        "set_end" => packet.into(),
        "set_end: ends" => {
            let (header, _, rest, _) = Ipv4::parse(&packet).map_err(|_| LabError::Malformed)?;
            let port = |at: usize| rest.get(at..at + 2).map_or(0, |word| u16::from_be_bytes([word[0], word[1]]));
            let shown = |end: SocketAddrV4| Value::Text(end.to_string());
            let source = shown(SocketAddrV4::new(header.source, port(0)));
            let destination = shown(SocketAddrV4::new(header.destination, port(2)));
            Value::record("packet", [("source", source), ("destination", destination)])
        }
        "set_end: header sums to" => {
            Value::Word(!Checksum::default().add(packet.get(..header).unwrap_or_default()).finish())
        }
        "set_end: checksum" => Value::Word(match packet.get(9) {
            Some(6) => word(header + 16),
            Some(17) => word(header + 6),
            _ => word(header + 2),
        }),
        _ => return Err(LabError::NotYet),
    })
}

/// What becomes of packets, one after the other.
fn script(ask: &Question) -> Lab<Value> {
    let (first, last) = text(ask, 1)?.split_once('-').ok_or_else(odd)?;
    let forwards = ask.list(2)?.iter().map(forward).collect::<Lab<_>>()?;
    let mut nat = Nat::new(Config { public: ask.address(0)?, ports: number(first)?..=number(last)?, forwards });
    let mut fields = vec![];
    for (event, counted) in ask.arguments.iter().skip(3).zip(1..) {
        let Value::Text(event) = event else { return Err(odd()) };
        fields.push((format!("packet {counted}"), Value::Text(happens(&mut nat, event)?)));
    }
    Ok(Value::Record("all".into(), fields))
}

/// One packet: `300 s inside udp 192.168.1.2:8892 > 55.11.22.33:8080 SYN`. What an ICMP error quotes is `quoted`.
fn happens(nat: &mut Nat, event: &str) -> Lab<String> {
    let words: Vec<&str> = event.split(' ').collect();
    let [seconds, "s", side, protocol, source, ">", destination, flags @ ..] = words.as_slice() else {
        return Err(odd());
    };
    let now = Duration::from_secs(number(seconds)?);
    let has = |flag| flags.contains(&flag);
    let segment = Segment {
        protocol: named(protocol)?,
        source: ended(source)?,
        destination: ended(destination)?,
        syn: has("SYN"),
        fin: has("FIN"),
        rst: has("RST"),
    };
    Ok(match *side {
        "inside" => shown(&nat.leave(&segment, now)?),
        "outside" => shown(&nat.enter(&segment, now)?),
        _ => nat.whose(&segment, now)?.map_or("nobody's".into(), |inside| format!("of {inside}")),
    })
}

fn shown(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Out(source) => format!("out from {source}"),
        Verdict::In(to) => format!("in to {to}"),
        Verdict::Back(source, to) => format!("back in from {source} to {to}"),
        Verdict::Drop => "dropped".into(),
    }
}

/// `tcp 8080 > 192.168.1.4:80`.
fn forward(value: &Value) -> Lab<Forward> {
    let Value::Text(text) = value else { return Err(odd()) };
    match text.split(' ').collect::<Vec<_>>().as_slice() {
        [protocol, port, ">", to] => Ok(Forward { protocol: named(protocol)?, port: number(port)?, to: ended(to)? }),
        _ => Err(odd()),
    }
}

fn named(word: &str) -> Lab<Protocol> {
    match word {
        "tcp" => Ok(Protocol::Tcp),
        "udp" => Ok(Protocol::Udp),
        "icmp" => Ok(Protocol::Icmp),
        _ => Err(odd()),
    }
}

fn text(ask: &Question, at: usize) -> Lab<&str> {
    match ask.arguments.get(at) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(odd()),
    }
}

fn ended(text: &str) -> Lab<SocketAddrV4> {
    text.parse().map_err(|_| odd())
}

fn number<T: std::str::FromStr>(word: &str) -> Lab<T> {
    word.parse().map_err(|_| odd())
}

fn odd() -> LabError {
    said("a question is not what it should be")
}

pub fn said(what: &str) -> LabError {
    host::Error::Other(what.into()).into()
}

/// Without words, your NAT stands between the links `lan` and `access`; with two ends, a datagram from the one to the other is shown
/// before and after your `set_end`.
fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    match words {
        [] => home::run(host),
        [from, to] => {
            let end = |word: &String| word.parse().map_err(|_| said(&format!("'{word}' is no address with a port")));
            let (from, to): (SocketAddrV4, SocketAddrV4) = (end(from)?, end(to)?);
            let datagram =
                wire::udp::Udp::new(from.port(), to.port()).datagram((*from.ip()).into(), (*to.ip()).into(), b"hello");
            let mut packet = Ipv4::new(*from.ip(), *to.ip(), wire::ipv4::UDP).packet(&datagram);
            let lines = |packet: &[u8]| {
                let words = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
                println!("  ip   {}\n  udp  {}", words(&packet[..20]), words(&packet[20..28]));
            };
            println!("from {from} to {to}");
            lines(&packet);
            nat_box::set_end(&mut packet, End::Source, SocketAddrV4::new(home::PUBLIC, 7777))?;
            println!("from {}:7777 to {to}", home::PUBLIC);
            lines(&packet);
            Ok(())
        }
        _ => Err(said("give nothing, or an inside and an outside end: 192.168.1.2:8892 55.11.22.33:8080")),
    }
}
