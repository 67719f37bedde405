//! The metadata of an issuer, and where it is.

use super::address::Address;
use super::error::FetchError;
use crate::json::{Bounds, Document, JsonKind, Value};
use crate::limits::Limits;
use crate::names::Issuer;

/// Returns the URL of the metadata of OAuth. The well-known part stands between host and path.
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-3.1>
pub(super) fn oauth_url(issuer: &Address) -> String {
    let (origin, path) = issuer.origin_and_path();
    format!("{origin}/.well-known/oauth-authorization-server{path}")
}

/// Returns the URL of the metadata of OpenID Connect. The well-known part stands at the end.
///
/// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest>
pub(super) fn openid_url(issuer: &Address) -> String {
    let (origin, path) = issuer.origin_and_path();
    format!("{origin}{path}/.well-known/openid-configuration")
}

/// Reads where the keys are, from metadata that names this issuer.
pub(super) fn read_jwks_uri(
    body: &[u8],
    issuer: &Issuer,
    limits: &Limits,
    http_on_loopback: bool,
) -> Result<Address, FetchError> {
    let mut document = Document::new();
    let read = document.read(body, Bounds::of(limits));
    read.map_err(|error| FetchError::NotMetadata { fault: error.text() })?;
    let root = document.root();
    if root.kind() != JsonKind::Object {
        return Err(FetchError::NotMetadata { fault: "is not an object" });
    }
    check_issuer(root, issuer)?;
    let uri =
        root.get("jwks_uri").ok_or(FetchError::NotMetadata { fault: "has no \"jwks_uri\"" })?;
    let uri = uri
        .as_str()
        .ok_or(FetchError::NotMetadata { fault: "has a \"jwks_uri\" that is no string" })?;
    Address::parse(uri, http_on_loopback).map_err(|error| FetchError::JwksUri { error })
}

/// Checks that the metadata names this issuer, code point by code point.
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-3.3>
fn check_issuer(metadata: Value<'_>, issuer: &Issuer) -> Result<(), FetchError> {
    let named =
        metadata.get("issuer").ok_or(FetchError::NotMetadata { fault: "has no \"issuer\"" })?;
    let named = named
        .as_str()
        .ok_or(FetchError::NotMetadata { fault: "has an \"issuer\" that is no string" })?;
    if *issuer == *named { Ok(()) } else { Err(FetchError::OtherIssuer { bytes: named.len() }) }
}
