//! Lab 10: the eleven states (RFC 9293 sections 3.3.2 and 3.10, RFC 5961).
//!
//! What everybody sees is not drawn: each fact of the RFC that a check is about, in both kinds of connection, those that began with
//! LISTEN and those that did not. What is asked when it is graded is drawn from all else of which the RFC says what comes of it.

mod drawn;

use super::draw::{Draw, SEED};
use crate::check::Part;
use crate::check::ask::{Ask, Expected};
use host::lab::Value;

const OPEN: &str = "RFC 9293 section 3.10.1: OPEN waits in LISTEN, or sends a SYN and is in SYN-SENT";
const CLOSE_EARLY: &str =
    "RFC 9293 section 3.10.4: in LISTEN and SYN-SENT, CLOSE deletes the connection; there is none yet";
const IN_LISTEN: &str = "RFC 9293 section 3.10.7.2: a SYN is answered by SYN,ACK, and the state is SYN-RECEIVED";
const IN_SYN_SENT: &str = "RFC 9293 section 3.10.7.3: if our SYN is acknowledged, ESTABLISHED, and an ACK is sent";
const SYN_IS_ACKNOWLEDGED: &str =
    "RFC 9293 section 3.10.7.4, fifth step: in SYN-RECEIVED, an acceptable ACK leads to ESTABLISHED";
const NOTHING: &str = "RFC 9293 section 3.10.7.4: an acceptable segment without SYN, FIN and data is not answered";
const BOTH_OPEN: &str =
    "RFC 9293 section 3.5, figure 7: SYNs that cross lead to SYN-RECEIVED, each answered by SYN,ACK";
const BOTH_OPENED: &str =
    "RFC 9293 section 3.5, figure 7, line 6: the SYN,ACK that crossed leads to ESTABLISHED, and nothing goes back";
const CLOSE: &str = "RFC 9293 section 3.10.4: CLOSE sends a FIN, from ESTABLISHED and SYN-RECEIVED to FIN-WAIT-1";
const CLOSE_AGAIN: &str = "RFC 9293 section 3.10.4: a second CLOSE changes nothing, and no second FIN is emitted";
const FIN_IS_ACKNOWLEDGED: &str =
    "RFC 9293 section 3.10.7.4, fifth step: FIN-WAIT-2 only if our FIN is now acknowledged";
const THEIR_FIN: &str = "RFC 9293 section 3.10.7.4, eighth step: the FIN is acknowledged; from FIN-WAIT-2, and when our FIN is \
     acknowledged, to TIME-WAIT";
const NO_ACK: &str = "RFC 9293 section 3.10.7.4, fifth step: if the ACK bit is off, drop the segment";
const FIN_AGAIN: &str =
    "RFC 9293 section 3.10.7.4: in TIME-WAIT a FIN that comes again is acknowledged, and the timer restarted";
const FIN_EARLY: &str = "RFC 9293 section 3.10.7.4: a FIN is processed when RCV.NXT has come to it; until then the ACK says what is missing";
const THEY_CLOSE: &str = "RFC 9293 section 3.10.7.4, eighth step: the FIN is acknowledged, and leads to CLOSE-WAIT";
const WE_CLOSE: &str =
    "RFC 9293 section 3.10.4: only the program's CLOSE leads from CLOSE-WAIT to LAST-ACK, with a FIN";
const LAST_ACK: &str = "RFC 9293 section 3.10.7.4, fifth step: in LAST-ACK, if our FIN is now acknowledged, CLOSED";
const BOTH_CLOSE: &str = "RFC 9293 section 3.10.7.4, eighth step: a FIN before the ACK of ours leads to CLOSING";
const BOTH_CLOSED: &str = "RFC 9293 section 3.10.7.4, fifth step: in CLOSING, the ACK of our FIN leads to TIME-WAIT";
const RESET: &str =
    "RFC 9293 section 3.10.7.4, second step: a RST at RCV.NXT ends the connection, and the program is told";
const RESET_LATE: &str =
    "RFC 9293 section 3.10.7.4, second step: in CLOSING, LAST-ACK and TIME-WAIT, to CLOSED, and no more";
