//! What a server said.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer to one HTTP request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }

    /// What the tool that was called has said.
    pub(crate) fn text(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let text = body.pointer("/result/content/0/text").and_then(Value::as_str);
        text.unwrap_or_else(|| unreachable!("{self:?}")).to_owned()
    }

    /// The only challenge.
    pub(crate) fn challenge(&self) -> Challenge {
        let mut values = self.headers.get_all(WWW_AUTHENTICATE).iter();
        let value = values.next().unwrap_or_else(|| unreachable!("{self:?}"));
        assert_eq!(values.next(), None);
        Challenge::parse(value.to_str().unwrap())
    }
}

/// A challenge of scheme `Bearer` whose parameters are quoted strings without escapes.
#[derive(Debug)]
pub(crate) struct Challenge(Vec<(String, String)>);

impl Challenge {
    pub(crate) fn parse(value: &str) -> Self {
        let parameters = value.strip_prefix("Bearer ").unwrap_or_else(|| unreachable!("{value}"));
        let parameters = parameters.split(", ").map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap();
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            (name.to_owned(), value.unwrap().to_owned())
        });
        Self(parameters.collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The scopes that it names, sorted.
    pub(crate) fn scopes(&self) -> Vec<&str> {
        let mut scopes: Vec<_> = self.get("scope").unwrap_or_default().split(' ').collect();
        scopes.sort_unstable();
        scopes
    }
}
