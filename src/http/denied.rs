//! Why a request was denied.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::challenge::Challenge;
use super::credentials::CredentialsError;
use super::operation::McpOperation;
use crate::appraisal::{Accepted, Record, Refused};
use crate::scope::InsufficientScope;

/// A request that was denied: what to answer, and why. It prints as one line, for a log, and says more
/// there than the client is told.
#[derive(Debug)]
pub struct Denied(Box<Inner>);

#[derive(Debug)]
struct Inner {
    challenge: Challenge,
    cause: Cause,
    operation: Option<McpOperation>,
    /// The caller whose token was accepted and does not permit the operation.
    caller: Option<Box<dyn Recorded>>,
}

/// An accepted token of any claims type.
trait Recorded: fmt::Debug + Send + Sync {
    fn record(&self) -> Record<'_>;
}

impl<C: Send + Sync> Recorded for Accepted<C> {
    fn record(&self) -> Record<'_> {
        Accepted::record(self)
    }
}

#[derive(Debug)]
pub(super) enum Cause {
    Credentials(CredentialsError),
    /// Of a scheme that is not offered here.
    Scheme(&'static str),
    /// Not exactly one `DPoP` header, but so many.
    Proofs(usize),
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
        Self(Box::new(Inner { challenge, cause, operation: None, caller: None }))
    }

    /// Returns the answer to send.
    pub fn challenge(&self) -> &Challenge {
        &self.0.challenge
    }

    /// Returns the refusal of the token or of its DPoP proof, if they were appraised. The rows of the proof
    /// begin with `proof.`.
    pub fn refused(&self) -> Option<&Refused> {
        if let Cause::Token(refused) = &self.0.cause {
            return Some(refused);
        }
        None
    }

    /// Returns the record of the token that was refused, or of an accepted token that does not permit the
    /// operation. It has facts, such as the subject, only if the signature passed.
    pub fn record(&self) -> Option<Record<'_>> {
        let caller = self.0.caller.as_ref().map(|caller| caller.record());
        caller.or_else(|| self.refused().map(Refused::record))
    }

    /// Returns the operation that the request asked for, behind an `McpLayer` that read the request.
    pub fn operation(&self) -> Option<&McpOperation> {
        self.0.operation.as_ref()
    }

    #[cfg(feature = "tower")]
    pub(super) fn of_caller<C: Send + Sync + 'static>(mut self, caller: &Accepted<C>) -> Self {
        self.0.caller = Some(Box::new(caller.clone()));
        self
    }

    #[cfg(feature = "tower")]
    pub(super) fn of_operation(mut self, operation: Option<McpOperation>) -> Self {
        self.0.operation = operation;
        self
    }

    /// The same denial as undetermined.
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

/// The source is the refusal of the token or the proof, what is wrong with the credentials, or the scopes
/// that the token lacks.
impl std::error::Error for Denied {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause {
            Cause::Credentials(error) => Some(error),
            Cause::Token(refused) => Some(refused),
            Cause::Scope(insufficient) => Some(insufficient),
            Cause::Scheme(_) | Cause::Proofs(_) | Cause::StepUp | Cause::Path => None,
            #[cfg(feature = "tower")]
            Cause::Body(_) => None,
        }
    }
}

/// Serialises the status, the error code, the line for the log, the operation, and the checks of the token
/// or the proof that was refused. It has no claim.
impl Serialize for Denied {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", &self.0.challenge.status().as_u16())?;
        map.serialize_entry("error", &self.0.challenge.error())?;
        map.serialize_entry("reason", &self.to_string())?;
        map.serialize_entry("operation", &self.operation())?;
        map.serialize_entry("refused", &self.refused())?;
        map.end()
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.0.challenge.status().as_u16())?;
        match &self.0.cause {
            Cause::Credentials(error) => error.fmt(f),
            Cause::Scheme(scheme) => write!(f, "scheme {scheme} is not offered here"),
            Cause::Proofs(found) => write!(f, "expected one DPoP header; found {found}"),
            Cause::Token(refused) if refused.is_about_proof() => write!(f, "DPoP proof {refused}"),
            Cause::Token(refused) => write!(f, "access token {refused}"),
            Cause::Scope(insufficient) => insufficient.fmt(f),
            Cause::StepUp => f.write_str("the user did not authenticate as is demanded"),
            Cause::Path => {
                f.write_str("the path has dot segments, so which one is meant is unclear")
            }
            #[cfg(feature = "tower")]
            Cause::Body(words) => f.write_str(words),
        }?;
        match self.operation() {
            Some(operation) => write!(f, " ({operation})"),
            None => Ok(()),
        }
    }
}
