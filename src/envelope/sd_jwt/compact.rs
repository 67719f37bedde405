//! The compact form of an SD-JWT: the issuer's JWT, the disclosures, and perhaps a key-binding JWT.

use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::token::is_in_alphabet;

/// An SD-JWT in its parts, each disclosure canonical base64url. Nothing about it is to be believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SdJwt<'a> {
    /// The issuer's JWT and the disclosures, up to the last `~`.
    bound: &'a str,
    /// The issuer's JWT, in any form.
    issuer_jwt: &'a str,
    /// The disclosures with `~` between them; `None` if there are none.
    disclosures: Option<&'a str>,
    /// The key-binding JWT, which has three segments; empty if there is none.
    key_binding_jwt: &'a str,
}

impl<'a> SdJwt<'a> {
    /// Splits an SD-JWT that has at most `most` disclosures. Allocates nothing.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9901#section-4>
    pub(crate) fn split(token: &'a [u8], most: usize) -> Result<Self, Reason> {
        let Ok(text) = std::str::from_utf8(token) else {
            return fail(ReasonKind::Alphabet, Found::Nothing);
        };
        let Some((presented, key_binding_jwt)) = text.rsplit_once('~') else {
            return fail(ReasonKind::NotSdJwt, Found::Nothing);
        };
        let bound = text.strip_suffix(key_binding_jwt).unwrap_or_default();
        let (issuer_jwt, disclosures) = match presented.split_once('~') {
            Some((issuer_jwt, disclosures)) => (issuer_jwt, Some(disclosures)),
            None => (presented, None),
        };
        let split = Self { bound, issuer_jwt, disclosures, key_binding_jwt };
        let found = split.disclosures().count();
        if found > most {
            return fail(ReasonKind::TooMany, Found::Count { found, most });
        }
        split.disclosures().try_for_each(check_disclosure)?;
        if split.key_binding_jwt().is_some_and(|jwt| jwt.split('.').count() != 3) {
            return fail(ReasonKind::Unterminated, Found::Nothing);
        }
        Ok(split)
    }

    pub(crate) fn issuer_jwt(&self) -> &'a str {
        self.issuer_jwt
    }

    /// The disclosures in base64url, in their order.
    pub(super) fn disclosures(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.disclosures.into_iter().flat_map(|disclosures| disclosures.split('~'))
    }

    /// What a key-binding JWT is made for: everything before it.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9901#section-4.3.1>
    pub(super) fn bound(&self) -> &'a str {
        self.bound
    }

    /// The key-binding JWT that came along.
    pub(crate) fn key_binding_jwt(&self) -> Option<&'a str> {
        Some(self.key_binding_jwt).filter(|jwt| !jwt.is_empty())
    }
}

/// A disclosure is not empty, so `~~` is refused, and there is one way to write it, so that no digest
/// differs by its spelling.
///
/// <https://www.rfc-editor.org/rfc/rfc9901#section-4.2>
fn check_disclosure(disclosure: &str) -> Result<(), Reason> {
    let kind = if disclosure.is_empty() {
        ReasonKind::Disclosure
    } else if !is_in_alphabet(disclosure) {
        ReasonKind::Alphabet
    } else if !base64url::is_canonical(disclosure) {
        ReasonKind::NotBase64url
    } else {
        return Ok(());
    };
    fail(kind, Found::Nothing)
}
