//! A message: the header, and four sections behind it.
//!
//! Obeys RFC 1035 section 4.1.

use super::anatomy::Anatomy;
use super::cursor::{Cursor, Wrong};
use super::edns::Edns;
use super::emit::Emitter;
use super::header::Header;
use super::numbers::{Opcode, Rcode, Type};
use super::question::Question;
use super::record::Record;
use crate::WireError;
use crate::fields::Field;
use crate::fields::Show::Bytes;
use crate::fields::row;

/// The four sections. The counts of the header are fields like all others: [`Message::sealed`] makes them right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The first twelve bytes.
    pub header: Header,
    /// What is asked: one question in practice (RFC 9619).
    pub questions: Vec<Question>,
    /// What answers it.
    pub answers: Vec<Record>,
    /// Which servers have authority, or why there is no answer.
    pub authorities: Vec<Record>,
    /// What helps, such as the addresses of those servers; EDNS too.
    pub additionals: Vec<Record>,
}

pub(crate) static QUESTION: Field = row("question", "Question", Bytes);
pub(crate) static ANSWER: Field = row("answer", "Answer", Bytes);
pub(crate) static AUTHORITY: Field = row("authority", "Authority", Bytes);
pub(crate) static ADDITIONAL: Field = row("additional", "Additional", Bytes);

impl Message {
    /// Header and nothing behind it.
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self { header, questions: vec![], answers: vec![], authorities: vec![], additionals: vec![] }
    }

    /// A query with this question.
    #[must_use]
    pub fn query(id: u16, recursion_desired: bool, question: Question) -> Self {
        Self { questions: vec![question], ..Self::new(Header::query(id, recursion_desired)) }.sealed()
    }

    /// The message, and what follows it in `bytes`, which is nothing in a datagram that is well made.
    ///
    /// # Errors
    /// When a field is cut short, a name breaks a limit or has a pointer that does not lead backwards, or the data of a record are
    /// not as long as they say.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), WireError> {
        let mut cursor = Cursor::new(bytes);
        let message = Self::read(&mut cursor)?;
        Ok((message, bytes.get(cursor.at()..).unwrap_or_default()))
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Wrong> {
        let header = cursor.header()?;
        let opcode = Opcode(header.opcode);
        let mut message = Self::new(header);
        for _ in 0..header.qdcount {
            message.questions.push(cursor.entry(&QUESTION, Question::read)?);
        }
        let sections = [
            (&ANSWER, header.ancount, &mut message.answers),
            (&AUTHORITY, header.nscount, &mut message.authorities),
            (&ADDITIONAL, header.arcount, &mut message.additionals),
        ];
        for (row, count, records) in sections {
            for _ in 0..count {
                records.push(cursor.entry(row, |cursor| Record::read(cursor, opcode))?);
            }
        }
        Ok(message)
    }

    /// This message with the counts of its sections. More than 65,535 entries get a count that is cut to its 16 bits.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the docs say so")]
    pub fn sealed(mut self) -> Self {
        self.header.qdcount = self.questions.len() as u16;
        self.header.ancount = self.answers.len() as u16;
        self.header.nscount = self.authorities.len() as u16;
        self.header.arcount = self.additionals.len() as u16;
        self
    }

    /// The bytes of this message, names compressed where they may be.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut emitter = Emitter::default();
        emitter.put(&self.header.bytes());
        for question in &self.questions {
            question.emit(&mut emitter);
        }
        for record in self.records() {
            record.emit(&mut emitter);
        }
        emitter.finish()
    }

    /// The bytes of this message if they are `limit` at most, or else of what fits: with TC set, and with the header's counts.
    ///
    /// RFC 2181 section 9 wants TC only where records that were asked for do not fit. So the additional section is given up
    /// first, and silently, but for EDNS; then all records go, for a part of them is of no use.
    #[must_use]
    pub fn bytes_within(&self, limit: usize) -> Vec<u8> {
        let is_edns = |record: &&Record| record.rrtype() == Type::OPT;
        let edns: Vec<Record> = self.additionals.iter().filter(is_edns).cloned().collect();
        let without_help = Self { additionals: edns, ..self.clone() }.sealed();
        let mut alone = Self { answers: vec![], authorities: vec![], ..without_help.clone() }.sealed();
        alone.header.tc = true;
        let whole = [self, &without_help].into_iter().map(Self::bytes).find(|bytes| bytes.len() <= limit);
        whole.unwrap_or_else(|| alone.bytes())
    }

    /// The records of all three sections.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.answers.iter().chain(&self.authorities).chain(&self.additionals)
    }

    /// What EDNS says here; `None` if the message has none.
    #[must_use]
    pub fn edns(&self) -> Option<Edns> {
        self.additionals.iter().find_map(Edns::of)
    }

    /// What became of the query: the header's four bits, and those of EDNS above them.
    #[must_use]
    pub fn rcode(&self) -> Rcode {
        let above = self.edns().map_or(0, |edns| u16::from(edns.extended_rcode) << 4);
        Rcode(above | u16::from(self.header.rcode))
    }
}

/// See [`Anatomy::of`].
pub(super) fn anatomy(bytes: &[u8]) -> Anatomy {
    let mut cursor = Cursor::noting(bytes);
    let message = Message::read(&mut cursor);
    cursor.told(message)
}
