//! Builds a validator: every mistake of the caller is found here.

use std::marker::PhantomData;
use std::sync::Arc;

use super::builder::ValidatorBuilder;
use super::config::{
    MAX_LEEWAY, check_second, check_secrets, check_sources, permitted_algorithms, trusted,
};
use super::issuer_plan::Dialects;
use super::kind_settings::{check_audiences, complete_kind, defined_kind};
use super::plan::Blueprint;
use super::policy_id::policy_id;
use super::stages::Stages;
use super::states::Ready;
use super::{Inner, Validator};
use crate::check::Plan;
use crate::dialect::Dialect;
use crate::envelope::{Decryption, Envelope};
use crate::error::{ConfigError, check_limits, whole_seconds};
use crate::keys::DecryptionKeys;
use crate::kind::Profile;
use crate::policy::HeaderPolicy;
use crate::rules::Parameters;

impl<C, T, R> ValidatorBuilder<C, T, Ready, R> {
    /// Builds the validator.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the policy cannot be carried out as it stands, for example because the provider
    /// lacks an algorithm, no token can have a name, or a setting is out of its range.
    ///
    /// ```
    /// # use jwt_appraisal::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = KeyStore::new([SignatureAlgorithm::Es512], JwkSet::default())?;
    /// let built = Validator::builder(Profile::access_token())
    ///     .issuer(TrustedIssuer::new("https://as.example.com", keys))
    ///     .audience("https://api.example.com")
    ///     .build();
    /// assert!(matches!(built, Err(ConfigError::UnsupportedByProvider { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(self) -> Result<Validator<C, R>, ConfigError> {
        let Profile { kind, settings, .. } = self.profile;
        let defined = defined_kind(kind)?;
        let dialects = Dialects::of(&self.trust, &defined)?;
        let longest = dialects.longest_lifetime(&defined);
        let kind = complete_kind(defined.clone(), &settings, longest)?;
        check_limits(&self.limits)?;
        let leeway = whole_seconds("leeway", self.leeway, 0, MAX_LEEWAY)?;
        check_audiences(&self.audiences, &kind.audience)?;
        check_sources(&self.sources, kind.single_use)?;
        check_second(&kind, self.second.as_deref())?;
        let issuers = trusted(self.trust, self.provider)?;
        check_secrets(&issuers.trusted(), self.decryption.as_ref())?;
        let issuers = if kind.checks_party() { issuers } else { issuers.found_by_name() };
        let envelope = match (&self.decryption, kind.has_disclosures) {
            (None, false) => Envelope::Plain,
            (None, true) => Envelope::Disclosed,
            (Some(keys), false) => Envelope::Encrypted(Decryption::import(keys, self.provider)?),
            (Some(_), true) => return Err(ConfigError::Unused { setting: "encrypted_to" }),
        };
        let header = HeaderPolicy {
            typ: dialects.types(&defined),
            algorithms: permitted_algorithms(&issuers),
        };
        let parameters = Parameters {
            audience: kind.audience.clone(),
            audiences: self.audiences,
            only_party: issuers.only().cloned(),
            max_lifetime: kind.max_lifetime,
            max_token_age: kind.max_token_age,
            max_ahead: kind.max_ahead,
            leeway,
            actor_depth: self.limits.actor_depth,
            actors: settings.actors.clone(),
            discriminator: kind.discriminator.clone(),
            scopes_may_be_elsewhere: kind.discriminator.is_some(),
        };
        let custom: Vec<_> = self.rules.iter().map(|rule| Arc::clone(&rule.name)).collect();
        let second = self.second.as_ref().map(|second| &*second.stages().plan);
        let encryption = self.decryption.as_ref().map(DecryptionKeys::policy);
        let policy = policy_id(
            self.name,
            &[
                &kind,
                &kind.typ,
                &header.algorithms,
                &parameters,
                &settings.max_lifetime,
                &settings.required,
                &settings.matching,
                &issuers.parties(),
                &dialects.by_issuer(),
                &encryption,
                &self.limits,
                &custom,
                &self.sources.know_revocation(),
                &self.hierarchy.is_some(),
                &self.records_claimed,
                &second.map(Plan::policy_digest),
            ],
            self.provider,
        );
        let standard = Dialect::standard();
        let blueprint = Blueprint {
            kind: &kind,
            dialect: &standard,
            header: &header,
            envelope: &envelope,
            issuers: &issuers,
            parameters: &parameters,
            required: &settings.required,
            matching: &settings.matching,
            asks_for_revocation: self.sources.know_revocation(),
            policy: &policy,
            custom: &custom,
            second,
        };
        let plans = dialects.plans(&defined, &settings, &blueprint)?;
        let plan = plans.base(&blueprint)?;
        let stages = Stages {
            kind,
            header,
            parameters,
            limits: self.limits,
            provider: self.provider,
            plan,
            plans,
            envelope,
            issuers,
            sources: self.sources,
        };
        let inner = Arc::new(Inner {
            stages,
            custom_rules: self.rules,
            clock: self.clock,
            hierarchy: self.hierarchy,
            records_claimed: self.records_claimed,
            second: self.second,
        });
        Ok(Validator(inner, PhantomData))
    }
}
