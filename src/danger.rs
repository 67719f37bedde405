//! What is dangerous, by name. Whatever is switched off here shows as `waived` in every appraisal
//! and in the `Debug` of the validator.

use std::fmt;

use crate::envelope::before_disclosures;
use crate::json::{Document, Member};
use crate::keys::DecryptionKeys;
use crate::kind::tag::{Issued, IssuedWithoutAudience};
use crate::kind::{Profile, untyped};
use crate::limits::Limits;
use crate::names::UntrustedStr;
use crate::policy::{AudienceRule, SingleUse};
use crate::rules::Presence;
use crate::token::{HeaderBuffer, Look, check_size};

/// A kind of token without a type, for test suites and for issuers that send none.
///
/// Any other kind of token of the same issuer, keys and audience passes for one of these. The check
/// `header.typ` is waived; everything else is as in [`Profile::new`].
///
/// [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11)
///
/// ```
/// # use jwt_appraisal::{Profile, danger};
/// let profile: Profile<serde_json::Value> = danger::untyped_profile();
/// ```
pub fn untyped_profile<C>() -> Profile<C, Issued> {
    untyped()
}

/// The same kind of token, for whomever it is meant: the check `claims.aud` is waived.
///
/// A token for any other service of the issuer passes then, and any service that receives a token
/// can use it against this one.
///
/// [RFC 8725 §3.9](https://www.rfc-editor.org/rfc/rfc8725#section-3.9)
pub fn without_audience<C>(mut profile: Profile<C, Issued>) -> Profile<C, IssuedWithoutAudience> {
    profile.kind.audience.rule = AudienceRule::Waived;
    profile.kind.set_presence("aud", Presence::Optional);
    profile.retag()
}

/// The same kind of token, however long it lives: the check `time.lifetime` is waived. `exp` is
/// still checked, and required as before. A [`Profile::max_lifetime`] beside it does not build.
///
/// A copied token stays live authority for all that time.
pub fn without_max_lifetime<C, T>(mut profile: Profile<C, T>) -> Profile<C, T> {
    profile.kind.max_lifetime = None;
    profile
}

/// The same kind of token, which is good for one use, without anybody who remembers: the check
/// `state.replay` is waived. For a verifier whose service remembers elsewhere.
///
/// Whoever sees such a token can use it again until it expires.
pub fn without_replay_guard<C, T>(mut profile: Profile<C, T>) -> Profile<C, T> {
    profile.kind.single_use = SingleUse::Waived;
    profile
}

/// The same decryption keys, for issuers that do not say that the content of an encrypted token is a
/// token: the check `jwe.cty` is waived. The content still has to be a signed token that passes
/// everything.
///
/// [RFC 7519 §5.2](https://www.rfc-editor.org/rfc/rfc7519#section-5.2)
pub fn without_content_type(mut keys: DecryptionKeys) -> DecryptionKeys {
    keys.cty_waived = true;
    keys
}

/// The same layer, which leaves the headers `Authorization` and `DPoP` in the request: the service then has
/// the caller's token, and whatever it calls with it is called with the caller's authority. MCP servers
/// must not pass a token on. It shows in the `Debug` of the layer.
///
/// MCP authorization, "Token Passthrough"
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub fn keep_authorization<C, R>(
    mut layer: crate::http::ResourceServerLayer<C, R>,
) -> crate::http::ResourceServerLayer<C, R> {
    layer.keeps_authorization = true;
    layer
}

/// Reads a token's header without verifying anything: for routing and diagnosis, never for a
/// decision. Of an SD-JWT it reads the header of the issuer's JWT, which ends at the first `~`. Returns
/// `None` if the token has no readable header, is encrypted, or is longer than the default
/// [`Limits::token_bytes`].
///
/// ```
/// # use jwt_appraisal::danger;
/// # use jwt_appraisal::testing::TestIssuer;
/// let token = TestIssuer::new("https://as.example.com").access_token("https://api.example.com");
/// let header = danger::peek_unverified_header(token.sign()).expect("a header");
/// assert_eq!(header.typ().map(|typ| typ.to_string()), Some("at+jwt".to_owned()));
/// ```
pub fn peek_unverified_header(token: impl AsRef<[u8]>) -> Option<UnverifiedHeader> {
    let (token, limits) = (token.as_ref(), Limits::default());
    check_size(token, limits.token_bytes).ok()?;
    let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
    let jwt = before_disclosures(token);
    let Look { header, .. } = Look::at_any(jwt, &limits, &mut octets, &mut json)?;
    let own = |member: Member<&str>| member.present().map(Box::from);
    Some(UnverifiedHeader {
        alg: own(header.alg()),
        typ: own(header.typ()),
        kid: own(header.kid()),
    })
}

/// Members of a header that nobody verified.
#[derive(Clone)]
pub struct UnverifiedHeader {
    alg: Option<Box<str>>,
    typ: Option<Box<str>>,
    kid: Option<Box<str>>,
}

impl UnverifiedHeader {
    /// What the header says is the algorithm.
    pub fn alg(&self) -> Option<UntrustedStr<'_>> {
        self.alg.as_deref().map(UntrustedStr::new)
    }

    /// What the header says is the kind of token.
    pub fn typ(&self) -> Option<UntrustedStr<'_>> {
        self.typ.as_deref().map(UntrustedStr::new)
    }

    /// What the header says is the key.
    pub fn kid(&self) -> Option<UntrustedStr<'_>> {
        self.kid.as_deref().map(UntrustedStr::new)
    }
}

impl fmt::Debug for UnverifiedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedHeader")
            .field("alg", &self.alg())
            .field("typ", &self.typ())
            .field("kid", &self.kid())
            .finish()
    }
}
