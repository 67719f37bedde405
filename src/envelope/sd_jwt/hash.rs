//! The hash function of an SD-JWT.

use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::crypto::{CryptoProvider, Digest};
use crate::json::{Grafts, Member};

/// The hash function that the issuer chose for the digests of disclosures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SdHash {
    digest: Digest,
    provider: &'static CryptoProvider,
}

impl SdHash {
    /// The permitted functions, by their names in the registry of named information. Its truncated ones
    /// are too short to be secure.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9901#section-9.4>
    const PERMITTED: [(&'static str, Digest); 3] =
        [("sha-256", Digest::Sha256), ("sha-384", Digest::Sha384), ("sha-512", Digest::Sha512)];

    /// What `_sd_alg` may be, for a plan.
    pub(crate) const EXPECTED: &'static str = "sha-256 or sha-384 or sha-512";

    /// The function that `_sd_alg` names, or the default one.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9901#section-4.1.1>
    pub(crate) fn find(
        grafts: &Grafts<'_, '_>,
        provider: &'static CryptoProvider,
    ) -> Result<Self, Reason> {
        let name = match grafts.value(grafts.root()).string("_sd_alg") {
            Member::Absent => "sha-256",
            Member::WrongType(kind) => return fail(ReasonKind::WrongType, Found::Kind(kind)),
            Member::Present(name) => name,
        };
        let found = Self::PERMITTED.into_iter().find(|(permitted, _)| *permitted == name);
        let hash = found.map(|(_, digest)| Self { digest, provider });
        let known = hash.filter(|hash| hash.of("").is_some());
        known.ok_or_else(|| Reason::new(ReasonKind::NotPermitted, Found::Bytes(name.len())))
    }

    /// The digest of a disclosure in base64url: over the characters, not over what they encode.
    /// `None` if the provider lacks the function.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9901#section-4.2.3>
    pub(super) fn of(self, text: &str) -> Option<String> {
        let digest = (self.provider.digest)(self.digest, text.as_bytes())?;
        Some(base64url::encode(&digest))
    }
}
