//! OpenID Connect ID tokens.

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

use super::values::{Audiences, date, optional_date};
use crate::names::Issuer;
use crate::redacted::redacted_debug;

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
    /// | `typ` | none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains the client, and no other audience that is not trusted (`Profile::trust_audience`) | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.aud` |
    /// | `exp` | required: in the future | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | required: at most 255 ASCII characters | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `azp` | if present, the client | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.azp` |
    /// | `nonce` | if present, the nonce that was sent; required if one was, or if the token comes through the browser | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.nonce` |
    /// | `at_hash` | if present, the hash of the access token; required if `response_type` has `id_token` and `token` | [Core §3.2.2.9](https://openid.net/specs/openid-connect-core-1_0.html#ImplicitTokenValidation) | `claims.at_hash` |
    /// | `c_hash` | if present, the hash of the code; required if `response_type` has `code` and `id_token` | [Core §3.3.2.10](https://openid.net/specs/openid-connect-core-1_0.html#CodeValidation) | `claims.c_hash` |
    /// | `s_hash` | if present, the hash of the state | [FAPI 1.0 Advanced §5.2.2.1](https://openid.net/specs/openid-financial-api-part-2-1_0.html) | `claims.s_hash` |
    /// | `auth_time` | if present, a date, not longer ago than `RequestFacts::max_authentication_age`; required if that is set | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.auth_time` |
    /// | `acr` | if present, a string, one of `RequestFacts::acr_values`; required if these are set | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.acr` |
    /// | `amr` | if present, strings | [Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken) | `claims.amr` |
    /// | `events` | must be absent: a logout token has them | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
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
        id_token().profile()
    }
}

const VALIDATION: Section = Section::of(
    "Core §3.1.3.7",
    "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation",
);
const CORE_2: Section =
    Section::of("Core §2", "https://openid.net/specs/openid-connect-core-1_0.html#IDToken");

/// An OpenID Connect ID token.
pub(super) fn id_token() -> KindBuilder<Issued> {
    KindBuilder::issued("id-token")
        .family("id-token")
        .trusted_audiences_only()
        .mac_for_one_audience()
        .rules([
            rules::ISS,
            rules::AUD
                .says("contains the client, and no other audience that is not trusted (`Profile::trust_audience`)")
                .section(VALIDATION),
            rules::EXP.required().section(VALIDATION),
            rules::NBF,
            rules::IAT.required().section(VALIDATION),
            rules::LIFETIME,
            rules::AGE,
            rules::SUB_OF_OPENID.section(VALIDATION),
            rules::JTI,
            rules::CNF,
            rules::ACT,
            rules::ACTOR_ALLOWED,
            rules::AZP,
            rules::NONCE,
            rules::AT_HASH,
            rules::C_HASH,
            rules::S_HASH,
            rules::AUTH_TIME.section(VALIDATION),
            rules::ACR.section(VALIDATION),
            rules::AMR.section(CORE_2),
            rules::EVENTS.forbidden().says("a logout token has them"),
        ])
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

redacted_debug!(IdTokenClaims);
