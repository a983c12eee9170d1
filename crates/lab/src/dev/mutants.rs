//! Mutants: a solution with one small thing changed, as a tired hand would.
//!
//! The source is not parsed. It is as rustfmt writes it, so an operator between two blanks is one between two values, and what is changed by
//! mistake does not compile and does not count.

/// Operators between two blanks, and what each becomes.
const OPERATORS: &[(&str, &[&str])] = &[
    ("==", &["!="]),
    ("!=", &["=="]),
    ("<", &["<=", ">"]),
    ("<=", &["<", ">"]),
    (">", &[">=", "<"]),
    (">=", &[">", "<"]),
    ("+", &["-"]),
    ("-", &["+"]),
    ("*", &["+"]),
    ("/", &["*"]),
    ("%", &["/"]),
    ("&", &["|"]),
    ("|", &["&"]),
    ("^", &["&"]),
    ("<<", &[">>"]),
    (">>", &["<<"]),
    ("&&", &["||"]),
    ("||", &["&&"]),
    ("+=", &["-=", "="]),
    ("-=", &["+=", "="]),
    ("*=", &["+="]),
    ("^=", &["|="]),
];

/// Words, and what each becomes.
const WORDS: &[(&str, &str)] = &[
    ("true", "false"),
    ("false", "true"),
    ("min", "max"),
    ("max", "min"),
    ("any", "all"),
    ("all", "any"),
    ("first", "last"),
    ("last", "first"),
    ("position", "rposition"),
    ("is_some", "is_none"),
    ("is_none", "is_some"),
    ("is_some_and", "is_none_or"),
    ("is_none_or", "is_some_and"),
    ("wrapping_add", "wrapping_sub"),
    ("wrapping_sub", "wrapping_add"),
    ("from_be_bytes", "from_le_bytes"),
    ("to_be_bytes", "to_le_bytes"),
    ("continue", "break"),
    ("break", "continue"),
];

/// Lines that begin so are no statement that can be left out.
const STAY: &[&str] = &["let ", "use ", "const ", "mod ", "type ", "pub ", "static ", "}", ")", "]", "//", "#", "."];

/// A changed solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// The line that is changed, from 1.
    pub(crate) number: usize,
    pub(crate) line: String,
    /// What it becomes; empty: it is left out.
    pub(crate) becomes: String,
    pub(crate) source: String,
}

/// All mutants of `source`, in the order of its lines.
pub(crate) fn of(source: &str) -> Vec<Mutant> {
    let mut mutants: Vec<Mutant> = vec![];
    let mut start = 0;
    for (number, line) in (1..).zip(source.split_inclusive('\n')) {
        for changed in changes(line) {
            let (before, behind) = (source.get(..start), source.get(start + line.len()..));
            let whole = [before.unwrap_or_default(), &changed, behind.unwrap_or_default()].concat();
            let (line, becomes) = (line.trim().to_string(), changed.trim().to_string());
            mutants.push(Mutant { number, line, becomes, source: whole });
        }
        start += line.len();
    }
    mutants
}

/// What a line may become.
fn changes(line: &str) -> Vec<String> {
    let trimmed = line.trim();
    let is_declared = ["use ", "//", "#", "pub fn", "fn ", "pub struct", "pub enum", "impl"];
    if trimmed.is_empty() || is_declared.iter().any(|start| trimmed.starts_with(start)) {
        return vec![];
    }
    let code = code(line);
    let mut changed = vec![];
    let mut put = |at: usize, len: usize, new: &str| {
        if let (Some(before), Some(behind)) = (line.get(..at), line.get(at + len..)) {
            changed.push([before, new, behind].concat());
        }
    };
    for (at, token) in tokens(code) {
        let (before, behind) = (code.get(..at).unwrap_or_default(), code.get(at + token.len()..).unwrap_or_default());
        let is_between = before.ends_with(' ') && behind.starts_with([' ', '\n']);
        for (_, news) in OPERATORS.iter().filter(|(operator, _)| is_between && *operator == token) {
            news.iter().for_each(|new| put(at, token.len(), new));
        }
        for (_, new) in WORDS.iter().filter(|(word, _)| *word == token) {
            put(at, token.len(), new);
        }
        if token == "..=" {
            put(at, token.len(), "..");
        }
        // Not what belongs to the name of a macro.
        if token == "!" && !before.ends_with(|before: char| before.is_alphanumeric()) {
            put(at, 1, "");
        }
        // Not the field of a tuple.
        if !before.ends_with('.') || before.ends_with("..") {
            neighbours(token).iter().for_each(|new| put(at, token.len(), new));
        }
    }
    let is_statement = trimmed.ends_with(';') && !STAY.iter().any(|start| trimmed.starts_with(start));
    let count = |sign: char| code.matches(sign).count();
    if is_statement && count('(') == count(')') && count('{') == count('}') && count('[') == count(']') {
        changed.push("\n".into());
    }
    changed
}

