//! One case of the collection: what it is about, and what the verifier knows and wants.

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::kind::AnyProfile;
use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    JwkSet, KeyError, KeyStore, Limits, Profile, RequestFacts, SignatureAlgorithm, TrustedIssuer,
    danger,
};
use serde_json::Value;
use time::Duration;

use crate::cases::Found;
use crate::document::{Fault, Members};
use crate::facts;
use crate::kinds::{self, Selected, Settings, Uses};
use crate::parties::algorithms;
use crate::policy::{audiences, moment};

/// What a case is about.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Interface {
    /// A whole token.
    Profile,
    /// A claims set, which is signed here to be appraised.
    Claims,
    Hash,
    SubjectIdentifier,
    Certificate,
}

impl Interface {
    /// What a case is about, if it is about something that is known here.
    pub(crate) fn of(case: &Value) -> Option<Self> {
        let text = |name| case.get(name).and_then(Value::as_str);
        if text("expect") == Some("not-verifiable") {
            return None;
        }
        let known = || text("profile").and_then(kind_name).is_some();
        match text("interface") {
            Some("hash") => Some(Self::Hash),
            Some("sub_id") => Some(Self::SubjectIdentifier),
            Some("x5t") => Some(Self::Certificate),
            Some("claims") if known() => Some(Self::Claims),
            None | Some("profile") if known() && case.get("token").is_some() => Some(Self::Profile),
            _ => None,
        }
    }
}

/// The name of a kind, by the name that the collection has for it.
fn kind_name(profile: &str) -> Option<&'static str> {
    Some(match profile {
        "oauth.access_token" => "access-token",
        "mcp.access_token" => "mcp-access-token",
        "oidc.id_token" => "id-token",
        "oauth.client_assertion" => "client-assertion",
        "oauth.jwt_bearer_grant" => "jwt-bearer-grant",
        "oauth.id_jag" => "id-jag",
        "oauth.request_object" => "request-object",
        "oauth.jarm" => "jarm-response",
        "oauth.introspection" => "introspection-response",
        "oidc.logout_token" => "logout-token",
        "set" => "security-event",
        "oauth.dpop_proof" => "dpop-proof",
        "generic" => "custom",
        _ => return None,
    })
}

pub(crate) struct Case<'v> {
    pub(crate) members: Members<'v>,
    pub(crate) interface: Interface,
}

/// Everything that the collection says of a verifier.
const POLICY: &[&str] = &[
    "issuer",
    "issuers",
    "audience",
    "client_id",
    "token_endpoint",
    "resource",
    "extra_audiences",
    "algs",
    "leeway",
    "max_age",
    "max_future",
    "typ",
    "nonce",
    "response_type",
    "access_token",
    "code",
    "state",
    "acr_values",
    "method",
    "uri",
    "expected_jkt",
    "proof_jkt",
    "seen_jtis",
    "ssf",
];

/// The key that signs claims sets here.
const KID: &str = "k1";

impl<'v> Case<'v> {
    pub(crate) fn appraise(&self) -> Result<Found, Fault> {
        let place = self.members.required("policy")?;
        let policy = place.members(POLICY)?;
        let profile = self.members.required("profile")?.text()?;
        let name = kind_name(profile).unwrap_or_default();
        let kind = kind(name, self.interface, &policy)?;
        let key = TestKey::generate(KID, SignatureAlgorithm::Es256);
        let settings = match self.settings(name, &kind, &policy, &key) {
            Ok(settings) => settings,
            Err(Stop::Case(fault)) => return Err(fault),
            Err(Stop::KeySet(error)) => return Ok(Found::KeySet(error)),
        };
        let expect = expect(&policy, name)?;
        let validator = kinds::validator(kind, settings);
        let validator = validator.map_err(|error| place.fault(error.to_string()))?;
        let token = self.token(&policy, name, &key)?;
        if self.was_seen(&policy, &token)? {
            // Its first use, which the guard remembers.
            let _ = validator.appraise_with(&token, &expect);
        }
        let appraisal = validator.appraise_with(&token, &expect);
        let mut findings = appraisal.findings().map(|check| check.id().to_string());
        let only_bound =
            findings.next().as_deref() == Some("claims.cnf") && findings.next().is_none();
        if self.members.optional("confirmation").is_some() && only_bound {
            return Ok(Found::Bound);
        }
        drop(findings);
        Ok(Found::Token(appraisal))
    }

