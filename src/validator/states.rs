//! The states of a [`ValidatorBuilder`](crate::ValidatorBuilder): which decision it asks for next. They
//! never have to be written out.

/// The builder asks for the party to trust.
#[derive(Debug)]
#[non_exhaustive]
pub struct WantsTrust;

/// The builder asks for the verifier's names.
#[derive(Debug)]
#[non_exhaustive]
pub struct WantsAudience;

/// Every decision without a safe default was made.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ready;

/// Which state follows [`WantsTrust`] for a kind of token.
pub trait AfterIssuer: sealed::Sealed {
    /// The state.
    type State;
}

impl AfterIssuer for crate::kind::tag::Issued {
    type State = WantsAudience;
}

impl AfterIssuer for crate::kind::tag::IssuedWithoutAudience {
    type State = Ready;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::kind::tag::Issued {}
    impl Sealed for crate::kind::tag::IssuedWithoutAudience {}
}
