//! One good token and one validator for each kind, all with the same party, key, audience and
//! algorithm.

use std::cell::Cell;
use std::sync::Arc;

use jwt_appraisal::kind::tag::SignedByClient;
use jwt_appraisal::kind::tag::SignedByHolder;
use jwt_appraisal::kind::{self, AnyProfile, Kind};
use jwt_appraisal::rules::Presence;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    Appraisal, JwkSet, KeyStore, MemoryReplayGuard, Profile, RequestFacts, SignatureAlgorithm,
    TrustedIssuer, Validator, ValidatorBuilder,
};
use serde_json::{Value, json};

use super::support::{
    AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, key_store, now, validator_builder,
};

pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";
pub(crate) const STATE: &str = "af0ifjsldkj";
pub(crate) const METHOD: &str = "POST";
pub(crate) const URI: &str = "https://api.example.com/files";
pub(crate) const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
pub(crate) const EVENT: &str =
    "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

/// Who signs everything, as an issuer or as a client.
#[derive(Clone, Debug)]
pub(crate) struct Party(pub(crate) TestIssuer);

impl Party {
    pub(crate) fn new() -> Self {
        Self(TestIssuer::new(ISSUER))
    }

    fn keys(&self) -> KeyStore {
        let set = JwkSet::from_json(self.0.jwks()).unwrap();
        key_store([SignatureAlgorithm::Es256], set).unwrap()
    }

    pub(crate) fn trusted(&self) -> TrustedIssuer {
        TrustedIssuer::new(ISSUER, self.keys())
    }

    pub(crate) fn issued(
        &self,
        profile: Profile<Value>,
    ) -> ValidatorBuilder<Value, jwt_appraisal::kind::tag::Issued, Ready> {
        validator_builder(profile).issuer(self.trusted()).audience(AUDIENCE)
    }

    pub(crate) fn by_client(
        &self,
        profile: Profile<Value, SignedByClient>,
    ) -> ValidatorBuilder<Value, SignedByClient, Ready> {
        validator_builder(profile).client(self.trusted()).audience(AUDIENCE)
    }

    /// A draft for the audience, by the party, issued now.
    pub(crate) fn draft(&self, typ: &str) -> TestToken {
        self.0.token(typ).at(NOW).claim("aud", AUDIENCE)
    }

    /// A draft of a good token of a kind.
    pub(crate) fn good(&self, kind: &str) -> TestToken {
        let user = |draft: TestToken| draft.claim("sub", "user-1").claim("jti", "j-1");
        match kind {
            "access-token" | "mcp-access-token" => {
                let draft = user(self.draft("at+jwt")).claim("client_id", "client-1");
                draft.claim("scope", "read write")
            }
            "access-token-legacy" => user(self.draft("JWT")).claim("scp", "read write"),
            "id-token" => {
                self.draft("JWT").claim("sub", "user-1").claim("nonce", NONCE).claim("sid", "s-1")
            }
            "client-assertion" => {
                let draft = self.draft("client-authentication+jwt").claim("sub", ISSUER);
                draft.claim("jti", "j-1")
            }
            "jwt-bearer-grant" => user(self.draft("JWT")).without("iat"),
            "id-jag" => user(self.draft("oauth-id-jag+jwt"))
                .claim("client_id", ISSUER)
                .claim("scope", "read"),
            "request-object" => {
                let draft = self.draft("oauth-authz-req+jwt").claim("client_id", ISSUER);
                draft.claim("response_type", "code").claim("state", STATE)
            }
            "jarm-response" => {
                self.draft("JWT").without("iat").claim("code", "c-1").claim("state", STATE)
            }
            "introspection-response" => {
                let inner = json!({ "active": true, "scope": "read", "client_id": "client-1" });
                let draft = self.draft("token-introspection+jwt").without("exp");
                draft.claim("token_introspection", inner)
            }
            "logout-token" => {
                let draft = self.draft("logout+jwt").claim("exp", NOW + 60).claim("sid", "s-1");
                draft.claim("jti", "j-1").claim("events", json!({ LOGOUT: {} }))
            }
            "security-event" => {
                let draft = self.draft("secevent+jwt").without("exp").claim("sub", "user-1");
                draft.claim("jti", "j-1").claim("events", json!({ EVENT: { "reason": "x" } }))
            }
            "shared-signal" => {
                let sub_id = json!({ "format": "email", "email": "a@example.com" });
                self.good("security-event").without("sub").claim("sub_id", sub_id)
            }
            "request-object-legacy" => self.good("request-object").header("typ", "JWT"),
            "logout-token-legacy" => self.good("logout-token").header("typ", "JWT"),
            "security-event-legacy" => self.good("security-event").header("typ", "JWT"),
            "dpop-proof" => proof(self.0.key()),
            "custom" => user(self.draft("receipt+jwt")),
            kind => self.good_by_rules(kind),
        }
    }

