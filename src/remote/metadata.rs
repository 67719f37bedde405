//! What an issuer says of itself, and where it says so.

use super::address::Address;
use super::error::FetchFault;
use crate::error::KeyError;
use crate::json::{Bounds, Document, JsonKind, Value};
use crate::limits::Limits;
use crate::names::Issuer;

/// Where the metadata of OAuth is: the well-known part stands between host and path.
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-3.1>
pub(super) fn oauth_url(issuer: &Address) -> String {
    let (origin, path) = issuer.origin_and_path();
    format!("{origin}/.well-known/oauth-authorization-server{path}")
}

/// Where the metadata of OpenID Connect is: the well-known part stands at the end.
///
/// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest>
pub(super) fn openid_url(issuer: &Address) -> String {
    let (origin, path) = issuer.origin_and_path();
    format!("{origin}{path}/.well-known/openid-configuration")
}

/// Reads where the keys are, from metadata that is this issuer's.
pub(super) fn read_jwks_uri(
    body: &[u8],
    issuer: &Issuer,
    limits: &Limits,
    http_on_loopback: bool,
) -> Result<Address, FetchFault> {
    let bounds = Bounds {
        depth: limits.json_depth,
        values: limits.json_values,
        members: limits.object_members,
        lenient_keys: false,
    };
    let mut document = Document::new();
    document.read(body, bounds).map_err(|fault| FetchFault::NotMetadata(fault.text()))?;
    let root = document.root();
    if root.kind() != JsonKind::Object {
        return Err(FetchFault::NotMetadata("is not an object"));
    }
    check_issuer(root, issuer)?;
    let uri = root.get("jwks_uri").ok_or(FetchFault::NotMetadata("has no \"jwks_uri\""))?;
    let uri =
        uri.as_str().ok_or(FetchFault::NotMetadata("has a \"jwks_uri\" that is no string"))?;
    Address::parse(uri, http_on_loopback).map_err(FetchFault::JwksUri)
}

/// The metadata is of this issuer, code point by code point.
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-3.3>
fn check_issuer(metadata: Value<'_>, issuer: &Issuer) -> Result<(), FetchFault> {
    let named = metadata.get("issuer").ok_or(FetchFault::NotMetadata("has no \"issuer\""))?;
    let named =
        named.as_str().ok_or(FetchFault::NotMetadata("has an \"issuer\" that is no string"))?;
    if *issuer == *named { Ok(()) } else { Err(FetchFault::OtherIssuer { bytes: named.len() }) }
}

/// Limits of a set that can not be read anyway are the caller's mistake.
pub(super) fn check_limits(limits: &Limits) -> Result<(), KeyError> {
    match limits.out_of_range() {
        Some((limit, found, most)) => Err(KeyError::Limit { limit, found, most }),
        None => Ok(()),
    }
}
