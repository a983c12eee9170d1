//! `lab list`.

use super::Page;
use crate::checkout::Checkout;
use crate::curriculum::LABS;
use crate::lab::POINTS;
use crate::progress::Progress;
use cli::Failure;
use std::fmt::Write as _;

pub(super) fn list(checkout: &Checkout) -> Result<Page, Failure> {
    let progress = Progress::read(checkout)?;
    let labs = checkout.labs()?;
    let mut text = " lab                chapter  minutes   points\n".to_string();
    let (mut done, mut there) = (0, 0);
    for entry in LABS {
        let lab = labs.iter().find(|lab| lab.entry == entry);
        let best = progress.of(&entry.folder()).map_or(0, |done| done.best);
        let (minutes, points) = match lab {
            Some(lab) => (lab.about.minutes.to_string(), format!("{best:>3}/{POINTS}")),
            None => ("–".into(), "to come".into()),
        };
        done += u32::from(lab.is_some() && best == POINTS);
        there += u32::from(lab.is_some());
        let (number, name, chapter, about) = (entry.number, entry.name, entry.chapter, entry.about);
        let _ = writeln!(text, "  {number:>2} {name:<15} {chapter:>6}  {minutes:>7}  {points:>7}  {about}");
    }
    let _ = writeln!(text, "\n{done} of {there} done, {} to come", LABS.len() - labs.len());
    match labs.iter().find(|lab| progress.of(&lab.entry.folder()).is_none_or(|done| done.best < POINTS)) {
        Some(next) => {
            let _ = write!(text, "next: `cargo lab start {}`", next.number());
        }
        None => text += "that is all there is so far",
    }
    Ok(Page::good(text))
}
