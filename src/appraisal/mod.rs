//! Stage 6, APPRAISE: the ledger of all checks → [`Appraisal`].

mod accepted;
mod caller_id;
mod claimed;
mod facts;
mod record;
mod refused;
mod report;

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::check::{Ledger, Plan};
use crate::time::Seconds;

pub use accepted::Accepted;
pub use claimed::Claimed;
pub use record::{PlainRecord, Record, RecordedActor};
pub use refused::{Refused, Report};
pub use report::{CheckResult, Checks};

pub(crate) use facts::Facts;
pub(crate) use record::{Signed, VerifiedFacts};

use accepted::Inner;
use refused::About;

/// The result of appraising one token: a verdict, every check with its outcome, and the claims
/// only if all passed.
///
/// It prints as a table for operators and serialises without any claim.
#[must_use]
pub struct Appraisal<C>(Result<Accepted<C>, Refused>);

/// What the pipeline leaves behind: the outcome of every check, and what was verified about the token once
/// the signature had passed.
pub(crate) struct Trace {
    pub(crate) ledger: Ledger,
    /// `None` until the signature has passed.
    pub(crate) signed: Option<Signed>,
    /// Written where they stay, because they are large.
    pub(crate) facts: Facts,
    /// What the token says of itself, if it was refused before and the validator records that.
    pub(crate) claimed: Option<Box<Claimed>>,
}

impl Trace {
    pub(crate) fn new(plan: &Arc<Plan>) -> Self {
        Self { ledger: Ledger::new(plan), signed: None, facts: Facts::new(), claimed: None }
    }

    /// The refusal, with what is known of the token.
    #[cold]
    fn refuse(self, at: Seconds) -> Refused {
        let about = match self.signed {
            Some(signed) => Some(Box::new(About::Verified(signed, self.facts))),
            None => self.claimed.map(|claimed| Box::new(About::Claimed(*claimed))),
        };
        Refused::of(self.ledger, about, at)
    }

    /// What was verified, if the signature has passed.
    pub(crate) fn verified(&self) -> Option<VerifiedFacts<'_>> {
        let signed = self.signed.as_ref()?;
        Some(VerifiedFacts { signed, facts: &self.facts })
    }
}

/// The verdict of an appraisal. It is derived from the checks and never set.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Every check passed, was about an optional member that is not there, or was waived when the
    /// validator was built.
    Accepted,
    /// A check failed: the token's fault. An HTTP service answers 401.
    Rejected,
    /// No check failed, but one could not be decided. An HTTP service answers 503.
    Undetermined,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Undetermined => "undetermined",
        })
    }
}

impl<C> Appraisal<C> {
    /// Refuses a token that has no claims, because a check on the way to them failed.
    pub(crate) fn refuse(trace: Trace, at: Seconds) -> Self {
        Self(Err(trace.refuse(at)))
    }

    /// Concludes from the trace. Claims that came along with any refusal are dropped.
    #[inline]
    pub(crate) fn conclude(trace: Trace, at: Seconds, claims: C) -> Self {
        if !trace.ledger.accepts() {
            return Self(Err(trace.refuse(at)));
        }
        let Some(signed) = trace.signed else {
            return Self(Err(Refused::of(trace.ledger, None, at)));
        };
        let (facts, ledger) = (trace.facts, trace.ledger);
        Self(Ok(Accepted::new(Inner { claims, at, signed, facts, ledger })))
    }

    /// The record of the appraisal, for audit, logs and metrics.
    pub fn record(&self) -> Record<'_> {
        match &self.0 {
            Ok(accepted) => accepted.record(),
            Err(refused) => refused.record(),
        }
    }

    /// Whether the token was accepted.
    pub fn is_accepted(&self) -> bool {
        self.0.is_ok()
    }

    /// The accepted token, if it was accepted.
    pub fn accepted(&self) -> Option<&Accepted<C>> {
        self.0.as_ref().ok()
    }

    /// The refusal, if the token was not accepted.
    pub fn refused(&self) -> Option<&Refused> {
        self.0.as_ref().err()
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        match &self.0 {
            Ok(_) => Verdict::Accepted,
            Err(refused) => refused.verdict(),
        }
    }

    /// Every check that the validator has, in its order, with what became of it.
    pub fn checks(&self) -> Checks<'_> {
        match &self.0 {
            Ok(accepted) => accepted.checks(),
            Err(refused) => refused.checks(),
        }
    }

    /// The checks that failed or could not be decided.
    pub fn findings(&self) -> impl Iterator<Item = CheckResult<'_>> {
        self.checks().filter(|check| check.outcome().reason().is_some())
    }

    /// The accepted token, or the refusal, to look at.
    ///
    /// # Errors
    ///
    /// As [`Appraisal::into_result`].
    pub fn as_result(&self) -> Result<&Accepted<C>, &Refused> {
        self.0.as_ref()
    }

    /// The accepted token, or the refusal.
    ///
    /// # Errors
    ///
    /// [`Refused`] unless the verdict is [`Verdict::Accepted`]; it has no claims:
    ///
    /// ```compile_fail,E0599
    /// # use jwt_appraisal::{AccessTokenClaims, Appraisal};
    /// fn subject(appraisal: Appraisal<AccessTokenClaims>) -> Box<str> {
    ///     match appraisal.into_result() {
    ///         Ok(accepted) => accepted.claims().sub.clone(),
    ///         Err(refused) => refused.claims().sub.clone(),
    ///     }
    /// }
    /// ```
    pub fn into_result(self) -> Result<Accepted<C>, Refused> {
        self.0
    }
}

impl<C> fmt::Display for Appraisal<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        report::write_table(f, self.verdict(), self.checks())
    }
}

impl<C> fmt::Debug for Appraisal<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings: Vec<_> = self.findings().collect();
        f.debug_struct("Appraisal")
            .field("verdict", &self.verdict())
            .field("findings", &findings)
            .finish_non_exhaustive()
    }
}

impl<C> Serialize for Appraisal<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        report::serialize(serializer, self.verdict(), self.checks())
    }
}
