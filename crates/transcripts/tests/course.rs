//! What the pages show of `cargo lab` is what a learner meets, in a copy of the course with its labs as they are handed out.

#![cfg_attr(not(unix), allow(unused, reason = "the copy is made of symbolic links"))]

mod pages;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};
use transcripts::{Machine, Page, Tools};

fn main() -> ExitCode {
    let trial = Trial::test("labs_answer_as_their_pages_show", labs).with_ignored_flag(cfg!(not(unix)));
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

fn labs() -> Result<(), Failed> {
    let tools = Tools::build(&pages::root())?.limit(std::time::Duration::from_secs(600)); // a lab is compiled
    let mut commands = 0;
    for page in pages::pages() {
        commands +=
            pages::hold(&page, |text| Ok(Page::new(text).check(&tools, Machine::Course, &copy_of_the_course()?)?))?;
    }
    println!("{commands} commands of labs compared");
    if commands == 0 { Err("no page shows a lab: nothing was compared".into()) } else { Ok(()) }
}

/// The course in a directory that keeps what was compiled there, and nothing else.
fn copy_of_the_course() -> io::Result<PathBuf> {
    let course = pages::root().canonicalize()?;
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("course");
    fs::create_dir_all(&copy)?;
    for linked in [".cargo", "Cargo.toml", "book", "crates", "testdata"] {
        let _ = fs::remove_file(copy.join(linked));
        link(&course.join(linked), &copy.join(linked))?;
    }
    fs::copy(course.join("Cargo.lock"), copy.join("Cargo.lock"))?;
    let _ = fs::remove_file(copy.join("lab-progress.toml"));
    // What a page's commands make beside the course, they made for an earlier run, too.
    for made in ["labs", "../class"] {
        let _ = fs::remove_dir_all(copy.join(made));
    }
    for lab in fs::read_dir(course.join("labs"))? {
        let lab = lab?;
        let to = copy.join("labs").join(lab.file_name());
        copy_all(&lab.path(), &to)?;
        // What was written in this very course is not what a learner begins with.
        for stub in fs::read_dir(to.join("stub"))? {
            let stub = stub?;
            fs::copy(stub.path(), to.join("src").join(stub.file_name()))?;
        }
    }
    Ok(copy)
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
