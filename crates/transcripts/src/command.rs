//! A command line as the book shows it: words that every shell splits alike.

/// What some shell takes for more than itself.
const SPECIAL: &[char] = &['|', '&', ';', '<', '>', '(', ')', '$', '`', '*', '?', '~', '!', '{', '}', '\\'];

/// The words of a command. Blanks part them, but not within quotes of one kind or the other; a word that begins with `#` begins a
/// comment.
///
/// # Errors
/// What is special to a shell and not quoted.
pub(crate) fn words(command: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = vec![];
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in command.chars() {
        match quote {
            Some(mark) if mark == character => quote = None,
            Some(_) => word.get_or_insert_default().push(character),
            None if character == '"' || character == '\'' => {
                word.get_or_insert_default();
                quote = Some(character);
            }
            None if character == '#' && word.is_none() => break,
            None if character.is_whitespace() => words.extend(word.take()),
            None if SPECIAL.contains(&character) => {
                return Err(format!("'{character}' means something to a shell: quote it, or do without"));
            }
            None => word.get_or_insert_default().push(character),
        }
    }
    if let Some(mark) = quote {
        return Err(format!("a quote is open: {mark}"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        for (command, expected) in [
            ("cargo myping  --net routers -c 1", &["cargo", "myping", "--net", "routers", "-c", "1"][..]),
            ("a --fault 'at 2 s net5 down' \"it's\" ''", &["a", "--fault", "at 2 s net5 down", "it's", ""]),
            ("a net5.loss=20% b#c # and a comment's rest", &["a", "net5.loss=20%", "b#c"]),
            ("# nothing", &[]),
        ] {
            assert_eq!(words(command).unwrap(), expected, "{command}");
        }
        for wrong in ["a | b", "a > b", "a $B", "a *.toml", "a 'b", "a \\"] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
    }
}
