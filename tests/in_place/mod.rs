//! Suites that are read where they lie: where that is, and what this crate says to their tokens.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

#[path = "../support/provider.rs"]
mod provider;
#[path = "../support/vectors.rs"]
mod vectors;

use jwt_appraisal::crypto::aws_lc_rs;
use jwt_appraisal::{
    Appraisal, CheckResult, ConfigError, ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys,
    InvalidKey, Jwk, JwkSet, KeyError, KeyManagementAlgorithm, KeyStore, MacAlgorithm, Outcome,
    SharedSecret, SignatureAlgorithm, TrustedIssuer, Validator, Verdict, danger,
};
use provider::validator_builder;
pub(crate) use provider::{key_store, provider};
use serde_json::{Value, json};
use time::OffsetDateTime;
pub(crate) use vectors::{find, read};

/// The issuer of the one token that has one.
const ISSUER: &str = "hobbiton.example";

/// A second before that token expires.
const NOW: i64 = 1_300_819_379;

/// Why something was refused: for each finding the check and the kind of reason, such as
/// `form.compact Encrypted`, for each faulty key the member and the fault, such as `n Roca`.
pub(crate) type Refusal = String;

/// A policy for one issuer's keys: any type, any audience.
pub(crate) struct Policy {
    validator: Validator<Value>,
    /// The keys of the set that can not be used.
    problems: Vec<InvalidKey>,
}

impl Policy {
    /// Trusts one key, by one algorithm.
    pub(crate) fn of_key(key: &Value, algorithm: &str) -> Result<Self, Refusal> {
        match (algorithm.parse::<MacAlgorithm>(), algorithm.parse::<SignatureAlgorithm>()) {
            (Ok(mac), _) => Self::of_secret(key, mac),
            (_, Ok(signature)) => Self::of_set(&json!({ "keys": [key] }), [signature]),
            (Err(_), Err(_)) => Err(format!("{algorithm} is no algorithm")),
        }
    }

    /// Trusts a published set of keys, by these algorithms.
    pub(crate) fn of_set(
        set: &Value,
        algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    ) -> Result<Self, Refusal> {
        let set = JwkSet::from_json(set.to_string()).map_err(|error| key_error(&error))?;
        let keys = key_store(algorithms, set).map_err(|error| key_error(&error))?;
        let problems = keys.report().skipped().to_vec();
        let profile = danger::without_audience(danger::untyped_profile());
        let builder = validator_builder(profile).issuer(TrustedIssuer::new(ISSUER, keys));
        let validator = builder.build().map_err(|error| config_error(&error))?;
        Ok(Self { validator, problems })
    }

    fn of_secret(key: &Value, algorithm: MacAlgorithm) -> Result<Self, Refusal> {
        let jwk = Jwk::from_json(key.to_string()).map_err(|error| key_error(&error))?;
        let secret = SharedSecret::from_jwk(algorithm, &jwk).map_err(|error| key_error(&error))?;
        let profile = danger::without_audience(danger::untyped_profile());
        let builder = validator_builder(profile).shared_secret(ISSUER, secret);
        let validator = builder.build().map_err(|error| config_error(&error))?;
        Ok(Self { validator, problems: Vec::new() })
    }

    pub(crate) fn verdict(&self, token: &str) -> Verdict {
        self.appraise(token).verdict()
    }

    /// Why the token is refused, if it is: where the payload is no claims set, why its signature is.
    pub(crate) fn refusal(&self, token: &str) -> Option<Refusal> {
        let appraisal = self.appraise(token);
        let passed = |code| {
            let mut checks = appraisal.checks();
            checks.any(|check| check.id() == code && *check.outcome() == Outcome::Pass)
        };
        let only_signed = passed("crypto.signature") && !passed("payload.json");
        if appraisal.verdict() == Verdict::Accepted || only_signed {
            return None;
        }
        let keys = self.problems.iter().map(key_problem);
        Some(appraisal.findings().map(finding).chain(keys).collect::<Vec<_>>().join(", "))
    }

    fn appraise(&self, token: &str) -> Appraisal<Value> {
        self.validator.appraise_at(token, OffsetDateTime::from_unix_timestamp(NOW).unwrap())
    }
}

