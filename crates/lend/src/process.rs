//! A program's process: started, listened to on three lines at once, and ended.

use crate::budget::Spent;
use crate::{Budget, End, Limit, Stream};
use host::lent::{Garbled, STDIN, VARIABLE, length};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a program may let its answers lie.
const DEAF: Duration = Duration::from_millis(500);
/// How long it may take to end after it took its leave or hung up.
const GRACE: Duration = Duration::from_secs(1);
/// How long its last lines may be on their way. What it leaves behind may hold the pipes for ever.
const LAST_LINES: Duration = Duration::from_millis(200);
/// How often the process is looked at while it says nothing.
const GLANCE: Duration = Duration::from_millis(20);
/// How much of standard error is kept for the verdict.
const COMPLAINT: usize = 4096;

/// A program to start, and how.
#[derive(Debug, Clone)]
pub struct Start {
    program: PathBuf,
    arguments: Vec<OsString>,
    clean: bool,
}

impl Start {
    /// This program with these arguments, in this process's environment but for what says in which network to run.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self { program: program.into(), arguments: arguments.into_iter().map(Into::into).collect(), clean: false }
    }

    /// In an empty environment.
    #[must_use]
    pub fn clean(self) -> Self {
        Self { clean: true, ..self }
    }
}

/// A program that runs, and this side's end of its line. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    line: UnixStream,
    /// What came over the line and is no whole message yet.
    inbox: Vec<u8>,
    stdout: Pipe,
    stderr: Pipe,
    complaint: Vec<u8>,
    started: Instant,
    /// Since when the program has had the word.
    its_turn: Instant,
}

/// One of the streams a program prints to; `None`: it is closed.
struct Pipe(Option<OwnedFd>, Stream);

/// Who hears what the program prints.
pub(crate) type Hear<'a> = &'a mut dyn FnMut(Stream, &[u8]);

impl Process {
    pub(crate) fn start(start: &Start) -> io::Result<Self> {
        let (line, its_end) = UnixStream::pair()?;
        let mut child = spawn(start, its_end.into())?;
        line.set_write_timeout(Some(DEAF))?;
        let stdout = Pipe::new(child.stdout.take().map(OwnedFd::from), Stream::Output)?;
        let stderr = Pipe::new(child.stderr.take().map(OwnedFd::from), Stream::Error)?;
        let now = now();
        Ok(Self { child, line, inbox: vec![], stdout, stderr, complaint: vec![], started: now, its_turn: now })
    }

    /// The next message without its length. What the program printed before it is heard before.
    pub(crate) fn message(&mut self, budget: &Budget, spent: &mut Spent, hear: Hear<'_>) -> Result<Vec<u8>, Closed> {
        loop {
            if let Some(message) = self.whole_message()? {
                spent.bytes += message.len() as u64;
                self.listen(spent, hear);
                return Ok(message);
            }
            let now = now();
            let (silent, running) = (now - self.its_turn, now - self.started);
            if running > budget.wall_clock {
                return Err(End::TooMuch(Limit::WallClock(budget.wall_clock)).into());
            }
            if silent > budget.silence {
                return Err(End::Silent(budget.silence, spent.requests).into());
            }
            self.wait(GLANCE)?;
            self.listen(spent, hear);
            if let Some(limit) = spent.beyond(budget) {
                return Err(End::TooMuch(limit).into());
            }
            self.take_in()?;
        }
    }

    fn whole_message(&mut self) -> Result<Option<Vec<u8>>, Garbled> {
        let Some((head, rest)) = self.inbox.split_first_chunk::<4>() else { return Ok(None) };
        let length = length(*head)?;
        let Some(message) = rest.get(..length).map(<[u8]>::to_vec) else { return Ok(None) };
        self.inbox.drain(..4 + length);
        Ok(Some(message))
    }

    /// Waits until one of the three lines has something, or for `time`.
    fn wait(&self, time: Duration) -> Result<(), Closed> {
        let pipes = [&self.stdout, &self.stderr].into_iter().filter_map(|pipe| pipe.0.as_ref());
        let lines = pipes.map(AsFd::as_fd).chain([self.line.as_fd()]);
        let mut waiting: Vec<PollFd<'_>> = lines.map(|line| PollFd::from_borrowed_fd(line, PollFlags::IN)).collect();
        let time = Timespec::try_from(time).ok();
        match poll(&mut waiting, time.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(End::Nonsense(error.to_string()).into()),
        }
    }

