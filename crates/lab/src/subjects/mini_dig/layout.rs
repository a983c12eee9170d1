//! Messages that are laid out piece by piece, so that it is known what stands where.

use super::{asked, malformed};
use crate::check::ask::Ask;
use host::lab::Value;

pub(super) const NAME: &str =
    "RFC 1035 section 3.1: each label stands behind its length; the root, of length zero, ends the name";
pub(super) const SIZES: &str =
    "RFC 1035 section 2.3.4: labels have 63 octets or less, names 255 or less, lengths and root included";
pub(super) const CUT: &str = "no RFC: a message ends where it ends, whatever its lengths and counts say";

pub(super) type Labels = Vec<Vec<u8>>;

/// The labels of a name that has nothing to escape.
pub(super) fn labels_of(text: &str) -> Labels {
    text.split('.').filter(|label| !label.is_empty()).map(|label| label.as_bytes().to_vec()).collect()
}

/// As the learner's program shows what it has read.
pub(super) fn shown(labels: &[Vec<u8>]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let byte = |byte: &u8| if plain(*byte) { char::from(*byte).to_string() } else { format!("\\{byte:03}") };
    let all: Vec<String> = labels.iter().map(|label| label.iter().map(byte).collect::<String>() + ".").collect();
    if all.is_empty() { ".".into() } else { all.concat() }
}

/// Labels, each behind its length, without what ends them.
pub(super) fn run(labels: &[Vec<u8>]) -> Vec<u8> {
    labels.iter().flat_map(|label| [&[u8::try_from(label.len()).unwrap_or(u8::MAX)][..], label].concat()).collect()
}

/// A whole name.
pub(super) fn whole(labels: &[Vec<u8>]) -> Vec<u8> {
    [run(labels), vec![0]].concat()
}

/// Labels that end in a pointer to byte `to`.
pub(super) fn pointing(labels: &[Vec<u8>], to: usize) -> Vec<u8> {
    [run(labels), (0xc000 | u16::try_from(to).unwrap_or(0)).to_be_bytes().to_vec()].concat()
}

/// So many labels of these lengths.
pub(super) fn long(lengths: &[usize]) -> Labels {
    lengths.iter().map(|len| vec![b'a'; *len]).collect()
}

/// A message that is laid out entry by entry: a question first, then records.
pub(super) struct Layout {
    pub(super) bytes: Vec<u8>,
    entries: u16,
}

impl Layout {
    pub(super) fn new() -> Self {
        Self { bytes: [0x1234, 0x8000, 0, 0, 0, 0].map(u16::to_be_bytes).concat(), entries: 0 }
    }

    /// Where the next entry begins.
    pub(super) fn end(&self) -> usize {
        self.bytes.len()
    }

    /// A question, if it is the first entry, or else a record of a type that nobody knows, without data; and where it begins.
    pub(super) fn name(&mut self, name: &[u8]) -> usize {
        if self.entries > 0 {
            return self.record(name, 65_280, 0, &[]);
        }
        let at = self.end();
        self.bytes.extend(name);
        self.bytes.extend([0, 1, 0, 1]);
        self.count();
        at
    }

    pub(super) fn record(&mut self, name: &[u8], rtype: u16, ttl: u32, rdata: &[u8]) -> usize {
        let length = u16::try_from(rdata.len()).unwrap_or(u16::MAX);
        self.record_that_says(name, rtype, ttl, rdata, length)
    }

    pub(super) fn record_that_says(&mut self, name: &[u8], rtype: u16, ttl: u32, rdata: &[u8], length: u16) -> usize {
        let at = self.end();
        self.bytes.extend(name);
        self.bytes.extend([rtype, 1].map(u16::to_be_bytes).concat());
        self.bytes.extend(ttl.to_be_bytes());
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(rdata);
        self.count();
        at
    }

    /// QDCOUNT is one, ANCOUNT all others.
    fn count(&mut self) {
        self.entries += 1;
        let counts = [1, self.entries - 1].map(u16::to_be_bytes).concat();
        self.bytes.iter_mut().skip(4).zip(counts).for_each(|(byte, count)| *byte = count);
    }

    /// The name at `at` has these labels, and takes so many bytes there.
    pub(super) fn has(&self, at: usize, labels: &[Vec<u8>], taken: usize, why: &'static str) -> Ask {
        let fields = [("name", shown(labels).as_str().into()), ("behind", (at + taken).into())];
        let arguments = [("message", self.bytes.clone().into()), ("at", at.into())];
        asked("read_name", arguments, Value::record("name", fields), why)
    }

    pub(super) fn has_no_name(&self, at: usize, why: &'static str) -> Ask {
        malformed("read_name", [("message", self.bytes.clone().into()), ("at", at.into())], why)
    }

    /// The same message, cut before byte `end`.
    pub(super) fn cut(&self, end: usize) -> Self {
        Self { bytes: self.bytes.iter().take(end).copied().collect(), entries: self.entries }
    }
}
