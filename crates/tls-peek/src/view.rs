//! What a user sees of a connection.

mod bytes;
pub(crate) mod http;
mod keys;
mod ladder;
mod observer;

use crate::facts::Facts;
use crate::http::Talk;
use crate::opened::{Opened, OpenedRecord};
use crate::words;
use crate::{Recording, Side};
use cli::style;
use cli::{Failure, Output};
use host::Time;
use std::time::Duration;

/// Which views are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Views {
    /// Each message byte by byte.
    pub(crate) bytes: bool,
    /// Keys, and how each record was opened with them.
    pub(crate) keys: bool,
    /// Both ends, and arrows between them.
    pub(crate) ladder: bool,
    /// What somebody on the path sees.
    pub(crate) observer: bool,
    /// What was asked and answered inside.
    pub(crate) http: bool,
}

/// A connection to be shown.
#[derive(Debug)]
pub(crate) struct Shown<'c> {
    /// What passed.
    pub(crate) recording: &'c Recording,
    /// The same, opened.
    pub(crate) opened: &'c Opened,
    /// Whether time passed, as it does not in memory.
    pub(crate) timed: bool,
    /// How long TCP's handshake took; `None`: there was none, or it was not seen.
    pub(crate) connected: Option<Duration>,
    /// What was asked and answered inside, if the handshake went well.
    pub(crate) talk: Option<&'c Talk>,
}

impl Views {
    /// Whether any is wanted.
    pub(crate) fn any(self) -> bool {
        self.bytes || self.keys || self.ladder || self.observer
    }
}

impl Shown<'_> {
    /// Prints the views that are wanted, or else the list and what it came to.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub(crate) fn print(&self, views: Views, failed: Option<&str>, out: &mut Output) -> Result<(), Failure> {
        if views.ladder {
            ladder::print(self, out)?;
        } else {
            self.list(out)?;
        }
        if views.bytes {
            bytes::print(self.opened, out)?;
        }
        if views.keys {
            keys::print(self.opened, out)?;
        }
        if views.observer {
            observer::print(self, out)?;
        }
        self.summary(out)?;
        if let Some(talk) = self.talk.filter(|_| views.http) {
            http::print(talk, self.begun().filter(|_| self.connected.is_some()), out)?;
        }
        failed.map_or(Ok(()), |failed| out.line(&out.paint(style::ERROR, failed)))
    }

    /// A line for each message, and for each record without one.
    fn list(&self, out: &mut Output) -> Result<(), Failure> {
        for (number, record) in self.opened.records.iter().enumerate() {
            let mut column = format!("{:>3}", number + 1);
            for line in words::lines(record) {
                let time = self.time(record);
                let what = out.paint(style::TITLE, &format!("{:<24}", line.what));
                let words = format!("{column}{time}  {}  {what} {:>5}  {}", record.from, line.bytes, line.words);
                out.line(words.trim_end())?;
                column = "   ".into();
            }
        }
        for (from, end) in &self.opened.ends {
            out.line(&format!("     {from}  {}", words::end(end)))?;
        }
        Ok(())
    }

    /// When the first record passed.
    pub(crate) fn begun(&self) -> Option<Time> {
        self.opened.records.first().map(|first| first.at)
    }

    /// When a record passed, since the first one.
    fn time(&self, record: &OpenedRecord) -> String {
        let begun = self.begun().unwrap_or(Time(0));
        if self.timed { format!("  {:>11}", cli::milliseconds(record.at - begun) + " ms") } else { String::new() }
    }

    /// What it came to.
    fn summary(&self, out: &mut Output) -> Result<(), Failure> {
        let facts = Facts::of(self.opened, self.recording);
        out.line("")?;
        if let (Some(version), Some(suite)) = (facts.version, facts.suite) {
            let group = facts.group.map_or_else(String::new, |group| format!(", {group}"));
            out.line(&format!("{version}, {suite}{group}: {}", facts.kind()))?;
        }
        for (number, certificate) in facts.chain.iter().enumerate() {
            let indent = if number == 0 { "certificate" } else { "signed by  " };
            match certificate {
                Ok(certificate) => {
                    let names = match &certificate.names[..] {
                        [] => String::new(),
                        names => format!(", for {}", names.join(", ")),
                    };
                    let own = if certificate.is_self_signed() { ", signed by itself" } else { "" };
                    out.line(&format!(
                        "{indent}  {}{names}; {}; {} to {}{own}",
                        certificate.subject, certificate.key, certificate.not_before, certificate.not_after
                    ))?;
                }
                Err(error) => out.line(&format!("{indent}  cannot be read: {error}"))?,
            }
        }
        if let Some(alpn) = &facts.alpn {
            out.line(&format!("inside       {alpn}"))?;
        }
        if let Some(round_trips) = facts.round_trips {
            let tcp = self.connected.map_or_else(String::new, |_| ", and one of TCP before".into());
            out.line(&format!("round trips  {round_trips} before the first data of the client{tcp}"))?;
        }
        if let Some(connected) = self.connected {
            out.line(&format!(
                "TCP          connected in {} ms; times are since the first record",
                cli::milliseconds(connected)
            ))?;
        }
        let [client, server] = [Side::Client, Side::Server].map(|side| {
            let records = facts.records.of(side);
            let s = if *records == 1 { "" } else { "s" };
            format!("{side} {} in {records} record{s}", facts.bytes.of(side))
        });
        out.line(&format!("bytes        {client}; {server}"))
    }
}
