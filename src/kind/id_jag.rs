//! Identity assertion authorization grants (ID-JAG).

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

use super::values::{Actor, AuthorizationDetail, Scopes, date, optional_date};
use crate::names::Issuer;
use crate::redacted::redacted_debug;

impl Profile<IdJagClaims, Issued> {
    /// An identity assertion authorization grant; the audience is the authorization server's issuer
    /// identifier. The client that authenticated has to be given in
    /// [`RequestFacts::client_id`](crate::RequestFacts::client_id).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `oauth-id-jag+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: the verifier and no other audience | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.aud` |
    /// | `exp` | required: in the future | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.iat` |
    /// |  | `exp` is at most 1 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | required: a StringOrURI that is not empty | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.sub` |
    /// | `jti` | required: a string that is not empty; the same grant may be presented again until it expires | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.jti` |
    /// | `cnf` | if present, satisfied by the key of the proof that came along | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `client_id` | required: the client that authenticated | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.client_id` |
    /// | `resource` | if present, a URI or URIs | [RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2) | `claims.resource` |
    /// | `scope` | if present, scopes with one space between each two | [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) | `claims.scope` |
    /// | `authorization_details` | if present, objects with a `type` | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `auth_time` | if present, a date, not longer ago than `RequestFacts::max_authentication_age`; required if that is set | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.auth_time` |
    /// | `acr` | if present, a string, one of `RequestFacts::acr_values`; required if these are set | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.acr` |
    /// | `amr` | if present, strings | [ID-JAG §3.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant) | `claims.amr` |
    ///
    /// For the authorization server of an MCP server, require `resource`.
    pub fn id_jag() -> Self {
        id_jag().profile()
    }
}

const ID_JAG_3_1: Section = Section::of(
    "ID-JAG §3.1",
    "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant",
);

/// An identity assertion authorization grant. The draft's examples live 5 and 17 minutes; an hour is
/// the most.
pub(super) fn id_jag() -> KindBuilder<Issued> {
    KindBuilder::issued("id-jag")
        .typ("oauth-id-jag+jwt")
        .sole_audience()
        .max_lifetime(Duration::hours(1))
        .rules([
            rules::ISS,
            rules::AUD.says("the verifier and no other audience").section(ID_JAG_3_1),
            rules::EXP.required().section(ID_JAG_3_1),
            rules::NBF,
            rules::IAT.required().section(ID_JAG_3_1),
            rules::LIFETIME.says("`exp` is at most 1 h after `iat`, or after now if there is no `iat`"),
            rules::AGE,
            rules::SUB.required().section(ID_JAG_3_1),
            rules::JTI
                .required()
                .says("a string that is not empty; the same grant may be presented again until it expires")
                .section(ID_JAG_3_1),
            rules::CNF.says("satisfied by the key of the proof that came along").section(ID_JAG_3_1),
            rules::ACT,
            rules::ACTOR_ALLOWED,
            rules::CLIENT_ID_OF_REQUEST.section(ID_JAG_3_1),
            rules::RESOURCE,
            rules::SCOPE,
            rules::AUTHORIZATION_DETAILS.section(Section::rfc(9396, "9.1")),
            rules::AUTH_TIME.section(ID_JAG_3_1),
            rules::ACR.section(ID_JAG_3_1),
            rules::AMR.section(ID_JAG_3_1),
        ])
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
    #[serde(default)]
    pub scope: Scopes,
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
    #[serde(default)]
    pub act: Option<Actor>,
}

redacted_debug!(IdJagClaims);
