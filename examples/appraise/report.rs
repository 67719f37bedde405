//! An appraisal as JSON.

use jwt_appraisal::{Accepted, Appraisal, CheckResult, Outcome};
use serde::Serialize;

use crate::kinds::Claims;

/// The verdict, every check and, only if the token was accepted, its claims.
#[derive(Serialize)]
pub(crate) struct Report {
    verdict: String,
    checks: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Claims>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Appraisal<Claims>> for Report {
    fn from(appraisal: Appraisal<Claims>) -> Self {
        Self {
            verdict: appraisal.verdict().to_string(),
            checks: appraisal.checks().map(Row::from).collect(),
            claims: appraisal.into_result().ok().map(claims),
        }
    }
}

fn claims(accepted: Accepted<Claims>) -> Claims {
    accepted.claims().clone()
}

impl From<CheckResult<'_>> for Row {
    fn from(check: CheckResult<'_>) -> Self {
        Self {
            id: check.id().to_string(),
            // An absent optional member is in order, and so are keys that were ignored.
            outcome: if matches!(check.outcome(), Outcome::Absent | Outcome::Ignored(_)) {
                Outcome::Pass.name()
            } else {
                check.outcome().name()
            },
            reason: check.explanation(),
        }
    }
}
