//! The table of changes is what the engine does: each state is reached, and each cause is tried in it.

use host::Time;
use std::collections::{BTreeMap, BTreeSet};
use tcp::{CHANGES, Cause, Change, Config, Connection, Segment, Seq, State};

/// The other side's first sequence number.
const THEIRS: Seq = Seq(5000);

/// What can happen to an end that exists.
const CAUSES: [Cause; 8] =
    [Cause::Close, Cause::Syn, Cause::SynAck, Cause::AckOfFin, Cause::Fin, Cause::FinAck, Cause::Rst, Cause::TwoMsl];

/// One end, and what happened to it.
struct End {
    connection: Connection,
    now: Time,
    /// Whether the program has closed.
    closed: bool,
    passive: bool,
}

impl End {
    /// What leaves, as far as its control is of interest here: FIN and SYN stand for themselves, and an ACK alone.
    fn opened(cause: Cause) -> (Self, String) {
        let passive = cause == Cause::Listen;
        let connection = match passive {
            true => Connection::listen(Config::default(), Seq(1000)),
            false => Connection::connect(Time::START, Config::default(), Seq(1000)),
        };
        let mut end = Self { connection, now: Time::START, closed: false, passive };
        let left = end.left();
        (end, left)
    }

    fn left(&mut self) -> String {
        let mut left = vec![];
        while let Some(segment) = self.connection.poll(self.now) {
            let flags = [
                (segment.syn, "SYN"),
                (segment.fin, "FIN"),
                (segment.rst, "RST"),
                (segment.ack.is_some() && !segment.fin, "ACK"),
            ];
            left.push(flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect::<Vec<_>>().join(" "));
        }
        left.join(", ")
    }

    /// Lets it happen, and tells what it was in this state and what left; `None`: no peer that keeps to the rules does
    /// this now.
    fn happen(&mut self, cause: Cause) -> Option<(Cause, String)> {
        let (state, info) = (self.connection.state(), self.connection.info());
        let has_syn = !matches!(state, State::Closed | State::Listen | State::SynSent);
        let is_all_acknowledged = info.snd_una == info.snd_nxt;
        let next = Segment { seq: info.rcv_nxt, window: 1000, ack: Some(info.snd_nxt), ..Segment::default() };
        let syn = Segment { seq: THEIRS, syn: true, ..next.clone() };
        let mut said = cause;
        let segment = match cause {
            Cause::Syn if !has_syn => Segment { ack: None, ..syn },
            Cause::SynAck if state == State::SynSent => syn,
            Cause::AckOfFin if has_syn && !is_all_acknowledged => {
                said = match (state, self.closed) {
                    (State::SynReceived, true) => Cause::AckOfSynAfterClose,
                    (State::SynReceived, false) => Cause::AckOfSyn,
                    _ => Cause::AckOfFin,
                };
                next
            }
            // Their FIN comes once, and not before their ACK of our SYN.
            Cause::Fin if state.takes_data() => Segment { fin: true, ack: Some(info.snd_una), ..next },
            Cause::FinAck if state.takes_data() && !is_all_acknowledged => Segment { fin: true, ..next },
            Cause::Rst => Segment { rst: true, ack: (state == State::SynSent).then_some(info.snd_nxt), ..next },
            Cause::Close if !self.closed => {
                self.connection.close();
                self.closed = true;
                return Some((cause, self.left()));
            }
            Cause::TwoMsl if state == State::TimeWait => {
                self.now = self.connection.wake_at();
                return Some((cause, self.left()));
            }
            _ => return None,
        };
        self.connection.arrive(self.now, &segment);
        Some((said, self.left()))
    }
}

#[test]
fn table_of_changes_is_what_a_connection_does() {
    let mut found = BTreeSet::new();
    let mut known: BTreeMap<(State, bool, bool), Vec<Cause>> = BTreeMap::new();
    let mut open: Vec<Vec<Cause>> = vec![];
    for cause in [Cause::Listen, Cause::Connect] {
        let (end, left) = End::opened(cause);
        found.insert((State::Closed, cause, left, end.connection.state()));
        open.push(vec![cause]);
    }
    while let Some(path) = open.pop() {
        let again = |path: &[Cause]| {
            let (mut end, _) = End::opened(path[0]);
            path[1..].iter().for_each(|cause| {
                end.happen(*cause).unwrap();
            });
            end
        };
        let end = again(&path);
        let place = (end.connection.state(), end.closed, end.passive);
        if place.0 == State::Closed || known.contains_key(&place) {
            continue;
        }
        known.insert(place, path.clone());
        for cause in CAUSES {
            let mut end = again(&path);
            let Some((said, left)) = end.happen(cause) else { continue };
            if end.connection.state() != place.0 {
                found.insert((place.0, said, left, end.connection.state()));
            }
            open.push([path.clone(), vec![cause]].concat());
        }
    }
    let table: BTreeSet<_> =
        CHANGES.iter().map(|Change { from, cause, sends, to }| (*from, *cause, (*sends).to_string(), *to)).collect();
    let missing: Vec<_> = found.difference(&table).collect();
    let untrue: Vec<_> = table.difference(&found).collect();
    assert!(missing.is_empty() && untrue.is_empty(), "not in the table: {missing:#?}\nnot so: {untrue:#?}");
    let reached: BTreeSet<State> = known.keys().map(|(state, ..)| *state).collect();
    assert_eq!(reached.len(), State::ALL.len() - 1, "all but CLOSED, where all paths end: {reached:?}");
}

#[test]
fn syn_ack_of_a_simultaneous_open_acknowledges_our_syn() {
    let (mut end, _) = End::opened(Cause::Connect);
    end.happen(Cause::Syn).unwrap();
    assert_eq!(end.connection.state(), State::SynReceived);
    let ack = Some(end.connection.info().snd_nxt);
    end.connection.arrive(end.now, &Segment { seq: THEIRS, syn: true, ack, window: 1000, ..Segment::default() });
    assert_eq!((end.connection.state(), end.left().as_str()), (State::Established, ""));
}
