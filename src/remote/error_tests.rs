//! The text of every error of a remote issuer.

use super::address::UrlError;
use super::error::{FetchError, SetupError};
use crate::error::tests::expect_texts;
use crate::error::{FractionOfSecond, KeyError, OutOfRange};
use crate::keys::KeyReport;

#[test]
fn settings_and_answers() {
    let range = OutOfRange { setting: "timeout", found: 61, least: 1, most: 60, unit: "s" };
    let error = UrlError::NotHttps;
    let setup = [
        (
            SetupError::Issuer { issuer: "a".into(), error },
            "the issuer's name \"a\" does not begin with https://, but it must be an https URL, under which \
             its metadata is found; if there is no metadata, give the jwks_uri",
        ),
        (
            SetupError::JwksUri { error },
            "the jwks_uri does not begin with https://, but it must be an https URL without user and \
             fragment",
        ),
        (SetupError::OutOfRange(range), "the setting timeout is 61, but it must be from 1 to 60 s"),
        (
            SetupError::FractionOfSecond(FractionOfSecond { setting: "timeout" }),
            "the setting timeout has a fraction of a second, but it must be a whole number of seconds",
        ),
        (
            SetupError::NoProvider,
            "no crypto provider is given, and the feature `ring` is off; see `provider`",
        ),
        (
            SetupError::Keys(KeyError::NoAlgorithms),
            "no algorithm is permitted; give those that the issuer signs with",
        ),
    ];
    let (report, bytes) = (KeyReport::default(), 20);
    let fetch = [
        (FetchError::NoAnswer { reason: "no route" }, "there was no answer: no route"),
        (FetchError::TimedOut { seconds: 10 }, "there was no complete answer within 10 s"),
        (FetchError::GivenUp, "the request was never completed"),
        (
            FetchError::TooLong { most: 8 },
            "the answer has more than 8 bytes; see Limits::key_set_bytes",
        ),
        (
            FetchError::Redirected { status: 302 },
            "the answer (status 302) redirects to another scheme, host or port, or too often; give the URL \
             that it leads to",
        ),
        (FetchError::Status { status: 404 }, "the answer has the status 404, but it must be 200"),
        (
            FetchError::NotMetadata { fault: "has no \"issuer\"" },
            "the metadata cannot be used: it has no \"issuer\"",
        ),
        (
            FetchError::OtherIssuer { bytes },
            "the metadata names another issuer (20 bytes), but it must name exactly this one",
        ),
        (
            FetchError::JwksUri { error },
            "the jwks_uri of the metadata does not begin with https://, but it must be an https URL without \
             user and fragment",
        ),
        (
            FetchError::Set(KeyError::NotASet),
            "the text is not a JWK set, which is an object whose member \"keys\" is an array",
        ),
        (
            FetchError::NoUsableKey { report },
            "the JWK set has no usable key, and 0 that cannot be used",
        ),
    ];
    let setup = setup.map(|(error, text)| (error.to_string(), text));
    let fetch = fetch.map(|(error, text)| (error.to_string(), text));
    expect_texts(include_str!("error.rs"), &setup.into_iter().chain(fetch).collect::<Vec<_>>());
}

#[test]
fn urls() {
    expect_texts(
        include_str!("address.rs"),
        &[
            (UrlError::Characters, "has characters that no URL has"),
            (UrlError::NotHttps, "does not begin with https://"),
            (
                UrlError::Http,
                "begins with http://, which is for the loopback alone, where it was allowed",
            ),
            (UrlError::UserInfo, "names a user"),
            (UrlError::Host, "has no proper host and port"),
            (UrlError::DotSegment, "has a segment . or .. in its path"),
            (UrlError::Query, "has a query"),
            (UrlError::Fragment, "has a fragment"),
        ],
    );
}

#[cfg(feature = "remote")]
#[test]
fn connections() {
    use super::client::RemoteError;

    expect_texts(
        include_str!("client/error.rs"),
        &[
            (
                RemoteError::Setup(SetupError::NoProvider),
                "no crypto provider is given, and the feature `ring` is off; see `provider`",
            ),
            (
                RemoteError::RootCertificate { index: 1 },
                "the text 1 of root certificates cannot be used, but it must be PEM with certificates that \
                 can be roots",
            ),
            (
                RemoteError::RootsBesideClient,
                "root certificates are given beside a shared HTTP client, which has its own; give them to \
                 the client's builder",
            ),
            (
                RemoteError::Client { fault: "TLS has no protocol version" },
                "the HTTP client cannot be built: TLS has no protocol version",
            ),
            (
                RemoteError::NoRuntime,
                "there is no tokio runtime with time, which must run for as long as the keys are used; \
                 connect within one that has `enable_all`",
            ),
            (
                RemoteError::Fetch(FetchError::GivenUp),
                "the keys could not be fetched: the request was never completed",
            ),
        ],
    );
}
