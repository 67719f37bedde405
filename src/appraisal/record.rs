//! The record of an appraisal: what was decided about which token, and why.

use std::fmt;

use ::time::OffsetDateTime;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::claimed::Claimed;
use super::facts::{Facts, Part};
use super::report::{Checks, SerializedChecks};
use super::{Trace, Verdict};
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use crate::check::{Ledger, Leniency};
use crate::names::{Issuer, KeyId};
use crate::scope::ScopeHierarchy;
use crate::state::TokenFacts;
use crate::thumbprint::Thumbprint;
use crate::time::Seconds;

/// What the signature says of a token: who signed it, and how.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) party: Issuer,
    pub(crate) kid: Option<KeyId>,
    pub(crate) algorithm: &'static str,
    pub(crate) encryption: Option<(KeyManagementAlgorithm, ContentEncryptionAlgorithm)>,
    pub(crate) header_key: Option<Thumbprint>,
    pub(crate) hierarchy: Option<ScopeHierarchy>,
    /// By how many seconds clocks may differ.
    #[cfg_attr(
        not(feature = "http"),
        expect(dead_code, reason = "requirements of requests read it")
    )]
    pub(crate) leeway: i64,
}

/// What was verified about a token, beside its claims. It begins when the signature has passed.
#[derive(Clone, Copy)]
pub(crate) struct VerifiedFacts<'a> {
    pub(crate) signed: &'a Signed,
    pub(crate) facts: &'a Facts,
}

impl<'a> VerifiedFacts<'a> {
    /// Every name under which the token may have been revoked.
    pub(crate) fn token_facts(self) -> TokenFacts {
        let text = |part| self.facts.get(part).map(Box::from);
        TokenFacts {
            issuer: self.signed.party.clone(),
            key_id: self.signed.kid.clone(),
            token_id: text(Part::TokenId),
            subject: text(Part::Subject),
            client_id: text(Part::ClientId),
            session_id: text(Part::SessionId),
            issued_at: self.facts.issued_at().map(Seconds::to_moment),
            expires_at: self.facts.expires_at().map(Seconds::to_moment),
        }
    }

    /// The scopes, in the token's order.
    pub(crate) fn scopes(self) -> impl Iterator<Item = &'a str> {
        let scopes = self.facts.get(Part::Scopes).unwrap_or_default();
        scopes.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether a scope is granted, by itself or by one that implies it.
    pub(crate) fn has_scope(self, scope: &str) -> bool {
        let implied = |granted: &str| {
            self.signed
                .hierarchy
                .as_ref()
                .is_some_and(|hierarchy| hierarchy.implies(granted, scope))
        };
        self.scopes().any(|granted| granted == scope || implied(granted))
    }
}

/// The record of one appraisal, for audit, logs and metrics: the policy, the verdict, every check, and the
/// facts that were verified about the token. It has one word for each fact, whatever the kind of token, the
/// issuer and the caller's claims type.
///
/// A fact is recorded by the rule that passed it, and only after the signature passed, so nothing
/// unverified looks verified. The token itself is never part of a record.
///
/// ```
/// # use jwt_appraisal::{AccessTokenClaims, Appraisal};
/// fn log(appraisal: &Appraisal<AccessTokenClaims>) {
///     let record = appraisal.record();
///     println!("{} from {:?}", record.verdict(), record.party());
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Record<'a> {
    ledger: &'a Ledger,
    verdict: Verdict,
    at: Seconds,
    verified: Option<VerifiedFacts<'a>>,
    claimed: Option<&'a Claimed>,
}

impl<'a> Record<'a> {
    /// The version of the serialised form.
    pub const VERSION: u32 = 1;

    pub(super) fn new(
        ledger: &'a Ledger,
        verdict: Verdict,
        at: Seconds,
        verified: Option<VerifiedFacts<'a>>,
    ) -> Self {
        Self { ledger, verdict, at, verified, claimed: None }
    }

    pub(super) fn with_claimed(mut self, claimed: &'a Claimed) -> Self {
        self.claimed = Some(claimed);
        self
    }

    /// The record of an appraisal whose questions are open.
    pub(crate) fn of_pending(trace: &'a Trace, at: Seconds) -> Self {
        Self::new(&trace.ledger, Verdict::Undetermined, at, trace.verified())
    }

    /// The time of the appraisal, in whole seconds.
    pub fn time(&self) -> OffsetDateTime {
        self.at.to_moment()
    }

