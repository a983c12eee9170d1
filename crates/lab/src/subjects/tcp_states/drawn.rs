//! What is asked when it is graded: states and events that no visible fact has, drawn from all of which the RFC says what comes of it.
//!
//! What comes of them is worked out here, in the order of RFC 9293 section 3.10, and says which check it belongs to. Not asked is what
//! cannot come, what the RFC leaves open, and what hosts may treat in several ways: a SYN in TIME-WAIT, which may begin a connection; an
//! ACK ahead of what is missing, which may be held back.

use super::*;

/// How many are drawn for a check.
const MOST: usize = 50;

const STATES: [&str; 11] = [
    "CLOSED",
    "LISTEN",
    "SYN-SENT",
    "SYN-RECEIVED",
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "CLOSING",
    "LAST-ACK",
    "TIME-WAIT",
];
const CALLS: [&str; 6] = ["Listen", "Connect", "Close", "Abort", "Retransmit", "GiveUp"];
const ACKS: [&str; 4] = ["Absent", "Old", "New", "Beyond"];
const PLACES: [&str; 4] = ["Next", "Window", "Outside", "Again"];

const THERE_IS_ONE: &str =
    "RFC 9293 section 3.10.1: OPEN, where there is a connection already, is an error and changes nothing";
const THERE_IS_NONE: &str =
    "RFC 9293 sections 3.10.4 and 3.10.5: in CLOSED, CLOSE and ABORT are errors and change nothing";
const NEITHER: &str = "RFC 9293 section 3.10.7.3, fifth step: if neither SYN nor RST is set, drop the segment";
const NOT_FOR_A_LISTENER: &str =
    "RFC 9293 section 3.10.7.2, fourth step: what has no SYN, no ACK and no RST is dropped";

/// What comes of it, which check that belongs to, and who says so.
type Ruled = (&'static str, &'static str, &'static [&'static str], &'static str);

/// The questions of a check that are drawn by `draw`; none is among `seen`.
pub(super) fn asks(check: &str, seen: &[Ask], mut draw: Draw) -> Vec<Ask> {
    let is_new = |ask: &Ask| seen.iter().all(|seen| seen.arguments != ask.arguments);
    let mut open: Vec<Ask> = all(check).into_iter().filter(is_new).collect();
    let mut drawn = vec![];
    while !open.is_empty() && drawn.len() < MOST {
        drawn.push(open.swap_remove(draw.index(open.len())));
    }
    drawn
}

/// All questions that belong to a check.
fn all(check: &str) -> Vec<Ask> {
    let mut asks = vec![];
    for state in STATES {
        for passive in [false, true] {
            let ask =
                |event: Value, (_, then, actions, why): Ruled| fact(state, event, then, actions, why).asked(passive);
            let calls = CALLS.iter().filter_map(|call| Some((word(call), call_rule(state, passive, call)?)));
            let segments = Segment::all().filter_map(|segment| Some((segment.value(), segment.rule(state, passive)?)));
            asks.extend(
                calls.chain(segments).filter(|(_, rule)| rule.0 == check).map(|(event, rule)| ask(event, rule)),
            );
        }
    }
    asks
}

/// What the program and the timers do.
fn call_rule(state: &'static str, passive: bool, call: &str) -> Option<Ruled> {
    Some(match (call, state) {
        ("Listen", "CLOSED") => ("open", "LISTEN", &[], OPEN),
        ("Listen", "LISTEN") => return None,
        ("Connect", "CLOSED" | "LISTEN") => ("open", "SYN-SENT", &["SendSyn"], OPEN),
        ("Listen" | "Connect", _) => ("open", state, &[], THERE_IS_ONE),
        ("Close", "CLOSED") => ("open", state, &[], THERE_IS_NONE),
        ("Close", "LISTEN" | "SYN-SENT") => ("open", "CLOSED", &[], CLOSE_EARLY),
        ("Abort", "CLOSED") => ("reset", state, &[], THERE_IS_NONE),
        ("Abort", "LISTEN" | "SYN-SENT") => ("reset", "CLOSED", &[], ABORT),
        ("Retransmit", "SYN-SENT") => ("timeouts", state, &["SendSyn"], SEND_AGAIN),
        ("GiveUp", "SYN-SENT" | "FIN-WAIT-2") => ("timeouts", "CLOSED", &["Tell"], GIVEN_UP),
        ("GiveUp", "SYN-RECEIVED") if !passive => ("timeouts", "CLOSED", &["Tell"], GIVEN_UP),
        // All others are seen.
        _ => return None,
    })
}

