//! What has to hold for any input. The fuzzer looks for inputs; `cargo test` holds the seeds to it.
//!
//! Keys and time are fixed, so that an input that was found is found again.

#![expect(clippy::unwrap_used, reason = "a property that does not hold has to stop the fuzzer")]

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use jwt_appraisal::testing::{TestIssuer, TestKey, compact as sign};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, CheckId, CheckResult, Jwk, JwkSet, KeyNote, KeyNoteKind,
    KeyStore, MacAlgorithm, Outcome, Profile, Reason, ReasonKind, SharedSecret, SignatureAlgorithm,
    TrustedIssuer, Validator, Verdict,
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::document::Document;
use crate::policy::Policy;
use crate::values::same;

pub(crate) const ISSUER: &str = "https://as.example.com";
pub(crate) const AUDIENCE: &str = "https://api.example.com";
const NOW: i64 = 1_800_000_000;

/// The key that signs where an input is to be signed.
static KEY: LazyLock<TestKey> =
    LazyLock::new(|| TestKey::secret("k1", MacAlgorithm::Hs256, SIGNING));

pub(crate) const SIGNING: &[u8] = b"the key that signs fuzzed claims";

/// The secret that nothing is signed with.
pub(crate) const UNUSED: &[u8] = b"the key that never signs a thing";

/// Public keys of an issuer, from RFC 7517 §A.1 and RFC 8037 §A.2.
const PUBLISHED: &str = include_str!("../seeds/jwk_set/published.json");

/// Any bytes get an appraisal that prints. Without a key to sign with, none accepts.
pub fn compact(input: &[u8]) {
    static SECRET: LazyLock<Validator<AccessTokenClaims>> =
        LazyLock::new(|| with_secret(UNUSED, Profile::access_token()));
    static SEVERAL: LazyLock<Validator<AccessTokenClaims>> = LazyLock::new(several_issuers);
    for validator in [&SECRET, &SEVERAL] {
        let appraisal = validator.appraise_at(input, now());
        assert_ne!(appraisal.verdict(), Verdict::Accepted, "{appraisal}");
        assert_sound(&appraisal);
    }
}

/// Strict JSON is a part of what `serde_json` reads, it reads the same, and where it refuses what
/// `serde_json` reads, it is for a reason that it names.
pub fn json(input: &[u8]) {
    let member = [
        br#"{"iss":"https://as.example.com","aud":"https://api.example.com","exp":1800000300,"x":"#,
        input,
        b"}",
    ];
    for claims in [input.to_vec(), member.concat()] {
        assert_strict(&claims);
    }
}

fn assert_strict(claims: &[u8]) {
    static VALIDATOR: LazyLock<Validator<Value>> =
        LazyLock::new(|| with_secret(SIGNING, Profile::new("fuzz+jwt")));
    let header = br#"{"typ":"fuzz+jwt","alg":"HS256","kid":"k1"}"#;
    // Only a JWS with detached content has an empty payload.
    if claims.is_empty() {
        return;
    }
    let token = sign(header, claims, &KEY);
    let appraisal = VALIDATOR.appraise_at(&token, now());
    assert_sound(&appraisal);
    let theirs = serde_json::from_slice::<Value>(claims);
    let read = outcome(&appraisal, "payload.json");
    match read.reason() {
        _ if token.len() > LONGEST => {}
        None => assert!(read == Outcome::Pass && theirs.is_ok(), "{theirs:?}: {appraisal}"),
        Some(reason) => assert!(is_stricter(reason.kind()) || theirs.is_err(), "{appraisal}"),
    }
    if let Ok(accepted) = appraisal.into_result() {
        assert!(same(accepted.claims(), &theirs.unwrap()));
    }
}

/// The default limit on a token's length.
const LONGEST: usize = 16 * 1024;

/// What is refused here and not by `serde_json`.
fn is_stricter(kind: ReasonKind) -> bool {
    use ReasonKind as Kind;
    matches!(
        kind,
        Kind::DuplicateName
            | Kind::ReservedName
            | Kind::TooDeep
            | Kind::TooMany
            | Kind::NumberRange
            | Kind::NotAnObject
    )
}

/// Any bytes are a set or an error; each key of a set is usable or named with what is wrong.
pub fn jwk_set(input: &[u8]) {
    if let Ok(jwk) = Jwk::from_json(input) {
        let _ = (format!("{jwk:?}"), jwk.thumbprint().uri());
        for alg in MacAlgorithm::ALL {
            let _ = SharedSecret::from_jwk(*alg, &jwk).map_err(|error| error.to_string());
        }
    }
    match JwkSet::from_json(input) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(set) => assert_all_accounted_for(&set),
    }
}

