//! Two texts beside each other, line by line.

use std::fmt::Write as _;

/// A line, and in which of the two texts it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Both(&'a str),
    Old(&'a str),
    New(&'a str),
}

/// How many lines around a change are shown.
const AROUND: usize = 2;

/// The lines of both texts in order, with as many in common as possible.
pub(super) fn lines<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let common = common(&a, &b);
    let longest = |i: usize, j: usize| common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    let mut lines = vec![];
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => {
                lines.push(Line::Both(x));
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), other) if other.is_none() || longest(i + 1, j) >= longest(i, j + 1) => {
                lines.push(Line::Old(x));
                i += 1;
            }
            (_, Some(y)) => {
                lines.push(Line::New(y));
                j += 1;
            }
            _ => return lines,
        }
    }
}

/// How many lines the rests of both texts have in common, from each pair of places on.
fn common(a: &[&str], b: &[&str]) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; b.len() + 1]];
    for x in a.iter().rev() {
        let below = table.last().cloned().unwrap_or_default();
        let mut row = vec![0; b.len() + 1];
        for (j, y) in b.iter().enumerate().rev() {
            let at = |row: &[u32], j: usize| row.get(j).copied().unwrap_or(0);
            let longest = if x == y { at(&below, j + 1) + 1 } else { at(&below, j).max(at(&row, j + 1)) };
            if let Some(cell) = row.get_mut(j) {
                *cell = longest;
            }
        }
        table.push(row);
    }
    table.reverse();
    table
}

/// In how many lines two texts differ: what is only in the one, or only in the other, whichever is more.
pub(super) fn changed(old: &str, new: &str) -> usize {
    let lines = lines(old, new);
    let only_old = lines.iter().filter(|line| matches!(line, Line::Old(_))).count();
    let only_new = lines.iter().filter(|line| matches!(line, Line::New(_))).count();
    only_old.max(only_new)
}

/// What changed, with a few lines around it; empty: nothing.
pub(super) fn shown(old: &str, new: &str) -> String {
    let lines = lines(old, new);
    let is_change = |line: &Line<'_>| !matches!(line, Line::Both(_));
    let mut text = String::new();
    let mut hidden = false;
    for (at, line) in lines.iter().enumerate() {
        let near = lines.get(at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len())).unwrap_or_default();
        if !near.iter().any(is_change) {
            hidden = true;
            continue;
        }
        if std::mem::take(&mut hidden) && !text.is_empty() {
            text += "  …\n";
        }
        let (mark, words) = match line {
            Line::Both(words) => (' ', words),
            Line::Old(words) => ('-', words),
            Line::New(words) => ('+', words),
        };
        let _ = writeln!(text, "{mark} {}", cli::escape(&words.replace('\t', "    ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_shown_with_what_is_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        assert_eq!(shown(old, old), "");
        assert_eq!(shown(old, &old.replace('d', "x\ny")), "  b\n  c\n- d\n+ x\n+ y\n  e\n  f\n");
        let both = old.replace('a', "A").replace('i', "I");
        assert_eq!(shown(old, &both), "- a\n+ A\n  b\n  c\n  …\n  g\n  h\n- i\n+ I\n");
        assert_eq!((changed(old, old), changed(old, &both), changed("", old), changed(old, "")), (0, 2, 9, 9));
    }
}
