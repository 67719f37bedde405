//! A second token, such as a DPoP proof: it follows a first one, is signed with a key that the first one
//! names, and is checked in the same appraisal.
//!
//! Its form, its header and its key come before the checks of the first token, so that `cnf` can be compared
//! with the key. Everything else comes after them, so that only the proof of an acceptable token is verified
//! and takes room in a replay guard.

use serde::de::DeserializeOwned;

use super::Inner;
use super::pending::OpenAboutSecond;
use super::request::{Passed, Request};
use super::second_token::SecondToken;
use super::stages::{Head, Stages};
use crate::appraisal::{Trace, VerifiedFacts};
use crate::check::Stage;
use crate::crypto::PayloadBuffer;
use crate::envelope::Disclosures;
use crate::json::Document;
use crate::keys::TrustedIssuer;
use crate::policy::Signer;
use crate::request_facts::Proof;
use crate::rules::FirstToken;
use crate::token::HeaderBuffer;

impl<P: DeserializeOwned> SecondToken for Inner<P> {
    fn stages(&self) -> &Stages {
        &self.stages
    }

    fn finish(
        &self,
        head: Head<'_, '_>,
        party: &TrustedIssuer,
        request: &Request<'_>,
        trace: &mut Trace,
    ) -> Option<Passed<()>> {
        let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
        let payload = self.stages.payload(&head.token, &mut octets, &mut json);
        let passed = self.verify_and_check(head, party, payload, request, trace)?;
        Some(Passed { claims: (), open: passed.open, holder: None })
    }
}

impl<C: DeserializeOwned> Inner<C> {
    /// Appraises a token together with the second one. The outcomes of both end up in one ledger.
    pub(super) fn run_with_second(
        &self,
        second: &dyn SecondToken,
        proof: &[u8],
        request: &Request<'_>,
        trace: &mut Trace,
    ) -> Option<Passed<C>> {
        let mut second_trace = Trace::new(&second.stages().plan);
        let passed = self.run_both(second, proof, request, trace, &mut second_trace);
        trace.ledger.absorb(second_trace.ledger);
        passed
    }

    fn run_both(
        &self,
        second: &dyn SecondToken,
        proof: &[u8],
        request: &Request<'_>,
        trace: &mut Trace,
        second_trace: &mut Trace,
    ) -> Option<Passed<C>> {
        let (stages, ledger) = (second.stages(), &mut second_trace.ledger);
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        stages.measure(proof, ledger)?;
        let head = stages.head(proof, &mut octets, &mut json, ledger)?;
        // The key is in the own header, or the first token names it.
        let holder = if stages.kind.signer == Signer::ConfirmedKey {
            None
        } else {
            Some(stages.holder_of_key(head.header, ledger)?)
        };
        let shown = holder.as_ref().map(|party| Proof { key: party.thumbprint(), ath: None });
        let confirmed_alg = holder.is_none().then(|| head.header.alg());
        let proof_of_first = shown.or(request.proof);
        let first = Request { proof: proof_of_first, confirmed_alg, ..*request };

        let mut passed = self.run_token(&first, trace)?;
        if !trace.ledger.is_clean() {
            return Some(passed);
        }
        let party = match holder {
            Some(party) => party,
            None => ledger.take(Stage::KeyConfirmed, *passed.holder.take()?)?,
        };
        let key = party.thumbprint();

        let names_caller = trace.verified().and_then(VerifiedFacts::caller_id);
        let caller = names_caller.or_else(|| Some(key?.uri())).unwrap_or_default();
        let first = FirstToken {
            presented: request.token,
            sd_hash: request.disclosures.and_then(Disclosures::sd_hash),
            bound_to: key,
            caller: &caller,
        };
        let request = Request {
            token: proof,
            first: Some(first),
            proof: None,
            disclosures: None,
            ..*request
        };
        if let Some(questions) = second.finish(head, &party, &request, second_trace)?.open {
            let sources = stages.sources.clone();
            let open = passed.open.get_or_insert_default();
            open.second = Some(OpenAboutSecond { questions, sources });
        }
        Some(passed)
    }
}
