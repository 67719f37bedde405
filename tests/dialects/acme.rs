//! Two invented issuers with dialects, one that follows RFC 9068, and their good tokens.

use jwt_appraisal::dialect::{Dialect, Form, IssuerTrust};
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, JwkSet, Profile, SignatureAlgorithm, TrustedIssuer, Validator,
    ValidatorBuilder,
};
use serde_json::json;

use super::support::{
    AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, key_store, now, validator_builder,
};

pub(crate) const ACME: &str = "https://id.acme.example";
pub(crate) const ACME_2: &str = "https://id.acme.example/2";
pub(crate) const GLOBEX: &str = "https://login.globex.example/";

/// Untyped, with the client in `cid` and the scopes in an array `scp`.
pub(crate) fn acme() -> Dialect {
    Dialect::new("acme")
        .untyped()
        .is("token_use", "access")
        .has_not("nonce")
        .client("cid")
        .scopes("scp", Form::List)
}

/// With a type of its own, an array `scope`, the audience in `resource`, and long lives.
pub(crate) fn globex() -> Dialect {
    Dialect::new("globex")
        .typ("globex-at+jwt")
        .scopes("scope", Form::Either)
        .audience("resource", Form::Either)
        .max_lifetime(time::Duration::hours(28))
        .may_lack("sub")
}

/// The issuers, each with a key of its own under the same `kid`.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) acme: TestIssuer,
    pub(crate) acme_2: TestIssuer,
    pub(crate) globex: TestIssuer,
    pub(crate) standard: TestIssuer,
}

impl World {
    pub(crate) fn new() -> Self {
        let [acme, acme_2, globex, standard] = [ACME, ACME_2, GLOBEX, ISSUER].map(TestIssuer::new);
        Self { acme, acme_2, globex, standard }
    }

    /// A good token of the dialect "acme".
    pub(crate) fn acme_token(&self) -> TestToken {
        acme_token(&self.acme)
    }

    pub(crate) fn globex_token(&self) -> TestToken {
        let draft = self.globex.access_token(AUDIENCE).at(NOW).header("typ", "globex-at+jwt");
        let draft = draft.claim("resource", AUDIENCE).claim("scope", json!(["read", "write"]));
        draft.without("aud")
    }

    pub(crate) fn standard_token(&self) -> TestToken {
        self.standard.access_token(AUDIENCE).at(NOW)
    }

    /// Every issuer with its dialect.
    pub(crate) fn all(&self) -> [IssuerTrust; 4] {
        [
            trusted(&self.acme).dialect(acme()),
            trusted(&self.standard).into(),
            trusted(&self.globex).dialect(globex()),
            trusted(&self.acme_2).dialect(acme()),
        ]
    }

    /// A validator that trusts all of them.
    pub(crate) fn validator(&self) -> Validator<AccessTokenClaims> {
        self.trusting_all(Profile::access_token()).build().unwrap()
    }

    pub(crate) fn trusting_all<C>(
        &self,
        profile: Profile<C>,
    ) -> ValidatorBuilder<C, Issued, Ready> {
        validator_builder(profile).issuers(self.all()).audience(AUDIENCE)
    }

    /// A token is rejected by one check alone.
    #[track_caller]
    pub(crate) fn rejects(&self, code: &str, what: &str, token: &TestToken) {
        expect_rejected("-", &[code], what, &appraise(&self.validator(), token));
    }

    #[track_caller]
    pub(crate) fn accepts(&self, what: &str, token: &TestToken) {
        expect_accepted("-", what, &appraise(&self.validator(), token));
    }
}

/// A good token of an issuer with the dialect "acme".
pub(crate) fn acme_token(issuer: &TestIssuer) -> TestToken {
    let draft = issuer.access_token(AUDIENCE).at(NOW).without_header("typ");
    let draft = draft.claim("token_use", "access").claim("cid", "client-1");
    draft.claim("scp", json!(["read", "write"])).without("client_id").without("scope")
}

pub(crate) fn trusted(issuer: &TestIssuer) -> TrustedIssuer {
    let set = JwkSet::from_json(issuer.jwks()).unwrap();
    TrustedIssuer::new(issuer.issuer(), key_store([SignatureAlgorithm::Es256], set).unwrap())
}

/// A builder for a single issuer with a dialect.
pub(crate) fn trusting<C>(
    issuer: &TestIssuer,
    dialect: Dialect,
    profile: Profile<C>,
) -> ValidatorBuilder<C, Issued, Ready> {
    validator_builder(profile).issuer(trusted(issuer).dialect(dialect)).audience(AUDIENCE)
}

pub(crate) fn appraise<C: serde::de::DeserializeOwned>(
    validator: &Validator<C>,
    token: &TestToken,
) -> Appraisal<C> {
    validator.appraise_at(token.sign(), now())
}