const RESET_PASSIVE: &str = "RFC 9293 section 3.10.7.4, second step: what came from LISTEN returns to LISTEN, and the user need not be informed";
const RESET_IN_SYN_SENT: &str = "RFC 9293 section 3.10.7.3, second step: a RST counts if it acknowledges our SYN";
const RESET_NOBODY: &str = "RFC 9293 sections 3.10.7.1 and 3.10.7.2: in CLOSED and LISTEN, a RST is ignored";
const ABORT: &str = "RFC 9293 section 3.10.5: ABORT sends a RST where the other end may still wait for us";
const IN_WINDOW: &str = "RFC 5961 section 3: a RST in the window, but not at RCV.NXT, is answered by a challenge ACK";
const OUTSIDE: &str =
    "RFC 9293 section 3.10.7.4, first step: a RST outside of the window is dropped, anything else gets an ACK";
const SYN_LATE: &str = "RFC 5961 section 4: a SYN in a synchronized state is answered by a challenge ACK";
const SYN_PASSIVE: &str =
    "RFC 9293 section 3.10.7.4, fourth step: a SYN in SYN-RECEIVED that came from LISTEN leads back there";
const NEVER_SENT: &str =
    "RFC 9293 section 3.10.7.4, fifth step: if the ACK acks something not yet sent, send an ACK and drop it";
const CLOSED_PORT: &str = "RFC 9293 section 3.10.7.1: in CLOSED, any segment but a RST causes a RST";
const ACK_IN_LISTEN: &str =
    "RFC 9293 section 3.10.7.2, second step: in LISTEN any acknowledgment is bad, and causes a RST";
const BAD_ACK: &str =
    "RFC 9293 section 3.10.7.3, first step: an ACK that is not for our SYN causes a RST, and is dropped";
const BAD_ACK_LATER: &str =
    "RFC 9293 section 3.10.7.4, fifth step: in SYN-RECEIVED an ACK that is not acceptable causes a RST";
const OVER: &str = "RFC 9293 section 3.10.8, TIME-WAIT TIMEOUT: delete the connection, CLOSED";
const SEND_AGAIN: &str =
    "RFC 9293 section 3.10.8, RETRANSMISSION TIMEOUT: what was sent first and is not acknowledged is sent again";
const GIVEN_UP: &str = "RFC 9293 section 3.10.8, USER TIMEOUT: the program is told, CLOSED";

/// What is true of one state and one event: what comes of it.
struct Fact {
    state: &'static str,
    /// For connections that began in this way only; `None`: for both.
    passive: Option<bool>,
    event: Value,
    then: &'static str,
    actions: &'static [&'static str],
    why: &'static str,
}

/// What the check of this name does.
pub(super) fn parts(check: &str, seed: u64) -> Option<Vec<Part>> {
    let facts = facts(check)?;
    let asked = |passive: bool| {
        let of_that_kind = facts.iter().filter(move |fact| fact.passive.is_none_or(|only| only == passive));
        of_that_kind.map(move |fact| fact.asked(passive))
    };
    let seen: Vec<Ask> = asked(false).chain(asked(true)).collect();
    let drawn = || drawn::asks(check, &seen, Draw::new(seed, check));
    Some(vec![Part::Asks(if seed == SEED { seen } else { drawn() })])
}

fn facts(check: &str) -> Option<Vec<Fact>> {
    Some(match check {
        "open" => open(),
        "handshake" => handshake(),
        "simultaneous-open" => simultaneous_open(),
        "active-close" => active_close(),
        "passive-close" => passive_close(),
        "simultaneous-close" => simultaneous_close(),
        "reset" => reset(),
        "challenge" => challenge(),
        "stranger" => stranger(),
        "timeouts" => timeouts(),
        _ => return None,
    })
}

impl Fact {
    fn asked(&self, passive: bool) -> Ask {
        let actions: Vec<Value> = self.actions.iter().map(|action| word(action)).collect();
        let then = Value::record("next", [("state", word(self.then)), ("actions", actions.into())]);
        let arguments = vec![("state", word(self.state)), ("passive", passive.into()), ("event", self.event.clone())];
        Ask { function: "next", arguments, expected: Expected::Is(then), why: self.why }
    }

    fn only(self, passive: bool) -> Self {
        Self { passive: Some(passive), ..self }
    }
}

/// A name without fields, which is shown without quotes.
fn word(name: &str) -> Value {
    Value::record(name, [])
}

fn fact(
    state: &'static str,
    event: Value,
    then: &'static str,
    actions: &'static [&'static str],
    why: &'static str,
) -> Fact {
    Fact { state, passive: None, event, then, actions, why }
}

/// A segment with these flags, at RCV.NXT; its ACK, if it has one, is for all that was sent.
fn segment(flags: &str) -> Value {
    let ack = if flags.contains("ACK") { "New" } else { "Absent" };
    placed(flags, ack, "Next")
}

