//! The second part of an SD-JWT: the holder's proof that the credential is its own.

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::SignedByHolder;
use super::values::date;
use crate::check::Section;
use crate::redacted::redacted_debug;
use crate::rules;

/// The name of the kind. A kind that another crate defines cannot have it.
pub(crate) const KEY_BINDING: &str = "key-binding";

impl Profile<KeyBindingClaims, SignedByHolder> {
    /// The key-binding JWT behind the disclosures of an SD-JWT. It is signed with the key that the issuer
    /// names in `cnf.jwk`, for one verifier and one nonce. Alone it is always rejected, so its validator is
    /// given to the validator of the SD-JWT ([`ValidatorBuilder::key_binding`]).
    ///
    /// The leeway does not lengthen its life: [`Profile::max_token_age`] (60 s by default, at most 10 min)
    /// and [`Profile::max_ahead`] (5 s by default) say how far clocks may differ.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `kb+jwt` | [RFC 9901 §4.3](https://www.rfc-editor.org/rfc/rfc9901#section-4.3) | `header.typ` |
    /// |  | the key in the credential's `cnf.jwk` is for `alg` | [RFC 9901 §7.3](https://www.rfc-editor.org/rfc/rfc9901#section-7.3) | `key.confirmed` |
    /// | `iat` | required: not in the future | [RFC 9901 §4.3](https://www.rfc-editor.org/rfc/rfc9901#section-4.3) | `claims.iat` |
    /// |  | `iat` is no longer ago than 60 s | [RFC 9901 §7.3](https://www.rfc-editor.org/rfc/rfc9901#section-7.3) | `time.age` |
    /// | `aud` | required: a single string, one of the verifier's names | [RFC 9901 §4.3](https://www.rfc-editor.org/rfc/rfc9901#section-4.3) | `claims.aud` |
    /// | `nonce` | required: the nonce that the verifier gave to the holder | [RFC 9901 §4.3](https://www.rfc-editor.org/rfc/rfc9901#section-4.3) | `claims.nonce` |
    /// | `sd_hash` | required: the hash of the issuer's JWT and the disclosures as they were presented | [RFC 9901 §4.3.1](https://www.rfc-editor.org/rfc/rfc9901#section-4.3.1) | `claims.sd_hash` |
    /// | `exp`, `nbf` | if present, as in any token | [RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4) | `claims.exp`, `claims.nbf` |
    /// | `cnf` | must be absent | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    ///
    /// [`ValidatorBuilder::key_binding`]: crate::ValidatorBuilder::key_binding
    pub fn key_binding() -> Self {
        key_binding().profile()
    }
}

const RFC_9901_4_3: Section = Section::rfc(9901, "4.3");
const RFC_9901_7_3: Section = Section::rfc(9901, "7.3");

/// The key-binding JWT. It is made for one presentation, so it is as old as a DPoP proof at the most.
pub(super) fn key_binding() -> KindBuilder<SignedByHolder> {
    KindBuilder::signed_with_confirmed_key(KEY_BINDING)
        .typ("kb+jwt")
        .max_token_age(Duration::seconds(60), Duration::minutes(10))
        .max_ahead(Duration::seconds(5))
        .rules([
            rules::EXP,
            rules::NBF,
            rules::IAT.required().section(RFC_9901_4_3),
            rules::AGE.says("`iat` is no longer ago than 60 s").section(RFC_9901_7_3),
            rules::CNF.forbidden().says("the credential has it"),
            rules::AUD_OF_KEY_BINDING,
            rules::NONCE_OF_KEY_BINDING,
            rules::SD_HASH,
        ])
}

/// The claims of a key-binding JWT.
///
/// [RFC 9901 §4.3](https://www.rfc-editor.org/rfc/rfc9901#section-4.3)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct KeyBindingClaims {
    /// When it was made.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
}

redacted_debug!(KeyBindingClaims);
