//! What is shown beside what came.

use std::fmt::Write;

/// How many equal lines stand around a difference.
const CONTEXT: usize = 2;

/// Both texts in one, a line each: `-` before what is shown and did not come, `+` before what came and is not shown.
pub(crate) fn difference(shown: &str, came: &str) -> String {
    let (shown, came): (Vec<&str>, Vec<&str>) = (shown.lines().collect(), came.lines().collect());
    let lines = edits(&shown, &came);
    let differs = |at: usize| lines.get(at).is_some_and(|(mark, _)| *mark != ' ');
    let near = |at: usize| (at.saturating_sub(CONTEXT)..=at + CONTEXT).any(differs);
    let mut text = String::new();
    for (at, (mark, line)) in lines.iter().enumerate() {
        if near(at) {
            let _ = writeln!(text, "  {mark} {line}");
        } else if at == 0 || near(at - 1) {
            text.push_str("    …\n");
        }
    }
    text
}

/// The shortest way from one text to the other, by the longest common subsequence of their lines.
fn edits<'a>(from: &[&'a str], to: &[&'a str]) -> Vec<(char, &'a str)> {
    let width = to.len() + 1;
    // common[i * width + j]: how many lines `from[i..]` and `to[j..]` have in common, in order.
    let mut common = vec![0_usize; (from.len() + 1) * width];
    let at = |common: &[usize], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or_default();
    for (i, line) in from.iter().enumerate().rev() {
        for (j, other) in to.iter().enumerate().rev() {
            let best = if line == other {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut edits) = (0, 0, vec![]);
    loop {
        match (from.get(i), to.get(j)) {
            (Some(line), Some(other)) if line == other => {
                edits.push((' ', *line));
                (i, j) = (i + 1, j + 1);
            }
            (Some(line), other) if other.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                edits.push(('-', *line));
                i += 1;
            }
            (_, Some(other)) => {
                edits.push(('+', *other));
                j += 1;
            }
            (_, None) => return edits,
        }
    }
}

/// Whether two texts are the same but for their numbers: `0.031` stands for `12.4`, and words must agree.
///
/// Blanks count as one, as they follow the digits: columns are filled up with them.
pub(crate) fn same_shape(shown: &str, came: &str) -> bool {
    shown.lines().map(shape).eq(came.lines().map(shape))
}

fn shape(line: &str) -> String {
    let mut shape = String::new();
    for character in line.chars() {
        match character {
            '0'..='9' if shape.ends_with('0') => {}
            '0'..='9' => shape.push('0'),
            blank if blank.is_whitespace() && shape.ends_with(' ') => {}
            blank if blank.is_whitespace() => shape.push(' '),
            other => shape.push(other),
        }
    }
    shape.replace("0.0", "0").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_shows_both_sides_and_little_around() {
        let shown = "a\nb\nc\nd\ne\nf\n";
        assert_eq!(difference(shown, "a\nb\nc\nd\nE\nf\ng\n"), "    …\n    c\n    d\n  - e\n  + E\n    f\n  + g\n");
        assert_eq!(difference("", "a\n"), "  + a\n");
        assert_eq!(difference("a\n", ""), "  - a\n");
        assert_eq!(difference(shown, shown), "    …\n");
    }

    #[test]
    fn shape_is_words_without_numbers() {
        assert!(same_shape("time=0.031 ms,  7 of 9", "time=12 ms, 10 of 10"));
        assert!(!same_shape("time=0.031 ms", "time=0.031 s"));
        assert!(!same_shape("one\n", "one\ntwo\n"));
        assert!(!same_shape("seq=1", "seq="));
    }
}
