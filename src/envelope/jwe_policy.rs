//! The header of a JWE against the policy, and the parameters that its algorithms need.

use std::num::NonZeroU32;

use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, Mode, registered_name};
use crate::base64url;
use crate::check::{Finding, Found, Reason, ReasonKind, fail};
use crate::crypto::Parameters;
use crate::json::{Member, Value};
use crate::keys::ephemeral_key;
use crate::names::same_media_type;
use crate::token::JoseHeader;

/// What the header of a JWE must say.
#[derive(Clone, Debug)]
pub(super) struct JwePolicy {
    pub(super) key_management: Vec<KeyManagementAlgorithm>,
    pub(super) content_encryption: Vec<ContentEncryptionAlgorithm>,
    /// Whether compressed content is inflated.
    pub(super) deflate: bool,
    /// Whether the content type may be absent; through `danger`.
    pub(super) cty_waived: bool,
}

/// `alg` is the name of one of the permitted key management algorithms, character by character.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-4.1.1>, rfc8725bis §3.1
pub(super) fn check_alg(
    header: JoseHeader<'_>,
    policy: &JwePolicy,
) -> Result<KeyManagementAlgorithm, Reason> {
    permitted(header.alg(), &policy.key_management, KeyManagementAlgorithm::name)
}

/// `enc` is the name of one of the permitted content encryption algorithms.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-4.1.2>, rfc8725bis §3.1
pub(super) fn check_enc(
    header: JoseHeader<'_>,
    policy: &JwePolicy,
) -> Result<ContentEncryptionAlgorithm, Reason> {
    permitted(header.enc(), &policy.content_encryption, ContentEncryptionAlgorithm::name)
}

