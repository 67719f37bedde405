//! What is tried: values of claims and header members, malformed tokens, and other requests.

use jwt_appraisal::testing::{Segment, TestIssuer, TestKey, TestToken, tamper};
use jwt_appraisal::{RequestFacts, SignatureAlgorithm};
use serde_json::{Value, json};
use time::Duration;

use super::super::kind::{EVENT, LOGOUT, METHOD, NONCE, STATE, URI, facts};
use super::super::support::{AUDIENCE, ISSUER, NOW};
use super::validators::OTHER_ISSUER;

/// Claims that no code names: the parameters of a request object, and one that no kind knows.
pub(super) const FURTHER_CLAIMS: &[&str] =
    &["error", "max_age", "redirect_uri", "response_type", "scp", "unknown"];

/// Header members; only the first ones are looked at differently for different kinds.
pub(super) const HEADER_MEMBERS: &[&str] = &[
    "alg", "typ", "cty", "kid", "jwk", "crit", "b64", "zip", "jku", "x5c", "x5t", "x5t#S256",
    "x5u", "enc", "iss", "unknown",
];
pub(super) const MEMBERS_OF_KINDS: usize = 5;

/// A value, and how the snapshot names it.
pub(super) struct Case {
    pub(super) label: String,
    pub(super) value: Value,
}

impl From<Value> for Case {
    fn from(value: Value) -> Self {
        let text = value.to_string();
        let label = match text.char_indices().nth(72) {
            Some((at, _)) => format!("{}… ({} bytes)", text.split_at(at).0, text.len()),
            None => text,
        };
        Self { label, value }
    }
}

impl From<(&str, Value)> for Case {
    fn from((label, value): (&str, Value)) -> Self {
        Self { label: label.to_owned(), value }
    }
}

/// A member that is looked at does not permit all of these.
pub(super) fn telling_values() -> [Value; 3] {
    [json!(null), json!("x"), json!({ "x": 1 })]
}

/// A value of each form: of another type, empty, or another one.
fn of_each_form() -> Vec<Case> {
    let values = [
        json!(null),
        json!(true),
        json!(1),
        json!(""),
        json!("x"),
        json!([]),
        json!(["x"]),
        json!([1]),
        json!({}),
        json!({ "x": 1 }),
    ];
    values.map(Case::from).into()
}

pub(super) fn claim_values(name: &str) -> Vec<Case> {
    let mut cases = of_each_form();
    cases.extend(further_values(name).into_iter().map(Case::from));
    cases
}

/// Values that concern one claim: those beside a limit, and those of another party or kind.
fn further_values(name: &str) -> Vec<Value> {
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    match name {
        "exp" => dates(&[-3600, -60, -59, 301, 86_401, 400_000_000]),
        "nbf" => dates(&[-1, 60, 61]),
        "iat" => dates(&[60, 61, -59, -61, -120, -301, -3_000_000]),
        "auth_time" | "toe" => dates(&[-1, -3600, 60, 61]),
        "max_age" => vec![json!(3600), json!(-1), json!("3600")],
        "iss" => texts(&[ISSUER, OTHER_ISSUER, "https://as.example.com/", "https://c.example"]),
        "aud" => vec![
            json!(AUDIENCE),
            json!([AUDIENCE]),
            json!([AUDIENCE, OTHER_ISSUER]),
            json!([AUDIENCE, AUDIENCE]),
            json!([AUDIENCE, 1]),
            json!("https://api.example.com/"),
            json!(ISSUER),
        ],
        "sub" => vec![
            json!(ISSUER),
            json!("user 1"),
            json!("a:b"),
            json!("acct:a@example.com"),
            json!("\u{e9}"),
            json!("a\u{0}b"),
            json!("s".repeat(256)),
        ],
        "client_id" | "azp" => texts(&[ISSUER, AUDIENCE, OTHER_ISSUER, "client-1"]),
        "scope" | "scp" => {
            texts(&["read", "read  write", " read", "read write admin", "a\"b", "\u{e9}"])
        }
        "jti" | "sid" | "txn" | "unknown" => texts(&["j-1", "\u{e9}", "a\u{0}b"]),
        "nonce" => texts(&[NONCE, "n-0S6_WzA2M"]),
        "state" => texts(&[STATE, "af0ifjsldk"]),
        "htm" => texts(&[METHOD, "GET", "post"]),
        "htu" => texts(&[
            URI,
            "https://api.example.com/files?a=1#b",
            "HTTPS://API.EXAMPLE.COM:443/files",
            "https://api.example.com/other",
            "http://api.example.com/files",
            "/files",
        ]),
        "resource" | "redirect_uri" => vec![
            json!(AUDIENCE),
            json!("https://api.example.com/#a"),
            json!("files"),
            json!([AUDIENCE, OTHER_ISSUER]),
            json!([AUDIENCE, "files"]),
        ],
        "response_type" => texts(&["code", "code id_token"]),
        "ath" | "at_hash" | "c_hash" | "s_hash" => {
            vec![json!("A".repeat(22)), json!("A".repeat(43)), json!("A".repeat(86))]
        }
        "cnf" => vec![
            json!({ "jkt": "A".repeat(43) }),
            json!({ "jkt": "A" }),
            json!({ "jkt": 1 }),
            json!({ "x5t#S256": "A".repeat(43) }),
            json!({ "jkt": "A".repeat(43), "x5t#S256": "A".repeat(43) }),
            json!({ "kid": "k1" }),
            json!({ "jwk": {} }),
        ],
        _ => structured_values(name),
    }
}

