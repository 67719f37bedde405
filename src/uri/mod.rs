//! URIs: one strict reader (`syntax`), comparison (`compare`), and URLs that may be fetched (`https`).
//!
//! Every rule about a URI is a function over the one reader, so two rules never disagree about where a
//! host or a path begins.

mod compare;
#[cfg(any(feature = "http", feature = "jwks-cache"))]
mod https;
mod syntax;
#[cfg(test)]
mod tests;

#[cfg(feature = "http")]
pub(crate) use compare::has_dot_segments;
pub(crate) use compare::{TargetUri, is_resource, is_same_resource};
#[cfg(any(feature = "http", feature = "jwks-cache"))]
pub(crate) use https::HttpsUrl;
#[cfg(feature = "jwks-cache")]
pub(crate) use https::HttpsUrlError;
pub(crate) use syntax::{is_absolute_uri, is_string_or_uri, is_uri};
