//! The command line.

mod check;
mod dev;
mod diff;
mod doctor;
mod files;
mod grade;
mod handout;
mod hint;
mod list;
mod mutants;
mod prove;
mod run;
mod start;

use crate::boxed;
use crate::check as checking;
use crate::checkout::Checkout;
use clap::{Parser, Subcommand};
use cli::Failure;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const NAME: &str = "lab";

/// The course's labs: what there is to write, and how far you are
#[derive(Debug, Parser)]
#[command(name = "cargo lab", bin_name = "cargo lab", max_term_width = 80, disable_help_subcommand = true)]
#[command(before_help = "Examples:
  cargo lab list
  cargo lab start 03
  cargo lab check 03
  cargo lab hint 03 carry")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// All labs, and how far you are
    List,
    /// What a lab is about, which file to write, what to read
    Start {
        /// A lab by its number or name
        lab: String,
    },
    /// Put your program to the test
    Check {
        /// A lab by its number or name
        lab: String,
        /// Again whenever the file changes
        #[arg(long)]
        watch: bool,
    },
    /// A hint, more direct each time
    Hint {
        /// A lab by its number or name
        lab: String,
        /// Which check it is about; the first that is open, if not said
        check: Option<String>,
    },
    /// What you changed since the file was handed out
    Diff {
        /// A lab by its number or name
        lab: String,
        /// Beside the solution instead
        #[arg(long)]
        solution: bool,
    },
    /// Run your program, in a simulated network with --net NAME, or on this machine
    Run {
        /// A lab by its number or name
        lab: String,
        /// Arguments of the program, and options about the network
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        arguments: Vec<String>,
    },
    /// Begin anew; what you wrote is kept beside it
    Reset {
        /// A lab by its number or name
        lab: String,
    },
    /// How it could be written, once you have all points
    Solution {
        /// A lab by its number or name
        lab: String,
        /// Show it all the same
        #[arg(long)]
        yes: bool,
    },
    /// What this machine can do, and what to do about the rest
    Doctor,
    /// For teachers: grade what a class handed in, in a box, with drawn cases too
    Grade(grade::Arguments),
    /// For instructors: a copy of the course for a class, without solutions
    Handout {
        /// The folder to make, outside of the course
        #[arg(long, value_name = "DIR", required_unless_present = "search")]
        to: Option<PathBuf>,
        /// Labs by their numbers or names, with commas between; all, if not said
        #[arg(long, value_delimiter = ',')]
        labs: Vec<String>,
        /// Look for text of solutions in a folder instead, as in one that was built
        #[arg(long, value_name = "DIR", conflicts_with_all = ["to", "labs"])]
        search: Option<PathBuf>,
    },
    /// For authors: a new lab
    #[command(subcommand)]
    Dev(dev::Command),
    /// For authors: that stubs, solutions and wrong solutions get what they must
    Prove {
        /// Labs by their numbers or names; all, if none is named
        labs: Vec<String>,
    },
    /// For authors: which small changes to a solution no check notices
    Mutants {
        /// Labs by their numbers or names; all, if none is named
        labs: Vec<String>,
        /// How many at a time; as many as there are processors, if not said
        #[arg(long)]
        jobs: Option<usize>,
    },
}

/// What a command prints, and what it ends with.
pub(crate) struct Page {
    pub(crate) text: String,
    /// Whether it is a yes: exit 0, else 1.
    pub(crate) good: bool,
}

impl Page {
    pub(crate) fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), good: true }
    }
}

/// `lab` on the process's own command line.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(code) = boxed::enter_if_asked() {
        return code;
    }
    let command = Arguments::parse().command;
    match Checkout::here().and_then(|checkout| carry_out(command, &checkout)) {
        Ok(code) => code,
        Err(failure) => cli::fail(NAME, failure),
    }
}

fn carry_out(command: Command, checkout: &Checkout) -> Result<ExitCode, Failure> {
    let page = match command {
        Command::List => list::list(checkout)?,
        Command::Start { lab } => start::start(checkout, &lab)?,
        Command::Check { lab, watch: false } => check::check(checkout, &lab)?,
        Command::Check { lab, watch: true } => return check::watch(checkout, &lab),
        Command::Hint { lab, check } => hint::hint(checkout, &lab, check.as_deref())?,
        Command::Diff { lab, solution } => files::diff(checkout, &lab, solution)?,
        Command::Run { lab, arguments } => return run::run(checkout, &lab, &arguments),
        Command::Reset { lab } => files::reset(checkout, &lab)?,
        Command::Solution { lab, yes } => files::solution(checkout, &lab, yes)?,
        Command::Doctor => doctor::doctor(checkout),
        Command::Grade(arguments) => return grade::grade(checkout, &arguments),
        Command::Handout { search: Some(folder), .. } => handout::search(checkout, &folder)?,
        Command::Handout { to, labs, .. } => handout::handout(checkout, &labs, &to.unwrap_or_default())?,
        Command::Dev(command) => dev::dev(checkout, &command)?,
        Command::Mutants { labs, jobs } => return mutants::mutants(checkout, &labs, jobs),
        Command::Prove { labs } => return prove::prove(checkout, &labs),
    };
    print(&page.text)?;
    Ok(if page.good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Prints a page; that nobody reads it any more is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// The `main` of a lab's own test: `cargo test -p lab-03-checksum` does what `cargo lab check 03` does.
#[must_use]
pub fn test(lab: &str) -> ExitCode {
    if let Some(code) = boxed::enter_if_asked() {
        return code;
    }
    let checked = Checkout::here().and_then(|checkout| {
        let page = check::check(&checkout, lab)?;
        print(&page.text).map(|()| page.good)
    });
    match checked {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => cli::fail(NAME, failure),
    }
}
