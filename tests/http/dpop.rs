//! Requests with a DPoP proof, one member of a good one changed at a time.

use std::sync::Arc;

use http::Request;
use jwt_appraisal::AccessTokenClaims;
use jwt_appraisal::http::{Requirement, ResourceServer};
use jwt_appraisal::testing::{Segment, TestKey, TestToken, tamper};
use jwt_appraisal::{
    FixedClock, MemoryReplayGuard, Profile, RequestFacts, SignatureAlgorithm, danger,
};
use serde_json::json;
use time::Duration;

use super::site::{
    METADATA, RESOURCE, Site, authenticate, bearer, failing, request, told, with_proof,
};
use super::support::{NOW, now, validator_builder};

fn challenges(bearer_error: &str, dpop_error: &str) -> Vec<String> {
    let rest = format!("scope=\"files:read\", resource_metadata=\"{METADATA}\"");
    vec![format!("Bearer {bearer_error}{rest}"), format!("DPoP {dpop_error}{rest}, algs=\"ES256\"")]
}

#[test]
fn a_good_proof_and_its_token() {
    let site = Site::new();
    let token = site.bound_token().sign();
    let asked = with_proof(&token, &site.proof(&token).sign());
    let caller = authenticate(&site.dpop_server(), &asked).unwrap();
    assert_eq!(&*caller.claims().sub, "user-1");
}

#[test]
fn proofs_that_are_refused() {
    let site = Site::new();
    let token = site.bound_token().sign();
    let good = site.proof(&token);
    let other = TestKey::generate("other", SignatureAlgorithm::Es256);
    let private = {
        let mut jwk = site.client.jwk();
        jwk["d"] = json!("AAAA");
        jwk
    };
    let rows: Vec<(&str, &str, String, &str)> = vec![
        ("DP-02", "typ", good.clone().header("typ", "JWT").sign(), "proof.header.typ"),
        ("DP-02", "no jti", good.clone().without("jti").sign(), "proof.claims.jti"),
        ("DP-03", "alg", good.clone().unsecured().sign(), "proof.header.alg"),
        ("DP-04", "forged", tamper(&good.sign(), Segment::Signature, 3), "proof.crypto.signature"),
        ("DP-04", "another key", good.clone().signed_by(&other).sign(), "proof.crypto.signature"),
        ("DP-05", "private key", good.clone().header("jwk", private).sign(), "proof.key.embedded"),
        ("DP-02", "no key", good.clone().without_header("jwk").sign(), "proof.key.embedded"),
        ("DP-06", "htm", good.clone().claim("htm", "POST").sign(), "proof.claims.htm"),
        (
            "DP-06",
            "htm in small letters",
            good.clone().claim("htm", "get").sign(),
            "proof.claims.htm",
        ),
        ("DP-07", "htu", good.clone().claim("htu", "https://evil/mcp").sign(), "proof.claims.htu"),
        ("DP-09", "old", good.clone().claim("iat", NOW - 61).sign(), "proof.time.age"),
        ("DP-09", "ahead", good.clone().claim("iat", NOW + 6).sign(), "proof.claims.iat"),
        ("DP-10", "ath", good.clone().claim("ath", "AAAA").sign(), "proof.claims.ath"),
        ("DP-10", "no ath", good.clone().without("ath").sign(), "proof.claims.ath"),
    ];
    for (rule, what, proof, code) in rows {
        let server = site.dpop_server();
        let denied = authenticate(&server, &with_proof(&token, &proof)).unwrap_err();
        let expected = challenges("", "error=\"invalid_dpop_proof\", ");
        assert_eq!(told(&denied), (401, expected), "DP-14 {rule}: {what}: {denied}");
        assert_eq!(failing(&denied), [code], "{rule}: {what}");
    }
}

#[test]
fn a_proof_by_another_key_does_not_fit_the_token() {
    let site = Site::new();
    let thief = Site { issuer: site.issuer.clone(), client: Site::new().client };
    let token = site.bound_token().sign();
    let stolen = with_proof(&token, &thief.proof(&token).sign());
    let denied = authenticate(&site.dpop_server(), &stolen).unwrap_err();
    assert_eq!(told(&denied), (401, challenges("", "error=\"invalid_token\", ")), "DP-11");
    assert_eq!(failing(&denied), ["claims.cnf"]);
}

#[test]
fn exactly_one_proof() {
    let site = Site::new();
    let token = site.bound_token().sign();
    let proof = site.proof(&token).sign();
    let authorization = format!("DPoP {token}");
    let none = request(&[("authorization", &authorization)]);
    let two = [("authorization", &*authorization), ("dpop", &*proof), ("DPoP", &*proof)];
    for (rule, asked) in [("none", none), ("two", request(&two))] {
        let denied = authenticate(&site.dpop_server(), &asked).unwrap_err();
        let expected = challenges("", "error=\"invalid_dpop_proof\", ");
        assert_eq!(told(&denied), (401, expected), "DP-01: {rule}");
    }
}

