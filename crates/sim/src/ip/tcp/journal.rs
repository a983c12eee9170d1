//! The lives of connections, step by step, for whoever wants to see both ends: kept once a program asks for it.

use super::super::Stack;
use super::ends::Ends;
use host::{Account, Error, Result, Seen, SocketId, Step, Time};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use tcp::{Departure, State};

/// How many steps of a connection are kept until they are asked for: more than anybody reads.
const MOST_STEPS: usize = 100_000;
/// How many steps of one end are told at once, so that an account fits into a message of a lent host.
const STEPS_AT_ONCE: usize = 100;
/// How many departures, and pieces of what held them, are told at once.
const PIECES_AT_ONCE: usize = 600;

/// What happened to a node's connections.
#[derive(Debug, Default)]
pub(super) struct Journal {
    lives: BTreeMap<Ends, Life>,
    /// By the other end, the last connection that a program here opened or accepted.
    last_to: BTreeMap<SocketAddrV4, Ends>,
}

/// What happened to one end.
#[derive(Debug, Default)]
struct Life {
    steps: Vec<Step>,
    /// How many of them were told here, and how many at the other end: both may want to know.
    told: [usize; 2],
    /// The state after the last of all steps, whether they were told or not.
    state: Option<State>,
}

/// Which program wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    Here,
    Opposite,
}

impl Journal {
    /// The state is `state` now, and `segment` left or came; none: it is noted only if the state is another than
    /// before.
    pub(super) fn note(&mut self, now: Time, ends: Ends, state: State, segment: Option<Seen>) {
        let life = self.lives.entry(ends).or_default();
        if segment.is_none() && life.state == Some(state) {
            return;
        }
        life.state = Some(state);
        if life.steps.len() < MOST_STEPS {
            life.steps.push(Step { at: now, state: state.to_string().into(), segment });
        }
    }

    /// A program opens a connection.
    pub(super) fn open(&mut self, now: Time, ends: Ends) {
        self.last_to.insert(ends.peer, ends);
        self.note(now, ends, State::Closed, None);
    }

    /// A program accepts a connection, which is known by its steps already.
    pub(super) fn accept(&mut self, ends: Ends) {
        self.last_to.insert(ends.peer, ends);
    }

    /// Whether there was a connection between these ends: a port that only listens is none.
    pub(super) fn knows(&self, ends: Ends) -> bool {
        self.lives.get(&ends).is_some_and(|life| life.state.is_some_and(|state| state != State::Listen))
    }

    /// What is to be told next of an end's life, to whom it was not told yet.
    fn tell(&mut self, ends: Ends, to: Asker) -> Vec<Step> {
        let Some(Life { steps, told: [here, opposite], .. }) = self.lives.get_mut(&ends) else { return vec![] };
        let told = if to == Asker::Here { here } else { opposite };
        let next: Vec<Step> = steps.iter().skip(*told).take(STEPS_AT_ONCE).cloned().collect();
        *told += next.len();
        next
    }
}

impl Stack {
    /// Keeps a journal from now on.
    pub(crate) fn record_connections(&mut self) {
        self.tcp.journal.get_or_insert_default();
    }

    /// Notes what became of a connection, if anybody wants to know.
    pub(super) fn step(&mut self, now: Time, number: u32, segment: Option<Seen>) {
        if let Some(journal) = &mut self.tcp.journal
            && let Some(entry) = self.tcp.entries.get(&number)
        {
            journal.note(now, entry.ends, entry.connection.state(), segment);
        }
    }

    /// What this end of a program's connection has to tell, and which ends those are.
    pub(crate) fn own_account(&mut self, id: SocketId) -> Result<(Ends, Account)> {
        let entry = self.own_connection(id).ok_or(Error::Gone)?;
        let ends = entry.ends;
        let departures = entry.take_departures();
        let held = entry.connection.held().to_vec();
        let own = self.tcp.journal.as_mut().map(|journal| journal.tell(ends, Asker::Here)).unwrap_or_default();
        Ok((ends, Account { departures, held, own, peer: vec![] }))
    }

    /// The same of the last connection to `to`, of which nothing but its life is left; none: there was none.
    pub(crate) fn last_account(&mut self, to: SocketAddr) -> (Ends, Account) {
        let nobody = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let SocketAddr::V4(to) = to else { return (Ends { own: nobody, peer: nobody }, Account::default()) };
        let Some(journal) = &mut self.tcp.journal else { return (Ends { own: nobody, peer: to }, Account::default()) };
        let ends = journal.last_to.get(&to).copied().unwrap_or(Ends { own: nobody, peer: to });
        (ends, Account { own: journal.tell(ends, Asker::Here), ..Account::default() })
    }

    /// What this node has to tell of the end that is opposite to `ends`.
    pub(crate) fn opposite_account(&mut self, ends: Ends) -> Vec<Step> {
        self.tcp.journal.as_mut().map(|journal| journal.tell(ends.opposite(), Asker::Opposite)).unwrap_or_default()
    }
}

impl super::Entry {
    /// As many as are told at once.
    fn take_departures(&mut self) -> Vec<Departure> {
        self.untold.extend(self.connection.take_departures());
        let mut pieces = 0;
        let fits = |departure: &&Departure| {
            pieces += 1 + departure.held.len();
            pieces <= PIECES_AT_ONCE
        };
        let count = self.untold.iter().take_while(fits).count();
        self.untold.drain(..count).collect()
    }
}
