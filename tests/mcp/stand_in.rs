//! That the stand-in for an authorization server is as strict as a real one.

use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::{Value, json};

use super::answer::Answer;
use super::authorization_server::AuthorizationServer;
use super::clock::TestClock;

const RESOURCE: &str = "https://mcp.example.com/mcp";
const REDIRECT: &str = "http://127.0.0.1:9/callback";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// The same pairs, one with another value.
fn with<'a>(pairs: &Pairs<'a>, name: &str, value: &'a str) -> Pairs<'a> {
    let changed = pairs.iter().map(|pair| if pair.0 == name { (pair.0, value) } else { *pair });
    changed.collect()
}

fn encoded(pairs: &Pairs<'_>) -> String {
    let url = Url::parse_with_params("http://127.0.0.1", pairs).unwrap();
    url.query().unwrap().to_owned()
}

struct Requests {
    server: AuthorizationServer,
    http: Client,
}

impl Requests {
    async fn register(&self, client: &Value) -> Answer {
        let url = format!("{}/register", self.server.url());
        let request = self.http.post(url).header(CONTENT_TYPE, "application/json");
        Answer::of(request.body(client.to_string()).send().await.unwrap()).await
    }

    async fn authorize(&self, pairs: &Pairs<'_>) -> Answer {
        let url = format!("{}/authorize?{}", self.server.url(), encoded(pairs));
        Answer::of(self.http.get(url).send().await.unwrap()).await
    }

    async fn exchange(&self, pairs: &Pairs<'_>) -> Answer {
        let url = format!("{}/token", self.server.url());
        let request = self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        Answer::of(request.body(encoded(pairs)).send().await.unwrap()).await
    }
}

/// A parameter of the URL that the user is sent back with.
fn returned(answer: &Answer, name: &str) -> Option<String> {
    assert_eq!(answer.status, StatusCode::FOUND, "{answer:?}");
    let url = Url::parse(answer.headers.get(LOCATION).unwrap().to_str().unwrap()).unwrap();
    let found = url.query_pairs().find(|(own, _)| own == name);
    found.map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn it_gives_a_token_for_what_was_authorized_and_for_nothing_else() {
    let server = AuthorizationServer::start(TestClock::default()).await;
    server.knows_resource(RESOURCE);
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let requests = Requests { server, http };

    let client = json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none" });
    let registered = requests.register(&client).await;
    assert_eq!(registered.status, StatusCode::CREATED);
    let registered: Value = serde_json::from_str(&registered.body).unwrap();
    let client_id = registered.get("client_id").and_then(Value::as_str).unwrap();
    let elsewhere = json!({ "redirect_uris": ["http://as.example"] });
    assert_eq!(requests.register(&elsewhere).await.status, StatusCode::BAD_REQUEST);

    let good: Pairs<'_> = vec![
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", REDIRECT),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("resource", RESOURCE),
        ("scope", "notes:read"),
        ("state", "s-1"),
    ];
    for (name, value) in [("client_id", "client-9"), ("redirect_uri", "http://127.0.0.1:8/")] {
        let answer = requests.authorize(&with(&good, name, value)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
    }
    let errors = [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("resource", "https://other.example.com", "invalid_target"),
        ("scope", "notes:read admin", "invalid_scope"),
    ];
    for (name, value, error) in errors {
        let answer = requests.authorize(&with(&good, name, value)).await;
        assert_eq!(returned(&answer, "error").as_deref(), Some(error));
        assert_eq!(returned(&answer, "code"), None);
    }

    let exchange: Pairs<'_> = vec![
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("resource", RESOURCE),
    ];
    let errors = [
        ("client_id", "client-9"),
        ("redirect_uri", "http://127.0.0.1:8/"),
        ("code_verifier", CHALLENGE),
        ("resource", "https://other.example.com"),
        ("resource", ""),
    ];
    for (name, value) in errors {
        let code = returned(&requests.authorize(&good).await, "code").unwrap();
        let mut wrong = with(&exchange, name, value);
        wrong.push(("code", &code));
        let answer = requests.exchange(&wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
    }

    let answer = requests.authorize(&good).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("s-1"));
    assert_eq!(returned(&answer, "iss").as_deref(), Some(requests.server.url()));
    let code = returned(&answer, "code").unwrap();
    let mut right = exchange.clone();
    right.push(("code", &code));
    assert_eq!(requests.exchange(&right).await.status, StatusCode::OK);
    // A code is good once.
    assert_eq!(requests.exchange(&right).await.status, StatusCode::BAD_REQUEST);
}
