//! What the wings see of a validator's policy.

use std::fmt;

use ::time::OffsetDateTime;

use super::Inner;
use super::stages::Stages;
use crate::crypto::CryptoProvider;
use crate::names::{Audience, Issuer};
use crate::policy::Signer;
use crate::time::Clock;

/// The policy of a validator.
#[derive(Clone, Copy)]
pub struct PolicyView<'a> {
    stages: &'a Stages,
    clock: &'a dyn Clock,
    /// The policy for the DPoP proof that may follow a token.
    second: Option<&'a Stages>,
}

impl fmt::Debug for PolicyView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("kind", &self.stages.plan.kind())
            .field("audiences", &self.audiences())
            .field("issuers", &self.issuers())
            .field("waived", &self.stages.plans.waived().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl<C> Inner<C> {
    pub(super) fn policy(&self) -> PolicyView<'_> {
        let second = self.second.as_ref().map(|second| second.stages());
        let second = second.filter(|second| second.kind.signer == Signer::HeaderKey);
        PolicyView { stages: &self.stages, clock: &*self.clock, second }
    }
}

impl<'a> PolicyView<'a> {
    pub(crate) fn audiences(&self) -> &'a [Audience] {
        &self.stages.parameters.audiences
    }

    /// The issuers, if they are settled.
    pub(crate) fn issuers(&self) -> Option<Vec<&'a Issuer>> {
        self.stages.issuers.parties()
    }

    /// The names of the algorithms that DPoP proofs may have; `None` if proofs are not accepted.
    pub(crate) fn proof_algorithms(&self) -> Option<&'a [&'static str]> {
        self.second.map(|second| &*second.header.algorithms)
    }

    pub(crate) fn provider(&self) -> &'static CryptoProvider {
        self.stages.provider
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }
}
