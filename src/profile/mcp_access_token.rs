//! Access tokens for MCP servers.

use super::access_token::{ACCESS_TOKEN_TYPE, AccessTokenClaims, access_token_kind};
use super::{Issued, Profile};
use crate::names::MediaType;
use crate::policy::{KindPolicy, TypPolicy};

impl Profile<AccessTokenClaims, Issued> {
    /// A JWT access token for an MCP server; the audience is the server's canonical URI, without
    /// regard to letter case in scheme and host and to one slash at the end, and to nothing else.
    ///
    /// Whether audiences beside it are acceptable is the server's to say:
    /// [`Profile::refuse_other_audiences`] says no. A token for a server and for others is authority at
    /// each of them for whoever receives it.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `at+jwt` | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | contains the URI of the server | [MCP authorization](https://modelcontextprotocol.io/specification/draft/basic/authorization) | `claims.aud` |
    /// | `exp` | required and ahead | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.iat` |
    /// | `exp`, `iat` | no more than 24 h apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.sub` |
    /// | `jti` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `client_id` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.client_id` |
    /// | `scope` | scopes with one space between each two, if there | [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) | `claims.scope` |
    /// | `auth_time` | a date, if there; not too long ago for [`RequestFacts::max_authentication_age`](crate::RequestFacts::max_authentication_age) | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.auth_time` |
    /// | `acr` | a string, if there; one of [`RequestFacts::acr_values`](crate::RequestFacts::acr_values) | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.acr` |
    /// | `amr` | strings, if there | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.amr` |
    /// | `authorization_details` | objects with a `type`, if there | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `may_act` | an object that names an actor, if there | [RFC 8693 §4.4](https://www.rfc-editor.org/rfc/rfc8693#section-4.4) | `claims.may_act` |
    /// | `groups` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.groups` |
    /// | `roles` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.roles` |
    /// | `entitlements` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.entitlements` |
    pub fn mcp_access_token() -> Self {
        Profile::mcp_access_token_as()
    }
}

impl<C> Profile<C, Issued> {
    /// A JWT access token for an MCP server with claims of one's own; the rules are those of
    /// [`Profile::mcp_access_token`].
    pub fn mcp_access_token_as() -> Self {
        let typ = TypPolicy::Exactly(MediaType::new(ACCESS_TOKEN_TYPE));
        Profile::of(KindPolicy { audience_is_resource: true, ..access_token_kind(typ) })
    }
}
