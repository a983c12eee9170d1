//! What a router tells behind the quote of an ICMP error: the labels that a packet wore, the interface that it came by.
//!
//! Obeys RFC 4884 sections 4, 5, 7 and 8 (the structure, and where it begins), RFC 4950 section 5 (label stacks) and RFC 5837
//! section 4 (interfaces).
//!
//! A header, and behind it objects that each begin with a header of their own:
//!
//! ```text
#![doc = include_str!("extensions.txt")]
#![doc = include_str!("extensions/object.txt")]
//! ```
//!
//! ```
//! use wire::extensions::{self, LabelStackEntry, Object};
//! use wire::{icmp, ipv4};
//!
//! let entry = LabelStackEntry { label: 16, traffic_class: 0, bottom_of_stack: true, ttl: 1 };
//! let objects = [Object::LabelStack(vec![entry])];
//! let message = extensions::message(icmp::TIME_EXCEEDED, 0, [0; 4], &ipv4::example(), &objects);
//!
//! let (_, message) = icmp::parse(&message)?;
//! let quoted = message.quoted().unwrap();
//! assert_eq!(quoted.datagram.len(), 128);
//! let read: Result<Vec<Object>, _> = quoted.extensions.unwrap().objects().collect();
//! assert_eq!(read?, objects);
//! # Ok::<(), wire::WireError>(())
//! ```
//!
//! Leaves out: objects of other classes ([`Object::Other`]); ICMP for IPv6, which counts the quote in words of 8 bytes.

mod interface;
mod label_stack;

pub use interface::{InterfaceInformation, InterfaceType, Role};
pub use label_stack::LabelStackEntry;

use crate::checksum::Checksum;
use crate::fields::Show::{Dec, Hex, Named};
use crate::reader::Reader;
use crate::{Problem, WireError, header, icmp};

/// The least length of the quote of a message with extensions, in bytes; who knows no length looks for them just behind it.
pub const LEAST_DATAGRAM: usize = 128;
/// The only version, RFC 4884 section 7.
pub const VERSION: u8 = 2;
/// Class of label stacks, RFC 4950 section 5.
pub const LABEL_STACK: u8 = 1;
/// Sub-type of the label stack that a packet came with, the only one.
pub const INCOMING: u8 = 1;
/// Class of interfaces, RFC 5837 section 4; the sub-type says what is told of one.
pub const INTERFACE_INFORMATION: u8 = 2;

/// What every IPv4 host can receive, in bytes, RFC 791 section 3.1.
const LEAST_REASSEMBLY_BUFFER: usize = 576;

header! {
    /// What the extension structure begins with.
    ExtensionHeader, "ICMP extension", 4 bytes;
     4 version:  u8,  "Version",  Dec;
    12 reserved: u16, "Reserved", Dec;
    16 checksum: u16, "Checksum", Hex;
}

header! {
    /// What each object begins with; the length counts it too.
    ObjectHeader, "ICMP extension object", 4 bytes;
    16 length:    u16, "Length",    Dec;
     8 class_num: u8,  "Class-Num", Named(&[(1, "MPLS label stack"), (2, "interface information")]);
     8 c_type:    u8,  "C-Type",    Hex;
}

/// An extension structure whose version is known; its checksum may have any value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extensions<'a> {
    /// Its header.
    pub header: ExtensionHeader,
    bytes: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// The structure that `bytes` are.
    ///
    /// # Errors
    /// When there are fewer than 4 bytes, or the version is not 2.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let (header, _) = ExtensionHeader::take(bytes)?;
        if header.version != VERSION {
            let problem = Problem::Unexpected { value: header.version.into(), expected: VERSION.into() };
            return Err(WireError { header: ExtensionHeader::TITLE, field: "version", byte: 0, problem });
        }
        Ok(Self { header, bytes })
    }

    /// Whether the checksum is right, or the sender made none: RFC 4884 section 7, "an all-zero value means that no checksum was
    /// transmitted".
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.header.checksum == 0 || self.has_right_checksum()
    }

    /// Whether there is a checksum and it is right.
    #[must_use]
    pub fn has_right_checksum(&self) -> bool {
        self.header.checksum != 0 && Checksum::default().add(self.bytes).finish() == 0
    }

    /// Walks the objects; the first error ends the walk.
    #[must_use]
    pub fn objects(&self) -> Objects<'a> {
        let mut reader = Reader::new(self.bytes);
        let _ = reader.take(ExtensionHeader::LEN);
        Objects(reader)
    }
}