fn structured_values(name: &str) -> Vec<Value> {
    match name {
        "act" | "may_act" => {
            let chain = |depth: usize| {
                (1..depth).fold(
                    json!({ "sub": "agent-0" }),
                    |inner, nth| json!({ "sub": format!("agent-{nth}"), "act": inner }),
                )
            };
            vec![
                json!({ "sub": "agent-1" }),
                json!({ "sub": "agent-2" }),
                json!({ "client_id": "client-1" }),
                json!({ "sub": "agent-1", "client_id": "client-2" }),
                json!({ "sub": "agent-1", "client_id": "client-1" }),
                json!({ "sub": "" }),
                json!({ "sub": 1 }),
                json!({ "sub": "agent-1", "exp": 1 }),
                json!({ "sub": "agent-1", "act": null }),
                json!({ "sub": "agent-1", "act": { "sub": "agent-1" } }),
                json!({ "sub": "agent-1", "act": { "sub": "user-1" } }),
                chain(2),
                chain(10),
            ]
        }
        "authorization_details" => vec![
            json!([{ "type": "payment" }]),
            json!([{ "type": "" }]),
            json!([{ "type": 1 }]),
            json!([{}]),
            json!([{ "type": "payment", "actions": "read" }]),
            json!([{ "type": "payment", "locations": [1] }]),
        ],
        "amr" => vec![json!(["pwd", "mfa"]), json!(["pwd", ""]), json!("pwd")],
        "groups" | "roles" | "entitlements" => vec![
            json!(["a", "b"]),
            json!(["a", ""]),
            json!([{ "value": "a" }]),
            json!([{ "value": "a", "display": "A", "$ref": "https://a.example/1" }]),
            json!([{ "value": 1 }]),
            json!([{ "display": "A" }]),
        ],
        "events" => vec![
            json!({ LOGOUT: {} }),
            json!({ LOGOUT: { "x": 1 } }),
            json!({ LOGOUT: null }),
            json!({ LOGOUT: {}, EVENT: {} }),
            json!({ EVENT: {} }),
            json!({ EVENT: [] }),
            json!({ "a:b c": {} }),
        ],
        "sub_id" => vec![
            json!({ "format": "email", "email": "a@example.com" }),
            json!({ "format": "email" }),
            json!({ "format": "email", "email": 1 }),
            json!({ "format": "iss_sub", "iss": ISSUER, "sub": "user-1" }),
            json!({ "format": "iss_sub", "iss": ISSUER }),
            json!({ "format": "opaque", "id": "x", "more": "y" }),
            json!({ "format": "phone_number", "phone_number": "1" }),
            json!({ "format": "aliases", "identifiers": [] }),
            json!({ "format": "unknown" }),
            json!({ "format": 1 }),
        ],
        "token_introspection" => vec![
            json!({ "active": true }),
            json!({ "active": false }),
            json!({ "active": false, "scope": "read" }),
            json!({ "active": "true" }),
            json!({ "active": true, "scope": 1 }),
            json!({ "active": true, "exp": "soon" }),
            json!({ "active": true, "exp": NOW - 3600 }),
            json!({ "active": true, "nbf": NOW + 3600 }),
            json!({ "active": true, "iss": OTHER_ISSUER }),
            json!({ "active": true, "aud": OTHER_ISSUER }),
            json!({ "active": true, "cnf": { "jkt": "A".repeat(43) } }),
            json!({ "active": true, "act": { "sub": 1 } }),
        ],
        _ => Vec::new(),
    }
}

