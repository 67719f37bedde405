//! Keys that come with a token: in its own header, for the kinds whose specification says so and for no
//! others, and in the `cnf` of the verified token before it.

use std::sync::Arc;

use super::issuer::TrustedIssuer;
use super::jwk::Jwk;
use super::snapshot::{KeySnapshot, StoredKey};
use crate::alg::SignatureAlgorithm;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::crypto::CryptoProvider;
use crate::error::InvalidKey;
use crate::json::Value;
use crate::names::Issuer;

/// Reads and imports the key of a header: a public key, as strong as any other, for the header's own
/// `alg`, which was found among the permitted ones before. The party is the key itself, by its
/// thumbprint.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-4.2>
pub(crate) fn header_key(
    jwk: Option<Value<'_>>,
    alg: &str,
    provider: &CryptoProvider,
) -> Result<Arc<TrustedIssuer>, Reason> {
    holder(jwk, alg, provider, ReasonKind::UnusableEmbeddedKey)
}

/// Reads and imports the key that a verified token names in `cnf.jwk`. The party is the key itself.
///
/// <https://www.rfc-editor.org/rfc/rfc7800#section-3.2>
pub(crate) fn confirmed_key(
    cnf: Option<Value<'_>>,
    alg: &str,
    provider: &CryptoProvider,
) -> Result<Arc<TrustedIssuer>, Reason> {
    let jwk = cnf.and_then(|cnf| cnf.get("jwk"));
    holder(jwk, alg, provider, ReasonKind::UnusableConfirmedKey)
}

fn holder(
    jwk: Option<Value<'_>>,
    alg: &str,
    provider: &CryptoProvider,
    kind: ReasonKind,
) -> Result<Arc<TrustedIssuer>, Reason> {
    let Some(jwk) = jwk else {
        return fail(ReasonKind::Missing, Found::Nothing);
    };
    let Some(algorithm) = SignatureAlgorithm::ALL.iter().find(|known| known.name() == alg) else {
        return fail(ReasonKind::NotPermitted, Found::Nothing);
    };
    let unusable =
        |problem: InvalidKey| Reason::new(kind, Found::Problem(problem.to_string().into()));
    let jwk = Jwk::parse(jwk).map_err(unusable)?;
    let key = jwk.import(&[*algorithm], provider).map_err(unusable)?;
    let thumbprint = jwk.thumbprint_with(provider);
    let party = Issuer::from(thumbprint.uri());
    let key = Arc::new(KeySnapshot::single(StoredKey { kid: None, ..key }));
    Ok(Arc::new(TrustedIssuer::by_key(party, key, thumbprint)))
}
