//! Whom to trust: issuers or clients with their keys, and algorithms.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::{JwkSet, KeyStore, Limits, SignatureAlgorithm, TrustedIssuer, UntrustedStr};

use crate::document::{Fault, Members, Place};

/// An issuer or a client, and where its keys came from.
pub(crate) struct PartyAt<'v> {
    pub(crate) trusted: TrustedIssuer,
    jwks: Place<'v>,
}

pub(crate) fn parties<'v>(
    list: &Place<'v>,
    folder: &Path,
    limits: &Limits,
) -> Result<Vec<PartyAt<'v>>, Fault> {
    list.elements()?.iter().map(|place| party(place, folder, limits)).collect()
}

fn party<'v>(place: &Place<'v>, folder: &Path, limits: &Limits) -> Result<PartyAt<'v>, Fault> {
    let issuer = place.members(&["id", "jwks", "jwks_file", "algorithms"])?;
    let id = issuer.required("id")?.text()?;
    let algorithms = algorithms(&issuer.required("algorithms")?)?;
    let (jwks, text) = key_set(&issuer, folder, limits)?;
    let keys = JwkSet::from_json_within(text, limits)
        .and_then(|set| KeyStore::with_provider(&PROVIDER, algorithms, set))
        .map_err(|error| jwks.fault(error.to_string()))?;
    let trusted = TrustedIssuer::new(id, keys);
    Ok(PartyAt { trusted, jwks })
}

/// The text of a key set, and the member that has or names it.
pub(crate) fn key_set<'v>(
    owner: &Members<'v>,
    folder: &Path,
    limits: &Limits,
) -> Result<(Place<'v>, Vec<u8>), Fault> {
    match (owner.optional("jwks"), owner.optional("jwks_file")) {
        (Some(_), Some(file)) => Err(file.fault("stands beside jwks; expected one of them")),
        (None, None) => Err(owner.fault_of("jwks", "is missing, and so is jwks_file")),
        // No name stands twice in the document, so nothing is lost by writing it anew.
        (Some(jwks), None) => Ok((jwks.clone(), jwks.value().to_string().into_bytes())),
        (None, Some(file)) => {
            let unreadable = |error| file.fault(format!("can not be read: {error}"));
            let read = read_file(&folder.join(file.text()?), limits.key_set_bytes.min(MOST_BYTES));
            read.map(|text| (file.clone(), text)).map_err(unreadable)
        }
    }
}

/// A file, but not further than is needed to see that it is too long.
fn read_file(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut text)?;
    Ok(text)
}

/// No limit on key sets may be higher.
const MOST_BYTES: usize = 16 * 1024 * 1024;

pub(crate) fn skipped_keys(issuer: &PartyAt<'_>) -> Vec<Fault> {
    let report = issuer.trusted.key_store().map(KeyStore::report);
    let report = report.unwrap_or_default();
    let problems = report.skipped().iter();
    problems.map(|key| issuer.jwks.fault(key.to_string())).collect()
}

/// Signature algorithms, at least one, each by its registered name.
pub(crate) fn algorithms(place: &Place<'_>) -> Result<Vec<SignatureAlgorithm>, Fault> {
    place.texts()?;
    let algorithms = place.elements()?;
    if algorithms.is_empty() {
        return Err(place.fault(format!("is empty; expected some of {}", supported())));
    }
    algorithms.iter().map(algorithm).collect()
}

fn algorithm(place: &Place<'_>) -> Result<SignatureAlgorithm, Fault> {
    let name = UntrustedStr::new(place.text()?);
    let parsed = name.expose_untrusted().parse().ok();
    let has = |algorithm: &_| PROVIDER.signature_algorithms().contains(algorithm);
    parsed.filter(has).ok_or_else(|| {
        let supported = supported();
        place.fault(format!(
            "{name:?} is not a supported signature algorithm; expected some of {supported}"
        ))
    })
}

fn supported() -> String {
    let supported = PROVIDER.signature_algorithms().iter();
    let names: Vec<_> = supported.map(|algorithm| algorithm.name()).collect();
    names.join(", ")
}
