//! What a document says of the request that a token came with.

use std::str::FromStr as _;

use jwt_appraisal::{RequestFacts, Thumbprint};
use time::Duration;

use crate::document::{Fault, Members, Place};

/// The facts by the specifications' own names; `facts` are the verifier's own.
pub(crate) const NAMES: &[&str] = &[
    "nonce",
    "access_token",
    "code",
    "state",
    "response_type",
    "max_age",
    "acr_values",
    "client_id",
    "htm",
    "htu",
    "jkt",
    "x5t#S256",
    "parent_scope",
    "facts",
];

/// Reads the facts. A `jkt` is the key that the access token is bound to, for a proof, and the key of
/// the proof, for every other kind.
pub(crate) fn expect<'v>(facts: &Members<'v>, of_proof: bool) -> Result<RequestFacts<'v>, Fault> {
    type Setter = for<'a> fn(RequestFacts<'a>, &'a str) -> RequestFacts<'a>;
    const TEXTS: &[(&str, Setter)] = &[
        ("nonce", |expect, text| expect.nonce(text)),
        ("access_token", |expect, text| expect.access_token(text)),
        ("code", |expect, text| expect.code(text)),
        ("state", |expect, text| expect.state(text)),
        ("response_type", |expect, text| expect.response_type(text)),
        ("client_id", |expect, text| expect.client_id(text)),
        ("htm", |expect, text| expect.method(text)),
        ("htu", |expect, text| expect.uri(text)),
        ("parent_scope", |expect, text| expect.parent_scopes(text.split(' '))),
    ];
    let mut expect = RequestFacts::new();
    for (name, set) in TEXTS {
        if let Some(fact) = facts.optional(name) {
            expect = set(expect, fact.text()?);
        }
    }
    if let Some(max_age) = facts.optional("max_age") {
        expect = expect.max_authentication_age(Duration::seconds(max_age.integer()?));
    }
    if let Some(values) = facts.optional("acr_values") {
        expect = expect.acr_values(acr_values(&values)?);
    }
    if let Some(jkt) = facts.optional("jkt") {
        let key = thumbprint(&jkt)?;
        expect = if of_proof { expect.bound_to(key) } else { expect.proof_key(key) };
    }
    if let Some(hash) = facts.optional("x5t#S256") {
        // Both are SHA-256 in base64url.
        expect = expect.certificate_sha256(*thumbprint(&hash)?.as_bytes());
    }
    if let Some(own) = facts.optional("facts") {
        for (name, value) in own.entries()? {
            expect = expect.fact(name, value.text()?);
        }
    }
    Ok(expect)
}

fn thumbprint(place: &Place<'_>) -> Result<Thumbprint, Fault> {
    Thumbprint::from_str(place.text()?).map_err(|error| place.fault(error.to_string()))
}

/// An array, or a text with spaces as in a request.
fn acr_values<'v>(place: &Place<'v>) -> Result<Vec<&'v str>, Fault> {
    if place.value().is_string() {
        return Ok(place.text()?.split(' ').collect());
    }
    place.texts()
}
