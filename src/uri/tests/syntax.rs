#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::net::IpAddr;

use crate::uri::syntax::{Authority, SyntaxError, Uri, is_absolute_uri, is_string_or_uri, is_uri};

fn authority(text: &str) -> Result<Authority<'_>, SyntaxError> {
    Uri::parse(text).map(|uri| uri.authority.unwrap())
}

/// The examples of RFC 3986 §1.1.2 and §3.
#[test]
fn reads_the_components() {
    for (text, scheme, authority, path, query, fragment) in [
        (
            "foo://example.com:8042/over/there?name=ferret#nose",
            "foo",
            Some("example.com:8042"),
            "/over/there",
            Some("name=ferret"),
            Some("nose"),
        ),
        ("urn:example:animal:ferret:nose", "urn", None, "example:animal:ferret:nose", None, None),
        (
            "ftp://ftp.is.co.za/rfc/rfc1808.txt",
            "ftp",
            Some("ftp.is.co.za"),
            "/rfc/rfc1808.txt",
            None,
            None,
        ),
        (
            "ldap://[2001:db8::7]/c=GB?objectClass?one",
            "ldap",
            Some("[2001:db8::7]"),
            "/c=GB",
            Some("objectClass?one"),
            None,
        ),
        ("mailto:John.Doe@example.com", "mailto", None, "John.Doe@example.com", None, None),
        ("tel:+1-816-555-1212", "tel", None, "+1-816-555-1212", None, None),
        ("a:", "a", None, "", None, None),
        ("a://", "a", Some(""), "", None, None),
        ("a:///b", "a", Some(""), "/b", None, None),
        ("a:/b//c", "a", None, "/b//c", None, None),
        ("a:?#", "a", None, "", Some(""), Some("")),
        ("a://b#c?d", "a", Some("b"), "", None, Some("c?d")),
        ("z39.50r+x-:@", "z39.50r+x-", None, "@", None, None),
    ] {
        let uri = Uri::parse(text).unwrap();
        assert_eq!(uri.scheme, scheme, "{text}");
        assert_eq!(uri.authority.map(|authority| authority.text), authority, "{text}");
        assert_eq!((uri.path, uri.query, uri.fragment), (path, query, fragment), "{text}");
    }
}

#[test]
fn reads_an_authority() {
    for (text, userinfo, host, port) in [
        ("a://h", None, "h", None),
        ("a://h:", None, "h", Some("")),
        ("a://h:00443", None, "h", Some("00443")),
        ("a://h:99999999", None, "h", Some("99999999")),
        ("a://:1", None, "", Some("1")),
        ("a://@", Some(""), "", None),
        ("a://u:p:q@h:1", Some("u:p:q"), "h", Some("1")),
        ("a://%40@%3a", Some("%40"), "%3a", None),
        ("a://[::1]", None, "[::1]", None),
        ("a://u@[v1.a:b]:2", Some("u"), "[v1.a:b]", Some("2")),
        ("a://!$&'()*+,;=_~", None, "!$&'()*+,;=_~", None),
    ] {
        let read = authority(text).unwrap();
        assert_eq!((read.userinfo, read.host, read.port), (userinfo, host, port), "{text}");
    }
}

#[test]
fn tells_addresses_from_names() {
    for (host, address) in [
        ("127.0.0.1", Some("127.0.0.1")),
        ("[::1]", Some("::1")),
        ("[2001:DB8:0:0::7]", Some("2001:db8::7")),
        ("[::ffff:192.0.2.1]", Some("::ffff:192.0.2.1")),
        ("[1:2:3:4:5:6:7::]", Some("1:2:3:4:5:6:7:0")),
        // Names by RFC 3986 §3.2.2, which has no short, octal or hexadecimal addresses.
        ("127.1", None),
        ("127.0.0.1.", None),
        ("127.0.0.01", None),
        ("256.0.0.1", None),
        ("0x7f000001", None),
        ("%31.0.0.1", None),
        ("[v1.x]", None),
        ("h", None),
        ("", None),
    ] {
        let text = format!("a://{host}");
        let address = address.map(|address| address.parse::<IpAddr>().unwrap());
        assert_eq!(authority(&text).unwrap().address(), address, "{host}");
    }
}

