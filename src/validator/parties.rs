//! The decisions of a validator's builder: whom to trust, and who the verifier is.

use std::sync::Arc;

use super::builder::ValidatorBuilder;
use super::route::Trust;
use super::states::{AfterIssuer, Ready, WantsAudience, WantsTrust};
use crate::alg::SignatureAlgorithm;
use crate::dialect::{Dialect, IssuerTrust};
use crate::keys::{IssuerSource, SharedSecret, TrustedIssuer};
use crate::kind::tag::{SignedByClient, SignedByHolder};
use crate::names::{Audience, Issuer};

impl<C, T: AfterIssuer> ValidatorBuilder<C, T, WantsTrust> {
    /// Trusts one issuer: a [`TrustedIssuer`], or one with a [dialect](TrustedIssuer::dialect).
    pub fn issuer(self, issuer: impl Into<IssuerTrust>) -> ValidatorBuilder<C, T, T::State> {
        self.trust(Trust::Issuers(vec![issuer.into()]))
    }

    /// Trusts several issuers, each with its own keys: the `iss` of a token is looked up before
    /// anything is verified (check `key.issuer`), and only that issuer's keys are tried. Clones of
    /// one key store under two names are refused by `build()`. Each issuer can have a
    /// [dialect](crate::dialect) of its own.
    pub fn issuers<I: Into<IssuerTrust>>(
        self,
        issuers: impl IntoIterator<Item = I>,
    ) -> ValidatorBuilder<C, T, T::State> {
        self.trust(Trust::Issuers(issuers.into_iter().map(Into::into).collect()))
    }

    /// Trusts issuers that come and go. The source may be an [`Arc`], to be shared with the code that
    /// changes it. Its issuers have the [standard](Dialect::standard) dialect.
    pub fn issuer_source(
        self,
        source: impl IssuerSource + 'static,
    ) -> ValidatorBuilder<C, T, T::State> {
        self.issuer_source_with(source, Dialect::standard())
    }

    /// Trusts issuers that come and go and that all have this [dialect](crate::dialect), such as the tenants of
    /// one vendor.
    pub fn issuer_source_with(
        self,
        source: impl IssuerSource + 'static,
        dialect: Dialect,
    ) -> ValidatorBuilder<C, T, T::State> {
        self.trust(Trust::Source(Arc::new(source), dialect))
    }

    /// Trusts one issuer by a secret that it shares with this verifier, instead of by public keys. For
    /// several secrets or several such issuers see [`TrustedIssuer::with_secrets`].
    pub fn shared_secret(
        self,
        issuer: impl Into<Issuer>,
        secret: SharedSecret,
    ) -> ValidatorBuilder<C, T, T::State> {
        self.issuer(TrustedIssuer::with_secret(issuer.into(), secret))
    }

    fn trust(mut self, trust: Trust) -> ValidatorBuilder<C, T, T::State> {
        self.trust = trust;
        self.into_state()
    }
}

impl<C> ValidatorBuilder<C, SignedByClient, WantsTrust> {
    /// Knows one client, by its `client_id`.
    pub fn client(
        self,
        client: impl Into<Arc<TrustedIssuer>>,
    ) -> ValidatorBuilder<C, SignedByClient, WantsAudience> {
        self.trust(Trust::Issuers(vec![client.into().into()]))
    }

    /// Knows several clients, each with its own keys: the client that a token names is looked up
    /// before anything is verified (check `key.client`), and only that client's keys are tried.
    pub fn clients<I: Into<Arc<TrustedIssuer>>>(
        self,
        clients: impl IntoIterator<Item = I>,
    ) -> ValidatorBuilder<C, SignedByClient, WantsAudience> {
        let clients = clients.into_iter().map(|client| client.into().into());
        self.trust(Trust::Issuers(clients.collect()))
    }

    /// Knows clients that come and go. The source may be an [`Arc`], to be shared with the code that
    /// changes it.
    pub fn client_source(
        self,
        source: impl IssuerSource + 'static,
    ) -> ValidatorBuilder<C, SignedByClient, WantsAudience> {
        self.trust(Trust::Source(Arc::new(source), Dialect::standard()))
    }

    /// Knows one client by a secret that it shares with this verifier (`client_secret_jwt`). For
    /// several secrets or several such clients see [`TrustedIssuer::with_secrets`].
    ///
    /// [OpenID Connect Core §9](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication)
    pub fn client_secret(
        self,
        client_id: impl Into<Issuer>,
        secret: SharedSecret,
    ) -> ValidatorBuilder<C, SignedByClient, WantsAudience> {
        self.client(TrustedIssuer::with_secret(client_id.into(), secret))
    }

    fn trust(mut self, trust: Trust) -> ValidatorBuilder<C, SignedByClient, WantsAudience> {
        self.trust = trust;
        self.into_state()
    }
}

impl<C> ValidatorBuilder<C, SignedByHolder, WantsTrust> {
    /// The algorithms that a token may be signed with, by the key in its own header. All of them are
    /// asymmetric.
    ///
    /// [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2)
    pub fn algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    ) -> ValidatorBuilder<C, SignedByHolder, Ready> {
        self.trust = Trust::HolderOfKey(algorithms.into_iter().collect());
        self.into_state()
    }
}

impl<C> ValidatorBuilder<C, SignedByHolder, Ready> {
    /// The verifier's name, for a kind that has a rule on `aud`
    /// ([`rules::AUD`](crate::rules::AUD)), which does not build without it. A further call adds a name.
    pub fn for_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.audiences.push(audience.into());
        self
    }
}

impl<C, T> ValidatorBuilder<C, T, WantsAudience> {
    /// The verifier's name: a token is accepted if its `aud` contains exactly this. For several names there is
    /// [`audiences`](Self::audiences).
    pub fn audience(self, audience: impl Into<Audience>) -> ValidatorBuilder<C, T, Ready> {
        self.audiences([audience])
    }

    /// The verifier's names, any of which will do.
    pub fn audiences<A: Into<Audience>>(
        mut self,
        audiences: impl IntoIterator<Item = A>,
    ) -> ValidatorBuilder<C, T, Ready> {
        self.audiences = audiences.into_iter().map(Into::into).collect();
        self.into_state()
    }
}
