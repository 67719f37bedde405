//! What rules are made from: the settings of a kind and of its validator.

use crate::names::{Audience, Issuer};
use crate::policy::{Actors, AudiencePolicy, Discriminator};

/// The settings from which the checks of a validator are made, once, when it is built.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub(crate) audience: AudiencePolicy,
    /// The verifier's own names.
    pub(crate) audiences: Vec<Audience>,
    /// The party, where there is only one: what `iss` must be.
    pub(crate) only_party: Option<Issuer>,
    /// The most that `exp − iat` may be, in seconds; `None` where it was waived or does not apply.
    pub(crate) max_lifetime: Option<i64>,
    /// The most that `now − iat` may be, in seconds.
    pub(crate) max_token_age: Option<i64>,
    /// The most that `iat − now` may be, in seconds, where it is not the leeway. The leeway does not
    /// lengthen the age either then.
    pub(crate) max_ahead: Option<i64>,
    /// By how many seconds clocks may differ.
    pub(crate) leeway: i64,
    pub(crate) actor_depth: usize,
    pub(crate) actors: Option<Actors>,
    pub(crate) discriminator: Option<Discriminator>,
    /// Whether the issuer may send scopes under a name that is not known here.
    pub(crate) scopes_may_be_elsewhere: bool,
}

impl Parameters {
    /// By how many seconds `iat` may lie ahead.
    pub(crate) fn ahead(&self) -> i64 {
        self.max_ahead.unwrap_or(self.leeway)
    }

    /// What the leeway adds to the greatest age.
    pub(crate) fn leeway_of_age(&self) -> i64 {
        if self.max_ahead.is_some() { 0 } else { self.leeway }
    }
}