#[test]
fn the_scheme_and_the_token_agree() {
    let site = Site::new();
    let server = site.dpop_server();
    let (bound, unbound) = (site.bound_token().sign(), site.token().sign());
    assert!(authenticate(&server, &bearer(&unbound)).is_ok());
    let denied = authenticate(&server, &bearer(&bound)).unwrap_err();
    let expected = challenges("error=\"invalid_token\", ", "");
    assert_eq!(told(&denied), (401, expected), "DP-13: bound, as Bearer");
    let proof = site.proof(&unbound).sign();
    let denied = authenticate(&server, &with_proof(&unbound, &proof)).unwrap_err();
    assert_eq!(failing(&denied), ["claims.cnf"], "DP-13: not bound, as DPoP");
    // A proof beside a bearer token makes no DPoP request of it.
    let beside = request(&[
        ("authorization", &format!("Bearer {bound}")),
        ("dpop", &site.proof(&bound).sign()),
    ]);
    assert_eq!(failing(&authenticate(&server, &beside).unwrap_err()), ["claims.cnf"], "DP-13");
}

#[test]
fn nothing_but_dpop() {
    let site = Site::new();
    let server =
        site.builder_with(site.proofs()).dpop_bound_access_tokens_required().build().unwrap();
    let denied = authenticate(&server, &bearer(&site.token().sign())).unwrap_err();
    let only = vec![format!("DPoP resource_metadata=\"{METADATA}\", algs=\"ES256\"")];
    assert_eq!(told(&denied), (401, only.clone()));
    assert_eq!(told(&authenticate(&server, &request(&[])).unwrap_err()), (401, only), "MCP-20");
    let token = site.bound_token().sign();
    assert!(authenticate(&server, &with_proof(&token, &site.proof(&token).sign())).is_ok());
}

#[test]
fn a_proof_is_good_once() {
    let site = Site::new();
    let server = site.dpop_server();
    let token = site.bound_token().sign();
    let asked = with_proof(&token, &site.proof(&token).sign());
    assert!(authenticate(&server, &asked).is_ok());
    let denied = authenticate(&server, &asked).unwrap_err();
    assert_eq!(failing(&denied), ["proof.state.replay"], "DP-12");
    assert_eq!(denied.challenge().error(), Some("invalid_dpop_proof"));
    let next = with_proof(&token, &site.proof(&token).claim("jti", "proof-2").sign());
    assert!(authenticate(&server, &next).is_ok());
}

/// A server names the caller as the presenter of a proof; a validator by itself names the proof's key.
#[test]
fn a_proof_is_good_once_at_two_entry_points() {
    let site = Site::new();
    let proofs = site.proofs();
    let server = site.builder_with(proofs.clone()).build().unwrap();
    let token = site.bound_token().sign();
    let proof = site.proof(&token).sign();
    let facts = RequestFacts::new().method("GET").uri(RESOURCE).access_token(&token);
    assert!(proofs.appraise_with(&proof, &facts).is_accepted());
    let denied = authenticate(&server, &with_proof(&token, &proof)).unwrap_err();
    assert_eq!(failing(&denied), ["proof.state.replay"], "DP-12");
}

#[test]
fn nobody_without_a_good_token_takes_room_in_the_guard() {
    let site = Site::new();
    let server = site.builder_with(site.proofs_remembering(1)).build().unwrap();
    let (own, forged) = (site.bound_token().sign(), Site::new().bound_token().sign());
    for jti in 0..100 {
        let proof = site.proof(&forged).claim("jti", format!("flood-{jti}")).sign();
        assert!(authenticate(&server, &with_proof(&forged, &proof)).is_err());
    }
    assert!(authenticate(&server, &with_proof(&own, &site.proof(&own).sign())).is_ok());
    // The guard is full now, and says so.
    let next = site.proof(&own).claim("jti", "proof-2").sign();
    let denied = authenticate(&server, &with_proof(&own, &next)).unwrap_err();
    assert_eq!(denied.challenge().status(), 503);
}

