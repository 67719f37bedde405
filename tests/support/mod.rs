//! One way to mint, and one way to say what a token has to come to. Nothing else is shared.
#![expect(clippy::expect_used, reason = "a test stops where it can not go on")]

mod provider;
mod sealed;

use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, JwkSet, Profile, SignatureAlgorithm, TrustedIssuer, Validator,
    ValidatorBuilder, Verdict,
};
use time::OffsetDateTime;

pub(crate) use provider::{key_store, provider, validator_builder};
pub(crate) use sealed::{Sealed, build as build_sealed, private_key};

/// The issuer of every test.
pub(crate) const ISSUER: &str = "https://as.example.com";

/// The verifier of every test.
pub(crate) const AUDIENCE: &str = "https://api.example.com";

/// The present of every test, in seconds since the epoch.
pub(crate) const NOW: i64 = 1_800_000_000;

/// The present of every test.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW).expect("a date of the calendar")
}

/// Not every suite uses everything here.
const _: fn() = || {
    let _ = (Scene::new, Scene::signing_with, Scene::publishing, Scene::token);
    let _ = (
        Scene::validator_of::<()>,
        Scene::builder_of::<()>,
        Scene::refuses::<&str>,
        Scene::accepts::<&str>,
    );
    let _ = (findings::<()>, expect_rejected::<()>, expect_accepted::<()>);
    let _ = (Sealed::new, build_sealed, private_key);
    let _ = (now, NOW, AUDIENCE, provider, validator_builder::<(), ()>);
};

/// An issuer, and a validator of its access tokens.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) issuer: TestIssuer,
    pub(crate) validator: Validator<AccessTokenClaims>,
}

impl Scene {
    /// An issuer with one key, `k1`, for ES256.
    pub(crate) fn new() -> Self {
        Self::of(TestIssuer::new(ISSUER))
    }

    /// An issuer with one key, `k1`, for another algorithm.
    pub(crate) fn signing_with(algorithm: SignatureAlgorithm) -> Self {
        Self::of(TestIssuer::new(ISSUER).with_key(TestKey::generate("k1", algorithm)))
    }

    /// A validator for the keys and algorithms of an issuer.
    pub(crate) fn of(issuer: TestIssuer) -> Self {
        let names = issuer.keys().iter().map(TestKey::alg_name);
        let algorithms: Vec<SignatureAlgorithm> =
            names.map(|name| name.parse().expect("a signature algorithm")).collect();
        let jwks = issuer.jwks();
        Self::publishing(issuer, &jwks, &algorithms)
    }

    /// A validator for an issuer that publishes a set which is not its own.
    pub(crate) fn publishing(
        issuer: TestIssuer,
        jwks: &str,
        algorithms: &[SignatureAlgorithm],
    ) -> Self {
        let set = JwkSet::from_json(jwks).expect("a JWK set");
        let keys = key_store(algorithms.iter().copied(), set).expect("a key store");
        let validator = validator_builder(Profile::access_token())
            .issuer(TrustedIssuer::new(ISSUER, keys))
            .audience(AUDIENCE)
            .build()
            .expect("a policy");
        Self { issuer, validator }
    }

    /// The same issuer under another profile.
    pub(crate) fn validator_of<C>(&self, profile: Profile<C>) -> Validator<C> {
        self.builder_of(profile).build().expect("a policy")
    }

    /// The same issuer under another profile, for further settings.
    pub(crate) fn builder_of<C>(&self, profile: Profile<C>) -> ValidatorBuilder<C, Issued, Ready> {
        let set = JwkSet::from_json(self.issuer.jwks()).expect("a JWK set");
        let algorithm = self.issuer.key().alg_name().parse().expect("a signature algorithm");
        let keys = key_store([algorithm], set).expect("a key store");
        validator_builder(profile).issuer(TrustedIssuer::new(ISSUER, keys)).audience(AUDIENCE)
    }

    /// A draft of a good access token, issued now for five minutes.
    pub(crate) fn token(&self) -> TestToken {
        self.issuer.access_token(AUDIENCE).at(NOW)
    }

    /// Appraises in the present of the tests.
    pub(crate) fn appraise(&self, token: impl AsRef<[u8]>) -> Appraisal<AccessTokenClaims> {
        self.validator.appraise_at(token, now())
    }

    /// A row of a table: by the rule of this id, this token is rejected by this check alone.
    #[track_caller]
    pub(crate) fn refuses<T: AsRef<[u8]>>(&self, rule: &str, code: &str, what: &str, token: T) {
        expect_rejected(rule, &[code], what, &self.appraise(token));
    }

    /// A row of a table: the rule of this id does not stand in the way of this token.
    #[track_caller]
    pub(crate) fn accepts<T: AsRef<[u8]>>(&self, rule: &str, what: &str, token: T) {
        expect_accepted(rule, what, &self.appraise(token));
    }
}

/// The codes of the checks that failed or stayed open.
pub(crate) fn findings<C>(appraisal: &Appraisal<C>) -> Vec<String> {
    let findings = appraisal.findings();
    findings.map(|check| check.id().to_string()).collect()
}

#[track_caller]
pub(crate) fn expect_rejected<C>(rule: &str, codes: &[&str], what: &str, appraisal: &Appraisal<C>) {
    assert_eq!(findings(appraisal), codes, "{rule}: {what}\n{appraisal}");
    assert_eq!(appraisal.verdict(), Verdict::Rejected, "{rule}: {what}\n{appraisal}");
}

#[track_caller]
pub(crate) fn expect_accepted<C>(rule: &str, what: &str, appraisal: &Appraisal<C>) {
    assert_eq!(appraisal.verdict(), Verdict::Accepted, "{rule}: {what}\n{appraisal}");
}
