//! `aud`: the recipients that a token is meant for.

use std::sync::Arc;

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::fact::Fact;
use super::generic::{check_string_or_uri, malformed};
use super::parameters::Parameters;
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::alg::JwsAlgorithm;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::{JsonKind, Value};
use crate::names::Audience;
use crate::policy::{AudiencePolicy, AudienceRule, ExtraAudiences};
use crate::uri::is_same_resource;

registry! {
    /// `aud` is a string or an array of strings and contains one of the verifier's names, as the
    /// kind's audience policy says.
    AUD = ClaimRule::made("claims.aud", "aud", |parameters| {
        Some(Arc::new(Recipients::new(parameters)))
    })
    .required()
    .records(Fact::Audiences)
        .section(Section::rfc(7519, "4.1.3"))
    .says("contains one of the verifier's names");
}

/// The recipients that are acceptable.
pub(super) struct Recipients {
    policy: AudiencePolicy,
    own: Vec<Audience>,
}

impl Recipients {
    pub(super) fn new(parameters: &Parameters) -> Self {
        Self { policy: parameters.audience.clone(), own: parameters.audiences.clone() }
    }

    /// The names are for the verifier. Where the audience was waived, they still have the right type.
    pub(super) fn admit(&self, aud: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
        let waived = self.policy.rule == AudienceRule::Waived;
        if aud.kind() != JsonKind::Array {
            if self.is_own(aud)? || waived {
                return Ok(());
            }
            return fail(ReasonKind::WrongAudience, Found::shown(aud.as_str().unwrap_or_default()));
        }
        let (mut found, mut own) = (0_usize, 0_usize);
        for element in aud.elements() {
            found = found.saturating_add(1);
            own = own.saturating_add(usize::from(self.is_own(element)?));
        }
        match (found, own) {
            (0, _) => malformed("an empty array"),
            _ if waived => Ok(()),
            (_, 0) => fail(ReasonKind::WrongAudience, show_all(aud)),
            _ => self.admit_others(aud, found, cx),
        }
    }

    /// Whether an element is a name of the verifier. Its own names are StringOrURIs since the validator
    /// was built; any other element must be one too.
    fn is_own(&self, element: Value<'_>) -> Result<bool, Reason> {
        let Some(text) = element.as_str() else {
            return wrong_type(element);
        };
        if self.is_own_name(text) {
            return Ok(true);
        }
        check_string_or_uri(text).map(|()| false)
    }

    fn is_own_name(&self, text: &str) -> bool {
        let mut own = self.own.iter();
        if self.policy.is_resource {
            return own.any(|own| is_same_resource(own.as_str(), text));
        }
        own.any(|own| *own == *text)
    }

    /// The audiences beside the verifier's own. A token with a MAC has none where the kind says so:
    /// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)
    fn admit_others(
        &self,
        aud: Value<'_>,
        found: usize,
        cx: &RuleContext<'_>,
    ) -> Result<(), Reason> {
        let by_mac = matches!(cx.algorithm, JwsAlgorithm::Mac(_));
        let alone = self.policy.rule == AudienceRule::SolelyOneOfMine
            || (by_mac && self.policy.mac_for_one_audience);
        if alone && found > 1 {
            return fail(ReasonKind::SharedAudience, show_all(aud));
        }
        let ExtraAudiences::Trusted(trusted) = &self.policy.extra else {
            return Ok(());
        };
        let known =
            |text: &str| self.is_own_name(text) || trusted.iter().any(|other| *other == *text);
        match aud.elements().filter_map(Value::as_str).find(|text| !known(text)) {
            Some(other) => fail(ReasonKind::SharedAudience, Found::shown(other)),
            None => Ok(()),
        }
    }
}

fn show_all(aud: Value<'_>) -> Found {
    Found::shown_list(aud.elements().filter_map(Value::as_str))
}

impl CheckFn for Recipients {
    fn check(&self, aud: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        self.admit(aud, cx).into()
    }

    fn expects(&self) -> Option<String> {
        if self.policy.rule == AudienceRule::Waived {
            return None;
        }
        let quoted: Vec<_> = self.own.iter().map(|own| format!("{own:?}")).collect();
        Some(quoted.join(" or "))
    }
}