#[test]
fn nobody_takes_all_the_room_in_the_guard() {
    let site = Site::new();
    let other = Site { issuer: site.issuer.clone(), client: Site::new().client };
    let guard = Arc::new(MemoryReplayGuard::new(10).most_per_party(3));
    let proofs = validator_builder(Profile::dpop_proof())
        .algorithms([SignatureAlgorithm::Es256])
        .replay_guard(guard)
        .clock(FixedClock::new(now()))
        .build();
    let server = site.builder_with(proofs.unwrap()).build().unwrap();
    let ask = |site: &Site, sub: &str, jti: u32| {
        let token = site.bound_token().claim("sub", sub).sign();
        let proof = site.proof(&token).claim("jti", format!("p-{jti}")).sign();
        authenticate(&server, &with_proof(&token, &proof))
            .map_or_else(|denied| denied.challenge().status().as_u16(), |_| 200)
    };
    let own: Vec<_> = (0..5).map(|jti| ask(&site, "user-1", jti)).collect();
    assert_eq!(own, [200, 200, 200, 503, 503]);
    assert_eq!(ask(&other, "user-1", 9), 503, "another key of the same subject");
    assert_eq!(ask(&other, "user-2", 9), 200);
}

#[test]
fn a_valid_proof_alone_grants_nothing() {
    let site = Site::new();
    let token = site.bound_token().sign();
    let proof = site.proof(&token).sign();
    let alone = request(&[("dpop", &proof)]);
    let denied = authenticate(&site.dpop_server(), &alone).unwrap_err();
    assert_eq!(told(&denied), (401, challenges("", "")), "DP-15");
    let as_token = with_proof(&proof, &site.proof(&proof).sign());
    assert!(authenticate(&site.dpop_server(), &as_token).is_err(), "DP-15");
}

#[test]
fn the_uri_comes_from_the_configuration() {
    let site = Site::new();
    let token = site.bound_token().sign();
    let of = |server: &ResourceServer<AccessTokenClaims>, htu: &str, target: &str, host: &str| {
        let proof = site.proof(&token).claim("htu", htu).sign();
        let mut asked = with_proof(&token, &proof);
        *asked.uri_mut() = target.parse().unwrap();
        asked.headers_mut().insert("host", host.parse().unwrap());
        authenticate(server, &asked).is_ok()
    };
    let server = || site.dpop_server();
    assert!(of(&server(), RESOURCE, "/mcp", "mcp.example.com"));
    assert!(of(&server(), RESOURCE, "/mcp?page=2", "mcp.example.com"), "DP-07: without query");
    assert!(of(&server(), "https://MCP.example.com:443/mcp", "/mcp", ""), "DP-07: normalized");
    assert!(of(&server(), RESOURCE, "/mcp", "evil.example"), "the Host header says nothing");
    assert!(!of(&server(), "https://evil.example/mcp", "/mcp", "evil.example"), "DP-07");
    assert!(
        !of(&server(), "https://evil.example/mcp", "https://evil.example/mcp", "evil"),
        "DP-07"
    );
    assert!(!of(&server(), RESOURCE, "/other", "mcp.example.com"), "DP-07: another path");
    for path in ["/a/../mcp", "/a/%2E%2e/mcp", "/./mcp", "/mcp/.."] {
        let htu = format!("https://mcp.example.com{path}");
        assert!(!of(&server(), &htu, path, "mcp.example.com"), "DP-07: {path}");
    }
    let behind = site.builder_with(site.proofs()).public_base("https://api.example.com/v1/");
    assert!(of(&behind.build().unwrap(), "https://api.example.com/v1/mcp", "/mcp", "inner:8080"));
}

/// A server that demands nonces, and the nonce that it gave.
fn with_nonces(site: &Site) -> (ResourceServer<AccessTokenClaims>, String) {
    let builder = site.builder_with(site.proofs());
    let builder = builder.requirement(Requirement::scopes(["files:read"]));
    let server = builder.dpop_nonces(Duration::minutes(5)).build().unwrap();
    let nonce = server.dpop_nonce().unwrap().to_str().unwrap().to_owned();
    (server, nonce)
}

#[test]
fn nonces() {
    let site = Site::new();
    let (server, nonce) = with_nonces(&site);
    let token = site.bound_token().sign();
    let ask = |draft: &TestToken| authenticate(&server, &with_proof(&token, &draft.sign()));
    for (rule, draft) in [
        ("DP-08: none", site.proof(&token)),
        ("DP-08: another", site.proof(&token).claim("nonce", "other")),
    ] {
        let denied = ask(&draft).unwrap_err();
        let expected = challenges("", "error=\"use_dpop_nonce\", ");
        assert_eq!(told(&denied), (401, expected), "{rule}");
        assert_eq!(denied.challenge().headers()["dpop-nonce"], *nonce, "RFC 9449 §9");
    }
    assert!(ask(&site.proof(&token).claim("nonce", nonce.clone())).is_ok());
    // What else is wrong is not the nonce's fault.
    let denied = ask(&site.proof(&token).claim("htm", "POST")).unwrap_err();
    assert_eq!(denied.challenge().error(), Some("invalid_dpop_proof"));
    let denied = ask(&site.proof(&token).claim("nonce", 7)).unwrap_err();
    assert_eq!(denied.challenge().error(), Some("invalid_dpop_proof"));
}

