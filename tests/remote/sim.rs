//! A cache, its validator, and a clock that moves when it is told to.

use jwt_appraisal::remote::{
    FetchAnswer, FetchRequest, JwksCache, JwksCacheBuilder, Status, Step, Update,
};
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, Profile, SignatureAlgorithm, Validator, Verdict,
};
use serde_json::json;
use time::OffsetDateTime;

use super::support::{AUDIENCE, ISSUER, NOW, provider, validator_builder};

/// Where the keys of the issuer of every test are.
pub(crate) const KEYS: &str = "https://as.example.com/keys";

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3600;

pub(crate) struct Sim {
    pub(crate) cache: JwksCache,
    pub(crate) validator: Validator<AccessTokenClaims>,
    /// Seconds since the epoch.
    pub(crate) now: i64,
}

/// Settings for the issuer of every test, whose metadata says where its keys are.
pub(crate) fn discovering() -> JwksCacheBuilder {
    JwksCache::issuer(ISSUER).algorithms([SignatureAlgorithm::Es256]).provider(provider())
}

/// The same where the caller says it.
pub(crate) fn known() -> JwksCacheBuilder {
    discovering().jwks_uri(KEYS)
}

/// The issuer with a key of this `kid`.
pub(crate) fn issuer(kid: &str) -> TestIssuer {
    TestIssuer::new(ISSUER).with_key(TestKey::generate(kid, SignatureAlgorithm::Es256))
}

pub(crate) fn metadata() -> FetchAnswer {
    let metadata = json!({"issuer": ISSUER, "jwks_uri": KEYS});
    FetchAnswer::new(200, metadata.to_string())
}

pub(crate) fn keys(issuer: &TestIssuer) -> FetchAnswer {
    FetchAnswer::new(200, issuer.jwks())
}

impl Sim {
    pub(crate) fn new(builder: JwksCacheBuilder) -> Self {
        let cache = builder.build().unwrap();
        let validator = validator_builder(Profile::access_token())
            .issuer(cache.trusted_issuer())
            .audience(AUDIENCE)
            .build()
            .unwrap();
        Self { cache, validator, now: NOW }
    }

    pub(crate) fn at(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.now).unwrap()
    }

    /// The request that is due now.
    #[track_caller]
    pub(crate) fn request(&self) -> FetchRequest {
        self.request_at(self.now)
    }

    /// The request that is due at a second.
    #[track_caller]
    pub(crate) fn request_at(&self, now: i64) -> FetchRequest {
        match self.cache.poll(OffsetDateTime::from_unix_timestamp(now).unwrap()) {
            Step::Fetch(request) => request,
            other => unreachable!("a request is due: {other:?}"),
        }
    }

    /// For how many seconds there is nothing to do.
    #[track_caller]
    pub(crate) fn wait(&self) -> i64 {
        match self.cache.poll(self.at()) {
            Step::WaitUntil(due) => due.unix_timestamp() - self.now,
            other => unreachable!("nothing is due: {other:?}"),
        }
    }

    pub(crate) fn complete(&self, request: FetchRequest, answer: FetchAnswer) -> Update {
        self.cache.complete(request, answer, self.at())
    }

    /// Answers the request that is due now.
    #[track_caller]
    pub(crate) fn serve(&self, answer: FetchAnswer) -> Update {
        self.complete(self.request(), answer)
    }

    /// Keys arrive.
    #[track_caller]
    pub(crate) fn load(&self, issuer: &TestIssuer) {
        let update = self.serve(keys(issuer));
        assert!(matches!(update, Update::Replaced { .. }), "{update}");
    }

    /// Answers everything that is due in the next seconds.
    pub(crate) fn drive(&mut self, seconds: i64, mut answer: impl FnMut(&str, i64) -> FetchAnswer) {
        let end = self.now + seconds;
        loop {
            match self.cache.poll(self.at()) {
                Step::Fetch(request) => {
                    let answer = answer(request.url(), self.now);
                    self.complete(request, answer);
                }
                Step::WaitUntil(due) if due.unix_timestamp() > end => break,
                Step::WaitUntil(due) => self.now = due.unix_timestamp(),
                other => unreachable!("{other:?}"),
            }
        }
        self.now = end;
    }

    pub(crate) fn appraise(&self, issuer: &TestIssuer) -> Appraisal<AccessTokenClaims> {
        let token = issuer.access_token(AUDIENCE).at(self.now).sign();
        self.validator.appraise_at(token, self.at())
    }

    /// What becomes of a fresh token of an issuer.
    pub(crate) fn verdict(&self, issuer: &TestIssuer) -> Verdict {
        self.appraise(issuer).verdict()
    }

    pub(crate) fn status(&self) -> Status {
        self.cache.status(self.at())
    }
}
