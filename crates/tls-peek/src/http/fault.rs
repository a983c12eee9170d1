//! What can be wrong with answers, in words.

use std::fmt;

/// Why answers cannot be read on. Answers are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// What begins here is no answer.
    NotHttp {
        /// Which one it would be.
        answer: usize,
        /// Its first bytes, made safe.
        begins: String,
    },
    /// A head that cannot be read.
    Head {
        /// Whose.
        answer: usize,
        /// In the words of who reads it.
        why: String,
    },
    /// A head or a content without end.
    TooLong {
        /// Whose.
        answer: usize,
        /// Which part of it.
        part: &'static str,
        /// So much is read, bytes.
        most: usize,
    },
    /// Two fields that say in different ways where the content ends.
    Framing {
        /// Whose.
        answer: usize,
        /// What they say.
        why: &'static str,
    },
    /// A chunk without a size, or with another end than that says.
    Chunk {
        /// Whose.
        answer: usize,
        /// Which chunk, from 1.
        chunk: usize,
    },
    /// The connection ended within an answer.
    Closed {
        /// In which.
        answer: usize,
        /// Where in it.
        within: String,
    },
    /// The connection ended between two answers.
    NotAnswered {
        /// So many came.
        answers: usize,
        /// So many were wanted.
        requests: usize,
        /// Whether the last answer had said so.
        said_so: bool,
    },
    /// Answers to nothing.
    Unasked {
        /// So many came.
        answers: usize,
        /// So many were asked for.
        requests: usize,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp { answer, begins } => {
                write!(f, "answer {answer} is not HTTP/1.1: it begins with '{begins}', and not with a status line")
            }
            Self::Head { answer, why } => write!(f, "the head of answer {answer} cannot be read: {why}"),
            Self::TooLong { answer, part, most } => {
                write!(f, "the {part} of answer {answer} has more than {most} bytes, and is not read on")
            }
            Self::Framing { answer, why } => write!(f, "nobody can say where answer {answer} ends: {why}"),
            Self::Chunk { answer, chunk } => {
                write!(f, "chunk {chunk} of answer {answer} does not end where its size says")
            }
            Self::Closed { answer, within } => {
                write!(f, "answer {answer} is cut short: the server closed the connection {within}")
            }
            Self::NotAnswered { answers: 0, requests, .. } => {
                write!(f, "no answer to {}: the server closed the connection", counted(*requests, "request"))
            }
            Self::NotAnswered { answers, requests, said_so } => {
                let said = if *said_so { "as that had said" } else { "and that had not said so" };
                let (answered, asked) = (counted(*answers, "answer"), counted(*requests, "request"));
                write!(f, "{answered} to {asked}: the server closed behind answer {answers}, {said}")
            }
            Self::Unasked { answers, requests } => {
                let (answered, asked) = (counted(*answers, "answer"), counted(*requests, "request"));
                write!(f, "{answered} to {asked}: one came that nobody asked for")
            }
        }
    }
}

/// `1 request`, `2 requests`.
fn counted(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}
