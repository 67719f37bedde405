//! Before stage 1, where tokens have to be encrypted: bytes → the bytes of the token inside.

use crate::alg::{ContentEncryption, KeyAlgorithm, KeyManagement};
use crate::base64url;
use crate::check::Ledger;
use crate::check::{Found, Reason, ReasonKind, Row};
use crate::crypto::{CryptoProvider, Opened, Parameters, Sealed, Wrapped};
use crate::error::ConfigError;
use crate::header_policy;
use crate::json::Document;
use crate::keys::{DecryptionKeys, OpeningKeys, StoredOpeningKey};
use crate::limits::Limits;
use crate::outer_policy;
use crate::policy::EncryptionPolicy;
use crate::token::{EncryptedToken, HeaderBuffer, JoseHeader, inflate};

/// What tokens have to be encrypted with.
#[derive(Debug)]
pub(super) struct Decryption {
    pub(super) policy: EncryptionPolicy,
    pub(super) keys: OpeningKeys,
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
        Ok(Self { policy, keys: OpeningKeys::import(keys, provider)? })
    }
}

/// A token that was opened: what is inside, and what its header said.
#[derive(Debug)]
pub(super) struct OpenedToken<'d> {
    pub(super) inner: Opened,
    pub(super) header: JoseHeader<'d>,
    pub(super) algorithms: (KeyManagement, ContentEncryption),
}

/// What opening needs of a header that passed every check.
struct AdmittedOuter {
    alg: KeyManagement,
    parameters: Parameters,
    enc: ContentEncryption,
}

impl Decryption {
    /// Opens an encrypted token. What comes out goes through every stage as any token does.
    pub(super) fn open<'d, 'b>(
        &self,
        token: &[u8],
        limits: &Limits,
        (octets, json): (&'b mut HeaderBuffer, &'d mut Document<'b>),
        ledger: &mut Ledger,
    ) -> Option<OpenedToken<'d>> {
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
        let opened = ledger.take(Row::OuterOpened, open(key, &token, &admitted))?;
        let inner = match header.zip().present() {
            None => opened,
            Some(_) => {
                let inflated = inflate(opened.unverified(), limits.inflated_bytes);
                Opened::new(ledger.take(Row::OuterZip, inflated)?)
            }
        };
        Some(OpenedToken { inner, header, algorithms: (admitted.alg, admitted.enc) })
    }
}

/// The header against the policy.
fn admit(
    policy: &EncryptionPolicy,
    token: &EncryptedToken<'_>,
    header: JoseHeader<'_>,
    ledger: &mut Ledger,
) -> Option<AdmittedOuter> {
    let alg = outer_policy::check_alg(header, policy).and_then(|alg| {
        outer_policy::check_encrypted_key(alg, token.encrypted_key())?;
        Ok((alg, outer_policy::parameters(header, alg)?))
    });
    let alg = ledger.take(Row::OuterAlg, alg);
    let enc = outer_policy::check_enc(header, policy).and_then(|enc| {
        outer_policy::check_lengths(enc, token.iv(), token.tag())?;
        Ok(enc)
    });
    let enc = ledger.take(Row::OuterEnc, enc);
    ledger.check(Row::OuterCty, || outer_policy::check_cty(header, policy));
    ledger.check(Row::OuterZip, || outer_policy::check_zip(header, policy));
    let ((alg, parameters), enc) = (alg?, enc?);
    ledger.is_clean().then_some(AdmittedOuter { alg, parameters, enc })
}

/// Exactly one key.
fn select<'k>(
    keys: &'k OpeningKeys,
    admitted: &AdmittedOuter,
    header: JoseHeader<'_>,
    ledger: &mut Ledger,
) -> Option<&'k StoredOpeningKey> {
    let key = header_policy::check_kid(header)
        .and_then(|_| keys.select(header.kid().present(), admitted.alg, admitted.enc));
    ledger.take(Row::OuterKey, key)
}

/// Whatever goes wrong from here to the tag, the reason is the same.
fn open(
    key: &StoredOpeningKey,
    token: &EncryptedToken<'_>,
    admitted: &AdmittedOuter,
) -> Result<Opened, Reason> {
    let refusal = || {
        let found = Found::Key(key.kid().cloned(), KeyAlgorithm::KeyManagement(admitted.alg));
        Reason::new(ReasonKind::NotOpened, found)
    };
    open_with(key, token, admitted).ok_or_else(refusal)
}

fn open_with(
    key: &StoredOpeningKey,
    token: &EncryptedToken<'_>,
    admitted: &AdmittedOuter,
) -> Option<Opened> {
    let encrypted_key = base64url::decode(token.encrypted_key()).ok()?;
    let mut iv = [0; 16];
    let iv = base64url::decode_into(token.iv(), &mut iv).ok()?;
    let wrapped = Wrapped {
        enc: admitted.enc,
        parameters: &admitted.parameters,
        encrypted_key: &encrypted_key,
    };
    let sealed = Sealed { header: token.header(), iv, content: token.decode_content()? };
    key.key().open(&wrapped, sealed)
}
