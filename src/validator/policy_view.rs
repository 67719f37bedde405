//! What the wings see of a validator's policy.

use ::time::{Duration, OffsetDateTime};

use super::Validator;
use crate::crypto::CryptoProvider;
use crate::json::Document;
use crate::keys::header_key;
use crate::names::{Audience, Issuer};
use crate::thumbprint::Thumbprint;
use crate::token::{HeaderBuffer, JoseHeader, UnverifiedToken, check_base64url, check_size};

impl<C, R> Validator<C, R> {
    pub(crate) fn audiences(&self) -> &[Audience] {
        &self.0.stages.parameters.audiences
    }

    /// The name of the kind of tokens.
    pub(crate) fn kind(&self) -> &str {
        self.0.stages.plan.kind()
    }

    /// The issuers, where they are settled.
    pub(crate) fn issuers(&self) -> Option<Vec<&Issuer>> {
        self.0.stages.issuers.parties()
    }

    /// The names of the permitted algorithms.
    pub(crate) fn algorithms(&self) -> &[&'static str] {
        &self.0.stages.header.algorithms
    }

    pub(crate) fn provider(&self) -> &'static CryptoProvider {
        self.0.stages.provider
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
    }

    pub(crate) fn leeway(&self) -> Duration {
        Duration::seconds(self.0.stages.parameters.leeway)
    }

    /// The thumbprint of the key that a token's header brings along, if it is one that this validator
    /// could use. Nothing was verified.
    pub(crate) fn unverified_key(&self, token: &str) -> Option<Thumbprint> {
        let limits = &self.0.stages.limits;
        check_size(token.as_bytes(), limits.token_bytes).ok()?;
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let token = UnverifiedToken::split(token.as_bytes()).ok()?;
        check_base64url(&token).ok()?;
        let octets = octets.decode(token.header(), limits.header_bytes).ok()?;
        let header = JoseHeader::parse(octets, &mut json, limits).ok()?;
        let alg = header.alg().present()?;
        let permitted = self.0.stages.header.permits(alg);
        let key = permitted.then(|| header_key(header.get("jwk"), alg, self.provider()))?.ok()?;
        key.thumbprint()
    }
}
