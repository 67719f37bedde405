//! What a rule records of the claim that it passed.

/// What a claim says about a token, under one word for every kind and issuer. The rule that passes the
/// claim records it, so audit, scopes and challenges read it without the caller's claims type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fact {
    /// The subject.
    Subject,
    /// The audiences.
    Audiences,
    /// The client that the token was issued to.
    ClientId,
    /// The actor, and those that acted before.
    Actors,
    /// The identifier of the token.
    TokenId,
    /// The end of the token's validity.
    ExpiresAt,
    /// The time of issue.
    IssuedAt,
    /// The scopes.
    Scopes,
    /// The key or certificate that the token is bound to.
    Confirmation,
    /// The time of the user's authentication.
    AuthenticatedAt,
    /// The class of the user's authentication.
    AuthenticationClass,
    /// The session at the issuer.
    SessionId,
}