/// A segment, in the words that the question has for it.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// `SYN`, `FIN`, `RST` or nothing: hosts send no two of them.
    control: &'static str,
    ack: &'static str,
    place: &'static str,
}

impl Segment {
    fn all() -> impl Iterator<Item = Self> {
        let of =
            |control| ACKS.iter().flat_map(move |ack| PLACES.iter().map(move |place| Self { control, ack, place }));
        // Nothing but a SYN begins where a SYN was.
        ["", "SYN", "FIN", "RST"]
            .into_iter()
            .flat_map(of)
            .filter(|segment| segment.is("SYN") || segment.place != "Again")
    }

    fn value(&self) -> Value {
        let flags = match (self.control, self.has_ack()) {
            ("", true) => "ACK".into(),
            ("", false) => "none".into(),
            (control, true) => format!("{control},ACK"),
            (control, false) => control.into(),
        };
        placed(&flags, self.ack, self.place)
    }

    fn is(&self, control: &str) -> bool {
        self.control == control
    }

    fn has_ack(&self) -> bool {
        self.ack != "Absent"
    }

    /// RFC 9293 section 3.10.7.
    fn rule(&self, state: &'static str, passive: bool) -> Option<Ruled> {
        match state {
            "CLOSED" if self.is("RST") => Some(("reset", state, &[], RESET_NOBODY)),
            "CLOSED" => Some(("stranger", state, &["SendRst"], CLOSED_PORT)),
            "LISTEN" if self.is("RST") => Some(("reset", state, &[], RESET_NOBODY)),
            "LISTEN" if self.has_ack() => Some(("stranger", state, &["SendRst"], ACK_IN_LISTEN)),
            "LISTEN" if self.is("SYN") => Some(("handshake", "SYN-RECEIVED", &["SendSynAck"], IN_LISTEN)),
            "LISTEN" => Some(("stranger", state, &[], NOT_FOR_A_LISTENER)),
            "SYN-SENT" => Some(self.in_syn_sent()),
            _ => self.later(state, passive),
        }
    }

    /// RFC 9293 section 3.10.7.3.
    fn in_syn_sent(&self) -> Ruled {
        match (self.control, self.ack) {
            ("RST", "New") => ("reset", "CLOSED", &["Tell"], RESET_IN_SYN_SENT),
            ("RST", _) => ("reset", "SYN-SENT", &[], RESET_IN_SYN_SENT),
            (_, "Old" | "Beyond") => ("stranger", "SYN-SENT", &["SendRst"], BAD_ACK),
            ("SYN", "New") => ("handshake", "ESTABLISHED", &["SendAck"], IN_SYN_SENT),
            ("SYN", _) => ("simultaneous-open", "SYN-RECEIVED", &["SendSynAck"], BOTH_OPEN),
            _ => ("stranger", "SYN-SENT", &[], NEITHER),
        }
    }

