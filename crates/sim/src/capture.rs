//! Captures: what a host sent and received, and what went into a cable, as pcapng (draft-ietf-opsawg-pcapng).
//!
//! Times are nanoseconds of virtual time; a viewer shows them as the first of January 1970. A host's file has an interface for each
//! of its own, and says of each frame which way it went. A cable's file has what both ends sent into it, and a comment on each
//! frame that does not arrive: the cable knows, as no capture of a real one does.

use host::Time;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness, PcapError};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::time::Duration;

/// The two directions in the flags word of a packet block.
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// Comments on frames that do not arrive. A reader knows them by their first word.
const LOST: &str = "lost on the way";
const QUEUE_FULL: &str = "dropped: the queue is full";
/// And on one that does arrive, but is not let in.
const NOT_LET_IN: &str = "dropped here: a fault of this run";

/// All captures of a world.
#[derive(Default)]
pub(crate) struct Captures {
    hosts: BTreeMap<usize, File>,
    cables: BTreeMap<String, File>,
    error: Option<io::Error>,
}

struct File(PcapNgWriter<BufWriter<Box<dyn Write>>>);

impl File {
    fn new(interfaces: &[&str], description: &str, sink: Box<dyn Write>) -> io::Result<Self> {
        let section = SectionHeaderBlock {
            endianness: Endianness::Little,
            options: vec![SectionHeaderOption::UserApplication("First Hop, simulated network".into())],
            ..SectionHeaderBlock::default()
        };
        let writer = PcapNgWriter::with_section_header(BufWriter::new(sink), section);
        let mut file = File(writer.map_err(unwrapped)?);
        for name in interfaces {
            let options = vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed(name)),
                InterfaceDescriptionOption::IfDescription(Cow::Borrowed(description)),
                InterfaceDescriptionOption::IfTsResol(9),
            ];
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
        options: Vec<EnhancedPacketOption<'_>>,
    ) -> io::Result<()> {
        let block = EnhancedPacketBlock {
            interface_id: interface as u32,
            timestamp: Duration::from_nanos(now.0),
            original_len: frame.len() as u32,
            data: Cow::Borrowed(frame),
            options,
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
    pub(crate) fn host(
        &mut self,
        node: usize,
        name: &str,
        interfaces: &[&str],
        sink: Box<dyn Write>,
    ) -> io::Result<()> {
        self.hosts.insert(node, File::new(interfaces, &format!("an interface of {name}"), sink)?);
        Ok(())
    }

    pub(crate) fn cable(&mut self, cable: &str, sink: Box<dyn Write>) -> io::Result<()> {
        self.cables.insert(cable.to_string(), File::new(&[cable], "what both ends send into this cable", sink)?);
        Ok(())
    }

    pub(crate) fn sent(&mut self, now: Time, node: usize, interface: usize, frame: &[u8]) {
        self.at_host(now, node, interface, frame, vec![EnhancedPacketOption::Flags(OUTBOUND)]);
    }

    /// A frame came to a host; `let_in`: no fault keeps it out.
    pub(crate) fn received(&mut self, now: Time, node: usize, interface: usize, frame: &[u8], let_in: bool) {
        let comment = (!let_in).then_some(EnhancedPacketOption::Comment(NOT_LET_IN.into()));
        let options = comment.into_iter().chain([EnhancedPacketOption::Flags(INBOUND)]).collect();
        self.at_host(now, node, interface, frame, options);
    }

    fn at_host(
        &mut self,
        now: Time,
        node: usize,
        interface: usize,
        frame: &[u8],
        options: Vec<EnhancedPacketOption<'_>>,
    ) {
        if let Some(file) = self.hosts.get_mut(&node) {
            let written = file.write(now, interface, frame, options);
            self.error = self.error.take().or(written.err());
        }
    }

    /// A frame went into `cable`; `kind` is the letter of the trace.
    pub(crate) fn passed(&mut self, now: Time, cable: &str, frame: &[u8], kind: char) {
        if let Some(file) = self.cables.get_mut(cable) {
            let comment = match kind {
                'd' => Some(QUEUE_FULL),
                'x' => Some(LOST),
                _ => None,
            };
            let options = comment.map(|comment| EnhancedPacketOption::Comment(comment.into())).into_iter().collect();
            let written = file.write(now, 0, frame, options);
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
