//! What goes into the pipeline, and what comes out of it.

use std::sync::Arc;

use ::time::OffsetDateTime;

use super::pending::OpenQuestions;
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use crate::check::Reason;
use crate::envelope::Disclosures;
use crate::keys::TrustedIssuer;
use crate::request_facts::{Proof, RequestFacts};
use crate::rules::FirstToken;
use crate::time::Seconds;
use crate::token::JoseHeader;

/// What is appraised, and under which circumstances.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    /// As it came.
    pub(super) token: &'a [u8],
    pub(super) facts: &'a RequestFacts<'a>,
    pub(super) moment: OffsetDateTime,
    pub(super) now: Seconds,
    /// The JWE that the token was in.
    pub(super) jwe: Option<Jwe<'a>>,
    /// The disclosures that came with the token.
    pub(super) disclosures: Option<&'a Disclosures<'a>>,
    /// The algorithm of a second token that is verified with the key in `cnf.jwk`.
    pub(super) confirmed_alg: Option<&'a str>,
    /// The key whose possession was shown.
    pub(super) proof: Option<Proof<'a>>,
    /// The token that this one follows.
    pub(super) first: Option<FirstToken<'a>>,
}

/// A JWE that was decrypted.
#[derive(Clone, Copy)]
pub(super) struct Jwe<'a> {
    pub(super) header: JoseHeader<'a>,
    pub(super) algorithms: (KeyManagementAlgorithm, ContentEncryptionAlgorithm),
}

impl<'a> Request<'a> {
    pub(super) fn new(
        token: &'a [u8],
        facts: &'a RequestFacts<'a>,
        moment: OffsetDateTime,
    ) -> Self {
        // A proof shows nothing until it is checked.
        let unchecked = facts.dpop_proof.map(|_| Proof { key: None, ath: None });
        Self {
            token,
            facts,
            moment,
            now: Seconds::at(moment),
            jwe: None,
            disclosures: None,
            confirmed_alg: None,
            proof: unchecked.or(facts.proof),
            first: None,
        }
    }
}

/// What the pipeline yields: the claims, and the questions that are open about the token.
pub(super) struct Passed<C> {
    pub(super) claims: C,
    /// Boxed, because few validators have questions.
    pub(super) open: Option<Box<OpenQuestions>>,
    /// The holder of the key in `cnf.jwk`. Boxed, because few validators ask for it.
    pub(super) holder: Option<Box<Result<Arc<TrustedIssuer>, Reason>>>,
}
