//! `lab start`.

use super::Page;
use crate::checkout::Checkout;
use crate::progress::Progress;
use cli::Failure;
use std::fmt::Write as _;

pub(super) fn start(checkout: &Checkout, lab: &str) -> Result<Page, Failure> {
    let lab = checkout.lab(lab)?;
    // That it was begun is something to remember too.
    Progress::change(checkout, &lab.entry.folder(), |_| ())?;
    let mut text = format!("Lab {}: {}\n", lab.entry.number, lab.about.title);
    let (chapter, minutes) = (lab.entry.chapter, lab.about.minutes);
    let _ = writeln!(text, "about {minutes} minutes, with chapter {chapter}\n");
    let _ = writeln!(text, "write  {}", checkout.shown(&lab.file()));
    let mut word = "read";
    for read in &lab.about.read {
        let _ = writeln!(text, "{word:<6} {read}");
        word = "";
    }
    let checks: Vec<String> =
        lab.about.checks.iter().map(|check| format!("{} ({})", check.name, check.points)).collect();
    let _ = writeln!(text, "checks {}", checks.join(", "));
    let number = lab.number();
    let _ = write!(text, "\nthen   cargo lab check {number}      how far you are; --watch repeats it as you save\n");
    let _ = write!(text, "       cargo lab hint {number}       when you are stuck");
    Ok(Page::good(text))
}
