//! The access token of a request.

use ::http::header::AUTHORIZATION;
use ::http::{HeaderMap, Uri};

/// How a token is presented.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// Whoever has the token may use it: [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750).
    Bearer,
    /// With a proof of possession: [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1).
    Dpop,
}

impl Scheme {
    const ALL: &[Self] = &[Self::Bearer, Self::Dpop];

    /// Its name in `Authorization` and `WWW-Authenticate`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }

    /// The scheme of a request's only `Authorization` header.
    pub(super) fn used_by(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().filter(|_| values.next().is_none())?;
        Self::of(value.as_bytes().split(|octet| *octet == b' ').next()?)
    }

    /// Names of schemes are compared without regard to letter case.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9110#section-11.1>
    fn of(name: &[u8]) -> Option<Self> {
        let named = |scheme: &&Self| scheme.name().as_bytes().eq_ignore_ascii_case(name);
        Self::ALL.iter().find(named).copied()
    }
}

/// The access token of a request, and how it was presented. It is not printed.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    scheme: Scheme,
    token: &'a str,
}

/// Why a request has no access token that could be appraised.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// There is no `Authorization` header, or one of a scheme that is not for access tokens.
    #[error("the request has no access token in its Authorization header")]
    Missing,
    /// There are several `Authorization` headers, so which one counts is anybody's guess.
    #[error("the request has more than one Authorization header")]
    Repeated,
    /// What follows the scheme is not one token.
    #[error("the request's Authorization header is not a scheme, a space and a token")]
    Malformed,
    /// A token is in the query beside the one in the header.
    #[error("the request has an access token in its query as well")]
    InQuery,
}

impl<'a> Credentials<'a> {
    /// Takes the access token out of a request's `Authorization` header, the only place that is looked
    /// at: a token in a query or a form stands in logs and histories.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`] if there is not exactly one, well-formed, of scheme Bearer or DPoP.
    ///
    /// [RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
    ///
    /// ```
    /// # use jwt_appraisal::http::{Credentials, Scheme};
    /// let request = http::Request::get("https://api.example.com/")
    ///     .header("Authorization", "bearer mF_9.B5f-4.1JqM")
    ///     .body(())?;
    /// let credentials = Credentials::of(request.headers(), request.uri())?;
    /// assert_eq!((credentials.scheme(), credentials.token()), (Scheme::Bearer, "mF_9.B5f-4.1JqM"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(headers: &'a HeaderMap, uri: &Uri) -> Result<Self, CredentialsError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(CredentialsError::Missing)?;
        if values.next().is_some() {
            return Err(CredentialsError::Repeated);
        }
        let value = value.as_bytes();
        let end = value.iter().position(|octet| *octet == b' ').unwrap_or(value.len());
        let (name, rest) = value.split_at(end);
        let scheme = Scheme::of(name).ok_or(CredentialsError::Missing)?;
        let token = b64token(rest.trim_ascii()).ok_or(CredentialsError::Malformed)?;
        if has_token_in_query(uri) {
            return Err(CredentialsError::InQuery);
        }
        Ok(Self { scheme, token })
    }

    /// How it was presented.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The token, to be appraised and not to be passed on.
    pub fn token(&self) -> &'a str {
        self.token
    }
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
///
/// <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>
fn b64token(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?;
    let token = text.trim_end_matches('=');
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~+/".contains(&octet);
    (!token.is_empty() && token.bytes().all(allowed)).then_some(text)
}

/// Whether the query has the parameter that RFC 6750 §2.3 once defined.
fn has_token_in_query(uri: &Uri) -> bool {
    let mut parameters = uri.query().unwrap_or_default().split('&');
    parameters.any(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default();
        unescaped(name.as_bytes()).eq("access_token".bytes())
    })
}

/// The octets of a name, with `%5f` for an underscore and the like.
fn unescaped(mut name: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (octet, rest) = match name {
            [b'%', high, low, rest @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, rest),
                _ => name.split_first().map(|(first, rest)| (*first, rest))?,
            },
            _ => name.split_first().map(|(first, rest)| (*first, rest))?,
        };
        name = rest;
        Some(octet)
    })
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}
