//! A refused token: its checks, and no claims.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Verdict;
use super::claimed::Claimed;
use super::facts::Facts;
use super::record::{Record, Signed, VerifiedFacts};
use super::report::{CheckResult, Checks, serialize};
use crate::check::Ledger;
use crate::check::ReasonKind;
use crate::time::Seconds;

/// A token that was not accepted.
///
/// It prints as one line, for a log. Both kinds fail closed; what differs is whom to blame.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a service has to answer both")]
pub enum Refused {
    /// The token's fault: 401.
    Rejected(Report),
    /// Nobody's fault yet: the validator could not tell, for want of keys: 503.
    Undetermined(Report),
}

/// The checks of a token that was not accepted, and what was verified about it.
pub struct Report {
    ledger: Ledger,
    at: Seconds,
    about: Option<Box<About>>,
}

/// What is known about a token that was refused.
#[expect(clippy::large_enum_variant, reason = "it is boxed, and the small variant is rare")]
pub(super) enum About {
    /// What it says of itself, if the signature did not pass and the validator records that.
    Claimed(Claimed),
    /// What the signature verified.
    Verified(Signed, Facts),
}

impl Refused {
    /// Any failed check is a rejection, unless every failed check could not be decided.
    pub(super) fn of(ledger: Ledger, about: Option<Box<About>>, at: Seconds) -> Self {
        let any = ledger.reasons().next().is_some();
        let all_open = ledger.reasons().all(|(_, kind)| kind.is_undetermined());
        let report = Report { ledger, at, about };
        if any && all_open { Self::Undetermined(report) } else { Self::Rejected(report) }
    }

    /// The record of the appraisal. It has facts about the token only if the signature passed.
    pub fn record(&self) -> Record<'_> {
        let report = self.report();
        let record = |verified| Record::new(&report.ledger, self.verdict(), report.at, verified);
        match report.about.as_deref() {
            None => record(None),
            Some(About::Claimed(claimed)) => record(None).with_claimed(claimed),
            Some(About::Verified(signed, facts)) => record(Some(VerifiedFacts { signed, facts })),
        }
    }

    /// [`Verdict::Rejected`] or [`Verdict::Undetermined`].
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Rejected(_) => Verdict::Rejected,
            Self::Undetermined(_) => Verdict::Undetermined,
        }
    }

    /// Every check that the validator has, in its order.
    pub fn checks(&self) -> Checks<'_> {
        Checks::of(self.ledger())
    }

    /// The check that says most: a forged token or a wrong party ranks above a stale token.
    pub fn reason(&self) -> Option<CheckResult<'_>> {
        let most = |(place, kind): &(usize, ReasonKind)| (kind.rank(), std::cmp::Reverse(*place));
        let (place, _) = self.ledger().reasons().max_by_key(most)?;
        CheckResult::at(self.ledger(), place)
    }

    /// Whether the token has merely expired: every other check of this crate on it passed. Whether
    /// it fits the claims type, and the caller's own rules, are not looked at then. A token beside a DPoP
    /// proof has never merely expired, because its proof is not verified then.
    pub fn is_only_expired(&self) -> bool {
        let mut reasons = self.ledger().reasons();
        let expired = reasons.next().is_some_and(|(_, kind)| kind == ReasonKind::Expired);
        expired && reasons.next().is_none() && self.ledger().has_no_second()
    }

    /// Whether the token names a key that the issuer's store does not have: then, if
    /// [`KeyStore::may_refresh`](crate::KeyStore::may_refresh) agrees, the keys may have rotated.
    pub fn names_unknown_key(&self) -> bool {
        let mut reasons = self.ledger().reasons();
        let unknown = [ReasonKind::UnknownKey, ReasonKind::UnknownKeyForNow];
        reasons.any(|(_, kind)| unknown.contains(&kind))
    }

    /// Whether the token may be accepted once newer keys of its issuer are there: it names a key that is
    /// unknown or could not be used, or there are none that may be used.
    pub fn may_succeed_after_refresh(&self) -> bool {
        self.ledger().reasons().any(|(_, kind)| kind.may_succeed_after_refresh())
    }

    /// Whether the DPoP proof that came with the token was refused.
    #[cfg(feature = "http")]
    pub(crate) fn is_about_proof(&self) -> bool {
        self.ledger().second_has_failed()
    }

    fn ledger(&self) -> &Ledger {
        &self.report().ledger
    }

    fn report(&self) -> &Report {
        match self {
            Self::Rejected(report) | Self::Undetermined(report) => report,
        }
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verdict())?;
        let mut separator = ": ";
        for check in self.checks() {
            if let Some(explanation) = check.explanation() {
                write!(f, "{separator}{}: {explanation}", check.id())?;
                separator = "; ";
            }
        }
        Ok(())
    }
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(serializer, self.verdict(), self.checks())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks = Checks::of(&self.ledger);
        let findings = checks.filter(|check| check.outcome().reason().is_some());
        f.debug_list().entries(findings).finish()
    }
}
