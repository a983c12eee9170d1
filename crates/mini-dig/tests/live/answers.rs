//! What dig, kdig and mini-dig print, as far as they say the same.

use std::collections::BTreeSet;

/// An answer: status, flags, and the records of each section without their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) flags: BTreeSet<String>,
    /// Answer, authority, additional.
    pub(crate) sections: [BTreeSet<String>; 3],
}

impl Answer {
    /// With small letters only, and without backslashes that need not be.
    pub(crate) fn small(&self) -> Self {
        let bare = |line: &String| {
            "!{}#%&'*+,/:<=>?[]^`|~"
                .chars()
                .fold(line.to_lowercase(), |line, letter| line.replace(&format!("\\{letter}"), &letter.to_string()))
        };
        let sections = self.sections.clone().map(|section| section.iter().map(bare).collect());
        Self { sections, ..self.clone() }
    }

    /// Without these records beside the answer.
    pub(crate) fn without(mut self, authority: &str, additional: &str) -> Self {
        let [_, authorities, additionals] = &mut self.sections;
        if authorities.remove(authority) {
            additionals.remove(additional);
        }
        self
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let [answer, authority, additional] = &self.sections;
        write!(f, "{} ({}) {answer:?} | {authority:?} | {additional:?}", self.status, flags.join(" "))
    }
}

/// The answers in what such a program prints, one behind the other.
pub(crate) fn read(text: &str) -> Vec<Answer> {
    let mut answers: Vec<Answer> = vec![];
    let mut section = None;
    for line in text.lines() {
        if let Some((_, header)) = line.split_once("->>HEADER<<-") {
            let status = header.split("status: ").nth(1).unwrap_or_default();
            let status = status.split([',', ';']).next().unwrap_or_default().to_string();
            answers.push(Answer { status, ..Answer::default() });
            section = None;
        }
        let Some(answer) = answers.last_mut() else { continue };
        let small = line.to_lowercase();
        if let Some(flags) = small.strip_prefix(";; flags: ") {
            let flags = flags.split(';').next().unwrap_or_default();
            answer.flags = flags.split_whitespace().map(String::from).collect();
        }
        match line {
            ";; ANSWER SECTION:" => section = Some(0),
            ";; AUTHORITY SECTION:" => section = Some(1),
            ";; ADDITIONAL SECTION:" => section = Some(2),
            comment if comment.starts_with(';') || comment.is_empty() => {
                section = section.filter(|_| !comment.is_empty());
            }
            record => {
                if let Some(records) = section.and_then(|section: usize| answer.sections.get_mut(section)) {
                    records.insert(plain(record));
                }
            }
        }
    }
    answers
}

/// A record without what is a matter of taste: blanks, quotes that need not be, the case of digits.
fn plain(record: &str) -> String {
    let fields: Vec<&str> = record.split_whitespace().collect();
    let record = fields.join(" ");
    match fields.get(3) {
        Some(&"SVCB" | &"HTTPS") => record.replace('"', ""),
        Some(&"NSEC3") => record.to_lowercase(),
        _ => record,
    }
}
