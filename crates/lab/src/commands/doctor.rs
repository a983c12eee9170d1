//! `lab doctor`.

use super::Page;
use crate::boxed::Layers;
use crate::checkout::Checkout;
use crate::lab::Lab;
use crate::progress::Progress;
use crate::workshop::{NotBuilt, Workshop};
use cli::Failure;
use host::{Error, Host};
use live::{Live, Stop};
use std::ffi::OsStr;
use std::fmt::Write as _;

/// What the machine can do, or what keeps it from that and what to do.
struct Finding {
    what: &'static str,
    /// Whether labs and tools cannot do without it.
    needed: bool,
    found: Result<String, (String, String)>,
}

pub(super) fn doctor(checkout: &Checkout) -> Page {
    let findings = [
        needed("Rust 1.95 or newer", rust()),
        needed("builds a lab's program", builds(checkout)),
        needed("runs it on a lent host", runs(checkout)),
        needed("keeps your progress", progress(checkout)),
        wanted("shuts it in a box", shut_in()),
        wanted("ping on this machine", of_host(Live::open_ping_socket)),
        wanted("raw sockets on this machine", of_host(Live::open_raw_socket)),
        wanted(
            "network namespaces, for tests",
            answers(
                "unshare",
                &["--user", "--map-root-user", "--net", "true"],
                "only `FIRSTHOP_REQUIRE=live` tests need them; Ubuntu refuses them by AppArmor unless \
             `sysctl kernel.apparmor_restrict_unprivileged_userns=0`",
            ),
        ),
        wanted("tshark, to look into captures", answers("tshark", &["--version"], "install Wireshark or tshark")),
        wanted(
            "just, for short commands",
            answers("just", &["--version"], "`cargo install just`; every recipe is a plain command too"),
        ),
    ];
    let mut text = String::new();
    for Finding { what, needed, found } in &findings {
        let _ = match found {
            Ok(how) if how.is_empty() => writeln!(text, "  yes  {what}"),
            Ok(how) => writeln!(text, "  yes  {what}: {how}"),
            Err((why, remedy)) => {
                let word = if *needed { "NO " } else { "no " };
                writeln!(text, "  {word}  {what}: {why}\n       {remedy}")
            }
        };
    }
    let good = findings.iter().all(|finding| finding.found.is_ok() || !finding.needed);
    text += match good {
        true => "\nLabs and simulated networks work here; a `no` above is for more than that.",
        false => "\nLabs do not work here until each NO is mended.",
    };
    Page { text, good }
}

type Found = Result<String, (String, String)>;

fn needed(what: &'static str, found: Found) -> Finding {
    Finding { what, needed: true, found }
}

fn wanted(what: &'static str, found: Found) -> Finding {
    Finding { what, needed: false, found }
}

fn rust() -> Found {
    let remedy = || "install it from rustup.rs, or `rustup update`".to_string();
    let version = first_line("rustc", &["--version"]).map_err(|why| (why, remedy()))?;
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    if minor.is_some_and(|minor| minor >= 95) { Ok(version) } else { Err((version, remedy())) }
}

fn builds(checkout: &Checkout) -> Found {
    let built = first_lab(checkout).and_then(|lab| {
        let workshop = Workshop::open(checkout, &lab)?;
        workshop.build_with(&lab, &lab.stub(), "doctor").map(drop).map_err(said)
    });
    match built {
        Ok(()) => Ok(String::new()),
        Err(failure) => Err(parted(failure)),
    }
}

fn runs(checkout: &Checkout) -> Found {
    let judged = first_lab(checkout).and_then(|lab| {
        let workshop = Workshop::open(checkout, &lab)?;
        // A copy for a class has no solution; that the stub answers to a question shows the same.
        let is_solved = lab.solution().exists();
        let file = if is_solved { lab.solution() } else { lab.stub() };
        let program = workshop.build_with(&lab, &file, "doctor").map_err(said)?;
        crate::check::judge(&lab, &program).map(|report| (is_solved, report))
    });
    match judged {
        Ok((true, report)) if report.is_full() => Ok(String::new()),
        Ok((false, report)) if report.to_string().contains("it is not written") => Ok(String::new()),
        Ok((_, report)) => Err((super::check::in_a_line(&report), "`cargo lab prove` says more".into())),
        Err(failure) => Err(parted(failure)),
    }
}

fn first_lab(checkout: &Checkout) -> Result<Lab, Failure> {
    let none = || Failure::said("there is no lab in `labs`").hint("`git status` shows what is missing");
    checkout.labs()?.into_iter().next().ok_or_else(none)
}

fn said(not_built: NotBuilt) -> Failure {
    match not_built {
        NotBuilt::Failure(failure) => failure,
        NotBuilt::Source(words) => Failure::said(words.lines().next().unwrap_or_default()),
    }
}

fn progress(checkout: &Checkout) -> Found {
    match Progress::read(checkout) {
        Ok(_) => Ok(checkout.shown(&checkout.progress())),
        Err(failure) => Err(parted(failure)),
    }
}

fn shut_in() -> Found {
    let layers = Layers::here();
    match layers.missing() {
        missing if missing.is_empty() => Ok(layers.to_string()),
        missing => Err((
            missing.join("; "),
            format!("it has {layers}; labs work all the same, and grading says what it needs"),
        )),
    }
}

/// Whether this machine opens a socket.
fn of_host(open: fn(&mut Live) -> Result<(), Error>) -> Found {
    let stop = Stop::on_signals().map_err(|error| (error.to_string(), String::new()))?;
    match open(&mut Live::new(stop)) {
        Ok(()) => Ok(String::new()),
        Err(error) => Err((
            error.to_string(),
            "`just setcap TOOL` gives a tool the one capability; `--net NAME` needs none".into(),
        )),
    }
}

/// What is asked of this machine.
trait Opens {
    fn open_ping_socket(&mut self) -> Result<(), Error>;
    fn open_raw_socket(&mut self) -> Result<(), Error>;
}

impl Opens for Live {
    fn open_ping_socket(&mut self) -> Result<(), Error> {
        self.open_ping(&[]).map(drop)
    }

    fn open_raw_socket(&mut self) -> Result<(), Error> {
        self.open_raw(1).map(drop)
    }
}

/// Whether a program is there and answers.
fn answers(program: &str, arguments: &[&str], remedy: &str) -> Found {
    first_line(program, arguments).map_err(|why| (why, remedy.into()))
}

#[expect(clippy::disallowed_types, reason = "asks programs whether they are there")]
fn first_line(program: &str, arguments: &[&str]) -> Result<String, String> {
    let ran = std::process::Command::new(OsStr::new(program)).args(arguments).output();
    let ran = ran.map_err(|error| format!("{program}: {}", crate::fail::reason(&error)))?;
    let of = |bytes: &[u8]| cli::escape(String::from_utf8_lossy(bytes).lines().next().unwrap_or_default());
    if ran.status.success() { Ok(of(&ran.stdout)) } else { Err(of(&ran.stderr)) }
}

fn parted(failure: Failure) -> (String, String) {
    match failure {
        Failure::Said { error, hint } => (error, hint.unwrap_or_default()),
        other => (format!("{other:?}"), String::new()),
    }
}
