//! A request with a DPoP proof.

use std::sync::Arc;

use super::challenge::{Challenge, Problem};
use super::credentials::Scheme;
use super::denied::{Cause, Denied};
use super::request::RequestHead;
use super::resource_server::ResourceServer;
use crate::uri::has_dot_segments;

/// The proof of a request, and what it must match.
pub(super) struct ProofOfRequest<'a> {
    pub(super) proof: &'a str,
    /// The URI of the request, as clients know it.
    pub(super) uri: String,
    /// The present nonce and the previous one, if proofs need one.
    pub(super) nonces: Vec<Arc<str>>,
}

const DPOP: Option<Scheme> = Some(Scheme::Dpop);

impl<C, R> ResourceServer<C, R> {
    /// Finds the one proof of a request.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>: "There is not more than one DPoP HTTP request
    /// header field"
    pub(super) fn proof_of<'a>(
        &self,
        request: &RequestHead<'a>,
    ) -> Result<ProofOfRequest<'a>, Denied> {
        // `htu` is compared after normalization, and not every router normalizes.
        if has_dot_segments(request.uri.path()) {
            let problem = Problem::InvalidRequest("expected a path without dot segments");
            return Err(self.deny(Challenge::new(problem), DPOP, Cause::Path));
        }
        let mut proofs = request.headers.get_all("DPoP").iter();
        let found = request.headers.get_all("DPoP").iter().count();
        let only = proofs.next().filter(|_| found == 1).and_then(|proof| proof.to_str().ok());
        let Some(proof) = only else {
            let problem = Problem::InvalidDpopProof("expected one DPoP header with one proof");
            return Err(self.deny(Challenge::new(problem), DPOP, Cause::Proofs(found)));
        };
        let uri = format!("{}{}", self.shared.public_base, request.uri.path());
        Ok(ProofOfRequest { proof, uri, nonces: self.nonces() })
    }

    fn nonces(&self) -> Vec<Arc<str>> {
        let Some(nonces) = &self.shared.nonces else {
            return Vec::new();
        };
        let now = self.shared.now();
        [Some(nonces.current(now)), nonces.previous(now)].into_iter().flatten().collect()
    }
}
