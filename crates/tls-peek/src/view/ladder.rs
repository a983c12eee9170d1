//! Both ends, and an arrow for each record between them.

use super::Shown;
use crate::Side;
use crate::words;
use cli::{Failure, Output};

/// Characters of an arrow between both lines of life.
const WIDTH: usize = 56;

pub(super) fn print(shown: &Shown<'_>, out: &mut Output) -> Result<(), Failure> {
    let (bar, left, right, dash) = if out.ascii() { ('|', '<', '>', '-') } else { ('│', '◀', '▶', '─') };
    out.line(&format!("{:>9}{:WIDTH$}server", "client", ""))?;
    let mut last = None;
    for record in &shown.opened.records {
        if last.is_some_and(|last| last != record.from) {
            out.line(&format!("{:>7}{bar}{:WIDTH$}{bar}", "", ""))?;
        }
        last = Some(record.from);
        let names = fitting(words::lines(record).into_iter().map(|line| line.what));
        let shaft = dash.to_string().repeat(WIDTH.saturating_sub(names.chars().count() + 5));
        let arrow = match record.from {
            Side::Client => format!("{dash}{dash} {names} {shaft}{right}"),
            Side::Server => format!("{left}{shaft} {names} {dash}{dash}"),
        };
        let time = shown.time(record);
        out.line(format!("{:>7}{bar}{arrow}{bar}{time}", "").trim_end())?;
    }
    Ok(())
}

/// As many of the names as an arrow has room for.
fn fitting(names: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for name in names {
        if text.chars().count() + name.chars().count() + 1 > WIDTH - 9 {
            return text + " ...";
        }
        text = if text.is_empty() { name } else { format!("{text} {name}") };
    }
    text
}
