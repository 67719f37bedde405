//! Tags: what a kind of token asks of its verifier, as types. They decide which methods the
//! [`ValidatorBuilder`](crate::ValidatorBuilder) offers.

/// The tag of kinds that an issuer signs, for an audience.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Issued;

/// The tag of kinds that a client signs, for an audience.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignedByClient;

/// The tag of kinds that are signed with the key in their own header.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignedByHolder;

/// The tag of kinds whose audience is not checked; only [`danger`](crate::danger) gives it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct IssuedWithoutAudience;
