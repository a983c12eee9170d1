//! How a node answers, where it is not what the RFCs ask for: keys of hosts and routers alike.

use super::reader::{Table, Value};
use super::{NetError, known, units};
use std::time::Duration;

/// How a node answers, and what it says of packets that it cannot deliver.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manners {
    /// Whether it limits its errors as Linux does.
    pub(crate) limits_errors: bool,
    pub(crate) answers: Answers,
    /// How many bytes behind the IP header its errors quote; `None`: as many as fit.
    pub(crate) quotes: Option<usize>,
    /// Whether an error of its comes with another one, about a packet that nobody sent.
    pub(crate) foreign_errors: bool,
    /// What its errors tell behind the quote: RFC 4884.
    pub(crate) extensions: Vec<Extension>,
}

/// An object behind the quote of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Extension {
    /// Labels that the packet is said to have come with, the outermost first: RFC 4950.
    Labels(Vec<u32>),
    /// The interface that the packet came by: RFC 5837.
    Interface,
}

/// Whether, how often and when it answers: errors, echo replies and what its ports send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) never: bool,
    pub(crate) twice: bool,
    /// How long after it would have been right.
    pub(crate) late: Duration,
}

impl Manners {
    /// What the keys of a node say.
    pub(super) fn take(table: &mut Table<'_>) -> Result<Self, NetError> {
        let mut manners = Self::default();
        if let Some(value) = table.take("icmp_limit") {
            manners.limits_errors = limit(&value)?;
        }
        if let Some(value) = table.take("answers") {
            manners.answers = answers(&value)?;
        }
        if let Some(value) = table.take("quotes") {
            manners.quotes = Some(value.number(0, 548)?);
        }
        if let Some(value) = table.take("foreign_errors") {
            manners.foreign_errors = value.truth()?;
        }
        if let Some(value) = table.take("extensions") {
            manners.extensions = value.list()?.iter().map(extension).collect::<Result<_, _>>()?;
        }
        Ok(manners)
    }

    /// The manners in words, where there is something to tell.
    pub(super) fn remarks(&self) -> Vec<String> {
        let Answers { never, twice, late } = self.answers;
        let mut remarks = vec![];
        if never {
            remarks.push("answers nothing".into());
        }
        let late = (!late.is_zero()).then(|| format!("{} late", super::listing::time(late)));
        let how: Vec<String> = twice.then(|| "twice".into()).into_iter().chain(late).collect();
        if !how.is_empty() {
            remarks.push(format!("answers {}", how.join(", ")));
        }
        if self.limits_errors {
            remarks.push("sends 6 ICMP errors at once to one address, then one a second".into());
        }
        if let Some(bytes) = self.quotes {
            remarks.push(format!("quotes {bytes} bytes behind the IP header in its ICMP errors"));
        }
        if self.foreign_errors {
            remarks.push("sends an ICMP error about a packet that nobody sent before each true one".into());
        }
        for extension in &self.extensions {
            let what = match extension {
                Extension::Labels(labels) => {
                    let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
                    format!("that packets came with MPLS label {}", labels.join(", "))
                }
                Extension::Interface => "which interface packets came by".into(),
            };
            remarks.push(format!("tells in its ICMP errors {what}"));
        }
        remarks
    }
}

/// `linux`.
fn limit(value: &Value<'_>) -> Result<bool, NetError> {
    match value.text("limit", "\"linux\"")? {
        "linux" => Ok(true),
        word => {
            let hint = format!("limits are {}", known(word, ["linux"].into_iter()));
            Err(value.error(&format!("unknown limit '{}'", word.escape_debug()), hint))
        }
    }
}

/// `never`, `twice`, `late by 300 ms`, `twice and late by 300 ms`.
fn answers(value: &Value<'_>) -> Result<Answers, NetError> {
    let (expected, example) =
        ("way to answer", "\"never\", \"twice\", \"late by 300 ms\" or \"twice and late by 300 ms\"");
    let mut answers = Answers::default();
    for words in value.text(expected, example)?.split(" and ") {
        match words.trim() {
            "never" => answers.never = true,
            "twice" => answers.twice = true,
            words => {
                let late = words.strip_prefix("late by ").and_then(units::duration);
                answers.late = late.ok_or_else(|| value.expected(expected, example))?;
            }
        }
    }
    if answers.never && answers != (Answers { never: true, ..Answers::default() }) {
        return Err(value.expected(expected, example));
    }
    Ok(answers)
}

/// `mpls 16004`, `mpls 16004 24001`, `interface`.
fn extension(value: &Value<'_>) -> Result<Extension, NetError> {
    let (expected, example) = ("extension", "\"mpls 16004\", \"mpls 16004 24001\" or \"interface\"");
    let words: Vec<&str> = value.text(expected, example)?.split_whitespace().collect();
    match words[..] {
        ["interface"] => Ok(Extension::Interface),
        // RFC 3032 section 2.1: a label has 20 bits. Six of them are a deep stack.
        ["mpls", ref labels @ ..] if (1..=6).contains(&labels.len()) => {
            let label = |text: &&str| text.parse().ok().filter(|label| *label < 1 << 20);
            let labels: Option<Vec<u32>> = labels.iter().map(label).collect();
            labels.map(Extension::Labels).ok_or_else(|| value.expected(expected, example))
        }
        _ => Err(value.expected(expected, example)),
    }
}
