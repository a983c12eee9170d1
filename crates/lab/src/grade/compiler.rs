//! The compiler in its box: it sees one submission, what is handed out with the lab, and the libraries that it may use.
//!
//! Compiling runs nothing of a learner's: there is no build script, no macro of theirs that is a program, and no argument for the
//! linker. What is left is to read files that are none of theirs, which do not exist in the box; and to use up the machine, which
//! limits end.

use super::graded::harmless;
use crate::boxed::{self, Layer, Layers, Spec};
use crate::fail;
use crate::lab::Lab;
use crate::workshop::{FLAGS, Workshop, joined, run, tool, without_stack};
use cli::Failure;
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const MEMORY: u64 = 1 << 30;
/// Seconds of a processor.
const PROCESSOR: u64 = 10;
/// How long it may take by the machine's clock: more, for others may compile at the same time.
const WALL_CLOCK: Duration = Duration::from_secs(60);
const LONGEST_FILE: u64 = 64 << 20;
const FILES: u64 = 256;
/// How many MiB must be free on its disk, for what it says to count.
const ROOM: usize = 32;
/// How many bytes of its words are kept.
const WORDS: usize = 256 << 10;
/// How many lines of them are shown.
const LINES: usize = 40;
const GLANCE: Duration = Duration::from_millis(3);

/// What comes of compiling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Compiled {
    /// A program.
    Program(PathBuf),
    /// None, and what the compiler says.
    No(String),
}

/// All that a compiler needs, laid out once.
#[derive(Debug)]
pub(super) struct Compiler {
    layers: Layers,
    /// A folder of this run's own.
    bench: PathBuf,
    cache: PathBuf,
    libraries: PathBuf,
    system: PathBuf,
    /// The crates that a program may use, and their libraries.
    crates: Vec<(String, PathBuf)>,
    /// What is handed out with the lab, but for the learner's file: names and texts.
    handed_out: Vec<(String, String)>,
    edit: String,
    /// How the folder of the sources is called in messages.
    shown: String,
    /// Toolchain, flags, and all else but the learner's file that a program comes of.
    key: String,
}

impl Compiler {
    /// Lays out what is needed. `layers`: of the box.
    pub(super) fn new(layers: &Layers, workshop: &Workshop, lab: &Lab, cache: PathBuf) -> Result<Self, Failure> {
        let root = Path::new("/");
        let ask = |word: &str| {
            let said = run(&tool("RUSTC", "rustc"), &word.split(' ').map(OsString::from).collect::<Vec<_>>(), root)?;
            Ok::<_, Failure>(String::from_utf8_lossy(&said.stdout).trim().to_string())
        };
        let (system, version) = (PathBuf::from(ask("--print sysroot")?), ask("-vV")?);
        let bench = workshop.place("compiler");
        let libraries = bench.join("libraries");
        create(&libraries)?;
        for library in workshop.libraries() {
            let to = libraries.join(library.file_name().unwrap_or_default());
            // A second name is enough, where both are on one disk.
            if fs::hard_link(library, &to).is_err() {
                fs::copy(library, &to).map_err(|error| fail::io("copy", library, &error))?;
            }
        }
        let own = |(name, library): &(String, PathBuf)| {
            (name.clone(), libraries.join(library.file_name().unwrap_or_default()))
        };
        let crates: Vec<(String, PathBuf)> = workshop.crates().iter().map(own).collect();
        let handed_out = handed_out(lab)?;
        let key = format!("{version}\n{FLAGS}\n{crates:?}\n{handed_out:?}\n");
        let key = workshop.crates().iter().fold(key, |key, (_, library)| key + &format!("{}\n", library.display()));
        let layers = if others_may_go(&system) && others_may_go(&bench) || layers.has(Layer::Namespaces) {
            layers.clone()
        } else {
            layers.clone().without(Layer::Nobody, "the compiler runs as root, for others may not go where it is")
        };
        let shown = format!("labs/{}/src", lab.entry.folder());
        let edit = lab.about.edit.clone();
        Ok(Self { layers, bench, cache, libraries, system, crates, handed_out, edit, shown, key })
    }

    /// What its box lacks beside that of the programs.
    pub(super) fn missing(&self) -> Vec<String> {
        self.layers.missing()
    }