/// A segment whose ACK says nothing new.
fn old(flags: &str) -> Value {
    placed(flags, "Old", "Next")
}

fn placed(flags: &str, ack: &str, place: &str) -> Value {
    Value::record("segment", [("flags", word(flags)), ("ack", word(ack)), ("place", word(place))])
}

fn open() -> Vec<Fact> {
    vec![
        fact("CLOSED", word("Connect"), "SYN-SENT", &["SendSyn"], OPEN),
        fact("CLOSED", word("Listen"), "LISTEN", &[], OPEN).only(true),
        fact("LISTEN", word("Connect"), "SYN-SENT", &["SendSyn"], OPEN).only(false),
        fact("LISTEN", word("Close"), "CLOSED", &[], CLOSE_EARLY).only(true),
        fact("SYN-SENT", word("Close"), "CLOSED", &[], CLOSE_EARLY).only(false),
    ]
}

fn handshake() -> Vec<Fact> {
    vec![
        fact("LISTEN", segment("SYN"), "SYN-RECEIVED", &["SendSynAck"], IN_LISTEN).only(true),
        fact("SYN-SENT", segment("SYN,ACK"), "ESTABLISHED", &["SendAck"], IN_SYN_SENT).only(false),
        fact("SYN-RECEIVED", segment("ACK"), "ESTABLISHED", &[], SYN_IS_ACKNOWLEDGED),
        fact("ESTABLISHED", old("ACK"), "ESTABLISHED", &[], NOTHING),
        fact("ESTABLISHED", segment("ACK"), "ESTABLISHED", &[], NOTHING),
        fact("SYN-RECEIVED", placed("none", "Absent", "Next"), "SYN-RECEIVED", &[], NO_ACK),
    ]
}

fn simultaneous_open() -> Vec<Fact> {
    let again = || placed("SYN,ACK", "New", "Again");
    vec![
        fact("SYN-SENT", segment("SYN"), "SYN-RECEIVED", &["SendSynAck"], BOTH_OPEN).only(false),
        fact("SYN-RECEIVED", again(), "ESTABLISHED", &[], BOTH_OPENED).only(false),
    ]
}

fn active_close() -> Vec<Fact> {
    vec![
        fact("ESTABLISHED", word("Close"), "FIN-WAIT-1", &["SendFin"], CLOSE),
        fact("SYN-RECEIVED", word("Close"), "FIN-WAIT-1", &["SendFin"], CLOSE),
        fact("FIN-WAIT-1", segment("ACK"), "FIN-WAIT-2", &[], FIN_IS_ACKNOWLEDGED),
        fact("FIN-WAIT-1", old("ACK"), "FIN-WAIT-1", &[], FIN_IS_ACKNOWLEDGED),
        fact("FIN-WAIT-2", old("ACK"), "FIN-WAIT-2", &[], NOTHING),
        fact("FIN-WAIT-2", old("FIN,ACK"), "TIME-WAIT", &["SendAck", "StartTimer"], THEIR_FIN),
        // Three segments in all: their FIN has the acknowledgment of ours.
        fact("FIN-WAIT-1", segment("FIN,ACK"), "TIME-WAIT", &["SendAck", "StartTimer"], THEIR_FIN),
        fact("FIN-WAIT-1", segment("FIN"), "FIN-WAIT-1", &[], NO_ACK),
        fact("FIN-WAIT-2", placed("FIN,ACK", "Old", "Window"), "FIN-WAIT-2", &["SendAck"], FIN_EARLY),
        fact("TIME-WAIT", placed("FIN,ACK", "Old", "Outside"), "TIME-WAIT", &["SendAck", "StartTimer"], FIN_AGAIN),
        fact("TIME-WAIT", placed("ACK", "Old", "Outside"), "TIME-WAIT", &["SendAck"], OUTSIDE),
        fact("FIN-WAIT-1", word("Close"), "FIN-WAIT-1", &[], CLOSE_AGAIN),
        fact("FIN-WAIT-2", word("Close"), "FIN-WAIT-2", &[], CLOSE_AGAIN),
        fact("TIME-WAIT", word("Close"), "TIME-WAIT", &[], CLOSE_AGAIN),
    ]
}