#[derive(Debug)]
struct Two;

impl jwt_appraisal::http::DpopNonces for Two {
    fn current(&self, _: time::OffsetDateTime) -> std::sync::Arc<str> {
        "new".into()
    }

    fn previous(&self, _: time::OffsetDateTime) -> Option<std::sync::Arc<str>> {
        Some("old".into())
    }
}

#[test]
fn the_nonce_before_is_accepted_and_used_up_once() {
    let site = Site::new();
    let server = site.builder_with(site.proofs()).dpop_nonce_source(std::sync::Arc::new(Two));
    let server = server.build().unwrap();
    let token = site.bound_token().sign();
    for (nonce, fine) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let proof = site.proof(&token).claim("jti", nonce).claim("nonce", nonce).sign();
        let asked: Request<()> = with_proof(&token, &proof);
        assert_eq!(authenticate(&server, &asked).is_ok(), fine, "{nonce}");
        assert!(authenticate(&server, &asked).is_err(), "{nonce}: again");
    }
}

#[test]
fn the_nonce_before_helps_no_other_fault() {
    let site = Site::new();
    let server = site.builder_with(site.proofs()).dpop_nonce_source(Arc::new(Two));
    let server = server.build().unwrap();
    let token = site.bound_token().sign();
    let proof = site.proof(&token).claim("nonce", "new").claim("htm", "POST").sign();
    let denied = authenticate(&server, &with_proof(&token, &proof)).unwrap_err();
    assert_eq!(failing(&denied), ["proof.claims.htm"]);
}

#[derive(Debug)]
struct Unsendable;

impl jwt_appraisal::http::DpopNonces for Unsendable {
    fn current(&self, _: time::OffsetDateTime) -> Arc<str> {
        "a\nb".into()
    }

    fn previous(&self, _: time::OffsetDateTime) -> Option<Arc<str>> {
        None
    }
}

#[test]
fn a_nonce_that_can_not_be_given_is_not_asked_for() {
    let site = Site::new();
    let server = site.builder_with(site.proofs()).dpop_nonce_source(Arc::new(Unsendable));
    let server = server.build().unwrap();
    let token = site.bound_token().sign();
    let denied =
        authenticate(&server, &with_proof(&token, &site.proof(&token).sign())).unwrap_err();
    assert_eq!(denied.challenge().error(), Some("invalid_dpop_proof"));
    assert!(!denied.challenge().headers().contains_key("dpop-nonce"));
}

/// Of a proof that could never be good, nothing is asked of the token.
#[test]
fn a_proof_without_a_key_that_could_be_used_is_refused_first() {
    let site = Site::new();
    let expired = site.bound_token().at(NOW - 3_600).sign();
    let good = site.proof(&expired);
    let signed = good.sign();
    let rows = [
        ("an algorithm that is not permitted", good.clone().header("alg", "ES384").sign()),
        ("a key that is none", good.clone().header("jwk", 7).sign()),
        ("too long", good.clone().claim("x", "x".repeat(20_000)).sign()),
        ("padding", format!("{signed}=")),
        ("two segments", "a.b".to_owned()),
    ];
    for (what, proof) in rows {
        let denied = authenticate(&site.dpop_server(), &with_proof(&expired, &proof)).unwrap_err();
        assert_eq!(denied.challenge().error(), Some("invalid_dpop_proof"), "{what}: {denied}");
    }
    let denied = authenticate(&site.dpop_server(), &with_proof(&expired, &signed)).unwrap_err();
    assert_eq!(denied.challenge().error(), Some("invalid_token"));
    // A good key, for an algorithm that is not permitted here.
    let client = TestKey::generate("client", SignatureAlgorithm::Es384);
    let other = Site { issuer: site.issuer.clone(), client };
    let expired = other.bound_token().at(NOW - 3_600).sign();
    let asked = with_proof(&expired, &other.proof(&expired).sign());
    let denied = authenticate(&site.dpop_server(), &asked).unwrap_err();
    assert_eq!(denied.challenge().error(), Some("invalid_dpop_proof"), "DP-03");
    assert_eq!(failing(&denied), ["proof.header.alg"], "DP-03");
}

#[test]
fn a_server_without_a_guard_says_so() {
    let site = Site::new();
    let profile = danger::without_replay_guard(jwt_appraisal::Profile::dpop_proof());
    let proofs = super::support::validator_builder(profile)
        .algorithms([SignatureAlgorithm::Es256])
        .build()
        .unwrap();
    let waived: Vec<_> = proofs.waived().map(ToString::to_string).collect();
    assert_eq!(waived, ["state.replay"]);
    assert!(site.builder_with(proofs).build().is_ok());
}
