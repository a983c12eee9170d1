//! What becomes of the table, for who watches.

use super::{Session, Table};
use crate::change::{Change, Entry, What};
use host::Time;

impl Table {
    pub(crate) fn tell(&mut self, at: Time, what: What) {
        if let Some(changes) = &mut self.changes {
            changes.push_back(Change { at, what });
        }
    }

    pub(crate) fn tell_of(&mut self, at: Time, number: u32, what: impl FnOnce(Entry) -> What) {
        if let Some(entry) = self.entry(number) {
            self.tell(at, what(entry));
        }
    }

    pub(super) fn entry(&self, number: u32) -> Option<Entry> {
        self.entry_of(self.sessions.get(number)?)
    }

    fn entry_of(&self, session: &Session) -> Option<Entry> {
        let own = self.mappings.get(session.mapping)?;
        Some(Entry {
            protocol: own.protocol,
            inside: own.inside,
            outside: own.outside,
            peer: session.peer,
            state: session.state,
            began: session.began,
            until: session.until,
            bytes_out: session.bytes_out,
            bytes_in: session.bytes_in,
        })
    }

    /// All sessions, in the order of their beginning.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.sessions.iter().filter_map(|session| self.entry_of(session)).collect();
        entries.sort_by_key(|entry| (entry.began, entry.protocol, entry.outside, entry.peer));
        entries
    }
}
