//! Is a text read as another reader of RFC 3986 reads it, and normalized alike?
//!
//! There is no divergence in what is a URI and what its components are. Divergences elsewhere are on
//! purpose, and each stands with its reason where it is compared.

use std::net::IpAddr;

use fluent_uri::component::Host;
use proptest::prelude::*;
use proptest::sample::select;

use crate::uri::compare::{TargetUri, has_dot_segments, is_resource, is_same_resource};
use crate::uri::https::{HttpsUrl, is_loopback};
use crate::uri::syntax::{Uri, is_absolute_uri, is_string_or_uri, is_uri};

#[derive(Debug, Eq, PartialEq)]
struct Components<'a> {
    scheme: &'a str,
    authority: Option<&'a str>,
    userinfo: Option<&'a str>,
    host: Option<&'a str>,
    address: Option<IpAddr>,
    port: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

fn ours(text: &str) -> Option<Components<'_>> {
    let uri = Uri::parse(text).ok()?;
    Some(Components {
        scheme: uri.scheme,
        authority: uri.authority.map(|authority| authority.text),
        userinfo: uri.authority.and_then(|authority| authority.userinfo),
        host: uri.authority.map(|authority| authority.host),
        address: uri.authority.and_then(|authority| authority.address()),
        port: uri.authority.and_then(|authority| authority.port),
        path: uri.path,
        query: uri.query,
        fragment: uri.fragment,
    })
}

fn theirs(text: &str) -> Option<Components<'_>> {
    let uri = fluent_uri::Uri::parse(text).ok()?;
    let authority = uri.authority();
    Some(Components {
        scheme: uri.scheme().as_str(),
        authority: authority.map(|authority| authority.as_str()),
        userinfo: authority.and_then(|authority| authority.userinfo()).map(|user| user.as_str()),
        host: authority.map(|authority| authority.host()),
        address: authority.and_then(|authority| address(authority.host_parsed())),
        port: authority.and_then(|authority| authority.port()).map(|port| port.as_str()),
        path: uri.path().as_str(),
        query: uri.query().map(|query| query.as_str()),
        fragment: uri.fragment().map(|fragment| fragment.as_str()),
    })
}

fn address(host: Host<'_>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::RegName(_) | Host::IpvFuture { .. } => None,
    }
}

/// Whether it is of https, the host in lower case, the port, and the path.
type Target = (bool, String, u16, String);

fn our_target(text: &str) -> Option<Target> {
    let TargetUri { https, host, port, path } = TargetUri::parse(text)?;
    Some((https, host.to_ascii_lowercase(), port, path.into_owned()))
}

fn their_target(text: &str) -> Option<Target> {
    let uri = fluent_uri::Uri::parse(text).ok()?.normalize();
    let https = match uri.scheme().as_str() {
        "https" => true,
        "http" => false,
        // RFC 9449 §4.2: `htu` is the target URI of an HTTP request.
        _ => return None,
    };
    let authority = uri.authority()?;
    if authority.has_userinfo() || authority.host().is_empty() {
        // RFC 9110 §4.2.1 and §4.2.4: an http URI has a host and names no user.
        return None;
    }
    // RFC 3986 §3.2.3: a port is a decimal number, so zeros before it change nothing. The other normal
    // form keeps them. A number that is not a port makes no target here.
    let port = authority.port_to_u16().ok()?.unwrap_or(if https { 443 } else { 80 });
    // RFC 3986 §6.2.3: an empty path is the path `/`. The other normal form keeps it.
    let path = if uri.path().is_empty() { "/" } else { uri.path().as_str() };
    Some((https, authority.host().to_ascii_lowercase(), port, path.to_owned()))
}

/// Spells a URI differently: scheme and authority in upper case, and a slash at the end of the path.
fn spelled(text: &str, [upper, slash]: [bool; 2]) -> String {
    let Some(Components { scheme, authority: Some(authority), path, .. }) = ours(text) else {
        return text.to_owned();
    };
    let origin = format!("{scheme}://{authority}");
    let rest = text.strip_prefix(&*origin).unwrap_or_default();
    let origin = if upper { origin.to_ascii_uppercase() } else { origin };
    let more = slash && rest == path && !path.ends_with('/');
    format!("{origin}{rest}{}", if more { "/" } else { "" })
}

