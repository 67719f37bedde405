//! Cases that are about a part: a hash, a subject identifier, a certificate.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{Profile, RequestFacts, SignatureAlgorithm, TrustedIssuer, Validator};
use serde_json::json;

use crate::case::{Case, key_store};
use crate::cases::Found;
use crate::document::Fault;
use crate::kinds::Claims;

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://verifier.example";

/// Whether the hash is the one that belongs to the algorithm.
pub(crate) fn hash(case: &Case<'_>) -> Result<bool, Fault> {
    let members = &case.members;
    let crv = members.optional("crv").map(|crv| crv.text()).transpose()?;
    let (alg, value) = (members.required("alg")?.text()?, members.required("value")?.text()?);
    let hash = PROVIDER.token_hash(alg, crv, value);
    let claimed = members.required("hash_claim")?.value().as_str();
    // Where no hash belongs to the algorithm, none is the right one.
    Ok(hash.is_some() && hash.as_deref() == claimed)
}

/// A security event about this subject.
pub(crate) fn subject_identifier(case: &Case<'_>) -> Result<Found, Fault> {
    let issuer = TestIssuer::new(ISSUER);
    let sub_id = case.members.required("sub_id")?.value().clone();
    let events = json!({ "https://issuer.example/event": {} });
    let draft = issuer.token("secevent+jwt").without("exp").claim("aud", AUDIENCE);
    let draft = draft.claim("jti", "event-1").claim("events", events).claim("sub_id", sub_id);
    appraise(&issuer, Profile::security_event().claims(), &draft.sign(), &RequestFacts::new())
        .map_err(|error| case.members.fault_of("sub_id", error))
}

/// An access token that is bound to this certificate, shown with it.
pub(crate) fn certificate(case: &Case<'_>) -> Result<Found, Fault> {
    let place = case.members.required("certificate_der_b64")?;
    let certificate = STANDARD.decode(place.text()?);
    let certificate = certificate.map_err(|error| place.fault(error.to_string()))?;
    let hash = digest(&SHA256, &certificate);
    let hash = hash.as_ref().try_into().map_err(|_| place.fault("has no hash"))?;
    let issuer = TestIssuer::new(ISSUER);
    let cnf = case.members.required("cnf")?.value().clone();
    let token = issuer.access_token(AUDIENCE).claim("cnf", cnf).sign();
    let expect = RequestFacts::new().certificate_sha256(hash);
    appraise(&issuer, Profile::access_token().claims(), &token, &expect)
        .map_err(|error| place.fault(error))
}

fn appraise(
    issuer: &TestIssuer,
    profile: Profile<Claims>,
    token: &str,
    expect: &RequestFacts<'_>,
) -> Result<Found, String> {
    let keys = key_store([SignatureAlgorithm::Es256], &issuer.jwks());
    let keys = keys.map_err(|error| error.to_string())?;
    let validator = Validator::builder_with(&PROVIDER, profile)
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(AUDIENCE)
        .build();
    let validator = validator.map_err(|error| error.to_string())?;
    Ok(Found::Token(validator.appraise_with(token, expect)))
}
