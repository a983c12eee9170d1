//! A cursor over a message: it reads fields by their rows, follows pointers, and notes where everything stood.
//!
//! Names are the reason why [`crate::reader::Reader`] is not enough: what a pointer points to is outside of what is read.

use super::anatomy::{Anatomy, Part, Pointer};
use super::header::Header;
use super::name::{MOST_NAME, Name};
use crate::fields::Field;
use crate::fields::Show::{Bytes, Dec, Hex, Text};
use crate::fields::row;
use crate::{Problem, WireError};
use std::fmt;
use std::ops::Range;

/// The most pointers that are followed for one name: it has no more labels, and a pointer that gives none has no reason to be.
pub const MOST_POINTERS: usize = 127;

pub(crate) static LABEL_LENGTH: Field = row("label_length", "Label Length", Dec);
pub(crate) static LABEL: Field = row("label", "Label", Text);
pub(crate) static ROOT: Field = row("root", "Root", Dec);
pub(crate) static POINTER: Field = row("pointer", "Pointer", Hex);
static LABEL_TYPE: Field = row("label_type", "Label Type", Hex);
static NAME: Field = row("name", "Name", Bytes);
/// The header as a whole, which has no name among its fields.
static HEADER: Field = row("", "", Bytes);

/// The two bits of a length that say what it is.
const KIND: u8 = 0xc0;

/// Reads from `at` up to `end`.
pub(super) struct Cursor<'m> {
    message: &'m [u8],
    at: usize,
    end: usize,
    /// What was noted, if anybody wants to know.
    notes: Option<(Vec<Part>, Vec<Pointer>)>,
    /// How many labels and pointers were read: what following pointers costs.
    steps: usize,
    /// How many questions and records were read to their ends.
    entries: usize,
}

/// What is wrong, and with which field; a [`WireError`] has only its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrong {
    pub(crate) row: &'static Field,
    pub(crate) byte: usize,
    pub(crate) problem: Problem,
}

impl From<Wrong> for WireError {
    fn from(Wrong { row, byte, problem }: Wrong) -> Self {
        WireError { header: Header::TITLE, field: row.name, byte, problem }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WireError::from(*self).fmt(f)
    }
}

type Result<T> = std::result::Result<T, Wrong>;

impl<'m> Cursor<'m> {
    pub(super) fn new(message: &'m [u8]) -> Self {
        Self { message, at: 0, end: message.len(), notes: None, steps: 0, entries: 0 }
    }

    /// One of some bytes of a message, which may point before them.
    pub(super) fn within(message: &'m [u8], bytes: Range<usize>) -> Self {
        Self { at: bytes.start, end: bytes.end.min(message.len()), ..Self::new(message) }
    }

