//! Entries by number, with places that are used again.

/// So many entries at the most. Their room is asked for once, and touched as it is used.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    entries: Vec<Option<T>>,
    free: Vec<u32>,
    most: u32,
}

impl<T> Slab<T> {
    pub(crate) fn new(most: u32) -> Self {
        Self { entries: Vec::with_capacity(most as usize), free: vec![], most }
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.entries.len() - self.free.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() >= self.most
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.entries.get(number as usize)?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.entries.get_mut(number as usize)?.as_mut()
    }

    /// Puts an entry in; its number. Whoever calls has seen that there is room.
    pub(crate) fn insert(&mut self, entry: T) -> u32 {
        match self.free.pop() {
            Some(number) => {
                if let Some(place) = self.entries.get_mut(number as usize) {
                    *place = Some(entry);
                }
                number
            }
            None => {
                self.entries.push(Some(entry));
                u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
            }
        }
    }

    pub(crate) fn remove(&mut self, number: u32) {
        if let Some(place) = self.entries.get_mut(number as usize)
            && place.take().is_some()
        {
            self.free.push(number);
        }
    }

    /// All entries.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().flatten()
    }

    /// How many bytes it takes when it is full.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Option<T>>() + self.free.capacity() * size_of::<u32>()
    }
}