    fn settings(
        &self,
        name: &str,
        kind: &Selected,
        policy: &Members<'v>,
        key: &TestKey,
    ) -> Result<Settings, Stop> {
        let seconds = |name: &str| -> Result<Option<Duration>, Fault> {
            let member = policy.optional(name);
            member.map(|member| member.integer().map(Duration::seconds)).transpose()
        };
        let of_proof = matches!(kind, Selected::Profile(AnyProfile::SignedByHolder(_)));
        let algs = policy.optional("algs");
        Ok(Settings {
            parties: if of_proof { Vec::new() } else { self.parties(name, policy, key)? },
            algorithms: match algs {
                Some(list) if of_proof => algorithms(&list)?,
                _ => Vec::new(),
            },
            audiences: own_names(name, policy)?.into_iter().map(Into::into).collect(),
            leeway: Some(seconds("leeway")?.unwrap_or_default()),
            now: Some(moment(&self.members.required("now")?)?),
            limits: Limits::default(),
            decryption: None,
            required: Vec::new(),
            matching: Vec::new(),
            actors: None,
            actor_clients: None,
            // For an ID token it is about the user's authentication.
            max_token_age: if of_proof { seconds("max_age")? } else { None },
            max_ahead: seconds("max_future")?,
            refuse_other_audiences: policy
                .optional("extra_audiences")
                .is_some_and(|rule| rule.value() == "refuse"),
            // An ID-JAG may be shown again until it expires, whatever was seen.
            uses: match policy.optional("seen_jtis") {
                Some(_) if name != "id-jag" => Uses::remembered(),
                _ if kinds::named(name).is_some_and(|kind| kind.is_single_use()) => {
                    Uses::remembered()
                }
                _ => Uses::Again,
            },
        })
    }

    /// One issuer or client with the case's keys, or several issuers that have their own.
    fn parties(
        &self,
        name: &str,
        policy: &Members<'v>,
        key: &TestKey,
    ) -> Result<Vec<TrustedIssuer>, Stop> {
        let of_client = matches!(name, "client-assertion" | "request-object");
        let party = if of_client { "client_id" } else { "issuer" };
        if self.interface == Interface::Claims {
            let own = TestIssuer::new("").with_key(key.clone()).jwks();
            let keys = key_store([SignatureAlgorithm::Es256], &own)?;
            return Ok(vec![TrustedIssuer::new(policy.required(party)?.text()?, keys)]);
        }
        let Some(several) = policy.optional("issuers") else {
            return Ok(vec![trusted(party, policy, &self.members)?]);
        };
        // The lists of the issuers count instead of a list beside them, which the collection has too.
        let others = [policy.optional("issuer"), self.members.optional("jwks")];
        if let Some(other) = others.into_iter().flatten().next() {
            return Err(other.fault("stands beside policy.issuers").into());
        }
        let issuers = several.elements()?.into_iter().map(|place| {
            let members = place.members(&["issuer", "jwks", "algs"])?;
            trusted("issuer", &members, &members)
        });
        issuers.collect()
    }

    /// The token, or the claims signed with a key of the moment.
    fn token(&self, policy: &Members<'v>, name: &str, key: &TestKey) -> Result<String, Fault> {
        if self.interface == Interface::Profile {
            return Ok(self.members.required("token")?.text()?.to_owned());
        }
        let claims = self.members.required("claims")?;
        let header = self.members.optional("header");
        let typ = header.as_ref().and_then(|header| header.value().get("typ")?.as_str());
        let typ = match (typ, policy.optional("typ")) {
            (Some(typ), _) => typ,
            (None, Some(_)) => "JWT",
            (None, None) => typ_of(name),
        };
        let issuer = TestIssuer::new("").with_key(key.clone());
        let draft: TestToken = issuer.token(typ);
        Ok(draft.raw_payload(claims.value().to_string()).sign())
    }

    /// Whether the verifier saw the token before, by its `jti`.
    fn was_seen(&self, policy: &Members<'v>, token: &str) -> Result<bool, Fault> {
        let Some(seen) = policy.optional("seen_jtis") else {
            return Ok(false);
        };
        let jti = unverified_jti(token);
        Ok(seen.texts()?.iter().any(|seen| jti.as_deref() == Some(*seen)))
    }
}

