//! Where something is fetched from: a URL that every parser reads alike.

use std::fmt;
use std::sync::Arc;

use crate::uri::{HttpsUrl, HttpsUrlError};

/// An absolute URL of HTTPS, or of HTTP on the loopback, without user information and fragment, and with
/// its scheme in lower case.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Address {
    text: Arc<str>,
    /// Where the path begins.
    path: usize,
    https: bool,
}

/// Why a text is not the URL of something to fetch.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It has characters that no URL has; a host in another script has to be in its ASCII form.
    #[error("has characters that no URL has")]
    Characters,
    /// It does not begin with `https://`.
    #[error("does not begin with https://")]
    NotHttps,
    /// It begins with `http://`, which is for servers of tests, on the loopback, where that was allowed.
    #[error("begins with http://, which is for the loopback alone, where it was allowed")]
    Http,
    /// It names a user.
    #[error("names a user")]
    UserInfo,
    /// It has no host, or one that is no name or address, or a port that is no number.
    #[error("has no proper host and port")]
    Host,
    /// It has a segment `.` or `..`, which some resolve and some do not.
    #[error("has a segment . or .. in its path")]
    DotSegment,
    /// It has a query.
    #[error("has a query")]
    Query,
    /// It has a fragment.
    #[error("has a fragment")]
    Fragment,
}

impl Address {
    /// Reads a URL. HTTP on the loopback is read only where it was allowed.
    pub(super) fn parse(text: &str, http_on_loopback: bool) -> Result<Self, UrlError> {
        let url = HttpsUrl::parse(text, http_on_loopback)?;
        // Issuers are compared code point by code point, so a scheme is written in one way.
        if !text.starts_with(if url.is_https() { "https:" } else { "http:" }) {
            return Err(UrlError::NotHttps);
        }
        Ok(Self { path: url.origin().len(), https: url.is_https(), text: text.into() })
    }

    /// Reads the URL that is an issuer's name.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8414#section-2>
    pub(super) fn parse_issuer(text: &str, http_on_loopback: bool) -> Result<Self, UrlError> {
        let address = Self::parse(text, http_on_loopback)?;
        if text.contains('?') { Err(UrlError::Query) } else { Ok(address) }
    }

    pub(super) fn is_https(&self) -> bool {
        self.https
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Scheme, host and port; and the path without the slash at its end.
    pub(super) fn origin_and_path(&self) -> (&str, &str) {
        let (origin, path) = self.text.split_at_checked(self.path).unwrap_or((&self.text, ""));
        (origin, path.strip_suffix('/').unwrap_or(path))
    }
}

impl From<HttpsUrlError> for UrlError {
    fn from(error: HttpsUrlError) -> Self {
        match error {
            HttpsUrlError::Character => Self::Characters,
            HttpsUrlError::Scheme => Self::NotHttps,
            HttpsUrlError::Http => Self::Http,
            HttpsUrlError::UserInfo => Self::UserInfo,
            HttpsUrlError::Host => Self::Host,
            HttpsUrlError::DotSegment => Self::DotSegment,
            HttpsUrlError::Fragment => Self::Fragment,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", crate::names::UntrustedStr::new(&self.text))
    }
}
