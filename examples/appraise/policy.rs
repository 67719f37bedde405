//! A policy document → a validator, and what the request is known to say.

use std::path::Path;
use std::sync::LazyLock;

use jwt_appraisal::kind::AnyProfile;
use jwt_appraisal::{Appraisal, ConfigError, Issuer, Limits, Profile, RequestFacts, Validator};
use time::{Duration, OffsetDateTime};

use crate::decrypt;
use crate::document::{Fault, Members, Place};
use crate::facts;
use crate::kinds::{self, Claims, Selected, Settings, Uses};
use crate::parties::{PartyAt, algorithms, parties, skipped_keys};

/// What a policy document asks for.
#[derive(Debug)]
pub(crate) struct Policy<'v> {
    validator: Validator<Claims>,
    expect: RequestFacts<'v>,
    /// Keys that can not be used, which is no fault of the policy.
    pub(crate) skipped_keys: Vec<Fault>,
}

/// The tokens that were used in this run.
static SEEN: LazyLock<Uses> = LazyLock::new(Uses::remembered);

/// The members of every policy.
const COMMON: &[&str] = &[
    "profile",
    "expect",
    "leeway_s",
    "max_token_age_s",
    "now",
    "require",
    "matching",
    "single_use",
    "limits",
    "decrypt",
];

impl<'v> Policy<'v> {
    /// Reads a document; the files that it names are looked for in `folder`.
    pub(crate) fn read(document: &Place<'v>, folder: &Path) -> Result<Self, Fault> {
        let name = document.any_members()?.required("profile")?.text()?;
        let policy = document.members(&[COMMON, MEMBERS].concat())?;
        let kind = kind(&policy)?;
        check_members(&policy, name, &kind)?;
        let limits = limits(&policy)?;
        let trusted = trusted(&policy, &kind, folder, &limits)?;
        let skipped_keys = trusted.iter().flat_map(skipped_keys).collect();
        let names: Vec<_> = trusted.iter().map(|party| party.trusted.issuer().clone()).collect();
        let facts = policy.optional("expect");
        let facts = facts.map(|facts| facts.members(facts::NAMES)).transpose()?;
        let of_proof = matches!(kind, Selected::Profile(AnyProfile::SignedByHolder(_)));
        let expect = facts.map(|facts| facts::expect(&facts, of_proof)).transpose()?;
        let settings = settings(&policy, name, trusted, folder, limits)?;
        let at_fault = |error: ConfigError| {
            policy.fault_of(&member_at_fault(&error, &names), error.to_string())
        };
        let validator = kinds::validator(kind, settings).map_err(at_fault)?;
        Ok(Self { validator, expect: expect.unwrap_or_default(), skipped_keys })
    }

    pub(crate) fn appraise(&self, token: impl AsRef<[u8]>) -> Appraisal<Claims> {
        self.validator.appraise_with(token, &self.expect)
    }
}

/// The members of some kinds.
const MEMBERS: &[&str] = &[
    "issuers",
    "clients",
    "algorithms",
    "audience",
    "typ",
    "ssf",
    "discriminator",
    "max_ahead_s",
    "extra_audiences",
    "actors",
    "actor_clients",
];

fn kind(policy: &Members<'_>) -> Result<Selected, Fault> {
    let named = policy.required("profile")?;
    let name = named.text()?;
    match (name, policy.optional("typ")) {
        ("custom", _) => {
            return Ok(Profile::new(policy.required("typ")?.text()?).into());
        }
        (_, None) => {}
        (_, Some(typ)) if kinds::legacy(name).is_some() => {
            return match (typ.text()?, kinds::legacy(name)) {
                ("legacy", Some(kind)) => Ok(Selected::Profile(kind.profile())),
                _ => Err(typ.fault("is settled by the profile; only \"legacy\" changes it")),
            };
        }
        (_, Some(typ)) => {
            return Err(typ.fault("is settled by the profile; only \"custom\" has one of its own"));
        }
    }
    if name == "access-token-legacy" {
        return Ok(untyped_access_token(policy)?.into());
    }
    let shared_signals = policy.optional("ssf").map(|ssf| ssf.boolean()).transpose()?;
    let kind = match name {
        "security-event" if shared_signals == Some(true) => kinds::named("shared-signal"),
        _ => kinds::named(name),
    };
    let unknown = || {
        let names: Vec<_> = kinds::names().collect();
        named.fault(format!("is not a profile; expected one of {}", names.join(", ")))
    };
    kind.map(|kind| Selected::Profile(kind.profile())).ok_or_else(unknown)
}

/// The claim that distinguishes an access token where its type does not, and its value.
fn untyped_access_token(policy: &Members<'_>) -> Result<Profile<Claims>, Fault> {
    let discriminator = policy.required("discriminator")?.members(&["claim", "value"])?;
    let claim = discriminator.required("claim")?.text()?;
    let value = discriminator.optional("value").map(|value| value.text()).transpose()?;
    Ok(match value {
        None => Profile::access_token_legacy(claim).claims(),
        Some(value) => Profile::access_token_legacy_with(claim, value).claims(),
    })
}

