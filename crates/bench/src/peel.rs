//! `peel` beside tshark: a line for each packet of a large capture.

use crate::pair::batches;
use crate::table::{Group, Row, range};
use crate::tools::{beside, memory};
use std::cell::RefCell;
use std::io::{BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;
use wire::arp::Arp;
use wire::ethernet::{self, Ethernet};
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::tcp::options::{self, TcpOption};
use wire::tcp::Tcp;
use wire::udp::Udp;
use wire::{Mac, icmpv6, ipv6};

/// Captures read.
pub(crate) const PEEL: Group = Group {
    name: "peel",
    title: "peel: a line for each of a million packets",
    about: "`peel FILE` and `tshark -n -r FILE`, whole processes, output thrown away, in turn, 3 pairs; the file has 1,000,000 packets of\n\
            1,000 TCP connections, 1,000 UDP and 1,000 ICMP conversations, ARP, ICMP errors and IPv6, from 60 to 1514 bytes. Both print\n\
            1,000,000 lines. The ratio is of speeds: more is better. Memory is the most that one more run of peel had.",
    rows,
};

const PACKETS: u32 = 1_000_000;
const PAIRS: usize = 3;

fn rows() -> Result<Vec<Row>, String> {
    let peel = beside("peel")?;
    let directory = std::env::temp_dir().join(format!("first-hop-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).map_err(|error| format!("cannot create {}: {error}", directory.display()))?;
    let file = directory.join("million.pcap");
    let rows = generate(&file).map_err(|error| format!("cannot write {}: {error}", file.display()));
    let rows = rows.and_then(|()| measured(&peel, &file));
    let _ = std::fs::remove_dir_all(&directory);
    rows
}

fn measured(peel: &Path, file: &Path) -> Result<Vec<Row>, String> {
    let name = file.to_string_lossy().into_owned();
    let tshark = Path::new("tshark");
    let (ours, theirs) = ([name.as_str()], ["-n", "-r", name.as_str()]);
    for (program, args) in [(peel, &ours[..]), (tshark, &theirs[..])] {
        let lines = lines(program, args)?;
        if lines != PACKETS as usize {
            return Err(format!("{} prints {lines} lines for {PACKETS} packets", program.display()));
        }
    }
    let failed = RefCell::new(None);
    let run = |program: &Path, args: &[&str]| {
        if let Err(error) = call(program, args, Stdio::null()) {
            *failed.borrow_mut() = Some(error);
        }
    };
    let pair = batches(PAIRS, 1, || run(peel, &ours), || run(tshark, &theirs));
    if let Some(failed) = failed.into_inner() {
        return Err(failed);
    }
    let seconds = |nanoseconds: f64| nanoseconds / 1e9;
    let kibibytes = memory(peel, &ours)?;
    Ok(vec![
        Row {
            what: "1,000,000 packets".into(),
            ours: format!("{:.2} s", seconds(pair.ours)),
            peer: format!("tshark {:.1} s", seconds(pair.theirs)),
            ratio: range(pair.ratio.inverse()),
            bar: "≥ 5 × speed".into(),
            reached: Some(pair.ratio.median <= 0.2),
        },
        Row {
            what: "memory".into(),
            ours: format!("{:.1} MiB", kibibytes / 1024.0),
            peer: String::new(),
            ratio: String::new(),
            bar: "< 32 MiB".into(),
            reached: Some(kibibytes < 32.0 * 1024.0),
        },
    ])
}

/// How many lines a program prints.
fn lines(program: &Path, args: &[&str]) -> Result<usize, String> {
    let output = call(program, args, Stdio::piped())?;
    Ok(output.iter().filter(|byte| **byte == b'\n').count())
}

/// Runs a program to its end; the answer is its output, where that is piped.
#[expect(clippy::disallowed_types, reason = "a whole process is what is measured")]
fn call(program: &Path, args: &[&str], stdout: Stdio) -> Result<Vec<u8>, String> {
    let mut command = std::process::Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
    let started = command.spawn().map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    let output = started.wait_with_output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!("{}: {}", program.display(), String::from_utf8_lossy(&output.stderr))),
    }
}

/// A capture of `PACKETS` packets, a microsecond apart, in the oldest format, which both read.
fn generate(file: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(file)?);
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.write_all(&word.to_le_bytes())?;
    }
    let mut connections = vec![Connection::default(); CONVERSATIONS];
    for number in 0..PACKETS {
        let frame = frame(number, &mut connections);
        let len = u32::try_from(frame.len()).unwrap_or_default();
        for word in [number / 1_000_000, number % 1_000_000, len, len] {
            file.write_all(&word.to_le_bytes())?;
        }
        file.write_all(&frame)?;
    }
    file.flush()
}

