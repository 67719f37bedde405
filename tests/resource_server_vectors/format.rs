//! The format of `tests/vectors/resource_server.json`. What it does not say is an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suite {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    pub(crate) version: u32,
    /// In seconds since the epoch.
    pub(crate) now: i64,
    pub(crate) issuers: BTreeMap<String, IssuerKeys>,
    pub(crate) policies: BTreeMap<String, Policy>,
    pub(crate) count: usize,
    pub(crate) cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerKeys {
    pub(crate) issuer: String,
    /// None where they are unavailable.
    pub(crate) jwks: Option<Value>,
    pub(crate) algorithms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    pub(crate) resource: String,
    pub(crate) tokens: Tokens,
    pub(crate) audience: Comparison,
    pub(crate) other_audiences: OtherAudiences,
    pub(crate) issuers: Vec<String>,
    pub(crate) scopes_supported: Vec<String>,
    pub(crate) implies: BTreeMap<String, Vec<String>>,
    pub(crate) requirement: Needs,
    pub(crate) operations: Vec<Operation>,
    pub(crate) bearer: bool,
    pub(crate) dpop: Option<Proofs>,
    pub(crate) mcp: Option<Mcp>,
}

#[derive(Deserialize)]
pub(crate) enum Tokens {
    #[serde(rename = "RFC 9068")]
    Rfc9068,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Comparison {
    Exact,
    Resource,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OtherAudiences {
    Accepted,
    Refused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Needs {
    pub(crate) scopes: Vec<String>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) max_age: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) requirement: Needs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proofs {
    pub(crate) algorithms: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) previous_nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mcp {
    pub(crate) tools: BTreeMap<String, Vec<String>>,
    pub(crate) methods: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) rules: Vec<String>,
    pub(crate) comment: String,
    pub(crate) policy: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) request: Sent,
    /// An [`RequestFacts`], which a test changes.
    pub(crate) expect: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestFacts {
    pub(crate) status: Alternatives,
    /// Why there are alternatives.
    #[serde(default, rename = "reason")]
    _reason: Option<String>,
    #[serde(default)]
    pub(crate) challenges: Vec<ExpectedChallenge>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Alternatives>,
    #[serde(default)]
    pub(crate) caller: Option<Value>,
    #[serde(default)]
    pub(crate) document: Option<Document>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedChallenge {
    pub(crate) scheme: String,
    pub(crate) parameters: BTreeMap<String, Alternatives>,
    pub(crate) absent: Vec<String>,
    pub(crate) optional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) members: BTreeMap<String, Value>,
    pub(crate) optional: Vec<String>,
    pub(crate) absent: Vec<String>,
}

/// A value, or several any of which will do; null is absence. The first is the recommended one.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Alternatives {
    Several(Vec<Value>),
    One(Value),
}

impl Alternatives {
    pub(crate) fn all(&self) -> &[Value] {
        match self {
            Self::Several(values) => values,
            Self::One(value) => std::slice::from_ref(value),
        }
    }
}
