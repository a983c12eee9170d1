//! Fenced blocks of a Markdown page, as far as pages here use them.

use std::ops::Range;

/// A fenced block: from its opening fence to the closing one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// What stands behind the opening fence.
    pub(crate) info: &'a str,
    /// What stands before the fence, and before each line of the block: blanks of a list, `>` of a quote.
    pub(crate) prefix: &'a str,
    /// The lines between the fences, counted from 0.
    pub(crate) lines: Range<usize>,
    /// Whether there is a closing fence.
    pub(crate) closed: bool,
}

/// The blocks of a page.
pub(crate) fn blocks<'a>(lines: &[&'a str]) -> Vec<Block<'a>> {
    let mut blocks = vec![];
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let Some((prefix, fence, info)) = opening(line) else { continue };
        let rest = lines.get(at..).unwrap_or_default();
        let length = rest.iter().position(|line| closes(line, fence));
        let end = at + length.unwrap_or(rest.len());
        blocks.push(Block { info, prefix, lines: at..end, closed: length.is_some() });
        at = end + 1;
    }
    blocks
}

/// What stands before a fence, the fence and what stands behind it, if `line` opens a block.
fn opening(line: &str) -> Option<(&str, &str, &str)> {
    let marks = line.trim_start_matches([' ', '>']);
    let info = marks.trim_start_matches('`');
    let (prefix, rest) = line.split_at(line.len() - marks.len());
    let fence = rest.strip_suffix(info)?;
    (fence.len() >= 3 && !info.contains('`')).then_some((prefix, fence, info.trim()))
}

/// Whether `line` closes a block that `fence` opened: by as many marks or more, and nothing else.
fn closes(line: &str, fence: &str) -> bool {
    let marks = line.trim_start_matches([' ', '>']).trim_end();
    marks.len() >= fence.len() && marks.chars().all(|mark| mark == '`')
}

impl<'a> Block<'a> {
    /// A line of the block without what stands before each.
    pub(crate) fn text(&self, line: &'a str) -> &'a str {
        line.strip_prefix(self.prefix).unwrap_or_else(|| line.strip_prefix(self.prefix.trim_end()).unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_in_a_quote_or_list_has_its_lines_without_marks() {
        let page = ["> ```console", "> $ a", ">", "> b", "> ```", "", "1. x", "   ```text", "   y", "   ```"];
        let [quote, list]: [Block<'_>; 2] = blocks(&page).try_into().unwrap();
        assert_eq!(quote, Block { info: "console", prefix: "> ", lines: 1..4, closed: true });
        assert_eq!(page[1..4].iter().map(|line| quote.text(line)).collect::<Vec<_>>(), ["$ a", "", "b"]);
        assert_eq!((list.info, list.text(page[8])), ("text", "y"));
    }

    #[test]
    fn fence_within_a_longer_fence_and_in_a_line_of_text_opens_nothing() {
        let page = ["````markdown", "```console", "$ a", "```", "````", "a ```` ```console ```` fence", "```x", "y"];
        let blocks = blocks(&page);
        assert_eq!(
            blocks.iter().map(|block| (block.info, block.closed)).collect::<Vec<_>>(),
            [("markdown", true), ("x", false)]
        );
    }
}
