//! What a kind must have, whichever crate defines it: its name and its rules' codes, bounds that bound
//! something, and the rules without which it would accept what the specifications forbid.

use super::builder::Kind;
use super::shipped;
use crate::error::{ConfigError, FractionOfSecond, OutOfRange};
use crate::policy::{
    AudienceRule, DAY, ExtraAudiences, LONGEST_LIFETIME, MAX_AHEAD, Signer, SingleUse, TypPolicy,
};
use crate::rules::{ClaimRule, Presence, is_own_code};

/// The name of kinds whose type only the caller knows.
const CUSTOM: &str = "custom";

impl Kind {
    /// Checks what the author of the kind wrote, before the caller's settings are applied.
    pub(crate) fn check_definition(&mut self) -> Result<(), ConfigError> {
        if !is_kind_name(&self.name) || self.poses_as_another() {
            return Err(ConfigError::KindName { name: self.name.to_string() });
        }
        let misnamed = |rule: &&ClaimRule| rule.is_own() && !is_own_code(rule.code());
        if let Some(rule) = self.rules.iter().find(misnamed) {
            return Err(ConfigError::RuleName { name: rule.code().to_owned() });
        }
        within("max_lifetime", self.max_lifetime, 1, LONGEST_LIFETIME)?;
        within("max_token_age", Some(self.longest_token_age), 1, LONGEST_LIFETIME)?;
        within("max_token_age", self.max_token_age, 1, self.longest_token_age)?;
        within("max_ahead", self.max_ahead, 0, MAX_AHEAD)?;
        if let Some(setting) = self.fraction_of {
            return Err(FractionOfSecond { setting }.into());
        }
        // The `~` of an SD-JWT is not signed, so only the type tells it from the issuer's other tokens.
        if self.has_disclosures && !matches!(self.typ, TypPolicy::Exactly(_)) {
            return Err(ConfigError::UntypedDisclosures);
        }
        // A kind without an issuer has an audience if it has a rule for one.
        let has_no_audience = self.audience.rule == AudienceRule::None;
        if has_no_audience && self.permits_rule("claims.aud") {
            self.audience.rule = AudienceRule::ContainsOneOfMine;
        }
        self.check_audience_settings()
    }

    /// Checks that what the kind says about audiences has an effect.
    fn check_audience_settings(&self) -> Result<(), ConfigError> {
        let has_none = self.audience.rule == AudienceRule::None;
        let others = self.audience.extra != ExtraAudiences::Allowed;
        // A key in the header is never a secret.
        let has_no_mac = has_none || self.signer == Signer::HeaderKey;
        let idle = [
            ("trusted_audiences_only", others && has_none),
            ("resource_audience", self.audience.is_resource && has_none),
            ("mac_for_one_audience", self.audience.mac_for_one_audience && has_no_mac),
        ];
        match idle.into_iter().find(|(_, is_idle)| *is_idle) {
            Some((setting, _)) => Err(ConfigError::Unused { setting }),
            None => Ok(()),
        }
    }

    /// Checks that every setting has its rule and that no claim is overlooked which a verifier must
    /// check, after the caller's settings were applied.
    pub(crate) fn check_rules(&mut self) -> Result<(), ConfigError> {
        for (code, why) in self.needs() {
            let is_checked = match code {
                // An audience that must be absent is not the verifier.
                "claims.aud" => self.permits_rule(code),
                _ => self.has_rule(code),
            };
            if !is_checked {
                return Err(ConfigError::MissingRule { code, why });
            }
        }
        if self.max_token_age.is_some() {
            self.demand("iat")?;
        }
        if self.single_use == SingleUse::Guarded {
            self.demand("jti")?;
        }
        Ok(())
    }