/// The line up to its comment. A string with two slashes in it is cut short, which loses a mutant and no more.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Words and signs with their places; what stands in quotes is left out.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = code.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
    let (mut tokens, mut at) = (vec![], 0);
    while at < bytes.len() {
        let start = at;
        at += 1;
        match byte(start) {
            b'"' => {
                while at < bytes.len() && byte(at) != b'"' {
                    at += if byte(at) == b'\\' { 2 } else { 1 };
                }
                at += 1;
                continue;
            }
            b'\'' => {
                // A character; a lifetime has no second quote.
                let behind = if byte(at) == b'\\' { at + 2 } else { at + 1 };
                at = if byte(behind) == b'\'' { behind + 1 } else { at };
                continue;
            }
            first if is_of_word(first) => {
                while is_of_word(byte(at)) {
                    at += 1;
                }
            }
            first if first.is_ascii_graphic() => {
                let is_sign = |byte: u8| b"=<>+-*/%&|^!.".contains(&byte);
                while is_sign(first) && is_sign(byte(at)) {
                    at += 1;
                }
            }
            _ => continue,
        }
        tokens.extend(code.get(start..at).map(|token| (start, token)));
    }
    tokens
}

/// The numbers beside a number, written as it is; none for what is no number.
fn neighbours(token: &str) -> Vec<String> {
    let plain = token.replace('_', "");
    let (digits, radix) = match plain.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (plain.as_str(), 10),
    };
    let Ok(number) = u64::from_str_radix(digits, radix) else { return vec![] };
    let written = |number: u64| if radix == 16 { format!("{number:#x}") } else { number.to_string() };
    number.checked_add(1).into_iter().chain(number.checked_sub(1)).map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(line: &str) -> Vec<String> {
        of(line).into_iter().map(|mutant| mutant.becomes).collect()
    }

    #[test]
    fn each_thing_of_a_line_is_changed_by_itself() {
        assert_eq!(
            becomes("    if len > 20 && !done { // 3 > 2\n"),
            [
                "if len >= 20 && !done { // 3 > 2",
                "if len < 20 && !done { // 3 > 2",
                "if len > 21 && !done { // 3 > 2",
                "if len > 19 && !done { // 3 > 2",
                "if len > 20 || !done { // 3 > 2",
                "if len > 20 && done { // 3 > 2",
            ]
        );
        assert_eq!(
            becomes("total += 0xff;"),
            ["total -= 0xff;", "total = 0xff;", "total += 0x100;", "total += 0xfe;", ""]
        );
        assert_eq!(becomes("for at in 0..=end {"), ["for at in 1..=end {", "for at in 0..end {"]);
        assert_eq!(becomes("return Ok(true);"), ["return Ok(false);", ""]);
    }

    #[test]
    fn types_names_text_and_declarations_are_left_alone() {
        for line in [
            "use std::time::Duration;",
            "pub fn sum(data: &[u8; 20]) -> Lab<u16> {",
            "let x: Option<u16> = word(pair.0)?;",
            "let text = \"a > b + 1\";",
            "let quote = ('1', '\\'', b'0');",
            "let words: Vec<&'static str> = vec![];",
        ] {
            assert_eq!(becomes(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn rest_of_the_source_stays_as_it_is() {
        let mutants = of("let a = 1;\nlet b = a + c;\nlet d = b;\n");
        let whole: Vec<&str> = mutants.iter().map(|mutant| mutant.source.as_str()).collect();
        let rest = "\nlet b = a + c;\nlet d = b;\n";
        assert_eq!(
            whole,
            [
                format!("let a = 2;{rest}"),
                format!("let a = 0;{rest}"),
                "let a = 1;\nlet b = a - c;\nlet d = b;\n".into()
            ]
        );
        assert_eq!(mutants.iter().map(|mutant| mutant.number).collect::<Vec<_>>(), [1, 1, 2]);
    }
}