/// One object of an extension structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object<'a> {
    /// The labels that the packet came with, the outermost first.
    LabelStack(Vec<LabelStackEntry>),
    /// An interface that had to do with the packet.
    Interface(InterfaceInformation<'a>),
    /// A class or a sub-type that this course leaves alone: RFC 4884 section 7, "the presence of an unrecognized object
    /// does not imply that an ICMP message is malformed".
    Other {
        /// What kind of object.
        class_num: u8,
        /// Which one of its class.
        c_type: u8,
        /// What follows its header.
        payload: &'a [u8],
    },
}

impl<'a> Object<'a> {
    /// The object of this class and sub-type.
    fn parse(class_num: u8, c_type: u8, payload: &'a [u8]) -> Result<Self, WireError> {
        match (class_num, c_type) {
            (LABEL_STACK, INCOMING) => label_stack::parse(payload).map(Self::LabelStack),
            (INTERFACE_INFORMATION, c_type) => InterfaceInformation::parse(c_type, payload).map(Self::Interface),
            (class_num, c_type) => Ok(Self::Other { class_num, c_type, payload }),
        }
    }

    /// The object with its header. A payload that is too long for the header gets a length that is cut to its 16 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the docs say so")]
    fn bytes(&self) -> Vec<u8> {
        let (class_num, c_type, payload) = match self {
            Self::LabelStack(entries) => (LABEL_STACK, INCOMING, label_stack::bytes(entries)),
            Self::Interface(interface) => (INTERFACE_INFORMATION, interface.c_type(), interface.payload()),
            Self::Other { class_num, c_type, payload } => (*class_num, *c_type, payload.to_vec()),
        };
        let length = (ObjectHeader::LEN + payload.len()) as u16;
        [&ObjectHeader { length, class_num, c_type }.bytes()[..], &payload].concat()
    }
}

/// Walks the objects of a structure; see [`Extensions::objects`].
#[derive(Debug, Clone)]
pub struct Objects<'a>(Reader<'a>);

impl<'a> Objects<'a> {
    fn object(&mut self) -> Result<Option<Object<'a>>, WireError> {
        let (start, have) = (self.0.consumed(), self.0.rest().len());
        if have == 0 {
            return Ok(None);
        }
        let wrong = |field, byte, problem| WireError { header: ObjectHeader::TITLE, field, byte, problem };
        let missing = wrong("", start + have, Problem::TooShort { need: ObjectHeader::LEN, have });
        let header = ObjectHeader::read(&self.0.array().ok_or(missing)?);
        let length = usize::from(header.length);
        let payload = length.checked_sub(ObjectHeader::LEN);
        let too_small = Problem::TooSmall { value: length, least: ObjectHeader::LEN };
        let payload = self.0.take(payload.ok_or(wrong("length", start, too_small))?);
        let payload = payload.ok_or(wrong("length", start, Problem::TooShort { need: length, have }))?;
        Object::parse(header.class_num, header.c_type, payload).map(Some)
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Result<Object<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.object().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.0 = Reader::new(&[]);
        }
        next
    }
}

