//! Answers, cut out of the bytes of a connection.
//!
//! Heads are read by httparse. Where the content behind a head ends is RFC 9112 section 6.3, and written out here.

use super::Fault;
use host::Time;
use httparse::Status;

/// A longer head is not read, bytes.
const MOST_HEAD: usize = 1 << 16;
/// A longer content is not read, bytes.
const MOST_CONTENT: usize = 1 << 20;
/// More fields in a head are not read.
const MOST_FIELDS: usize = 128;
/// No size of a chunk, with its extensions, is longer; nor is a line of a trailer.
const MOST_LINE: usize = 1 << 12;

/// How an answer says where its content ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// It has none: 204, 304.
    Nothing,
    /// `Content-Length`: behind so many bytes.
    Length(usize),
    /// `Transfer-Encoding: chunked`: with a chunk of size zero.
    Chunked,
    /// It does not: the end of the connection is the end.
    Close,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When its first byte came.
    pub begun: Time,
    /// When its last one came.
    pub whole: Time,
    /// `200`.
    pub status: u16,
    /// `OK`, which no program reads; made safe.
    pub reason: String,
    /// Its head as it came, with the empty line.
    pub head: Vec<u8>,
    /// How it says where it ends.
    pub framing: Framing,
    /// Its content, without the framing.
    pub content: Vec<u8>,
    /// How many bytes each chunk has.
    pub chunks: Vec<usize>,
    /// Whether it is the last one of its connection.
    pub closes: bool,
}

/// Where a reader is.
#[derive(Debug, Clone, Default)]
enum At {
    /// Before or in a head.
    #[default]
    Head,
    /// So many bytes of content are still to come.
    Content(usize),
    /// Before the size of a chunk.
    Size,
    /// In a chunk, or in the two bytes behind it.
    Chunk(usize),
    /// Behind the last chunk: fields, up to an empty line.
    Trailer,
    /// In a content that ends with the connection.
    Rest,
}

/// Reads answers, however their bytes are cut.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// What came and is in no answer yet.
    buffer: Vec<u8>,
    at: At,
    begun: Time,
    /// The answer at work.
    answer: Option<Answer>,
    /// How many are done.
    done: usize,
}

impl Answers {
    /// Hears what came, and puts the answers that are whole with it into `whole`.
    ///
    /// # Errors
    /// What cannot be read; nothing that comes behind it can.
    pub fn push(&mut self, now: Time, bytes: &[u8], whole: &mut Vec<Answer>) -> Result<(), Fault> {
        if self.answer.is_none() && self.buffer.is_empty() {
            self.begun = now;
        }
        self.buffer.extend_from_slice(bytes);
        while !self.buffer.is_empty() && self.step(now, whole)? {
            if self.answer.is_none() {
                self.begun = now;
            }
        }
        Ok(())
    }

    /// Hears that no more will come.
    ///
    /// # Errors
    /// An answer that is not whole.
    pub fn end(&mut self, now: Time, whole: &mut Vec<Answer>) -> Result<(), Fault> {
        let have = self.answer.as_ref().map_or(0, |answer| answer.content.len());
        let within = match self.at {
            At::Rest => {
                self.finish(now, whole);
                return Ok(());
            }
            At::Head if self.buffer.is_empty() => return Ok(()),
            At::Head => "within its head".into(),
            At::Content(left) => format!("after {have} of {} bytes of content", have + left),
            At::Size | At::Chunk(_) | At::Trailer => {
                format!("after {have} bytes of content, and before the chunk that ends it")
            }
        };
        Err(Fault::Closed { answer: self.number(), within })
    }

    fn number(&self) -> usize {
        self.done + 1
    }

    /// Takes one part off the buffer. `false`: it needs more bytes.
    fn step(&mut self, now: Time, whole: &mut Vec<Answer>) -> Result<bool, Fault> {
        match self.at {
            At::Head => return self.head(now, whole),
            At::Content(left) => {
                let taken = self.take_content(left)?;
                self.at = At::Content(left - taken);
                if left == taken {
                    self.finish(now, whole);
                }
            }
            At::Rest => {
                self.take_content(usize::MAX)?;
            }
            At::Size => return self.size(),
            At::Chunk(0) => match self.buffer.first_chunk::<2>() {
                None => return Ok(false),
                Some(b"\r\n") => {
                    self.buffer.drain(..2);
                    self.at = At::Size;
                }
                Some(_) => return Err(self.bad_chunk()),
            },
            At::Chunk(left) => {
                let taken = self.take_content(left)?;
                self.at = At::Chunk(left - taken);
            }
            At::Trailer => {
                let Some(feed) = self.buffer.iter().position(|byte| *byte == b'\n') else {
                    return self.more_of_line("trailer");
                };
                let is_empty = self.buffer.get(..feed).is_some_and(|line| line.trim_ascii().is_empty());
                self.buffer.drain(..=feed);
                if is_empty {
                    self.finish(now, whole);
                }
            }
        }
        Ok(true)
    }