    /// RFC 9293 section 3.10.7.4, step by step.
    fn later(&self, state: &'static str, passive: bool) -> Option<Ruled> {
        // A SYN that comes again depends on where the first one came from, and in TIME-WAIT it may begin a connection.
        if self.is("SYN")
            && (state == "TIME-WAIT" || state == "SYN-RECEIVED" && (self.has_ack() || self.place != "Next"))
        {
            return None;
        }
        if ["Outside", "Again"].contains(&self.place) {
            return match state {
                _ if self.is("RST") => Some(("challenge", state, &[], OUTSIDE)),
                "TIME-WAIT" if self.is("FIN") && !self.has_ack() => None,
                "TIME-WAIT" if self.is("FIN") => Some(("active-close", state, &["SendAck", "StartTimer"], FIN_AGAIN)),
                "CLOSE-WAIT" | "LAST-ACK" if self.is("FIN") => Some(("passive-close", state, &["SendAck"], OUTSIDE)),
                "CLOSING" if self.is("FIN") => Some(("simultaneous-close", state, &["SendAck"], OUTSIDE)),
                _ => Some(("challenge", state, &["SendAck"], OUTSIDE)),
            };
        }
        match (self.control, state) {
            ("RST", _) if self.place == "Window" => return Some(("challenge", state, &["SendAck"], IN_WINDOW)),
            ("RST", "SYN-RECEIVED") if passive => return Some(("reset", "LISTEN", &[], RESET_PASSIVE)),
            ("RST", "CLOSING" | "LAST-ACK" | "TIME-WAIT") => return Some(("reset", "CLOSED", &[], RESET_LATE)),
            ("RST", _) => return Some(("reset", "CLOSED", &["Tell"], RESET)),
            ("SYN", "SYN-RECEIVED") if passive => return Some(("challenge", "LISTEN", &[], SYN_PASSIVE)),
            ("SYN", _) => return Some(("challenge", state, &["SendAck"], SYN_LATE)),
            _ => {}
        }
        let closes = match state {
            "SYN-RECEIVED" | "ESTABLISHED" => "handshake",
            "CLOSE-WAIT" | "LAST-ACK" => "passive-close",
            "CLOSING" => "simultaneous-close",
            _ => "active-close",
        };
        match (self.ack, state) {
            ("Absent", _) => return Some((closes, state, &[], NO_ACK)),
            // What comes ahead of something that is missing may be held back; and a FIN, once taken, is not followed by anything.
            (_, "TIME-WAIT") => return None,
            ("Old", "ESTABLISHED" | "FIN-WAIT-1" | "FIN-WAIT-2") if self.is("FIN") && self.place == "Window" => {
                let check = if state == "ESTABLISHED" { "passive-close" } else { closes };
                return Some((check, state, &["SendAck"], FIN_EARLY));
            }
            _ if self.place == "Window" => return None,
            (_, "CLOSE-WAIT" | "CLOSING" | "LAST-ACK") if self.is("FIN") => return None,
            ("Old" | "Beyond", "SYN-RECEIVED") => return Some(("stranger", state, &["SendRst"], BAD_ACK_LATER)),
            ("Beyond", _) => return Some(("challenge", state, &["SendAck"], NEVER_SENT)),
            _ => {}
        }
        let is_of_our_fin = self.ack == "New";
        Some(match (state, self.is("FIN")) {
            ("SYN-RECEIVED", false) => ("handshake", "ESTABLISHED", &[], SYN_IS_ACKNOWLEDGED),
            ("ESTABLISHED", false) => ("handshake", state, &[], NOTHING),
            ("SYN-RECEIVED" | "ESTABLISHED", true) => ("passive-close", "CLOSE-WAIT", &["SendAck"], THEY_CLOSE),
            ("FIN-WAIT-1", false) if is_of_our_fin => (closes, "FIN-WAIT-2", &[], FIN_IS_ACKNOWLEDGED),
            ("FIN-WAIT-1", true) if !is_of_our_fin => ("simultaneous-close", "CLOSING", &["SendAck"], BOTH_CLOSE),
            ("FIN-WAIT-1" | "FIN-WAIT-2", true) => (closes, "TIME-WAIT", &["SendAck", "StartTimer"], THEIR_FIN),
            ("CLOSING", _) if is_of_our_fin => (closes, "TIME-WAIT", &["StartTimer"], BOTH_CLOSED),
            ("LAST-ACK", _) if is_of_our_fin => (closes, "CLOSED", &[], LAST_ACK),
            _ => (closes, state, &[], NOTHING),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::CHECKS;
    use super::*;

    #[test]
    fn rules_say_of_what_everybody_sees_what_the_facts_say() {
        let ruled: Vec<Ask> = CHECKS.iter().flat_map(|check| all(check)).collect();
        let mut both = 0;
        for fact in CHECKS.iter().flat_map(|check| facts(check).unwrap()) {
            let kinds = [false, true].into_iter().filter(|passive| fact.passive.is_none_or(|only| only == *passive));
            for seen in kinds.map(|passive| fact.asked(passive)) {
                let same = ruled.iter().filter(|ask| ask.arguments == seen.arguments);
                for ask in same {
                    assert_eq!(format!("{:?}", ask.expected), format!("{:?}", seen.expected), "{:?}", seen.arguments);
                    both += 1;
                }
            }
        }
        assert!(both > 150, "{both}");
    }

    #[test]
    fn each_check_draws_what_nobody_has_seen_and_what_changes_something() {
        for check in CHECKS {
            let seen = parts(check, SEED).map(|mut parts| parts.remove(0));
            let Some(Part::Asks(seen)) = seen else { panic!("{check}") };
            for seed in 2..10 {
                let drawn = asks(check, &seen, Draw::new(seed, check));
                let does_nothing = |ask: &Ask| {
                    let Value::Record(state, _) = &ask.arguments[0].1 else { panic!("{ask:?}") };
                    let nothing =
                        Value::record("next", [("state", word(state)), ("actions", Vec::<Value>::new().into())]);
                    matches!(&ask.expected, Expected::Is(then) if *then == nothing)
                };
                let changes = drawn.iter().filter(|ask| !does_nothing(ask)).count();
                assert!(changes > 2 && drawn.len() <= MOST, "{check}: {changes} of {}", drawn.len());
            }
        }
    }
}
