//! Text in lines of a width.

/// The words of `text` in lines of at most `width` characters; a word that is longer has a line of its own.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_before_the_word_that_does_not_fit() {
        assert_eq!(wrapped("time to live 64: how many routers", 16), ["time to live 64:", "how many routers"]);
        assert_eq!(wrapped("a 0123456789 b", 5), ["a", "0123456789", "b"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}
