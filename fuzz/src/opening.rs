//! What has to hold for any encrypted token.

#![expect(clippy::unwrap_used, reason = "a property that does not hold has to stop the fuzzer")]

use std::sync::LazyLock;

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::testing::TestRecipient;
use jwt_appraisal::{
    AccessTokenClaims, ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys,
    KeyManagementAlgorithm, MacAlgorithm, Outcome, Profile, SharedSecret, Validator, Verdict,
};

use crate::properties::{
    AUDIENCE, ISSUER, SIGNING, assert_opened_first, assert_sound, edit, good_token, now, outcome,
};

/// A recipient, and what opens what is encrypted to it.
struct Opening {
    recipient: TestRecipient,
    enc: ContentEncryptionAlgorithm,
    validator: Validator<AccessTokenClaims>,
}

/// One of each kind of key. The key pairs are fresh in each run: nothing here depends on which they
/// are. None is of RSA, which is too slow to be tried often.
static OPENINGS: LazyLock<[Opening; 6]> = LazyLock::new(|| {
    use ContentEncryptionAlgorithm as Enc;
    use KeyManagementAlgorithm as Alg;
    let secret = |alg, bytes: usize| TestRecipient::secret("e1", alg, &vec![7; bytes]);
    [
        Opening::new(secret(Alg::Dir, 16), Enc::A128Gcm),
        Opening::new(secret(Alg::A128Kw, 16), Enc::A128CbcHs256),
        Opening::new(secret(Alg::A256GcmKw, 32), Enc::A256CbcHs512),
        Opening::new(secret(Alg::Pbes2Hs256A128Kw, 16), Enc::A192Gcm),
        Opening::new(TestRecipient::generate_on("e1", Alg::EcdhEs, "P-256"), Enc::A192CbcHs384),
        Opening::new(TestRecipient::generate_on("e1", Alg::EcdhEsA192Kw, "X25519"), Enc::A256Gcm),
    ]
});

impl Opening {
    fn new(recipient: TestRecipient, enc: ContentEncryptionAlgorithm) -> Self {
        let key = DecryptionKey::from_jwk(recipient.private_jwk().to_string()).unwrap();
        let keys = DecryptionKeys::new([key], [recipient.algorithm()], [enc]).allow_deflate();
        let secret = SharedSecret::new(MacAlgorithm::Hs256, SIGNING).unwrap();
        let validator = Validator::builder_with(&PROVIDER, Profile::access_token())
            .shared_secret(ISSUER, secret)
            .audience(AUDIENCE)
            .encrypted_to(keys)
            .build()
            .unwrap();
        Self { recipient, enc, validator }
    }
}

/// Nothing opens that was not encrypted to the recipient; nothing of what is inside is looked at
/// before; and only the very token that we signed is accepted.
///
/// The first byte of the input chooses the recipient, the second what the rest is: a token; a header,
/// a line break and an edit of the good token as the content; or a DEFLATE stream as the content.
pub fn open(input: &[u8]) {
    let [chosen, kind, rest @ ..] = input else {
        return;
    };
    let count = OPENINGS.len();
    let opening = OPENINGS.get(usize::from(*chosen).checked_rem(count).unwrap()).unwrap();
    match kind {
        0 => stranger(opening, rest),
        1 => ours(opening, rest, false),
        2 => ours(opening, rest, true),
        _ => deflated(opening, rest),
    }
}

fn stranger(opening: &Opening, token: &[u8]) {
    let appraisal = opening.validator.appraise_at(token, now());
    assert_sound(&appraisal);
    assert_opened_first(&appraisal);
    assert_ne!(outcome(&appraisal, "jwe.decrypt"), Outcome::Pass, "{appraisal}");
}

fn ours(opening: &Opening, input: &[u8], compressed: bool) {
    static GOOD: LazyLock<String> = LazyLock::new(good_token);
    let at = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (header, rest) = input.split_at(at);
    let content = edit(GOOD.as_bytes(), rest.strip_prefix(b"\n").unwrap_or_default());
    let envelope = opening.recipient.envelope(&content, opening.enc);
    let envelope = if compressed { envelope.compressed() } else { envelope };
    // Without a header the good one stays; what is expected then is known.
    let whole = header.is_empty();
    let envelope = if whole { envelope } else { envelope.raw_header(header) };
    let appraisal = opening.validator.appraise_at(envelope.encrypt(), now());
    assert_sound(&appraisal);
    assert_opened_first(&appraisal);
    let accepted = appraisal.verdict() == Verdict::Accepted;
    let same = content == GOOD.as_bytes();
    assert!(!accepted || same, "{appraisal}");
    assert!(!whole || accepted == same, "{appraisal}");
}

fn deflated(opening: &Opening, stream: &[u8]) {
    let envelope = opening.recipient.envelope(stream, opening.enc).header("zip", "DEF");
    let appraisal = opening.validator.appraise_at(envelope.encrypt(), now());
    assert_sound(&appraisal);
    assert_opened_first(&appraisal);
    assert_ne!(appraisal.verdict(), Verdict::Accepted, "{appraisal}");
}
