//! Programs of the machine: started, awaited for a limited time, and gone when nobody needs them any more.

use std::fmt::{self, Display};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take unless told otherwise.
const LIMIT: Duration = Duration::from_secs(20);

/// A program to run, with its arguments. Its environment is empty but for `PATH`, and it speaks English.
#[derive(Debug, Clone)]
pub struct Program {
    words: Vec<String>,
    directory: Option<PathBuf>,
    limit: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// The exit code as a shell has it: 128 and the signal's number for who was killed.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}

impl Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}\n{}{}", self.code, self.stdout, self.stderr)
    }
}

impl Program {
    /// A program by its path, or by its name for who is in `PATH`.
    #[must_use]
    pub fn new(program: impl AsRef<Path>) -> Self {
        let words = vec![program.as_ref().to_string_lossy().into_owned()];
        Self { words, directory: None, limit: LIMIT }
    }

    /// With these arguments, blanks between them.
    #[must_use]
    pub fn words(self, words: &str) -> Self {
        self.args(words.split_whitespace())
    }

    /// With these arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.words.extend(args.into_iter().map(Into::into));
        self
    }

    /// In this directory.
    #[must_use]
    pub fn directory(mut self, directory: &Path) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// For so long at most.
    #[must_use]
    pub fn limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// By the user `nobody`, without any capability, also of the program's file.
    #[must_use]
    pub fn as_nobody(self) -> Self {
        self.behind("setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs")
    }

    /// Started by another program, whose words come before its own.
    pub(crate) fn behind(mut self, words: &str) -> Self {
        self.words.splice(0..0, words.split_whitespace().map(Into::into));
        self
    }

    /// Runs it to its end, whatever that is.
    ///
    /// # Errors
    /// When it does not start, or not end in time.
    pub fn run(self) -> Result<Ended, String> {
        self.start()?.end()
    }

    /// Runs it to an end with exit code 0, and gives its standard output.
    ///
    /// # Errors
    /// When it does not start, does not end in time, or ends otherwise.
    pub fn succeed(self) -> Result<String, String> {
        let called = self.to_string();
        let ended = self.run()?;
        if ended.code == 0 { Ok(ended.stdout) } else { Err(format!("{called}: {ended}")) }
    }

    /// Starts it, and leaves it running.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(self) -> Result<Running, String> {
        let mut child = self.spawn().map_err(|error| format!("cannot run {self}: {error}"))?;
        let (sender, lines) = channel();
        pass_on(child.stdout.take(), Ended::out, sender.clone());
        pass_on(child.stderr.take(), Ended::err, sender);
        Ok(Running { called: self.to_string(), child, deadline: now() + self.limit, lines, ended: Ended::default() })
    }

    #[expect(
        clippy::disallowed_types,
        reason = "what judges a tool of this course, and what makes its network, are programs"
    )]
    fn spawn(&self) -> std::io::Result<Child> {
        let (program, args) = self.words.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut command = std::process::Command::new(program);
        command.args(args).env_clear().env("LC_ALL", "C").env("PATH", std::env::var_os("PATH").unwrap_or_default());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }
}

type Line = (fn(&mut Ended) -> &mut String, String);

/// Passes on each line of a pipe as it comes.
fn pass_on(pipe: Option<impl Read + Send + 'static>, stream: fn(&mut Ended) -> &mut String, to: Sender<Line>) {
    let Some(pipe) = pipe else { return };
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = vec![];
        while pipe.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            if to.send((stream, text)).is_err() {
                return; // nobody wants to know any more
            }
        }
    });
}

impl Ended {
    fn out(&mut self) -> &mut String {
        &mut self.stdout
    }

    fn err(&mut self) -> &mut String {
        &mut self.stderr
    }
}

/// A program that runs. Dropped, it is killed.
#[derive(Debug)]
pub struct Running {
    called: String,
    child: Child,
    deadline: Instant,
    lines: Receiver<Line>,
    ended: Ended,
}

impl Running {
    /// Waits for a line with this text in it, on either stream.
    ///
    /// # Errors
    /// When none comes in time.
    pub fn wait_for(&mut self, text: &str) -> Result<(), String> {
        while let Some(line) = self.line()? {
            if line.contains(text) {
                return Ok(());
            }
        }
        Err(format!("{} ended without a word of '{text}': {}", self.called, self.ended))
    }

    /// Sends it a signal, by its name without `SIG`: `INT` is Ctrl-C.
    ///
    /// # Errors
    /// When that is not possible, for it ended already.
    pub fn signal(&self, name: &str) -> Result<(), String> {
        Program::new("kill").args([format!("-{name}"), self.child.id().to_string()]).succeed().map(drop)
    }

    /// The number of its process, for who looks into `/proc`. A program at a node of a [`crate::Net`] has that of its starter.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it does not come in time.
    pub fn end(mut self) -> Result<Ended, String> {
        while self.line()?.is_some() {}
        let status = self.child.wait().map_err(|error| format!("cannot wait for {}: {error}", self.called))?;
        self.ended.code = status.code().unwrap_or_else(|| 128 + signal_of(status));
        Ok(std::mem::take(&mut self.ended))
    }

    /// The next line of either stream; `None` when both are closed.
    fn line(&mut self) -> Result<Option<String>, String> {
        match self.lines.recv_timeout(self.deadline.saturating_duration_since(now())) {
            Ok((stream, line)) => {
                stream(&mut self.ended).push_str(&line);
                Ok(Some(line))
            }
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(format!("{} takes too long. So far: {}", self.called, self.ended)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Neither does anything to who has ended and was waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
fn signal_of(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.signal().unwrap_or(0)
}

#[cfg(not(unix))]
fn signal_of(_: std::process::ExitStatus) -> i32 {
    0
}

#[expect(clippy::disallowed_methods, reason = "programs of the machine take its time")]
fn now() -> Instant {
    Instant::now()
}
