//! What a dialect must be, whichever crate defines it.

use super::Dialect;
use super::names::Standard;
use super::tell::Tell;
use crate::error::{ConfigError, whole_seconds};
use crate::kind::{Kind, shipped};
use crate::names::MediaType;
use crate::policy::{DAY, distinguishes};

/// The longest lifetime that a dialect can permit, in seconds.
const YEAR: i64 = 366 * DAY;

/// The claims that a dialect can neither graft nor let be absent.
const PROTECTED: &[&str] = &["iss", "exp", "nbf", "iat", "cnf", "act", "crit"];

/// The claims that name something else in every token, so that no standard name can be read from them.
const NO_PLACE: &[&str] = &["sub", "jti"];

/// The claims that a dialect can let be absent.
const MAY_LACK: &[&str] = &["sub", "jti", "client_id"];

impl Dialect {
    /// Checks what the author of the dialect wrote, for tokens of a kind.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Dialect`] if it has a name that records cannot show, if it would accept the issuer's other
    /// tokens or no token at all, or if it names a claim that no dialect can change.
    pub(crate) fn check(&self, kind: &Kind) -> Result<(), ConfigError> {
        if self.is_standard() {
            return Ok(());
        }
        self.check_name()?;
        self.check_types(kind)?;
        self.check_own_tells(kind)?;
        self.check_places(kind)?;
        self.check_lifetime(kind)?;
        self.check_absences(kind)
    }

    fn check_name(&self) -> Result<(), ConfigError> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
        if self.name.is_empty() || !self.name.bytes().all(allowed) || *self.name == *Self::STANDARD
        {
            return self.wrong(
                "has a name that records cannot show; give it letters, digits, '-' and '_', and not \"standard\"",
            );
        }
        Ok(())
    }

    fn check_types(&self, kind: &Kind) -> Result<(), ConfigError> {
        let own = |typ: &MediaType| kind.typ() == Some(typ);
        let of_other =
            |typ: &MediaType| !own(typ) && shipped().any(|shipped| shipped.typ() == Some(typ));
        for (nth, typ) in self.types.iter().enumerate() {
            if typ.matches("JWT") || !typ.is_well_formed() || of_other(typ) {
                return self.wrong(format!(
                    "accepts typ {typ:?}, which is no explicit type or that of another kind; \
                     for tokens without a type see Dialect::untyped"
                ));
            }
            if self.types.iter().take(nth).any(|other| other == typ) {
                return self.wrong(format!("names typ {typ:?} twice"));
            }
        }
        if self.untyped && !self.tells.iter().any(Tell::is_positive) {
            return self.wrong(
                "accepts tokens without a type, but does not say how they differ from the issuer's other tokens; \
                 see Dialect::is and Dialect::has",
            );
        }
        Ok(())
    }

    fn check_own_tells(&self, kind: &Kind) -> Result<(), ConfigError> {
        for (nth, tell) in self.tells.iter().enumerate() {
            if kind.has_disclosures && !tell.is_positive() {
                return self.wrong(format!(
                    "expects {tell}, but the holder of an SD-JWT can withhold a claim; see Dialect::is and Dialect::has"
                ));
            }
            let is_empty = tell.claims().next().is_none()
                || tell.claims().any(str::is_empty)
                || tell.value().is_some_and(str::is_empty);
            if is_empty {
                return self.wrong("has a tell with an empty name or value");
            }
            let has_value = tell.value().is_some();
            let tells_nothing =
                tell.is_positive() && tell.claims().any(|claim| !distinguishes(claim, has_value));
            if tells_nothing {
                return self.wrong(format!("expects {tell}, which tokens of every kind can have"));
            }
            let mut others = self.tells.iter().enumerate().filter(|(other, _)| *other != nth);
            if let Some((_, other)) =
                others.find(|(_, other)| *other == tell || tell.contradicts(other))
            {
                return self.wrong(format!("expects {tell} and {other}"));
            }
        }
        Ok(())
    }

    fn check_places(&self, kind: &Kind) -> Result<(), ConfigError> {
        if kind.has_disclosures && self.has_names() {
            return self.wrong(
                "reads claims from places of its own, but the holder of an SD-JWT can withhold one of two that disagree",
            );
        }
        let places = self.places.all();
        // The discriminator is looked for after the names were grafted, so a graft would satisfy it.
        let discriminator = kind.discriminator.as_ref().map(|discriminator| &*discriminator.claim);
        let mut grafted = places.iter().filter(|(_, claims)| claims.names().next().is_some());
        if let Some((own, _)) = grafted.find(|(own, _)| Some(own.name()) == discriminator) {
            let own = own.name();
            return self.wrong(format!(
                "reads {own:?} from another claim, but that claim distinguishes the kind"
            ));
        }
        let all =
            || places.iter().flat_map(|(own, claims)| claims.names().map(|name| (*own, name)));
        for (nth, (own, name)) in all().enumerate() {
            let is_other = |standard: &Standard| *standard != own && standard.name() == name;
            if name.is_empty()
                || PROTECTED.contains(&name)
                || NO_PLACE.contains(&name)
                || Standard::ALL.iter().any(is_other)
                || all().take(nth).any(|(_, earlier)| earlier == name)
            {
                let own = own.name();
                return self.wrong(format!(
                    "reads {own:?} from {name:?}, which is empty, has a meaning of its own, or was named twice"
                ));
            }
        }
        Ok(())
    }

    fn check_lifetime(&self, kind: &Kind) -> Result<(), ConfigError> {
        let Some(lifetime) = self.max_lifetime else {
            return Ok(());
        };
        if !kind.has_rule("time.lifetime") {
            return self.wrong("bounds the lifetime, which this kind of token has no check for");
        }
        whole_seconds("max_lifetime", lifetime, 1, YEAR)?;
        Ok(())
    }

    fn check_absences(&self, kind: &Kind) -> Result<(), ConfigError> {
        if kind.has_disclosures && !self.may_lack.is_empty() {
            return self
                .wrong("lets a claim be absent, which the holder of an SD-JWT could withhold");
        }
        match self.may_lack.iter().find(|claim| !MAY_LACK.contains(&&***claim)) {
            Some(claim) => {
                let permitted = MAY_LACK.join(", ");
                self.wrong(format!("lets {claim:?} be absent; expected one of {permitted}"))
            }
            None => Ok(()),
        }
    }

    fn wrong(&self, problem: impl Into<String>) -> Result<(), ConfigError> {
        Err(ConfigError::Dialect { dialect: self.name.to_string(), problem: problem.into() })
    }
}