    /// Takes in what is in the line. An end of file is not the end of the program, nor the other way round.
    fn take_in(&mut self) -> Result<(), Closed> {
        let mut waiting = [PollFd::new(&self.line, PollFlags::IN)];
        if !poll(&mut waiting, Some(&Timespec::default())).is_ok_and(|ready| ready > 0) {
            // Something that the program started may hold the line when it is gone itself.
            return if matches!(self.child.try_wait(), Ok(Some(_))) { Err(Closed::Line) } else { Ok(()) };
        }
        let mut piece = [0; 1 << 14];
        match (&self.line).read(&mut piece) {
            Ok(0) => Err(Closed::Line),
            Ok(count) => {
                self.inbox.extend(piece.iter().take(count));
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(_) => Err(Closed::Line),
        }
    }

    /// Hears all that is in the pipes now.
    fn listen(&mut self, spent: &mut Spent, hear: Hear<'_>) {
        let complaint = &mut self.complaint;
        let mut hear = |stream, bytes: &[u8]| {
            spent.output += bytes.len() as u64;
            if stream == Stream::Error {
                complaint.extend_from_slice(bytes);
                complaint.drain(..complaint.len().saturating_sub(COMPLAINT));
            }
            hear(stream, bytes);
        };
        self.stdout.empty(&mut hear);
        self.stderr.empty(&mut hear);
    }

    /// Gives the program the word with this message.
    pub(crate) fn say(&mut self, message: &[u8]) -> Result<(), Closed> {
        let said = self.line.write_all(message);
        self.its_turn = now();
        match said {
            Ok(()) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(End::Deaf.into()),
            // Whoever hung up is found to have done so when the next message is awaited.
            Err(_) => Ok(()),
        }
    }

    /// Waits for the program's end after it took its leave (`left`) or hung up, and says how it was.
    pub(crate) fn end(mut self, left: bool, budget: &Budget, spent: &mut Spent, hear: Hear<'_>) -> (End, String) {
        let deadline = now() + GRACE;
        let status = loop {
            self.listen(spent, hear);
            if spent.beyond(budget).is_some() {
                break None;
            }
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if now() < deadline => self.pause(),
                _ => break None,
            }
        };
        self.last_lines(spent, hear);
        let complaint = self.complaint();
        let end = match (status, spent.beyond(budget)) {
            (_, Some(limit @ Limit::Output(_))) => End::TooMuch(limit),
            (Some(status), _) => cause(status, left, &complaint),
            (None, _) => End::RanOn,
        };
        (end, complaint)
    }

    /// Hears what is still in the pipes, and for a moment what comes.
    pub(crate) fn last_lines(&mut self, spent: &mut Spent, hear: Hear<'_>) {
        let deadline = now() + LAST_LINES;
        self.listen(spent, hear);
        while (self.stdout.0.is_some() || self.stderr.0.is_some()) && now() < deadline {
            self.pause();
            self.listen(spent, hear);
        }
    }

    fn pause(&self) {
        let pipes = [&self.stdout, &self.stderr].into_iter().filter_map(|pipe| pipe.0.as_ref());
        let mut waiting: Vec<PollFd<'_>> = pipes.map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
        let time = if waiting.is_empty() { Duration::from_millis(1) } else { GLANCE };
        let _ = poll(&mut waiting, Timespec::try_from(time).ok().as_ref());
    }

    /// The end of what the program printed to standard error.
    pub(crate) fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.complaint).into_owned()
    }

    /// Ends the program, and what it started with it.
    pub(crate) fn kill(&mut self) {
        if let Some(group) = Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(0)) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Pipe {
    fn new(end: Option<OwnedFd>, stream: Stream) -> io::Result<Self> {
        if let Some(end) = &end {
            ioctl_fionbio(end, true)?;
        }
        Ok(Self(end, stream))
    }

    /// Hears what is in the pipe now, and no more than what fits into one, so that who prints for ever does not keep us here.
    fn empty(&mut self, hear: &mut dyn FnMut(Stream, &[u8])) {
        let mut piece = [0; 1 << 14];
        for _ in 0..8 {
            let Some(end) = &self.0 else { return };
            match rustix::io::read(end, &mut piece) {
                Ok(0) => self.0 = None,
                Ok(count) => hear(self.1, piece.get(..count).unwrap_or_default()),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return,
                Err(_) => self.0 = None,
            }
        }
    }
}

/// Why there is no next message.
pub(crate) enum Closed {
    /// For this reason, and the program is to be killed.
    For(End),
    /// The program hung up, or is gone: its exit says why.
    Line,
}

impl From<End> for Closed {
    fn from(end: End) -> Self {
        Closed::For(end)
    }
}

impl From<Garbled> for Closed {
    fn from(garbled: Garbled) -> Self {
        End::Nonsense(garbled.to_string()).into()
    }
}

/// Why a program ended so.
fn cause(status: ExitStatus, left: bool, complaint: &str) -> End {
    const PANIC: i32 = 101;
    match (status.signal(), status.code()) {
        (Some(_), _) if complaint.contains("memory allocation of") => End::OutOfMemory,
        (Some(_), _) if complaint.contains("has overflowed its stack") => End::StackOverflow,
        (Some(signal), _) => End::Signal(signal),
        (None, Some(PANIC)) => End::Panicked,
        (None, code) if left => End::Left(code.unwrap_or(0)),
        (None, code) => End::NoLeave(code.unwrap_or(0)),
    }
}

/// The program in a process group of its own, so that Ctrl-C is for us and not for it.
#[expect(clippy::disallowed_types, reason = "a program on a lent host is a process of its own")]
fn spawn(start: &Start, line: OwnedFd) -> io::Result<Child> {
    let mut command = std::process::Command::new(&start.program);
    if start.clean {
        command.env_clear();
    }
    command.env_remove("FIRSTHOP_NET").env_remove("FIRSTHOP_AT").env(VARIABLE, STDIN);
    command.args(&start.arguments).process_group(0);
    command.stdin(Stdio::from(line)).stdout(Stdio::piped()).stderr(Stdio::piped());
    // The command goes with this function, and with it our copy of the program's end; else we would never see it hang up.
    command.spawn()
}

#[expect(clippy::disallowed_methods, reason = "silence and wall clock are measured by the machine's own clock")]
fn now() -> Instant {
    Instant::now()
}
