//! Before stage 1, where tokens have to be encrypted: bytes → the bytes of the token inside.

use crate::alg::{ContentEncryptionAlgorithm, KeyAlgorithm, KeyManagementAlgorithm};
use crate::appraisal::Ledger;
use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, Row};
use crate::crypto::{CryptoProvider, Decrypted, JweContent, Parameters, Wrapped};
use crate::error::ConfigError;
use crate::header_policy;
use crate::json::Document;
use crate::keys::{DecryptingKeys, DecryptionKeys, StoredDecryptingKey};
use crate::limits::Limits;
use crate::outer_policy;
use crate::policy::EncryptionPolicy;
use crate::token::{EncryptedToken, HeaderBuffer, JoseHeader, inflate};

/// What tokens have to be encrypted with.
#[derive(Debug)]
pub(super) struct Decryption {
    pub(super) policy: EncryptionPolicy,
    pub(super) keys: DecryptingKeys,
}

impl Decryption {
    /// What the caller said, with keys that are bound and imported.
    pub(super) fn import(
        keys: &DecryptionKeys,
        provider: &'static CryptoProvider,
    ) -> Result<Self, ConfigError> {
        let policy = EncryptionPolicy {
            key_management: keys.key_management.clone(),
            content_encryption: keys.content_encryption.clone(),
            deflate: keys.deflate,
            cty_waived: keys.cty_waived,
        };
        Ok(Self { policy, keys: DecryptingKeys::import(keys, provider)? })
    }
}

/// A token that was decrypted: what is inside, and what its header said.
#[derive(Debug)]
pub(super) struct DecryptedToken<'d> {
    pub(super) inner: Decrypted,
    pub(super) header: JoseHeader<'d>,
    pub(super) algorithms: (KeyManagementAlgorithm, ContentEncryptionAlgorithm),
}

/// What decryption needs of a header that passed every check.
struct AdmittedJwe {
    alg: KeyManagementAlgorithm,
    parameters: Parameters,
    enc: ContentEncryptionAlgorithm,
}

impl Decryption {
    /// Decrypts a token. What comes out goes through every stage as any token does.
    pub(super) fn decrypt<'d, 'b>(
        &self,
        token: &[u8],
        limits: &Limits,
        (octets, json): (&'b mut HeaderBuffer, &'d mut Document<'b>),
        ledger: &mut Ledger,
    ) -> Option<DecryptedToken<'d>> {
        let token = ledger.take(Row::FormJwe, EncryptedToken::split(token))?;
        let octets = octets.decode(token.header(), limits.header_bytes);
        let octets = ledger.take(Row::FormJwe, octets)?;
        let header = ledger.take(Row::FormJwe, JoseHeader::parse(octets, json, limits))?;
        ledger.check_also(Row::FormJwe, || header_policy::check_crit(header));
        ledger.check_also(Row::FormJwe, || header_policy::check_keys(header));
        ledger.check_also(Row::FormJwe, || outer_policy::check_typ(header));
        if !ledger.is_clean() {
            return None;
        }
        let admitted = admit(&self.policy, &token, header, ledger)?;
        let key = select(&self.keys, &admitted, header, ledger)?;
        let decrypted = ledger.take(Row::JweDecrypt, decrypt(key, &token, &admitted))?;
        let inner = match header.zip().present() {
            None => decrypted,
            Some(_) => {
                let inflated = inflate(decrypted.unverified(), limits.inflated_bytes);
                Decrypted::new(ledger.take(Row::JweZip, inflated)?)
            }
        };
        Some(DecryptedToken { inner, header, algorithms: (admitted.alg, admitted.enc) })
    }
}

/// The header against the policy.
fn admit(
    policy: &EncryptionPolicy,
    token: &EncryptedToken<'_>,
    header: JoseHeader<'_>,
    ledger: &mut Ledger,
) -> Option<AdmittedJwe> {
    let alg = outer_policy::check_alg(header, policy).and_then(|alg| {
        outer_policy::check_encrypted_key(alg, token.encrypted_key())?;
        Ok((alg, outer_policy::parameters(header, alg)?))
    });
    let alg = ledger.take(Row::JweAlg, alg);
    let enc = outer_policy::check_enc(header, policy).and_then(|enc| {
        outer_policy::check_lengths(enc, token.iv(), token.tag())?;
        Ok(enc)
    });
    let enc = ledger.take(Row::JweEnc, enc);
    ledger.check(Row::JweCty, || outer_policy::check_cty(header, policy));
    ledger.check(Row::JweZip, || outer_policy::check_zip(header, policy));
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
    let key = header_policy::check_kid(header)
        .and_then(|_| keys.select(header.kid().present(), admitted.alg, admitted.enc));
    ledger.take(Row::JweKey, key)
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