    /// The program of this source, from the cache if it was compiled before. `place`: a name for a folder of its own.
    pub(super) fn compile(&self, source: &str, place: &str) -> Result<Compiled, Failure> {
        let key = format!("{}\n{source}", self.key);
        let kept = self.cache.join(format!("{:016x}", hash(key.as_bytes())));
        // The hash finds the place; that all is the same is compared.
        let is_same = fs::read_to_string(kept.join("key")).is_ok_and(|before| before == key);
        if is_same && kept.join("program").is_file() {
            return Ok(Compiled::Program(kept.join("program")));
        }
        let slot = self.bench.join(place);
        let compiled = self.compile_in(source, &slot);
        let program = match compiled? {
            None => slot.join("out/program"),
            Some(words) => {
                let _ = fs::remove_dir_all(&slot);
                return Ok(Compiled::No(words));
            }
        };
        // A copy of our own: what the compiler wrote belongs to whom it ran as.
        let ours = slot.join("kept");
        create(&ours)?;
        fs::copy(&program, ours.join("program")).map_err(|error| fail::io("copy", &program, &error))?;
        let done = fs::write(ours.join("key"), key).map_err(|error| fail::io("write", &ours, &error));
        done?;
        create(&self.cache)?;
        let _ = fs::remove_dir_all(&kept);
        let moved = fs::rename(&ours, &kept);
        // Another worker with the same source may have been first.
        if moved.is_err() && !kept.join("program").is_file() {
            return Ok(Compiled::Program(ours.join("program")));
        }
        let _ = fs::remove_dir_all(&slot);
        Ok(Compiled::Program(kept.join("program")))
    }

    /// `None`: all is well, and the program is in `out`.
    fn compile_in(&self, source: &str, slot: &Path) -> Result<Option<String>, Failure> {
        let (sources, out) = (slot.join("src"), slot.join("out"));
        create(&sources)?;
        create(&out)?;
        for (name, text) in self
            .handed_out
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .chain([(self.edit.as_str(), source)])
        {
            let to = sources.join(name);
            fs::write(&to, text).map_err(|error| fail::io("write", &to, &error))?;
        }
        if self.layers.has(Layer::Nobody) {
            let for_all = fs::Permissions::from_mode(0o777);
            fs::set_permissions(&out, for_all).map_err(|error| fail::io("open up", &out, &error))?;
        }
        let (status, words) = self.start(slot, &sources, &out)?;
        if status.success() && out.join("program").is_file() {
            return Ok(None);
        }
        let words = without_stack(&words);
        if status.code() == Some(boxed::NOT_STARTED) {
            return Err(Failure::said(format!("the compiler could not be started: {}", cli::escape(words.trim()))));
        }
        room(slot)?;
        Ok(Some(match ended_by(status, &words) {
            Some(why) => why,
            None => shortened(&words),
        }))
    }

    fn start(&self, slot: &Path, sources: &Path, out: &Path) -> Result<(ExitStatus, String), Failure> {
        let rustc = self.system.join("bin/rustc");
        let mut arguments: Vec<OsString> =
            vec!["src/main.rs".into(), "-o".into(), "out/program".into(), "-Cstrip=symbols".into()];
        arguments.extend(FLAGS.split_whitespace().map(OsString::from));
        arguments.extend(["--sysroot".into(), self.system.clone().into_os_string()]);
        for (name, library) in &self.crates {
            arguments.extend([OsString::from("--extern"), joined(&[name.as_ref(), "=".as_ref(), library.as_os_str()])]);
        }
        arguments.extend([OsString::from("-L"), joined(&["dependency=".as_ref(), self.libraries.as_os_str()])]);
        arguments.extend([OsString::from("--remap-path-prefix"), format!("src={}", self.shown).into()]);
        let seen = ["/usr", "/bin", "/etc/alternatives"].iter().map(PathBuf::from).filter(|path| path.exists());
        let own = [self.system.clone(), self.libraries.clone(), sources.to_path_buf()];
        let spec = Spec {
            read: boxed::libraries().into_iter().chain(seen).chain(own).collect(),
            write: vec![out.to_path_buf(), "/dev/null".into()],
            directory: Some(slot.to_path_buf()),
            processes: true,
            memory: MEMORY,
            processor: PROCESSOR,
            file: LONGEST_FILE,
            files: FILES,
        };
        let failed =
            |error: &std::io::Error| Failure::said(format!("cannot start the compiler: {}", fail::reason(error)));
        let (launcher, words) =
            boxed::command(&self.layers, &spec, &rustc, &arguments).map_err(|error| failed(&error))?;
        #[expect(clippy::disallowed_types, reason = "rustc builds what a learner wrote")]
        let mut command = std::process::Command::new(launcher);
        command.args(words).env_clear().env("PATH", "/usr/bin:/bin").env("TMPDIR", out).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| failed(&error))?;
        Ok(wait(child))
    }
}