#[test]
fn rejects_what_is_no_uri() {
    use SyntaxError::{Authority, Character, Scheme};
    for (text, error) in [
        ("", Scheme),
        (":", Scheme),
        ("a", Scheme),
        ("1a:b", Scheme),
        ("-a:b", Scheme),
        ("a_b:c", Scheme),
        ("a b:c", Scheme),
        ("\u{e9}:b", Scheme),
        ("//a/b", Scheme),
        ("/a:b", Scheme),
        ("?a:b", Scheme),
        ("%61:b", Scheme),
        (" a:b", Scheme),
        ("a:b c", Character),
        ("a:\u{e9}", Character),
        ("a:b\n", Character),
        ("a:\0", Character),
        ("a:<b>", Character),
        ("a:\"", Character),
        ("a:\\", Character),
        ("a:^", Character),
        ("a:`", Character),
        ("a:{b}", Character),
        ("a:|", Character),
        ("a:b[c]", Character),
        ("a:/b[c]", Character),
        ("a:?b[c]", Character),
        ("a:#b[c]", Character),
        ("a:#b#c", Character),
        ("a:%", Character),
        ("a:%4", Character),
        ("a:%4g", Character),
        ("a:%g4", Character),
        ("a:%zz", Character),
        ("a:%\u{e9}", Character),
        ("a:?%4", Character),
        ("a:#%4", Character),
        ("a://%4", Character),
        ("a://%4/f", Character),
        ("a://h\\@b", Character),
        ("a://h\u{e9}", Character),
        ("a://h:p", Authority),
        ("a://h:1:2", Authority),
        ("a://h:-1", Authority),
        ("a://h:%31", Authority),
        ("a://a@b@c", Authority),
        ("a://[@h", Authority),
        ("a://h[", Authority),
        ("a://h]", Authority),
        ("a://[", Authority),
        ("a://[]", Authority),
        ("a://[::1", Authority),
        ("a://::1", Authority),
        ("a://[::1]h", Authority),
        ("a://h[::1]", Authority),
        ("a://[[::1]]", Authority),
        ("a://[127.0.0.1]", Authority),
        ("a://[1:2:3:4:5:6:7:8:9]", Authority),
        ("a://[1:2:3:4:5:6:7::8]", Authority),
        ("a://[1::2::3]", Authority),
        ("a://[12345::]", Authority),
        ("a://[fe80::1%25eth0]", Authority),
        ("a://[v.a]", Authority),
        ("a://[v1.]", Authority),
        ("a://[v1a]", Authority),
        ("a://[vg.a]", Authority),
        ("a://[v1.%41]", Authority),
        ("a://[v1.@]", Authority),
    ] {
        assert_eq!(Uri::parse(text).map(|_| ()), Err(error), "{text}");
    }
    // "1:2:3:4:5:6:7::8" elides nothing, but "1:2:3:4:5:6:7::" elides one group.
    assert!(authority("a://[1:2:3:4:5:6:7::]").is_ok());
}

/// CLM-10: <https://www.rfc-editor.org/rfc/rfc7519#section-2>
#[test]
fn a_string_or_uri_with_a_colon_must_be_a_uri() {
    for text in [
        "",
        "user 1",
        "\u{e9}",
        "a/b?c#d",
        "urn:x:1",
        "repo:o/r:ref:refs/heads/main",
        "a:%2f",
        "a:",
    ] {
        assert!(is_string_or_uri(text), "{text}");
        assert_eq!(is_uri(text), text.contains(':'), "{text}");
    }
    for text in
        ["a b:c", "1:2", ":", "a:\u{e9}", "a:%zz", "a:%4g", "a:%g4", "a:%4", "a:<b>", "x y:"]
    {
        assert!(!is_string_or_uri(text), "{text}");
        assert!(!is_uri(text), "{text}");
    }
    // These have only characters of URIs, so a reader without a grammar accepts them.
    for text in ["a:b[c]", "a:#b#c", "a://h:port", "a://[::1", "a://b@c@d", "a://[1.2.3.4]"] {
        assert!(!is_string_or_uri(text), "{text}");
    }
}

/// <https://www.rfc-editor.org/rfc/rfc3986#section-4.3>
#[test]
fn an_absolute_uri_has_no_fragment() {
    assert!(is_absolute_uri("urn:x:y?z"));
    for text in ["urn:x:y#", "urn:x#y", "x", "//x", ""] {
        assert!(!is_absolute_uri(text), "{text}");
    }
}
