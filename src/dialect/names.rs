//! Where an issuer puts client, scopes and audience, and how they get their standard names.

use std::fmt;

use super::Dialect;
use crate::check::{Found, Leniency, Reason, ReasonKind, fail};
use crate::json::{GraftError, Grafts, JsonKind, NewValue, Value};

/// The JSON form in which an issuer sends several names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "JSON has no other form for texts")]
pub enum Form {
    /// A string. Scopes are separated by spaces.
    Text,
    /// An array of strings.
    List,
    /// A string or an array of strings.
    Either,
}

impl Form {
    fn permits(self, kind: JsonKind) -> bool {
        match kind {
            JsonKind::String => self != Self::List,
            JsonKind::Array => self != Self::Text,
            JsonKind::Null | JsonKind::Boolean | JsonKind::Number | JsonKind::Object => false,
        }
    }
}

/// The claims that say one thing, in the order in which they are looked for.
#[derive(Clone, Default, Eq, PartialEq)]
pub(super) struct Claims(Vec<(Box<str>, Form)>);

impl Claims {
    pub(super) fn push(&mut self, claim: Box<str>, form: Form) {
        self.0.push((claim, form));
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(claim, _)| &**claim)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(claim, form)| (claim, form))).finish()
    }
}

/// Where client, scopes and audience are, beside their standard names.
#[derive(Clone, Default, Eq, PartialEq)]
pub(super) struct Places {
    pub(super) client: Claims,
    pub(super) scopes: Claims,
    pub(super) audience: Claims,
}

impl Places {
    /// The standard names, with the claims in which an issuer sends them.
    pub(super) fn all(&self) -> [(Standard, &Claims); 3] {
        [
            (Standard::Client, &self.client),
            (Standard::Scopes, &self.scopes),
            (Standard::Audience, &self.audience),
        ]
    }
}

/// A claim that a dialect can graft. The type has no other values, so a dialect cannot graft any other claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standard {
    Client,
    Scopes,
    Audience,
}

impl Standard {
    pub(super) const ALL: [Self; 3] = [Self::Client, Self::Scopes, Self::Audience];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Client => "client_id",
            Self::Scopes => "scope",
            Self::Audience => "aud",
        }
    }

    fn leniency(self) -> Leniency {
        match self {
            Self::Client => Leniency::ClientElsewhere,
            Self::Scopes => Leniency::ScopeElsewhere,
            Self::Audience => Leniency::AudienceElsewhere,
        }
    }

    /// Whether a claim says the same as another one, which has a form of the dialect.
    fn agree(self, one: Value<'_>, other: Value<'_>) -> bool {
        match self {
            Self::Client => one.as_str() == other.as_str(),
            Self::Scopes => scopes(one).eq(scopes(other)),
            Self::Audience => texts(one).eq(texts(other)),
        }
    }

    /// Grafts the standard name, unless the token has it in its standard form. Returns whether the claims
    /// were changed.
    fn graft(self, claims: &Claims, grafts: &mut Grafts<'_, '_>) -> Result<bool, Reason> {
        let (root, own) = (grafts.root(), grafts.member(grafts.root(), self.name()));
        let mut first = None;
        for (claim, form) in &claims.0 {
            let Some(place) = grafts.member(root, claim) else { continue };
            check_form(claim, *form, grafts.value(place))?;
            if let Some((earlier, known)) = first.replace((claim, place))
                && !self.agree(grafts.value(known), grafts.value(place))
            {
                return disagree(earlier, claim);
            }
        }
        let Some((claim, place)) = first else {
            return Ok(false);
        };
        let is_list = grafts.value(place).kind() == JsonKind::Array;
        let value = if self == Self::Scopes && is_list {
            let joined = grafts.joined(place, ' ');
            NewValue::Text(joined.ok_or_else(|| not_joined(claim))?.into())
        } else {
            NewValue::Copy(place)
        };
        match own {
            None => grafts.add(root, self.name(), value).map_err(not_grafted)?,
            Some(own) if !self.agree(grafts.value(own), grafts.value(place)) => {
                return disagree(claim, self.name());
            }
            // Only a claim that the dialect reads can have another form than the standard one.
            Some(own) if self == Self::Scopes && claims.names().any(|name| name == self.name()) => {
                if grafts.value(own).kind() != JsonKind::Array {
                    return Ok(false);
                }
                grafts.replace(root, self.name(), value).map_err(not_grafted)?
            }
            Some(_) => return Ok(false),
        };
        Ok(true)
    }
}

/// The texts of a string or of an array.
fn texts<'d>(value: Value<'d>) -> impl Iterator<Item = &'d str> {
    value.as_str().into_iter().chain(value.elements().filter_map(Value::as_str))
}

/// The scopes of a string or of an array.
fn scopes<'d>(value: Value<'d>) -> impl Iterator<Item = &'d str> {
    let of_text = value.as_str().unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
    of_text.chain(value.elements().filter_map(Value::as_str))
}

impl Dialect {
    /// Gives client, scopes and audience their standard names and forms. Returns the leniencies that the token
    /// used.
    pub(crate) fn graft_names(
        &self,
        grafts: &mut Grafts<'_, '_>,
        mut used: impl FnMut(Leniency),
    ) -> Result<(), Reason> {
        for (standard, claims) in self.places.all() {
            if standard.graft(claims, grafts)? {
                used(standard.leniency());
            }
        }
        Ok(())
    }

    /// Whether it reads a claim under another name or in another form.
    pub(crate) fn has_names(&self) -> bool {
        self.places.all().iter().any(|(_, claims)| !claims.is_empty())
    }
}

fn check_form(claim: &str, form: Form, value: Value<'_>) -> Result<(), Reason> {
    let wrong = |kind| {
        let words = format!("found {kind} in {claim:?}");
        fail(ReasonKind::WrongType, Found::Words(words.into()))
    };
    if !form.permits(value.kind()) {
        return wrong(value.kind());
    }
    match value.elements().find(|element| element.as_str().is_none()) {
        Some(other) => wrong(other.kind()),
        None => Ok(()),
    }
}

fn disagree<T>(one: &str, other: &str) -> Result<T, Reason> {
    let words = format!("{one:?} and {other:?}");
    fail(ReasonKind::Disagree, Found::Words(words.into()))
}

fn not_joined(claim: &str) -> Reason {
    let words = format!("expected scopes without spaces in {claim:?}");
    Reason::new(ReasonKind::Malformed, Found::Words(words.into()))
}

/// A token at the bounds of the reader has no room for another claim.
fn not_grafted(error: GraftError) -> Reason {
    match error {
        GraftError::NoPlace => ReasonKind::Malformed.into(),
        GraftError::Refused(error) => error.into(),
    }
}
