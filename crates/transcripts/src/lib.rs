//! What the book shows of a tool is what the tool prints.
//!
//! A page shows commands and their output in blocks, and the word behind `console` says what a block promises:
//!
//! | fence | promise |
//! |---|---|
//! | ```` ```console ```` | Run in order, each command prints what is shown below it, byte for byte |
//! | ```` ```console lines=5-20 ```` | So do these lines of it; `[…]` stands for the others |
//! | ```` ```console lines=TEXT+15 ```` | So do the first line that begins with TEXT and 15 more |
//! | ```` ```console only=TEXT ```` | So do the lines that begin with TEXT, in which `_` stands for a blank; with `&` between several |
//! | ```` ```console try ```` | Each command works (it does not end with exit code 2); its output is left to the reader |
//! | ```` ```console live ```` | On the machine itself: the words are those shown, and any number stands for any other |
//! | ```` ```console course ```` | As `console`, and with its marks, in a copy of the course with the labs as handed out |
//! | ```` ```console setup ```` | None: it changes the reader's machine, and is not run |
//!
//! A block of any other kind with `file=NAME` behind it, as in ```` ```toml file=my.toml ````, is a file that the reader saves: it is
//! there for the page's commands.
//!
//! ```console
//! $ cargo myping --net routers -c 1 -q \
//!     server       # a comment, and a command that goes on in the next line
//! PING server (192.168.10.3) 56(84) bytes of data.
//! [exit 1]
//! ```
//!
//! **What is shown** is what a terminal would: standard output and standard error in the order in which they were written (both
//! are one pipe, as both are one terminal). Behind it stands `[exit 1]` where the exit code is not 0.
//!
//! **What is run** is `cargo TOOL` with arguments: the program that `.cargo/config.toml` names for this alias, built
//! beforehand, called without a shell. So a command works the same in any shell, and what is special to some of them (`|`, `$`, `*`,
//! …) is an error where it is not quoted. It starts in a new directory with a copy of `testdata/` in it, one for a page: what a
//! command writes, the next may read. The environment is empty but for [`Tools::ENVIRONMENT`].
//!
//! `BLESS=1` writes what came into the pages in the place of what they show; `just bless` does so.

mod command;
mod compare;
mod fence;
mod page;
mod run;

pub use page::{Checked, Page};
pub use run::{Machine, Tools};

/// Something of a page that does not hold: which line, and what is the matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1 on.
    pub line: usize,
    /// In words; more lines may follow the first.
    pub what: String,
}
