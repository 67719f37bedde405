//! The grammar of challenges holds for any input, and no input comes back.

use http::HeaderMap;
use jwt_appraisal::http::{Challenge, Requirement, ToChallenge};
use proptest::prelude::*;
use time::Duration;

use super::site::{METADATA, Site, authenticate, bearer, request};

/// What RFC 9110 §11.6.1 and RFC 6750 §3 allow: a scheme, then parameters, each once.
fn parse(challenge: &str) -> Result<Vec<(String, String)>, String> {
    let (scheme, mut rest) = challenge.split_once(' ').unwrap_or((challenge, ""));
    if !["Bearer", "DPoP"].contains(&scheme) {
        return Err(format!("scheme {scheme:?}"));
    }
    let mut found: Vec<(String, String)> = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").ok_or("no value in quotes")?;
        let token = |b: u8| b.is_ascii_lowercase() || b == b'_';
        if name.is_empty() || !name.bytes().all(token) || found.iter().any(|(n, _)| n == name) {
            return Err(format!("name {name:?}"));
        }
        let (value, after) = after.split_once('"').ok_or("quotes that do not end")?;
        let plain = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if value.is_empty() || !value.bytes().all(plain) {
            return Err(format!("value of {name}"));
        }
        found.push((name.to_owned(), value.to_owned()));
        rest = match after.strip_prefix(", ") {
            Some(rest) if !rest.is_empty() => rest,
            None if after.is_empty() => "",
            _ => return Err(format!("after {name}: {after:?}")),
        };
    }
    Ok(found)
}

fn parameters(headers: &HeaderMap) -> Vec<Vec<(String, String)>> {
    let values = headers.get_all("www-authenticate").iter();
    values.map(|value| parse(value.to_str().unwrap()).unwrap()).collect()
}

fn value<'a>(found: &'a [(String, String)], name: &str) -> Option<&'a str> {
    found.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

#[test]
fn the_parser_of_this_test_refuses() {
    for wrong in [
        "Basic realm=\"x\"",
        "Bearer error",
        "Bearer error=\"x",
        "Bearer error=\"x\" scope=\"y\"",
        "Bearer error=\"x\", error=\"y\"",
        "Bearer error=\"x\", ",
        "Bearer error=\"a\\\"b\"",
        "Bearer error=\"\u{e4}\"",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn of_any_scopes(scopes in prop::collection::vec(".{0,12}", 0..5)) {
        let site = Site::new();
        let caller = authenticate(&site.server(), &bearer(&site.token().sign())).unwrap();
        let Err(insufficient) = caller.require_scopes(scopes.iter().map(String::as_str)) else {
            return Ok(());
        };
        for challenge in [insufficient.challenge(), site.dpop_server().challenge(&insufficient)] {
            for found in parameters(&challenge.headers()) {
                let scope = value(&found, "scope").unwrap_or_default();
                for token in scope.split(' ').filter(|token| !token.is_empty()) {
                    prop_assert!(scopes.iter().any(|own| own == token) || token == "files:read");
                }
            }
        }
    }

    #[test]
    fn of_any_classes(classes in prop::collection::vec(".{0,12}", 0..5), age in any::<i64>()) {
        let age = Duration::seconds(age);
        let classes = classes.iter().map(String::as_str);
        let challenge = Challenge::insufficient_user_authentication(classes, Some(age));
        for found in parameters(&challenge.headers()) {
            prop_assert_eq!(value(&found, "error"), Some("insufficient_user_authentication"));
            prop_assert_eq!(value(&found, "max_age"), Some(&*age.whole_seconds().max(0).to_string()));
        }
    }

    /// A scope that a server was configured with stands in the challenge as it is, or does not build.
    #[test]
    fn of_any_configuration(scope in ".{0,12}", acr in ".{0,12}") {
        let site = Site::new();
        let requirement = Requirement::scopes([&*scope]).acr_values([&*acr]);
        let Ok(server) = site.dpop_server().requiring(requirement) else { return Ok(()) };
        let denied = authenticate(&server, &request(&[])).unwrap_err();
        let found = parameters(&denied.challenge().headers());
        prop_assert_eq!(found.len(), 2);
        for found in found {
            prop_assert_eq!(value(&found, "scope"), Some(&*scope));
            prop_assert_eq!(value(&found, "resource_metadata"), Some(METADATA));
        }
    }

    /// Neither the answer nor the log line repeats what came with the request.
    #[test]
    fn nothing_is_echoed(
        scheme in prop::sample::select(vec!["Bearer", "DPoP", "Basic"]),
        before in "[A-Za-z0-9._-]{0,40}",
        after in "[ -~]{0,40}",
    ) {
        const MARK: &str = "Xq7Zk2Wv9";
        let site = Site::new();
        let value = format!("{scheme} {before}{MARK}{after}");
        let asked = request(&[("authorization", &value), ("dpop", &value)]);
        for server in [site.server(), site.dpop_server()] {
            let denied = authenticate(&server, &asked).unwrap_err();
            for (_, value) in &denied.challenge().headers() {
                prop_assert!(!value.to_str().unwrap().contains(MARK));
            }
            parameters(&denied.challenge().headers());
            prop_assert!(!denied.to_string().contains(MARK));
            let debug = format!("{denied:?}");
            prop_assert!(!debug.contains(MARK));
        }
    }
}
