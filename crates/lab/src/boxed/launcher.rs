//! `lab __box …`: what the launcher does with its words.

use super::{Layer, NOT_STARTED, Spec};
use crate::fail;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Write};
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;

/// The word that makes this program a launcher.
pub(super) const WORD: &str = "__box";
/// The same for the second step, which is process 1 of its namespace, and for the last one.
#[cfg(target_os = "linux")]
pub(super) const WORDS: [&str; 3] = [WORD, "__box-init", "__box-program"];
/// In a program's place: says what could not be applied, a line each, and ends.
const TRY: &str = "__try";

/// What could not be applied, and why.
pub(super) type Missing = BTreeMap<Layer, String>;

/// What a launcher is to do.
pub(super) struct Launch {
    pub(super) spec: Spec,
    pub(super) layers: BTreeSet<Layer>,
    /// The program and its arguments.
    pub(super) program: Vec<OsString>,
    missing: Missing,
    /// The program, where its path is not for who is to run it.
    #[cfg(target_os = "linux")]
    found: Option<std::os::fd::OwnedFd>,
}

/// If this process was started as a launcher, becomes the program that it is to launch. To be called first thing in `main`.
#[must_use]
pub fn enter_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let word = arguments.next()?;
    #[cfg(target_os = "linux")]
    let step = WORDS.iter().position(|known| word == *known)?;
    #[cfg(not(target_os = "linux"))]
    let step = (word == WORD).then_some(0)?;
    let words: Vec<OsString> = arguments.collect();
    let Some(launch) = Launch::read(&words) else {
        let _ = writeln!(io::stderr(), "error: '{WORD}' is how this program starts others, and is not for people");
        return Some(ExitCode::from(2));
    };
    let error = launch.carry_out(step);
    let _ = writeln!(io::stderr(), "error: {error}");
    Some(ExitCode::from(u8::try_from(NOT_STARTED).unwrap_or(1)))
}

impl Launch {
    fn read(words: &[OsString]) -> Option<Self> {
        let (spec, layers, program) = Spec::read_words(words)?;
        (!program.is_empty()).then(|| Self {
            spec,
            layers,
            program: program.to_vec(),
            missing: Missing::new(),
            #[cfg(target_os = "linux")]
            found: None,
        })
    }

    /// Nothing comes back from this but an error.
    fn carry_out(mut self, step: usize) -> String {
        #[cfg(target_os = "linux")]
        {
            if let Err(error) = super::inner::carry_out(&mut self, step) {
                return error;
            }
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = step;
            let _ = self.apply(Layer::Limits, |launch| super::limits::set(&launch.spec));
            for layer in Layer::ALL.into_iter().filter(|layer| *layer != Layer::Limits) {
                let _ = self.apply(layer, |_| Err("only Linux has it".into()));
            }
        }
        self.become_program()
    }

    /// Applies a layer if it is wanted. What fails is noted where layers are tried, and else the end.
    pub(super) fn apply(
        &mut self,
        layer: Layer,
        apply: impl FnOnce(&Self) -> Result<(), String>,
    ) -> Result<(), String> {
        if !self.layers.contains(&layer) {
            return Ok(());
        }
        match apply(self) {
            Ok(()) => Ok(()),
            Err(why) if self.is_try() => {
                self.layers.remove(&layer);
                self.missing.insert(layer, why);
                Ok(())
            }
            Err(why) => Err(format!("the box has no {}: {why}", layer.name())),
        }
    }

    /// Looks the program up now, by `open`.
    #[cfg(target_os = "linux")]
    pub(super) fn find_program(&mut self, open: impl FnOnce(&std::path::Path) -> Option<std::os::fd::OwnedFd>) {
        self.found = self.program.first().and_then(|program| open(std::path::Path::new(program)));
    }

    /// The words of the next step.
    pub(super) fn words(&self, word: &str) -> Vec<OsString> {
        let mut words = vec![OsString::from(word)];
        words.extend(self.spec.words(&self.layers));
        words.push(super::spec::END.into());
        words.extend(self.program.iter().cloned());
        words.extend(self.missing.iter().map(|(layer, why)| format!("{}: {why}", layer.name()).into()));
        words
    }

    fn is_try(&self) -> bool {
        self.program.first().is_some_and(|program| program == TRY)
    }

    fn become_program(&self) -> String {
        if self.is_try() {
            let mut out = io::stdout().lock();
            for before in self.program.iter().skip(1) {
                let _ = writeln!(out, "{}", before.display());
            }
            for (layer, why) in &self.missing {
                let _ = writeln!(out, "{}: {why}", layer.name());
            }
            let _ = out.flush();
            std::process::exit(0);
        }
        let Some((name, arguments)) = self.program.split_first() else { return "no program".into() };
        #[cfg(target_os = "linux")]
        let by_number = self.found.as_ref().map(|found| format!("/proc/self/fd/{}", found.as_raw_fd()).into());
        #[cfg(not(target_os = "linux"))]
        let by_number: Option<OsString> = None;
        let program = by_number.as_ref().unwrap_or(name);
        #[expect(clippy::disallowed_types, reason = "the launcher becomes the learner's program")]
        let error = std::process::Command::new(program).args(arguments).exec();
        format!("cannot start '{}': {}", name.display(), fail::reason(&error))
    }
}

/// Which of these layers cannot be had here, by a launcher that tries them and starts nothing.
pub(super) fn try_out(layers: &BTreeSet<Layer>) -> Missing {
    let mut words = vec![OsString::from(WORD)];
    let spec = Spec { read: super::libraries(), ..Spec::default() };
    words.extend(spec.words(layers));
    words.extend([super::spec::END, TRY].map(OsString::from));
    #[expect(clippy::disallowed_types, reason = "the launcher tries what the system allows")]
    let tried = std::env::current_exe().and_then(|own| {
        std::process::Command::new(own).args(words).env_clear().stdin(std::process::Stdio::null()).output()
    });
    let all = |why: &str| layers.iter().map(|layer| (*layer, why.to_string())).collect();
    match tried {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter_map(|(layer, why)| Some((Layer::of(layer)?, why.to_string())))
            .collect(),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            all(said.lines().last().unwrap_or("the launcher ended without a word"))
        }
        Err(error) => all(&fail::reason(&error)),
    }
}
