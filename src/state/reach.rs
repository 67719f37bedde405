//! How far a validator reaches for its answers, as a type.

/// Every question is answered at once: the validator has `appraise`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Local;

/// Some questions are asked of a [`StateSource`](super::StateSource): the validator has `appraise_async`
/// and `begin`, and no `appraise`, which would block.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Remote;

/// [`Local`] or [`Remote`]. What is made of two parts is remote as soon as one part is.
pub trait Reach: sealed::Sealed + Send + Sync + 'static {
    /// The reach of this part and another one together.
    type Or<O: Reach>: Reach;
}

impl Reach for Local {
    type Or<O: Reach> = O;
}

impl Reach for Remote {
    type Or<O: Reach> = Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Local {}
    impl Sealed for super::Remote {}
}
