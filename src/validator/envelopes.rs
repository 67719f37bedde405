//! What surrounds a signed token, taken off.

use serde::de::DeserializeOwned;

use super::Inner;
use super::request::{Jwe, Passed, Request};
use crate::appraisal::Trace;
use crate::envelope::{Decryption, SdJwt};
use crate::json::Document;
use crate::token::HeaderBuffer;

impl<C: DeserializeOwned> Inner<C> {
    /// The token inside goes through every stage as if it had arrived alone.
    pub(super) fn run_encrypted(
        &self,
        decryption: &Decryption,
        request: &Request<'_>,
        trace: &mut Trace,
    ) -> Option<Passed<C>> {
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let (limits, ledger) = (&self.stages.limits, &mut trace.ledger);
        let decrypted =
            decryption.decrypt(request.token, limits, &mut octets, &mut json, ledger)?;
        let jwe = Jwe { header: decrypted.header, algorithms: decrypted.algorithms };
        let request = Request { jwe: Some(jwe), ..*request };
        let inner = decrypted.inner.unverified();
        self.run_signed(inner, &request, trace)
    }

    /// The issuer's JWT goes through every stage as any token does, and what is disclosed joins its
    /// payload once that is verified. A key-binding JWT is the second token.
    pub(super) fn run_disclosed(
        &self,
        request: &Request<'_>,
        trace: &mut Trace,
    ) -> Option<Passed<C>> {
        let (most, wants_second) = (self.stages.limits.disclosures, self.second.is_some());
        let sd_jwt = SdJwt::open(request.token, most, wants_second, &mut trace.ledger)?;
        let disclosures = sd_jwt.into_disclosures();
        let request = Request { disclosures: Some(&disclosures), ..*request };
        match (&self.second, sd_jwt.key_binding_jwt()) {
            (Some(second), Some(jwt)) => {
                self.run_with_second(&**second, jwt.as_bytes(), &request, trace)
            }
            (None, None) => self.run_token(&request, trace),
            // A key-binding JWT that is demanded and was not sent, or the reverse.
            _ => None,
        }
    }
}
