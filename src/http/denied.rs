//! Why a request was denied.

use std::fmt;

use super::challenge::Challenge;
use super::credentials::CredentialsError;
use crate::appraisal::Refused;
use crate::scope::InsufficientScope;

/// A request that was denied: what to answer, and why. It prints as one line, for a log, and says more
/// there than the client is told.
#[derive(Debug)]
pub struct Denied(Box<Inner>);

#[derive(Debug)]
struct Inner {
    challenge: Challenge,
    cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    Credentials(CredentialsError),
    /// Of a scheme that is not offered here.
    Scheme(&'static str),
    /// Not exactly one `DPoP` header, but so many.
    Proofs(usize),
    Proof(Refused),
    Token(Refused),
    Scope(InsufficientScope),
    /// The user of an accepted token did not authenticate as is demanded.
    StepUp,
    /// The path of a request with a proof says nothing certain.
    Path,
    /// The body of an MCP request.
    #[cfg(feature = "tower")]
    Body(&'static str),
}

impl Denied {
    pub(super) fn new(challenge: Challenge, cause: Cause) -> Self {
        Self(Box::new(Inner { challenge, cause }))
    }

    /// What to answer.
    pub fn challenge(&self) -> &Challenge {
        &self.0.challenge
    }

    /// The appraisal of the token, or of its DPoP proof, if it came to that.
    pub fn refused(&self) -> Option<&Refused> {
        if let Cause::Proof(refused) | Cause::Token(refused) = &self.0.cause {
            return Some(refused);
        }
        None
    }

    /// The same as what nobody can tell for now.
    #[cfg(feature = "tower")]
    pub(super) fn undetermined(mut self) -> Self {
        self.0.challenge = self.0.challenge.undetermined();
        self
    }

    /// Whether the access token may be accepted once newer keys of its issuer are there.
    pub(super) fn may_succeed_after_refresh(&self) -> bool {
        matches!(&self.0.cause, Cause::Token(refused) if refused.may_succeed_after_refresh())
    }
}

impl std::error::Error for Denied {}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.0.challenge.status().as_u16())?;
        match &self.0.cause {
            Cause::Credentials(error) => error.fmt(f),
            Cause::Scheme(scheme) => write!(f, "scheme {scheme} is not offered here"),
            Cause::Proofs(found) => write!(f, "expected one DPoP header; found {found}"),
            Cause::Proof(refused) => write!(f, "DPoP proof {refused}"),
            Cause::Token(refused) => write!(f, "access token {refused}"),
            Cause::Scope(insufficient) => insufficient.fmt(f),
            Cause::StepUp => f.write_str("the user did not authenticate as is demanded"),
            Cause::Path => {
                f.write_str("the path has dot segments, so which one is meant is unclear")
            }
            #[cfg(feature = "tower")]
            Cause::Body(words) => f.write_str(words),
        }
    }
}
