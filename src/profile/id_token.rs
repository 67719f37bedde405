//! OpenID Connect ID tokens.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::{Audiences, date, optional_date};
use super::{COMMON_CLAIMS, Issued, Profile};
use crate::check::Row;
use crate::names::{Audience, Issuer};
use crate::policy::{ExtraAudiences, KindPolicy, SubjectRule, TypPolicy};

impl Profile<IdTokenClaims, Issued> {
    /// An OpenID Connect ID token; the audience is the client.
    ///
    /// What the token has to agree with comes in [`RequestFacts`](crate::RequestFacts): the `nonce` that was sent,
    /// and the access token, code and state where it holds their hashes; of one that is there and was
    /// not given the check fails. `response_type` says which have to be there; without it the token is
    /// taken as one of the code flow.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | none or `JWT`; every other type is refused | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | contains the client, and nobody else who is not trusted ([`Profile::trust_audience`]) | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.aud` |
    /// | `exp` | required and ahead | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.iat` |
    /// | `exp`, `iat` | no more than 24 h apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | required, at most 255 ASCII characters | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.sub` |
    /// | `jti` | a string, if there | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `azp` | the client, if there | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.azp` |
    /// | `nonce` | the one that was sent; required where it comes through the browser | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.nonce` |
    /// | `at_hash` | that of the access token, if there; required for `id_token token` | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.at_hash` |
    /// | `c_hash` | that of the code, if there; required for `code id_token` | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.c_hash` |
    /// | `s_hash` | that of the state, if there | [FAPI 1.0 Advanced §5.2.2.1](https://openid.net/specs/openid-financial-api-part-2-1_0.html) | `claims.s_hash` |
    /// | `auth_time` | a date, if there; not too long ago for [`RequestFacts::max_authentication_age`](crate::RequestFacts::max_authentication_age) | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.auth_time` |
    /// | `acr` | a string, if there; one of [`RequestFacts::acr_values`](crate::RequestFacts::acr_values) | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.acr` |
    /// | `amr` | strings, if there | [Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken) | `claims.amr` |
    /// | `events` | must not be there: a logout token has them | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.events` |
    ///
    /// ```
    /// # use jwt_appraisal::{RequestFacts, Profile};
    /// let profile = Profile::id_token();
    /// let expect = RequestFacts::new().nonce("n-0S6_WzA2Mj");
    /// ```
    ///
    /// ```
    /// # use jwt_appraisal::testing::TestIssuer;
    /// # use jwt_appraisal::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let provider = TestIssuer::new("https://op.example.com");
    /// # let jwks = provider.jwks();
    /// # let id_token = provider.token("JWT").claim("sub", "248289761001").claim("aud", "client-1");
    /// # let id_token = id_token.claim("nonce", "n-0S6_WzA2Mj").sign();
    /// let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&jwks)?)?;
    /// let validator = Validator::builder(Profile::id_token())
    ///     .issuer(TrustedIssuer::new("https://op.example.com", keys))
    ///     .audience("client-1")
    ///     .build()?;
    ///
    /// let request = RequestFacts::new().nonce("n-0S6_WzA2Mj");
    /// let accepted = validator.appraise_with(&id_token, &request).into_result()?;
    /// assert_eq!(&*accepted.claims().sub, "248289761001");
    /// # Ok(())
    /// # }
    /// ```
    pub fn id_token() -> Self {
        Profile::id_token_as()
    }
}

impl<C> Profile<C, Issued> {
    /// An ID token with claims of one's own; the rules are those of [`Profile::id_token`].
    pub fn id_token_as() -> Self {
        let mut claims = COMMON_CLAIMS.to_vec();
        claims.extend([
            Row::ClaimsAzp,
            Row::ClaimsNonce,
            Row::ClaimsAtHash,
            Row::ClaimsCHash,
            Row::ClaimsSHash,
            Row::ClaimsAuthTime,
            Row::ClaimsAcr,
            Row::ClaimsAmr,
            Row::ClaimsEvents,
        ]);
        Profile::of(KindPolicy {
            extra_audiences: ExtraAudiences::Trusted(Vec::new()),
            subject: SubjectRule::OpenIdConnect,
            claims,
            forbidden: vec![Row::ClaimsEvents],
            required: ["exp", "iat", "sub"].map(Arc::from).to_vec(),
            mac_for_one_audience: true,
            label: "id-token",
            ..KindPolicy::of(TypPolicy::UntypedOr(None))
        })
    }
}

impl<C, T> Profile<C, T> {
    /// Trusts another audience beside the verifier's own names, where others are refused.
    pub fn trust_audience(mut self, audience: impl Into<Audience>) -> Self {
        if let ExtraAudiences::Trusted(trusted) = &mut self.kind.extra_audiences {
            trusted.push(audience.into());
        }
        self
    }
}

/// The claims of an ID token.
///
/// [OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct IdTokenClaims {
    /// The OpenID provider.
    pub iss: Issuer,
    /// The user: unique within the issuer only, so key on both.
    pub sub: Box<str>,
    /// For whom it is meant.
    pub aud: Audiences,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// When it was issued.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
    /// When the user authenticated.
    #[serde(default, deserialize_with = "optional_date")]
    pub auth_time: Option<OffsetDateTime>,
    /// The class of that authentication.
    #[serde(default)]
    pub acr: Option<Box<str>>,
    /// The methods of that authentication.
    #[serde(default)]
    pub amr: Vec<Box<str>>,
    /// The session at the provider, which a logout token can name.
    #[serde(default)]
    pub sid: Option<Box<str>>,
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenClaims").finish_non_exhaustive()
    }
}
