#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use crate::uri::compare::{TargetUri, has_dot_segments, is_resource, is_same_resource};

const SERVER: &str = "https://api.example.com";

#[test]
fn a_resource_is_an_absolute_uri_with_a_host() {
    for text in [SERVER, "https://api.example.com/mcp?tenant=a", "x://h", "https://[::1]:8080/"] {
        assert!(is_resource(text), "{text}");
    }
    for text in [
        "api",
        "urn:x:y",
        "//api.example.com",
        "https:/api.example.com",
        "https://",
        "https:///mcp",
        "https://:443/mcp",
        "https://api.example.com#x",
        "https://api.example.com/#",
        "https://x@api.example.com",
        "https://@api.example.com",
        "https://api.example.com:port",
        "https://api.example.com/a b",
        "https://api.example.com/%",
        "1://api.example.com",
    ] {
        assert!(!is_resource(text), "{text}");
        assert!(!is_same_resource(text, text), "{text}");
    }
}

/// MCP-15
#[test]
fn resources_differ_in_letter_case_of_the_host_and_one_slash_at_most() {
    for (one, other) in [
        (SERVER, SERVER),
        (SERVER, "HTTPS://API.example.COM"),
        (SERVER, "https://api.example.com/"),
        ("https://api.example.com/Mcp/", "https://API.example.com/Mcp"),
        ("https://h/a?b", "https://H/a?b"),
        ("https://h:443", "https://H:443/"),
    ] {
        assert!(is_same_resource(one, other) && is_same_resource(other, one), "{one} {other}");
    }
    for (one, other) in [
        (SERVER, "https://api.example.com//"),
        (SERVER, "https://api.example.com/mcp"),
        (SERVER, "https://api.example.com:443"),
        (SERVER, "https://api.example.com?x"),
        (SERVER, "https://api.example.com?"),
        (SERVER, "https://api.example.com?x/"),
        (SERVER, "http://api.example.com"),
        (SERVER, "https://api.example.com.evil.example"),
        (SERVER, "https://evil.example/https://api.example.com"),
        ("https://h/Mcp", "https://h/mcp"),
        ("https://h/Mcp", "https://h/%4dcp"),
        ("https://h/a", "https://h/./a"),
        ("https://h/?x", "https://h?x"),
        ("https://h/?x", "https://h/?x/"),
        ("https://h/?x", "https://h/?X"),
    ] {
        assert!(!is_same_resource(one, other) && !is_same_resource(other, one), "{one} {other}");
    }
}

/// DP-07: <https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2>
#[test]
fn targets_are_compared_in_their_normal_form() {
    for (one, other) in [
        ("https://h/files", "https://h/files?x=1"),
        ("https://h/files", "https://h/files?x=1#y"),
        ("HTTPS://H:443/files", "https://h/files"),
        ("https://h:/files", "https://h/files"),
        ("https://h:0443/files", "https://h/files"),
        ("http://h:80/files", "http://h/files"),
        ("https://h/a/../files", "https://h/files"),
        ("https://h/./files", "https://h/files"),
        ("https://h/../files", "https://h/files"),
        ("https://h/a/..", "https://h/"),
        ("https://h/a/.", "https://h/a/"),
        ("https://h/%2e%2E/a", "https://h/a"),
        ("https://h/a//../b", "https://h/a/b"),
        ("https://h/%66iles", "https://h/files"),
        ("https://h/%7euser", "https://h/~user"),
        ("https://h/a%2fb", "https://h/a%2Fb"),
        ("https://h", "https://h/"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("https://[2001:DB8:0::7]/x", "https://[2001:db8::7]/x"),
        ("https://api%2Eexample.com/x", "https://API.example.com/x"),
        ("https://a%fc/x", "https://A%FC/x"),
    ] {
        let [one, other] = [one, other].map(|text| TargetUri::parse(text).unwrap());
        assert_eq!(one, other);
        assert_eq!(other, one);
    }
    for (one, other) in [
        ("https://h/files", "https://h/files/"),
        ("https://h/files", "https://h/Files"),
        ("https://h/files", "https://h/file"),
        ("https://h/files", "https://h:444/files"),
        ("https://h/files", "http://h/files"),
        ("https://h/files", "http://h:443/files"),
        ("https://h/files", "https://h.evil.example/files"),
        ("https://h/files", "https://h/files%2F.."),
        ("https://h/files", "https://h/a%2f..%2ffiles"),
        ("https://h/files", "https://h//files"),
        ("https://h/files", "https://[::1]/files"),
        ("https://[::1]/x", "https://[::2]/x"),
    ] {
        let [one, other] = [one, other].map(|text| TargetUri::parse(text).unwrap());
        assert_ne!(one, other);
    }
}

#[test]
fn a_target_is_an_http_uri_with_a_host_and_without_a_user() {
    for text in [
        "",
        "/files",
        "//h/files",
        "ftp://h/files",
        "https:/files",
        "https:///files",
        "https://:443/files",
        "https://user@h/files",
        "https://h@evil.example/files",
        "https://h:x/files",
        "https://h:65536/files",
        "https://h/%zz",
        "https://h/?%zz",
        "https://h/#a#b",
        "https://h\\files",
        "https://h/a b",
        "https://h/{a}",
        "https://h/a|b",
        "https://h/\u{e9}",
        "https://h:1:2/files",
        "https://::1/files",
    ] {
        assert!(TargetUri::parse(text).is_none(), "{text}");
    }
}

#[test]
fn a_normal_target_is_borrowed() {
    let target = TargetUri::parse("https://api.example.com/files/a.b/..c?x#y").unwrap();
    let borrowed = |text| matches!(text, std::borrow::Cow::Borrowed(_));
    assert!(borrowed(target.host) && borrowed(target.path));
}

#[test]
fn finds_dot_segments() {
    for path in
        ["/..", "/.", "/a/../b", "/./a", "/%2e%2E/b", "/.%2e", "/%2E/a", "/a/%2e.", "..", "a/."]
    {
        assert!(has_dot_segments(path), "{path}");
    }
    for path in
        ["", "/", "/a..b/...", "/.a", "/..a", "/.well-known/x", "/%2ea", "/%2e%2e%2e", "/a."]
    {
        assert!(!has_dot_segments(path), "{path}");
    }
}
