//! Which outside ports are taken, and which one is given next.

use crate::wheel::NONE;

/// All ports of one outside address and one protocol: 65,536 bits, and the mapping behind each.
#[derive(Debug)]
pub(crate) struct Ports {
    taken: Vec<u64>,
    mapping: Vec<u32>,
    free: u32,
    /// With ports in their order: where to look next.
    next: u16,
}

/// Which port is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The first free one from the last on.
    InOrder,
    /// This one, or one of its range and parity if it can be, found from a number at random.
    Like { port: u16, random: u64 },
}

impl Ports {
    /// All free but 0, which for TCP and UDP means "no port". With identifiers, 0 is as good as any.
    pub(crate) fn new(first: Option<u16>, has_zero: bool) -> Self {
        let mut ports =
            Self { taken: vec![0; 1024], mapping: vec![NONE; 1 << 16], free: 1 << 16, next: first.unwrap_or(0) };
        if !has_zero {
            ports.take(0, NONE);
        }
        ports
    }

    /// The mapping behind a port.
    #[inline]
    pub(crate) fn mapping(&self, port: u16) -> Option<u32> {
        self.mapping.get(usize::from(port)).copied().filter(|mapping| *mapping != NONE)
    }

    pub(crate) fn is_taken(&self, port: u16) -> bool {
        self.taken.get(usize::from(port / 64)).is_some_and(|word| word & 1 << (port % 64) != 0)
    }

    pub(crate) fn take(&mut self, port: u16, mapping: u32) {
        if !self.is_taken(port)
            && let Some(word) = self.taken.get_mut(usize::from(port / 64))
        {
            *word |= 1 << (port % 64);
            self.free -= 1;
        }
        if let Some(place) = self.mapping.get_mut(usize::from(port)) {
            *place = mapping;
        }
    }

    pub(crate) fn release(&mut self, port: u16) {
        if self.is_taken(port)
            && let Some(word) = self.taken.get_mut(usize::from(port / 64))
        {
            *word &= !(1 << (port % 64));
            self.free += 1;
        }
        if let Some(place) = self.mapping.get_mut(usize::from(port)) {
            *place = NONE;
        }
    }

    /// A free port, or `None`: all are taken. At most all 1024 words of bits are looked at.
    pub(crate) fn choose(&mut self, wanted: Wanted) -> Option<u16> {
        if self.free == 0 {
            return None;
        }
        match wanted {
            Wanted::InOrder => {
                let port = self.search(self.next, 0..1024, u64::MAX)?;
                self.next = port.wrapping_add(1);
                Some(port)
            }
            Wanted::Like { port, .. } if !self.is_taken(port) => Some(port),
            Wanted::Like { port, random } => {
                // RFC 4787 section 4.2.1, REQ-3: ports below 1024 stay below, others above.
                let words = if port < 1024 { 0..16 } else { 16..1024 };
                // Section 4.2.2, REQ-4: even ports stay even, odd ones odd.
                let parity = if port.is_multiple_of(2) { 0x5555_5555_5555_5555 } else { 0xaaaa_aaaa_aaaa_aaaa };
                let span = u64::try_from(words.len()).unwrap_or(1) * 64;
                let start = u16::try_from(u64::from(words.start) * 64 + random % span).unwrap_or(port);
                self.search(start, words.clone(), parity)
                    .or_else(|| self.search(start, words, u64::MAX))
                    .or_else(|| self.search(1024, 16..1024, u64::MAX))
            }
        }
    }

    /// The first free port from `start` on, around the end, within `words` of 64 ports and of those in `mask`.
    fn search(&self, start: u16, words: std::ops::Range<u16>, mask: u64) -> Option<u16> {
        let len = u16::try_from(words.len()).unwrap_or(0);
        let first = (start / 64).clamp(words.start, words.end.saturating_sub(1)) - words.start;
        let from_start = u64::MAX << (start % 64);
        // The word of the start comes twice: from the start on, and what is before it at the very end.
        (0..=len).find_map(|step| {
            let word = words.start + (first + step) % len;
            let limit = match step {
                0 => from_start,
                step if step == len => !from_start,
                _ => u64::MAX,
            };
            let free = !self.taken.get(usize::from(word))? & mask & limit;
            (free != 0).then(|| word * 64 + u16::try_from(free.trailing_zeros()).unwrap_or(0))
        })
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.taken.capacity() * 8 + self.mapping.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_is_kept_where_it_is_free_and_else_its_parity_and_range() {
        let mut ports = Ports::new(None, false);
        assert_eq!(ports.choose(Wanted::Like { port: 5000, random: 9 }), Some(5000));
        ports.take(5000, 1);
        for random in 0..5000 {
            let port = ports.choose(Wanted::Like { port: 5000, random }).unwrap();
            assert!(port >= 1024 && port.is_multiple_of(2) && port != 5000, "{port}");
            ports.take(123, 1);
            let port = ports.choose(Wanted::Like { port: 123, random }).unwrap();
            assert!(port < 1024 && !port.is_multiple_of(2) && port != 123, "{port}");
        }
    }

    #[test]
    fn every_port_is_given_once_and_then_none() {
        for wanted in [Wanted::InOrder, Wanted::Like { port: 4000, random: 77 }] {
            let mut ports = Ports::new(Some(7777), false);
            let mut given: Vec<u16> = std::iter::from_fn(|| {
                let port = ports.choose(wanted)?;
                ports.take(port, 1);
                Some(port)
            })
            .collect();
            if wanted == Wanted::InOrder {
                assert_eq!((given[0], given[1], given[57_758], given[57_759]), (7777, 7778, 65_535, 1));
            }
            given.sort_unstable();
            // Those below 1024 are not for a port above it.
            let least = if wanted == Wanted::InOrder { 1 } else { 1024 };
            assert_eq!(given, (least..=65_535).collect::<Vec<u16>>());
        }
    }
}