/// The extension structure of `objects`, with its checksum.
#[must_use]
pub fn structure(objects: &[Object<'_>]) -> Vec<u8> {
    let objects = objects.iter().map(Object::bytes).collect::<Vec<_>>().concat();
    let unsealed = ExtensionHeader { version: VERSION, reserved: 0, checksum: 0 };
    // Zero means that there is none; all ones are the other zero, as in UDP.
    let checksum = match Checksum::default().add(&unsealed.bytes()).add(&objects).finish() {
        0 => 0xffff,
        sum => sum,
    };
    [&ExtensionHeader { checksum, ..unsealed }.bytes()[..], &objects].concat()
}

/// An ICMP error of `kind` ("destination unreachable", "time exceeded" or "parameter problem") and `code` that quotes
/// `datagram` and tells `objects`; its second word is `word` but for the length, which is filled in.
///
/// RFC 4884 section 4: what is quoted "MUST be zero padded to the nearest 32-bit boundary", and to 128 bytes. It is cut where
/// the message would not fit into the 576 bytes that every host can receive (section 7), though not below 128.
#[must_use]
pub fn message(kind: u8, code: u8, [first, _, third, fourth]: [u8; 4], datagram: &[u8], objects: &[Object]) -> Vec<u8> {
    let structure = structure(objects);
    let room = LEAST_REASSEMBLY_BUFFER.saturating_sub(crate::ipv4::Ipv4::LEN + 8 + structure.len());
    let most = (room / 4 * 4).max(LEAST_DATAGRAM);
    let mut rest: Vec<u8> = datagram.iter().take(most).copied().collect();
    rest.resize(rest.len().next_multiple_of(4).max(LEAST_DATAGRAM), 0);
    // 548 bytes at most, as was seen above.
    let length = u8::try_from(rest.len() / 4).unwrap_or(u8::MAX);
    rest.extend(structure);
    icmp::message(kind, code, [first, length, third, fourth], &rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;
    use crate::icmp::Message;
    use crate::ipv4;

    #[test]
    fn figures_in_the_docs_are_the_tables() {
        check_figure("extensions", include_str!("extensions.txt"), ExtensionHeader::FIELDS);
        check_figure("extensions/object", include_str!("extensions/object.txt"), ObjectHeader::FIELDS);
    }

    fn stack() -> Object<'static> {
        let entry = |label, bottom_of_stack| LabelStackEntry { label, traffic_class: 5, bottom_of_stack, ttl: 1 };
        Object::LabelStack(vec![entry(0xabcde, false), entry(3, true)])
    }

    #[test]
    fn structure_is_that_of_the_rfc_figures() {
        let other = Object::Other { class_num: 247, c_type: 9, payload: &[1, 2, 3, 4] };
        #[rustfmt::skip]
        assert_eq!(structure(&[stack(), other]), [
            0x20, 0, 0x13, 0x0a,
            0, 12, 1, 1,  0xab, 0xcd, 0xea, 1,  0, 0, 0x3b, 1,
            0, 8, 247, 9,  1, 2, 3, 4,
        ]);
    }

    #[test]
    fn message_is_padded_to_128_bytes_and_fits_into_576() {
        for (len, quoted) in [(28, 128), (128, 128), (130, 132), (1500, 532)] {
            let bytes = message(icmp::UNREACHABLE, 4, [0, 9, 0x05, 0x78], &vec![0x45; len], &[stack()]);
            assert!(icmp::is_intact(&bytes) && bytes.len() <= 576 - 20);
            let odd = Object::Other { class_num: 247, c_type: 1, payload: &[7] };
            assert!(message(icmp::UNREACHABLE, 4, [0; 4], &vec![0x45; len], &[odd]).len() <= 576 - 20);
            let (_, message) = icmp::parse(&bytes).unwrap();
            let Message::Unreachable { word, .. } = message else { panic!("{message:?}") };
            assert_eq!((usize::from(word.length) * 4, word.next_hop_mtu), (quoted, 1400));
            let quote = message.quoted().unwrap();
            assert_eq!((quote.datagram.len(), quote.is_compliant), (quoted, true));
            assert!(quote.datagram[..len.min(quoted)].iter().all(|byte| *byte == 0x45));
            assert!(quote.extensions.unwrap().has_right_checksum());
        }
    }

    #[test]
    fn checksum_that_comes_out_as_zero_is_sent_as_all_ones() {
        // 0x2000 + 0x0008 + 0xf700 + 0xe8f6 is 0x1_fffe, which folds to 0xffff.
        let bytes = structure(&[Object::Other { class_num: 247, c_type: 0, payload: &[0xe8, 0xf6, 0, 0] }]);
        assert_eq!(bytes[2..4], [0xff, 0xff]);
        let none = [&bytes[..2], &[0, 0], &bytes[4..]].concat();
        assert!(Extensions::parse(&bytes).unwrap().has_right_checksum());
        assert!(!Extensions::parse(&none).unwrap().has_right_checksum());
    }

    #[test]
    fn structure_at_a_length_is_one_whatever_its_checksum() {
        let bytes = message(icmp::TIME_EXCEEDED, 0, [0; 4], &ipv4::example(), &[stack()]);
        for (byte, is_intact) in [(0, true), (1, false)] {
            let mut bytes = bytes.clone();
            bytes[8 + 128 + 2..8 + 128 + 4].copy_from_slice(&[0, byte]);
            let extensions = icmp::parse(&bytes).unwrap().1.quoted().unwrap().extensions.unwrap();
            assert_eq!((extensions.is_intact(), extensions.has_right_checksum()), (is_intact, false));
        }
    }

    /// A message without a length whose quote is `datagram` and then `structure`.
    fn old(datagram: usize, structure: &[u8]) -> Vec<u8> {
        icmp::message(icmp::TIME_EXCEEDED, 0, [0; 4], &[&vec![0x45; datagram], structure].concat())
    }

    /// Whether something was found behind the quote, and the length of that.
    fn found(bytes: &[u8]) -> (bool, usize) {
        let quoted = icmp::parse(bytes).unwrap().1.quoted().unwrap();
        (quoted.extensions.is_some() && !quoted.is_compliant, quoted.datagram.len())
    }

    #[test]
    fn structure_without_a_length_is_found_by_its_version_and_checksum_only() {
        let right = structure(&[stack()]);
        assert_eq!(found(&old(128, &right)), (true, 128));
        assert_eq!(found(&old(124, &right)), (false, 124 + right.len()));
        for at in 0..right.len() {
            let mut wrong = right.clone();
            wrong[at] ^= 0x10;
            assert_eq!(found(&old(128, &wrong)), (false, 128 + right.len()), "byte {at}");
        }
        let without_checksum = [&right[..2], &[0, 0], &right[4..]].concat();
        assert_eq!(found(&old(128, &without_checksum)), (false, 128 + right.len()));
    }

    #[test]
    fn length_that_lies_leaves_the_quote_whole() {
        let mut bytes = message(icmp::PARAMETER_PROBLEM, 0, [20, 0, 0, 0], &ipv4::example(), &[stack()]);
        let whole = bytes.len() - 8;
        for (length, datagram, has_extensions) in
            [(32, 128, true), (31, whole, false), (255, whole, false), (36, 144, false)]
        {
            bytes[5] = length;
            let quoted = icmp::parse(&bytes).unwrap().1.quoted().unwrap();
            assert_eq!((quoted.datagram.len(), quoted.extensions.is_some()), (datagram, has_extensions), "{length}");
        }
    }

    #[test]
    fn redirect_has_no_extensions() {
        let redirect =
            icmp::message(icmp::REDIRECT, 1, [10, 32, 0, 1], &[&[0x45; 128][..], &structure(&[stack()])].concat());
        let quoted = icmp::parse(&redirect).unwrap().1.quoted().unwrap();
        assert_eq!((quoted.datagram.len(), quoted.extensions), (144, None));
    }

    #[test]
    fn lengths_that_lie_end_the_walk() {
        let walk = |objects: &[u8]| {
            let bytes = [&[0x20, 0, 0, 0], objects].concat();
            let mut objects = Extensions::parse(&bytes).unwrap().objects();
            let error = objects.by_ref().find_map(Result::err).unwrap().to_string();
            assert_eq!(objects.next(), None);
            error
        };
        let title = "ICMP extension object";
        assert_eq!(walk(&[0, 3, 9, 9]), format!("{title}, byte 4: length says 3 bytes, 4 is the least"));
        assert_eq!(walk(&[0, 4, 9, 9, 0, 9, 9, 9]), format!("{title}, byte 8: length says 9 bytes, 4 are there"));
        assert_eq!(walk(&[0, 4]), format!("{title}, byte 6: 4 bytes are needed, 2 are there"));
        assert_eq!(walk(&[0, 6, 1, 1, 0, 0]), "MPLS label stack entry, byte 2: 4 bytes are needed, 2 are there");
        let wrong = Extensions::parse(&[0x10, 0, 0, 0]).unwrap_err().to_string();
        assert_eq!(wrong, "ICMP extension, byte 0: version is 1, and must be 2");
    }
}