    /// The codes of the rules that the kind must have, each with what it is needed for.
    fn needs(&self) -> Vec<(&'static str, &'static str)> {
        let is_aged = self.max_token_age.is_some();
        let has_own_lifetime = self.max_lifetime != Some(DAY) || self.longest_lifetime != DAY;
        let bounds_lifetime = self.max_lifetime.is_some() && (has_own_lifetime || !is_aged);
        let needs = [
            (true, "claims.exp", "which rejects expired tokens"),
            (true, "claims.nbf", "which rejects tokens that are not valid yet"),
            (true, "claims.cnf", "which rejects bound tokens without a proof"),
            (
                self.audience.rule != AudienceRule::None,
                "claims.aud",
                "which rejects tokens for other services",
            ),
            (bounds_lifetime, "time.lifetime", "which checks the lifetime"),
            (is_aged, "time.age", "which checks the age"),
            (is_aged || self.max_ahead.is_some(), "claims.iat", "which checks the time of issue"),
            (self.discriminator.is_some(), "kind.discriminator", "which checks the discriminator"),
            (self.single_use == SingleUse::Guarded, "claims.jti", "which identifies the token"),
        ];
        let needed = needs.into_iter().filter(|(is_needed, ..)| *is_needed);
        needed.map(|(_, code, why)| (code, why)).collect()
    }

    /// Makes a claim required that the kind must not forbid.
    fn demand(&mut self, claim: &'static str) -> Result<(), ConfigError> {
        if self.forbids(claim) {
            return Err(ConfigError::ForbiddenClaim { claim: claim.to_owned() });
        }
        self.set_presence(claim, Presence::Required);
        Ok(())
    }

    /// Whether a rule of the kind checks that a token's claim names the party that signed it.
    pub(crate) fn checks_party(&self) -> bool {
        let claim = match self.signer {
            Signer::Issuer => "iss",
            Signer::Client(claim) => claim,
            Signer::HeaderKey | Signer::ConfirmedKey => return true,
        };
        let mut rules = self.rules.iter().filter(|rule| rule.claim() == Some(claim));
        rules.any(|rule| rule.names_party() && rule.presence() == Presence::Required)
    }

    /// Whether the kind has this rule, and its claim may be present.
    pub(super) fn permits_rule(&self, code: &str) -> bool {
        let mut rules = self.rules.iter().filter(|rule| rule.code() == code);
        rules.any(|rule| rule.presence() != Presence::Forbidden)
    }

    /// Whether the kind has the name of a kind of this crate, but not its signer and rules. The type of
    /// that kind would then be accepted under other rules, and the records would mix up the two.
    fn poses_as_another(&self) -> bool {
        let shipped = shipped().find(|shipped| shipped.name == self.name);
        shipped.is_some_and(|shipped| {
            let pairs = || self.rules.iter().zip(&shipped.rules);
            let same_rules = self.rules.len() == shipped.rules.len()
                && pairs().all(|(own, shipped)| own.code() == shipped.code());
            let waived = |rule: &ClaimRule| {
                rule.code() == "claims.aud" && self.audience.rule == AudienceRule::Waived
            };
            let same_presence = pairs().all(|(own, shipped)| {
                own.presence() == shipped.presence()
                    || own.presence() == Presence::Required
                    || waived(own)
            });
            let same_form = self.has_disclosures == shipped.has_disclosures;
            // Only the caller knows the type of a custom kind.
            let same_header = self.typ == shipped.typ || &*self.name == CUSTOM;
            let within = |own: Option<i64>, shipped: Option<i64>| match (own, shipped) {
                (_, None) => true,
                (own, Some(shipped)) => own.is_some_and(|own| own <= shipped),
            };
            let same_bounds = within(Some(self.longest_token_age), Some(shipped.longest_token_age))
                && within(
                    self.max_token_age,
                    shipped.max_token_age.map(|_| shipped.longest_token_age),
                )
                && within(self.max_ahead, shipped.max_ahead.map(|_| MAX_AHEAD));
            let same_use = self.single_use != SingleUse::No || shipped.single_use == SingleUse::No;
            let same = self.signer == shipped.signer && same_rules && same_presence;
            !(same && same_form && same_header && same_bounds && same_use)
        })
    }
}

fn is_kind_name(name: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    !name.is_empty() && name.bytes().all(allowed)
}

fn within(
    setting: &'static str,
    found: Option<i64>,
    least: i64,
    most: i64,
) -> Result<(), ConfigError> {
    match found {
        Some(found) if !(least..=most).contains(&found) => {
            Err(OutOfRange { setting, found, least, most, unit: "s" }.into())
        }
        _ => Ok(()),
    }
}
