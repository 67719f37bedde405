//! Decryption keys and the permitted algorithms → keys with their one algorithm, of which a token
//! finds exactly one.

use super::decryption::{DecryptionKey, DecryptionKeys};
use super::import::import_error;
use super::jwk::Jwk;
use super::key_ops::{distinct_operations, invalid_operations};
use super::private::{PrivateMaterial, agreement_of};
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, Mode};
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::crypto::{AgreementCurve, CryptoProvider, DecryptingKey};
use crate::error::{ConfigError, InvalidKey, KeyErrorKind};
use crate::json::Value;
use crate::names::KeyId;

/// The keys of a recipient, ready for use.
#[derive(Debug)]
pub(crate) struct DecryptingKeys(Vec<StoredDecryptingKey>);

#[derive(Debug)]
pub(crate) struct StoredDecryptingKey {
    kid: Option<KeyId>,
    key: DecryptingKey,
}

impl StoredDecryptingKey {
    pub(crate) fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }

    pub(crate) fn key(&self) -> &DecryptingKey {
        &self.key
    }

    fn is_for(&self, alg: KeyManagementAlgorithm, enc: ContentEncryptionAlgorithm) -> bool {
        let own = self.key.content_encryption();
        self.key.algorithm() == alg && own.is_none_or(|own| own == enc)
    }
}

impl DecryptingKeys {
    /// Binds each key to its algorithm and imports it.
    pub(crate) fn import(
        keys: &DecryptionKeys,
        provider: &'static CryptoProvider,
    ) -> Result<Self, ConfigError> {
        check_supported(keys, provider)?;
        let mut imported: Vec<StoredDecryptingKey> = Vec::new();
        for (index, key) in keys.keys.iter().enumerate() {
            let stored = key.bind(keys, provider).and_then(|key_bound| {
                let stored = StoredDecryptingKey { kid: key.kid.clone(), key: key_bound };
                check_distinct(&stored, &imported)?;
                key.check_one_algorithm(&stored, keys.keys.iter().zip(&imported))?;
                Ok(stored)
            });
            let invalid = |invalid: InvalidKey| invalid.of_key(index, key.kid.as_ref());
            imported.push(stored.map_err(invalid).map_err(ConfigError::DecryptionKey)?);
        }
        Ok(Self(imported))
    }

    /// Selects by `kid`, or by algorithm among the keys that the token can mean. Keys are never
    /// tried in turn.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7516#section-5.2>
    pub(crate) fn select(
        &self,
        kid: Option<&str>,
        alg: KeyManagementAlgorithm,
        enc: ContentEncryptionAlgorithm,
    ) -> Result<&StoredDecryptingKey, Reason> {
        let named =
            |kid: &str| self.0.iter().find(|key| key.kid.as_ref().is_some_and(|own| *own == *kid));
        if let Some(key) = kid.and_then(named) {
            return check_algorithm(key, alg, enc);
        }
        let meant = |key: &&StoredDecryptingKey| kid.is_none() || key.kid.is_none();
        let mut candidates = self.0.iter().filter(|key| meant(key) && key.is_for(alg, enc));
        match (candidates.next(), candidates.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(ReasonKind::NoDecryptionKey.into()),
            (Some(_), Some(_)) => Err(ReasonKind::SeveralDecryptionKeys.into()),
        }
    }
}

/// The header's algorithms are compared with the key's own; they never choose one.
///
/// rfc8725bis §3.1
fn check_algorithm(
    key: &StoredDecryptingKey,
    alg: KeyManagementAlgorithm,
    enc: ContentEncryptionAlgorithm,
) -> Result<&StoredDecryptingKey, Reason> {
    if key.is_for(alg, enc) {
        return Ok(key);
    }
    let own = key.key.content_encryption().map(ContentEncryptionAlgorithm::name);
    let own = own.unwrap_or(key.key.algorithm().name());
    fail(ReasonKind::OtherAlgorithm, Found::Name(own))
}