/// What a validator needs that does not build.
enum Stop {
    Case(Fault),
    KeySet(KeyError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Case(fault)
    }
}

impl From<KeyError> for Stop {
    fn from(error: KeyError) -> Self {
        Self::KeySet(error)
    }
}

fn kind(name: &str, interface: Interface, policy: &Members<'_>) -> Result<Selected, Fault> {
    let legacy = policy.optional("typ").map(|typ| typ.text()).transpose()?;
    let shared_signals = policy.optional("ssf").map(|ssf| ssf.boolean()).transpose()?;
    if name == "custom" {
        // These claims sets have no type, and some are for nobody.
        let profile: Profile<_> = danger::untyped_profile();
        return Ok(match policy.optional("audience") {
            Some(_) => profile.into(),
            None => Selected::ForAnybody(danger::without_audience(profile)),
        });
    }
    if name == "access-token" && interface == Interface::Claims {
        // The specifications' examples live as long as their authors please.
        let profile = danger::without_max_lifetime(Profile::access_token().claims());
        return Ok(profile.into());
    }
    let kind = match legacy {
        Some("legacy") => kinds::legacy(name),
        _ if shared_signals == Some(true) => kinds::named("shared-signal"),
        _ => kinds::named(name),
    };
    kind.map(|kind| Selected::Profile(kind.profile()))
        .ok_or_else(|| policy.fault_of("typ", "is not for this profile"))
}

/// The names that a token has to be meant for.
fn own_names<'v>(name: &str, policy: &Members<'v>) -> Result<Vec<&'v str>, Fault> {
    let member = match name {
        "id-token" | "jarm-response" | "logout-token" => "client_id",
        "mcp-access-token" => "resource",
        // A grant may name the server by its token endpoint, unlike an assertion.
        "jwt-bearer-grant" if policy.optional("token_endpoint").is_some() => {
            let mut names = audiences(&policy.required("audience")?)?;
            names.extend(audiences(&policy.required("token_endpoint")?)?);
            return Ok(names);
        }
        "dpop-proof" => return Ok(Vec::new()),
        "custom" if policy.optional("audience").is_none() => return Ok(Vec::new()),
        _ => "audience",
    };
    audiences(&policy.required(member)?)
}

fn trusted(party: &str, policy: &Members<'_>, keys: &Members<'_>) -> Result<TrustedIssuer, Stop> {
    let name = policy.required(party)?.text()?;
    let algorithms = algorithms(&policy.required("algs")?)?;
    let set = match keys.optional("jwks") {
        Some(set) => JwkSet::from_json(set.value().to_string())?,
        // A token that is not signed comes without keys.
        None => JwkSet::default(),
    };
    Ok(TrustedIssuer::new(name, KeyStore::with_provider(&PROVIDER, algorithms, set)?))
}

pub(crate) fn key_store(
    algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    set: &str,
) -> Result<KeyStore, KeyError> {
    KeyStore::with_provider(&PROVIDER, algorithms, JwkSet::from_json(set)?)
}

/// The collection's names for the facts, and the specifications'.
const FACTS: &[(&str, &str)] =
    &[("method", "htm"), ("uri", "htu"), ("expected_jkt", "jkt"), ("proof_jkt", "jkt")];

fn expect<'v>(policy: &Members<'v>, name: &str) -> Result<RequestFacts<'v>, Fault> {
    let of_proof = name == "dpop-proof";
    let without = if of_proof { Some("max_age") } else { None };
    facts::expect(&policy.renamed(FACTS, without), of_proof)
}

/// The type that a kind's claims sets are signed with, where the case does not say.
fn typ_of(name: &str) -> &'static str {
    match name {
        "access-token" | "mcp-access-token" => "at+jwt",
        "id-jag" => "oauth-id-jag+jwt",
        "logout-token" => "logout+jwt",
        "security-event" => "secevent+jwt",
        "introspection-response" => "token-introspection+jwt",
        "request-object" => "oauth-authz-req+jwt",
        "client-assertion" => "client-authentication+jwt",
        _ => "JWT",
    }
}

fn unverified_jti(token: &str) -> Option<String> {
    use base64::Engine as _;
    let payload = token.split('.').nth(1)?;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("jti")?.as_str().map(str::to_owned)
}