/// What a recipient says to encrypted tokens: any content encryption, any content type, and
/// compressed content too. The provider is the one that has every algorithm.
pub(crate) struct Recipient(Validator<Value>);

impl Recipient {
    /// Decrypts with one key, by one algorithm. The inner token is signed by this key.
    pub(crate) fn of_key(
        key: &Value,
        algorithm: &str,
        signed_by: Option<(&Value, SignatureAlgorithm)>,
    ) -> Result<Self, Refusal> {
        let key = DecryptionKey::from_jwk(key.to_string()).map_err(|error| key_error(&error))?;
        Self::of(key, algorithm, signed_by)
    }

    /// Decrypts with a password.
    pub(crate) fn of_password(password: &str, algorithm: &str) -> Result<Self, Refusal> {
        Self::of(DecryptionKey::from_secret(password.as_bytes()).unwrap(), algorithm, None)
    }

    fn of(
        key: DecryptionKey,
        algorithm: &str,
        signed_by: Option<(&Value, SignatureAlgorithm)>,
    ) -> Result<Self, Refusal> {
        let algorithm: KeyManagementAlgorithm =
            algorithm.parse().map_err(|_| format!("{algorithm} is no key management"))?;
        let all = ContentEncryptionAlgorithm::ALL.iter().copied();
        let keys = DecryptionKeys::new([key], [algorithm], all).allow_deflate();
        let (keys_of, signature) =
            signed_by.map_or((json!([]), SignatureAlgorithm::Es256), |it| (json!([it.0]), it.1));
        let set = JwkSet::from_json(json!({ "keys": keys_of }).to_string()).unwrap();
        let store = KeyStore::with_provider(&aws_lc_rs::PROVIDER, [signature], set).unwrap();
        let profile = danger::without_audience(danger::untyped_profile());
        let builder = Validator::builder_with(&aws_lc_rs::PROVIDER, profile)
            .issuer(TrustedIssuer::new(ISSUER, store))
            .encrypted_to(danger::without_content_type(keys));
        builder.build().map(Self).map_err(|error| config_error(&error))
    }

    pub(crate) fn verdict(&self, token: &str) -> Verdict {
        self.appraise(token).verdict()
    }

    /// Why the token is not opened, if it is not.
    pub(crate) fn refusal(&self, token: &str) -> Option<Refusal> {
        let appraisal = self.appraise(token);
        let passed = |code| {
            let mut checks = appraisal.checks();
            checks.any(|check| check.id() == code && *check.outcome() == Outcome::Pass)
        };
        let outer = |check: &CheckResult<'_>| {
            let code = check.id().as_str();
            code == "form.size" || code == "form.jwe" || code.starts_with("jwe.")
        };
        let findings: Vec<_> = appraisal.findings().filter(outer).map(finding).collect();
        assert_eq!(findings.is_empty(), passed("jwe.decrypt"), "{appraisal}");
        (!findings.is_empty()).then(|| findings.join(", "))
    }

    fn appraise(&self, token: &str) -> Appraisal<Value> {
        self.0.appraise_at(token, OffsetDateTime::from_unix_timestamp(NOW).unwrap())
    }
}

/// Not every suite has encrypted tokens.
const _: fn() = || {
    let _ = (Recipient::of_key, Recipient::of_password, Recipient::verdict, Recipient::refusal);
};

fn finding(check: CheckResult<'_>) -> String {
    let kind = check.outcome().reason().map(|reason| reason.kind());
    format!("{} {:?}", check.id(), kind.unwrap())
}

fn key_error(error: &KeyError) -> Refusal {
    if let KeyError::Key(problem) = error {
        return key_problem(problem);
    }
    format!("{error:?}")
}

fn key_problem(problem: &InvalidKey) -> Refusal {
    format!("{} {:?}", problem.member().unwrap_or("key"), problem.kind())
}

fn config_error(error: &ConfigError) -> Refusal {
    if let ConfigError::UnsupportedByProvider { algorithm, .. } = error {
        return format!("UnsupportedByProvider {algorithm}");
    }
    if let ConfigError::DecryptionKey(problem) = error {
        return key_problem(problem);
    }
    format!("{error:?}")
}
