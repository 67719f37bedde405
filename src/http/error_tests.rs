//! The text of every error of a resource server's configuration.

use super::error::ResourceServerError;
use crate::error::tests::expect_texts;
use crate::error::{FractionOfSecond, OutOfRange};

#[test]
fn resource_servers() {
    let range = OutOfRange { setting: "retry_after", found: 0, least: 1, most: 3_600, unit: "s" };
    expect_texts(
        include_str!("error.rs"),
        &[
            (
                ResourceServerError::Resource { resource: "http://a".into() },
                "the resource is \"http://a\", but it must be an https URL without user information and \
                 fragment",
            ),
            (
                ResourceServerError::SeveralAudiences { found: 2 },
                "the validator has 2 audiences; name the one that is the resource with `resource`",
            ),
            (
                ResourceServerError::NoAudience,
                "the validator has no audience, so it accepts tokens for other services; give it the \
                 resource's URL as its audience",
            ),
            (
                ResourceServerError::NoAuthorizationServer,
                "no authorization server is known to send clients to; name it with `authorization_servers`",
            ),
            (
                ResourceServerError::AuthorizationServer { server: "a".into() },
                "the authorization server is \"a\", but it must be an https URL without query and fragment",
            ),
            (
                ResourceServerError::UntrustedAuthorizationServer { server: "https://a".into() },
                "the authorization server \"https://a\" is not an issuer of the validator, which would \
                 reject its tokens; add it to the issuers",
            ),
            (
                ResourceServerError::Url { member: "resource_tos_uri", found: "ftp://a".into() },
                "the metadata's resource_tos_uri is \"ftp://a\", but it must be an https URL",
            ),
            (
                ResourceServerError::Scope { scope: "a b".into() },
                "the scope \"a b\" is one that no token can have; give each scope of RFC 6749 §3.3 on its \
                 own",
            ),
            (
                ResourceServerError::OfflineAccess,
                "the scope \"offline_access\" is not for a resource to demand; remove it",
            ),
            (
                ResourceServerError::Acr { class: "".into() },
                "the acr value \"\" is empty or has characters that a challenge cannot have",
            ),
            (
                ResourceServerError::NoAcrValues,
                "the list of acr values is empty, so no token could satisfy it; name at least one",
            ),
            (
                ResourceServerError::TwoNonceSources,
                "both dpop_nonces and dpop_nonce_source are given; give one of them",
            ),
            (
                ResourceServerError::OperationTwice { name: "read".into() },
                "the operation \"read\" is listed twice, so one list of scopes would have no effect; list it \
                 once",
            ),
            (
                ResourceServerError::ToolsCall,
                "the method \"tools/call\" is listed, but the called tool says what it needs; list the tools",
            ),
            (
                ResourceServerError::PublicBase { base: "a".into() },
                "the public base is \"a\", but it must be an https URL without user information, query and \
                 fragment",
            ),
            (
                ResourceServerError::NoDpop { setting: "dpop_nonces" },
                "the setting dpop_nonces is given, but the validator accepts no DPoP proofs; see \
                 ValidatorBuilder::dpop",
            ),
            (
                ResourceServerError::OutOfRange(range),
                "the setting retry_after is 0, but it must be from 1 to 3600 s",
            ),
            (
                ResourceServerError::FractionOfSecond(FractionOfSecond { setting: "retry_after" }),
                "the setting retry_after has a fraction of a second, but it must be a whole number of \
                 seconds",
            ),
            (
                ResourceServerError::NoRandomness,
                "the operating system gave no random bytes for a nonce or a key",
            ),
        ],
    );
}
