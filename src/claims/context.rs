//! What a check of claims sees beside the claims.

use crate::alg::JwsAlgorithm;
use crate::crypto::CryptoProvider;
use crate::expect::Expect;
use crate::names::Issuer;
use crate::policy::ClaimsPolicy;
use crate::thumbprint::Thumbprint;
use crate::time::Seconds;

/// The policy, and the circumstances of one appraisal.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) policy: &'a ClaimsPolicy,
    /// To whom the key belongs.
    pub(crate) party: &'a Issuer,
    pub(crate) now: Seconds,
    pub(crate) expect: &'a Expect<'a>,
    /// What the token is signed with.
    pub(crate) algorithm: JwsAlgorithm,
    pub(crate) provider: &'a CryptoProvider,
    /// The key that its own header has, where the kind is signed with that.
    pub(crate) embedded: Option<Thumbprint>,
    /// The token as it came.
    pub(crate) presented: &'a [u8],
}
