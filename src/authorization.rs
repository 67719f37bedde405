//! What an accepted token permits: scopes and authorization details, for the operation at hand.

use std::fmt;
use std::sync::Arc;

use crate::appraisal::Accepted;
use crate::kind::AuthorizationDetail;
use crate::kind::claims::AccessTokenClaims;
use crate::scope::InsufficientScope;

impl<C> Accepted<C> {
    /// Whether the token has a scope, or one that implies it
    /// ([`ValidatorBuilder::scope_hierarchy`](crate::ValidatorBuilder::scope_hierarchy)).
    pub fn has_scope(&self, scope: &str) -> bool {
        self.record().has_scope(scope)
    }

    /// Demands every scope that an operation needs.
    ///
    /// Call it for the operation at hand, with all of its scopes at once: the challenge then names all
    /// of them, and the client asks once.
    ///
    /// # Errors
    ///
    /// [`InsufficientScope`] if the token lacks one.
    ///
    /// [RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
    ///
    /// ```
    /// # use jwt_appraisal::{AccessTokenClaims, Accepted, InsufficientScope};
    /// fn delete(caller: &Accepted<AccessTokenClaims>) -> Result<(), InsufficientScope> {
    ///     caller.require_scopes(["files:read", "files:delete"])?;
    ///     // …
    ///     Ok(())
    /// }
    /// ```
    pub fn require_scopes<'a>(
        &self,
        scopes: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), InsufficientScope> {
        let scopes: Vec<&str> = scopes.into_iter().collect();
        match scopes.iter().filter(|scope| !self.has_scope(scope)).count() {
            0 => Ok(()),
            missing => Err(InsufficientScope::new(scopes, missing)),
        }
    }
}

impl Accepted<AccessTokenClaims> {
    /// Demands that one element of `authorization_details` permits an operation, and returns it for
    /// whatever only the service can compare. Nothing is combined from two elements.
    ///
    /// # Errors
    ///
    /// [`InsufficientScope`] if no element permits the operation.
    ///
    /// [RFC 9396 §2](https://www.rfc-editor.org/rfc/rfc9396#section-2)
    pub fn require_detail(
        &self,
        required: &RequiredDetail,
    ) -> Result<&AuthorizationDetail, InsufficientScope> {
        required.find_in(&self.claims().authorization_details)
    }
}

/// What an element of `authorization_details` has to permit.
///
/// Its `type` has to be the very one. Of the members that RFC 9396 §2.2 defines, each value that is
/// demanded has to be listed: a list that is not there permits nothing. And `locations` that are there have
/// to list one that is demanded, since else the element is for somebody else. Other members, which are not
/// demanded, are not looked at.
///
/// ```
/// use jwt_appraisal::RequiredDetail;
///
/// let payment = RequiredDetail::new("payment_initiation")
///     .actions(["initiate"])
///     .locations(["https://bank.example.com/payments"])
///     .satisfying(|detail| detail.get("currency").is_some_and(|currency| currency == "EUR"));
/// ```
#[derive(Clone)]
pub struct RequiredDetail {
    kind: Box<str>,
    listed: Vec<(&'static str, Box<str>)>,
    identifier: Option<Box<str>>,
    satisfying: Option<Arc<Satisfying>>,
}

type Satisfying = dyn Fn(&AuthorizationDetail) -> bool + Send + Sync;

impl RequiredDetail {
    /// An element of this `type`.
    pub fn new(kind: impl Into<Box<str>>) -> Self {
        Self { kind: kind.into(), listed: Vec::new(), identifier: None, satisfying: None }
    }

    /// It lists all of these `actions`.
    pub fn actions<'a>(self, actions: impl IntoIterator<Item = &'a str>) -> Self {
        self.listing("actions", actions)
    }

    /// It lists all of these `locations`.
    pub fn locations<'a>(self, locations: impl IntoIterator<Item = &'a str>) -> Self {
        self.listing("locations", locations)
    }

    /// It lists all of these `datatypes`.
    pub fn datatypes<'a>(self, datatypes: impl IntoIterator<Item = &'a str>) -> Self {
        self.listing("datatypes", datatypes)
    }

    /// It lists all of these `privileges`.
    pub fn privileges<'a>(self, privileges: impl IntoIterator<Item = &'a str>) -> Self {
        self.listing("privileges", privileges)
    }

    /// Its `identifier` is this one.
    pub fn identifier(mut self, identifier: impl Into<Box<str>>) -> Self {
        self.identifier = Some(identifier.into());
        self
    }

    /// It passes a rule of the caller's own, for members that its type defines.
    pub fn satisfying(
        mut self,
        rule: impl Fn(&AuthorizationDetail) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.satisfying = Some(Arc::new(rule));
        self
    }

    fn listing<'a>(
        mut self,
        list: &'static str,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.listed.extend(values.into_iter().map(|value| (list, value.into())));
        self
    }

    /// The first of these elements that permits the operation: for a claims type of your own, whose
    /// field has the type `Vec<AuthorizationDetail>`.
    ///
    /// # Errors
    ///
    /// [`InsufficientScope`] if no element permits the operation.
    pub fn find_in<'d>(
        &self,
        details: &'d [AuthorizationDetail],
    ) -> Result<&'d AuthorizationDetail, InsufficientScope> {
        let none = || InsufficientScope::new([], 1);
        details.iter().find(|detail| self.is_met_by(detail)).ok_or_else(none)
    }

    fn names_locations(&self) -> bool {
        self.listed.iter().any(|(list, _)| *list == "locations")
    }

    fn is_met_by(&self, detail: &AuthorizationDetail) -> bool {
        let lists = |list: &str, value: &str| {
            let values = detail.get(list).and_then(serde_json::Value::as_array);
            values.is_some_and(|values| values.iter().any(|listed| listed == value))
        };
        let identified =
            |identifier: &str| detail.get("identifier").is_some_and(|own| own == identifier);
        let elsewhere = detail.get("locations").is_some() && !self.names_locations();
        detail.kind() == &*self.kind
            && !elsewhere
            && self.listed.iter().all(|(list, value)| lists(list, value))
            && self.identifier.as_deref().is_none_or(identified)
            && self.satisfying.as_ref().is_none_or(|rule| rule(detail))
    }
}

impl fmt::Debug for RequiredDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequiredDetail").field("type", &self.kind).finish_non_exhaustive()
    }
}
