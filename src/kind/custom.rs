//! A kind that the caller defines with a type and a few settings.

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::names::MediaType;
use crate::rules;

impl<C> Profile<C, Issued> {
    /// Creates a kind of token by its explicit type, such as `receipt+jwt`.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | the type | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 7519 §4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3) | `claims.aud` |
    /// | `exp` | required: in the future; optional with `Profile::max_token_age` | [RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | if present, not in the future; required with `Profile::max_token_age` | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | if present, a StringOrURI that is not empty | [RFC 7519 §4.1.2](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
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
        custom().typ(typ).profile()
    }
}

/// A kind of the caller's own, whose type only the caller knows.
pub(super) fn custom() -> KindBuilder<Issued> {
    KindBuilder::issued("custom").any_lifetime().age_replaces_exp().rules(rules::COMMON).rules([
        rules::EXP.required().says("in the future; optional with `Profile::max_token_age`"),
        rules::IAT.says("not in the future; required with `Profile::max_token_age`"),
    ])
}

/// A kind without a type, for [`danger`](crate::danger).
pub(crate) fn untyped<C>() -> Profile<C, Issued> {
    custom().without_typ().profile()
}