const CONVERSATIONS: usize = 1000;

/// What was said in a TCP connection so far: packets, and bytes of the client and of the server.
#[derive(Debug, Clone, Copy, Default)]
struct Connection {
    packets: u32,
    said: [u32; 2],
}

/// The `number`-th frame: each kind comes by in turn, and its conversations in turn.
fn frame(number: u32, connections: &mut [Connection]) -> Vec<u8> {
    let conversation = number / 10 % 1000;
    let [.., high, low] = conversation.to_be_bytes();
    let (client, server) = (Ipv4Addr::new(10, 1, high, low), Ipv4Addr::new(10, 2, 0, 80));
    let (here, there) = (Mac([2, 0, 0, 1, high, low]), Mac([2, 0, 0, 2, 0, 80]));
    let frame = |ethertype, payload: &[u8]| {
        Ethernet { destination: there, source: here, ethertype }.frame(payload)
    };
    let ip = |from, to, protocol, payload: &[u8]| {
        frame(ethernet::IPV4, &Ipv4 { identification: low.into(), ..Ipv4::new(from, to, protocol) }.packet(payload))
    };
    let port = 49_152 + u16::from(high) * 256 + u16::from(low);
    let datagram = |to, data: &[u8]| Udp::new(port, to).datagram(client.into(), server.into(), data);
    let round = u16::try_from(number / 10_000).unwrap_or_default();
    match number % 10 {
        0 => frame(ethernet::ARP, &Arp::request(here, client, server).bytes()),
        1 => ip(client, server, ipv4::ICMP, &icmp::echo_request(port, round, &[7; 56])),
        2 => ip(client, server, ipv4::UDP, &datagram(40_000, &[7; 100])),
        3 => {
            let (from, to) = (std::net::Ipv6Addr::from_bits(0x20_0106 << 108 | u128::from(conversation)), there6());
            let echo = icmpv6::message(from, to, icmpv6::ECHO_REQUEST, 0, &[0, 7, high, low, 1, 2, 3, 4]);
            frame(ethernet::IPV6, &ipv6::Ipv6::new(from, to, ipv6::ICMPV6).packet(&echo))
        }
        4 => {
            let lost = Ipv4::new(client, server, ipv4::UDP).packet(&datagram(33_434, &[7; 32]));
            let error = icmp::message(icmp::TIME_EXCEEDED, 0, [0; 4], &lost);
            ip(Ipv4Addr::new(10, 1, 255, 1), client, ipv4::ICMP, &error)
        }
        _ => match connections.get_mut(conversation as usize) {
            Some(connection) => {
                let (is_back, segment) = connection.next(client, server, port);
                let (from, to) = if is_back { (server, client) } else { (client, server) };
                ip(from, to, ipv4::TCP, &segment)
            }
            None => vec![],
        },
    }
}

fn there6() -> std::net::Ipv6Addr {
    std::net::Ipv6Addr::from_bits(0x20_0106 << 108 | 0x80 << 64)
}

impl Connection {
    /// The next segment, and whether it is the server's: a handshake, then requests, answers of two segments, acknowledgments.
    fn next(&mut self, client: Ipv4Addr, server: Ipv4Addr, port: u16) -> (bool, Vec<u8>) {
        let (is_back, len, syn) = match self.packets {
            0 => (false, 0, true),
            1 => (true, 0, true),
            2 => (false, 0, false),
            later => match (later - 3) % 4 {
                0 => (false, 80, false),
                1 => (true, 1460, false),
                2 => (true, 200, false),
                _ => (false, 0, false),
            },
        };
        let own = usize::from(is_back);
        let said = |end: usize| self.said.get(end).copied().unwrap_or_default();
        let (from, to) = if is_back { (server, client) } else { (client, server) };
        let (from_port, to_port) = if is_back { (80, port) } else { (port, 80) };
        let options = if syn { options::emit(&[TcpOption::MaximumSegmentSize(1460)]) } else { vec![] };
        let header = Tcp {
            sequence_number: said(own),
            acknowledgment_number: said(1 - own),
            syn,
            ack: self.packets > 0,
            psh: len > 0,
            window: 64_240,
            ..Tcp::new(from_port, to_port)
        };
        let segment = header.segment(from.into(), to.into(), &options, &vec![b'x'; len]);
        self.packets += 1;
        if let Some(said) = self.said.get_mut(own) {
            *said += u32::try_from(len).unwrap_or_default() + u32::from(syn);
        }
        (is_back, segment)
    }
}
