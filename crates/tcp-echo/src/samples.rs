//! `--tcpinfo`: what the host knows of a connection, over time, as a table for plots.

use cli::Failure;
use host::{Result, Stream, TcpInfo, Time};
use std::fmt::{Display, Write as _};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// A table of samples: one each time that something has changed.
#[derive(Debug, Default)]
pub struct Samples {
    /// The latest row without its time.
    last: String,
    rows: String,
}

impl Samples {
    /// Notes what the host knows now.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn take(&mut self, now: Time, stream: &mut dyn Stream) -> Result<()> {
        let cells = cells(&stream.info()?);
        if self.last != cells {
            let _ = writeln!(self.rows, "{},{cells}", cli::milliseconds(now - Time::START));
            self.last = cells;
        }
        Ok(())
    }
}

/// The file that the table goes to, made before anything is sent.
pub(crate) struct Table {
    name: String,
    file: File,
}

impl Table {
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let name = cli::escape(&path.to_string_lossy());
        let file = File::create(path)
            .map_err(|error| Failure::said(format!("cannot create '{name}': {}", cli::reason(&error))))?;
        Ok(Self { name, file })
    }

    pub(crate) fn write(mut self, samples: &Samples) -> Result<(), Failure> {
        let text = format!("{HEAD}\n{}", samples.rows);
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| Failure::said(format!("cannot write '{}': {}", self.name, cli::reason(&error))))
    }
}

const HEAD: &str = "time_ms,state,cwnd_bytes,ssthresh_bytes,rtt_ms,unacked_bytes,rwnd_bytes,retransmits";

/// What a world does not know is an empty cell.
fn cells(info: &TcpInfo) -> String {
    fn cell(value: Option<impl Display>) -> String {
        value.map_or(String::new(), |value| value.to_string())
    }
    // Before a loss there is no threshold, which the engine says by the greatest number.
    let ssthresh = info.ssthresh.filter(|bytes| *bytes != u32::MAX);
    [
        cell(info.state.as_ref()),
        cell(info.cwnd),
        cell(ssthresh),
        cell(info.rtt.map(cli::milliseconds)),
        cell(info.unacked),
        cell(info.rwnd),
        cell(info.retransmits),
    ]
    .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_an_empty_cell() {
        assert_eq!(cells(&TcpInfo::default()), ",,,,,,");
        let info = TcpInfo { state: Some("ESTABLISHED".into()), ssthresh: Some(u32::MAX), ..TcpInfo::default() };
        assert_eq!(cells(&info), "ESTABLISHED,,,,,,");
    }
}
