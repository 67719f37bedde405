//! A request with a DPoP proof.

use serde::de::DeserializeOwned;

use super::caller_id::caller_id;
use super::challenge::{Challenge, Problem, failures};
use super::credentials::{Credentials, Scheme};
use super::denied::{Cause, Denied};
use super::request::RequestHead;
use super::resource_server::{Dpop, ResourceServer};
use crate::appraisal::{Accepted, Refused};
use crate::check::ReasonKind;
use crate::request_facts::RequestFacts;
use crate::uri::has_dot_segments;

impl<C: DeserializeOwned> ResourceServer<C> {
    /// The token comes first, as bound to the key that the proof names: only the proof of a caller whose
    /// token is good is looked at further, and takes room in the replay guard. Nobody is told of the
    /// caller before the proof passed too.
    pub(super) fn appraise_with_proof(
        &self,
        request: &RequestHead<'_>,
        credentials: Credentials<'_>,
    ) -> Result<Accepted<C>, Denied> {
        let dpop = self.shared.dpop.as_ref().ok_or_else(|| self.not_offered(Scheme::Dpop))?;
        // `htu` is compared after normalization, and not every router normalizes.
        if has_dot_segments(request.uri.path()) {
            let problem = Problem::InvalidRequest("expected a path without dot segments");
            return Err(self.deny(Challenge::new(problem), DPOP, Cause::Path));
        }
        let proof = self.only_proof(request)?;
        let Some(key) = dpop.proofs.unverified_key(proof) else {
            // It names no key, so it is refused, and the report says why.
            let appraised = self.appraise_proof(dpop, proof, request, RequestFacts::new());
            return appraised.and_then(|()| Err(self.bad_proofs(1)));
        };
        let caller = self.appraise(request, credentials, RequestFacts::new().proof_key(key))?;
        let expect = RequestFacts::new().access_token(credentials.token()).bound_to(key);
        let owner = caller_id(&caller).unwrap_or_else(|| key.uri());
        let expect = expect.presenter(&owner);
        self.appraise_proof(dpop, proof, request, expect)?;
        Ok(caller)
    }

    /// <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>: "There is not more than one DPoP HTTP request
    /// header field"
    fn only_proof<'a>(&self, request: &RequestHead<'a>) -> Result<&'a str, Denied> {
        let mut proofs = request.headers.get_all("DPoP").iter();
        let found = request.headers.get_all("DPoP").iter().count();
        let only = proofs.next().filter(|_| found == 1).and_then(|proof| proof.to_str().ok());
        only.ok_or_else(|| self.bad_proofs(found))
    }

    fn bad_proofs(&self, found: usize) -> Denied {
        let problem = Problem::InvalidDpopProof("expected one DPoP header with one proof");
        self.deny(Challenge::new(problem), DPOP, Cause::Proofs(found))
    }

    /// The proof is for this very request. Where nonces are demanded it has the present one or the one
    /// before.
    fn appraise_proof(
        &self,
        dpop: &Dpop,
        proof: &str,
        request: &RequestHead<'_>,
        expect: RequestFacts<'_>,
    ) -> Result<(), Denied> {
        let uri = format!("{}{}", self.shared.public_base, request.uri.path());
        let expect = expect.method(request.method.as_str()).uri(&uri);
        let appraise =
            |expect: &RequestFacts<'_>| dpop.proofs.appraise_with(proof, expect).into_result();
        let Some(nonces) = &dpop.nonces else {
            return appraise(&expect).map(|_| ()).map_err(|refused| self.bad_proof(refused));
        };
        let now = dpop.proofs.now();
        let (current, previous) = (nonces.current(now), nonces.previous(now));
        let appraised = match (appraise(&expect.clone().nonce(&current)), previous) {
            // A proof that is refused for its nonce used nothing up.
            (Err(refused), Some(previous)) if is_for_another_nonce(&refused) => {
                appraise(&expect.nonce(&previous))
            }
            (appraised, _) => appraised,
        };
        appraised.map(|_| ()).map_err(|refused| self.bad_proof(refused))
    }

    fn bad_proof(&self, refused: Refused) -> Denied {
        let problem = match &refused {
            Refused::Undetermined(_) => Problem::Undetermined,
            Refused::Rejected(_)
                if is_for_another_nonce(&refused) && self.dpop_nonce().is_some() =>
            {
                Problem::UseDpopNonce
            }
            Refused::Rejected(_) => Problem::InvalidDpopProof(NOT_VALID),
        };
        self.deny(Challenge::new(problem), DPOP, Cause::Proof(refused))
    }
}

const DPOP: Option<Scheme> = Some(Scheme::Dpop);

const NOT_VALID: &str = "the DPoP proof is not valid for this request";

/// Whether nothing is wrong with a proof but its nonce.
fn is_for_another_nonce(refused: &Refused) -> bool {
    let failed: Vec<_> =
        refused.checks().filter(|check| check.outcome().reason().is_some()).collect();
    let only_nonce = failed.iter().all(|check| *check.id() == "claims.nonce");
    let wrong_type = failures(refused).contains(&ReasonKind::WrongType);
    only_nonce && !wrong_type && !failed.is_empty()
}
