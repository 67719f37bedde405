#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use crate::uri::https::HttpsUrlError::{
    Character, DotSegment, Fragment, Host, Http, Scheme, UserInfo,
};
use crate::uri::https::{HttpsUrl, HttpsUrlError, is_loopback};
use crate::uri::syntax::Uri;

fn error(text: &str) -> Option<HttpsUrlError> {
    HttpsUrl::parse(text, true).err()
}

#[test]
fn says_why_a_url_may_not_be_fetched() {
    for (text, expected) in [
        ("", Scheme),
        ("as.example.com", Scheme),
        ("ftp://as.example.com", Scheme),
        ("urn:x:y", Scheme),
        ("https:/as.example.com", Scheme),
        ("http://as.example.com", Http),
        ("http://10.0.0.1", Http),
        ("http://0.0.0.0", Http),
        ("https://user@as.example.com", UserInfo),
        ("https://user:password@as.example.com", UserInfo),
        ("https://@as.example.com", UserInfo),
        ("http://127.0.0.1@as.example.com", UserInfo),
        ("https://as.example.com#a", Fragment),
        ("https://as.example.com/a#", Fragment),
        ("https://", Host),
        ("https:///path", Host),
        ("https://:443", Host),
        ("https://as.example.com:", Host),
        ("https://as.example.com:port", Host),
        ("https://as.example.com:65536", Host),
        ("https://as.example.com:443:443", Host),
        ("https://[::1", Host),
        ("https://[::1]x", Host),
        ("https://[127.0.0.1]", Host),
        ("https://[v1.x]", Host),
        ("https://as%2eexample.com", Host),
        ("https://a,b", Host),
        ("http://127.1", Host),
        ("http://127.0.0.1.", Host),
        ("http://0177.0.0.1", Host),
        ("http://2130706433", Host),
        ("https://0x7f000001", Host),
        ("https://a.0X7F", Host),
        ("https://a.0x", Host),
        ("https://256.0.0.1", Host),
        ("https://as.example.com..", Host),
        ("https://as.example.com/..", DotSegment),
        ("https://as.example.com/./a", DotSegment),
        ("https://as.example.com/a/%2e%2E/b", DotSegment),
        ("https://as.example.com/a/.%2e", DotSegment),
        ("https://as.example.com ", Character),
        ("https://as.example.com\\@evil.example", Character),
        ("https://as.example.com\r\nHost: a", Character),
        ("https://\u{e4}s.example.com", Character),
        ("https://as.example.com\0", Character),
        ("https://as.example.com/[a]", Character),
        ("https://as.example.com/%", Character),
        ("https://as.example.com/?%4", Character),
    ] {
        assert_eq!(error(text), Some(expected), "{text}");
    }
    for text in [
        "https://as.example.com",
        "HTTPS://AS.example.com:8443/tenant/",
        "https://as_1.example.com",
        "https://as.example.com.:443",
        "https://1a.2b",
        "https://0xyz",
        "https://192.0.2.1",
        "https://[2001:db8::7]/a",
        "https://as.example.com/.well-known/a..b/...",
        "https://as.example.com?a=/..",
    ] {
        assert_eq!(error(text), None, "{text}");
        assert!(HttpsUrl::parse(text, false).is_ok(), "{text}");
    }
}

#[test]
fn splits_a_url_after_its_origin() {
    for (text, origin, path, query) in [
        ("https://h", "https://h", "", ""),
        ("https://h/", "https://h", "/", ""),
        ("https://h:1/a/b?c?d", "https://h:1", "/a/b", "?c?d"),
        ("HTTPS://H?c", "HTTPS://H", "", "?c"),
        ("http://[::1]:80/?", "http://[::1]:80", "/", "?"),
    ] {
        let url = HttpsUrl::parse(text, true).unwrap();
        assert_eq!((url.origin(), url.path_and_query()), (origin, (path, query)), "{text}");
        assert_eq!(url.is_https(), !text.starts_with("http:"), "{text}");
    }
}

/// The definition stands at `is_loopback`.
#[test]
fn the_loopback_is_three_spellings() {
    for (host, expected) in [
        ("localhost", true),
        ("LocalHost", true),
        ("127.0.0.1", true),
        ("127.255.255.254", true),
        ("127.9.9.9", true),
        ("[::1]", true),
        ("[0:0:0:0:0:0:0:1]", true),
        // RFC 6761 §6.3 does not require a resolver to keep these on this machine.
        ("api.localhost", false),
        ("localhost.", false),
        ("localhost.example.com", false),
        ("127.0.0.1.example.com", false),
        ("%6cocalhost", false),
        ("127.1", false),
        ("128.0.0.1", false),
        ("0.0.0.0", false),
        ("10.0.0.1", false),
        ("[::]", false),
        ("[::2]", false),
        ("[::127.0.0.1]", false),
        ("[::ffff:127.0.0.1]", false),
        ("[v1.localhost]", false),
        ("", false),
    ] {
        let text = format!("http://{host}:8080/mcp");
        let authority = Uri::parse(&text).unwrap().authority.unwrap();
        assert_eq!(is_loopback(&authority), expected, "{host}");
        assert_eq!(HttpsUrl::parse(&text, true).is_ok(), expected, "{host}");
        assert!(HttpsUrl::parse(&text, false).is_err(), "{host} where it was not allowed");
    }
}
