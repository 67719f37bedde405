//! Authorization requests as JWTs (JAR).

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::{COMMON_CLAIMS, Profile, SignedByClient};
use crate::check::Row;
use crate::names::MediaType;
use crate::policy::{AudienceRule, KindPolicy, Signer, SubjectRule, TypPolicy};

const TYPE: &str = "oauth-authz-req+jwt";

/// 10 minutes, in seconds: a request is sent when it is made.
const MOST_LIFETIME: i64 = 10 * 60;

impl Profile<RequestObjectClaims, SignedByClient> {
    /// A request object; the audience is the authorization server's issuer identifier. The `client_id`
    /// of the query has to be given in [`RequestFacts::client_id`](crate::RequestFacts::client_id).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `oauth-authz-req+jwt` | [RFC 9101 §10.8](https://www.rfc-editor.org/rfc/rfc9101#section-10.8) | `header.typ` |
    /// | `iss` | the client, if there | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names, if there | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.aud` |
    /// | `exp` | required and ahead | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | not ahead, if there | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// | `exp`, `iat` | no more than 10 min apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | not the client, if there: such a request would pass for its assertion | [RFC 9101 §10.8](https://www.rfc-editor.org/rfc/rfc9101#section-10.8) | `claims.sub` |
    /// | `jti` | a string, if there | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `client_id` | required: the client whose key it is, and the one of the query | [RFC 9101 §6.3](https://www.rfc-editor.org/rfc/rfc9101#section-6.3) | `claims.client_id` |
    /// | `request` | must not be there | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.request` |
    /// | `request_uri` | must not be there | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `claims.request_uri` |
    /// | the parameters | strings, and `max_age` a number, if there | [RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4) | `request.parameters` |
    pub fn request_object() -> Self {
        Profile::request_object_as()
    }

    /// A request object of a client that does not send the type, or sends `JWT`, and may leave out
    /// `exp`, as the example of the specification does: such a request can be sent again for ever.
    /// Every other type is still refused.
    pub fn request_object_legacy() -> Self {
        Profile::request_object_legacy_as()
    }
}

impl<C> Profile<C, SignedByClient> {
    /// As [`Profile::request_object`], with claims of one's own; the rules are the same, whatever
    /// the type reads.
    pub fn request_object_as() -> Self {
        Profile::of(KindPolicy {
            required: ["exp", "client_id"].map(Arc::from).to_vec(),
            ..request_object(TypPolicy::Exactly(MediaType::new(TYPE)))
        })
    }

    /// As [`Profile::request_object_legacy`], with claims of one's own; the rules are the same,
    /// whatever the type reads.
    pub fn request_object_legacy_as() -> Self {
        Profile::of(request_object(TypPolicy::UntypedOr(Some(MediaType::new(TYPE)))))
    }
}

fn request_object(typ: TypPolicy) -> KindPolicy {
    let mut claims = COMMON_CLAIMS.to_vec();
    claims.extend([
        Row::ClaimsClientId,
        Row::ClaimsRequest,
        Row::ClaimsRequestUri,
        Row::RequestParameters,
    ]);
    KindPolicy {
        signer: Signer::Client("client_id"),
        audience: AudienceRule::ContainsOneOfMineIfThere,
        subject: SubjectRule::NotTheClient,
        client_of_request: true,
        claims,
        forbidden: vec![Row::ClaimsRequest, Row::ClaimsRequestUri],
        required: vec![Arc::from("client_id")],
        max_lifetime: Some(MOST_LIFETIME),
        ..KindPolicy::of(typ)
    }
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

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for RequestObjectClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestObjectClaims").finish_non_exhaustive()
    }
}
