//! DPoP proofs, and tokens that are bound to a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::testing::{TestKey, TestToken};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, DpopProofClaims, Jwk, Profile, RequestFacts, SignatureAlgorithm,
    Thumbprint, Validator,
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use time::Duration;

use super::kind::{METHOD, NONCE, Party, Rows, URI, facts, guard, proof, proofs};
use super::support::{AUDIENCE, NOW, expect_accepted, expect_rejected, now, validator_builder};

fn key() -> TestKey {
    TestKey::generate("holder", SignatureAlgorithm::Es256)
}

fn thumbprint(key: &TestKey) -> Thumbprint {
    Jwk::from_json(key.jwk().to_string()).unwrap().thumbprint()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn hash(token: &str) -> String {
    b64(digest(&SHA256, token.as_bytes()))
}

#[test]
fn proofs_of_possession() {
    let rows = Rows::of("dpop-proof", "DP-02");
    for typ in ["JWT", "at+jwt", "dpop", "wpt+jwt"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
    rows.accepts("in full", &rows.good().header("typ", "application/dpop+jwt"));
    for claim in ["jti", "htm", "htu", "iat"] {
        rows.refuses(&format!("claims.{claim}"), claim, &rows.good().without(claim));
    }
    rows.refuses("key.embedded", "no jwk", &rows.good().without_header("jwk"));
    rows.rule("DP-03");
    rows.refuses("header.alg", "unsecured", &rows.good().unsecured());
    rows.refuses("header.alg", "a MAC", &rows.good().header("alg", "HS256"));
    rows.refuses("header.alg", "not permitted", &rows.good().header("alg", "ES384"));
    let octets = json!({ "kty": "oct", "k": "AAAA" });
    rows.refuses("key.embedded", "a secret", &rows.good().header("jwk", octets));
    rows.refuses("key.embedded", "another type", &rows.good().header("alg", "Ed25519"));
    let mut other_alg = rows.party.0.key().jwk();
    other_alg["alg"] = json!("ES384");
    rows.refuses("key.embedded", "a key for another", &rows.good().header("jwk", other_alg));
    rows.rule("DP-04");
    rows.refuses("crypto.signature", "another key", &rows.good().header("jwk", key().jwk()));
    rows.refuses("key.embedded", "no key", &rows.good().header("jwk", json!({ "kty": "EC" })));
    rows.refuses("header.keys", "no object", &rows.good().header("jwk", json!("key")));
    rows.rule("DP-05");
    for (member, value) in [("d", json!("AAAA")), ("d", json!(null))] {
        let mut private = rows.party.0.key().jwk();
        private[member] = value;
        rows.refuses("key.embedded", member, &rows.good().header("jwk", private));
    }
    rows.rule("DP-06");
    for method in ["post", "GET", "", "POST "] {
        rows.refuses("claims.htm", method, &rows.with("htm", method));
    }
    rows.refuses_given(&facts().method("GET"), "claims.htm", "of another", &rows.good());
    rows.refuses("claims.htm", "a list", &rows.with("htm", json!(["POST"])));
    rows.rule("DP-08");
    rows.refuses("claims.nonce", "no nonce", &rows.good().without("nonce"));
    rows.refuses("claims.nonce", "another nonce", &rows.with("nonce", "x"));
    rows.refuses("claims.nonce", "no string", &rows.with("nonce", json!([NONCE])));
    let no_nonce = RequestFacts::new().method(METHOD).uri(URI);
    rows.accepts_given(&no_nonce, "none was given out", &rows.good());
    rows.rule("DP-09");
    for (what, iat) in [("60 s old", NOW - 60), ("5 s ahead", NOW + 5)] {
        rows.accepts(what, &rows.with("iat", iat));
    }
    rows.refuses("time.age", "61 s old", &rows.with("iat", NOW - 61));
    rows.refuses("claims.iat", "6 s ahead", &rows.with("iat", NOW + 6));
    rows.refuses("claims.exp", "expired by its own word", &rows.with("exp", NOW - 60));
    rows.refuses("claims.nbf", "not yet valid by its own word", &rows.with("nbf", NOW + 61));
    rows.rule("DP-10");
    let given = || facts().access_token("token-1");
    rows.accepts_given(&given(), "its token", &rows.with("ath", hash("token-1")));
    rows.refuses_given(&given(), "claims.ath", "no ath", &rows.good());
    rows.refuses_given(&given(), "claims.ath", "another's", &rows.with("ath", hash("token-2")));
    rows.refuses("claims.ath", "of what did not come", &rows.with("ath", hash("token-1")));
    rows.rule("DP-11");
    let own = thumbprint(rows.party.0.key());
    rows.accepts_given(&facts().bound_to(own), "the token's key", &rows.good());
    let other = facts().bound_to(thumbprint(&key()));
    rows.refuses_given(&other, "cnf.proof_key", "another key", &rows.good());
}

#[test]
fn the_uri_of_a_request() {
    let rows = Rows::of("dpop-proof", "DP-07");
    let given = |uri| facts().uri(uri);
    for (htu, uri) in [
        (URI, "https://api.example.com/files?x=1"),
        (URI, "https://api.example.com/files#top"),
        ("https://api.example.com/files?x=1#y", URI),
        ("HTTPS://API.EXAMPLE.COM:443/files", URI),
        ("https://api.example.com/a/../files", URI),
        ("https://api.example.com/./files", URI),
        ("https://api.example.com/%66iles", URI),
        ("https://api.example.com/%7euser", "https://api.example.com/~user"),
        ("https://api.example.com/a%2fb", "https://api.example.com/a%2Fb"),
        ("https://api.example.com", "https://api.example.com/"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("http://[0:0:0:0:0:0:0:1]/x", "http://[::1]/x"),
        ("https://API%2Eexample.com/files", URI),
    ] {
        rows.accepts_given(&given(uri), htu, &rows.with("htu", htu));
    }
    for htu in [
        "https://api.example.com/files/",
        "https://api.example.com/Files",
        "https://api.example.com/file",
        "https://api.example.com/",
        "https://api.example.com:444/files",
        "http://api.example.com/files",
        "https://api.example.com.evil.example/files",
        "https://user@api.example.com/files",
        "https://api.example.com@evil.example/files",
        "https://api.example.com/files%2F..",
        "https://api.example.com\\files",
        "https://api.example.com/a%2f..%2ffiles",
        "//api.example.com/files",
        "/files",
        "ftp://api.example.com/files",
        "https:///files",
        "https://api.example.com:x/files",
        "https://api.example.com/%zz",
        "https://api.example.com/files?%zz",
        "https://api.example.com/files#a#b",
        "https://api.example.com:65536/files",
        "https://:443/files",
        "",
    ] {
        rows.refuses("claims.htu", htu, &rows.with("htu", htu));
    }
    rows.refuses("claims.htu", "a number", &rows.with("htu", 1));
    // A request's path that no URI has is not that of any proof.
    for uri in ["https://api.example.com/a|b", "https://api.example.com/\u{e9}"] {
        rows.refuses_given(&given(uri), "claims.htu", uri, &rows.with("htu", uri));
    }
    let nothing = RequestFacts::new().nonce(NONCE).method(METHOD);
    rows.refuses_given(&nothing, "claims.htu", "the URI was not given", &rows.good());
    let nothing = RequestFacts::new().nonce(NONCE).uri(URI);
    rows.refuses_given(&nothing, "claims.htm", "the method was not given", &rows.good());
}

#[test]
fn the_age_of_a_proof_is_the_servers_to_say() {
    let party = Party::new();
    let patient = Profile::dpop_proof().claims::<Value>().max_token_age(Duration::minutes(5));
    let patient = proofs(patient.max_ahead(Duration::seconds(30))).build().unwrap();
    let appraise = |jti: &str, iat: i64| {
        let token = party.good("dpop-proof").claim("iat", iat).claim("jti", jti).sign();
        patient.appraise_with_at(token, &facts(), now())
    };
    expect_accepted("DP-09", "5 minutes old", &appraise("1", NOW - 300));
    expect_rejected("DP-09", &["time.age"], "more", &appraise("2", NOW - 301));
    expect_accepted("DP-09", "30 s ahead", &appraise("3", NOW + 30));
    expect_rejected("DP-09", &["claims.iat"], "more", &appraise("4", NOW + 31));
    for (profile, words) in [
        (
            Profile::dpop_proof().claims::<Value>().max_token_age(Duration::minutes(11)),
            "the setting max_token_age is 660",
        ),
        (
            Profile::dpop_proof().claims().max_ahead(Duration::seconds(61)),
            "the setting max_ahead is 61",
        ),
    ] {
        let error = proofs(profile).build().unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
    }
}

/// What a resource server has: a proof and a token that came with one request.
struct Server {
    proofs: Validator<DpopProofClaims>,
    tokens: Validator<AccessTokenClaims>,
}

impl Server {
    fn new(party: &Party) -> Self {
        let proofs = validator_builder(Profile::dpop_proof())
            .algorithms([SignatureAlgorithm::Es256])
            .replay_guard(guard())
            .build();
        let tokens = validator_builder(Profile::access_token()).issuer(party.trusted());
        let tokens = tokens.audience(AUDIENCE).build();
        Self { proofs: proofs.unwrap(), tokens: tokens.unwrap() }
    }

    fn proof(&self, proof: &TestToken, token: Option<&str>) -> Accepted<DpopProofClaims> {
        let facts = token.iter().fold(facts(), |facts, token| facts.access_token(token));
        self.proofs.appraise_with_at(proof.sign(), &facts, now()).into_result().unwrap()
    }
}

#[test]
fn a_bound_token_comes_with_its_proof() {
    let party = Party::new();
    let holder = key();
    let server = Server::new(&party);
    let jkt = json!({ "jkt": thumbprint(&holder).to_string() });
    let token = party.good("access-token").claim("cnf", jkt).sign();
    let appraise = |token: &str, expect: &RequestFacts<'_>| {
        server.tokens.appraise_with_at(token, expect, now())
    };
    let refused = |rule, what, token: &str, expect: &RequestFacts<'_>| {
        expect_rejected(rule, &["claims.cnf"], what, &appraise(token, expect));
    };
    refused("AT-14 DP-13", "as a bearer token", &token, &RequestFacts::new());
    let proved = server.proof(&proof(&holder).claim("ath", hash(&token)), Some(&token));
    assert_eq!(proved.key_thumbprint(), Some(thumbprint(&holder)));
    assert_eq!(proved.issuer(), &thumbprint(&holder).uri().as_str(), "nobody vouches for it");
    expect_accepted(
        "AT-13 DP-11",
        "with its proof",
        &appraise(&token, &RequestFacts::new().proof(&proved)),
    );

    let other = party.good("access-token").claim("jti", "j-2");
    let bound = json!({ "jkt": thumbprint(&holder).to_string() });
    let other = other.claim("cnf", bound).sign();
    refused("DP-10", "the proof of another token", &other, &RequestFacts::new().proof(&proved));
    let for_none = server.proof(&proof(&holder).claim("jti", "p-2"), None);
    refused("DP-10", "the proof of no token", &token, &RequestFacts::new().proof(&for_none));
    let thief = key();
    let stolen = proof(&thief).claim("ath", hash(&token)).claim("jti", "p-3");
    let stolen = server.proof(&stolen, Some(&token));
    refused("DP-11", "another's proof", &token, &RequestFacts::new().proof(&stolen));
    let plain = party.good("access-token").sign();
    let downgraded = proof(&holder).claim("ath", hash(&plain)).claim("jti", "p-4");
    let downgraded = server.proof(&downgraded, Some(&plain));
    refused("DP-11", "a token that is not bound", &plain, &RequestFacts::new().proof(&downgraded));
}

#[test]
fn a_token_is_bound_to_a_certificate() {
    let rows = Rows::of("access-token", "AT-13");
    let certificate = [7; 32];
    let digest = b64(certificate);
    let bound = rows.with("cnf", json!({ "x5t#S256": digest }));
    rows.accepts_given(&RequestFacts::new().certificate_sha256(certificate), "its own", &bound);
    let other = RequestFacts::new().certificate_sha256([8; 32]);
    rows.refuses_given(&other, "claims.cnf", "another", &bound);
    rows.refuses_given(&RequestFacts::new(), "claims.cnf", "none", &bound);
    let both = json!({ "x5t#S256": digest, "jkt": thumbprint(&key()).to_string() });
    let both = rows.with("cnf", both);
    let one = RequestFacts::new().certificate_sha256(certificate);
    rows.refuses_given(&one, "claims.cnf", "one of two", &both);
    let proof = RequestFacts::new().certificate_sha256(certificate).proof_key(thumbprint(&key()));
    rows.refuses_given(&proof, "claims.cnf", "with the proof of a key", &bound);
}

/// The proof of a request for a token is for no token yet.
#[test]
fn a_grant_comes_with_a_proof_of_its_own() {
    let rows = Rows::of("id-jag", "JAG-08");
    let holder = key();
    let server = Server::new(&rows.party);
    let bound = rows.with("cnf", json!({ "jkt": thumbprint(&holder).to_string() }));
    let proved = server.proof(&proof(&holder), None);
    rows.accepts_given(&facts().proof(&proved), "its own", &bound);
    let other = server.proof(&proof(&key()).claim("jti", "p-2"), None);
    rows.refuses_given(&facts().proof(&other), "claims.cnf", "another's", &bound);
}

/// The proof is for the token that is introspected, not for the answer.
#[test]
fn an_introspected_token_comes_with_its_proof() {
    let rows = Rows::of("introspection-response", "IR-05");
    let holder = key();
    let server = Server::new(&rows.party);
    let cnf = json!({ "jkt": thumbprint(&holder).to_string() });
    let bound = rows.with("token_introspection", json!({ "active": true, "cnf": cnf }));
    let proved = server.proof(&proof(&holder).claim("ath", hash("token-1")), Some("token-1"));
    let given = |token| RequestFacts::new().proof(&proved).access_token(token);
    rows.accepts_given(&given("token-1"), "its own", &bound);
    let code = "claims.token_introspection";
    rows.refuses_given(&given("token-2"), code, "another token", &bound);
    rows.refuses_given(&RequestFacts::new().proof(&proved), code, "no token", &bound);
}

/// What was accepted under a profile of one's own is no proof.
#[test]
fn an_accepted_token_is_not_yet_a_proof() {
    let party = Party::new();
    let own = validator_builder(Profile::<DpopProofClaims>::new("own+jwt"));
    let own = own.issuer(party.trusted()).audience(AUDIENCE).build().unwrap();
    let token = party.draft("own+jwt").claim("jti", "j").sign();
    let accepted = own.appraise_at(token, now()).into_result().unwrap();
    let rows = Rows::of("access-token", "AT-13");
    let expect = RequestFacts::new().proof(&accepted);
    rows.refuses_given(&expect, "claims.cnf", "not bound", &rows.good());
    let bound = rows.with("cnf", json!({ "jkt": thumbprint(party.0.key()).to_string() }));
    rows.refuses_given(&expect, "claims.cnf", "bound", &bound);
}

#[test]
fn what_is_not_known_is_not_satisfied() {
    let rows = Rows::of("access-token", "AT-15");
    let holder = key();
    let all = || RequestFacts::new().certificate_sha256([7; 32]).proof_key(thumbprint(&holder));
    let jkt = thumbprint(&holder).to_string();
    for cnf in [
        json!({}),
        json!(null),
        json!([]),
        json!("x"),
        json!({ "jwk": holder.jwk() }),
        json!({ "kid": "holder" }),
        json!({ "x5t": "x" }),
        json!({ "jkt": [jkt] }),
        json!({ "jkt": null }),
        json!({ "JKT": jkt }),
        json!({ "jkt": jkt, "new": {} }),
    ] {
        let token = rows.with("cnf", cnf.clone());
        rows.refuses_given(&all(), "claims.cnf", &cnf.to_string(), &token);
    }
    let known = RequestFacts::new().proof_key(thumbprint(&holder));
    rows.accepts_given(&known, "known", &rows.with("cnf", json!({ "jkt": jkt })));
}
