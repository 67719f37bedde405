//! Decryption keys and the permitted algorithms → keys with their one algorithm, of which a token
//! finds exactly one.

use std::collections::BTreeSet;

use super::bind::fault;
use super::decryption::{DecryptionKey, DecryptionKeys};
use super::jwk::Jwk;
use super::private::{PrivateMaterial, agreement_of};
use crate::alg::{ContentEncryption, KeyManagement, Mode};
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::crypto::{AgreementCurve, CryptoProvider, OpeningKey};
use crate::error::{ConfigError, KeyFault, KeyProblem};
use crate::json::Value;
use crate::names::KeyId;

/// The keys of a recipient, ready for use.
#[derive(Debug)]
pub(crate) struct OpeningKeys(Vec<StoredOpeningKey>);

#[derive(Debug)]
pub(crate) struct StoredOpeningKey {
    kid: Option<KeyId>,
    key: OpeningKey,
}

impl StoredOpeningKey {
    pub(crate) fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }

    pub(crate) fn key(&self) -> &OpeningKey {
        &self.key
    }

    fn is_for(&self, alg: KeyManagement, enc: ContentEncryption) -> bool {
        let own = self.key.content_encryption();
        self.key.algorithm() == alg && own.is_none_or(|own| own == enc)
    }
}

