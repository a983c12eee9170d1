//! The search for the text of solutions.
//!
//! A **piece** is so many words in a row of a solution or a wrong one, words being names, numbers and signs; how they are spread over lines
//! does not matter, nor do comments. What a lab itself hands out — its stub, the program around it, its hints — makes no piece of
//! its solutions. A file that has a piece has the text of that solution. So few words that two hands write them alike are no piece.

use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How many words make a piece: three lines or four. With 24, lists of imports and signatures of functions are found too, and with 30 a long
/// line that reads a number out of a packet.
const WORDS: usize = 40;
/// What the marks of words are multiplied with, place by place.
const BASE: u64 = 0x0000_0100_0000_01b3;

/// The pieces of all solutions, each with the file that it is of.
#[derive(Debug)]
pub(crate) struct Traces {
    pieces: BTreeMap<u64, usize>,
    solutions: Vec<PathBuf>,
}

impl Traces {
    /// Of these labs.
    pub(crate) fn of(labs: &[Lab]) -> Result<Self, Failure> {
        let (mut pieces, mut solutions) = (BTreeMap::new(), vec![]);
        let read = |path: &Path| fs::read(path).map_err(|error| fail::io("read", path, &error));
        for lab in labs {
            // What one lab gives may be what another asks for, so each lab's own is meant.
            let mut given = BTreeSet::new();
            let around = super::listed(&lab.source())?.into_iter().map(|(name, _)| lab.source().join(name));
            let around = around.filter(|file| file.extension().is_some_and(|end| end == "rs") && *file != lab.file());
            for file in around.chain([lab.stub(), lab.folder.join("lab.toml")]) {
                given.extend(both(&read(&file)?));
            }
            let wrong = lab.wrong()?.into_iter().map(|(_, file)| file);
            for file in std::iter::once(lab.solution()).chain(wrong) {
                for piece in both(&read(&file)?).filter(|piece| !given.contains(piece)) {
                    pieces.entry(piece).or_insert(solutions.len());
                }
                solutions.push(file);
            }
        }
        Ok(Self { pieces, solutions })
    }

    /// How many pieces there are.
    pub(crate) fn count(&self) -> usize {
        self.pieces.len()
    }

    /// The solution whose text these bytes have, whatever they are.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&Path> {
        let at = both(bytes).find_map(|piece| self.pieces.get(&piece))?;
        self.solutions.get(*at).map(PathBuf::as_path)
    }
}

/// The pieces with comments, and those without: what is no source, as a program, has text behind two slashes that is no comment.
fn both(bytes: &[u8]) -> impl Iterator<Item = u64> {
    pieces(words(bytes, false)).chain(pieces(words(bytes, true)))
}

/// Each run of [`WORDS`] words, as one number that is carried from run to run.
fn pieces(words: impl Iterator<Item = u64>) -> impl Iterator<Item = u64> {
    let top = (0..WORDS).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let (mut ring, mut sum, mut count) = ([0_u64; WORDS], 0_u64, 0_usize);
    words.filter_map(move |word| {
        let oldest = ring.get_mut(count % WORDS).map_or(0, |place| std::mem::replace(place, word));
        sum = sum.wrapping_mul(BASE).wrapping_add(word).wrapping_sub(oldest.wrapping_mul(top));
        count += 1;
        (count >= WORDS).then_some(sum)
    })
}

/// The words, each as a number. Signs that a diff or a compiler puts before a line are no words, nor is what stands for a line's
/// end or a quote in a string.
fn words(bytes: &[u8], without_comments: bool) -> impl Iterator<Item = u64> {
    let (mut at, mut begins) = (0, true);
    let byte = move |at: usize| bytes.get(at).copied().unwrap_or(0);
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let (this, next) = (byte(at), byte(at + 1));
            if this == b'\n' || this == b'\\' && matches!(next, b'n' | b't' | b'r') {
                at += if this == b'\n' { 1 } else { 2 };
                begins = true;
            } else if without_comments && this == b'/' && next == b'/' {
                at += bytes.get(at..).unwrap_or_default().iter().take_while(|byte| **byte != b'\n').count();
            } else if this.is_ascii_graphic() && !(begins && matches!(this, b'+' | b'-' | b'|' | b'>')) && this != b'\\'
            {
                begins = false;
                let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                let start = at;
                at += 1;
                while is_of_word(this) && is_of_word(byte(at)) && at < bytes.len() {
                    at += 1;
                }
                return bytes.get(start..at).map(mark);
            } else {
                at += 1;
            }
        }
        None
    })
}

/// A word as a number (FNV-1a, and one more step so that short words use all bits).
fn mark(word: &[u8]) -> u64 {
    let hash = word.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(BASE));
    (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLVED: &str = "pub fn sum(data: &[u8]) -> Lab<u16> {\n    let mut total: u32 = 0; // wide\n    for word in data.chunks(2) {\n        \
                          total += u32::from(word[0]) << 8 | word.get(1).copied().map_or(0, u32::from);\n    }\n}\n";

    fn traces() -> Traces {
        Traces { pieces: both(SOLVED.as_bytes()).map(|piece| (piece, 0)).collect(), solutions: vec!["sum.rs".into()] }
    }

    #[test]
    fn solution_is_found_however_its_text_is_wrapped() {
        let inside = |text: &str| [b"\x7fELF\0\xff// ", text.as_bytes(), b"\0rest"].concat();
        let reflowed = SOLVED.replace("    ", " ").replace("{\n", "{ ").replace("// wide\n", "\n/// narrow\n");
        let diff: String = SOLVED.lines().map(|line| format!("+ {line}\n")).collect();
        for text in [SOLVED, &reflowed, &diff, &format!("{:?}", SOLVED.replace(" // wide", ""))] {
            assert!(traces().found_in(&inside(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn other_text_is_not_found_and_a_few_words_alike_are_not_the_solution() {
        let start: String = SOLVED.chars().take(60).collect();
        let changed = SOLVED.replace("total", "sum").replace("word", "pair").replace("u32", "u64");
        for text in ["", "pub fn sum", &start, &changed] {
            assert!(traces().found_in(text.as_bytes()).is_none(), "{text}");
        }
    }
}
