//! The caller's mistakes, found before anything is fetched.

use jwt_appraisal::remote::{
    FetchAnswer, FetchRequest, JwksCache, SetupError, Status, Step, Update, UrlError,
};
use jwt_appraisal::{KeyError, Limits, SignatureAlgorithm};
use time::Duration;

use super::sim::{discovering, known};
use super::support::provider;
use super::texts;

fn of(name: &str) -> Result<(), SetupError> {
    let builder = JwksCache::issuer(name).algorithms([SignatureAlgorithm::Es256]);
    builder.provider(provider()).allow_http_on_loopback().build().map(drop)
}

#[track_caller]
fn expect_issuer_error(url: &str, expected: UrlError) {
    let Err(SetupError::Issuer { issuer, error, .. }) = of(url) else {
        unreachable!("{url} was accepted");
    };
    assert_eq!((issuer.as_str(), error), (url, expected));
}

#[test]
fn issuers_and_their_keys_are_on_https() {
    for (url, error) in [
        ("", UrlError::NotHttps),
        ("as.example.com", UrlError::NotHttps),
        ("HTTPS://as.example.com", UrlError::NotHttps),
        ("ftp://as.example.com", UrlError::NotHttps),
        ("http://as.example.com", UrlError::Http),
        ("http://localhost.example.com", UrlError::Http),
        ("http://127.0.0.1.example.com", UrlError::Http),
        ("http://128.0.0.1", UrlError::Http),
        ("http://127.1", UrlError::Host),
        ("http://127.0.0.1.", UrlError::Host),
        ("http://0177.0.0.1", UrlError::Host),
        ("http://2130706433", UrlError::Host),
        ("https://0x7f000001", UrlError::Host),
        ("https://a.0X7F", UrlError::Host),
        ("https://a.0x", UrlError::Host),
        ("https://256.0.0.1", UrlError::Host),
        ("https://as.example.com..", UrlError::Host),
        ("http://0.0.0.0", UrlError::Http),
        ("http://as.localhost", UrlError::Http),
        ("http://localhost.", UrlError::Http),
        ("httpS://as.example.com", UrlError::NotHttps),
        ("https:/as.example.com", UrlError::NotHttps),
        ("http://[::2]", UrlError::Http),
        ("http://[::ffff:127.0.0.1]", UrlError::Http),
        ("http://10.0.0.1", UrlError::Http),
        ("http://127.0.0.1@as.example.com", UrlError::UserInfo),
        ("https://user@as.example.com", UrlError::UserInfo),
        ("https://user:password@as.example.com", UrlError::UserInfo),
        ("https://@as.example.com", UrlError::UserInfo),
        ("https://as.example.com#a", UrlError::Fragment),
        ("https://as.example.com/a#", UrlError::Fragment),
        ("https://", UrlError::Host),
        ("https:///path", UrlError::Host),
        ("https://:443", UrlError::Host),
        ("https://as.example.com:port", UrlError::Host),
        ("https://as.example.com:65536", UrlError::Host),
        ("https://as.example.com:", UrlError::Host),
        ("https://as.example.com:443:443", UrlError::Host),
        ("https://[::1", UrlError::Host),
        ("https://[::1]x", UrlError::Host),
        ("https://[127.0.0.1]", UrlError::Host),
        ("https://as%2eexample.com", UrlError::Host),
        ("https://as.example.com/..", UrlError::DotSegment),
        ("https://as.example.com/./a", UrlError::DotSegment),
        ("https://as.example.com/a/../b", UrlError::DotSegment),
        ("https://as.example.com/a/%2e%2E/b", UrlError::DotSegment),
        ("https://as.example.com/a/.%2e", UrlError::DotSegment),
        ("https://as.example.com/%2E/a", UrlError::DotSegment),
        ("https://as.example.com ", UrlError::Characters),
        ("https://as.example.com\\@evil.example", UrlError::Characters),
        ("https://as.example.com\r\nHost: a", UrlError::Characters),
        ("https://\u{e4}s.example.com", UrlError::Characters),
        ("https://as.example.com\0", UrlError::Characters),
        ("https://as.example.com/%zz", UrlError::Characters),
        ("https://as.example.com/a?%4", UrlError::Characters),
        ("https://as.example.com/[a]", UrlError::Characters),
    ] {
        expect_issuer_error(url, error);
        let keys = known().allow_http_on_loopback().jwks_uri(url).build().map(drop);
        assert!(
            matches!(&keys, Err(SetupError::JwksUri { error: found, .. }) if *found == error),
            "{url}"
        );
    }
    let query = "https://as.example.com/?tenant=a";
    let error = UrlError::Query;
    expect_issuer_error(query, error);
    assert!(known().jwks_uri(query).build().is_ok(), "keys may be where a query says");
}

