//! What an operation needs of the caller's token.

use ::time::{Duration, OffsetDateTime};

use super::attribute::is_scope_token;
use super::error::ResourceServerError;
use crate::appraisal::Record;
use crate::error::whole_seconds;
use crate::policy::LONGEST_LIFETIME;
use crate::rules::is_recent;
use crate::time::Seconds;

/// What an operation needs of the caller's token, beyond that it is accepted: scopes, and how and how
/// recently the user authenticated. By default nothing.
///
/// [RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1),
/// [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)
///
/// ```
/// use jwt_appraisal::http::Requirement;
/// use time::Duration;
///
/// let transfer = Requirement::scopes(["payments:write"])
///     .acr_values(["phr"])
///     .max_authentication_age(Duration::minutes(5));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Requirement {
    pub(super) scopes: Vec<Box<str>>,
    pub(super) acr_values: Vec<Box<str>>,
    pub(super) max_authentication_age: Option<Duration>,
    /// An empty list of classes was given, which no token could satisfy.
    has_no_class: bool,
}

impl Requirement {
    /// All of these scopes.
    pub fn scopes<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// One of these classes of authentication. An empty list does not build, because no token satisfies it.
    pub fn acr_values<'a>(mut self, acr_values: impl IntoIterator<Item = &'a str>) -> Self {
        self.acr_values = acr_values.into_iter().map(Into::into).collect();
        self.has_no_class = self.acr_values.is_empty();
        self
    }

    /// An authentication no longer ago than this, in whole seconds.
    pub fn max_authentication_age(mut self, max_authentication_age: Duration) -> Self {
        self.max_authentication_age = Some(max_authentication_age);
        self
    }

    /// The scopes.
    pub(super) fn scope_names(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(|scope| &**scope)
    }

    /// Whether the user of an accepted token authenticated as the operation demands.
    pub(super) fn is_authenticated(&self, record: Record<'_>, now: OffsetDateTime) -> bool {
        let (now, leeway) = (Seconds::at(now), record.leeway());
        let in_class = self.acr_values.is_empty()
            || record
                .authentication_class()
                .is_some_and(|acr| self.acr_values.iter().any(|class| **class == *acr));
        let at = record.authenticated_at().map(Seconds::at);
        let recent = |most: Duration| {
            at.is_some_and(|at| is_recent(at, now, leeway, most.whole_seconds()).is_ok())
        };
        in_class && self.max_authentication_age.is_none_or(recent)
    }

    /// The classes.
    pub(super) fn classes(&self) -> impl Iterator<Item = &str> {
        self.acr_values.iter().map(|class| &**class)
    }

    pub(super) fn check(&self) -> Result<(), ResourceServerError> {
        check_scopes(self.scope_names())?;
        if self.has_no_class {
            return Err(ResourceServerError::NoAcrValues);
        }
        let mut classes = self.acr_values.iter();
        if let Some(class) = classes.find(|class| !is_scope_token(class)) {
            return Err(ResourceServerError::Acr { class: class.clone() });
        }
        if let Some(age) = self.max_authentication_age {
            whole_seconds("max_authentication_age", age, 0, LONGEST_LIFETIME)?;
        }
        Ok(())
    }
}

/// Scopes that a challenge can name. `offline_access` is the client's business with its authorization
/// server, and no resource needs it.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>, MCP authorization, "Refresh Tokens"
pub(super) fn check_scopes<'a>(
    mut scopes: impl Iterator<Item = &'a str>,
) -> Result<(), ResourceServerError> {
    match scopes.find(|scope| !is_scope_token(scope) || *scope == "offline_access") {
        Some("offline_access") => Err(ResourceServerError::OfflineAccess),
        Some(scope) => Err(ResourceServerError::Scope { scope: scope.into() }),
        None => Ok(()),
    }
}
