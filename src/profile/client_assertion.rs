//! Assertions by which a client authenticates.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::date;
use super::{COMMON_CLAIMS, Profile, SignedByClient};
use crate::check::Row;
use crate::names::MediaType;
use crate::policy::{AudienceRule, KindPolicy, Signer, SingleUse, SubjectRule, TypPolicy};

/// 5 minutes, in seconds: an assertion is used when it is made.
const MOST_LIFETIME: i64 = 5 * 60;

impl Profile<ClientAssertionClaims, SignedByClient> {
    /// An assertion by which a client authenticates at an authorization server; the audience is the
    /// server's issuer identifier, never its token endpoint. It is good for one use, so a guard is to
    /// be given ([`ValidatorBuilder::replay_guard`](crate::ValidatorBuilder::replay_guard)).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `client-authentication+jwt`, none or `JWT`; every other type is refused | [RFC 7523bis](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis) | `header.typ` |
    /// | `iss` | the client whose key it is | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.iss` |
    /// | `aud` | the verifier and nobody else | [RFC 7523bis](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis) | `claims.aud` |
    /// | `exp` | required and ahead | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | not ahead, if there | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.iat` |
    /// | `exp`, `iat` | no more than 5 min apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | required: the client | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.sub` |
    /// | `jti` | required | [Core §9](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `client_id` | the client that signed, if there, and if the request names one ([`RequestFacts::client_id`](crate::RequestFacts::client_id)) | [RFC 7521 §4.2](https://www.rfc-editor.org/rfc/rfc7521#section-4.2) | `claims.client_id` |
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
        Profile::client_assertion_as()
    }
}

impl<C> Profile<C, SignedByClient> {
    /// As [`Profile::client_assertion`], with claims of one's own; the rules are the same, whatever
    /// the type reads.
    pub fn client_assertion_as() -> Self {
        let typ = TypPolicy::UntypedOr(Some(MediaType::new("client-authentication+jwt")));
        Profile::of(KindPolicy {
            signer: Signer::Client("iss"),
            audience: AudienceRule::SolelyOneOfMine,
            subject: SubjectRule::TheClient,
            claims: [COMMON_CLAIMS, &[Row::ClaimsClientId]].concat(),
            required: ["exp", "sub", "jti"].map(Arc::from).to_vec(),
            max_lifetime: Some(MOST_LIFETIME),
            single_use: SingleUse::Guarded,
            ..KindPolicy::of(typ)
        })
    }
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

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for ClientAssertionClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertionClaims").finish_non_exhaustive()
    }
}