fn passive_close() -> Vec<Fact> {
    vec![
        fact("ESTABLISHED", old("FIN,ACK"), "CLOSE-WAIT", &["SendAck"], THEY_CLOSE),
        fact("ESTABLISHED", segment("FIN,ACK"), "CLOSE-WAIT", &["SendAck"], THEY_CLOSE),
        fact("ESTABLISHED", segment("FIN"), "ESTABLISHED", &[], NO_ACK),
        fact("ESTABLISHED", placed("FIN,ACK", "Old", "Window"), "ESTABLISHED", &["SendAck"], FIN_EARLY),
        fact("CLOSE-WAIT", old("ACK"), "CLOSE-WAIT", &[], WE_CLOSE),
        fact("CLOSE-WAIT", word("Close"), "LAST-ACK", &["SendFin"], WE_CLOSE),
        fact("LAST-ACK", old("ACK"), "LAST-ACK", &[], LAST_ACK),
        fact("LAST-ACK", segment("ACK"), "CLOSED", &[], LAST_ACK),
        fact("LAST-ACK", word("Close"), "LAST-ACK", &[], CLOSE_AGAIN),
        // It comes again, for our ACK was lost.
        fact("CLOSE-WAIT", placed("FIN,ACK", "Old", "Outside"), "CLOSE-WAIT", &["SendAck"], OUTSIDE),
        // The ACK of our SYN was lost, and this FIN brings it.
        fact("SYN-RECEIVED", segment("FIN,ACK"), "CLOSE-WAIT", &["SendAck"], THEY_CLOSE),
    ]
}

fn simultaneous_close() -> Vec<Fact> {
    vec![
        fact("FIN-WAIT-1", old("FIN,ACK"), "CLOSING", &["SendAck"], BOTH_CLOSE),
        fact("CLOSING", old("ACK"), "CLOSING", &[], BOTH_CLOSED),
        fact("CLOSING", segment("ACK"), "TIME-WAIT", &["StartTimer"], BOTH_CLOSED),
        fact("CLOSING", word("Close"), "CLOSING", &[], CLOSE_AGAIN),
    ]
}

fn reset() -> Vec<Fact> {
    let mut facts = vec![];
    for state in ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT"] {
        facts.push(fact(state, segment("RST"), "CLOSED", &["Tell"], RESET));
        facts.push(fact(state, old("RST,ACK"), "CLOSED", &["Tell"], RESET));
    }
    for state in ["CLOSING", "LAST-ACK", "TIME-WAIT"] {
        facts.push(fact(state, segment("RST"), "CLOSED", &[], RESET_LATE));
    }
    facts.extend([
        fact("SYN-RECEIVED", segment("RST"), "CLOSED", &["Tell"], RESET).only(false),
        fact("SYN-RECEIVED", segment("RST"), "LISTEN", &[], RESET_PASSIVE).only(true),
        fact("SYN-SENT", segment("RST,ACK"), "CLOSED", &["Tell"], RESET_IN_SYN_SENT).only(false),
        fact("SYN-SENT", segment("RST"), "SYN-SENT", &[], RESET_IN_SYN_SENT).only(false),
        fact("SYN-SENT", old("RST,ACK"), "SYN-SENT", &[], RESET_IN_SYN_SENT).only(false),
        fact("CLOSED", segment("RST"), "CLOSED", &[], RESET_NOBODY),
        fact("LISTEN", segment("RST"), "LISTEN", &[], RESET_NOBODY).only(true),
        fact("LISTEN", old("RST,ACK"), "LISTEN", &[], RESET_NOBODY).only(true),
    ]);
    for state in ["SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT"] {
        facts.push(fact(state, word("Abort"), "CLOSED", &["SendRst"], ABORT));
    }
    for state in ["LISTEN", "SYN-SENT", "CLOSING", "LAST-ACK", "TIME-WAIT"] {
        facts.push(fact(state, word("Abort"), "CLOSED", &[], ABORT));
    }
    facts
}

fn challenge() -> Vec<Fact> {
    let mut facts = vec![];
    let synchronized =
        ["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT", "SYN-RECEIVED"];
    for state in synchronized {
        facts.push(fact(state, placed("RST", "Absent", "Window"), state, &["SendAck"], IN_WINDOW));
        facts.push(fact(state, placed("RST", "Absent", "Outside"), state, &[], OUTSIDE));
        facts.push(fact(state, placed("ACK", "Old", "Outside"), state, &["SendAck"], OUTSIDE));
        // A SYN in TIME-WAIT may also begin a new connection; and in SYN-RECEIVED it depends on where one came from.
        if !["TIME-WAIT", "SYN-RECEIVED"].contains(&state) {
            for place in ["Next", "Window", "Outside"] {
                facts.push(fact(state, placed("SYN", "Absent", place), state, &["SendAck"], SYN_LATE));
            }
            facts.push(fact(state, placed("SYN,ACK", "Old", "Again"), state, &["SendAck"], SYN_LATE));
            facts.push(fact(state, placed("ACK", "Beyond", "Next"), state, &["SendAck"], NEVER_SENT));
        }
    }
    facts.push(fact("SYN-RECEIVED", segment("SYN"), "SYN-RECEIVED", &["SendAck"], SYN_LATE).only(false));
    facts.push(fact("SYN-RECEIVED", segment("SYN"), "LISTEN", &[], SYN_PASSIVE).only(true));
    facts
}