fn check_supported(
    keys: &DecryptionKeys,
    provider: &'static CryptoProvider,
) -> Result<(), ConfigError> {
    if keys.keys.is_empty() {
        return Err(ConfigError::NoDecryptionKey);
    }
    if keys.key_management.is_empty() {
        return Err(ConfigError::NoKeyManagement);
    }
    if keys.content_encryption.is_empty() {
        return Err(ConfigError::NoContentEncryption);
    }
    let key_management = keys.key_management.iter();
    let alg = key_management.filter(|alg| !provider.key_management.contains(alg));
    let content_encryption = keys.content_encryption.iter();
    let enc = content_encryption.filter(|enc| !provider.content_encryption.contains(enc));
    match alg.map(|alg| alg.name()).chain(enc.map(|enc| enc.name())).next() {
        Some(algorithm) => {
            let provider = provider.name();
            Err(ConfigError::AlgorithmUnsupportedByProvider { algorithm, provider })
        }
        None => Ok(()),
    }
}

/// No two keys share a `kid`; and two without one are told apart by their algorithm, or no token
/// would find them.
fn check_distinct(
    key: &StoredDecryptingKey,
    others: &[StoredDecryptingKey],
) -> Result<(), InvalidKey> {
    let named = |other: &StoredDecryptingKey| key.kid.is_some() && key.kid == other.kid;
    if others.iter().any(named) {
        return Err(InvalidKey::new("kid", KeyErrorKind::SharedKid));
    }
    let own = key.key.content_encryption();
    let same = |other: &StoredDecryptingKey| {
        let neither = key.kid.is_none() && other.kid.is_none();
        let same_algorithm = key.key.algorithm() == other.key.algorithm();
        neither && same_algorithm && own == other.key.content_encryption()
    };
    if others.iter().any(same) {
        return Err(InvalidKey::new("kid", KeyErrorKind::IndistinctKey));
    }
    Ok(())
}