    /// The name that the operator gave to the policy ([`ValidatorBuilder::name`](crate::ValidatorBuilder::name)).
    pub fn policy(&self) -> Option<&'a str> {
        self.ledger.policy().name.as_deref()
    }

    /// The digest of the policy, in base64url: two validators have the same one if their kinds, parties,
    /// audiences, algorithms, rules and settings are the same and they are of the same version of this crate.
    /// Keys, secrets, clocks and sources do not count. `None` if a test made the record.
    pub fn policy_digest(&self) -> Option<&'a str> {
        self.ledger.policy().digest.as_deref()
    }

    /// The name of the kind of token that was demanded, such as `access-token`.
    pub fn kind(&self) -> &'a str {
        self.ledger.kind()
    }

    /// The name of the issuer's [dialect](crate::dialect), once the issuer is known; `standard` if the issuer
    /// has none. Before the signature passed it is the dialect of the issuer that the token names.
    pub fn dialect(&self) -> Option<&'a str> {
        self.ledger.dialect()
    }

    /// Where the token deviates from its kind, as the issuer's dialect permits. Before the signature passed it
    /// is the dialect of the issuer that the token names.
    pub fn leniencies(&self) -> impl Iterator<Item = Leniency> + use<> {
        self.ledger.leniencies().iter()
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Every check, in the validator's order.
    pub fn checks(&self) -> Checks<'a> {
        Checks::of(self.ledger)
    }

    /// What the token says of itself, unverified. It is there only if the signature did not pass and the
    /// validator records that ([`ValidatorBuilder::record_claimed`](crate::ValidatorBuilder::record_claimed)).
    pub fn claimed(&self) -> Option<&'a Claimed> {
        self.claimed
    }

    /// Whether the signature passed. If it did not, the record has no facts about the token.
    pub fn is_verified(&self) -> bool {
        self.verified.is_some()
    }

    /// The party whose key verified the token: the issuer, or the client that signed.
    pub fn party(&self) -> Option<&'a Issuer> {
        self.verified.map(|verified| &verified.signed.party)
    }

    /// The `kid` of the key that verified the token, if the key has one.
    pub fn key_id(&self) -> Option<&'a KeyId> {
        self.verified?.signed.kid.as_ref()
    }

    /// The registered name of the algorithm.
    pub fn algorithm(&self) -> Option<&'static str> {
        self.verified.map(|verified| verified.signed.algorithm)
    }

    /// The subject: unique within the party only.
    pub fn subject(&self) -> Option<&'a str> {
        self.text(Part::Subject)
    }

    /// The client that the token was issued to.
    pub fn client_id(&self) -> Option<&'a str> {
        self.text(Part::ClientId)
    }

    /// The audiences.
    pub fn audiences(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.facts().into_iter().flat_map(|facts| facts.all(Part::Audience))
    }

    /// The scopes, in the token's order.
    pub fn scopes(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.verified.into_iter().flat_map(VerifiedFacts::scopes)
    }

    /// Whether the token has a scope, or one that implies it.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.verified.is_some_and(|verified| verified.has_scope(scope))
    }

    /// The actors: the current one, then those that acted before. Only the current actor may be used for
    /// access control.
    ///
    /// [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)
    pub fn actors(&self) -> Vec<RecordedActor<'a>> {
        let mut actors: Vec<RecordedActor<'a>> = Vec::new();
        for (part, text) in self.facts().into_iter().flat_map(Facts::parts) {
            match (part, actors.last_mut()) {
                (Part::Actor, _) => actors.push(RecordedActor::default()),
                (Part::ActorSubject, Some(actor)) => actor.subject = Some(text),
                (Part::ActorClient, Some(actor)) => actor.client_id = Some(text),
                (Part::ActorIssuer, Some(actor)) => actor.issuer = Some(text),
                _ => {}
            }
        }
        actors
    }

    /// The identifier of the token (`jti`).
    pub fn token_id(&self) -> Option<&'a str> {
        self.text(Part::TokenId)
    }

    /// The session at the issuer (`sid`).
    pub fn session_id(&self) -> Option<&'a str> {
        self.text(Part::SessionId)
    }

    /// The end of the token's validity.
    pub fn expires_at(&self) -> Option<OffsetDateTime> {
        self.facts()?.expires_at().map(Seconds::to_moment)
    }

    /// The time of issue.
    pub fn issued_at(&self) -> Option<OffsetDateTime> {
        self.facts()?.issued_at().map(Seconds::to_moment)
    }

    /// By how many seconds clocks may differ.
    #[cfg(feature = "http")]
    pub(crate) fn leeway(&self) -> i64 {
        self.verified.map_or(0, |verified| verified.signed.leeway)
    }

    /// The time of the user's authentication.
    pub fn authenticated_at(&self) -> Option<OffsetDateTime> {
        self.facts()?.authenticated_at().map(Seconds::to_moment)
    }

    /// The class of the user's authentication (`acr`).
    pub fn authentication_class(&self) -> Option<&'a str> {
        self.text(Part::AuthenticationClass)
    }

    /// The thumbprint of the key that the token is bound to (`cnf.jkt`).
    pub fn bound_to_key(&self) -> Option<&'a str> {
        self.text(Part::ConfirmationKey)
    }

    /// The hash of the certificate that the token is bound to (`cnf.x5t#S256`).
    pub fn bound_to_certificate(&self) -> Option<&'a str> {
        self.text(Part::ConfirmationCertificate)
    }

    fn facts(&self) -> Option<&'a Facts> {
        self.verified.map(|verified| verified.facts)
    }

    fn text(&self, part: Part) -> Option<&'a str> {
        self.facts()?.get(part)
    }

    /// The same record, which serialises with the subject, the actors and the token's identifier in plain
    /// text.
    pub fn with_subjects(self) -> PlainRecord<'a> {
        PlainRecord(self)
    }

    fn serialize<S: Serializer>(&self, serializer: S, subjects: bool) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &Self::VERSION)?;
        map.serialize_entry("time", &self.at.to_string())?;
        map.serialize_entry("policy", &self.policy())?;
        map.serialize_entry("policy_digest", &self.policy_digest())?;
        map.serialize_entry("kind", self.kind())?;
        map.serialize_entry("dialect", &self.dialect())?;
        let leniencies: Vec<_> = self.leniencies().map(Leniency::name).collect();
        map.serialize_entry("leniencies", &leniencies)?;
        map.serialize_entry("verdict", &self.verdict.to_string())?;
        map.serialize_entry("checks", &SerializedChecks(self.checks()))?;
        if let Some(claimed) = self.claimed {
            map.serialize_entry("claimed", claimed)?;
        }
        if let Some(verified) = self.verified {
            map.serialize_entry("party", verified.signed.party.as_str())?;
            map.serialize_entry("kid", &verified.signed.kid.as_ref().map(KeyId::as_str))?;
            map.serialize_entry("alg", verified.signed.algorithm)?;
            map.serialize_entry("audiences", &self.audiences().collect::<Vec<_>>())?;
            map.serialize_entry("client_id", &self.client_id())?;
            map.serialize_entry("scopes", &self.scopes().collect::<Vec<_>>())?;
            let expires_at = verified.facts.expires_at().map(|at| at.to_string());
            map.serialize_entry("expires_at", &expires_at)?;
            map.serialize_entry("bound_to_key", &self.bound_to_key())?;
            map.serialize_entry("bound_to_certificate", &self.bound_to_certificate())?;
            if subjects {
                map.serialize_entry("subject", &self.subject())?;
                map.serialize_entry("actors", &self.actors())?;
                map.serialize_entry("token_id", &self.token_id())?;
            }
        }
        map.end()
    }
}

/// Without the subject, the actors and the token's identifier; [`Record::with_subjects`] includes them.
impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record::serialize(self, serializer, false)
    }
}

/// A [`Record`] that serialises with its subjects.
#[derive(Clone, Copy, Debug)]
pub struct PlainRecord<'a>(Record<'a>);

impl Serialize for PlainRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record::serialize(&self.0, serializer, true)
    }
}

/// Prints what the default serialised form shows, in short.
impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("kind", &self.kind())
            .field("verdict", &self.verdict)
            .field("party", &self.party())
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}

/// An actor of a token, by the names that it has.
#[derive(Clone, Copy, Default, Serialize)]
#[non_exhaustive]
pub struct RecordedActor<'a> {
    /// The actor as a subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'a str>,
    /// The actor as a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<&'a str>,
    /// The issuer of the actor's names, if it is not the token's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<&'a str>,
}

/// The names of actors are not printed, because they identify people.
impl fmt::Debug for RecordedActor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedActor").finish_non_exhaustive()
    }
}
