//! Other programs in the same run: `--also 'host4: arping --watch'`.
//!
//! Each is a tool that is found beside this one, started in a process of its own on a host that is lent to it. It starts with the
//! network, before this tool does anything, and ends with the run: it is told what Ctrl-C would tell it, so that it can say what
//! it knows by then. All programs take turns, exactly one runs at any moment, so a run has one order, the same every time.

use crate::Failure;
use lend::Stream;
use std::str::FromStr;

/// A program to run at a host of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Also {
    pub(crate) host: String,
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
}

impl FromStr for Also {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "a host, a colon and a command, as in 'host4: arping --watch'";
        let (host, command) = text.split_once(':').ok_or(SHAPE)?;
        let mut words = words(command).into_iter();
        let program = words.next().ok_or(SHAPE)?;
        let host = host.trim().to_string();
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err(SHAPE);
        }
        // It is looked for beside this program and nowhere else.
        if program.contains(['/', '\\']) {
            return Err("the command is a tool's name, without a path");
        }
        Ok(Self { host, program, arguments: words.collect() })
    }
}

/// The words of a command, as a shell would split it: blanks part them, but not within quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![];
    let (mut word, mut quote) = (None::<String>, None);
    for c in command.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// A line of another program, and where it printed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) host: String,
    pub(crate) stream: Stream,
    pub(crate) text: String,
}

#[cfg(unix)]
pub(crate) use running::Others;

#[cfg(not(unix))]
pub(crate) struct Others;

#[cfg(not(unix))]
impl Others {
    pub(crate) fn start(
        _: &std::rc::Rc<std::cell::RefCell<sim::World>>,
        others: &[Also],
        _: std::sync::mpsc::Sender<Line>,
    ) -> Result<Self, Failure> {
        if others.is_empty() {
            return Ok(Self);
        }
        Err(Failure::said("--also does not work on this system yet: it needs Unix sockets"))
    }

    pub(crate) fn join(self, _: &std::rc::Rc<std::cell::RefCell<sim::World>>) -> Vec<String> {
        vec![]
    }
}

#[cfg(unix)]
mod running {
    use super::{Also, Failure, Line};
    use host::{Call, Carrier, Error, Lockstep, Reply, Time};
    use lend::{Budget, End, Ended, Start, Stream, Work};
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::env::consts::EXE_EXTENSION;
    use std::io;
    use std::path::PathBuf;
    use std::rc::Rc;
    use std::sync::mpsc::Sender;
    use std::thread::JoinHandle;

    /// The programs that run beside this one.
    #[derive(Default)]
    pub(crate) struct Others(Vec<(Also, JoinHandle<io::Result<Ended>>)>);

    impl Others {
        /// Starts each of `others`; what they print goes to `lines`.
        pub(crate) fn start(
            world: &Rc<RefCell<sim::World>>,
            others: &[Also],
            lines: Sender<Line>,
        ) -> Result<Self, Failure> {
            let programs = others.iter().map(beside).collect::<Result<Vec<_>, _>>()?;
            let mut started = Self::default();
            for (also, program) in others.iter().zip(programs) {
                let start = Start::new(program, &also.arguments);
                let mut printed = Printed { host: also.host.clone(), lines: lines.clone(), begun: BTreeMap::new() };
                let run = move |lockstep: Lockstep| {
                    let mut line = UntilTheRunEnds { lockstep, told: false };
                    let mut hear = |stream: Stream, bytes: &[u8]| printed.hear(stream, bytes);
                    lend::serve(&start, Work::Program(&mut line), &Budget::TOOL, &mut hear)
                };
                let Some(thread) = sim::spawn_with(world, &also.host, run) else {
                    return Err(Failure::said(format!("no program can run at '{}'", also.host)));
                };
                started.0.push((also.clone(), thread));
            }
            Ok(started)
        }