fn assert_all_accounted_for(set: &JwkSet) {
    use SignatureAlgorithm as Alg;
    let _ = format!("{set:?}");
    let all = set.keys().count().saturating_add(set.invalid_keys().count());
    for algorithms in [Alg::ALL, &[Alg::Rs256, Alg::Es256, Alg::Ed25519]] {
        let keys = KeyStore::new(algorithms.iter().copied(), set.clone()).unwrap();
        let report = keys.report();
        let skipped = report.skipped();
        let duplicate = |note: &&KeyNote| matches!(note.kind(), KeyNoteKind::Duplicate { .. });
        let duplicates = report.notes().iter().filter(duplicate).count();
        let counted = report.usable().saturating_add(skipped.len()).saturating_add(duplicates);
        assert_eq!(counted, all, "{report}");
        let indices: Vec<_> = skipped.iter().map(|problem| problem.index().unwrap()).collect();
        assert!(indices.is_sorted_by(|one, next| one < next), "{report:?}");
        assert!(indices.iter().all(|index| *index < all), "{report:?}");
        assert!(skipped.iter().all(|problem| !problem.to_string().contains('\n')));
    }
}

/// A good token with any edit is refused; the same bytes are accepted.
///
/// The input is an edit: two bytes say where, one how many characters to take out, the rest is put
/// in their place.
pub fn mutate(input: &[u8]) {
    static GOOD: LazyLock<String> = LazyLock::new(good_token);
    static VALIDATOR: LazyLock<Validator<AccessTokenClaims>> =
        LazyLock::new(|| with_secret(SIGNING, Profile::access_token()));
    let good = GOOD.as_bytes();
    let edited = edit(good, input);
    let appraisal = VALIDATOR.appraise_at(&edited, now());
    let accepted = appraisal.verdict() == Verdict::Accepted;
    assert_eq!(accepted, edited == good, "{appraisal}");
    assert_sound(&appraisal);
}

pub(crate) fn edit(good: &[u8], input: &[u8]) -> Vec<u8> {
    let [high, low, out, put @ ..] = input else {
        return good.to_vec();
    };
    let at = usize::from(u16::from_be_bytes([*high, *low])).min(good.len());
    let (before, after) = good.split_at(at);
    let (_, kept) = after.split_at(usize::from(*out).min(after.len()));
    [before, put, kept].concat()
}

/// No claim is looked at unless the signature passed, and it passes only if we signed.
///
/// The input is the header, a line break, the payload, and, for what is not to be signed, another
/// line break and the bytes of a signature.
pub fn never_claims(input: &[u8]) {
    static VALIDATOR: LazyLock<Validator<AccessTokenClaims>> =
        LazyLock::new(|| with_secret(SIGNING, Profile::access_token()));
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let (header, payload) = (lines.next().unwrap_or(b""), lines.next().unwrap_or(b""));
    let token = sign(header, payload, &KEY);
    let token = match lines.next() {
        None => token,
        Some(signature) => resign(&token, signature),
    };
    let appraisal = VALIDATOR.appraise_at(&token, now());
    assert_sound(&appraisal);
    let believed = outcome(&appraisal, "crypto.signature") == Outcome::Pass;
    assert!(!believed || token == sign(header, payload, &KEY), "{appraisal}");
}

/// The token with other bytes in place of the signature.
fn resign(token: &str, signature: &[u8]) -> String {
    let draft = TestIssuer::new(ISSUER).token("any").signature(signature);
    let (signing_input, _) = token.rsplit_once('.').unwrap();
    let other = draft.sign();
    let (_, signature) = other.rsplit_once('.').unwrap();
    format!("{signing_input}.{signature}")
}

/// Any bytes are a policy or a fault in one line. What builds is strict JSON, builds again from the
/// same document written anew, appraises soundly, and believes nobody whose key it was not given.
pub fn policy(input: &[u8]) {
    static FORGED: LazyLock<String> = LazyLock::new(good_token);
    if names_a_file(input) {
        return;
    }
    let document = Document::parse(input);
    let policy = document.as_ref().map_err(ToString::to_string).and_then(read_policy);
    match policy {
        Err(text) => {
            assert!(!text.is_empty() && !text.chars().any(char::is_control), "{text:?}");
        }
        Ok(policy) => {
            for token in [FORGED.as_bytes(), b"", input] {
                let appraisal = policy.appraise(token);
                assert_ne!(appraisal.verdict(), Verdict::Accepted, "{appraisal}");
                assert_sound(&appraisal);
            }
            let value: Value = serde_json::from_slice(input).unwrap();
            let again = Document::parse(value.to_string().as_bytes()).unwrap();
            let again = read_policy(&again).unwrap();
            assert_eq!(format!("{policy:?}"), format!("{again:?}"));
        }
    }
}