/// That the disk has room for what a compiler writes. Without it, nothing is said of a source that did not compile.
fn room(slot: &Path) -> Result<(), Failure> {
    let place = slot.join("room");
    let written = fs::File::create(&place).and_then(|mut file| {
        let piece = vec![0; 1 << 20];
        (0..ROOM).try_for_each(|_| file.write_all(&piece))
    });
    let _ = fs::remove_file(&place);
    written.map_err(|error| {
        fail::io("write", slot, &error).hint(format!("a compiler needs {ROOM} MiB there, and perhaps more"))
    })
}

/// Waits for the compiler, and hears it out. Nothing that it started is left behind.
fn wait(mut child: Child) -> (ExitStatus, String) {
    let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    let end = || group.map(|group| rustix::process::kill_process_group(group, rustix::process::Signal::KILL));
    let words = child.stderr.take();
    let deadline = now() + WALL_CLOCK;
    std::thread::scope(|scope| {
        let heard = scope.spawn(move || {
            let (mut kept, mut piece) = (vec![], vec![0; 1 << 14]);
            let Some(mut words) = words else { return kept };
            while let Ok(count @ 1..) = words.read(&mut piece) {
                kept.extend(piece.iter().take(count.min(WORDS.saturating_sub(kept.len()))));
            }
            kept
        });
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if now() < deadline => rest(),
                _ => {
                    let _ = end();
                    let _ = child.kill();
                    break child.wait().unwrap_or_else(|_| ExitStatus::from_raw(libc_kill()));
                }
            }
        };
        let _ = end();
        let kept = heard.join().unwrap_or_default();
        (status, String::from_utf8_lossy(&kept).into_owned())
    })
}

/// The status of what was ended by the signal that nobody can refuse.
fn libc_kill() -> i32 {
    rustix::process::Signal::KILL.as_raw()
}

/// Why the compiler gave up, where it is not for an error in the source.
fn ended_by(status: ExitStatus, words: &str) -> Option<String> {
    use rustix::process::Signal;
    const BY_SIGNAL: i32 = 128;
    let signal = status.signal().or_else(|| status.code().map(|code| code - BY_SIGNAL).filter(|signal| *signal > 0));
    let no_memory =
        ["memory allocation of", "out of memory", "Cannot allocate memory", "cannot allocate memory", "failed to map"];
    let what = if no_memory.iter().any(|said| words.contains(said)) {
        format!("more than {} MiB of memory", MEMORY >> 20)
    } else {
        match Signal::from_named_raw(signal?)? {
            Signal::XCPU | Signal::KILL => {
                format!("more than {PROCESSOR} s of a processor, or {} s in all", WALL_CLOCK.as_secs())
            }
            signal => return Some(format!("the compiler gave up: signal {}", signal.as_raw())),
        }
    };
    Some(format!("the compiler took {what}, and was ended"))
}

/// The first lines, which cannot act on whatever shows them.
fn shortened(words: &str) -> String {
    let lines: Vec<String> = words.lines().map(harmless).collect();
    let mut shown: Vec<String> = lines.iter().take(LINES).map(|line| line.chars().take(300).collect()).collect();
    let more = lines.len().saturating_sub(LINES);
    shown.extend((more > 0).then(|| format!("… and {more} lines more")));
    shown.join("\n")
}

/// All that lies beside the learner's file.
fn handed_out(lab: &Lab) -> Result<Vec<(String, String)>, Failure> {
    let folder = lab.source();
    let mut files = vec![];
    for entry in fs::read_dir(&folder).map_err(|error| fail::io("list", &folder, &error))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|end| end == "rs") && name != lab.about.edit {
            let text = fs::read_to_string(entry.path()).map_err(|error| fail::io("read", &entry.path(), &error))?;
            files.push((name, text));
        }
    }
    files.sort();
    Ok(files)
}

/// Whether everybody may go through all folders on the way.
fn others_may_go(path: &Path) -> bool {
    const GO: u32 = 0o001;
    path.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & GO != 0))
}

fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| fail::io("create", folder, &error))
}

/// FNV-1a: only to find a place.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[expect(clippy::disallowed_methods, reason = "a compiler takes this machine's time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "waits for the compiler")]
fn rest() {
    std::thread::sleep(GLANCE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_disk_is_no_fault_of_a_submission() {
        let slot = tempfile::tempdir().unwrap();
        assert!(room(slot.path()).is_ok() && fs::read_dir(slot.path()).unwrap().next().is_none());
        std::os::unix::fs::symlink("/dev/full", slot.path().join("room")).unwrap();
        let Err(Failure::Said { error, .. }) = room(slot.path()) else { panic!("it fits") };
        assert_eq!(error, format!("cannot write '{}': No space left on device", slot.path().display()));
    }
}
