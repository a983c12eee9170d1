//! What the host knows of a connection, over time: `--tcpinfo` makes a table of it, and `--plot` a picture.

use cli::Failure;
use figure::{Caption, Course, Refusal, Sample};
use host::{Result, Stream, TcpInfo, Time};
use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Samples: one each time that something has changed.
#[derive(Debug, Default)]
pub struct Samples(Vec<(Time, TcpInfo)>);

impl Samples {
    /// Notes what the host knows now.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn take(&mut self, now: Time, stream: &mut dyn Stream) -> Result<()> {
        let info = stream.info()?;
        // A host tells more than a table shows.
        if self.0.last().is_none_or(|(_, last)| cells(last) != cells(&info)) {
            self.0.push((now, info));
        }
        Ok(())
    }

    fn table(&self) -> String {
        let rows = self.0.iter().map(|(at, info)| format!("{},{}", cli::milliseconds(*at - Time::START), cells(info)));
        [HEAD.to_string()].into_iter().chain(rows).map(|line| line + "\n").collect()
    }

    /// The picture of them, in the name of its file.
    fn plot(&self, path: &Path, to: SocketAddr) -> Result<String, Refusal> {
        let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let caption = Caption::new(&name, &format!("The TCP connection to {to}, as its host knows it"));
        let course = Course { name, samples: self.0.iter().map(|(at, info)| sample(*at, info)).collect() };
        figure::course(&caption, &[course])
    }
}

/// The files that samples go to, made before anything is sent.
pub(crate) struct Files<'a> {
    table: Option<Target>,
    plot: Option<(Target, &'a Path)>,
}

struct Target {
    name: String,
    file: File,
}

impl Target {
    fn create(path: &Path) -> Result<Self, Failure> {
        let name = cli::escape(&path.to_string_lossy());
        let file = File::create(path)
            .map_err(|error| Failure::said(format!("cannot create '{name}': {}", cli::reason(&error))))?;
        Ok(Self { name, file })
    }

    fn write(mut self, text: &str) -> Result<(), Failure> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| Failure::said(format!("cannot write '{}': {}", self.name, cli::reason(&error))))
    }
}

impl<'a> Files<'a> {
    pub(crate) fn create(table: Option<&Path>, plot: Option<&'a Path>) -> Result<Self, Failure> {
        Ok(Self {
            table: table.map(Target::create).transpose()?,
            plot: plot.map(|path| Target::create(path).map(|target| (target, path))).transpose()?,
        })
    }

    /// A place for samples, if there is a file for them.
    pub(crate) fn samples(&self) -> Option<Samples> {
        (self.table.is_some() || self.plot.is_some()).then(Samples::default)
    }

    /// Writes what is known of the connection to `to`. Where that is nothing, there is no picture, and the answer says so.
    pub(crate) fn write(self, samples: &Samples, to: SocketAddr) -> Result<Option<String>, Failure> {
        if let Some(table) = self.table {
            table.write(&samples.table())?;
        }
        let Some((plot, path)) = self.plot else { return Ok(None) };
        match samples.plot(path, to) {
            Ok(drawn) => plot.write(&drawn).map(|()| None),
            Err(refusal) => {
                // It was made for the picture.
                drop(std::fs::remove_file(path));
                Ok(Some(format!("{}: {refusal}", plot.name)))
            }
        }
    }
}

const HEAD: &str = "time_ms,state,cwnd_bytes,ssthresh_bytes,rtt_ms,unacked_bytes,rwnd_bytes,retransmits";

/// What a world does not know is an empty cell.
fn cells(info: &TcpInfo) -> String {
    fn cell(value: Option<impl Display>) -> String {
        value.map_or(String::new(), |value| value.to_string())
    }
    [
        cell(info.state.as_ref()),
        cell(info.cwnd),
        cell(ssthresh(info)),
        cell(info.rtt.map(cli::milliseconds)),
        cell(info.unacked),
        cell(info.rwnd),
        cell(info.retransmits),
    ]
    .join(",")
}

/// Before a loss there is no threshold, which the engine says by the greatest number.
fn ssthresh(info: &TcpInfo) -> Option<u32> {
    info.ssthresh.filter(|bytes| *bytes != u32::MAX)
}

/// A row as a picture needs it: with the times that stand in the table, so that both make one picture.
fn sample(now: Time, info: &TcpInfo) -> Sample {
    let micros =
        |time: Duration| Duration::from_micros(u64::try_from((time.as_nanos() + 500) / 1000).unwrap_or(u64::MAX));
    Sample {
        at: micros(now - Time::START),
        cwnd: info.cwnd.map(u64::from),
        ssthresh: ssthresh(info).map(u64::from),
        unacked: info.unacked.map(u64::from),
        rtt: info.rtt.map(micros),
        retransmits: info.retransmits.map(u64::from),
    }
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