impl OpeningKeys {
    /// Binds each key to its algorithm and imports it.
    pub(crate) fn import(
        keys: &DecryptionKeys,
        provider: &'static CryptoProvider,
    ) -> Result<Self, ConfigError> {
        check_supported(keys, provider)?;
        let mut imported: Vec<StoredOpeningKey> = Vec::new();
        for (index, key) in keys.keys.iter().enumerate() {
            let stored = key.bind(keys, provider).and_then(|key_bound| {
                let stored = StoredOpeningKey { kid: key.kid.clone(), key: key_bound };
                check_distinct(&stored, &imported)?;
                key.check_one_algorithm(&stored, keys.keys.iter().zip(&imported))?;
                Ok(stored)
            });
            let problem = |problem: KeyProblem| problem.of_key(index, key.kid.as_ref());
            imported.push(stored.map_err(problem).map_err(ConfigError::DecryptionKey)?);
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
        alg: KeyManagement,
        enc: ContentEncryption,
    ) -> Result<&StoredOpeningKey, Reason> {
        let named =
            |kid: &str| self.0.iter().find(|key| key.kid.as_ref().is_some_and(|own| *own == *kid));
        if let Some(key) = kid.and_then(named) {
            return check_algorithm(key, alg, enc);
        }
        let meant = |key: &&StoredOpeningKey| kid.is_none() || key.kid.is_none();
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
    key: &StoredOpeningKey,
    alg: KeyManagement,
    enc: ContentEncryption,
) -> Result<&StoredOpeningKey, Reason> {
    if key.is_for(alg, enc) {
        return Ok(key);
    }
    let own = key.key.content_encryption().map(ContentEncryption::name);
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
fn check_distinct(key: &StoredOpeningKey, others: &[StoredOpeningKey]) -> Result<(), KeyProblem> {
    let named = |other: &StoredOpeningKey| key.kid.is_some() && key.kid == other.kid;
    if others.iter().any(named) {
        return Err(KeyProblem::new("kid", KeyFault::SharedKid));
    }
    let own = key.key.content_encryption();
    let same = |other: &StoredOpeningKey| {
        let neither = key.kid.is_none() && other.kid.is_none();
        let same_algorithm = key.key.algorithm() == other.key.algorithm();
        neither && same_algorithm && own == other.key.content_encryption()
    };
    if others.iter().any(same) {
        return Err(KeyProblem::new("kid", KeyFault::IndistinctKey));
    }
    Ok(())
}

impl DecryptionKey {
    /// "Each key MUST be used with exactly one algorithm": rfc8725bis §3.1
    fn check_one_algorithm<'k>(
        &self,
        stored: &StoredOpeningKey,
        mut before: impl Iterator<Item = (&'k Self, &'k StoredOpeningKey)>,
    ) -> Result<(), KeyProblem> {
        let purpose =
            |stored: &StoredOpeningKey| (stored.key.algorithm(), stored.key.content_encryption());
        let other = |(key, other): (&Self, &StoredOpeningKey)| {
            key.material.is_same(&self.material) && purpose(other) != purpose(stored)
        };
        if before.any(other) {
            return Err(KeyProblem::new(self.material.main_member(), KeyFault::SecondAlgorithm));
        }
        Ok(())
    }

    fn bind(
        &self,
        permitted: &DecryptionKeys,
        provider: &'static CryptoProvider,
    ) -> Result<OpeningKey, KeyProblem> {
        self.check_use()?;
        let algorithm = self.algorithm(permitted)?;
        self.check_key_ops(algorithm)?;
        self.material.check_strength(algorithm)?;
        let imported = match (&self.material, algorithm) {
            (PrivateMaterial::Secret(secret), KeyManagement::Dir) => {
                let enc = self.content_encryption(secret.len(), &permitted.content_encryption)?;
                OpeningKey::direct(provider, enc, secret)
            }
            (material, _) => OpeningKey::unwrapping(provider, algorithm, material.as_key()),
        };
        let member = self.material.main_member();
        imported.map_err(|error| KeyProblem::new(member, fault(error, provider)))
    }

    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.2>
    fn check_use(&self) -> Result<(), KeyProblem> {
        match self.key_use.as_deref() {
            None | Some("enc") => Ok(()),
            Some(_) => Err(KeyProblem::new("use", KeyFault::DecryptionPurpose)),
        }
    }

    /// What the algorithm does is among the operations, none stands twice, and none contradicts
    /// `use`.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.3>
    fn check_key_ops(&self, algorithm: KeyManagement) -> Result<(), KeyProblem> {
        let Some(operations) = &self.key_ops else {
            return Ok(());
        };
        let problem = |fault| Err(KeyProblem::new("key_ops", fault));
        let distinct: BTreeSet<_> = operations.iter().map(|op| &**op).collect();
        if distinct.len() < operations.len() {
            return problem(KeyFault::Twice);
        }
        let needed: &[&str] = match algorithm.mode() {
            Mode::DirectEncryption => &["decrypt"],
            Mode::KeyWrapping(_) | Mode::GcmKeyWrapping(_) | Mode::KeyEncryption(_) => {
                &["unwrapKey", "decrypt"]
            }
            Mode::DirectKeyAgreement | Mode::KeyAgreementWithKeyWrapping(_) | Mode::Password(_) => {
                &["deriveKey", "deriveBits"]
            }
        };
        let of_signatures = distinct.contains("sign") || distinct.contains("verify");
        let contradicts_use = self.key_use.is_some() && of_signatures;
        if contradicts_use || needed.iter().all(|op| !distinct.contains(op)) {
            return problem(KeyFault::DecryptionPurpose);
        }
        Ok(())
    }

    /// The key's one algorithm: what its `alg` says, if that is permitted and for such keys; else
    /// the only permitted one for such keys. The `alg` of a key for direct encryption may be that of
    /// the content.
    ///
    /// rfc8725bis §3.1
    fn algorithm(&self, permitted: &DecryptionKeys) -> Result<KeyManagement, KeyProblem> {
        let problem = |fault| Err(KeyProblem::new("alg", fault));
        let (algs, encs) = (&permitted.key_management, &permitted.content_encryption);
        let names = || names(algs.iter().map(|alg| alg.name()));
        let fits = |alg: &KeyManagement| self.material.is_for(*alg, encs);
        if let Some(named) = self.alg.as_deref() {
            let of_content = encs.iter().any(|enc| enc.name() == named);
            let named = if of_content { KeyManagement::Dir.name() } else { named };
            return match KeyManagement::ALL.iter().find(|alg| alg.name() == named) {
                Some(alg) if !algs.contains(alg) => problem(KeyFault::NotPermitted(names())),
                Some(alg) if fits(alg) => Ok(*alg),
                Some(alg) => Err(self.material.misfit(*alg)),
                None => problem(KeyFault::NotPermitted(names())),
            };
        }
        let mut fitting = algs.iter().filter(|alg| fits(alg));
        match (fitting.next(), fitting.next()) {
            (Some(alg), None) => Ok(*alg),
            (None, _) => problem(KeyFault::NoAlgorithm(names())),
            (Some(_), Some(_)) => problem(KeyFault::SeveralAlgorithms(names())),
        }
    }

    /// The one content encryption algorithm of a key for direct encryption.
    fn content_encryption(
        &self,
        key_bytes: usize,
        permitted: &[ContentEncryption],
    ) -> Result<ContentEncryption, KeyProblem> {
        let problem = |fault| Err(KeyProblem::new("alg", fault));
        let names = || names(permitted.iter().map(|enc| enc.name()));
        let fits = |enc: &&ContentEncryption| enc.key_bytes() == key_bytes;
        if let Some(named) = permitted.iter().find(|enc| self.alg.as_deref() == Some(enc.name())) {
            return if fits(&named) { Ok(*named) } else { problem(KeyFault::AlgorithmOfOtherKey) };
        }
        let mut fitting = permitted.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(enc), None) => Ok(*enc),
            (None, _) => problem(KeyFault::NoAlgorithm(names())),
            (Some(_), Some(_)) => problem(KeyFault::SeveralAlgorithms(names())),
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
