//! Access tokens for MCP servers.

use super::access_token::{self, AccessTokenClaims};
use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

impl Profile<AccessTokenClaims, Issued> {
    /// A JWT access token for an MCP server; the audience is the server's canonical URI, without
    /// regard to letter case in scheme and host and to one slash at the end, and to nothing else.
    ///
    /// The server decides whether other audiences may stand beside it: [`Profile::refuse_other_audiences`]
    /// refuses them. A token for several servers lets each server that receives it act at the others.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `at+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.iss` |
    /// | `aud` | required: contains the URI of the server | [MCP authorization](https://modelcontextprotocol.io/specification/draft/basic/authorization) | `claims.aud` |
    /// | `exp` | required: in the future | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | required: a StringOrURI that is not empty | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts`; required beside a DPoP proof, which is then for this token | [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `client_id` | required: a string that is not empty | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.client_id` |
    /// | `scope` | if present, scopes with one space between each two | [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) | `claims.scope` |
    /// | `auth_time` | if present, a date, not longer ago than `RequestFacts::max_authentication_age`; required if that is set | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.auth_time` |
    /// | `acr` | if present, a string, one of `RequestFacts::acr_values`; required if these are set | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.acr` |
    /// | `amr` | if present, strings | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.amr` |
    /// | `authorization_details` | if present, objects with a `type` | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `may_act` | if present, an object that names an actor | [RFC 8693 §4.4](https://www.rfc-editor.org/rfc/rfc8693#section-4.4) | `claims.may_act` |
    /// | `groups` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.groups` |
    /// | `roles` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.roles` |
    /// | `entitlements` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.entitlements` |
    pub fn mcp_access_token() -> Self {
        mcp_access_token().profile()
    }
}

/// An OAuth access token for an MCP server.
pub(super) fn mcp_access_token() -> KindBuilder<Issued> {
    access_token::of_name("mcp-access-token").resource_audience().rules([
        rules::AUD.says("contains the URI of the server").section(Section::of(
            "MCP authorization",
            "https://modelcontextprotocol.io/specification/draft/basic/authorization",
        )),
        rules::SCOPE,
    ])
}