        /// Ends them and says which of them ended otherwise than they should.
        ///
        /// One after the other, in the order in which they started: what they say last then stands in the same order in every run.
        pub(crate) fn join(self, world: &Rc<RefCell<sim::World>>) -> Vec<String> {
            let mut remarks = vec![];
            for (also, thread) in self.0 {
                world.borrow_mut().leave_a_program();
                let how = match thread.join() {
                    // Who could not run has said so already.
                    Ok(Ok(Ended { end: End::Left(_) | End::NoLeave(2), .. })) => continue,
                    Ok(Ok(Ended { end, .. })) => end.to_string(),
                    Ok(Err(error)) => format!("cannot be started: {}", crate::failure::reason(&error)),
                    Err(_) => "came to an unknown end".into(),
                };
                remarks.push(format!("{} at {} {how}", also.program, also.host));
            }
            remarks
        }
    }

    /// The program of this name beside the one that runs.
    fn beside(also: &Also) -> Result<PathBuf, Failure> {
        let this = std::env::current_exe()
            .map_err(|error| Failure::said(format!("cannot tell where this program is: {error}")))?;
        let path = this.with_file_name(&also.program).with_extension(EXE_EXTENSION);
        if path.is_file() {
            return Ok(path);
        }
        let place = this.parent().unwrap_or(&this).display();
        Err(Failure::said(format!("no program named '{}' beside this one, in {place}", also.program))
            .hint("`cargo build` builds all tools into one place"))
    }

    /// A line to the network that says "finish with what is known" when the run is over.
    struct UntilTheRunEnds {
        lockstep: Lockstep,
        told: bool,
    }

    impl Carrier for UntilTheRunEnds {
        fn call(&mut self, call: Call) -> (Time, Result<Reply, Error>) {
            match self.lockstep.call(call) {
                (now, Err(Error::Gone)) if !self.told => {
                    self.told = true;
                    (now, Err(Error::Interrupted))
                }
                answer => answer,
            }
        }
    }

    /// Passes on what a program prints, line by line.
    struct Printed {
        host: String,
        lines: Sender<Line>,
        /// What is no whole line yet.
        begun: BTreeMap<bool, Vec<u8>>,
    }

    impl Printed {
        fn hear(&mut self, stream: Stream, bytes: &[u8]) {
            let begun = self.begun.entry(stream == Stream::Error).or_default();
            begun.extend_from_slice(bytes);
            while let Some(end) = begun.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = begun.drain(..=end).collect();
                send(&self.lines, &self.host, stream, line.strip_suffix(b"\n").unwrap_or(&line));
            }
        }
    }

    impl Drop for Printed {
        fn drop(&mut self) {
            for (is_error, begun) in self.begun.iter().filter(|(_, begun)| !begun.is_empty()) {
                send(&self.lines, &self.host, if *is_error { Stream::Error } else { Stream::Output }, begun);
            }
        }
    }

    fn send(lines: &Sender<Line>, host: &str, stream: Stream, line: &[u8]) {
        // When nobody wants to know any more, the run is over.
        let _ = lines.send(Line { host: host.into(), stream, text: crate::escape_bytes(line) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_command_are_parted_by_the_first_colon() {
        let also: Also = "host4: arping --watch 10.0.0.1".parse().unwrap();
        assert_eq!((also.host.as_str(), also.program.as_str()), ("host4", "arping"));
        assert_eq!(also.arguments, ["--watch", "10.0.0.1"]);
        let quoted: Also = "a:myping --pattern 'a b' \"\" x".parse().unwrap();
        assert_eq!(quoted.arguments, ["--pattern", "a b", "", "x"]);
    }

    #[test]
    fn what_is_no_host_and_command_says_what_would_be() {
        for wrong in ["arping --watch", "host4:", ":arping", "two hosts: arping"] {
            assert!(wrong.parse::<Also>().unwrap_err().contains("as in 'host4: arping --watch'"), "{wrong}");
        }
        assert!("host4: /bin/sh".parse::<Also>().unwrap_err().contains("without a path"));
    }
}