/// A member that the kind has no use for is a mistake.
fn check_members(policy: &Members<'_>, name: &str, kind: &Selected) -> Result<(), Fault> {
    let useless: &[&str] = match kind {
        Selected::Profile(AnyProfile::Issued(_)) | Selected::ForAnybody(_) => {
            &["clients", "algorithms", "max_ahead_s"]
        }
        Selected::Profile(AnyProfile::SignedByClient(_)) => {
            &["issuers", "algorithms", "max_ahead_s", "actors", "actor_clients"]
        }
        Selected::Profile(AnyProfile::SignedByHolder(_)) => {
            &["issuers", "clients", "audience", "extra_audiences", "actors", "actor_clients"]
        }
    };
    let of_others = [("ssf", "security-event"), ("discriminator", "access-token-legacy")];
    let of_others = of_others.iter().filter(|(_, owner)| *owner != name).map(|(member, _)| member);
    match useless.iter().chain(of_others).find_map(|member| policy.optional(member)) {
        Some(member) => Err(member.fault("is not a member of this profile's policy")),
        None => Ok(()),
    }
}

fn trusted<'v>(
    policy: &Members<'v>,
    kind: &Selected,
    folder: &Path,
    limits: &Limits,
) -> Result<Vec<PartyAt<'v>>, Fault> {
    match kind {
        Selected::Profile(AnyProfile::Issued(_)) | Selected::ForAnybody(_) => {
            parties(&policy.required("issuers")?, folder, limits)
        }
        Selected::Profile(AnyProfile::SignedByClient(_)) => {
            parties(&policy.required("clients")?, folder, limits)
        }
        Selected::Profile(AnyProfile::SignedByHolder(_)) => Ok(Vec::new()),
    }
}

fn settings(
    policy: &Members<'_>,
    name: &str,
    trusted: Vec<PartyAt<'_>>,
    folder: &Path,
    limits: Limits,
) -> Result<Settings, Fault> {
    let seconds = |name: &str| -> Result<Option<Duration>, Fault> {
        let member = policy.optional(name);
        member.map(|member| member.integer().map(Duration::seconds)).transpose()
    };
    let texts = |name: &str| -> Result<Option<Vec<String>>, Fault> {
        let texts = policy.optional(name).map(|member| member.texts()).transpose()?;
        Ok(texts.map(|texts| texts.into_iter().map(str::to_owned).collect()))
    };
    let (algs, names) = match policy.optional("algorithms") {
        Some(list) => (algorithms(&list)?, Vec::new()),
        None if name == "dpop-proof" => (algorithms(&policy.required("algorithms")?)?, Vec::new()),
        None => (Vec::new(), audiences(&policy.required("audience")?)?),
    };
    let single_use = policy.optional("single_use").map(|member| member.boolean()).transpose()?;
    Ok(Settings {
        parties: trusted.into_iter().map(|party| party.trusted).collect(),
        algorithms: algs,
        audiences: names.into_iter().map(Into::into).collect(),
        leeway: seconds("leeway_s")?,
        now: policy.optional("now").map(|now| moment(&now)).transpose()?,
        decryption: decrypt::decryption_keys(policy, folder, &limits)?,
        limits,
        required: texts("require")?.unwrap_or_default(),
        matching: texts("matching")?.unwrap_or_default(),
        actors: texts("actors")?,
        actor_clients: texts("actor_clients")?,
        max_token_age: seconds("max_token_age_s")?,
        max_ahead: seconds("max_ahead_s")?,
        refuse_other_audiences: refuses_others(policy)?,
        uses: match single_use {
            Some(true) => SEEN.clone(),
            _ if kinds::named(name).is_some_and(|kind| kind.is_single_use()) => {
                Uses::OnceUnremembered
            }
            _ => Uses::Again,
        },
    })
}

fn refuses_others(policy: &Members<'_>) -> Result<bool, Fault> {
    match policy.optional("extra_audiences") {
        None => Ok(false),
        Some(rule) => match rule.text()? {
            "refuse" => Ok(true),
            "allow" => Ok(false),
            _ => Err(rule.fault("is neither \"refuse\" nor \"allow\"")),
        },
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
        ("disclosures", &mut limits.disclosures),
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
        ConfigError::IssuerName { issuer: name, .. }
        | ConfigError::IssuerTwice { issuer: name, .. } => {
            let index = issuers.iter().rposition(|issuer| issuer == name);
            index.map_or("issuers".into(), |index| format!("issuers[{index}].id"))
        }
        ConfigError::OutOfRange(error) if error.unit == "s" => format!("{}_s", error.setting),
        ConfigError::OutOfRange(error) => format!("limits.{}", error.setting),
        ConfigError::NoIssuer
        | ConfigError::SharedKeyStore { .. }
        | ConfigError::SecretOfTwoIssuers { .. }
        | ConfigError::UnsupportedByProvider { .. }
        | ConfigError::ProviderMismatch { .. } => "issuers".into(),
        ConfigError::NoAudience | ConfigError::AudienceName { .. } => "audience".into(),
        ConfigError::Typ { .. } | ConfigError::TypHasProfile { .. } => "typ".into(),
        ConfigError::RequiredClaim { .. } | ConfigError::TooManyChecks { .. } => "require".into(),
        ConfigError::NoDecryptionKey
        | ConfigError::NoKeyManagement
        | ConfigError::NoContentEncryption
        | ConfigError::AlgorithmUnsupportedByProvider { .. }
        | ConfigError::DecryptionKey(_) => "decrypt".into(),
        ConfigError::RuleName { .. } | _ => "profile".into(),
    }
}
