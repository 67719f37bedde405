//! Authorization requests as JWTs (JAR).

use serde::Deserialize;

use ::time::Duration;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::SignedByClient;
use crate::check::Section;
use crate::rules;
use crate::redacted::redacted_debug;

impl Profile<RequestObjectClaims, SignedByClient> {
    /// A request object; the audience is the authorization server's issuer identifier. The `client_id`
    /// of the query has to be given in [`RequestFacts::client_id`](crate::RequestFacts::client_id).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `oauth-authz-req+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | if present, the client | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.iss` |
    /// | `aud` | if present, contains one of the verifier's names | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.aud` |
    /// | `exp` | required: in the future | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | if present, not in the future | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// |  | `exp` is at most 10 min after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | if present, not the client: such a request would pass for its assertion | [RFC 9101 §10.8](https://www.rfc-editor.org/rfc/rfc9101#section-10.8) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `client_id` | required: the client whose key it is, and the one of the query | [RFC 9101 §6.3](https://www.rfc-editor.org/rfc/rfc9101#section-6.3) | `claims.client_id` |
    /// | `request` | must be absent: a request object contains no other | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.request` |
    /// | `request_uri` | must be absent: a request object refers to no other | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.request_uri` |
    /// |  | the parameters are strings, and `max_age` is a number | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `request.parameters` |
    pub fn request_object() -> Self {
        request_object().profile()
    }

    /// A request object of a client that does not send the type, or sends `JWT`, and may leave out
    /// `exp`, as the example of the specification does: such a request can be sent again for ever.
    /// Every other type is still refused.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `oauth-authz-req+jwt`, none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | if present, the client | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.iss` |
    /// | `aud` | if present, contains one of the verifier's names | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.aud` |
    /// | `exp` | if present, in the future | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | if present, not in the future | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// |  | `exp` is at most 10 min after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | if present, not the client: such a request would pass for its assertion | [RFC 9101 §10.8](https://www.rfc-editor.org/rfc/rfc9101#section-10.8) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `client_id` | required: the client whose key it is, and the one of the query | [RFC 9101 §6.3](https://www.rfc-editor.org/rfc/rfc9101#section-6.3) | `claims.client_id` |
    /// | `request` | must be absent: a request object contains no other | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.request` |
    /// | `request_uri` | must be absent: a request object refers to no other | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.request_uri` |
    /// |  | the parameters are strings, and `max_age` is a number | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `request.parameters` |
    pub fn request_object_legacy() -> Self {
        request_object_legacy().profile()
    }
}

const RFC_9101_4: Section = Section::rfc(9101, "4");

/// A request object. It is sent when it is made, so it lives ten minutes.
pub(super) fn request_object() -> KindBuilder<SignedByClient> {
    of_name("request-object")
        .typ("oauth-authz-req+jwt")
        .rules([rules::EXP.required().section(RFC_9101_4)])
}

/// A request object of a client that does not send the type.
pub(super) fn request_object_legacy() -> KindBuilder<SignedByClient> {
    of_name("request-object-legacy").typ_or_untyped("oauth-authz-req+jwt")
}

fn of_name(name: &'static str) -> KindBuilder<SignedByClient> {
    KindBuilder::signed_by_client(name, "client_id").max_lifetime(Duration::minutes(10)).rules([
        rules::ISS.optional().says("the client").section(RFC_9101_4),
        rules::AUD.optional().section(RFC_9101_4),
        rules::EXP.section(RFC_9101_4),
        rules::NBF,
        rules::IAT,
        rules::LIFETIME.says("`exp` is at most 10 min after `iat`, or after now if there is no `iat`"),
        rules::AGE,
        rules::SUB_IS_NOT_THE_CLIENT,
        rules::JTI,
        rules::CNF,
        rules::ACT,
        rules::ACTOR_ALLOWED,
        rules::CLIENT_ID_OF_SIGNER_AND_REQUEST,
        rules::REQUEST,
        rules::REQUEST_URI,
        rules::PARAMETERS,
    ])
}

/// The claims of a request object: the request's parameters. Those of the query are not to be used.
///
/// [RFC 9101 §6.3](https://www.rfc-editor.org/rfc/rfc9101#section-6.3)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct RequestObjectClaims {
    /// The client.
    pub client_id: Box<str>,
    /// The other parameters of the request.
    #[serde(flatten)]
    pub parameters: serde_json::Map<String, serde_json::Value>,
}

redacted_debug!(RequestObjectClaims);
