//! What an appraisal shows: its checks, as values, as a table, as JSON.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::Verdict;
use crate::check::{CheckId, Ledger, Leniency, Outcome, Reason, ReasonKind};

/// One check of an appraisal, with its outcome.
#[derive(Clone)]
pub struct CheckResult<'a> {
    id: &'a CheckId,
    outcome: Outcome,
    expects: Option<&'a str>,
}

impl<'a> CheckResult<'a> {
    pub(super) fn at(ledger: &'a Ledger, place: usize) -> Option<Self> {
        Some(Self {
            id: ledger.id(place)?,
            outcome: ledger.outcome(place),
            expects: ledger.expects(place),
        })
    }

    /// Returns the check's identity, which prints as its stable code.
    pub fn id(&self) -> &'a CheckId {
        self.id
    }

    /// Returns the check's stable code, such as `claims.exp`.
    pub fn code(&self) -> &'a str {
        self.id.as_str()
    }

    /// Returns the outcome of the check.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Returns the kind of the reason if the check failed or could not be decided.
    pub fn kind(&self) -> Option<ReasonKind> {
        self.outcome.reason().map(Reason::kind)
    }

    /// Returns what the failed check expected: names of the configuration, or a bound.
    pub fn expected(&self) -> Option<Cow<'a, str>> {
        let reason = self.outcome.reason()?;
        let configured = self.expects.filter(|_| !reason.kind().is_beside_the_value());
        reason.bound().map(Cow::Owned).or_else(|| configured.map(Cow::Borrowed))
    }

    /// Returns the value that the failed check found: its JSON type, its length, a time, or a name from
    /// this crate's tables. Of an issuer, audience, client or scope it is the value itself, escaped and
    /// cut, if the signature passed.
    pub fn found(&self) -> Option<String> {
        self.outcome.reason()?.found()
    }

    /// Returns the sentence that says why the check failed or could not be decided, with what was found
    /// and what was expected.
    pub fn explanation(&self) -> Option<String> {
        let reason = self.outcome.reason()?;
        Some(reason.sentence(self.expected().as_deref()))
    }
}

impl fmt::Debug for CheckResult<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.outcome.name())?;
        match (&self.outcome, self.explanation()) {
            (Outcome::Ignored(keys), _) => write!(f, " ({keys})"),
            (Outcome::Lenient(leniencies), _) => write!(f, " ({leniencies})"),
            (_, Some(explanation)) => write!(f, " ({explanation})"),
            (_, None) => Ok(()),
        }
    }
}

/// The checks of an appraisal, in the order of the plan.
#[derive(Clone)]
pub struct Checks<'a> {
    ledger: &'a Ledger,
    next: usize,
}

impl<'a> Checks<'a> {
    pub(super) fn of(ledger: &'a Ledger) -> Self {
        Self { ledger, next: 0 }
    }
}

impl<'a> Iterator for Checks<'a> {
    type Item = CheckResult<'a>;

    fn next(&mut self) -> Option<CheckResult<'a>> {
        let check = CheckResult::at(self.ledger, self.next)?;
        self.next = self.next.saturating_add(1);
        Some(check)
    }
}

impl fmt::Debug for Checks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// A table that an operator can read: the verdict, then a line a check.
pub(super) fn write_table(
    f: &mut fmt::Formatter<'_>,
    verdict: Verdict,
    checks: Checks<'_>,
) -> fmt::Result {
    let lengths = checks.clone().map(|check| check.id().as_str().len());
    let width = lengths.max().unwrap_or(0);
    write!(f, "{verdict}")?;
    for check in checks {
        write!(f, "\n  {:<width$}  ", check.id().as_str())?;
        f.write_str(match check.outcome() {
            Outcome::Pass => "pass",
            Outcome::Ignored(_) => "ignored",
            Outcome::Lenient(_) => "lenient",
            Outcome::Absent => "absent",
            Outcome::Fail(_) => "FAIL",
            Outcome::Undetermined(_) => "UNDETERMINED",
            Outcome::NotReached => "-",
            Outcome::Waived => "waived",
        })?;
        if let Outcome::Ignored(keys) = check.outcome() {
            write!(f, "  {keys}")?;
        }
        if let Outcome::Lenient(leniencies) = check.outcome() {
            write!(f, "  {leniencies}")?;
        }
        if let Some(explanation) = check.explanation() {
            write!(f, "  {explanation}")?;
        }
    }
    Ok(())
}

/// The verdict and the checks; never a claim.
pub(super) fn serialize<S: Serializer>(
    serializer: S,
    verdict: Verdict,
    checks: Checks<'_>,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("verdict", &verdict.to_string())?;
    map.serialize_entry("checks", &SerializedChecks(checks))?;
    map.end()
}

pub(super) struct SerializedChecks<'a>(pub(super) Checks<'a>);

impl Serialize for SerializedChecks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for check in self.0.clone() {
            list.serialize_element(&check)?;
        }
        list.end()
    }
}

impl Serialize for CheckResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.id.as_str())?;
        map.serialize_entry("outcome", self.outcome.name())?;
        if let Outcome::Ignored(keys) = &self.outcome {
            map.serialize_entry("ignored", &keys.names().collect::<Vec<_>>())?;
        }
        if let Outcome::Lenient(leniencies) = &self.outcome {
            let names: Vec<_> = leniencies.iter().map(Leniency::name).collect();
            map.serialize_entry("leniencies", &names)?;
        }
        if let Some(explanation) = self.explanation() {
            map.serialize_entry("reason", &explanation)?;
        }
        if let Some(kind) = self.kind() {
            map.serialize_entry("kind", kind.name())?;
        }
        if let Some(expected) = self.expected() {
            map.serialize_entry("expected", &*expected)?;
        }
        if let Some(found) = self.found() {
            map.serialize_entry("found", &found)?;
        }
        map.end()
    }
}
