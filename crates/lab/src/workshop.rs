//! Builds learners' programs.
//!
//! Cargo builds the crates that a program may use, once, and says where they are; the program itself is built by rustc alone. So
//! what a learner sees when it does not compile is rustc's message about the file, and nothing of Cargo; and no more crates are
//! in reach than `lab.toml` names.

use crate::checkout::Checkout;
use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use serde::Deserialize;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

/// How a program is compiled: as the learner's own crate is, but for what it may not do. Warnings would come with each error; not
/// by `--cap-lints`, which would turn what is forbidden into something that is allowed. In an older edition a block of foreign
/// functions would pass for safe.
pub(crate) const FLAGS: &str = "--edition=2024 --crate-name=program --crate-type=bin -Cdebug-assertions=on -Cdebuginfo=0 \
                     -Awarnings -Funsafe_code --color=never";

/// The crates that the programs of a lab may use, built.
#[derive(Debug)]
pub struct Workshop {
    root: PathBuf,
    /// Each crate with its library.
    crates: Vec<(String, PathBuf)>,
    /// These libraries, and those that they need.
    libraries: Vec<PathBuf>,
    bench: Bench,
}

/// Why there is no program.
#[derive(Debug)]
pub enum NotBuilt {
    /// The learner's source does not compile: what rustc says.
    Source(String),
    /// Something else is wrong.
    Failure(Failure),
}

impl From<Failure> for NotBuilt {
    fn from(failure: Failure) -> Self {
        NotBuilt::Failure(failure)
    }
}

/// A folder of this run's own, so that two runs at once do not get in each other's way. Dropped, it is gone.
#[derive(Debug)]
struct Bench(PathBuf);

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Workshop {
    /// Has the crates built that the programs of `lab` may use.
    ///
    /// # Errors
    /// When Cargo cannot.
    pub fn open(checkout: &Checkout, lab: &Lab) -> Result<Self, Failure> {
        static RUN: AtomicU32 = AtomicU32::new(0);
        let run = RUN.fetch_add(1, Ordering::Relaxed);
        let bench = Bench(checkout.workshop().join(format!("run-{}-{run}", std::process::id())));
        fs::create_dir_all(&bench.0).map_err(|error| fail::io("create", &bench.0, &error))?;
        let (crates, libraries) = libraries(checkout, &lab.about.crates)?;
        Ok(Self { root: checkout.root().to_path_buf(), crates, libraries, bench })
    }

    /// The program of the lab as it lies in the learner's folder.
    ///
    /// # Errors
    /// What rustc says.
    pub fn build(&self, lab: &Lab) -> Result<PathBuf, NotBuilt> {
        self.compile(&lab.source().join("main.rs"), "learner", None)
    }

    /// The program of the lab with `file` in the learner's place, and all else as it was handed out.
    ///
    /// # Errors
    /// What rustc says.
    pub fn build_with(&self, lab: &Lab, file: &Path, name: &str) -> Result<PathBuf, NotBuilt> {
        let folder = self.bench.0.join(format!("{name}.src"));
        fs::create_dir_all(&folder).map_err(|error| fail::io("create", &folder, &error))?;
        let source = lab.source();
        let listed = fs::read_dir(&source).map_err(|error| fail::io("list", &source, &error))?;
        for entry in listed.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == "rs")) {
            let is_the_learners = entry.file_name() == lab.about.edit.as_str();
            let from = if is_the_learners { file.to_path_buf() } else { entry.path() };
            let to = folder.join(entry.file_name());
            fs::copy(&from, &to).map_err(|error| fail::io("copy", &from, &error))?;
        }
        self.compile(&folder.join("main.rs"), name, Some((&folder, &source)))
    }

    /// Each crate that a program may use, with its library.
    pub(crate) fn crates(&self) -> &[(String, PathBuf)] {
        &self.crates
    }

    /// These libraries, and all that they need.
    pub(crate) fn libraries(&self) -> &[PathBuf] {
        &self.libraries
    }

    /// A place for a file of this run, which goes with it.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.bench.0.join(name)
    }

    /// Compiles a program; `shown`: which folder is to be shown as which.
    fn compile(&self, main: &Path, name: &str, shown: Option<(&Path, &Path)>) -> Result<PathBuf, NotBuilt> {
        let program = self.bench.0.join(name);
        let relative = |path: &Path| path.strip_prefix(&self.root).unwrap_or(path).as_os_str().to_os_string();
        let mut arguments: Vec<OsString> = vec![relative(main), "-o".into(), program.clone().into()];
        arguments.extend(FLAGS.split_whitespace().map(OsString::from));
        for (name, library) in &self.crates {
            arguments.extend([OsString::from("--extern"), joined(&[name.as_ref(), "=".as_ref(), library.as_os_str()])]);
        }
        if let Some(place) = self.crates.first().and_then(|(_, library)| library.parent()) {
            let place = if place.ends_with("deps") { place.to_path_buf() } else { place.join("deps") };
            arguments.extend([OsString::from("-L"), joined(&["dependency=".as_ref(), place.as_os_str()])]);
        }
        if let Some((folder, as_if)) = shown {
            let map = joined(&[&relative(folder), "=".as_ref(), &relative(as_if)]);
            arguments.extend([OsString::from("--remap-path-prefix"), map]);
        }
        let compiled = run(&tool("RUSTC", "rustc"), &arguments, &self.root)?;
        if compiled.status.success() {
            return Ok(program);
        }
        Err(NotBuilt::Source(without_stack(&String::from_utf8_lossy(&compiled.stderr))))
    }
}

