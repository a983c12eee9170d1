//! Captures that tests make: by our own tools in simulated networks, and frame by frame.
#![allow(dead_code, reason = "each test target uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at its first surprise")]

use cli::{Output, Session, Show, Tool};
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::{DataLink, Endianness};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use wire::Mac;
use wire::ethernet::{self, Ethernet};
use wire::ipv4::Ipv4;
use wire::tcp::Tcp;

/// A run of a tool in a network: `--net NET`, `--set` and `--fault` as they are typed, then its arguments.
pub(crate) struct Run {
    pub(crate) net: &'static str,
    pub(crate) bent: &'static [&'static str],
    pub(crate) args: &'static str,
}

/// What a run left: the capture of the host that the tool ran on, and those of all links.
pub(crate) struct Left {
    pub(crate) host: Vec<u8>,
    pub(crate) links: BTreeMap<String, Vec<u8>>,
}

impl Run {
    pub(crate) fn new(net: &'static str, args: &'static str) -> Self {
        Self { net, bent: &[], args }
    }

    /// Runs the tool `T`, as its own `main` does it with `--pcap` and `--pcap-all`.
    pub(crate) fn by<T: Tool>(&self) -> Left {
        let mut net = sim::Net::load(self.net).unwrap_or_else(|error| panic!("{error:?}"));
        for bent in self.bent {
            match bent.contains(' ') {
                true => net.fault(bent).unwrap_or_else(|error| panic!("{error:?}")),
                false => net.set(bent).unwrap_or_else(|error| panic!("{error:?}")),
            }
        }
        let at = net.at().to_string();
        let mut world = sim::World::new(&net, 1);
        let host = Sink::default();
        world.capture_host(&at, Box::new(host.clone())).unwrap();
        let mut links = BTreeMap::new();
        let mut open = |link: &str| -> io::Result<Box<dyn io::Write>> {
            let sink = Sink::default();
            links.insert(link.to_string(), sink.clone());
            Ok(Box::new(sink))
        };
        world.capture_links(&mut open).unwrap();
        let world = Rc::new(RefCell::new(world));
        let mut guest = sim::guest(&world, &at).unwrap();
        let tool = T::parse_from(["tool"].into_iter().chain(self.args.split_whitespace()));
        let (out, _) = Output::collected(&Show::default());
        let mut session = Session { host: &mut guest, probes: Some(cli::PROBES), privileged: true, out };
        let ran = tool.run(&mut session);
        assert!(ran.is_ok(), "{} {}: {ran:?}", T::NAME, self.args);
        world.borrow_mut().finish().unwrap();
        let links = links.into_iter().map(|(link, sink)| (link, sink.0.borrow().clone())).collect();
        Left { host: host.0.borrow().clone(), links }
    }
}

#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `myping -c 2 server` in `routers`: ARP, two requests, two replies.
pub(crate) fn ping() -> Vec<u8> {
    Run::new("routers", "-c 2 server").by::<myping::Myping>().host
}

/// `mytraceroute -q 1 server` in `routers`.
pub(crate) fn trace() -> Vec<u8> {
    Run::new("routers", "-q 1 server").by::<mytraceroute::Mytraceroute>().host
}

/// A frame of a capture that is made by hand.
#[derive(Clone, Default)]
pub(crate) struct Shot {
    pub(crate) ns: u64,
    pub(crate) frame: Vec<u8>,
    pub(crate) comment: Option<&'static str>,
    pub(crate) interface: u32,
    /// 0: as long as the frame.
    pub(crate) original_len: u32,
}

/// A pcapng file of these interfaces (name and link type) and frames, in nanoseconds.
pub(crate) fn pcapng(interfaces: &[(&str, u32)], shots: &[Shot]) -> Vec<u8> {
    pcapng_in(Endianness::Little, 9, interfaces, shots)
}

