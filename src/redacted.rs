//! `Debug` of types that hold secrets or say things about people.

/// Implements `Debug` for types so that each prints its name, these fields and no other: no key, and no claim,
/// because claims are private.
macro_rules! redacted_debug {
    ($($type:ident),+ $(,)?) => {
        $($crate::redacted::redacted_debug!($type, |_own| {});)+
    };
    ($type:ident, |$own:ident| { $($name:ident: $value:expr),* }) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $own = self;
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($name), &$value))*
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use redacted_debug;