fn permitted<T: Copy>(
    name: Member<&str>,
    permitted: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, Reason> {
    let name = match name {
        Member::Absent => return fail(ReasonKind::Missing, Found::Nothing),
        Member::WrongType(kind) => return fail(ReasonKind::WrongType, Found::Kind(kind)),
        Member::Present(name) => name,
    };
    let found = permitted.iter().find(|algorithm| name_of(**algorithm) == name);
    let not_permitted =
        || Reason::new(ReasonKind::NotPermitted, Found::text(name, registered_name(name)));
    found.copied().ok_or_else(not_permitted)
}

/// Where the content's key is not wrapped the encrypted key is empty, and nowhere else.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-5.2>, step 10
pub(super) fn check_encrypted_key(
    alg: KeyManagementAlgorithm,
    encrypted_key: &str,
) -> Result<(), Reason> {
    let direct = matches!(alg.mode(), Mode::DirectEncryption | Mode::DirectKeyAgreement);
    if direct != encrypted_key.is_empty() {
        return fail(ReasonKind::EncryptedKey, Found::Nothing);
    }
    Ok(())
}

/// The initialization vector and the tag have exactly the length that the algorithm has.
///
/// <https://www.rfc-editor.org/rfc/rfc7518#section-5.3>
pub(super) fn check_lengths(
    enc: ContentEncryptionAlgorithm,
    iv: &str,
    tag: &str,
) -> Result<(), Reason> {
    if base64url::decoded_len(iv.len()) != enc.iv_bytes() {
        return fail(ReasonKind::Parameter, Found::Member("iv"));
    }
    if base64url::decoded_len(tag.len()) != enc.tag_bytes() {
        return fail(ReasonKind::Parameter, Found::Member("tag"));
    }
    Ok(())
}

/// The content of an encrypted token is another token. Silence is refusal. Where the content type was
/// waived, it is still a string, if it is there.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-5.2>
pub(super) fn check_cty(header: JoseHeader<'_>, policy: &JwePolicy) -> Finding {
    match header.cty() {
        Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
        Member::Absent if policy.cty_waived => Finding::Absent,
        Member::Present(_) if policy.cty_waived => Finding::Pass,
        Member::Absent => fail(ReasonKind::Missing, Found::Nothing),
        Member::Present(cty) if same_media_type(cty, "JWT") => Finding::Pass,
        Member::Present(cty) => fail(ReasonKind::NotPermitted, Found::Bytes(cty.len())),
    }
}

/// `typ` is a string, if it is there; the kind of token is that of the one inside.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-4.1.11>
pub(super) fn check_typ(header: JoseHeader<'_>) -> Finding {
    match header.typ() {
        Member::Absent => Finding::Absent,
        Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
        Member::Present(_) => Finding::Pass,
    }
}

/// `zip` is `DEF`, where compressed content is permitted at all.
///
/// <https://www.rfc-editor.org/rfc/rfc7516#section-4.1.3>, rfc8725bis §3.6
pub(super) fn check_zip(header: JoseHeader<'_>, policy: &JwePolicy) -> Finding {
    match header.zip() {
        Member::Absent => Finding::Absent,
        Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
        Member::Present("DEF") if policy.deflate => Finding::Pass,
        Member::Present("DEF") => fail(ReasonKind::NotPermitted, Found::Name("DEF")),
        Member::Present(zip) => fail(ReasonKind::NotPermitted, Found::Bytes(zip.len())),
    }
}

/// The parameters that the key management algorithm has in the header.
///
/// <https://www.rfc-editor.org/rfc/rfc7518#section-4>
pub(super) fn parameters(
    header: JoseHeader<'_>,
    alg: KeyManagementAlgorithm,
) -> Result<Parameters, Reason> {
    match alg.mode() {
        Mode::DirectEncryption | Mode::KeyWrapping(_) | Mode::KeyEncryption(_) => {
            Ok(Parameters::None)
        }
        Mode::GcmKeyWrapping(_) => {
            Ok(Parameters::Gcm { iv: exactly(header, "iv")?, tag: exactly(header, "tag")? })
        }
        Mode::DirectKeyAgreement | Mode::KeyAgreementWithKeyWrapping(_) => agreement(header),
        Mode::Password(_) => password(header),
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.6.1>
fn agreement(header: JoseHeader<'_>) -> Result<Parameters, Reason> {
    let epk = header.get("epk").and_then(ephemeral_key);
    let (curve, ephemeral) = epk.ok_or_else(|| malformed("epk"))?;
    let [apu, apv] = ["apu", "apv"].map(|name| octets(header, name));
    Ok(Parameters::Agreement {
        curve,
        ephemeral,
        apu: apu?.unwrap_or_default(),
        apv: apv?.unwrap_or_default(),
    })
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.8.1>, rfc8725bis §3.13
fn password(header: JoseHeader<'_>) -> Result<Parameters, Reason> {
    const LEAST_SALT_BYTES: usize = 8;
    let p2s = octets(header, "p2s")?.filter(|salt| salt.len() >= LEAST_SALT_BYTES);
    let p2s = p2s.ok_or_else(|| malformed("p2s"))?;
    let p2c = header.get("p2c").and_then(Value::as_integers).ok_or_else(|| malformed("p2c"))?;
    Ok(Parameters::Password { p2s, p2c: check_iterations(p2c)? })
}

/// "The iteration count … 1000 is RECOMMENDED" as the least, and twice 600,000 as the most,
/// because the token's sender determines the verifier's work.
///
/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.8.1.2>, rfc8725bis §3.13
fn check_iterations([below, above]: [i64; 2]) -> Result<NonZeroU32, Reason> {
    const PERMITTED: std::ops::RangeInclusive<u32> = 1_000..=1_200_000;
    let count = u32::try_from(below).ok().filter(|_| below == above);
    let count = count.filter(|count| PERMITTED.contains(count)).and_then(NonZeroU32::new);
    count.ok_or_else(|| ReasonKind::Iterations.into())
}

fn exactly<const N: usize>(header: JoseHeader<'_>, name: &'static str) -> Result<[u8; N], Reason> {
    let octets = octets(header, name)?.and_then(|octets| octets.try_into().ok());
    octets.ok_or_else(|| malformed(name))
}

fn octets(header: JoseHeader<'_>, name: &'static str) -> Result<Option<Vec<u8>>, Reason> {
    let Some(value) = header.get(name) else {
        return Ok(None);
    };
    let octets = value.as_str().and_then(|text| base64url::decode(text).ok());
    octets.map(Some).ok_or_else(|| malformed(name))
}

fn malformed(name: &'static str) -> Reason {
    Reason::new(ReasonKind::Parameter, Found::Member(name))
}