/// The other reader's normal form, without the slash at the end of a path that no query follows.
fn without_slash(text: &str) -> Option<String> {
    let uri = fluent_uri::Uri::parse(text).ok()?.normalize();
    let slash = uri.as_str().strip_suffix('/').filter(|_| !uri.has_query());
    Some(slash.unwrap_or(uri.as_str()).to_owned())
}

/// Texts that are URIs, or nearly.
fn nearly_uris() -> impl Strategy<Value = String> {
    const STARTS: &[&str] = &[
        "https://",
        "http://",
        "HTTPS://",
        "https:",
        "urn:",
        "a+b-c.d://",
        "a:",
        "a:/",
        "1a:",
        "",
        "//",
        "https://[",
        "https://user@",
        "http://localhost",
        "http://127.0.0.1",
        "http://[::1]",
    ];
    const PARTS: &[&str] = &[
        "h",
        "api.example.com",
        "localhost",
        "127.0.0.1",
        "127.1",
        "256.1.1.1",
        "01.2.3.4",
        "0x7f",
        "[::1]",
        "[",
        "]",
        "::",
        "::1]",
        "2001:DB8::7",
        "ffff",
        "0:0:0:0:0:0:0:1]",
        "1:2:3:4:5:6:7",
        ":1.2.3.4",
        "[v1.",
        "[vF.a:b]",
        "%25eth0",
        "@",
        "user:pass@",
        ":",
        ":443",
        ":80",
        ":00443",
        ":65535",
        ":65536",
        "/",
        "//",
        "/.",
        "/..",
        "/./",
        "/../",
        "..",
        ".",
        "/%2e",
        "%2E%2e",
        "/a",
        "a",
        "A",
        "%41",
        "%7e",
        "%7E",
        "%2f",
        "%2F",
        "%fc",
        "%",
        "%4",
        "%zz",
        "?",
        "#",
        "?a=b",
        "#top",
        "\\",
        " ",
        "\t",
        "\0",
        "é",
        "{",
        "|",
        "^",
        "\"",
        "<",
        "`",
        "!$&'()*+,;=",
        "-._~",
    ];
    let part = prop_oneof![
        8 => select(PARTS).prop_map(str::to_owned),
        2 => "[a-z0-9:/?#@.%-]{1,5}",
        1 => any::<char>().prop_map(String::from),
    ];
    (select(STARTS), prop::collection::vec(part, 0..8))
        .prop_map(|(start, parts)| start.to_owned() + &parts.concat())
}