    /// One that notes the place of each field.
    pub(super) fn noting(message: &'m [u8]) -> Self {
        Self { notes: Some((vec![], vec![])), ..Self::new(message) }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    #[cfg(test)]
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// What it noted of a message that was read, or of the part that could be read.
    pub(super) fn told(self, message: Result<super::Message>) -> Anatomy {
        let (parts, pointers) = self.notes.unwrap_or_default();
        let wrong = message.as_ref().err().copied();
        Anatomy {
            parts,
            pointers,
            end: self.at,
            message: message.map_err(WireError::from),
            wrong,
            entries: self.entries,
        }
    }

    /// An error of the field of this row, at a byte of the message.
    pub(super) fn error(row: &'static Field, byte: usize, problem: Problem) -> Wrong {
        Wrong { row, byte, problem }
    }

    /// The header, with a note for each of its rows.
    pub(super) fn header(&mut self) -> Result<Header> {
        let (header, _) =
            Header::take(self.message).map_err(|error| Self::error(&HEADER, error.byte, error.problem))?;
        for row in Header::FIELDS {
            self.note(row, row.bit, row.bit + row.bits);
        }
        self.at = Header::LEN;
        Ok(header)
    }

    /// The next `len` bytes.
    pub(super) fn bytes(&mut self, row: &'static Field, len: usize) -> Result<&'m [u8]> {
        let (from, have) = (self.at, self.left());
        let taken = self.message.get(from..from + len).filter(|_| len <= have);
        let taken = taken.ok_or(Self::error(row, from, Problem::Missing { need: len, have }))?;
        self.at += len;
        self.note(row, from * 8, self.at * 8);
        Ok(taken)
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self, row: &'static Field) -> Result<&'m [u8]> {
        self.bytes(row, self.left())
    }

    fn array<const N: usize>(&mut self, row: &'static Field) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(row, N)?);
        Ok(array)
    }

    pub(super) fn u8(&mut self, row: &'static Field) -> Result<u8> {
        self.array(row).map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self, row: &'static Field) -> Result<u16> {
        self.array(row).map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self, row: &'static Field) -> Result<u32> {
        self.array(row).map(u32::from_be_bytes)
    }

    pub(super) fn octets<const N: usize>(&mut self, row: &'static Field) -> Result<[u8; N]> {
        self.array(row)
    }

    /// A bit and the 15 behind it.
    pub(super) fn bit_and_rest(&mut self, bit: &'static Field, rest: &'static Field) -> Result<u16> {
        let noted = self.notes.take();
        let value = self.u16(bit);
        self.notes = noted;
        let value = value?;
        let behind = self.at * 8;
        self.note(bit, behind - 16, behind - 15);
        self.note(rest, behind - 15, behind);
        Ok(value)
    }

    /// What was read from byte `from` on.
    pub(super) fn since(&self, from: usize) -> &'m [u8] {
        self.message.get(from..self.at).unwrap_or_default()
    }

    /// A field with fields inside, which `read` reads.
    pub(super) fn group<T>(&mut self, row: &'static Field, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let from = self.at;
        let number = self.notes.as_mut().map(|(parts, _)| {
            parts.push(Part { row, bits: from * 8..from * 8, parts: 0 });
            parts.len()
        });
        let value = read(self);
        if let (Some((parts, _)), Some(number)) = (&mut self.notes, number) {
            let inside = parts.len() - number;
            match parts.get_mut(number - 1) {
                Some(part) if self.at > from => (part.bits.end, part.parts) = (self.at * 8, inside),
                _ => parts.truncate(number - 1),
            }
        }
        value
    }

    /// A question or a record.
    pub(super) fn entry<T>(&mut self, row: &'static Field, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let entry = self.group(row, read)?;
        self.entries += 1;
        Ok(entry)
    }

    /// What `read` reads of the next `len` bytes, which is all of them; `row` is the field that has their number, two bytes
    /// before them.
    pub(super) fn counted<T>(
        &mut self,
        row: &'static Field,
        len: usize,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let (from, have, around) = (self.at, self.left(), self.end);
        let place = from.saturating_sub(2);
        if len > have {
            return Err(Self::error(row, place, Problem::TooShort { need: len, have }));
        }
        self.end = from + len;
        let value = read(self)?;
        self.end = around;
        let used = self.at - from;
        if used != len {
            let problem = Problem::Unexpected { value: len as u64, expected: used as u64 };
            return Err(Self::error(row, place, problem));
        }
        Ok(value)
    }

    fn note(&mut self, row: &'static Field, from: usize, to: usize) {
        if let Some((parts, _)) = &mut self.notes
            && from < to
        {
            parts.push(Part { row, bits: from..to, parts: 0 });
        }
    }

    /// A name, with a note for each label and for the pointer at its end.
    pub(super) fn name(&mut self, row: &'static Field) -> Result<Name> {
        self.group(row, Self::labels)
    }

    /// The labels that stand here, up to the root or to a pointer; and what stands where that points.
    fn labels(&mut self) -> Result<Name> {
        let mut wire = Vec::new();
        let start = self.at;
        loop {
            let at = self.at;
            let length = self.message.get(at).copied().filter(|_| at < self.end);
            let length = length.ok_or(Self::error(&NAME, at, Problem::Missing { need: 1, have: 0 }))?;
            match length & KIND {
                KIND => {
                    let to = usize::from(self.u16(&POINTER)? & 0x3fff);
                    let prefix = wire.len();
                    self.follow(&mut wire, at, start, to)?;
                    if let Some((_, pointers)) = &mut self.notes {
                        let name = Name::of_wire(wire.get(prefix..).unwrap_or_default().to_vec());
                        pointers.push(Pointer { at, to, name });
                    }
                    return Ok(Name::of_wire(wire));
                }
                0 if length == 0 => {
                    self.u8(&ROOT)?;
                    self.step(&mut wire, at, &[])?;
                    return Ok(Name::of_wire(wire));
                }
                0 => {
                    self.u8(&LABEL_LENGTH)?;
                    let label = self.bytes(&LABEL, length.into())?;
                    self.step(&mut wire, at, label)?;
                }
                kind => return Err(Self::error(&LABEL_TYPE, at, Problem::Reserved { value: kind.into() })),
            }
        }
    }

    /// Adds a label to a name, or the root.
    fn step(&mut self, wire: &mut Vec<u8>, at: usize, label: &[u8]) -> Result<()> {
        self.steps += 1;
        // RFC 1035 section 2.3.4: "names 255 octets or less". A label's length has six bits and cannot be too large.
        let value = wire.len() + 1 + label.len();
        if value > MOST_NAME {
            return Err(Self::error(&NAME, at, Problem::TooLarge { value, most: MOST_NAME }));
        }
        wire.push(u8::try_from(label.len()).unwrap_or_default());
        wire.extend_from_slice(label);
        Ok(())
    }

    /// Adds the labels to which the pointer at `at` points, in a run of labels that began at `start`.
    ///
    /// RFC 1035 section 4.1.4: "a pointer to a prior occurance of the same name". So what it points to begins before that
    /// run, and ends before it too: each run lies before the one that points to it, and nothing is read twice for one name.
    fn follow(&mut self, wire: &mut Vec<u8>, mut at: usize, mut start: usize, mut to: usize) -> Result<()> {
        for _ in 0..MOST_POINTERS {
            self.steps += 1;
            if to >= start {
                return Err(Self::error(&POINTER, at, Problem::NotBefore { to, before: start }));
            }
            let before = start;
            start = to;
            // The pointer at the end of this run, if there is one.
            let next = loop {
                let error = Self::error(&POINTER, at, Problem::RunsOn { to: start, before });
                let rest = self.message.get(to..before).unwrap_or_default();
                match *rest {
                    [0, ..] => return self.step(wire, to, &[]),
                    [high, low, ..] if high & KIND == KIND => {
                        break usize::from(u16::from_be_bytes([high & !KIND, low]));
                    }
                    [length, ref rest @ ..] if length & KIND == 0 => {
                        let label = rest.get(..usize::from(length)).ok_or(error)?;
                        self.step(wire, to, label)?;
                        to += 1 + label.len();
                    }
                    [kind, ..] if kind & KIND != KIND => {
                        return Err(Self::error(&LABEL_TYPE, to, Problem::Reserved { value: (kind & KIND).into() }));
                    }
                    _ => return Err(error),
                }
            };
            (at, to) = (to, next);
        }
        Err(Self::error(&POINTER, at, Problem::TooMany { most: MOST_POINTERS }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &[u8], at: usize) -> std::result::Result<String, String> {
        let mut cursor = Cursor::new(message);
        cursor.at = at;
        cursor.name(&NAME).map(|name| name.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn pointer_leads_to_the_rest_of_a_name() {
        // RFC 1035 section 4.1.4's own example, from byte 20 on: F.ISI.ARPA, FOO.F.ISI.ARPA, ARPA, and the root.
        let mut message = [0; 93];
        message[20..32].copy_from_slice(b"\x01F\x03ISI\x04ARPA\0");
        message[40..46].copy_from_slice(b"\x03FOO\xc0\x14");
        message[64..66].copy_from_slice(b"\xc0\x1a");
        for (at, name) in [(20, "F.ISI.ARPA."), (40, "FOO.F.ISI.ARPA."), (64, "ARPA."), (92, ".")] {
            assert_eq!(read(&message, at).as_deref(), Ok(name));
        }
    }

    #[test]
    fn pointer_that_does_not_lead_backwards_is_refused() {
        let itself = read(b"\xc0\x00", 0).unwrap_err();
        assert_eq!(itself, "DNS, byte 0: pointer is to byte 0, and must be to one before 0");
        let forwards = read(b"\x01a\xc0\x04\x01b\0", 0).unwrap_err();
        assert_eq!(forwards, "DNS, byte 2: pointer is to byte 4, and must be to one before 0");
        // Into the middle of the labels that it stands behind.
        let round = read(b"\0\0\x01a\x01b\xc0\x04", 2).unwrap_err();
        assert_eq!(round, "DNS, byte 6: pointer is to byte 4, and must be to one before 2");
        // To labels that run into those that it stands behind.
        let over = read(b"\x03abc\x01b\xc0\x00", 4).unwrap_err();
        assert_eq!(over, "DNS, byte 6: pointer is to byte 0, and what stands there does not end before byte 4");
    }

    #[test]
    fn kinds_of_labels_that_nobody_may_send_are_refused() {
        for (byte, value) in [(0x40, 64), (0x80, 128)] {
            let message = [1, b'a', byte, 0, 0xc0, 0];
            let told = format!("DNS, byte 2: label_type is {value}, which is reserved");
            assert_eq!([read(&message, 0), read(&message, 4)], [Err(told.clone()), Err(told)]);
        }
    }

    #[test]
    fn name_that_ends_too_early_or_too_late_is_refused() {
        assert_eq!(read(b"\x03abc", 0).unwrap_err(), "DNS, byte 4: name needs 1 bytes, 0 are there");
        assert_eq!(read(b"\x03ab", 0).unwrap_err(), "DNS, byte 1: label needs 3 bytes, 2 are there");
        let mut long = [b"\x3f".as_slice(), &[b'x'; 63]].concat().repeat(4);
        long.push(0);
        assert_eq!(read(&long, 0).unwrap_err(), "DNS, byte 192: name says 256 bytes, 255 is the most");
    }

    #[test]
    fn bomb_of_pointers_costs_a_bounded_number_of_steps() {
        // As many names as fit behind a chain of pointers that is as long as a pointer can reach: each would follow all of it.
        let mut message = vec![0, 0];
        while message.len() < 0x3ffe {
            let to = u16::try_from(message.len() - 2).unwrap();
            message.extend((0xc000 | to).to_be_bytes());
        }
        let last = u16::try_from(message.len() - 2).unwrap();
        let chain = message.len();
        while message.len() < 65_534 {
            message.extend((0xc000 | last).to_be_bytes());
        }
        let (mut cursor, mut names) = (Cursor::new(&message), 0);
        cursor.at = chain;
        while cursor.left() >= 2 {
            let error = cursor.name(&NAME).unwrap_err();
            assert_eq!(error.problem, Problem::TooMany { most: MOST_POINTERS });
            names += 1;
        }
        assert_eq!((names, cursor.steps()), (24_576, 24_576 * MOST_POINTERS));

        // Labels of one byte, 126 of them: the longest name, by as many steps as it has labels.
        let mut message = [1, b'x'].repeat(126);
        message.push(0);
        message.extend([0xc0, 0].repeat(1000));
        let mut cursor = Cursor::new(&message);
        cursor.at = 253;
        while cursor.left() > 0 {
            assert_eq!(cursor.name(&NAME).unwrap().labels().count(), 126);
        }
        assert_eq!(cursor.steps(), 1000 * 128);
    }
}
