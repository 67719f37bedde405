//! A policy document → a validator.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::{
    ConfigError, FixedClock, Issuer, JwkSet, KeyStore, Limits, Profile, SignatureAlgorithm,
    TrustedIssuer, UntrustedStr, Validator,
};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use crate::decrypt;
use crate::document::{Fault, Members, Place};

/// Whatever a token claims.
pub(crate) type Claims = Map<String, Value>;

/// What a policy document asks for.
pub(crate) struct Policy {
    pub(crate) validator: Validator<Claims>,
    /// Keys that can not be used, which is no fault of the policy.
    pub(crate) skipped_keys: Vec<Fault>,
}

impl Policy {
    /// Reads a document; the files that it names are looked for in `folder`.
    pub(crate) fn read(document: &Place<'_>, folder: &Path) -> Result<Self, Fault> {
        let policy = document.members(&[
            "profile", "issuers", "audience", "leeway_s", "now", "typ", "require", "limits",
            "decrypt",
        ])?;
        let profile = profile(&policy)?;
        let limits = limits(&policy)?;
        let issuers = issuers(&policy, folder, &limits)?;
        let skipped_keys = issuers.iter().flat_map(skipped_keys).collect();
        let names: Vec<_> = issuers.iter().map(|i| i.trusted.issuer().clone()).collect();

        let mut builder = Validator::builder_with(&PROVIDER, profile)
            .issuers(issuers.into_iter().map(|issuer| issuer.trusted))
            .audiences(audiences(&policy.required("audience")?)?)
            .limits(limits);
        if let Some(keys) = decrypt::decryption_keys(&policy, folder, &limits)? {
            builder = builder.encrypted_to(keys);
        }
        if let Some(leeway) = policy.optional("leeway_s") {
            builder = builder.leeway(Duration::seconds(leeway.integer()?));
        }
        if let Some(now) = policy.optional("now") {
            builder = builder.clock(FixedClock::new(moment(&now)?));
        }
        let at_fault = |error: ConfigError| {
            let member = member_at_fault(&error, &names);
            policy.fault_of(&member, error.to_string())
        };
        Ok(Self { validator: builder.build().map_err(at_fault)?, skipped_keys })
    }
}

fn profile(policy: &Members<'_>) -> Result<Profile<Claims>, Fault> {
    let named = policy.required("profile")?;
    let profile = match (named.text()?, policy.optional("typ")) {
        ("access-token", None) => Profile::access_token_as(),
        ("access-token", Some(typ)) => {
            return Err(typ.fault("is settled by the profile; only \"custom\" has one of its own"));
        }
        ("custom", _) => Profile::new(policy.required("typ")?.text()?),
        _ => return Err(named.fault("is not a profile; expected \"access-token\" or \"custom\"")),
    };
    match policy.optional("require") {
        Some(claims) => Ok(claims.texts()?.into_iter().fold(profile, Profile::require)),
        None => Ok(profile),
    }
}

fn limits(policy: &Members<'_>) -> Result<Limits, Fault> {
    let mut limits = Limits::default();
    let mut settings = [
        ("token_bytes", &mut limits.token_bytes),
        ("header_bytes", &mut limits.header_bytes),
        ("json_depth", &mut limits.json_depth),
        ("json_values", &mut limits.json_values),
        ("object_members", &mut limits.object_members),
        ("actor_depth", &mut limits.actor_depth),
        ("key_set_bytes", &mut limits.key_set_bytes),
        ("keys_per_set", &mut limits.keys_per_set),
        ("inflated_bytes", &mut limits.inflated_bytes),
    ];
    if let Some(given) = policy.optional("limits") {
        let given = given.members(&settings.each_ref().map(|(name, _)| *name))?;
        for (name, setting) in &mut settings {
            if let Some(limit) = given.optional(name) {
                **setting = limit.integer()?;
                // Key sets are read before the builder sees the limits.
                if **setting == 0 {
                    return Err(limit.fault("is 0; expected at least 1"));
                }
            }
        }
    }
    Ok(limits)
}

/// An issuer, and where its keys came from.
struct IssuerAt<'v> {
    trusted: TrustedIssuer,
    jwks: Place<'v>,
}

fn issuers<'v>(
    policy: &Members<'v>,
    folder: &Path,
    limits: &Limits,
) -> Result<Vec<IssuerAt<'v>>, Fault> {
    let issuers = policy.required("issuers")?.elements()?.into_iter();
    issuers.map(|place| issuer(&place, folder, limits)).collect()
}

fn issuer<'v>(place: &Place<'v>, folder: &Path, limits: &Limits) -> Result<IssuerAt<'v>, Fault> {
    let issuer = place.members(&["id", "jwks", "jwks_file", "algorithms"])?;
    let id = issuer.required("id")?.text()?;
    let algorithms = algorithms(&issuer.required("algorithms")?)?;
    let (jwks, text) = key_set(&issuer, folder, limits)?;
    let keys = JwkSet::from_json_within(text, limits)
        .and_then(|set| KeyStore::with_provider(&PROVIDER, algorithms, set))
        .map_err(|error| jwks.fault(error.to_string()))?;
    let trusted = TrustedIssuer::new(id, keys);
    Ok(IssuerAt { trusted, jwks })
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

fn skipped_keys(issuer: &IssuerAt<'_>) -> Vec<Fault> {
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

/// One name or an array of names.
pub(crate) fn audiences<'v>(place: &Place<'v>) -> Result<Vec<&'v str>, Fault> {
    if place.value().is_string() {
        return Ok(vec![place.text()?]);
    }
    place.texts()
}

/// Seconds since the epoch, within the calendar.
pub(crate) fn moment(place: &Place<'_>) -> Result<OffsetDateTime, Fault> {
    let moment = OffsetDateTime::from_unix_timestamp(place.integer()?);
    moment.map_err(|error| place.fault(error.to_string()))
}

/// The member that a validator could not be built with.
fn member_at_fault(error: &ConfigError, issuers: &[Issuer]) -> String {
    match error {
        ConfigError::IssuerName(name) | ConfigError::IssuerTwice(name) => {
            let index = issuers.iter().rposition(|issuer| issuer == name);
            index.map_or("issuers".into(), |index| format!("issuers[{index}].id"))
        }
        ConfigError::Limit { limit, .. } => format!("limits.{limit}"),
        ConfigError::NoIssuer
        | ConfigError::SharedKeyStore(..)
        | ConfigError::UnsupportedByProvider { .. }
        | ConfigError::ProviderMismatch { .. } => "issuers".into(),
        ConfigError::NoAudience | ConfigError::AudienceName(_) => "audience".into(),
        ConfigError::Duration { .. } => "leeway_s".into(),
        ConfigError::Typ(_) | ConfigError::TypHasProfile { .. } => "typ".into(),
        ConfigError::RequiredClaim(_) | ConfigError::TooManyChecks { .. } => "require".into(),
        ConfigError::NoDecryptionKey
        | ConfigError::NoKeyManagement
        | ConfigError::NoContentEncryption
        | ConfigError::AlgorithmUnsupportedByProvider { .. }
        | ConfigError::DecryptionKey(_) => "decrypt".into(),
        ConfigError::RuleName(_) | _ => "profile".into(),
    }
}