/// URIs by the grammar, so that most of them are read.
fn uris() -> impl Strategy<Value = String> {
    const PCHARS: &str = "([a-zA-Z0-9._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})";
    let host = prop_oneof![
        4 => "([a-zA-Z0-9._~!$&'()*+,;=-]|%[0-9a-fA-F]{2}){1,8}",
        1 => any::<[u8; 4]>().prop_map(|octets| std::net::Ipv4Addr::from(octets).to_string()),
        1 => any::<[u16; 8]>().prop_map(|groups| format!("[{}]", std::net::Ipv6Addr::from(groups))),
        1 => "\\[[0-9A-Fa-f]{1,4}(:[0-9A-F]{1,4}){0,5}::([0-9a-f]{1,4})?\\]",
        1 => "\\[v[0-9a-f]{1,2}\\.[a-z:;]{1,4}\\]",
    ];
    let port = "(:[0-9]{0,6})?";
    let path = format!("(/(\\.|\\.\\.|%2[eE]|{PCHARS}{{0,4}})){{0,5}}");
    let tail = format!("(\\?({PCHARS}|[/?]){{0,4}})?(#({PCHARS}|[/?]){{0,4}})?");
    let [path, tail] = [path, tail].map(|regex| {
        proptest::string::string_regex(&regex).unwrap_or_else(|error| unreachable!("{error}"))
    });
    let scheme = prop_oneof![
        3 => select(vec!["https", "http", "HTTP"]).prop_map(str::to_owned),
        1 => "[a-z][a-z0-9+.-]{0,4}",
    ];
    (scheme, host, port, path, tail)
        .prop_map(|(scheme, host, port, path, tail)| format!("{scheme}://{host}{port}{path}{tail}"))
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![3 => nearly_uris(), 2 => uris(), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn reads_what_another_reader_reads(text in texts()) {
        prop_assert_eq!(ours(&text), theirs(&text));
    }

    #[test]
    fn every_uri_by_the_grammar_is_read(text in uris()) {
        prop_assert!(ours(&text).is_some(), "{}", text);
    }

    #[test]
    fn the_components_are_the_whole_text(text in texts()) {
        let Some(uri) = ours(&text) else { return Ok(()) };
        let mut again = format!("{}:", uri.scheme);
        for (before, component) in
            [("//", uri.authority), ("", Some(uri.path)), ("?", uri.query), ("#", uri.fragment)]
        {
            again.extend(component.map(|component| format!("{before}{component}")));
        }
        prop_assert_eq!(again, text);
    }

    #[test]
    fn targets_have_the_normal_form_of_another_reader(text in texts()) {
        prop_assert_eq!(our_target(&text), their_target(&text));
    }

    #[test]
    fn a_normal_form_is_its_own(text in uris()) {
        let Some((https, host, port, path)) = our_target(&text) else { return Ok(()) };
        let normal = format!("{}://{host}:{port}{path}", if https { "https" } else { "http" });
        prop_assert_eq!(our_target(&normal), Some((https, host, port, path.clone())));
        prop_assert!(!has_dot_segments(&path));
    }

    /// The comparison of resources (MCP, "Canonical Server URI") knows fewer spellings of one URI than
    /// RFC 3986 §6.2.2 and §6.2.3 do: it is a string comparison (§6.2.1) except for letter case and one
    /// slash. It never knows more.
    #[test]
    fn the_same_resource_has_one_normal_form(
        one in uris(),
        other in texts(),
        spelling in any::<[bool; 2]>(),
    ) {
        let spelled = spelled(&one, spelling);
        for other in [&one, &spelled, &other] {
            let same = is_same_resource(&one, other);
            prop_assert_eq!(same, is_same_resource(other, &one));
            prop_assert!(!same || without_slash(&one) == without_slash(other), "{} {}", one, other);
        }
        prop_assert!(!is_resource(&one) || is_same_resource(&one, &spelled), "{} {}", one, spelled);
    }

    #[test]
    fn the_loopback_is_that_of_another_reader(text in texts()) {
        let Ok(uri) = Uri::parse(&text) else { return Ok(()) };
        let Some(authority) = uri.authority else { return Ok(()) };
        let theirs = fluent_uri::Uri::parse(&*text).ok().and_then(|uri| uri.authority());
        let expected = match theirs.map(|authority| authority.host_parsed()) {
            Some(Host::Ipv4(address)) => address.octets().starts_with(&[127]),
            Some(Host::Ipv6(address)) => u128::from(address) == 1,
            Some(Host::RegName(name)) => name.as_str().eq_ignore_ascii_case("localhost"),
            _ => false,
        };
        prop_assert_eq!(is_loopback(&authority), expected);
    }

    #[test]
    fn what_may_be_fetched_is_a_resource(text in texts()) {
        let Ok(url) = HttpsUrl::parse(&text, true) else { return Ok(()) };
        prop_assert!(is_resource(&text) && is_absolute_uri(&text));
        let (path, query) = url.path_and_query();
        prop_assert_eq!(format!("{}{path}{query}", url.origin()), text.clone());
        prop_assert_eq!(url.is_https(), HttpsUrl::parse(&text, false).is_ok());
    }

    #[test]
    fn nothing_panics(one in any::<String>(), other in texts()) {
        for text in [&one, &other] {
            prop_assert_eq!(is_uri(text), fluent_uri::Uri::parse(&**text).is_ok());
            prop_assert_eq!(is_string_or_uri(text), is_uri(text) || !text.contains(':'));
            let _ = (is_absolute_uri(text), has_dot_segments(text), HttpsUrl::parse(text, false));
        }
        prop_assert_eq!(is_same_resource(&one, &other), is_same_resource(&other, &one));
        let same = TargetUri::parse(&one) == TargetUri::parse(&other);
        prop_assert_eq!(same, our_target(&one) == our_target(&other));
    }
}

/// Every short text of the characters that mean something.
#[test]
fn short_texts_are_read_alike() {
    const CHARACTERS: &[char] = &['a', '1', ':', '/', '?', '#', '[', ']', '@', '%', 'v', '.', ' '];
    for start in ["", "a://", "a://[", "a://[:"] {
        let mut texts = vec![start.to_owned()];
        for _ in 0..4 {
            texts = texts
                .iter()
                .flat_map(|text| CHARACTERS.iter().map(move |next| format!("{text}{next}")))
                .collect();
            for text in &texts {
                assert_eq!(ours(text), theirs(text), "{text}");
            }
        }
    }
}
