//! The box that a learner's program runs in: limits of the system, set by a launcher that then becomes the program.
//!
//! `lab` starts *itself* as `lab __box …`. The launcher has one thread and nothing else to do, so it can set limits with ordinary
//! calls, without `unsafe`, and then replace itself by the program, which cannot lift them any more. What the system does not
//! have is left out: the program is still a process of its own, with an empty environment and one line to its host.

use lend::Start;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::ExitCode;

/// The word that makes this program a launcher.
const WORD: &str = "__box";
/// How much memory a learner's program may have, in bytes.
pub(crate) const MEMORY: u64 = 256 << 20;
/// How many seconds of a processor it may use; the wall clock comes first.
const PROCESSOR: u64 = 20;
/// How long a file it may write, in bytes.
const FILE: u64 = 16 << 20;
/// How many files it may have open.
const FILES: u64 = 64;
/// What a launcher ends with that could not become the program.
const NO_PROGRAM: u8 = 125;

/// If this process was started as a launcher, becomes the program that it is to launch. To be called first thing in `main`.
#[must_use]
pub fn enter_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != WORD {
        return None;
    }
    let (program, arguments): (OsString, Vec<OsString>) = (arguments.next()?, arguments.collect());
    limit();
    // Nothing comes back from this but an error.
    let error = become_program(&program, &arguments);
    let _ = writeln!(std::io::stderr(), "error: cannot start '{}': {error}", program.display());
    Some(ExitCode::from(NO_PROGRAM))
}

/// How to start `program` in the box.
///
/// # Errors
/// When this program cannot tell where it is itself.
pub(crate) fn boxed(program: &Path, arguments: &[String]) -> std::io::Result<Start> {
    let words = [OsString::from(WORD), program.into()].into_iter().chain(arguments.iter().map(OsString::from));
    Ok(Start::new(std::env::current_exe()?, words).clean())
}

/// Makes the memory of this process unreadable to others of the same user, the programs that it starts among them: the answers
/// to its questions lie there.
pub(crate) fn hide() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

fn limit() {
    let limits = [
        (Resource::Core, 0),
        (Resource::As, MEMORY),
        (Resource::Cpu, PROCESSOR),
        (Resource::Fsize, FILE),
        (Resource::Nofile, FILES),
    ];
    for (resource, most) in limits {
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
    #[cfg(target_os = "linux")]
    {
        // When the checker is gone, nobody else ends the program any more.
        let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
        let _ = rustix::thread::set_no_new_privs(true);
    }
}

#[expect(clippy::disallowed_types, reason = "the launcher becomes the learner's program")]
fn become_program(program: &OsString, arguments: &[OsString]) -> std::io::Error {
    std::process::Command::new(program).args(arguments).exec()
}
