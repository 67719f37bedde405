//! Mistakes in a resource server's configuration fail when it is built.

use std::sync::Arc;

use jwt_appraisal::http::{ResourceServer, ResourceServerBuilder, ResourceServerError};
use jwt_appraisal::{
    AccessTokenClaims, IssuerSource, Profile, TrustedIssuer, UntrustedStr, danger,
};
use time::Duration;

use super::site::{RESOURCE, Site};
use super::support::{ISSUER, validator_builder};

type Builder = ResourceServerBuilder<AccessTokenClaims>;

#[track_caller]
fn error(change: impl FnOnce(Builder) -> Builder) -> String {
    change(Site::new().builder()).build().unwrap_err().to_string()
}

fn with_dpop() -> Builder {
    let site = Site::new();
    site.builder_with(site.proofs())
}

fn of_audiences(audiences: &[&str]) -> Builder {
    let validator = validator_builder(Profile::access_token())
        .issuer(Site::new().trusted())
        .audiences(audiences.iter().copied())
        .build();
    ResourceServer::builder(validator.unwrap())
}

#[test]
fn settings() {
    let rows = [
        (
            error(|b| b.authorization_servers(["https://other.example"])),
            "the authorization server \"https://other.example\" is not an issuer of the validator, which would reject its tokens; add it to the issuers",
        ),
        (
            error(|b| b.authorization_servers([])),
            "no authorization server is known to send clients to; name it with `authorization_servers`",
        ),
        (
            error(|b| b.scopes_supported(["files:read", "a\"b"])),
            "the scope \"a\\\"b\" is one that no token can have; give each scope of RFC 6749 §3.3 on its own",
        ),
        (
            error(|b| b.scopes_supported(["offline_access"])),
            "the scope \"offline_access\" is not for a resource to demand; remove it",
        ),
        (
            error(|b| b.dpop_bound_access_tokens_required()),
            "the setting dpop_bound_access_tokens_required is given, but the validator accepts no DPoP \
             proofs; see ValidatorBuilder::dpop",
        ),
        (
            error(|b| b.dpop_nonces(Duration::minutes(5))),
            "the setting dpop_nonces is given, but the validator accepts no DPoP proofs; see \
             ValidatorBuilder::dpop",
        ),
        (
            with_dpop().dpop_nonces(Duration::seconds(29)).build().unwrap_err().to_string(),
            "the setting dpop_nonces is 29, but it must be from 30 to 3600 s",
        ),
        (
            error(|b| b.retry_after(Duration::ZERO)),
            "the setting retry_after is 0, but it must be from 1 to 3600 s",
        ),
        (
            error(|b| b.public_base("https://mcp.example.com/v1?x")),
            "the public base is \"https://mcp.example.com/v1?x\", but it must be an https URL without \
             user information, query and fragment",
        ),
        (
            error(|b| b.resource_tos_uri("ftp://mcp.example.com")),
            "the metadata's resource_tos_uri is \"ftp://mcp.example.com\", but it must be an https URL",
        ),
    ];
    for (found, expected) in rows {
        assert_eq!(found, expected);
    }
    // Characters and escapes that no URI has.
    for path in ["é", "{a}", "a|b", "[a]", "%zz", "?%4", "a\\b"] {
        let url = format!("https://mcp.example.com/{path}");
        let page = error(|b| b.resource_documentation(url.clone()));
        assert!(page.starts_with("the metadata's resource_documentation"), "{page}");
        let base = error(|b| b.public_base(url));
        assert!(base.starts_with("the public base"), "{base}");
    }
}

#[test]
fn resources() {
    for wrong in [
        "http://mcp.example.com",
        "http://127.0.0.1:8080/mcp",
        "https://user@mcp.example.com",
        "urn:example:mcp",
        "mcp",
        "https://mcp.example.com/a/../mcp",
        "https://mcp.example.com/%2E%2e/mcp",
        "https:///mcp",
        "https://mcp.example.com:",
        "https://mcp.example.com/#top",
        // Not all clients would read these alike.
        "https://127.1/mcp",
        "https://0x7f000001/mcp",
        "https://mcp%2Eexample.com",
        "https://a,b/mcp",
        "https://[v1.a]/mcp",
    ] {
        let built = of_audiences(&[wrong]).build();
        let error = built.unwrap_err();
        let refused = matches!(&error, ResourceServerError::Resource { resource, .. } if &**resource == wrong);
        assert!(refused, "{wrong}: {error}");
    }
    let several = of_audiences(&["https://a.example", "https://b.example"]);
    let error = several.build().unwrap_err();
    assert!(matches!(error, ResourceServerError::SeveralAudiences { found: 2, .. }), "{error}");
    let several = of_audiences(&["https://a.example", "https://b.example"]);
    let server = several.resource("https://b.example").build().unwrap();
    assert_eq!(server.metadata().resource(), "https://b.example");
}

#[test]
fn a_validator_for_anybody_is_none_for_a_resource() {
    let profile = danger::without_audience(Profile::access_token());
    let validator = validator_builder(profile).issuer(Site::new().trusted()).build().unwrap();
    let built = ResourceServer::builder(validator).build();
    assert_eq!(built.unwrap_err(), ResourceServerError::NoAudience);
}

#[test]
fn http_on_this_machine_only_and_by_name() {
    for (resource, fine) in [
        ("http://127.0.0.1:8080/mcp", true),
        ("http://127.9.9.9/mcp", true),
        ("http://[::1]:8080/mcp", true),
        ("http://localhost:8080/mcp", true),
        ("http://LocalHost/mcp", true),
        ("http://[0:0:0:0:0:0:0:1]/mcp", true),
        ("http://api.localhost/mcp", false),
        ("http://localhost./mcp", false),
        ("http://[::ffff:127.0.0.1]/mcp", false),
        ("http://localhost.example.com/mcp", false),
        ("http://127.0.0.1.example.com/mcp", false),
        ("http://10.0.0.1/mcp", false),
        ("http://mcp.example.com/mcp", false),
        ("https://mcp.example.com/mcp", true),
    ] {
        let built = of_audiences(&[resource]).allow_http_on_loopback().build();
        assert_eq!(built.is_ok(), fine, "{resource}");
    }
}

#[derive(Debug)]
struct Nobody;

impl IssuerSource for Nobody {
    fn find(&self, _: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        None
    }
}

#[test]
fn issuers_that_come_and_go_are_named() {
    let source: Arc<dyn IssuerSource> = Arc::new(Nobody);
    let validator = validator_builder(Profile::mcp_access_token())
        .issuer_source(source)
        .audience(RESOURCE)
        .build()
        .unwrap();
    let built = ResourceServer::builder(validator.clone()).build();
    assert_eq!(built.unwrap_err(), ResourceServerError::NoAuthorizationServer);
    let named = ResourceServer::builder(validator).authorization_servers([ISSUER]).build();
    assert_eq!(named.unwrap().metadata().authorization_servers().collect::<Vec<_>>(), [ISSUER]);
}
