//! Access tokens of issuers that do not type them.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::access_token::{ACCESS_TOKEN_TYPE, access_token_kind};
use super::values::{Actor, Audiences, Scopes, date, optional_date};
use super::{Issued, Profile};
use crate::check::Row;
use crate::names::{Issuer, MediaType};
use crate::policy::{Discriminator, KindPolicy, TypPolicy};

impl Profile<LegacyAccessTokenClaims, Issued> {
    /// A JWT access token of an issuer that sends `typ: JWT` or none, as several large providers do.
    /// Other explicit types are still refused, but the type does not tell it from an ID token of the
    /// same issuer: so the caller says which claim does (check `kind.discriminator`), one that the issuer
    /// puts into access tokens and into nothing else, such as `scp`.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `at+jwt`, none or `JWT`; every other type is refused | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.aud` |
    /// | `exp` | required and ahead | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | not ahead, if there | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// | `exp`, `iat` | no more than 24 h apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | a StringOrURI, if there | [RFC 7519 §4.1.2](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2) | `claims.sub` |
    /// | `jti` | a string, if there | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `client_id` | a string, if there | [RFC 8693 §4.3](https://www.rfc-editor.org/rfc/rfc8693#section-4.3) | `claims.client_id` |
    /// | `scope` | scopes with one space between each two, if there | [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) | `claims.scope` |
    /// | `auth_time` | a date, if there; not too long ago for [`RequestFacts::max_authentication_age`](crate::RequestFacts::max_authentication_age) | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.auth_time` |
    /// | `acr` | a string, if there; one of [`RequestFacts::acr_values`](crate::RequestFacts::acr_values) | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.acr` |
    /// | `amr` | strings, if there | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.amr` |
    /// | `authorization_details` | objects with a `type`, if there | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `may_act` | an object that names an actor, if there | [RFC 8693 §4.4](https://www.rfc-editor.org/rfc/rfc8693#section-4.4) | `claims.may_act` |
    /// | `groups` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.groups` |
    /// | `roles` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.roles` |
    /// | `entitlements` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.entitlements` |
    /// | `nonce` | must not be there: an ID token has one | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.nonce` |
    /// | `at_hash` | must not be there: an ID token has one | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.at_hash` |
    /// | `c_hash` | must not be there: an ID token has one | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.c_hash` |
    /// | `events` | must not be there: a logout token has them | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.events` |
    /// | the discriminator | there, with the value that it has to have |  | `kind.discriminator` |
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// let profile = Profile::access_token_legacy("scp");
    /// ```
    pub fn access_token_legacy(discriminator: impl Into<Arc<str>>) -> Self {
        Profile::access_token_legacy_as(discriminator, None)
    }
}

impl<C> Profile<C, Issued> {
    /// As [`Profile::access_token_legacy`], with claims of one's own; the claim that tells the kind
    /// has to have this value, if there is one, such as `token_use` of `access`.
    pub fn access_token_legacy_as(discriminator: impl Into<Arc<str>>, value: Option<&str>) -> Self {
        let typ = TypPolicy::UntypedOr(Some(MediaType::new(ACCESS_TOKEN_TYPE)));
        let mut kind = access_token_kind(typ);
        let of_id_tokens =
            [Row::ClaimsNonce, Row::ClaimsAtHash, Row::ClaimsCHash, Row::ClaimsEvents];
        kind.claims.extend(of_id_tokens);
        kind.claims.push(Row::KindDiscriminator);
        Profile::of(KindPolicy {
            forbidden: of_id_tokens.to_vec(),
            required: vec![Arc::from("exp")],
            discriminator: Some(Discriminator {
                claim: discriminator.into(),
                value: value.map(Arc::from),
            }),
            ..kind
        })
    }
}

/// The claims of an access token that is not typed.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LegacyAccessTokenClaims {
    /// The authorization server.
    pub iss: Issuer,
    /// The subject: unique within the issuer only, so key on both.
    #[serde(default)]
    pub sub: Option<Box<str>>,
    /// For whom it is meant.
    pub aud: Audiences,
    /// The client, where the issuer names it so.
    #[serde(default)]
    pub client_id: Option<Box<str>>,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// When it was issued.
    #[serde(default, deserialize_with = "optional_date")]
    pub iat: Option<OffsetDateTime>,
    /// What it permits.
    #[serde(default, rename = "scope")]
    pub scopes: Scopes,
    /// Who acts for the subject.
    #[serde(default, rename = "act")]
    pub actor: Option<Actor>,
    /// The other claims, by the issuer's own names.
    #[serde(flatten)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for LegacyAccessTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegacyAccessTokenClaims").finish_non_exhaustive()
    }
}