#[test]
fn http_is_for_the_loopback_and_has_to_be_allowed() {
    for url in [
        "http://localhost",
        "http://localhost:8080/tenant",
        "http://127.0.0.1:8080",
        "http://127.255.255.254",
        "http://[::1]:8080",
        "http://[0:0:0:0:0:0:0:1]",
        "http://LocalHost",
        "https://as.example.com:8443/tenant/",
        "https://as_1.example.com",
        "https://as.example.com.:443",
        "https://1a.2b",
        "https://0xyz",
        "https://192.0.2.1",
        "https://as.example.com/.well-known/a..b/...",
    ] {
        assert_eq!(of(url), Ok(()), "{url}");
        let strict = JwksCache::issuer(url).algorithms([SignatureAlgorithm::Es256]);
        let strict = strict.provider(provider()).build().map(drop);
        assert_eq!(strict.is_ok(), url.starts_with("https:"), "{url}");
    }
}

#[test]
fn an_issuer_whose_keys_are_known_need_not_be_a_url() {
    let named = JwksCache::issuer("accounts.example.com").algorithms([SignatureAlgorithm::Es256]);
    let named = named.provider(provider()).jwks_uri("https://keys.example.com/").build().unwrap();
    assert_eq!(*named.trusted_issuer().issuer(), "accounts.example.com");
}

#[test]
fn settings_have_a_range() {
    let range =
        |setting, found, least, most| Some(texts::out_of_range(setting, found, least, most));
    let fraction = |setting| Some(texts::fraction(setting));
    let seconds = Duration::seconds;
    for (builder, expected) in [
        (known().stale_for(seconds(0)), None),
        (known().stale_for(seconds(86_400)), None),
        (known().stale_for(seconds(86_401)), range("stale_for", 86_401, 0, 86_400)),
        (known().stale_for(seconds(-1)), range("stale_for", -1, 0, 86_400)),
        (known().stale_for(Duration::milliseconds(-1)), range("stale_for", -1, 0, 86_400)),
        (known().cooldown(seconds(1)), None),
        (known().cooldown(Duration::milliseconds(999)), range("cooldown", 0, 1, 86_400)),
        (known().cooldown(Duration::MAX), range("cooldown", i64::MAX, 1, 86_400)),
        (known().stale_for(Duration::milliseconds(1_500)), fraction("stale_for")),
        (known().cooldown(Duration::nanoseconds(1_000_000_001)), fraction("cooldown")),
        (known().timeout(Duration::milliseconds(59_999)), fraction("timeout")),
        (known().timeout(seconds(60)), None),
        (known().timeout(seconds(0)), range("timeout", 0, 1, 60)),
        (known().timeout(seconds(61)), range("timeout", 61, 1, 60)),
        (known().algorithms([]), Some(KeyError::NoAlgorithms.to_string())),
    ] {
        assert_eq!(builder.build().err().map(|error| error.to_string()), expected);
    }
    let mut limits = Limits::default();
    limits.keys_per_set = 0;
    let error = discovering().limits(limits).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the setting keys_per_set is 0, but it must be from 1 to 10000 keys"
    );
}

#[test]
fn whatever_drives_a_cache_may_be_in_another_thread() {
    fn check<T: Send + Sync>() {}
    check::<(JwksCache, FetchRequest, FetchAnswer, Step, Update, Status, SetupError)>();
}

#[test]
fn mistakes_say_what_was_found_and_expected() {
    let texts = [
        of("http://as.example.com").unwrap_err().to_string(),
        known().jwks_uri("keys").build().unwrap_err().to_string(),
        known().timeout(Duration::ZERO).build().unwrap_err().to_string(),
    ];
    assert_eq!(
        texts,
        [
            "the issuer's name \"http://as.example.com\" begins with http://, which is for the loopback \
             alone, where it was allowed, but it must be an https URL, under which its metadata is found; \
             if there is no metadata, give the jwks_uri",
            "the jwks_uri does not begin with https://, but it must be an https URL without user and \
             fragment",
            "the setting timeout is 0, but it must be from 1 to 60 s",
        ]
    );
}
