//! Kinds of one's own.

use std::sync::Arc;

use super::{COMMON_CLAIMS, Issued, Profile};
use crate::names::MediaType;
use crate::policy::{KindPolicy, TypPolicy};

impl<C> Profile<C, Issued> {
    /// A kind of token of one's own, by its explicit type, such as `receipt+jwt`.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | is the type | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names | [RFC 7519 §4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3) | `claims.aud` |
    /// | `exp` | required and ahead; optional with [`Profile::max_token_age`] | [RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | not ahead, if there; required with [`Profile::max_token_age`] | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// | `exp`, `iat` | no more than 24 h apart | | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set | | `time.age` |
    /// | `sub` | a StringOrURI, if there | [RFC 7519 §4.1.2](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2) | `claims.sub` |
    /// | `jti` | a string, if there | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    ///
    /// A type that is none, such as `JWT`, and one that has a profile here are refused by
    /// `build()`.
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// # use time::Duration;
    /// #[derive(serde::Deserialize)]
    /// struct Receipt {
    ///     order_id: String,
    /// }
    ///
    /// let receipt: Profile<Receipt> = Profile::new("receipt+jwt")
    ///     .require("order_id")
    ///     .max_token_age(Duration::minutes(5));
    /// ```
    pub fn new(typ: impl Into<MediaType>) -> Self {
        custom(TypPolicy::Exactly(typ.into()))
    }
}

pub(crate) fn custom<C>(typ: TypPolicy) -> Profile<C, Issued> {
    Profile::of(KindPolicy {
        claims: COMMON_CLAIMS.to_vec(),
        required: vec![Arc::from("exp")],
        custom: true,
        ..KindPolicy::of(typ)
    })
}
