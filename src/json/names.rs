//! The index of the names of a document's outermost object.

/// The places of the names of the outermost object, in slots by the hash of the name.
pub(super) struct NameIndex([u8; Self::SLOTS]);

/// The content of a slot of the index.
pub(super) enum Slot {
    Empty,
    /// One name, at this place.
    At(usize),
    /// Several names, or one whose place is too large.
    Unclear,
}

impl NameIndex {
    const SLOTS: usize = 128;
    /// No name is at 0, because the object is.
    const EMPTY: u8 = 0;
    const UNCLEAR: u8 = u8::MAX;

    pub(super) fn new() -> Self {
        Self([Self::EMPTY; Self::SLOTS])
    }

    pub(super) fn add(&mut self, hash: u32, place: usize) {
        if let Some(slot) = self.0.get_mut(Self::slot(hash)) {
            *slot = match *slot {
                Self::EMPTY => u8::try_from(place).unwrap_or(Self::UNCLEAR),
                _ => Self::UNCLEAR,
            };
        }
    }

    /// Removes a name whose slot has only this one.
    pub(super) fn remove(&mut self, hash: u32, place: usize) {
        if let Some(slot) = self.0.get_mut(Self::slot(hash))
            && u8::try_from(place).is_ok_and(|place| place == *slot && place != Self::UNCLEAR)
        {
            *slot = Self::EMPTY;
        }
    }

    pub(super) fn find(&self, hash: u32) -> Slot {
        match self.0.get(Self::slot(hash)) {
            Some(&Self::EMPTY) => Slot::Empty,
            Some(&Self::UNCLEAR) | None => Slot::Unclear,
            Some(place) => Slot::At(usize::from(*place)),
        }
    }

    fn slot(hash: u32) -> usize {
        usize::try_from(hash).unwrap_or(0) % Self::SLOTS
    }
}

/// Computes a number that differs for most names of one object.
#[inline]
pub(crate) fn name_hash(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let middle = bytes.get(bytes.len() / 2);
    let bytes = [bytes.first(), middle, bytes.last()].map(|b| u32::from(b.copied().unwrap_or(0)));
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
    bytes.iter().fold(length, |hash, b| hash.wrapping_mul(31).wrapping_add(*b))
}
