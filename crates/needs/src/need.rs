//! What tests need, and what becomes of them where it is missing.

use crate::{Failed, Net};
use libtest_mimic::{Arguments, Trial};
use std::env;
use std::path::Path;
use std::process::ExitCode;

/// Names of needs that must be met, with commas between them.
const REQUIRE: &str = "FIRSTHOP_REQUIRE";

/// A folder of captures.
pub(crate) const CAPTURES: &str = "FIRSTHOP_CAPTURES";

/// Live tests wait more than they compute: several at a time, also on a small machine.
const LIVE_THREADS: usize = 8;

/// Something of the machine that tests cannot do without.
pub struct Need {
    name: &'static str,
    /// Why it is not met; `None`: it is.
    missing: Option<String>,
    threads: Option<usize>,
}

/// A test with its name, a sentence for the promise it keeps.
pub struct Test {
    name: String,
    body: Box<dyn FnOnce() -> Result<(), Failed> + Send>,
}

/// A test with its name.
#[must_use]
pub fn test(name: impl Into<String>, body: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Test {
    Test { name: name.into(), body: Box::new(body) }
}

/// The need `live`: network namespaces, and these programs beside those that make them.
#[must_use]
pub fn live(programs: &[&str]) -> Need {
    let absent = ["ip", "sysctl", "kill"].iter().chain(programs).find(|program| !is_installed(program));
    let missing = match absent {
        Some(program) => Some(format!("{program} is not installed")),
        None => Net::row(&["probe"]).build().err().map(|error| {
            let reason = error.lines().last().unwrap_or_default();
            format!("no network namespaces: {reason}")
        }),
    };
    Need { name: "live", missing, threads: Some(LIVE_THREADS) }
}

/// The need of this name: these programs, and nothing else of the machine.
#[must_use]
pub fn programs(name: &'static str, programs: &[&str]) -> Need {
    let absent = programs.iter().find(|program| !is_installed(program));
    Need { name, missing: absent.map(|program| format!("{program} is not installed")), threads: None }
}

/// The need `tshark`, and these programs beside it.
pub(crate) fn tshark(programs: &[&str]) -> Need {
    let absent = ["tshark"].iter().chain(programs).find(|program| !is_installed(program));
    let missing = absent.map(|program| format!("{program} is not installed"));
    Need { name: "tshark", missing, threads: None }
}

/// The need `captures`: a folder of them, and the program that reads them all.
pub(crate) fn captures() -> Need {
    let missing = match env::var_os(CAPTURES) {
        _ if !is_installed("tshark") => Some("tshark is not installed".into()),
        None => Some(format!("{CAPTURES} names no folder")),
        Some(folder) if !Path::new(&folder).is_dir() => Some(format!("{CAPTURES} names no folder, but {folder:?}")),
        Some(_) => None,
    };
    Need { name: "captures", missing, threads: None }
}

fn is_installed(program: &str) -> bool {
    let directories = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&directories)
        .any(|directory| directory.join(program).with_extension(env::consts::EXE_EXTENSION).is_file())
}

impl Need {
    /// Runs the tests as the command line of the test target says.
    pub fn run(self, tests: impl IntoIterator<Item = Test>) -> ExitCode {
        let mut arguments = Arguments::from_args();
        arguments.test_threads = arguments.test_threads.or(self.threads);
        let required = env::var(REQUIRE).is_ok_and(|names| names.split(',').any(|name| name == self.name));
        let trials = tests.into_iter().map(|test| self.trial(test, required)).collect();
        libtest_mimic::run(&arguments, trials).exit_code()
    }

    fn trial(&self, test: Test, required: bool) -> Trial {
        match &self.missing {
            None => Trial::test(test.name, test.body),
            Some(reason) => {
                let name = format!("{} (skipped: {reason})", test.name);
                let error = format!("{} is required by {REQUIRE}, and {reason}", self.name);
                Trial::test(name, || Err(error.into())).with_ignored_flag(!required)
            }
        }
    }
}
