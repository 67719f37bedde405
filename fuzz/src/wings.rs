//! Properties of the wings: requests, bodies of MCP requests, answers of key servers.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a property that does not hold has to stop the fuzzer"
)]

use std::sync::{Arc, LazyLock};

use http::{HeaderName, HeaderValue, Request};
use jwt_appraisal::http::{McpScopes, Requirement, ResourceServer};
use jwt_appraisal::remote::{FetchAnswer, JwksCache, Step, Update};
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{
    AccessTokenClaims, JwkSet, KeyStore, MemoryReplayGuard, Profile, SignatureAlgorithm,
    TrustedIssuer, Validator,
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

const RESOURCE: &str = "https://api.example.com/mcp";

static SITE: LazyLock<(String, ResourceServer<AccessTokenClaims>)> = LazyLock::new(|| {
    let issuer = TestIssuer::new("https://as.example.com");
    let set = JwkSet::from_json(issuer.jwks()).expect("a set");
    let keys = KeyStore::new([SignatureAlgorithm::Es256], set).expect("keys");
    let proofs = Validator::builder(Profile::dpop_proof())
        .algorithms([SignatureAlgorithm::Es256])
        .replay_guard(Arc::new(MemoryReplayGuard::new(1_000)))
        .build()
        .expect("a validator of proofs");
    let tokens = Validator::builder(Profile::access_token())
        .issuer(TrustedIssuer::new("https://as.example.com", keys))
        .audience(RESOURCE)
        .dpop(proofs)
        .build()
        .expect("a validator");
    let server = ResourceServer::builder(tokens)
        .requirement(Requirement::scopes(["files:read"]))
        .dpop_nonces(Duration::minutes(5))
        .build()
        .expect("a resource server");
    let forever = OffsetDateTime::now_utc().unix_timestamp() + 12 * 3_600;
    let draft = issuer.access_token(RESOURCE).claim("exp", forever);
    (draft.claim("scope", "files:read").sign(), server)
});

/// Headers, a line each, in which `TOKEN` stands for a good token: nobody is let in without it, and the
/// answer to everybody else has the grammar of a challenge and nothing of the request.
pub fn request(input: &[u8]) {
    let (token, server) = &*SITE;
    let mut request = Request::get("/mcp").body(()).expect("a request");
    let mut has_token = false;
    for line in input.split(|byte| *byte == b'\n') {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let mut value = value.strip_prefix(b":").unwrap_or_default().trim_ascii().to_vec();
        if let Some(at) = value.windows(5).position(|part| part == b"TOKEN") {
            value.splice(at..at + 5, token.bytes());
            has_token = true;
        }
        let name = HeaderName::from_bytes(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&value)) {
            request.headers_mut().append(name, value);
        }
    }
    match server.authenticate(&(&request).into()) {
        Ok(_) => assert!(has_token, "somebody is let in without a token"),
        Err(denied) => {
            let headers = denied.challenge().headers();
            let challenges: Vec<_> = headers.get_all("www-authenticate").iter().collect();
            assert_eq!(challenges.len(), 2);
            for challenge in challenges {
                let text = challenge.to_str().expect("visible ASCII");
                let quotes = text.matches('"').count();
                assert!(quotes.is_multiple_of(2) && !text.contains('\\'), "{text}");
                assert!(!text.contains(token.as_str()));
            }
            assert!(!denied.to_string().contains(token.as_str()));
        }
    }
}

/// Whatever the body of an MCP request is: who reads it as plain JSON, the last of two members counting,
/// finds no tool in it whose scopes were not asked for.
pub fn mcp_body(input: &[u8]) {
    let scopes = McpScopes::new().tool("read", ["r"]).tool("delete", ["d"]).tool("ping", []);
    let Ok(Some(needed)) = scopes.needed_by(input) else {
        // It is refused as a whole.
        return;
    };
    let Ok(value) = serde_json::from_slice::<Value>(input) else {
        // Text in strings that is not UTF-8, or numbers that are too large, in members that say nothing.
        return;
    };
    if value["method"] == "tools/call" {
        match value["params"]["name"].as_str().expect("a tool") {
            "read" => assert!(needed.contains(&"r")),
            "delete" => assert!(needed.contains(&"d")),
            tool => assert_eq!(tool, "ping", "a tool that is not listed"),
        }
    }
}

/// Whatever a key server answers: a set with a usable key replaces the keys, and nothing else does.
pub fn jwks_answer(input: &[u8]) {
    let (status, body) = input.split_first().unwrap_or((&0, input));
    let status = if *status < 200 { 200 } else { u16::from(*status) };
    let (control, body) = match body.iter().position(|byte| *byte == b'\n') {
        Some(at) => (std::str::from_utf8(&body[..at]).ok(), &body[at + 1..]),
        None => (None, body),
    };
    let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a date");
    let cache = JwksCache::issuer("https://as.example.com")
        .jwks_uri("https://as.example.com/jwks")
        .algorithms([SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256])
        .build()
        .expect("a cache");
    let Step::Fetch(first) = cache.poll(now) else { unreachable!("keys are to be fetched") };
    let answer = FetchAnswer::new(status, body).cache_control(control).age(control).etag(control);
    let update = cache.complete(first, answer, now);
    let status = cache.status(now);
    let replaced = matches!(update, Update::Replaced { .. });
    assert_eq!(status.report.usable() > 0, replaced, "{update}");
    assert_eq!(status.generation > 0, replaced, "{update}");
    let day = now + Duration::hours(26);
    assert!(status.usable_until.is_none_or(|until| until < day), "{update}");
    assert!(matches!(cache.poll(now), Step::WaitUntil(due) if due > now), "{update}");
}
