//! `lab grade`.

use super::print;
use crate::checkout::Checkout;
use crate::grade::{self, Request};
use cli::Failure;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is to be graded, and how.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A lab by its number or name
    lab: String,
    /// Folders that were handed in, one each
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// A folder for the results; what is there already is not graded again
    #[arg(long, value_name = "RESULTS")]
    out: PathBuf,
    /// How many at a time; as many as there are processors, if not said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    jobs: Option<u16>,
    /// Draw the cases by this number, as an earlier run did
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Run submissions though nothing keeps them from your files
    #[arg(long)]
    trust_submissions: bool,
    /// Do without namespaces, as where the system refuses them
    #[arg(long)]
    no_namespaces: bool,
}

pub(super) fn grade(checkout: &Checkout, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let lab = checkout.lab(&arguments.lab)?;
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let request = Request {
        folders: &arguments.folders,
        out: &arguments.out,
        jobs: arguments.jobs.map_or_else(processors, usize::from),
        seed: arguments.seed,
        trust: arguments.trust_submissions,
        no_namespaces: arguments.no_namespaces,
    };
    let outcome = grade::grade(checkout, &lab, &request, &|line| eprintln!("{line}"))?;
    print(&outcome.text)?;
    // Points are no verdict of this command: that each submission got one is.
    Ok(if outcome.all_graded { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