    fn head(&mut self, now: Time, whole: &mut Vec<Answer>) -> Result<bool, Fault> {
        let number = self.number();
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut head = httparse::Response::new(&mut fields);
        let behind = match head.parse(&self.buffer) {
            Ok(Status::Complete(behind)) => behind,
            Ok(Status::Partial) if self.buffer.len() <= MOST_HEAD => return Ok(false),
            Ok(Status::Partial) => return Err(Fault::TooLong { answer: number, part: "head", most: MOST_HEAD }),
            Err(_) if !self.buffer.starts_with(b"HTTP/1.") => {
                let begins = cli::escape_bytes(self.buffer.get(..16).unwrap_or(&self.buffer));
                return Err(Fault::NotHttp { answer: number, begins });
            }
            Err(error) => return Err(Fault::Head { answer: number, why: error.to_string() }),
        };
        let (status, version) = (head.code.unwrap_or_default(), head.version.unwrap_or_default());
        let (framing, says) = framing(status, head.headers).map_err(|why| Fault::Framing { answer: number, why })?;
        let answer = Answer {
            begun: self.begun,
            whole: now,
            status,
            reason: cli::escape(head.reason.unwrap_or_default()),
            head: self.buffer.drain(..behind).collect(),
            framing,
            content: vec![],
            chunks: vec![],
            // RFC 9112 section 9.3: with HTTP/1.0 the connection ends unless "keep-alive" is said.
            closes: says.close || version == 0 && !says.keep_alive || framing == Framing::Close,
        };
        // RFC 9110 section 15.2: one of 1xx comes before the answer, and is none.
        if (100..200).contains(&status) {
            return Ok(true);
        }
        self.answer = Some(answer);
        match framing {
            Framing::Nothing | Framing::Length(0) => self.finish(now, whole),
            Framing::Length(length) => self.at = At::Content(length),
            Framing::Chunked => self.at = At::Size,
            Framing::Close => self.at = At::Rest,
        }
        Ok(true)
    }

    fn size(&mut self) -> Result<bool, Fault> {
        match httparse::parse_chunk_size(&self.buffer) {
            Ok(Status::Partial) => self.more_of_line("size of a chunk"),
            Ok(Status::Complete((behind, size))) => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                self.buffer.drain(..behind);
                self.at = if size == 0 { At::Trailer } else { At::Chunk(size) };
                if let Some(answer) = self.answer.as_mut().filter(|_| size > 0) {
                    answer.chunks.push(size);
                }
                Ok(true)
            }
            Err(_) => Err(self.bad_chunk()),
        }
    }

    fn bad_chunk(&self) -> Fault {
        let chunk = self.answer.as_ref().map_or(0, |answer| answer.chunks.len());
        let is_size = matches!(self.at, At::Size);
        Fault::Chunk { answer: self.number(), chunk: chunk + usize::from(is_size) }
    }

    /// A line that is not whole is waited for, as long as it can be one.
    fn more_of_line(&self, part: &'static str) -> Result<bool, Fault> {
        if self.buffer.len() <= MOST_LINE {
            return Ok(false);
        }
        Err(Fault::TooLong { answer: self.number(), part, most: MOST_LINE })
    }

    /// Moves up to `most` bytes into the answer's content.
    fn take_content(&mut self, most: usize) -> Result<usize, Fault> {
        let count = self.buffer.len().min(most);
        let number = self.number();
        let Some(answer) = &mut self.answer else { return Ok(0) };
        if answer.content.len() + count > MOST_CONTENT {
            return Err(Fault::TooLong { answer: number, part: "content", most: MOST_CONTENT });
        }
        answer.content.extend(self.buffer.drain(..count));
        Ok(count)
    }

    fn finish(&mut self, now: Time, whole: &mut Vec<Answer>) {
        if let Some(answer) = self.answer.take() {
            whole.push(Answer { whole: now, ..answer });
            self.done += 1;
        }
        self.at = At::Head;
    }
}

/// What the field `Connection` says.
#[derive(Debug, Default)]
struct Says {
    close: bool,
    keep_alive: bool,
}

/// RFC 9112 section 6.3, in its order: nothing; chunks, which overrule a length; the length; else up to the end of the connection.
fn framing(status: u16, fields: &[httparse::Header<'_>]) -> Result<(Framing, Says), &'static str> {
    let (mut length, mut coding, mut says) = (None, None, Says::default());
    for field in fields {
        let value = field.value.trim_ascii();
        match field.name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|it| it.is_ascii_digit()));
                let number: usize =
                    digits.and_then(|text| text.parse().ok()).ok_or("its Content-Length is no number")?;
                if length.replace(number).is_some_and(|before| before != number) {
                    return Err("it has two Content-Lengths, and they differ");
                }
            }
            "transfer-encoding" => coding = Some(value.to_ascii_lowercase()),
            "connection" => {
                for word in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    says.close |= word.eq_ignore_ascii_case(b"close");
                    says.keep_alive |= word.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            _ => {}
        }
    }
    let framing = match (coding, length) {
        _ if matches!(status, 100..200 | 204 | 304) => Framing::Nothing,
        (Some(_), Some(_)) => return Err("it has both a Transfer-Encoding and a Content-Length"),
        (Some(coding), None) if coding.ends_with(b"chunked") => Framing::Chunked,
        (None, Some(length)) => Framing::Length(length),
        _ => Framing::Close,
    };
    Ok((framing, says))
}

#[cfg(test)]
mod tests;
