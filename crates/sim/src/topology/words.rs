//! A sentence read word by word: what does not fit is an error that names the word and what could stand there.

use super::{NetError, known};
use std::net::Ipv4Addr;
use std::str::{FromStr, SplitWhitespace};

/// The words of a sentence that are still to be read.
#[derive(Clone)]
pub(super) struct Words<'a>(std::iter::Peekable<SplitWhitespace<'a>>);

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text.split_whitespace().peekable())
    }

    pub(super) fn peek(&mut self) -> Option<&'a str> {
        self.0.peek().copied()
    }

    /// Takes the next word if it is `word`.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        self.0.next_if(|next| *next == word).is_some()
    }

    /// Takes the next word, which is `what`, "a node" for one.
    pub(super) fn take(&mut self, what: &str, hint: impl FnOnce(&str) -> String) -> Result<&'a str, NetError> {
        self.0.next().ok_or_else(|| NetError::new(format!("it ends where {what} is missing"), hint("")))
    }

    /// Takes the next word, which is one of `names`.
    pub(super) fn choose<'n>(
        &mut self,
        what: &str,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<&'n str, NetError> {
        let hint = |word: &str| format!("it is one of {}", known(word, names.clone()));
        let word = self.take(what, hint)?;
        names.clone().find(|name| *name == word).ok_or_else(|| wrong(word, what, hint(word)))
    }

    /// Takes the next word, which `read` understands.
    pub(super) fn read<T>(
        &mut self,
        what: &str,
        example: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, NetError> {
        let hint = || format!("write it as in {example}");
        let word = self.take(what, |_| hint())?;
        read(word).ok_or_else(|| wrong(word, what, hint()))
    }

    /// Takes a number or an address.
    pub(super) fn parse<T: FromStr>(&mut self, what: &str, example: &str) -> Result<T, NetError> {
        self.read(what, example, |word| word.parse().ok())
    }

    /// An IPv4 address.
    pub(super) fn address(&mut self) -> Result<Ipv4Addr, NetError> {
        self.parse("an IPv4 address", "10.0.0.1")
    }

    /// Ends the reading.
    pub(super) fn done(&mut self, hint: &str) -> Result<(), NetError> {
        let Some(word) = self.peek() else { return Ok(()) };
        Err(NetError::new(format!("'{}' is a word too many", word.escape_debug()), hint))
    }
}

/// "'icpm' is not a kind of packet".
pub(super) fn wrong(word: &str, what: &str, hint: impl Into<String>) -> NetError {
    NetError::new(format!("'{}' is not {what}", word.escape_debug()), hint)
}
