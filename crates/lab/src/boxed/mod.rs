//! The box that a learner's program runs in, and the compiler that reads what a learner wrote.
//!
//! `lab` starts *itself* as `lab __box …`. That launcher has one thread and nothing else to do, so it can shut itself in with
//! ordinary calls, layer by layer, and then become the program, which cannot get out any more:
//!
//! ```text
//!   namespaces → view → nobody → rlimits → no_new_privs → Landlock → close files → seccomp → exec
//! ```
//!
//! | layer | what it keeps from the program |
//! |---|---|
//! | `Namespaces` | other paths, networks and processes: they do not exist; what it leaves behind ends with it |
//! | `Nobody` | what only root may do, where the checker is root |
//! | `Limits` | memory, time of the processor, long files |
//! | `Landlock` | files outside the view, and signals to others |
//! | `Seccomp` | sockets, and other processes: a learner's program needs none |
//!
//! No layer is there on every system. [`Layers::here`] tries all of them once, and says in a line each what cannot be had; a
//! program is then started with the others, and is not started at all if one of those fails. Beneath them all it is a process of
//! its own with an empty environment and one line to its host. Nothing secret is in its arguments: other processes may read those.

#[cfg(target_os = "linux")]
mod inner;
#[cfg(target_os = "linux")]
mod landlocked;
mod launcher;
mod limits;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
mod seccomp;
mod spec;
#[cfg(target_os = "linux")]
mod system;

pub use launcher::enter_if_asked;
pub(crate) use spec::Spec;

use cli::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// The user that has nothing, in place of root.
const NOBODY: u32 = 65_534;
/// What a launcher ends with that could not become the program.
pub(crate) const NOT_STARTED: i32 = 125;

/// A part of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    Namespaces,
    Nobody,
    Limits,
    Landlock,
    Seccomp,
}

impl Layer {
    const ALL: [Self; 5] = [Self::Namespaces, Self::Nobody, Self::Limits, Self::Landlock, Self::Seccomp];

    fn name(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Nobody => "nobody",
            Self::Limits => "limits",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.name() == name)
    }
}

/// The layers that can be had here, and why the others cannot.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    have: BTreeSet<Layer>,
    missing: BTreeMap<Layer, String>,
}

impl Layers {
    /// Tries all layers in a launcher that starts nothing.
    #[must_use]
    pub fn here() -> Self {
        Self::tried(Layer::ALL)
    }

    /// All that can be had but for the namespaces, as where the system refuses them.
    #[must_use]
    pub fn without_namespaces() -> Self {
        let mut layers = Self::tried(Layer::ALL.into_iter().filter(|layer| *layer != Layer::Namespaces));
        layers.missing.insert(Layer::Namespaces, "not asked for".into());
        layers
    }

    fn tried(layers: impl IntoIterator<Item = Layer>) -> Self {
        let mut wanted: BTreeSet<Layer> = layers.into_iter().collect();
        if !rustix::process::geteuid().is_root() {
            wanted.remove(&Layer::Nobody);
        }
        let missing = launcher::try_out(&wanted);
        let have = wanted.into_iter().filter(|layer| !missing.contains_key(layer)).collect();
        Self { have, missing }
    }

    /// Whether what is not trusted can be run here: something keeps it from the files of others.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.has(Layer::Landlock) || self.has(Layer::Namespaces)
    }

    pub(crate) fn has(&self, layer: Layer) -> bool {
        self.have.contains(&layer)
    }

    /// Without this one, and why.
    pub(crate) fn without(mut self, layer: Layer, why: &str) -> Self {
        if self.have.remove(&layer) {
            self.missing.insert(layer, why.into());
        }
        self
    }

    /// What cannot be had, in a line each.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        self.missing.iter().map(|(layer, why)| format!("no {}: {why}", layer.name())).collect()
    }
}

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.have.iter().map(|layer| layer.name()).collect();
        f.write_str(&names.join(", "))
    }
}

/// Makes the memory of this process unreadable to others of the same user, the programs that it starts among them: the answers
/// to its questions lie there.
pub(crate) fn hide() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// What a program that was linked against the system's libraries must see of them.
pub(crate) fn libraries() -> Vec<PathBuf> {
    let places = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/nix/store"];
    places.iter().map(PathBuf::from).filter(|place| place.exists()).collect()
}

/// How a launcher is started that then becomes `program`.
///
/// # Errors
/// When this program cannot tell where it is itself.
pub(crate) fn command(
    layers: &Layers,
    spec: &Spec,
    program: &Path,
    arguments: &[OsString],
) -> std::io::Result<(PathBuf, Vec<OsString>)> {
    let mut words = vec![OsString::from(launcher::WORD)];
    words.extend(spec.words(&layers.have));
    words.extend([OsString::from(spec::END), program.into()]);
    words.extend(arguments.iter().cloned());
    Ok((std::env::current_exe()?, words))
}

/// That the launcher became the program; what kept it from that is no fault of the program's.
pub(crate) fn started(ended: &lend::Ended) -> Result<(), Failure> {
    let is_launcher = ended.requests == 0 && ended.end == lend::End::NoLeave(NOT_STARTED);
    match ended.complaint.lines().last().and_then(|line| line.strip_prefix("error: ")) {
        Some(why) if is_launcher => Err(Failure::said(format!("the program was not started: {}", cli::escape(why)))
            .hint("the box was there a moment ago: look for what changed on this machine, and say it again")),
        _ => Ok(()),
    }
}

/// How a learner's program is started in the box.
///
/// # Errors
/// When this program cannot tell where it is itself.
pub(crate) fn program(layers: &Layers, program: &Path, arguments: &[String]) -> std::io::Result<lend::Start> {
    let spec = Spec { read: [libraries(), vec![program.to_path_buf()]].concat(), ..Spec::default() };
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    let (launcher, words) = command(layers, &spec, program, &arguments)?;
    Ok(lend::Start::new(launcher, words).clean())
}
