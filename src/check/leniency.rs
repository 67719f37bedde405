//! Leniencies: where an issuer's dialect permits what its kind of token does not.

use std::fmt;

/// Defines the leniencies: variant, name, the code of the check that shows it, and what was permitted.
macro_rules! leniencies {
    ($($(#[doc = $doc:literal])* $leniency:ident, $name:literal, $code:literal = $says:literal,)*) => {
        /// One thing that the issuer's [`Dialect`](crate::dialect::Dialect) permits and its kind of token does
        /// not.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Leniency {
            $($(#[doc = $doc])* $leniency,)*
        }

        impl Leniency {
            const ALL: &[Self] = &[$(Self::$leniency,)*];

            /// Returns the stable name in serialised reports, such as `scope_elsewhere`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$leniency => $name,)*
                }
            }

            /// Returns the code of the check that the token would have failed without the dialect, or that
            /// shows how the dialect changed the claims.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$leniency => $code,)*
                }
            }

            fn says(self) -> &'static str {
                match self {
                    $(Self::$leniency => $says,)*
                }
            }
        }
    };
}

leniencies! {
    /// The header has no type, or another one than the kind demands.
    Typ, "typ", "header.typ" = "another type",
    /// The client was read from another claim.
    ClientElsewhere, "client_id_elsewhere", "dialect.names" = "client_id from another claim",
    /// The scopes were read from another claim, or from an array.
    ScopeElsewhere, "scope_elsewhere", "dialect.names" = "scope from another claim or form",
    /// The audience was read from another claim.
    AudienceElsewhere, "aud_elsewhere", "dialect.names" = "aud from another claim",
    /// The token is valid for longer than the kind permits.
    LongLifetime, "long_lifetime", "time.lifetime" = "longer than the kind permits",
    /// `sub` is absent, although the kind requires it.
    NoSubject, "no_sub", "claims.sub" = "sub may be absent",
    /// `jti` is absent, although the kind requires it.
    NoTokenId, "no_jti", "claims.jti" = "jti may be absent",
    /// `client_id` is absent, although the kind requires it.
    NoClient, "no_client_id", "claims.client_id" = "client_id may be absent",
}

impl fmt::Display for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.says())
    }
}

/// A set of leniencies.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Leniencies(u16);

impl Leniencies {
    pub(crate) fn add(&mut self, leniency: Leniency) {
        self.0 |= leniency.bit();
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the leniencies, in the order of their checks.
    pub fn iter(self) -> impl Iterator<Item = Leniency> {
        let used = move |leniency: &Leniency| self.0 & leniency.bit() != 0;
        Leniency::ALL.iter().copied().filter(used)
    }

    /// Those that the check of a code shows.
    pub(crate) fn of(self, code: &str) -> Self {
        let shown = self.iter().filter(|leniency| leniency.code() == code);
        Self(shown.fold(0, |bits, leniency| bits | leniency.bit()))
    }
}

impl Leniency {
    #[expect(clippy::as_conversions, reason = "the number of a fieldless variant")]
    fn bit(self) -> u16 {
        1_u16.checked_shl(self as u32).unwrap_or(0)
    }
}

impl fmt::Debug for Leniencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Display for Leniencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        self.iter().try_for_each(|leniency| {
            write!(f, "{}{leniency}", std::mem::replace(&mut separator, ", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_leniency_has_a_name_and_a_bit_of_its_own() {
        let mut all = Leniencies::default();
        for (nth, leniency) in Leniency::ALL.iter().enumerate() {
            assert_eq!(all.iter().count(), nth);
            all.add(*leniency);
            assert!(all.of(leniency.code()).iter().any(|shown| shown == *leniency));
        }
        assert_eq!(all.iter().count(), Leniency::ALL.len());
        let names: BTreeSet<_> = all.iter().map(Leniency::name).collect();
        assert_eq!(names.len(), Leniency::ALL.len());
    }
}
