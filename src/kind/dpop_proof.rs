//! Proofs of possession for a request (DPoP).

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::SignedByHolder;
use crate::check::Section;
use crate::rules;
use crate::redacted::redacted_debug;

use super::values::date;

/// The name of the kind. A kind that another crate defines cannot have it.
pub(crate) const DPOP_PROOF: &str = "dpop-proof";

impl Profile<DpopProofClaims, SignedByHolder> {
    /// A DPoP proof. It is signed with the key in its own header and shows that the sender of the request
    /// has that key. Alone it grants nothing. [`RequestFacts`](crate::RequestFacts) must have the method and
    /// the URI of the request, and the access token if the request has one.
    ///
    /// It is good for one use, so a guard is to be given
    /// ([`ValidatorBuilder::replay_guard`](crate::ValidatorBuilder::replay_guard)). The leeway does not
    /// lengthen its life: [`Profile::max_token_age`] (60 s by default, at most 10 min) and
    /// [`Profile::max_ahead`] (5 s by default) say how far clocks may differ.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `dpop+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `jwk` | required: a public key for `alg` | [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2) | `key.embedded` |
    /// | `exp` | if present, in the future | [RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1) | `claims.iat` |
    /// |  | `iat` is no longer ago than 60 s | [RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1) | `time.age` |
    /// | `jti` | required: a string that is not empty | [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2) | `claims.jti` |
    /// | `cnf` | must be absent: the proof's key is in its header | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `htm` | required: the method of the request | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `claims.htm` |
    /// | `htu` | required: the URI of the request, without query and fragment | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `claims.htu` |
    /// | `ath` | if present, the hash of the access token; required if the request has one | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `claims.ath` |
    /// | `nonce` | if present, the nonce that the server gave to the client; required if it gave one | [RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9) | `claims.nonce` |
    /// |  | `jwk` is the key that the access token is bound to, if that is given (`RequestFacts::bound_to`) | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `cnf.proof_key` |
    /// | `jti` | not seen before | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `state.replay` |
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jwt_appraisal::testing::TestIssuer;
    /// # use jwt_appraisal::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let holder = TestIssuer::new("holder");
    /// # let draft = holder.token("dpop+jwt").without("iss").header("jwk", holder.key().jwk());
    /// # let draft = draft.claim("jti", "p-1").claim("htm", "GET");
    /// # let proof = draft.claim("htu", "https://api.example.com/files").sign();
    /// let validator = Validator::builder(Profile::dpop_proof())
    ///     .algorithms([SignatureAlgorithm::Es256, SignatureAlgorithm::Ed25519])
    ///     .replay_guard(Arc::new(MemoryReplayGuard::new(10_000)))
    ///     .build()?;
    ///
    /// let request = RequestFacts::new().method("GET").uri("https://api.example.com/files?page=2");
    /// let accepted = validator.appraise_with(&proof, &request).into_result()?;
    /// println!("bound to {}", accepted.key_thumbprint().expect("a proof has its key"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn dpop_proof() -> Self {
        dpop_proof().profile()
    }
}

const RFC_9449_4_2: Section = Section::rfc(9449, "4.2");
const RFC_9449_11_1: Section = Section::rfc(9449, "11.1");

/// A DPoP proof. It is made for one request, so it is a minute old at the most; ten minutes suit
/// clients whose clock is wrong.
pub(super) fn dpop_proof() -> KindBuilder<SignedByHolder> {
    KindBuilder::signed_with_header_key(DPOP_PROOF)
        .typ("dpop+jwt")
        .max_token_age(Duration::seconds(60), Duration::minutes(10))
        .max_ahead(Duration::seconds(5))
        .single_use()
        .rules([
            rules::EXP,
            rules::NBF,
            rules::IAT.required().section(RFC_9449_11_1),
            rules::AGE.says("`iat` is no longer ago than 60 s").section(RFC_9449_11_1),
            rules::JTI.required().section(RFC_9449_4_2),
            rules::CNF.forbidden().says("the proof's key is in its header"),
            rules::HTM,
            rules::HTU,
            rules::ATH,
            rules::NONCE_OF_PROOF,
            rules::PROOF_KEY,
        ])
}

/// The claims of a DPoP proof.
///
/// [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct DpopProofClaims {
    /// Its own identifier.
    pub jti: Box<str>,
    /// When it was made.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
    /// The hash of the access token that it was made for.
    #[serde(default)]
    pub ath: Option<Box<str>>,
}

redacted_debug!(DpopProofClaims);