impl DecryptionKey {
    /// "Each key MUST be used with exactly one algorithm": rfc8725bis §3.1
    fn check_one_algorithm<'k>(
        &self,
        stored: &StoredDecryptingKey,
        mut before: impl Iterator<Item = (&'k Self, &'k StoredDecryptingKey)>,
    ) -> Result<(), InvalidKey> {
        let purpose = |stored: &StoredDecryptingKey| {
            (stored.key.algorithm(), stored.key.content_encryption())
        };
        let other = |(key, other): (&Self, &StoredDecryptingKey)| {
            key.material.is_same(&self.material) && purpose(other) != purpose(stored)
        };
        if before.any(other) {
            return Err(InvalidKey::new(
                self.material.main_member(),
                KeyErrorKind::SecondAlgorithm,
            ));
        }
        Ok(())
    }

    fn bind(
        &self,
        permitted: &DecryptionKeys,
        provider: &'static CryptoProvider,
    ) -> Result<DecryptingKey, InvalidKey> {
        self.check_use()?;
        let algorithm = self.algorithm(permitted)?;
        self.check_key_ops(algorithm)?;
        self.material.check_strength(algorithm)?;
        let imported = match (&self.material, algorithm) {
            (PrivateMaterial::Secret(secret), KeyManagementAlgorithm::Dir) => {
                let enc = self.content_encryption(secret.len(), &permitted.content_encryption)?;
                DecryptingKey::direct(provider, enc, secret)
            }
            (material, _) => DecryptingKey::unwrapping(provider, algorithm, material.as_key()),
        };
        let member = self.material.main_member();
        imported.map_err(|error| InvalidKey::new(member, import_error(error, provider)))
    }

    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.2>
    fn check_use(&self) -> Result<(), InvalidKey> {
        match self.key_use.as_deref() {
            None | Some("enc") => Ok(()),
            Some(_) => Err(InvalidKey::new("use", KeyErrorKind::DecryptionPurpose)),
        }
    }

    /// What the algorithm does is among the operations, none stands twice, and none contradicts
    /// `use`.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.3>
    fn check_key_ops(&self, algorithm: KeyManagementAlgorithm) -> Result<(), InvalidKey> {
        let Some(operations) = distinct_operations(self.key_ops.as_deref())? else {
            return Ok(());
        };
        let needed: &[&str] = match algorithm.mode() {
            Mode::DirectEncryption => &["decrypt"],
            Mode::KeyWrapping(_) | Mode::GcmKeyWrapping(_) | Mode::KeyEncryption(_) => {
                &["unwrapKey", "decrypt"]
            }
            Mode::DirectKeyAgreement | Mode::KeyAgreementWithKeyWrapping(_) | Mode::Password(_) => {
                &["deriveKey", "deriveBits"]
            }
        };
        let of_signatures = operations.contains("sign") || operations.contains("verify");
        let contradicts_use = self.key_use.is_some() && of_signatures;
        if contradicts_use || needed.iter().all(|op| !operations.contains(op)) {
            return Err(invalid_operations(KeyErrorKind::DecryptionPurpose));
        }
        Ok(())
    }

    /// The key's one algorithm: what its `alg` says, if that is permitted and for such keys; else
    /// the only permitted one for such keys. The `alg` of a key for direct encryption may be that of
    /// the content.
    ///
    /// rfc8725bis §3.1
    fn algorithm(&self, permitted: &DecryptionKeys) -> Result<KeyManagementAlgorithm, InvalidKey> {
        let invalid = |kind| Err(InvalidKey::new("alg", kind));
        let (algs, encs) = (&permitted.key_management, &permitted.content_encryption);
        let names = || names(algs.iter().map(|alg| alg.name()));
        let fits = |alg: &KeyManagementAlgorithm| self.material.is_for(*alg, encs);
        if let Some(named) = self.alg.as_deref() {
            let of_content = encs.iter().any(|enc| enc.name() == named);
            let named = if of_content { KeyManagementAlgorithm::Dir.name() } else { named };
            return match KeyManagementAlgorithm::ALL.iter().find(|alg| alg.name() == named) {
                Some(alg) if !algs.contains(alg) => {
                    invalid(KeyErrorKind::NotPermitted { permitted: names() })
                }
                Some(alg) if fits(alg) => Ok(*alg),
                Some(alg) => Err(self.material.misfit(*alg)),
                None => invalid(KeyErrorKind::NotPermitted { permitted: names() }),
            };
        }
        let mut fitting = algs.iter().filter(|alg| fits(alg));
        match (fitting.next(), fitting.next()) {
            (Some(alg), None) => Ok(*alg),
            (None, _) => invalid(KeyErrorKind::NoAlgorithm { permitted: names() }),
            (Some(_), Some(_)) => invalid(KeyErrorKind::SeveralAlgorithms { permitted: names() }),
        }
    }

    /// The one content encryption algorithm of a key for direct encryption.
    fn content_encryption(
        &self,
        key_bytes: usize,
        permitted: &[ContentEncryptionAlgorithm],
    ) -> Result<ContentEncryptionAlgorithm, InvalidKey> {
        let invalid = |kind| Err(InvalidKey::new("alg", kind));
        let names = || names(permitted.iter().map(|enc| enc.name()));
        let fits = |enc: &&ContentEncryptionAlgorithm| enc.key_bytes() == key_bytes;
        if let Some(named) = permitted.iter().find(|enc| self.alg.as_deref() == Some(enc.name())) {
            return if fits(&named) {
                Ok(*named)
            } else {
                invalid(KeyErrorKind::AlgorithmOfOtherKey)
            };
        }
        let mut fitting = permitted.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(enc), None) => Ok(*enc),
            (None, _) => invalid(KeyErrorKind::NoAlgorithm { permitted: names() }),
            (Some(_), Some(_)) => invalid(KeyErrorKind::SeveralAlgorithms { permitted: names() }),
        }
    }
}

fn names(names: impl Iterator<Item = &'static str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The ephemeral public key of a header: a JWK on a curve to agree on, without private members.
///
/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.6.1.1>
pub(crate) fn ephemeral_key(epk: Value<'_>) -> Option<(AgreementCurve, Vec<u8>)> {
    let jwk = Jwk::parse(epk).ok()?;
    let public = jwk.private_member.is_none();
    public.then(|| agreement_of(&jwk.material))?
}
