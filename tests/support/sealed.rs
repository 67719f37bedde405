//! An issuer whose access tokens are encrypted to a recipient.
#![expect(clippy::expect_used, reason = "a test stops where it can not go on")]

use jwt_appraisal::crypto::CryptoProvider;
use jwt_appraisal::testing::{TestEnvelope, TestIssuer, TestRecipient, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, ConfigError, ContentEncryptionAlgorithm, DecryptionKey,
    DecryptionKeys, JwkSet, KeyStore, Limits, Profile, SignatureAlgorithm, TrustedIssuer,
    Validator,
};

use super::{AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, now};

pub(crate) struct Sealed {
    pub(crate) issuer: TestIssuer,
    pub(crate) recipient: TestRecipient,
    pub(crate) enc: ContentEncryptionAlgorithm,
    pub(crate) validator: Validator<AccessTokenClaims>,
}

/// Not every suite uses everything here.
const _: fn() = || {
    let _ = (Sealed::new, Sealed::of, Sealed::draft, Sealed::envelope, Sealed::seal::<&str>);
    let _ = (Sealed::refuses::<&str>, Sealed::accepts::<&str>);
};

impl Sealed {
    /// A recipient whose validator permits its own algorithm and this content encryption.
    pub(crate) fn new(
        provider: &'static CryptoProvider,
        recipient: TestRecipient,
        enc: ContentEncryptionAlgorithm,
    ) -> Self {
        let alg = recipient.algorithm();
        let keys = DecryptionKeys::new([private_key(&recipient)], [alg], [enc]);
        Self::of(provider, recipient, enc, keys)
    }

    /// A recipient with other keys and algorithms.
    pub(crate) fn of(
        provider: &'static CryptoProvider,
        recipient: TestRecipient,
        enc: ContentEncryptionAlgorithm,
        keys: DecryptionKeys,
    ) -> Self {
        let issuer = TestIssuer::new(ISSUER);
        let validator = build(provider, &issuer, keys, Limits::default()).expect("a policy");
        Self { issuer, recipient, enc, validator }
    }

    /// A draft of a good access token, issued now for five minutes.
    pub(crate) fn draft(&self) -> TestToken {
        self.issuer.access_token(AUDIENCE).at(NOW)
    }

    /// A draft of a good encrypted token.
    pub(crate) fn envelope(&self) -> TestEnvelope {
        self.seal(self.draft().sign())
    }

    /// A draft of an encrypted token with any content.
    pub(crate) fn seal<T: AsRef<[u8]>>(&self, content: T) -> TestEnvelope {
        self.recipient.envelope(content, self.enc)
    }

    /// Appraises in the present of the tests.
    pub(crate) fn appraise(&self, token: impl AsRef<[u8]>) -> Appraisal<AccessTokenClaims> {
        self.validator.appraise_at(token, now())
    }

    /// A row of a table: by the rule of this id, this token is rejected by this check alone.
    #[track_caller]
    pub(crate) fn refuses<T: AsRef<[u8]>>(&self, rule: &str, code: &str, what: &str, token: T) {
        expect_rejected(rule, &[code], what, &self.appraise(token));
    }

    /// A row of a table: the rule of this id does not stand in the way of this token.
    #[track_caller]
    pub(crate) fn accepts<T: AsRef<[u8]>>(&self, rule: &str, what: &str, token: T) {
        expect_accepted(rule, what, &self.appraise(token));
    }
}

/// The key that opens what is encrypted to a recipient.
pub(crate) fn private_key(recipient: &TestRecipient) -> DecryptionKey {
    DecryptionKey::from_jwk(recipient.private_jwk().to_string()).expect("a private key")
}

/// A validator of an issuer's encrypted access tokens.
pub(crate) fn build(
    provider: &'static CryptoProvider,
    issuer: &TestIssuer,
    keys: DecryptionKeys,
    limits: Limits,
) -> Result<Validator<AccessTokenClaims>, ConfigError> {
    let set = JwkSet::from_json(issuer.jwks()).expect("a JWK set");
    let store = KeyStore::with_provider(provider, [SignatureAlgorithm::Es256], set);
    Validator::builder_with(provider, Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, store.expect("a key store")))
        .audience(AUDIENCE)
        .encrypted_to(keys)
        .limits(limits)
        .build()
}
