//! A JWE around a signed token: bytes → the bytes of the token inside.

use super::compact_jwe::EncryptedToken;
use super::inflate::inflate;
use super::jwe_policy::{self, JwePolicy};
use crate::alg::{ContentEncryptionAlgorithm, KeyAlgorithm, KeyManagementAlgorithm};
use crate::base64url;
use crate::check::Ledger;
use crate::check::{Finding, Found, Reason, ReasonKind, Stage};
use crate::crypto::{CryptoProvider, Decrypted, JweContent, Parameters, Wrapped};
use crate::error::ConfigError;
use crate::header_policy;
use crate::json::Document;
use crate::keys::{DecryptingKeys, DecryptionKeys, StoredDecryptingKey};
use crate::limits::Limits;
use crate::token::{HeaderBuffer, JoseHeader};

/// The keys that tokens must be encrypted to, and the permitted algorithms.
#[derive(Debug)]
pub(crate) struct Decryption {
    pub(super) policy: JwePolicy,
    keys: DecryptingKeys,
}

impl Decryption {
    /// Binds the caller's keys to their algorithms and imports them.
    pub(crate) fn import(
        keys: &DecryptionKeys,
        provider: &'static CryptoProvider,
    ) -> Result<Self, ConfigError> {
        let policy = JwePolicy {
            key_management: keys.key_management.clone(),
            content_encryption: keys.content_encryption.clone(),
            deflate: keys.deflate,
            cty_waived: keys.cty_waived,
        };
        Ok(Self { policy, keys: DecryptingKeys::import(keys, provider)? })
    }
}

/// The content of a JWE that was decrypted, and its header.
#[derive(Debug)]
pub(crate) struct DecryptedToken<'d> {
    pub(crate) inner: Decrypted,
    pub(crate) header: JoseHeader<'d>,
    pub(crate) algorithms: (KeyManagementAlgorithm, ContentEncryptionAlgorithm),
}

/// What decryption needs of a header that passed every check.
struct AdmittedJwe {
    alg: KeyManagementAlgorithm,
    parameters: Parameters,
    enc: ContentEncryptionAlgorithm,
}

impl Decryption {
    /// Decrypts a token. What comes out goes through every stage as any token does.
    pub(crate) fn decrypt<'d, 'b>(
        &self,
        token: &[u8],
        limits: &Limits,
        octets: &'b mut HeaderBuffer,
        json: &'d mut Document<'b>,
        ledger: &mut Ledger,
    ) -> Option<DecryptedToken<'d>> {
        let token = ledger.take(Stage::FormJwe, EncryptedToken::split(token))?;
        let octets = octets.decode(token.header(), limits.header_bytes);
        let octets = ledger.take(Stage::FormJwe, octets)?;
        let header = ledger.take(Stage::FormJwe, JoseHeader::parse(octets, json, limits))?;
        ledger.check_also(Stage::FormJwe, || header_policy::check_crit(header));
        ledger.check_also(Stage::FormJwe, || header_policy::check_keys(header));
        ledger.check_also(Stage::FormJwe, || jwe_policy::check_typ(header));
        if !ledger.is_clean() {
            return None;
        }
        let admitted = admit(&self.policy, &token, header, ledger)?;
        let key = select(&self.keys, &admitted, header, ledger)?;
        let decrypted = ledger.take(Stage::JweDecrypt, decrypt(key, &token, &admitted))?;
        let inner = match header.zip().present() {
            None => decrypted,
            Some(_) => {
                let inflated = inflate(decrypted.unverified(), limits.inflated_bytes);
                Decrypted::new(ledger.take(Stage::JweZip, inflated)?)
            }
        };
        Some(DecryptedToken { inner, header, algorithms: (admitted.alg, admitted.enc) })
    }
}

/// The header against the policy.
fn admit(
    policy: &JwePolicy,
    token: &EncryptedToken<'_>,
    header: JoseHeader<'_>,
    ledger: &mut Ledger,
) -> Option<AdmittedJwe> {
    let alg = jwe_policy::check_alg(header, policy).and_then(|alg| {
        jwe_policy::check_encrypted_key(alg, token.encrypted_key())?;
        Ok((alg, jwe_policy::parameters(header, alg)?))
    });
    let alg = ledger.take(Stage::JweAlg, alg);
    let enc = jwe_policy::check_enc(header, policy).and_then(|enc| {
        jwe_policy::check_lengths(enc, token.iv(), token.tag())?;
        Ok(enc)
    });
    let enc = ledger.take(Stage::JweEnc, enc);
    ledger.check(Stage::JweCty, || jwe_policy::check_cty(header, policy));
    ledger.check(Stage::JweZip, || jwe_policy::check_zip(header, policy));
    let ((alg, parameters), enc) = (alg?, enc?);
    ledger.is_clean().then_some(AdmittedJwe { alg, parameters, enc })
}

/// Exactly one key.
fn select<'k>(
    keys: &'k DecryptingKeys,
    admitted: &AdmittedJwe,
    header: JoseHeader<'_>,
    ledger: &mut Ledger,
) -> Option<&'k StoredDecryptingKey> {
    let key = match header_policy::check_kid(header) {
        Finding::Fail(reason) => Err(reason),
        Finding::Pass | Finding::Absent | Finding::Blocked => {
            keys.select(header.kid().present(), admitted.alg, admitted.enc)
        }
    };
    ledger.take(Stage::JweKey, key)
}

/// Whatever goes wrong from here to the tag, the reason is the same.
fn decrypt(
    key: &StoredDecryptingKey,
    token: &EncryptedToken<'_>,
    admitted: &AdmittedJwe,
) -> Result<Decrypted, Reason> {
    let refusal = || {
        let found = Found::Key(key.kid().cloned(), KeyAlgorithm::KeyManagement(admitted.alg));
        Reason::new(ReasonKind::NotDecrypted, found)
    };
    decrypt_with(key, token, admitted).ok_or_else(refusal)
}

fn decrypt_with(
    key: &StoredDecryptingKey,
    token: &EncryptedToken<'_>,
    admitted: &AdmittedJwe,
) -> Option<Decrypted> {
    let encrypted_key = base64url::decode(token.encrypted_key()).ok()?;
    let mut iv = [0; 16];
    let iv = base64url::decode_into(token.iv(), &mut iv).ok()?;
    let wrapped = Wrapped {
        enc: admitted.enc,
        parameters: &admitted.parameters,
        encrypted_key: &encrypted_key,
    };
    let content = JweContent { header: token.header(), iv, ciphertext: token.decode_content()? };
    key.key().decrypt(&wrapped, content)
}