    /// A draft of a token that has a good value for each claim that the kind has a rule for, and which a
    /// token must have under some request.
    pub(crate) fn good_by_rules(&self, name: &str) -> TestToken {
        let kind = kinds().find(|kind| kind.name() == name).unwrap();
        let typ = kind.typ().map_or("JWT", |typ| typ.as_str());
        let mut draft = self.draft(typ).claim("exp", NOW + 60);
        let profile = kind.clone().profile::<Value>();
        if let AnyProfile::SignedByHolder(_) = profile {
            let header_key = draft.header("jwk", self.0.key().jwk()).without_header("kid");
            draft = header_key.without("iss").without("aud");
        }
        let is_signed_by_client = matches!(profile, AnyProfile::SignedByClient(_));
        for rule in kind.rules() {
            let Some(claim) = rule.claim() else { continue };
            let value = match claim {
                // The client is the subject of its own assertion, and of nothing else that it signs.
                "sub" if is_signed_by_client && rule.presence() == Presence::Required => {
                    ISSUER.into()
                }
                "sub" => "user-1".into(),
                "jti" => "j-1".into(),
                "client_id" => ISSUER.into(),
                "scope" => "read".into(),
                "nonce" => NONCE.into(),
                "state" => STATE.into(),
                "sid" => "s-1".into(),
                "events" => json!({ LOGOUT: {}, EVENT: {} }),
                "sub_id" => json!({ "format": "email", "email": "a@example.com" }),
                "token_introspection" => json!({ "active": true }),
                "htm" => METHOD.into(),
                "htu" => URI.into(),
                _ => Value::Null,
            };
            draft = match rule.presence() {
                Presence::Forbidden => draft.without(claim),
                Presence::Required | Presence::Optional if value.is_null() => draft,
                Presence::Required | Presence::Optional => draft.claim(claim, value),
            };
        }
        draft
    }

    /// A validator of a kind, as its profile is without settings.
    pub(crate) fn validator(&self, name: &str) -> Validator<Value> {
        if name == "custom" {
            return self.issued(Profile::new("receipt+jwt")).build().unwrap();
        }
        let kind = kinds().find(|kind| kind.name() == name).unwrap();
        let single_use = kind.is_single_use();
        let built = match kind.profile() {
            AnyProfile::Issued(profile) => guarded(self.issued(profile), single_use).build(),
            AnyProfile::SignedByClient(profile) => {
                guarded(self.by_client(profile), single_use).build()
            }
            AnyProfile::SignedByHolder(profile) => proofs(profile).build(),
        };
        built.unwrap()
    }
}

fn guarded<T>(
    builder: ValidatorBuilder<Value, T, Ready>,
    single_use: bool,
) -> ValidatorBuilder<Value, T, Ready> {
    if single_use { builder.replay_guard(guard()) } else { builder }
}

/// The kinds of the crate.
pub(crate) fn kinds() -> impl Iterator<Item = Kind> {
    kind::ALL.iter().map(|kind| kind())
}

/// The names of the kinds.
pub(crate) fn names() -> Vec<&'static str> {
    kinds().map(|kind| &*kind.name().to_owned().leak()).collect()
}

pub(crate) fn guard() -> Arc<MemoryReplayGuard> {
    Arc::new(MemoryReplayGuard::new(100))
}

pub(crate) fn proofs(
    profile: Profile<Value, SignedByHolder>,
) -> ValidatorBuilder<Value, SignedByHolder, Ready> {
    let algorithms = [SignatureAlgorithm::Es256, SignatureAlgorithm::Ed25519];
    validator_builder(profile).algorithms(algorithms).replay_guard(guard())
}

/// A DPoP proof by a key, for the request of every test here.
pub(crate) fn proof(key: &TestKey) -> TestToken {
    let draft = TestIssuer::new("nobody").with_key(key.clone()).token("dpop+jwt").at(NOW);
    let draft = draft.without("iss").without("exp").without_header("kid");
    draft
        .header("jwk", key.jwk())
        .claim("jti", "proof-1")
        .claim("htm", METHOD)
        .claim("htu", URI)
        .claim("nonce", NONCE)
}

/// What the verifier knows, enough for every kind.
pub(crate) fn facts<'a>() -> RequestFacts<'a> {
    RequestFacts::new().nonce(NONCE).state(STATE).client_id(ISSUER).method(METHOD).uri(URI)
}

/// Rows about one kind.
pub(crate) struct Rows {
    pub(crate) party: Party,
    kind: &'static str,
    rule: Cell<&'static str>,
}

impl Rows {
    pub(crate) fn of(kind: &'static str, rule: &'static str) -> Self {
        Self { party: Party::new(), kind, rule: Cell::new(rule) }
    }

    pub(crate) fn rule(&self, rule: &'static str) {
        self.rule.set(rule);
    }

    pub(crate) fn good(&self) -> TestToken {
        self.party.good(self.kind)
    }

    /// The good token with one claim changed.
    pub(crate) fn with(&self, claim: &str, value: impl Into<Value>) -> TestToken {
        self.good().claim(claim, value)
    }

    pub(crate) fn appraise(
        &self,
        token: &TestToken,
        expect: &RequestFacts<'_>,
    ) -> Appraisal<Value> {
        self.party.validator(self.kind).appraise_with_at(token.sign(), expect, now())
    }

    #[track_caller]
    pub(crate) fn refuses(&self, code: &str, what: &str, token: &TestToken) {
        self.refuses_given(&facts(), code, what, token);
    }

    #[track_caller]
    pub(crate) fn accepts(&self, what: &str, token: &TestToken) {
        self.accepts_given(&facts(), what, token);
    }

    #[track_caller]
    pub(crate) fn refuses_given(
        &self,
        expect: &RequestFacts<'_>,
        code: &str,
        what: &str,
        token: &TestToken,
    ) {
        expect_rejected(self.rule.get(), &[code], what, &self.appraise(token, expect));
    }

    #[track_caller]
    pub(crate) fn accepts_given(&self, expect: &RequestFacts<'_>, what: &str, token: &TestToken) {
        expect_accepted(self.rule.get(), what, &self.appraise(token, expect));
    }
}
