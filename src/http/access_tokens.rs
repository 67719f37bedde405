//! What a resource server appraises access tokens with.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::state::Reach;
use crate::validator::{Appraise, Validator, ValidatorSet};

/// A [`Validator`] or a [`ValidatorSet`], for [`ResourceServer::builder`](super::ResourceServer::builder).
pub trait AccessTokens: sealed::Sealed<Self::Claims> {
    /// The claims of an accepted token.
    type Claims;
    /// How far it reaches for its answers.
    type Reach: Reach;
}

impl<C: DeserializeOwned + 'static, R: Reach> AccessTokens for Validator<C, R> {
    type Claims = C;
    type Reach = R;
}

impl<D: 'static, R: Reach> AccessTokens for ValidatorSet<D, R> {
    type Claims = D;
    type Reach = R;
}

mod sealed {
    use super::{Appraise, Arc, DeserializeOwned, Reach, Validator, ValidatorSet};

    pub trait Sealed<C> {
        fn into_shared(self) -> Arc<dyn Appraise<C>>;
    }

    impl<C: DeserializeOwned + 'static, R: Reach> Sealed<C> for Validator<C, R> {
        fn into_shared(self) -> Arc<dyn Appraise<C>> {
            Arc::new(self)
        }
    }

    impl<D: 'static, R: Reach> Sealed<D> for ValidatorSet<D, R> {
        fn into_shared(self) -> Arc<dyn Appraise<D>> {
            Arc::new(self)
        }
    }
}