/// The same in another order of bytes, and with another resolution of times; `shots` count in its units.
pub(crate) fn pcapng_in(
    order: Endianness,
    resolution: u8,
    interfaces: &[(&str, u32)],
    shots: &[Shot],
) -> Vec<u8> {
    let mut file = PcapNgWriter::with_endianness(vec![], order).unwrap();
    for (name, link) in interfaces {
        let options = vec![
            InterfaceDescriptionOption::IfName((*name).into()),
            InterfaceDescriptionOption::IfTsResol(resolution),
        ];
        let block = InterfaceDescriptionBlock { linktype: DataLink::from(*link), snaplen: 0, options };
        file.write_pcapng_block(block).unwrap();
    }
    for shot in shots {
        let len = u32::try_from(shot.frame.len()).unwrap();
        let block = EnhancedPacketBlock {
            interface_id: shot.interface,
            timestamp: Duration::from_nanos(shot.ns),
            original_len: shot.original_len.max(len),
            data: (&shot.frame[..]).into(),
            options: shot.comment.map(|text| EnhancedPacketOption::Comment(text.into())).into_iter().collect(),
        };
        file.write_pcapng_block(block).unwrap();
    }
    file.into_inner()
}

/// A pcap file with this magic number, most significant byte first if `big`; times in its units.
pub(crate) fn pcap(magic: u32, big: bool, link: u32, shots: &[Shot]) -> Vec<u8> {
    let word = |word: u32| if big { word.to_be_bytes() } else { word.to_le_bytes() };
    let version = if big { 0x0002_0004 } else { 0x0004_0002 };
    let mut file: Vec<u8> = [magic, version, 0, 0, 65_535, link].into_iter().flat_map(word).collect();
    let per_second = if magic == 0xa1b2_3c4d { 1_000_000_000 } else { 1_000_000 };
    for shot in shots {
        let len = u32::try_from(shot.frame.len()).unwrap();
        let time = |part: u64| u32::try_from(part).unwrap();
        let header = [time(shot.ns / per_second), time(shot.ns % per_second), len, shot.original_len.max(len)];
        file.extend(header.into_iter().flat_map(word));
        file.extend_from_slice(&shot.frame);
    }
    file
}

pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);

/// A frame from one of both to the other.
pub(crate) fn ip(from: Ipv4Addr, to: Ipv4Addr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let station = |address: Ipv4Addr| Mac([2, 0, 0, 0, 0, address.octets()[3]]);
    let frame = Ethernet { destination: station(to), source: station(from), ethertype: ethernet::IPV4 };
    frame.frame(&Ipv4::new(from, to, protocol).packet(payload))
}

/// A TCP segment of the client, port 49152, to port 80 of the server; or back.
pub(crate) fn segment(is_back: bool, header: Tcp, data: &[u8]) -> Vec<u8> {
    let (from, to) = if is_back { (SERVER, CLIENT) } else { (CLIENT, SERVER) };
    let (source_port, destination_port) = if is_back { (80, 49_152) } else { (49_152, 80) };
    let header = Tcp { source_port, destination_port, ..header };
    ip(from, to, wire::ipv4::TCP, &header.segment(from.into(), to.into(), &[], data))
}

/// A file in a directory of its own, which goes with it.
pub(crate) struct Kept {
    directory: tempfile::TempDir,
}

impl Kept {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(directory.path().join(name), bytes).unwrap();
        }
        Self { directory }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().into()
    }

    /// Runs `peel ARGS` there, in a clean environment, and renders what a user meets.
    pub(crate) fn peel(&self, args: &str) -> String {
        self.peel_fed(args, &[], "C.UTF-8")
    }

    /// The same, with something on standard input and in this locale.
    pub(crate) fn peel_fed(&self, args: &str, input: &[u8], locale: &str) -> String {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("peel");
        command.env_clear().env("LC_ALL", locale).current_dir(self.path()).timeout(Duration::from_secs(60));
        let output = command.args(args.split_whitespace()).write_stdin(input).output().expect("it starts");
        format!(
            "$ peel {args}\n{}{}exit {}\n",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            output.status.code().map_or("by a signal".into(), |code| code.to_string()),
        )
    }

    /// Several calls, one after the other.
    pub(crate) fn peels(&self, calls: &[&str]) -> String {
        calls.iter().map(|args| self.peel(args)).collect::<Vec<_>>().join("\n")
    }
}
