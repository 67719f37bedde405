//! Identity assertion authorization grants (ID-JAG).

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::{Actor, AuthorizationDetail, Scopes, date, optional_date};
use super::{COMMON_CLAIMS, Issued, Profile};
use crate::check::Row;
use crate::names::{Issuer, MediaType};
use crate::policy::{AudienceRule, KindPolicy, TypPolicy};

/// 1 hour, in seconds: the draft's examples have 5 and 17 minutes.
const MOST_LIFETIME: i64 = 60 * 60;

impl Profile<IdJagClaims, Issued> {
    /// An identity assertion authorization grant; the audience is the authorization server's issuer
    /// identifier. The client that authenticated has to be given in
    /// [`RequestFacts::client_id`](crate::RequestFacts::client_id).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `oauth-id-jag+jwt` | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | the verifier and nobody else | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.aud` |
    /// | `exp` | required and ahead | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.iat` |
    /// | `exp`, `iat` | no more than 1 h apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | required | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.sub` |
    /// | `jti` | required; the same grant may be presented again until it expires | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.jti` |
    /// | `cnf` | satisfied by the key of the proof that came along, if there | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `client_id` | required: the client that authenticated | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.client_id` |
    /// | `resource` | a URI or URIs, if there | [RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2) | `claims.resource` |
    /// | `scope` | scopes with one space between each two, if there | [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) | `claims.scope` |
    /// | `authorization_details` | objects with a `type`, if there | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `auth_time` | a date, if there; not too long ago for [`RequestFacts::max_authentication_age`](crate::RequestFacts::max_authentication_age) | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.auth_time` |
    /// | `acr` | a string, if there; one of [`RequestFacts::acr_values`](crate::RequestFacts::acr_values) | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.acr` |
    /// | `amr` | strings, if there | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.amr` |
    ///
    /// For the authorization server of an MCP server, require `resource`.
    pub fn id_jag() -> Self {
        Profile::id_jag_as()
    }
}

impl<C> Profile<C, Issued> {
    /// As [`Profile::id_jag`], with claims of one's own; the rules are the same, whatever the type
    /// reads.
    pub fn id_jag_as() -> Self {
        let mut claims = COMMON_CLAIMS.to_vec();
        claims.extend([
            Row::ClaimsClientId,
            Row::ClaimsResource,
            Row::ClaimsScope,
            Row::ClaimsAuthorizationDetails,
            Row::ClaimsAuthTime,
            Row::ClaimsAcr,
            Row::ClaimsAmr,
        ]);
        Profile::of(KindPolicy {
            audience: AudienceRule::SolelyOneOfMine,
            client_of_request: true,
            claims,
            required: ["exp", "iat", "sub", "jti", "client_id"].map(Arc::from).to_vec(),
            max_lifetime: Some(MOST_LIFETIME),
            ..KindPolicy::of(TypPolicy::Exactly(MediaType::new("oauth-id-jag+jwt")))
        })
    }
}

/// The claims of an identity assertion authorization grant.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct IdJagClaims {
    /// The identity provider.
    pub iss: Issuer,
    /// The user: unique within the issuer, or within the issuer's `tenant` if there is one.
    pub sub: Box<str>,
    /// The tenant of the issuer.
    #[serde(default)]
    pub tenant: Option<Box<str>>,
    /// The client that it was issued to.
    pub client_id: Box<str>,
    /// Its own identifier.
    pub jti: Box<str>,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// What is asked for; less may be granted.
    #[serde(default, rename = "scope")]
    pub scopes: Scopes,
    /// What is asked for, in detail.
    #[serde(default)]
    pub authorization_details: Vec<AuthorizationDetail>,
    /// Where access is asked for: a URI or URIs.
    #[serde(default)]
    pub resource: Option<serde_json::Value>,
    /// When the user authenticated.
    #[serde(default, deserialize_with = "optional_date")]
    pub auth_time: Option<OffsetDateTime>,
    /// Who acts for the user; not the client.
    #[serde(default, rename = "act")]
    pub actor: Option<Actor>,
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for IdJagClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdJagClaims").finish_non_exhaustive()
    }
}
