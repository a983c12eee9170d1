//! How sessions and mappings leave the table.

use super::{Mapping, NONE, Session, Table, number_of};
use crate::change::{Ending, What};
use crate::index::hash;
use host::Time;

impl Table {
    /// Takes a session out, and its mapping if it was the last.
    pub(super) fn close(&mut self, number: u32) {
        let Some(session) = self.sessions.get(number).copied() else { return };
        if let (Some(at), Some(entry)) = (self.changes.as_ref().map(|_| session.until), self.entry(number)) {
            self.tell(at, What::Closed(entry, Ending::Idle));
        }
        self.wheel.remove(&mut self.sessions, number);
        if let Some(next) = self.sessions.get_mut(session.next) {
            next.previous = session.previous;
        }
        if let Some(previous) = self.sessions.get_mut(session.previous) {
            previous.next = session.next;
        } else if let Some(own) = self.mappings.get_mut(session.mapping) {
            own.first = session.next;
        }
        let (secret, sessions) = (self.secret, &self.sessions);
        let key = |session: &Session| hash(secret, session.mapping.into(), number_of(session.peer));
        self.by_peer.remove(key(&session), number, |other| sessions.get(other).map_or(0, key));
        self.sessions.remove(number);
        self.remove_permit(session.mapping, *session.peer.ip());
        if let Some(inside) = self.mappings.get(session.mapping).map(|own| *own.inside.ip())
            && let Ok(host) = self.host(inside)
        {
            if let Some(host) = self.hosts.get_mut(host) {
                host.sessions = host.sessions.saturating_sub(1);
            }
            self.forget_idle_host(host);
        }
        self.close_mapping_without_sessions(session.mapping);
    }

    /// Takes a mapping out that was made for a session which did not come about.
    pub(crate) fn abandon(&mut self, number: u32) {
        let inside = self.mappings.get(number).map(|own| *own.inside.ip());
        self.close_mapping_without_sessions(number);
        if let Some(host) = inside.and_then(|inside| self.host(inside).ok()) {
            self.forget_idle_host(host);
        }
    }

    fn close_mapping_without_sessions(&mut self, number: u32) {
        let Some(own) = self.mappings.get(number).copied() else { return };
        if own.first != NONE || own.is_forwarded {
            return;
        }
        let key = |own: &Mapping| {
            hash(self.secret, number_of(own.inside) << 8 | u64::from(own.protocol.number()), number_of(own.only))
        };
        let mappings = &self.mappings;
        self.by_inside.remove(key(&own), number, |other| mappings.get(other).map_or(0, key));
        self.mappings.remove(number);
        if let Some((_, ports)) = self.pool_of(*own.outside.ip()).and_then(|pool| self.ports(pool, own.protocol)) {
            ports.release(own.outside.port());
        }
    }

    /// Takes out what has ended, second by second.
    #[inline]
    pub(crate) fn expire(&mut self, now: Time) {
        if self.wheel.is_due(now) {
            while let Some(first) = self.wheel.turn(now) {
                self.expire_from(first, now);
            }
        }
    }

    /// As [`Table::expire`], to the nanosecond.
    pub(crate) fn expire_exactly(&mut self, now: Time) {
        self.expire(now);
        self.expire_from(self.wheel.present(), now);
    }

    fn expire_from(&mut self, first: u32, now: Time) {
        let mut number = first;
        while let Some(session) = self.sessions.get(number).copied() {
            if session.until <= now {
                self.close(number);
            } else {
                self.wheel.remove(&mut self.sessions, number);
                self.wheel.insert(&mut self.sessions, number, session.until);
            }
            number = session.spoke.next;
        }
    }

    /// When there is something to take out, or to look at again.
    pub(crate) fn next_end(&self) -> Option<Time> {
        let (mut soonest, mut number) = self.wheel.soonest()?;
        while let Some(session) = self.sessions.get(number) {
            soonest = soonest.min(session.until);
            number = session.spoke.next;
        }
        Some(soonest)
    }
}
