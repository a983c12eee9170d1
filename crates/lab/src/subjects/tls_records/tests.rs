use super::*;
use crate::check::ask::Expected;
use wire::tls::Handshake;

fn asks(check: &str) -> Vec<Ask> {
    parts(check)
        .unwrap()
        .into_iter()
        .flat_map(|part| match part {
            Part::Asks(asks) => asks,
            _ => vec![],
        })
        .collect()
}

#[test]
fn what_is_rejected_has_something_beside_it_that_is_not() {
    for (check, least) in [
        ("record-limits", 8),
        ("too-long", 3),
        ("lengths", 3),
        ("name-limits", 3),
        ("versions", 10),
        ("shared", 10),
        ("expand", 10),
        ("inner", 10),
    ] {
        let asks = asks(check);
        let bad = asks.iter().filter(|ask| matches!(ask.expected, Expected::Malformed)).count();
        assert!(asks.len() - bad >= least && bad >= 2, "{check}: {bad} of {}", asks.len());
    }
    assert!(parts("no-such-check").is_none());
}