/// Dates so many seconds from now, and numbers that are no dates.
fn dates(offsets: &[i64]) -> Vec<Value> {
    let mut values: Vec<_> =
        offsets.iter().map(|offset| json!(NOW.saturating_add(*offset))).collect();
    values.extend([json!(-1), json!(0.5), json!(1e300), json!(NOW.to_string())]);
    values
}

pub(super) fn header_values(name: &str, issuer: &TestIssuer) -> Vec<Case> {
    let mut cases = of_each_form();
    let values = match name {
        "alg" => ["none", "None", "ES256", "ES384", "EdDSA", "Ed25519", "HS256", "RS256", "dir"]
            .as_slice(),
        "typ" => &[
            "JWT",
            "jwt",
            "application/jwt",
            "JOSE",
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "client-authentication+jwt",
            "oauth-id-jag+jwt",
            "oauth-authz-req+jwt",
            "token-introspection+jwt",
            "logout+jwt",
            "secevent+jwt",
            "dpop+jwt",
            "receipt+jwt",
        ],
        "cty" => &["JWT", "application/jwt", "json"],
        "zip" => &["DEF"],
        "kid" => &["k1", "K1", "k2", "\u{e9}"],
        "iss" => &[ISSUER, OTHER_ISSUER],
        _ => &[],
    };
    cases.extend(values.iter().map(|value| Case::from(json!(value))));
    match name {
        "crit" => {
            cases.extend([json!(["exp"]), json!(["b64"]), json!(["exp", "exp"])].map(Case::from))
        }
        "b64" => cases.push(Case::from(json!(false))),
        "jwk" => cases.extend(embedded_keys(issuer)),
        _ => {}
    }
    cases
}

fn embedded_keys(issuer: &TestIssuer) -> Vec<Case> {
    let own = issuer.key().jwk();
    let with = |name: &str, value: Value| {
        let mut changed = own.clone();
        changed[name] = value;
        changed
    };
    let other = |algorithm| TestKey::generate("k1", algorithm).jwk();
    [
        ("the key", own.clone()),
        ("another key", other(SignatureAlgorithm::Es256)),
        ("a key for Ed25519", other(SignatureAlgorithm::Ed25519)),
        ("a key for ES384", other(SignatureAlgorithm::Es384)),
        ("the key, private", with("d", json!("A".repeat(43)))),
        ("the key, alg ES384", with("alg", json!("ES384"))),
        ("the key, use enc", with("use", json!("enc"))),
        ("the key, key_ops sign", with("key_ops", json!(["sign"]))),
        ("the key, kid k2", with("kid", json!("k2"))),
        ("the key, crv P-384", with("crv", json!("P-384"))),
        ("the key, x short", with("x", json!("AA"))),
        ("the key, kty oct", with("kty", json!("oct"))),
    ]
    .map(Case::from)
    .into()
}

