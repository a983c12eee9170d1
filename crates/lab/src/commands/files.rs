//! `lab diff`, `lab reset` and `lab solution`: the learner's file beside others.

use super::{Page, diff as texts};
use crate::checkout::Checkout;
use crate::fail;
use crate::lab::{Lab, POINTS};
use crate::progress::Progress;
use cli::Failure;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn diff(checkout: &Checkout, lab: &str, with_solution: bool) -> Result<Page, Failure> {
    let lab = checkout.lab(lab)?;
    let yours = read(&lab.file())?;
    let (old, what) = if with_solution {
        earned(checkout, &lab)?;
        (read(&there(&lab)?)?, "the solution")
    } else {
        (read(&lab.stub())?, "what was handed out")
    };
    let changes = texts::shown(&old, &yours);
    let file = checkout.shown(&lab.file());
    Ok(Page::good(match changes.is_empty() {
        true => format!("{file} is as {what}"),
        false => format!("{file}: `+` is yours, `-` {what}\n\n{changes}"),
    }))
}

pub(super) fn reset(checkout: &Checkout, lab: &str) -> Result<Page, Failure> {
    let lab = checkout.lab(lab)?;
    let (file, stub) = (lab.file(), read(&lab.stub())?);
    if read(&file).is_ok_and(|yours| yours == stub) {
        return Ok(Page::good(format!("{} is as it was handed out already", checkout.shown(&file))));
    }
    // Kept first, so that nothing is lost if the second step fails.
    let kept = match file.exists() {
        true => Some(keep(&file)?),
        false => None,
    };
    fs::write(&file, stub).map_err(|error| fail::io("write", &file, &error))?;
    Progress::change(checkout, &lab.entry.folder(), |done| {
        done.points = 0;
        done.passed.clear();
    })?;
    let kept = kept.map(|kept| format!("\nwhat you wrote is kept in {}", checkout.shown(&kept))).unwrap_or_default();
    Ok(Page::good(format!("{} is as it was handed out{kept}", checkout.shown(&file))))
}

/// Copies `file` to a name beside it that is free.
fn keep(file: &Path) -> Result<PathBuf, Failure> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 1;
    loop {
        let copy = file.with_file_name(format!("{name}.{number}.bak"));
        // Who makes the file has the name: two at once do not take the same one.
        match fs::File::create_new(&copy) {
            Ok(mut kept) => {
                let yours = fs::File::open(file).and_then(|mut yours| std::io::copy(&mut yours, &mut kept));
                return yours.map(|_| copy).map_err(|error| fail::io("copy", file, &error));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(fail::io("create", &copy, &error)),
        }
    }
}

pub(super) fn solution(checkout: &Checkout, lab: &str, yes: bool) -> Result<Page, Failure> {
    let lab = checkout.lab(lab)?;
    if !yes {
        earned(checkout, &lab)?;
    }
    let file = there(&lab)?;
    Ok(Page::good(format!("// {}\n{}", checkout.shown(&file), read(&file)?)))
}

/// The solution is for who has all points.
fn earned(checkout: &Checkout, lab: &Lab) -> Result<(), Failure> {
    let best = Progress::read(checkout)?.of(&lab.entry.folder()).map_or(0, |done| done.best);
    if best == POINTS {
        return Ok(());
    }
    let number = lab.number();
    Err(Failure::said(format!(
        "lab {number}: you have {best} of {POINTS} points, and the solution comes after all of them"
    ))
    .hint(format!("`cargo lab hint {number}` helps; `cargo lab solution {number} --yes` shows it all the same")))
}

/// The solution's file, which a copy for a class does not have.
fn there(lab: &Lab) -> Result<PathBuf, Failure> {
    let file = lab.solution();
    let missing =
        || Failure::said(format!("the solution of lab {} is not in this copy of the course", lab.entry.number));
    if file.exists() { Ok(file) } else { Err(missing().hint("it was handed out without; ask who did")) }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| fail::io("read", file, &error))
}
