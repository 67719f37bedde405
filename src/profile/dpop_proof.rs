//! Proofs of possession for a request (DPoP).

use std::fmt;
use std::sync::Arc;

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::values::date;
use super::{Profile, SignedByHolder};
use crate::check::Row;
use crate::names::MediaType;
use crate::policy::{AudienceRule, KindPolicy, Signer, SingleUse, TypPolicy};

/// 60 seconds: a proof is made for a request.
const AGE: i64 = 60;

/// 10 minutes, in seconds, for clients whose clock is wrong.
const MOST_AGE: i64 = 10 * 60;

/// 5 seconds.
const AHEAD: i64 = 5;

impl Profile<DpopProofClaims, SignedByHolder> {
    /// A DPoP proof. It is signed with the key in its own header, and shows that whoever sent the
    /// request has that key; alone it grants nothing. The method and the URI of the request have to be
    /// given in [`RequestFacts`](crate::RequestFacts), and the access token that came along, if one did.
    ///
    /// It is good for one use, so a guard is to be given
    /// ([`ValidatorBuilder::replay_guard`](crate::ValidatorBuilder::replay_guard)). The leeway does not
    /// lengthen its life: [`Profile::max_token_age`] (60 s by default, at most 10 min) and
    /// [`Profile::max_ahead`] (5 s by default) say how far clocks may differ.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `dpop+jwt` | [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2) | `header.typ` |
    /// | `jwk` | required: a public key for `alg` | [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2) | `key.embedded` |
    /// | `exp` | ahead, if there | [RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1) | `claims.iat` |
    /// | `iat` | no longer ago than 60 s | [RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1) | `time.age` |
    /// | `jti` | required | [RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2) | `claims.jti` |
    /// | `cnf` | must not be there: the proof's key is in its header | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `htm` | the method of the request | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `claims.htm` |
    /// | `htu` | the URI of the request, without query and fragment | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `claims.htu` |
    /// | `ath` | the hash of the access token, where one came along | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `claims.ath` |
    /// | `nonce` | the one that was given to the client, where one was | [RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9) | `claims.nonce` |
    /// | `jwk` | the key that the access token is bound to, where that is given ([`RequestFacts::bound_to`](crate::RequestFacts::bound_to)) | [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) | `cnf.proof_key` |
    /// | `jti` | not seen before | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `state.replay` |
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jwt_appraisal::testing::TestIssuer;
    /// # use jwt_appraisal::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let holder = TestIssuer::new("nobody");
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
        Profile::dpop_proof_as()
    }
}

impl<C> Profile<C, SignedByHolder> {
    /// As [`Profile::dpop_proof`], with claims of one's own; the rules are the same, whatever the
    /// type reads.
    pub fn dpop_proof_as() -> Self {
        Profile::of(KindPolicy {
            signer: Signer::Embedded,
            audience: AudienceRule::None,
            claims: vec![
                Row::ClaimsExp,
                Row::ClaimsNbf,
                Row::ClaimsIat,
                Row::TimeAge,
                Row::ClaimsJti,
                Row::ClaimsCnf,
                Row::ClaimsHtm,
                Row::ClaimsHtu,
                Row::ClaimsAth,
                Row::ClaimsNonce,
                Row::CnfProofKey,
            ],
            forbidden: vec![Row::ClaimsCnf],
            required: ["iat", "jti"].map(Arc::from).to_vec(),
            max_lifetime: None,
            max_token_age: Some(AGE),
            most_age: MOST_AGE,
            max_ahead: Some(AHEAD),
            single_use: SingleUse::Guarded,
            ..KindPolicy::of(TypPolicy::Exactly(MediaType::new("dpop+jwt")))
        })
    }

    /// By how much a proof may be ahead of the verifier's clock. Default 5 s, at most 60 s.
    pub fn max_ahead(mut self, ahead: Duration) -> Self {
        self.max_ahead = Some(ahead);
        self
    }
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

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for DpopProofClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopProofClaims").finish_non_exhaustive()
    }
}
