//! "Did you mean".

/// The word of `known` that `word` is most likely a slip of; `None` when nothing is near.
///
/// Near is: a third of the letters wrong at most. Of several equally near ones the first counts.
///
/// ```
/// assert_eq!(cli::nearest("sever", ["client", "server"].into_iter()).as_deref(), Some("server"));
/// assert_eq!(cli::nearest("printer", ["client", "server"].into_iter()), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let lower = word.to_lowercase();
    known
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known))
        .filter(|(wrong, known)| wrong * 3 <= known.chars().count().max(word.chars().count()))
        .min_by_key(|(wrong, _)| *wrong)
        .map(|(_, known)| known.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_in_a_short_word_is_near_and_another_word_is_not() {
        let nets = || ["subnets", "lan", "routers"].into_iter();
        assert_eq!(nearest("router", nets()).as_deref(), Some("routers"));
        assert_eq!(nearest("LAN", nets()).as_deref(), Some("lan"));
        assert_eq!(nearest("lna", nets()).as_deref(), Some("lan"));
        assert_eq!(nearest("internet", nets()), None);
        assert_eq!(nearest("", nets()), None);
    }
}