fn read_policy(document: &Document) -> Result<Policy<'_>, String> {
    let policy = document.root().and_then(|root| Policy::read(&root, Path::new("")));
    policy.map_err(|fault| fault.to_string())
}

/// What is fuzzed is the document, and not the files of the machine.
fn names_a_file(json: &[u8]) -> bool {
    let document: Value = serde_json::from_slice(json).unwrap_or_default();
    let parties = ["issuers", "clients"].iter().filter_map(|list| document.get(list)?.as_array());
    let mut owners = parties.flatten().chain(document.get("decrypt"));
    owners.any(|owner| owner.get("jwks_file").is_some())
}

/// What holds for every appraisal.
pub(crate) fn assert_sound<C>(appraisal: &Appraisal<C>) {
    let checks: Vec<_> = appraisal.checks().collect();
    let refusing = checks.iter().any(|check| check.outcome().refuses());
    assert_eq!(appraisal.verdict() == Verdict::Accepted, !refusing);
    let signed = outcome(appraisal, "crypto.signature") == Outcome::Pass;
    let looked_at = |check: &&CheckResult<'_>| *check.outcome() != Outcome::NotReached;
    for check in checks.iter().filter(looked_at) {
        assert!(signed || !is_about_claims(check.id()), "{appraisal}");
    }
    if is_new(&checks) {
        assert_prints(appraisal, checks.len());
    }
}

/// Nothing of an inner token is looked at unless it was opened.
pub(crate) fn assert_opened_first<C>(appraisal: &Appraisal<C>) {
    let opened = outcome(appraisal, "jwe.decrypt") == Outcome::Pass;
    let inner = appraisal.checks().skip_while(|check| check.id() != "form.compact");
    for check in inner {
        assert!(opened || *check.outcome() == Outcome::NotReached, "{appraisal}");
    }
}

fn is_about_claims(id: &CheckId) -> bool {
    ["payload.", "claims.", "time."].iter().any(|stage| id.as_str().starts_with(stage))
}

/// Printing takes far longer than appraising, so each set of outcomes is printed once.
fn is_new(checks: &[CheckResult<'_>]) -> bool {
    static PRINTED: LazyLock<Mutex<HashSet<u64>>> = LazyLock::new(Mutex::default);
    let mut hasher = DefaultHasher::new();
    for outcome in checks.iter().map(CheckResult::outcome) {
        std::mem::discriminant(outcome).hash(&mut hasher);
        outcome.reason().map(Reason::kind).hash(&mut hasher);
    }
    PRINTED.lock().unwrap().insert(hasher.finish())
}

/// Every form renders, and whatever a token says, a line stays a line.
fn assert_prints<C>(appraisal: &Appraisal<C>, checks: usize) {
    let (table, debug) = (appraisal.to_string(), format!("{appraisal:?}"));
    let json = serde_json::to_string(appraisal).unwrap();
    assert_eq!(table.lines().count(), checks.saturating_add(1));
    for text in [table.replace('\n', ""), debug, json] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}

pub(crate) fn outcome<C>(appraisal: &Appraisal<C>, id: &str) -> Outcome {
    let mut checks = appraisal.checks();
    let check = checks.find(|check| check.id() == id).unwrap();
    check.outcome().clone()
}

pub(crate) fn with_secret<C>(secret: &[u8], profile: Profile<C>) -> Validator<C> {
    let secret = SharedSecret::new(MacAlgorithm::Hs256, secret).unwrap();
    Validator::builder(profile).shared_secret(ISSUER, secret).audience(AUDIENCE).build().unwrap()
}

fn several_issuers() -> Validator<AccessTokenClaims> {
    let issuers = [ISSUER, "joe"].map(|name| {
        let algorithms =
            [SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa];
        let set = JwkSet::from_json(PUBLISHED).unwrap();
        TrustedIssuer::new(name, KeyStore::new(algorithms, set).unwrap())
    });
    Validator::builder(Profile::access_token()).issuers(issuers).audience(AUDIENCE).build().unwrap()
}

pub(crate) fn good_token() -> String {
    let issuer = TestIssuer::new(ISSUER).with_key(KEY.clone());
    let draft = issuer.access_token(AUDIENCE).at(NOW).claim("jti", "j1");
    draft.sign()
}

/// The key that signs.
pub(crate) fn secret_key() -> TestKey {
    KEY.clone()
}

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW).unwrap()
}
