//! Cuts a master file into entries, and an entry into tokens.
//!
//! Obeys RFC 1035 section 5.1: an entry is a line; parentheses "group data that crosses a line boundary"; a semicolon
//! begins a comment; a string may stand in quotes.

/// A word or a string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Token {
    /// As it is written, without its quotes: names have escapes of their own.
    pub(super) raw: String,
    /// What it stands for, where it is text.
    pub(super) bytes: Vec<u8>,
    pub(super) is_quoted: bool,
    /// It is no word: it stands for the blank that an entry without a name begins with.
    pub(super) is_blank: bool,
}

/// The line that an entry begins at, with its tokens, or with what is wrong.
type Entry = Result<(usize, Vec<Token>), (usize, String)>;

/// The entries of a text.
pub(super) fn entries(text: &str) -> Vec<Entry> {
    let (mut entries, mut tokens, mut begun, mut depth) = (vec![], vec![], 1, 0_usize);
    for (line, number) in text.lines().zip(1..) {
        if depth == 0 {
            begun = number;
            tokens =
                if line.starts_with([' ', '\t']) { vec![Token { is_blank: true, ..Token::default() }] } else { vec![] };
        }
        if let Err(problem) = cut(line, &mut tokens, &mut depth) {
            entries.push(Err((number, problem.into())));
            return entries;
        }
        if depth == 0 && tokens.iter().any(|token: &Token| !token.is_blank) {
            entries.push(Ok((begun, std::mem::take(&mut tokens))));
        }
    }
    if depth > 0 {
        entries.push(Err((begun, "a parenthesis that nothing closes".into())));
    }
    entries
}

/// Adds the tokens of a line; `depth` counts the parentheses that are open.
fn cut(line: &str, tokens: &mut Vec<Token>, depth: &mut usize) -> Result<(), &'static str> {
    let mut rest = line.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            ';' => return Ok(()),
            '(' => *depth += 1,
            ')' => *depth = depth.checked_sub(1).ok_or("a parenthesis that nothing opened")?,
            letter if letter.is_whitespace() => {}
            '"' => tokens.push(quoted(&mut rest)?),
            letter => {
                let mut token = Token::default();
                take(&mut token, letter, &mut rest)?;
                while let Some(letter) =
                    rest.next_if(|letter| !letter.is_whitespace() && !matches!(letter, ';' | '(' | ')' | '"'))
                {
                    take(&mut token, letter, &mut rest)?;
                }
                tokens.push(token);
            }
        }
    }
    Ok(())
}

/// A string, behind its opening quote.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Token, &'static str> {
    let mut token = Token { is_quoted: true, ..Token::default() };
    loop {
        match rest.next() {
            None => return Err("a quote that nothing closes"),
            Some('"') => return Ok(token),
            Some(letter) => take(&mut token, letter, rest)?,
        }
    }
}

/// Adds a letter, or what a backslash and those behind it stand for: `\X` is X itself, `\DDD` the byte with that
/// number.
fn take(
    token: &mut Token,
    letter: char,
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Result<(), &'static str> {
    token.raw.push(letter);
    if letter != '\\' {
        token.bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
        return Ok(());
    }
    let next = rest.next().ok_or("nothing stands behind this backslash")?;
    token.raw.push(next);
    let Some(first) = next.to_digit(10) else {
        token.bytes.extend(next.encode_utf8(&mut [0; 4]).bytes());
        return Ok(());
    };
    let mut number = first;
    for _ in 0..2 {
        let digit = rest.next_if(char::is_ascii_digit).ok_or("a backslash before a digit takes three of them")?;
        token.raw.push(digit);
        number = number * 10 + digit.to_digit(10).unwrap_or_default();
    }
    token.bytes.push(u8::try_from(number).map_err(|_| "a byte is 255 at the most")?);
    Ok(())
}
