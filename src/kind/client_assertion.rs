//! Assertions by which a client authenticates.

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::SignedByClient;
use crate::check::Section;
use crate::rules::{self, Fact};
use crate::redacted::redacted_debug;

use super::values::date;

impl Profile<ClientAssertionClaims, SignedByClient> {
    /// An assertion by which a client authenticates at an authorization server; the audience is the
    /// server's issuer identifier, never its token endpoint. It is good for one use, so a guard is to
    /// be given ([`ValidatorBuilder::replay_guard`](crate::ValidatorBuilder::replay_guard)).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `client-authentication+jwt`, none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the client whose key it is | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.iss` |
    /// | `aud` | required: the verifier and no other audience | [RFC 7523bis](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis) | `claims.aud` |
    /// | `exp` | required: in the future | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | if present, not in the future | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.iat` |
    /// |  | `exp` is at most 5 min after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | required: the client | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [Core §9](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `client_id` | if present, the client that signed, and the one that the request names (`RequestFacts::client_id`), if it names one | [RFC 7521 §4.2](https://www.rfc-editor.org/rfc/rfc7521#section-4.2) | `claims.client_id` |
    /// | `jti` | not seen before | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `state.replay` |
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jwt_appraisal::testing::TestIssuer;
    /// # use jwt_appraisal::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = TestIssuer::new("client-1");
    /// # let jwks = client.jwks();
    /// # let draft = client.token("client-authentication+jwt").claim("sub", "client-1");
    /// # let assertion = draft.claim("aud", "https://as.example.com").claim("jti", "a-1").sign();
    /// let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&jwks)?)?;
    /// let validator = Validator::builder(Profile::client_assertion())
    ///     .client(TrustedIssuer::new("client-1", keys))
    ///     .audience("https://as.example.com")
    ///     .replay_guard(Arc::new(MemoryReplayGuard::new(10_000)))
    ///     .build()?;
    ///
    /// assert!(validator.appraise(&assertion).into_result().is_ok());
    /// assert!(validator.appraise(&assertion).into_result().is_err()); // once
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_assertion() -> Self {
        client_assertion().profile()
    }
}

const RFC_7523_3: Section = Section::rfc(7523, "3");
const RFC_7523_BIS: Section = Section::of(
    "RFC 7523bis",
    "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis",
);
const CORE_9: Section = Section::of(
    "Core §9",
    "https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication",
);

/// An assertion by which a client authenticates. It is used when it is made, so it lives five minutes.
pub(super) fn client_assertion() -> KindBuilder<SignedByClient> {
    KindBuilder::signed_by_client("client-assertion", "iss")
        .typ_or_untyped("client-authentication+jwt")
        .sole_audience()
        .max_lifetime(Duration::minutes(5))
        .single_use()
        .rules([
            rules::ISS
                .says("the client whose key it is")
                .section(RFC_7523_3)
                .records(Fact::ClientId),
            rules::AUD.says("the verifier and no other audience").section(RFC_7523_BIS),
            rules::EXP.required().section(RFC_7523_3),
            rules::NBF,
            rules::IAT.section(RFC_7523_3),
            rules::LIFETIME.says("`exp` is at most 5 min after `iat`, or after now if there is no `iat`"),
            rules::AGE,
            rules::SUB_IS_THE_CLIENT,
            rules::JTI.required().section(CORE_9),
            rules::CNF,
            rules::ACT,
            rules::ACTOR_ALLOWED,
            rules::CLIENT_ID_OF_SIGNER,
        ])
}

/// The claims of a client assertion.
///
/// [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct ClientAssertionClaims {
    /// The client.
    pub sub: Box<str>,
    /// Its own identifier.
    pub jti: Box<str>,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
}

redacted_debug!(ClientAssertionClaims);
