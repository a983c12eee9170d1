//! `lab dev`, for authors.

use super::Page;
use crate::checkout::Checkout;
use crate::dev::new::{self, CURRICULUM, New};
use clap::Subcommand;
use cli::Failure;
use std::fmt::Write as _;

/// What an author may want.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// A new lab from a template, small and whole: stub, solution, a check, a wrong solution, a page
    New {
        /// One that is to come, as in 11-pmtud
        #[arg(value_name = "NUMBER-NAME")]
        lab: String,
    },
}

pub(super) fn dev(checkout: &Checkout, command: &Command) -> Result<Page, Failure> {
    let Command::New { lab } = command;
    new::make(checkout, lab).map(|new| Page::good(told(&new)))
}

fn told(new: &New) -> String {
    let New { entry, folder, file, subject, page, registered } = new;
    let (number, folder) = (format!("{:02}", entry.number), folder.display());
    let mut text = format!(
        "lab {} '{}' is there, with one function in the place of what it will be about\n\n",
        entry.number, entry.name
    );
    let rows = [
        (format!("{folder}/lab.toml"), "title, minutes, what to read, checks and hints"),
        (format!("{folder}/stub/{file}.rs"), "what the learner begins with; the same in src"),
        (format!("{folder}/src/main.rs"), "what is handed out around it: questions in, answers out"),
        (format!("{folder}/solution/{file}.rs"), "how it can be written"),
        (format!("{folder}/wrong/little-endian"), "one mistake; each has a folder, and names its check"),
        (subject.display().to_string(), "what is asked, and the right answers"),
        (page.display().to_string(), "the page of the book"),
    ];
    let width = rows.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    for (word, (path, what)) in ["write"].into_iter().chain(std::iter::repeat("")).zip(&rows) {
        let _ = writeln!(text, "{word:<6} {path:<width$}  {what}");
    }
    let _ = writeln!(text, "\nit is registered in {}", registered.join(" and "));
    let _ = writeln!(text, "by hand: the list of labs in README.md; minutes, chapter and words in {CURRICULUM}");
    let _ =
        writeln!(text, "\nthen   cargo lab prove {number}    stub, solution and wrong solutions get what they must");
    let _ = writeln!(text, "       cargo lab mutants {number}  what no check notices; {folder}/mutants.toml says why");
    let _ = write!(text, "       just bless            what pages and tests show of `cargo lab list` and of this lab");
    text
}
