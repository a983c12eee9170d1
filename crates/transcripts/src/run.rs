//! The programs of the workspace, and what one of them prints.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, pipe};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{env, fs, thread};

/// How long a command may take. In a simulated network all time is virtual.
const LIMIT: Duration = Duration::from_secs(20);

/// What cargo must know to build a lab, of the environment.
const OF_CARGO: &[&str] = &["CARGO", "CARGO_HOME", "HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "USERPROFILE"];

/// Where a block is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// In the simulated network: the same bytes in every run.
    Simulated,
    /// Likewise, in a copy of the course with its labs as they are handed out.
    Course,
    /// On this machine, in a network namespace of its own, which has nothing but loopback.
    Itself,
}

/// The tools of a workspace: what `cargo TOOL` runs, as `.cargo/config.toml` has it.
#[derive(Debug, Clone)]
pub struct Tools {
    root: PathBuf,
    /// The program of each alias.
    aliases: BTreeMap<String, String>,
    /// Where the built programs are.
    programs: PathBuf,
    limit: Duration,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// What a terminal would show.
    pub(crate) printed: String,
    /// `None`: a signal ended it.
    pub(crate) code: Option<i32>,
}

impl Tools {
    /// What a tool finds in its environment. On Windows also `SystemRoot`, without which no program has sockets.
    pub const ENVIRONMENT: [(&str, &str); 4] =
        [("COLUMNS", "80"), ("LC_ALL", "C.UTF-8"), ("NO_COLOR", "1"), ("TZ", "UTC")];

    /// The tools of the workspace at `root`, built as the calling test is: by the same profile and beside it.
    ///
    /// # Errors
    /// When the aliases cannot be read, or a tool cannot be built.
    pub fn build(root: &Path) -> Result<Self, String> {
        let test = env::current_exe().map_err(|error| format!("cannot tell where this test is: {error}"))?;
        let programs = test.ancestors().nth(2).ok_or("this test is not where cargo puts tests")?.to_path_buf();
        let target = programs.parent().ok_or("this test is not in a target directory")?;
        let profile = match programs.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        let aliases = aliases(root)?;
        let words = aliases.values().flat_map(|program| ["--bin", program]);
        #[expect(clippy::disallowed_types, reason = "cargo builds the tools")]
        let status = std::process::Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--profile", profile, "--target-dir"])
            .arg(target)
            .args(words)
            .current_dir(root)
            .status()
            .map_err(|error| format!("cannot run cargo: {error}"))?;
        if !status.success() {
            return Err(format!("the tools cannot be built: {status}"));
        }
        Ok(Self { root: root.into(), aliases, programs, limit: LIMIT })
    }

    /// With so much time for each command.
    #[must_use]
    pub fn limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Puts into an empty directory what a page's commands find there.
    pub(crate) fn furnish(&self, directory: &Path) -> Result<(), String> {
        copy(&self.root.join("testdata"), &directory.join("testdata"))
            .map_err(|error| format!("cannot copy testdata: {error}"))
    }

    /// What `words` print, which must be `cargo TOOL` and its arguments.
    pub(crate) fn run(&self, words: &[String], directory: &Path, machine: Machine) -> Result<Ended, String> {
        let Some(("cargo", [alias, args @ ..])) = words.split_first().map(|(first, rest)| (first.as_str(), rest))
        else {
            return Err(
                "only `cargo TOOL` can be run; what sets something up belongs in a block `console setup`".into()
            );
        };
        let Some(program) = self.aliases.get(alias) else {
            let known: Vec<&str> = self.aliases.keys().map(String::as_str).collect();
            return Err(format!("`cargo {alias}` runs no tool; `.cargo/config.toml` has {}", known.join(", ")));
        };
        let program = self.programs.join(program).with_extension(env::consts::EXE_EXTENSION);
        let mut called = vec![program.into_os_string()];
        if machine == Machine::Itself {
            let before = ["unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"];
            called.splice(0..0, before.map(Into::into));
        }
        called.extend(args.iter().map(Into::into));
        let kept = if machine == Machine::Course { OF_CARGO } else { &[] };
        self.end_of(&called, directory, kept)
    }

    fn end_of(&self, called: &[OsString], directory: &Path, kept: &[&str]) -> Result<Ended, String> {
        let (program, args) = called.split_first().ok_or("nothing to run")?;
        let failed = |error: std::io::Error| format!("cannot run {}: {error}", program.display());
        let (mut reader, writer) = pipe().map_err(failed)?;
        #[expect(clippy::disallowed_types, reason = "a transcript is what a program printed")]
        let mut child = std::process::Command::new(program)
            .args(args)
            .current_dir(directory)
            .env_clear()
            .envs(Self::ENVIRONMENT)
            .envs(["PATH", "SystemRoot"].iter().chain(kept).filter_map(|name| Some((name, env::var_os(name)?))))
            .stdin(Stdio::null())
            .stdout(writer.try_clone().map_err(failed)?)
            .stderr(writer)
            .spawn()
            .map_err(failed)?;
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let mut bytes = vec![];
            let read = reader.read_to_end(&mut bytes);
            sender.send(read.map(|_| bytes))
        });
        let Ok(read) = receiver.recv_timeout(self.limit) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it takes longer than {} s", self.limit.as_secs()));
        };
        let printed = String::from_utf8(read.map_err(failed)?).map_err(|_| "it prints what is not UTF-8")?;
        let status: ExitStatus = child.wait().map_err(failed)?;
        Ok(Ended { printed, code: status.code() })
    }
}

/// The program that each alias runs, in lines `NAME = "run --bin PROGRAM --"`. Those with a profile of their own are for who
/// writes the course.
fn aliases(root: &Path) -> Result<BTreeMap<String, String>, String> {
    let file = root.join(".cargo/config.toml");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let program = |line: &str| {
        let (alias, command) = line.split_once(" = ")?;
        let words: Vec<&str> = command.trim_matches('"').split_whitespace().collect();
        let behind = words.iter().position(|word| *word == "--bin")? + 1;
        let program = words.get(behind)?.to_string();
        (!words.contains(&"--profile")).then_some((alias.to_string(), program))
    };
    Ok(text.lines().filter_map(program).collect())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::copy(from, to).map(drop)
}
