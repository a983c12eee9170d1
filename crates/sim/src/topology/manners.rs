//! How a node answers, where it is not what the RFCs ask for: keys of hosts and routers alike.

use super::reader::{Table, Value};
use super::{NetError, known, units};
use std::time::Duration;
use wire::icmp;

/// How a node answers, and what it says of packets that it cannot deliver.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manners {
    /// Whether it limits its errors as Linux does.
    pub(crate) limits_errors: bool,
    pub(crate) answers: Answers,
    /// How many bytes behind the IP header its errors quote; `None`: as many as fit.
    pub(crate) quotes: Option<usize>,
    /// Type and code of errors that it should send and does not.
    pub(crate) withholds: Vec<(u8, u8)>,
    /// Whether an error of its comes with another one, about a packet that nobody sent.
    pub(crate) foreign_errors: bool,
}

/// Whether, how often and when it answers: errors, echo replies and what its ports send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) never: bool,
    pub(crate) twice: bool,
    /// How long after it would have been right.
    pub(crate) late: Duration,
}

/// Errors by name: type and code. RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1.
const ERRORS: &[(&str, (u8, u8))] = &[
    ("net-unreachable", (icmp::UNREACHABLE, 0)),
    ("host-unreachable", (icmp::UNREACHABLE, 1)),
    ("protocol-unreachable", (icmp::UNREACHABLE, 2)),
    ("port-unreachable", (icmp::UNREACHABLE, 3)),
    ("fragmentation-needed", (icmp::UNREACHABLE, 4)),
    ("net-prohibited", (icmp::UNREACHABLE, 9)),
    ("host-prohibited", (icmp::UNREACHABLE, 10)),
    ("administratively-prohibited", (icmp::UNREACHABLE, 13)),
    ("time-exceeded", (icmp::TIME_EXCEEDED, 0)),
    ("reassembly-time-exceeded", (icmp::TIME_EXCEEDED, 1)),
];

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
        if let Some(value) = table.take("withholds") {
            manners.withholds = value.list()?.iter().map(error).collect::<Result<_, _>>()?;
        }
        if let Some(value) = table.take("foreign_errors") {
            manners.foreign_errors = value.truth()?;
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
        if twice || !late.is_zero() {
            let late = if late.is_zero() { String::new() } else { format!(" {} late", super::listing::time(late)) };
            remarks.push(format!("answers{}{late}", if twice { " twice" } else { "" }));
        }
        if self.limits_errors {
            remarks.push("sends 6 ICMP errors at once to one address, then one a second".into());
        }
        if let Some(bytes) = self.quotes {
            remarks.push(format!("quotes {bytes} bytes behind the IP header in its ICMP errors"));
        }
        for withheld in &self.withholds {
            let name = ERRORS.iter().find(|(_, error)| error == withheld).map_or("", |(name, _)| name);
            remarks.push(format!("never says {name}"));
        }
        if self.foreign_errors {
            remarks.push("sends an ICMP error about a packet that nobody sent before each true one".into());
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

/// `fragmentation-needed`.
fn error(value: &Value<'_>) -> Result<(u8, u8), NetError> {
    let word = value.text("name of an ICMP error", "\"fragmentation-needed\"")?;
    let found = ERRORS.iter().find(|(name, _)| *name == word).map(|(_, error)| *error);
    found.ok_or_else(|| {
        let hint = format!("errors are {}", known(word, ERRORS.iter().map(|(name, _)| *name)));
        value.error(&format!("unknown error '{}'", word.escape_debug()), hint)
    })
}
