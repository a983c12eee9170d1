//! Handed out: nothing to write here. Your file is `tcp_states.rs`.
//!
//! `cargo lab check 10` asks your function, by `answer`. `cargo lab run 10 -- connect SYN,ACK close ACK FIN,ACK` walks through
//! your states, event by event.
#![forbid(unsafe_code)]

#[allow(unused, reason = "what is not written yet uses nothing")]
mod tcp_states;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use std::process::ExitCode;
use tcp_states::{Ack, Event, Place, Segment, State};

const STATES: [(State, &str); 11] = [
    (State::Closed, "CLOSED"),
    (State::Listen, "LISTEN"),
    (State::SynSent, "SYN-SENT"),
    (State::SynReceived, "SYN-RECEIVED"),
    (State::Established, "ESTABLISHED"),
    (State::FinWait1, "FIN-WAIT-1"),
    (State::FinWait2, "FIN-WAIT-2"),
    (State::CloseWait, "CLOSE-WAIT"),
    (State::Closing, "CLOSING"),
    (State::LastAck, "LAST-ACK"),
    (State::TimeWait, "TIME-WAIT"),
];

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    let [state, passive, event] = ask.arguments.as_slice() else { return Err(odd(&ask.function)) };
    let found = STATES.iter().find(|(_, name)| *state == word(name));
    let (Some((state, _)), Some(event)) = (found, event_of(event)) else { return Err(odd(&ask.function)) };
    let (state, actions) = tcp_states::next(*state, *passive == Value::Flag(true), event)?;
    let actions: Vec<Value> = actions.iter().map(|action| word(&format!("{action:?}"))).collect();
    Ok(Value::record("next", [("state", word(name(state))), ("actions", actions.into())]))
}

fn event_of(value: &Value) -> Option<Event> {
    let Value::Record(name, fields) = value else { return None };
    let [(_, Value::Record(flags, _)), (_, Value::Record(ack, _)), (_, Value::Record(place, _))] = fields.as_slice()
    else {
        return call(name);
    };
    Some(Event::Segment(Segment {
        syn: flags.contains("SYN"),
        fin: flags.contains("FIN"),
        rst: flags.contains("RST"),
        ack: ack_of(ack)?,
        place: place_of(place)?,
    }))
}

fn call(name: &str) -> Option<Event> {
    Some(match name.to_lowercase().as_str() {
        "listen" => Event::Listen,
        "connect" => Event::Connect,
        "close" => Event::Close,
        "abort" => Event::Abort,
        "timewaitover" => Event::TimeWaitOver,
        "retransmit" => Event::Retransmit,
        "giveup" => Event::GiveUp,
        _ => return None,
    })
}

fn ack_of(name: &str) -> Option<Ack> {
    Some(match name.to_lowercase().as_str() {
        "absent" => Ack::Absent,
        "old" => Ack::Old,
        "new" => Ack::New,
        "beyond" => Ack::Beyond,
        _ => return None,
    })
}

fn place_of(name: &str) -> Option<Place> {
    Some(match name.to_lowercase().as_str() {
        "next" => Place::Next,
        "window" => Place::Window,
        "outside" => Place::Outside,
        "again" => Place::Again,
        _ => return None,
    })
}

fn name(state: State) -> &'static str {
    STATES.iter().find(|(other, _)| *other == state).map_or("", |(_, name)| *name)
}

fn word(name: &str) -> Value {
    Value::record(name, [])
}

fn odd(what: &str) -> LabError {
    host::Error::Other(format!("{what}: a state or an event is not what it should be")).into()
}

/// Walks from CLOSED through the events of the command line, and says after each of them where it is.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    let (mut state, mut passive) = (State::Closed, false);
    for word in words {
        let event = call(word).or_else(|| segment(word)).ok_or_else(|| {
            let events = "listen, connect, close, abort, timewaitover, retransmit, giveup, or flags as SYN,ACK";
            LabError::from(host::Error::Other(format!("'{word}' is no event: {events}")))
        })?;
        match event {
            Event::Listen => passive = true,
            Event::Connect => passive = false,
            _ => {}
        }
        let actions;
        (state, actions) = tcp_states::next(state, passive, event)?;
        let actions: Vec<String> = actions.iter().map(|action| format!("{action:?}")).collect();
        println!("{}", format!("{word:<18} {:<13} {}", name(state), actions.join(", ")).trim_end());
    }
    Ok(())
}

/// Flags, then what it acknowledges and where it begins if that is not all and what is expected: `ACK:old`, `RST:window`.
fn segment(word: &str) -> Option<Event> {
    let mut parts = word.split(':');
    let flags: Vec<String> = parts.next()?.split(',').map(str::to_uppercase).collect();
    if !flags.iter().all(|flag| ["SYN", "FIN", "RST", "ACK"].contains(&flag.as_str())) {
        return None;
    }
    let has = |flag: &str| flags.iter().any(|other| other == flag);
    let ack = if has("ACK") { Ack::New } else { Ack::Absent };
    let mut segment = Segment { syn: has("SYN"), fin: has("FIN"), rst: has("RST"), ack, place: Place::Next };
    for part in parts {
        match (ack_of(part), place_of(part)) {
            (Some(ack), _) => segment.ack = ack,
            (_, Some(place)) => segment.place = place,
            _ => return None,
        }
    }
    Some(Event::Segment(segment))
}