/// What a learner is shown of rustc's words: all but how many errors that were, which the eye sees.
pub(crate) fn without_stack(words: &str) -> String {
    let is_count = |line: &&str| line.starts_with("error: aborting due to");
    words.lines().filter(|line| !is_count(line)).collect::<Vec<_>>().join("\n").trim_end().to_string()
}

/// What Cargo says of a library that it built.
#[derive(Debug, Deserialize)]
struct Artifact {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    target: Option<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Some crates with their libraries; and these libraries with all that they need.
type Libraries = (Vec<(String, PathBuf)>, Vec<PathBuf>);

/// Has these crates built, and says where each library is, and where all are that came of it.
fn libraries(checkout: &Checkout, crates: &[String]) -> Result<Libraries, Failure> {
    let mut arguments: Vec<OsString> = "build --quiet --message-format=json".split(' ').map(OsString::from).collect();
    arguments.extend(crates.iter().flat_map(|name| [OsString::from("--package"), name.into()]));
    let built = run(&tool("CARGO", "cargo"), &arguments, checkout.root())?;
    let said = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() {
        let last = said.lines().find(|line| line.starts_with("error")).unwrap_or("it does not say why");
        return Err(Failure::said(format!("cargo cannot build {}: {last}", crates.join(" and ")))
            .hint("`cargo build` shows all of it; `git status` shows what was changed beside your own file"));
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let artifacts: Vec<Artifact> = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let find = |name: &String| {
        let of_that_name = |artifact: &&Artifact| {
            artifact.reason == "compiler-artifact"
                && artifact.target.as_ref().is_some_and(|target| target.name == *name)
        };
        let libraries = artifacts.iter().filter(of_that_name).flat_map(|artifact| &artifact.filenames);
        let library = libraries.into_iter().find(|file| file.extension().is_some_and(|end| end == "rlib"));
        let library = library.cloned().ok_or_else(|| Failure::said(format!("cargo built no library of {name}")))?;
        Ok((name.clone(), library))
    };
    let named = crates.iter().map(find).collect::<Result<_, Failure>>()?;
    // A library, or what a library's macros are expanded by.
    let is_library = |file: &&PathBuf| {
        let ends = |ends: &[&str]| file.extension().is_some_and(|end| ends.iter().any(|one| end == *one));
        ends(&["rlib", "so", "dylib"])
    };
    let all = artifacts.iter().flat_map(|artifact| &artifact.filenames).filter(is_library).cloned().collect();
    Ok((named, all))
}

/// Lets Cargo write the lock file of the workspace at `root`, with what its members need and nothing more.
pub(crate) fn settle(root: &Path) -> Result<(), Failure> {
    let arguments: Vec<OsString> =
        "metadata --quiet --offline --format-version=1".split(' ').map(OsString::from).collect();
    let settled = run(&tool("CARGO", "cargo"), &arguments, root)?;
    if settled.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&settled.stderr);
    let why = said.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it does not say why");
    Err(Failure::said(format!("cargo cannot read '{}': {why}", root.display()))
        .hint("`cargo build` and `cargo book`, once, get what it needs to know"))
}

/// The program that the variable names, as Cargo sets it, or the one of this name.
pub(crate) fn tool(variable: &str, name: &str) -> OsString {
    std::env::var_os(variable).filter(|value| !value.is_empty()).unwrap_or_else(|| name.into())
}

pub(crate) fn joined(parts: &[&std::ffi::OsStr]) -> OsString {
    parts.iter().copied().collect()
}

#[expect(clippy::disallowed_types, reason = "cargo and rustc build what a learner wrote")]
pub(crate) fn run(program: &OsString, arguments: &[OsString], directory: &Path) -> Result<Output, Failure> {
    let ran = std::process::Command::new(program).args(arguments).current_dir(directory).output();
    ran.map_err(|error| {
        Failure::said(format!("cannot start '{}': {}", program.display(), fail::reason(&error)))
            .hint("install Rust, and let `cargo` and `rustc` be on the path")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_of_errors_is_left_out() {
        let words = "error: x\n --> a.rs:1:1\n\nerror: aborting due to 1 previous error\n\nmore\n";
        assert_eq!(without_stack(words), "error: x\n --> a.rs:1:1\n\n\nmore");
    }
}
