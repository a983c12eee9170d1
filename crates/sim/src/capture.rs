//! Captures: what a host sent and received, and what went into a cable, as pcapng (draft-ietf-opsawg-pcapng).
//!
//! Times are nanoseconds of virtual time; a viewer shows them as the first of January 1970.

use host::Time;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::{DataLink, PcapError};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::time::Duration;

/// The two directions in the flags word of a packet block.
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// All captures of a world.
#[derive(Default)]
pub(crate) struct Captures {
    hosts: BTreeMap<usize, File>,
    cables: BTreeMap<String, File>,
    error: Option<io::Error>,
}

struct File(PcapNgWriter<BufWriter<Box<dyn Write>>>);

impl File {
    fn new(interfaces: &[&str], sink: Box<dyn Write>) -> io::Result<Self> {
        let mut file = File(PcapNgWriter::new(BufWriter::new(sink)).map_err(unwrapped)?);
        for name in interfaces {
            let options =
                vec![InterfaceDescriptionOption::IfName(Cow::Borrowed(name)), InterfaceDescriptionOption::IfTsResol(9)];
            let block = InterfaceDescriptionBlock { linktype: DataLink::ETHERNET, snaplen: 0, options };
            file.0.write_pcapng_block(block).map_err(unwrapped)?;
        }
        Ok(file)
    }

    #[expect(clippy::cast_possible_truncation, reason = "frames are shorter than 64 KiB, nodes have few interfaces")]
    fn write(
        &mut self,
        now: Time,
        interface: usize,
        frame: &[u8],
        option: Option<EnhancedPacketOption<'_>>,
    ) -> io::Result<()> {
        let block = EnhancedPacketBlock {
            interface_id: interface as u32,
            timestamp: Duration::from_nanos(now.0),
            original_len: frame.len() as u32,
            data: Cow::Borrowed(frame),
            options: option.into_iter().collect(),
        };
        self.0.write_pcapng_block(block).map(drop).map_err(unwrapped)
    }
}

fn unwrapped(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        error => io::Error::other(error.to_string()),
    }
}

impl Captures {
    pub(crate) fn host(&mut self, node: usize, interfaces: &[&str], sink: Box<dyn Write>) -> io::Result<()> {
        self.hosts.insert(node, File::new(interfaces, sink)?);
        Ok(())
    }

    pub(crate) fn cable(&mut self, cable: &str, sink: Box<dyn Write>) -> io::Result<()> {
        self.cables.insert(cable.to_string(), File::new(&[cable], sink)?);
        Ok(())
    }

    pub(crate) fn sent(&mut self, now: Time, node: usize, interface: usize, frame: &[u8]) {
        self.at_host(now, node, interface, frame, OUTBOUND);
    }

    pub(crate) fn received(&mut self, now: Time, node: usize, interface: usize, frame: &[u8]) {
        self.at_host(now, node, interface, frame, INBOUND);
    }

    fn at_host(&mut self, now: Time, node: usize, interface: usize, frame: &[u8], direction: u32) {
        if let Some(file) = self.hosts.get_mut(&node) {
            let written = file.write(now, interface, frame, Some(EnhancedPacketOption::Flags(direction)));
            self.error = self.error.take().or(written.err());
        }
    }

    /// A frame went into `cable`; `kind` is the letter of the trace.
    pub(crate) fn passed(&mut self, now: Time, cable: &str, frame: &[u8], kind: char) {
        if let Some(file) = self.cables.get_mut(cable) {
            let comment = match kind {
                'd' => Some("dropped: the queue is full"),
                'x' => Some("lost on the way"),
                _ => None,
            };
            let written =
                file.write(now, 0, frame, comment.map(|comment| EnhancedPacketOption::Comment(comment.into())));
            self.error = self.error.take().or(written.err());
        }
    }

    pub(crate) fn finish(&mut self) -> io::Result<()> {
        for file in self.hosts.values_mut().chain(self.cables.values_mut()) {
            let flushed = file.0.get_mut().flush();
            self.error = self.error.take().or(flushed.err());
        }
        self.error.take().map_or(Ok(()), Err)
    }
}
