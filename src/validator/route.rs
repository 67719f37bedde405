//! Whose keys: the one party that there is, an exact look-up of the party that the token names, or the key
//! that the token brings along.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alg::SignatureAlgorithm;
use crate::check::{Found, Reason, ReasonKind, Stage, fail};
use crate::crypto::UnverifiedPayload;
use crate::dialect::{Dialect, IssuerTrust};
use crate::keys::{IssuerSource, TrustedIssuer};
use crate::names::{Issuer, UntrustedStr};
use crate::policy::Signer;
use crate::uri::is_string_or_uri;

/// The parties to trust, as the caller named them.
#[derive(Debug)]
pub(super) enum Trust {
    /// Nothing yet.
    Unset,
    Issuers(Vec<IssuerTrust>),
    /// All issuers of a source have the same dialect.
    Source(Arc<dyn IssuerSource>, Dialect),
    /// The holder of the key in a token's header, which is for one of these algorithms.
    HolderOfKey(Vec<SignatureAlgorithm>),
}

/// The issuers, or the clients, that a validator trusts.
#[derive(Debug)]
pub(super) enum Issuers {
    One(Arc<TrustedIssuer>),
    Several(BTreeMap<Issuer, Arc<TrustedIssuer>>),
    Source(Arc<dyn IssuerSource>),
    /// Whoever has the key; it is for one of these algorithms.
    HolderOfKey(Vec<SignatureAlgorithm>),
}

/// How it is decided whose keys apply to a token.
pub(super) enum Whose<'a> {
    /// There is only one party.
    Only(&'a Arc<TrustedIssuer>),
    /// The token names its party in a claim, and this check finds the party.
    Named { claim: &'static str, stage: Stage },
    /// The token's header has the key.
    HeaderKey,
    /// The first token has the key.
    ConfirmedKey,
}

impl Issuers {
    /// The one decision about whose keys apply.
    pub(super) fn whose(&self, signer: Signer) -> Whose<'_> {
        let stage = if signer == Signer::Issuer { Stage::KeyIssuer } else { Stage::KeyClient };
        match (self, signer.claim()) {
            (Self::One(issuer), _) => Whose::Only(issuer),
            (_, None) if signer == Signer::ConfirmedKey => Whose::ConfirmedKey,
            (Self::HolderOfKey(_), _) | (_, None) => Whose::HeaderKey,
            (_, Some(claim)) => Whose::Named { claim, stage },
        }
    }

    /// The names of the parties, where they are settled.
    pub(super) fn parties(&self) -> Option<Vec<&Issuer>> {
        let parties = self.trusted();
        let names = parties.iter().map(|party| party.issuer()).collect::<Vec<_>>();
        Some(names).filter(|names| !names.is_empty())
    }

    /// The same parties, each of which a token must name before its keys are used, even if there is only
    /// one: for kinds without a rule that compares the name with the party.
    pub(super) fn found_by_name(self) -> Self {
        match self {
            Self::One(issuer) => Self::Several(BTreeMap::from([(issuer.issuer().clone(), issuer)])),
            Self::Several(_) | Self::Source(_) | Self::HolderOfKey(_) => self,
        }
    }

    /// The name of the only party, if there is one.
    pub(super) fn only(&self) -> Option<&Issuer> {
        if let Self::One(issuer) = self { Some(issuer.issuer()) } else { None }
    }

    /// The parties, where they are settled.
    pub(super) fn trusted(&self) -> Vec<&TrustedIssuer> {
        match self {
            Self::One(issuer) => vec![issuer],
            Self::Several(issuers) => issuers.values().map(|issuer| &**issuer).collect(),
            Self::Source(_) | Self::HolderOfKey(_) => Vec::new(),
        }
    }

    /// Finds the party that the token names in a claim. The name is not believed: it chooses whose
    /// key has to fit, and is checked again among the verified claims.
    pub(super) fn find(
        &self,
        payload: &mut UnverifiedPayload<'_, '_>,
        claim: &str,
    ) -> Result<Arc<TrustedIssuer>, Reason> {
        let name = payload.unverified_name(claim)?;
        let found = match self {
            Self::One(issuer) => Some(Arc::clone(issuer)),
            Self::Several(issuers) => issuers.get(&*name).cloned(),
            Self::Source(source) => source.find(UntrustedStr::new(&name)),
            Self::HolderOfKey(_) => None,
        };
        match found {
            // A source may come to hold what `build()` would have refused.
            Some(issuer) if *issuer.issuer() == *name && is_issuer_name(&name) => Ok(issuer),
            _ => fail(ReasonKind::UntrustedIssuer, Found::Bytes(name.len())),
        }
    }
}

/// Whether a text can be the name of an issuer or a client.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(super) fn is_issuer_name(name: &str) -> bool {
    !name.is_empty() && is_string_or_uri(name)
}
