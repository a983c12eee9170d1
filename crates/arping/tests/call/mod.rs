//! The command as a learner calls it, and what comes back.

use assert_cmd::cargo::cargo_bin_cmd;
use std::time::Duration;

/// Runs `arping ARGS` in a clean environment and renders what a user meets.
pub(crate) fn arping(args: &str) -> String {
    arping_in("", args)
}

/// The same in this locale.
pub(crate) fn arping_in(locale: &str, args: &str) -> String {
    let words = needs::document::words(args);
    let mut command = cargo_bin_cmd!("arping");
    command.env_clear().env("LC_ALL", locale).timeout(Duration::from_secs(60));
    let output = command.args(words).output().expect("it starts");
    format!(
        "$ arping {args}\n{}{}exit {}\n",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code().map_or("by a signal".into(), |code| code.to_string()),
    )
}

/// Several calls, one after the other.
pub(crate) fn arpings(calls: &[&str]) -> String {
    calls.iter().map(|args| arping(args)).collect::<Vec<_>>().join("\n")
}
