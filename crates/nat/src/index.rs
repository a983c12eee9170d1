//! Finding an entry in one step, whatever the load: a hash table of numbers.
//!
//! It holds the numbers of entries that lie elsewhere, and asks its caller what they are. Its size is fixed at the start,
//! at twice as many places as there can be entries or more, so it never has to be made anew while packets wait. Entries
//! that meet stand behind each other ("linear probing"); when one goes, those behind it move up.
//!
//! ```text
//! place   5         6         7         8
//!       │       │ 3a1·17  │ 07c·4   │       │     the bits that a number leaves free hold some of its hash: who looks for
//!                                                 07c at place 6 need not look at entry 17
//! ```

/// The places.
#[derive(Debug)]
pub(crate) struct Index {
    /// 0 is empty, else it is an entry's number and one, with some of its hash in the bits above.
    places: Vec<u32>,
    mask: usize,
    /// The bits of a place that are the number's.
    number: u32,
}

impl Index {
    /// For so many entries at the most, numbered from 0.
    pub(crate) fn new(most: u32) -> Self {
        let places = (most as usize * 2).next_power_of_two().max(16);
        Self {
            places: vec![0; places],
            mask: places - 1,
            number: u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0),
        }
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        // The high bits are the best mixed ones.
        (hash >> 32) as usize & self.mask
    }

    /// What stands in the place of an entry.
    #[inline]
    fn mark(&self, hash: u64, number: u32) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the high bits are those of its home")]
        let rest = hash as u32;
        (number + 1) | (rest & !self.number)
    }

    #[inline]
    fn at(&self, place: usize) -> u32 {
        self.places.get(place).copied().unwrap_or(0)
    }

    /// The entry with this hash that `is_it` knows.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut place = self.home(hash);
        loop {
            let mark = self.at(place);
            let number = (mark & self.number).checked_sub(1)?;
            if mark == self.mark(hash, number) && is_it(number) {
                return Some(number);
            }
            place = (place + 1) & self.mask;
        }
    }

    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        let mut place = self.home(hash);
        while self.at(place) != 0 {
            place = (place + 1) & self.mask;
        }
        self.put(place, self.mark(hash, number));
    }

    /// Takes `number` out; `hash_of` tells the hashes of those that may have to move up.
    pub(crate) fn remove(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        let mut hole = self.home(hash);
        loop {
            match self.at(hole) {
                0 => return,
                taken if taken == self.mark(hash, number) => break,
                _ => hole = (hole + 1) & self.mask,
            }
        }
        let mut place = hole;
        loop {
            place = (place + 1) & self.mask;
            let mark = self.at(place);
            let Some(other) = (mark & self.number).checked_sub(1) else { break };
            let home = self.home(hash_of(other));
            // Whoever has its home behind the hole, and not behind its own place, stays.
            let from_home = place.wrapping_sub(home) & self.mask;
            let from_hole = place.wrapping_sub(hole) & self.mask;
            if from_home >= from_hole {
                self.put(hole, mark);
                hole = place;
            }
        }
        self.put(hole, 0);
    }

    fn put(&mut self, place: usize, mark: u32) {
        if let Some(old) = self.places.get_mut(place) {
            *old = mark;
        }
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<u32>()
    }
}

/// A number that says nothing of `a` and `b` to who does not know `secret`: the two halves of a product, one over the
/// other.
#[inline]
pub(crate) fn hash(secret: u64, a: u64, b: u64) -> u64 {
    let fold = |x: u64, y: u64| {
        let product = u128::from(x) * u128::from(y);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
        let halves = (product as u64, (product >> 64) as u64);
        halves.0 ^ halves.1
    };
    fold(fold(a ^ secret, 0x9e37_79b9_7f4a_7c15) ^ b, secret.rotate_left(32) ^ 0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn entries_are_found_until_they_are_taken_out_whatever_the_order() {
        // Few homes for many entries, so that they meet all the time.
        let hash_of = |number: u32| (u64::from(number % 7) * 5) << 32 | u64::from(number % 3) << 9;
        let mut index = Index::new(64);
        let mut there = BTreeSet::new();
        let mut drawn = 1_u64;
        for _ in 0..20_000 {
            drawn = hash(3, drawn, 1);
            let number = u32::try_from(drawn % 64).unwrap();
            if there.remove(&number) {
                index.remove(hash_of(number), number, hash_of);
            } else {
                index.insert(hash_of(number), number);
                there.insert(number);
            }
            for number in 0..64 {
                let found = index.find(hash_of(number), |other| other == number);
                assert_eq!(found.is_some(), there.contains(&number));
            }
        }
    }
}
