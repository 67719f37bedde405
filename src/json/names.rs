//! The index of the names of a document's outermost object.

/// Where the names of the outermost object stand: a slot by a name's hash.
pub(super) struct NameIndex([u8; Self::SLOTS]);

/// What a slot of the index says.
pub(super) enum Slot {
    Empty,
    /// One name, which stands here.
    At(usize),
    /// Several names, or one that stands too far on.
    Unclear,
}

impl NameIndex {
    const SLOTS: usize = 128;
    /// No name stands at 0: that is where the object does.
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

/// A number that differs for most names of one object.
#[inline]
pub(crate) fn name_hash(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let middle = bytes.get(bytes.len() / 2);
    let bytes = [bytes.first(), middle, bytes.last()].map(|b| u32::from(b.copied().unwrap_or(0)));
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
    bytes.iter().fold(length, |hash, b| hash.wrapping_mul(31).wrapping_add(*b))
}
