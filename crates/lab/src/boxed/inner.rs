//! The steps of the launcher on Linux: three processes where there are namespaces, one where there are none.
//!
//! Process 1 of a namespace ignores most signals, its own too, so the program cannot be process 1: the second step is, and waits
//! for the third, which becomes the program. The first waits for the second, and ends as the program ended.

use super::launcher::{Launch, WORDS};
use super::{Layer, NOBODY, NOT_STARTED, landlocked, limits, namespaces, seccomp, system};
use crate::fail;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Gid, Signal, Uid, WaitOptions, WaitStatus};
use rustix::thread::{CapabilitySet, CapabilitySets};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Behind a shell's fashion: what a signal ended has this and its number for an exit code.
const BY_SIGNAL: i32 = 128;

/// Does what comes before the program. Comes back where the program is to start, and on failures.
pub(super) fn carry_out(launch: &mut Launch, step: usize) -> Result<(), String> {
    match step {
        0 => {
            launch.apply(Layer::Namespaces, |_| namespaces::leave().map_err(said))?;
            if launch.layers.contains(&Layer::Namespaces) {
                wait_for_next(launch, 1)?;
            }
        }
        1 => {
            // Ends with the step before, whoever ends that.
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(said)?;
            launch.apply(Layer::Namespaces, |launch| namespaces::build(&launch.spec).map_err(said))?;
            wait_for_next(launch, 2)?;
        }
        _ => {
            launch.apply(Layer::Namespaces, |_| namespaces::enter().map_err(said))?;
            // No terminal is left to type on.
            let _ = rustix::process::setsid();
        }
    }
    shut_in(launch)
}

/// Starts the next step, waits for it, and ends as it does.
fn wait_for_next(launch: &Launch, step: usize) -> Result<(), String> {
    // Opened now: when the last step has come to its own root, there is no such path here either.
    let nothing = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).map_err(said)?;
    let word = WORDS.get(step).copied().unwrap_or_default();
    #[expect(clippy::disallowed_types, reason = "the launcher starts its own next step")]
    let child = std::process::Command::new("/proc/self/exe").args(launch.words(word)).spawn().map_err(said)?;
    let child = i32::try_from(child.id()).unwrap_or(0);
    // The line to the host is the program's alone, so that the other end sees when it hangs up.
    rustix::stdio::dup2_stdin(&nothing).map_err(said)?;
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid.as_raw_nonzero().get() == child => end_like(status, step),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(said(error)),
        }
    }
}

fn end_like(status: WaitStatus, step: usize) -> ! {
    let code = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => BY_SIGNAL + signal,
        (None, None) => NOT_STARTED,
    };
    // Process 1 cannot end itself by a signal; the first step can, and whoever waits for it learns of the right one.
    if let Some(signal) = Signal::from_named_raw(code - BY_SIGNAL).filter(|_| step == 1) {
        limits::no_core();
        for _ in 0..2 {
            // Twice, for the standard library takes some for its own first.
            let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
        }
    }
    std::process::exit(code)
}

/// All layers but the namespaces, in the order in which each can still be applied.
fn shut_in(launch: &mut Launch) -> Result<(), String> {
    let spec = &launch.spec;
    let proc = Some(Path::new("/proc")).filter(|_| spec.processes);
    let read: Vec<OwnedFd> = spec.read.iter().map(PathBuf::as_path).chain(proc).filter_map(open).collect();
    let write: Vec<OwnedFd> = spec.write.iter().map(PathBuf::as_path).filter_map(open).collect();
    let directory = spec.directory.as_deref().unwrap_or(Path::new("/"));
    std::env::set_current_dir(directory)
        .map_err(|error| format!("cannot go to '{}': {}", directory.display(), fail::reason(&error)))?;
    // Found while this is still somebody who may go there, and run by what was found.
    if launch.layers.contains(&Layer::Nobody) && !launch.layers.contains(&Layer::Namespaces) {
        launch.find_program(open);
    }
    launch.apply(Layer::Nobody, |_| be_nobody().map_err(said))?;
    launch.apply(Layer::Limits, |launch| limits::set(&launch.spec))?;
    // Not before: who becomes another user loses it.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(said)?;
    rustix::thread::set_no_new_privs(true).map_err(said)?;
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    rustix::thread::set_capabilities(None, none).map_err(said)?;
    launch.apply(Layer::Landlock, |_| landlocked::shut_in(&read, &write))?;
    system::close_on_exec().map_err(said)?;
    let processes = launch.spec.processes;
    launch.apply(Layer::Seccomp, |_| seccomp::refuse(processes))
}

fn open(path: &Path) -> Option<OwnedFd> {
    rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok()
}

/// Gives up root for good.
fn be_nobody() -> rustix::io::Result<()> {
    let (uid, gid) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid)
}

fn said(error: impl Into<io::Error>) -> String {
    fail::reason(&error.into())
}
