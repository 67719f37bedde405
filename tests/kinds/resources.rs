//! Access tokens for MCP servers: the audience is a resource.

use jwt_appraisal::{ConfigError, Profile};
use serde_json::{Value, json};

use super::kind::{Party, Rows};
use super::support::{AUDIENCE, expect_accepted, expect_rejected, now, validator_builder};

#[test]
fn the_audience_is_this_server() {
    let rows = Rows::of("mcp-access-token", "MCP-06 MCP-07 MCP-08");
    for aud in [json!("https://other.example"), json!(["https://other.example"]), json!("api")] {
        rows.refuses("claims.aud", &aud.to_string(), &rows.with("aud", aud.clone()));
    }
    rows.refuses("claims.aud", "nobody", &rows.good().without("aud"));
    rows.rule("MCP-15");
    for aud in ["https://api.example.com", "HTTPS://API.example.COM", "https://api.example.com/"] {
        rows.accepts(aud, &rows.with("aud", aud));
    }
    for aud in [
        "https://api.example.com//",
        "https://api.example.com/mcp",
        "https://api.example.com:443",
        "https://api.example.com#x",
        "https://api.example.com?x",
        "https://api.example.com?x/",
        "http://api.example.com",
        "https://api.example.com.evil.example",
        "https://evil.example/https://api.example.com",
        "https://x@api.example.com",
        "api.example.com",
    ] {
        rows.refuses("claims.aud", aud, &rows.with("aud", aud));
    }
}

#[test]
fn paths_are_compared_as_they_are() {
    let party = Party::new();
    let server = "https://api.example.com/Mcp";
    let validator = validator_builder(Profile::mcp_access_token().claims::<Value>());
    let validator = validator.issuer(party.trusted()).audience(server).build().unwrap();
    let appraise = |aud: &str| {
        let token = party.good("mcp-access-token").claim("aud", aud).sign();
        validator.appraise_at(token, now())
    };
    for aud in [server, "https://API.example.com/Mcp/"] {
        expect_accepted("MCP-15", aud, &appraise(aud));
    }
    for aud in
        ["https://api.example.com/mcp", "https://api.example.com", "https://api.example.com/%4dcp"]
    {
        expect_rejected("MCP-15", &["claims.aud"], aud, &appraise(aud));
    }
}

#[test]
fn other_audiences_are_the_servers_to_say() {
    let rows = Rows::of("mcp-access-token", "MCP-08");
    let both = json!([AUDIENCE, "https://other.example"]);
    rows.accepts("shared", &rows.with("aud", both.clone()));
    let alone = Profile::mcp_access_token().claims::<Value>().refuse_other_audiences();
    let alone = rows.party.issued(alone).build().unwrap();
    let appraise = |aud: Value| alone.appraise_at(rows.with("aud", aud).sign(), now());
    expect_rejected("MCP-08", &["claims.aud"], "shared", &appraise(both));
    expect_accepted("MCP-08", "alone", &appraise(json!([AUDIENCE])));
    expect_accepted("MCP-08", "twice", &appraise(json!([AUDIENCE, format!("{AUDIENCE}/")])));
}

#[test]
fn a_server_is_named_by_a_uri() {
    let party = Party::new();
    for name in [
        "api",
        "urn:x:y",
        "https://api.example.com#x",
        "https://x@api.example.com",
        "https://",
        "https://:443",
        "1://api.example.com",
        "https://api.example.com/%zz",
    ] {
        let builder = validator_builder(Profile::mcp_access_token().claims::<Value>());
        let built = builder.issuer(party.trusted()).audience(name).build();
        let refused = matches!(
            built.unwrap_err(),
            ConfigError::ResourceAudience { .. } | ConfigError::AudienceName { .. }
        );
        assert!(refused, "MCP-15: {name}");
    }
}
