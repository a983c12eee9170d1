//! Reading what packets will need, of many packets at once: [`crate::Nat::look_ahead`].

use super::{NONE, Protocol, Table};
use std::hint::black_box;
use std::net::SocketAddrV4;

/// What leads to a packet's mapping.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trail {
    /// A hash in the index of inside ends.
    Inside(u64),
    /// A port of a pool.
    Outside { pool: u32, protocol: Protocol, port: u16 },
    /// Nothing.
    Lost,
}

impl Table {
    #[inline]
    pub(crate) fn trail_from_inside(&self, protocol: Protocol, inside: SocketAddrV4, only: SocketAddrV4) -> Trail {
        Trail::Inside(self.hash_of_inside(protocol, inside, only))
    }

    #[inline]
    pub(crate) fn trail_from_outside(&self, protocol: Protocol, outside: SocketAddrV4) -> Trail {
        let pool = self.pool_of(*outside.ip());
        pool.map_or(Trail::Lost, |pool| Trail::Outside { pool, protocol, port: outside.port() })
    }

    /// Reads the mappings that `trails` lead to, and the first session of each: most have no other.
    pub(crate) fn follow<const N: usize>(&self, trails: &[Trail; N]) {
        let mappings = trails.map(|trail| self.end_of(trail).unwrap_or(NONE));
        // Read whole: a mapping may lie across two lines of the cache.
        let whole = |number| self.mappings.get(number).map(|mapping| black_box(*mapping));
        let sessions = mappings.map(|number| whole(number).map_or(NONE, |mapping| mapping.first));
        let ends = sessions.map(|number| self.sessions.get(number).map_or(0, |session| session.until.0));
        // Nobody needs the sum, but what is read for nothing is not read at all.
        black_box(ends.iter().fold(0, |sum, end| sum ^ end));
    }

    #[inline]
    fn end_of(&self, trail: Trail) -> Option<u32> {
        match trail {
            Trail::Inside(hash) => self.by_inside.find(hash, |_| true),
            Trail::Outside { pool, protocol, port } => self.ports_of(pool, protocol)?.mapping(port),
            Trail::Lost => None,
        }
    }
}
