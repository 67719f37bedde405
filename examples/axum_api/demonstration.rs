//! An issuer, the API, and a client that shows what it takes to be let in.

use axum::Router;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method};
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{JwkSet, SignatureAlgorithm};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Fault, serve};

/// What was asked, and what was answered.
pub(crate) async fn run() -> Result<Vec<String>, Fault> {
    let issuer = start_issuer().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let api = format!("http://{}", listener.local_addr()?);
    let (name, resource) = (issuer.issuer().to_owned(), api.clone());
    tokio::spawn(async move { serve(listener, &name, &resource).await });

    let mut client = Client::new(&api)?;
    let draft = issuer.access_token(&api).claim("cnf", json!({ "jkt": client.thumbprint }));
    let reader = draft.clone().claim("scope", "notes:read").sign();
    let writer = draft.claim("scope", "notes:write").sign();
    let mut shown = Vec::new();
    shown.push(client.ask("without a token", Method::GET, None).await?);
    client.nonce = None;
    shown.push(client.ask("with a proof without nonce", Method::GET, Some(&reader)).await?);
    shown.push(client.ask("with the nonce", Method::GET, Some(&reader)).await?);
    shown.push(client.ask("to delete, with a token to read", Method::DELETE, Some(&reader)).await?);
    shown
        .push(client.ask("to delete, with a token to write", Method::DELETE, Some(&writer)).await?);
    shown.push(client.ask("to read, with a token to write", Method::GET, Some(&writer)).await?);
    let thief = client.with_another_key()?;
    shown.push({ thief }.ask("with a stolen token", Method::GET, Some(&writer)).await?);
    Ok(shown)
}

/// An issuer with metadata and keys on loopback.
async fn start_issuer() -> Result<TestIssuer, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let issuer = TestIssuer::new(&url);
    let metadata = json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") }).to_string();
    let (metadata, jwks) = (async || metadata, issuer.jwks());
    let routes = Router::new()
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/jwks", get(async || jwks));
    tokio::spawn(async { axum::serve(listener, routes).await });
    Ok(issuer)
}

/// A client with a key, which tokens are bound to.
struct Client {
    http: reqwest::Client,
    api: String,
    key: TestKey,
    thumbprint: String,
    /// What the API gave last.
    nonce: Option<String>,
    proofs: u32,
}

impl Client {
    fn new(api: &str) -> Result<Self, Fault> {
        let key = TestKey::generate("client", SignatureAlgorithm::Es256);
        let set = JwkSet::from_json(json!({ "keys": [key.jwk()] }).to_string())?;
        let thumbprint = set.keys().next().map(|key| key.thumbprint().to_string());
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            api: api.to_owned(),
            thumbprint: thumbprint.ok_or("the key has no thumbprint")?,
            key,
            nonce: None,
            proofs: 0,
        })
    }

    fn with_another_key(&self) -> Result<Self, Fault> {
        Ok(Self { nonce: self.nonce.clone(), ..Self::new(&self.api)? })
    }

    async fn ask(
        &mut self,
        what: &str,
        method: Method,
        token: Option<&str>,
    ) -> Result<String, Fault> {
        let url = format!("{}/notes/milk", self.api);
        let mut request = self.http.request(method.clone(), &url);
        if let Some(token) = token {
            let proof = self.proof(&method, &url, token);
            request =
                request.header("Authorization", format!("DPoP {token}")).header("DPoP", proof);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        if let Some(nonce) = text(&headers, "dpop-nonce") {
            self.nonce = Some(nonce.to_owned());
        }
        let said = match text(&headers, "www-authenticate") {
            Some(challenge) => challenge.to_owned(),
            None => response.text().await?,
        };
        Ok(format!("{method} {what}\n  {} {said}", status.as_u16()))
    }

    /// [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2)
    fn proof(&mut self, method: &Method, url: &str, token: &str) -> String {
        self.proofs = self.proofs.saturating_add(1);
        let mut jwk = self.key.jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.retain(|name, _| ["kty", "crv", "x", "y"].contains(&name.as_str()));
        }
        let draft = TestIssuer::new("").token("dpop+jwt").signed_by(&self.key);
        let draft = ["iss", "exp"].into_iter().fold(draft, |draft, claim| draft.without(claim));
        let draft = draft
            .without_header("kid")
            .header("jwk", jwk)
            .claim("jti", format!("{}-{}", self.thumbprint, self.proofs))
            .claim("htm", method.as_str())
            .claim("htu", url)
            .claim("ath", URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes())));
        match &self.nonce {
            Some(nonce) => draft.claim("nonce", Value::from(nonce.as_str())).sign(),
            None => draft.sign(),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
