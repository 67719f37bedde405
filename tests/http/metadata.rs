//! What the resource publishes: the policy that it is held to.

use http::Uri;
use jwt_appraisal::http::ResourceServer;
use jwt_appraisal::{FixedClock, Profile};
use serde_json::{Value, json};

use super::site::{METADATA, RESOURCE, Site};
use super::support::{ISSUER, now, validator_builder};

fn document<C>(server: &ResourceServer<C>) -> Value {
    serde_json::from_str(&server.metadata().to_json()).unwrap()
}

#[test]
fn it_says_what_the_validator_is_held_to() {
    let server = Site::new().builder().build().unwrap();
    let least = json!({
        "resource": RESOURCE,
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(document(&server), least, "MCP-03: what is empty is left out (RFC 9728 §2)");
    assert_eq!(server.metadata_url(), METADATA);
    assert_eq!(server.metadata().resource(), RESOURCE, "MCP-16");
    assert_eq!(server.metadata().authorization_servers().collect::<Vec<_>>(), [ISSUER]);
}

#[test]
fn it_says_everything() {
    let site = Site::new();
    let server = site
        .builder_with(site.proofs())
        .scopes_supported(["files:read", "files:delete"])
        .dpop_bound_access_tokens_required()
        .tls_client_certificate_bound_access_tokens()
        .authorization_details_types_supported(["payment_initiation"])
        .resource_name("Files")
        .resource_documentation("https://mcp.example.com/docs")
        .resource_policy_uri("https://mcp.example.com/policy")
        .resource_tos_uri("https://mcp.example.com/tos")
        .build()
        .unwrap();
    let all = json!({
        "resource": RESOURCE,
        "authorization_servers": [ISSUER],
        "scopes_supported": ["files:read", "files:delete"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Files",
        "resource_documentation": "https://mcp.example.com/docs",
        "resource_policy_uri": "https://mcp.example.com/policy",
        "resource_tos_uri": "https://mcp.example.com/tos",
        "tls_client_certificate_bound_access_tokens": true,
        "authorization_details_types_supported": ["payment_initiation"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "dpop_bound_access_tokens_required": true,
    });
    assert_eq!(document(&server), all);
}

#[test]
fn where_it_is() {
    const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
    let rows = [
        ("https://a.example", WELL_KNOWN.to_owned()),
        ("https://a.example/", WELL_KNOWN.to_owned()),
        ("https://a.example:8443", WELL_KNOWN.to_owned()),
        ("https://a.example/mcp", format!("{WELL_KNOWN}/mcp")),
        ("https://a.example/mcp/", format!("{WELL_KNOWN}/mcp/")),
        ("https://a.example/v1/mcp", format!("{WELL_KNOWN}/v1/mcp")),
        ("https://a.example?tenant=1", format!("{WELL_KNOWN}?tenant=1")),
        ("https://a.example/?tenant=1", format!("{WELL_KNOWN}?tenant=1")),
        ("https://a.example/mcp?tenant=1", format!("{WELL_KNOWN}/mcp?tenant=1")),
    ];
    for (resource, path) in rows {
        let validator = validator_builder(Profile::access_token())
            .issuer(Site::new().trusted())
            .audience(resource)
            .clock(FixedClock::new(now()))
            .build()
            .unwrap();
        let server = ResourceServer::builder(validator).build().unwrap();
        assert_eq!(server.metadata_path(), path, "RFC 9728 §3.1: {resource}");
        let origin = resource.split('/').take(3).collect::<Vec<_>>().join("/");
        let origin = origin.split('?').next().unwrap();
        assert_eq!(server.metadata_url(), format!("{origin}{path}"));
        assert!(server.serves_metadata_at(&path.parse::<Uri>().unwrap()));
        assert!(server.serves_metadata_at(&format!("{origin}{path}").parse::<Uri>().unwrap()));
        assert!(!server.serves_metadata_at(&format!("{path}x").parse::<Uri>().unwrap()));
        assert!(!server.serves_metadata_at(&Uri::from_static("/")));
    }
}