fn stranger() -> Vec<Fact> {
    let mut facts = vec![];
    for flags in ["SYN", "ACK", "SYN,ACK", "FIN,ACK", "FIN"] {
        facts.push(fact("CLOSED", segment(flags), "CLOSED", &["SendRst"], CLOSED_PORT));
    }
    for flags in ["ACK", "SYN,ACK", "FIN,ACK"] {
        facts.push(fact("LISTEN", old(flags), "LISTEN", &["SendRst"], ACK_IN_LISTEN).only(true));
    }
    for ack in ["Old", "Beyond"] {
        let to = |flags| placed(flags, ack, "Next");
        facts.push(fact("SYN-SENT", to("ACK"), "SYN-SENT", &["SendRst"], BAD_ACK).only(false));
        facts.push(fact("SYN-SENT", to("SYN,ACK"), "SYN-SENT", &["SendRst"], BAD_ACK).only(false));
    }
    facts.push(fact("SYN-SENT", segment("ACK"), "SYN-SENT", &[], IN_SYN_SENT).only(false));
    facts.push(fact("SYN-RECEIVED", old("ACK"), "SYN-RECEIVED", &["SendRst"], BAD_ACK_LATER));
    facts
}

fn timeouts() -> Vec<Fact> {
    let mut facts = vec![
        fact("TIME-WAIT", word("TimeWaitOver"), "CLOSED", &[], OVER),
        fact("SYN-SENT", word("Retransmit"), "SYN-SENT", &["SendSyn"], SEND_AGAIN).only(false),
        fact("SYN-RECEIVED", word("Retransmit"), "SYN-RECEIVED", &["SendSynAck"], SEND_AGAIN),
    ];
    for state in ["FIN-WAIT-1", "CLOSING", "LAST-ACK"] {
        facts.push(fact(state, word("Retransmit"), state, &["SendFin"], SEND_AGAIN));
    }
    for state in ["SYN-SENT", "SYN-RECEIVED"] {
        facts.push(fact(state, word("GiveUp"), "CLOSED", &["Tell"], GIVEN_UP).only(false));
    }
    for state in ["ESTABLISHED", "FIN-WAIT-1", "CLOSE-WAIT", "CLOSING", "LAST-ACK"] {
        facts.push(fact(state, word("GiveUp"), "CLOSED", &["Tell"], GIVEN_UP));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    pub(super) const CHECKS: [&str; 10] = [
        "open",
        "handshake",
        "simultaneous-open",
        "active-close",
        "passive-close",
        "simultaneous-close",
        "reset",
        "challenge",
        "stranger",
        "timeouts",
    ];

    fn all() -> Vec<Ask> {
        let asks = |check: &&str| match parts(check, SEED).unwrap().remove(0) {
            Part::Asks(asks) => asks,
            Part::Cases(_) | Part::CasesBeside(..) => panic!("{check} has no cases"),
        };
        CHECKS.iter().flat_map(asks).collect()
    }

    #[test]
    fn the_same_question_has_the_same_answer_in_every_check() {
        let mut answers = BTreeMap::new();
        for ask in all() {
            let expected = format!("{:?}", ask.expected);
            let before = answers.insert(format!("{:?}", ask.arguments), expected.clone());
            assert!(before.is_none_or(|before| before == expected), "{ask:?}");
        }
    }

    #[test]
    fn every_state_is_left_and_entered_by_some_fact() {
        let (mut left, mut entered) = (BTreeMap::new(), BTreeMap::new());
        for ask in all() {
            let Value::Record(from, _) = &ask.arguments[0].1 else { panic!("{ask:?}") };
            let Expected::Is(Value::Record(_, fields)) = &ask.expected else { panic!("{ask:?}") };
            let Value::Record(to, _) = &fields[0].1 else { panic!("{ask:?}") };
            if from != to {
                *left.entry(from.clone()).or_insert(0) += 1;
                *entered.entry(to.clone()).or_insert(0) += 1;
            }
        }
        assert_eq!((left.len(), entered.len()), (11, 11), "{left:?} {entered:?}");
    }
}
