//! Entries by number, with places that are used again.

use crate::wheel::NONE;

/// So many entries at the most. Their room is asked for once, and touched as it is used.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Place<T>>,
    /// The place that was left last.
    free: u32,
    len: u32,
    most: u32,
}

#[derive(Debug)]
enum Place<T> {
    Taken(T),
    /// The one that was left before it is this one.
    Free(u32),
}

impl<T> Slab<T> {
    pub(crate) fn new(most: u32) -> Self {
        Self { places: Vec::with_capacity(most as usize), free: NONE, len: 0, most }
    }

    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len >= self.most
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        match self.places.get(number as usize)? {
            Place::Taken(entry) => Some(entry),
            Place::Free(_) => None,
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        match self.places.get_mut(number as usize)? {
            Place::Taken(entry) => Some(entry),
            Place::Free(_) => None,
        }
    }

    /// Puts an entry in; its number. Whoever calls has seen that there is room.
    pub(crate) fn insert(&mut self, entry: T) -> u32 {
        self.len += 1;
        let number = self.free;
        if let Some(place) = self.places.get_mut(number as usize)
            && let Place::Free(before) = *place
        {
            self.free = before;
            *place = Place::Taken(entry);
            return number;
        }
        self.places.push(Place::Taken(entry));
        u32::try_from(self.places.len() - 1).unwrap_or(NONE)
    }

    pub(crate) fn remove(&mut self, number: u32) {
        if let Some(place @ Place::Taken(_)) = self.places.get_mut(number as usize) {
            *place = Place::Free(self.free);
            self.free = number;
            self.len -= 1;
        }
    }

    /// All entries.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|place| match place {
            Place::Taken(entry) => Some(entry),
            Place::Free(_) => None,
        })
    }

    /// How many bytes it takes when it is full.
    pub(crate) fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<Place<T>>()
    }
}
