//! `cargo book`: builds the book and says where it is, or what is wrong with it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let root = match (args.next(), args.next()) {
        (None, _) => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book"),
        (Some(directory), None) if !directory.to_string_lossy().starts_with('-') => PathBuf::from(directory),
        _ => {
            eprintln!("error: `cargo book` takes no arguments, or the directory of another book\nhint: cargo book");
            return ExitCode::from(2);
        }
    };
    match book_builder::build(&root) {
        Ok(built) => {
            println!("book: {} pages, {} drafts, {} links checked", built.pages, built.drafts, built.links);
            println!("open {}", built.index.display());
            ExitCode::SUCCESS
        }
        Err(faults) => {
            for fault in &faults {
                eprintln!("error: {fault}");
            }
            ExitCode::FAILURE
        }
    }
}
