//! `Debug` of types that hold keys.

/// Implements `Debug` for a type so that it prints these fields and no other, in particular no key.
macro_rules! redacted_debug {
    ($type:ident, |$own:ident| { $($name:ident: $value:expr),+ }) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $own = self;
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($name), &$value))+
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use redacted_debug;