/// Tokens that differ from a good one in their form, their payload or their signature.
pub(super) fn malformed_tokens(good: &TestToken) -> Vec<(String, Vec<u8>)> {
    let token = good.sign();
    let (input, _) = token.rsplit_once('.').unwrap();
    let (header, rest) = token.split_once('.').unwrap();
    let header_json = good.header_json();
    let twice = |json: &str, member: &str| json.replacen('{', &format!("{{{member},"), 1);
    let mut tokens = vec![
        ("empty", String::new()),
        ("a space before", format!(" {token}")),
        ("a line after", format!("{token}\n")),
        ("two segments", input.to_owned()),
        ("four segments", format!("{token}.AA")),
        ("five segments", format!("{token}.AA.AA")),
        ("no payload", format!("{header}..AA")),
        ("padding", format!("{token}=")),
        ("a character of plain base64", format!("{header}+.{rest}")),
        ("too long", "A".repeat(1 << 20)),
        ("header: not JSON", good.clone().raw_header("{").sign()),
        ("header: an array", good.clone().raw_header("[]").sign()),
        ("header: not UTF-8", good.clone().raw_header([b'{', 0xff, b'}']).sign()),
        (
            "header: alg twice",
            good.clone().raw_header(twice(&header_json, r#""alg":"ES256""#)).sign(),
        ),
        ("header: empty", good.clone().raw_header("").sign()),
        ("signed by a stranger", {
            let forger = TestKey::generate("k1", SignatureAlgorithm::Es256);
            good.clone().signed_by(&forger).sign()
        }),
        ("unsecured", good.clone().unsecured().sign()),
        ("signature: empty", good.clone().signature([]).sign()),
        ("signature: zeros", good.clone().signature([0; 64]).sign()),
        ("signature: too short", good.clone().signature([1; 63]).sign()),
        ("header tampered with", tamper(&token, Segment::Header, 0)),
        ("payload tampered with", tamper(&token, Segment::Payload, 8)),
        ("signature tampered with", tamper(&token, Segment::Signature, 8)),
    ];
    for (label, payload) in malformed_payloads(good) {
        tokens.push((label, good.clone().raw_payload(payload).sign()));
    }
    tokens.into_iter().map(|(label, token)| (label.to_owned(), token.into_bytes())).collect()
}

pub(super) fn malformed_payloads(good: &TestToken) -> Vec<(&'static str, Vec<u8>)> {
    let claims = good.claims_json();
    let with = |member: &str| claims.replacen('{', &format!("{{{member},"), 1).into_bytes();
    let deep = format!(r#""unknown":{}{}"#, "[".repeat(200), "]".repeat(200));
    let many = format!(r#""unknown":[{}0]"#, "0,".repeat(4_200));
    vec![
        ("payload: not JSON", b"{".to_vec()),
        ("payload: an array", b"[]".to_vec()),
        ("payload: text after", format!("{claims}x").into_bytes()),
        ("payload: not UTF-8", vec![b'{', 0xff, b'}']),
        ("payload: iss twice", with(&format!(r#""iss":"{ISSUER}""#))),
        ("payload: a name twice inside", with(r#""unknown":{"a":1,"a":2}"#)),
        ("payload: a number out of range", with(r#""unknown":1e999"#)),
        ("payload: too deep", with(&deep)),
        ("payload: too many values", with(&many)),
        ("payload: empty object", b"{}".to_vec()),
    ]
}

/// What the verifier knows of the request, one fact changed at a time.
pub(super) fn requests(key: &TestKey) -> Vec<(&'static str, RequestFacts<'static>)> {
    let thumbprint = || jwt_appraisal::Jwk::from_json(key.jwk().to_string()).unwrap().thumbprint();
    let stranger = TestKey::generate("k1", SignatureAlgorithm::Es256);
    let strangers =
        || jwt_appraisal::Jwk::from_json(stranger.jwk().to_string()).unwrap().thumbprint();
    vec![
        ("another nonce", facts().nonce("other")),
        ("another state", facts().state("other")),
        ("another client", facts().client_id(OTHER_ISSUER)),
        ("another method", facts().method("GET")),
        ("another URI", facts().uri("https://api.example.com/other")),
        ("a URI that is none", facts().uri("files")),
        ("an access token", facts().access_token("2YotnFZFEjr1zCsicMWpAA")),
        ("a code", facts().code("SplxlOBeZQQYbYS6WxSbIA")),
        ("response_type code", facts().response_type("code")),
        ("response_type code id_token", facts().response_type("code id_token")),
        ("response_type id_token token", facts().response_type("id_token token")),
        ("response_type token", facts().response_type("token")),
        ("max_age of a minute", facts().max_authentication_age(Duration::minutes(1))),
        ("acr_values", facts().acr_values(["gold"])),
        ("no acr_values", facts().acr_values([])),
        ("bound to the key", facts().bound_to(thumbprint())),
        ("bound to another key", facts().bound_to(strangers())),
        ("proof of the key", facts().proof_key(thumbprint())),
        ("certificate", facts().certificate_sha256([0; 32])),
        ("parent scopes read write", facts().parent_scopes(["read", "write"])),
        ("parent scopes read", facts().parent_scopes(["read"])),
        ("no parent scopes", facts().parent_scopes([])),
        ("a fact of the caller's own", facts().fact("workflow_id", "wf-7")),
    ]
}
