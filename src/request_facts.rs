//! What a verifier knows of the request that a token came with.

use std::fmt;

use ::time::Duration;

use crate::base64url;
use crate::thumbprint::Thumbprint;

/// What the verifier knows of the request that a token came with, for
/// [`Validator::appraise_with`](crate::Validator::appraise_with).
///
/// Each kind of token says which facts it needs; one that it needs and was not given fails the check
/// that needs it. What the operation demands ([`required_scopes`](Self::required_scopes),
/// [`acr_values`](Self::acr_values), [`max_authentication_age`](Self::max_authentication_age)) and a
/// [`dpop_proof`](Self::dpop_proof) are never ignored: a token of a kind that cannot meet or check them is
/// rejected. Other facts that a kind has no check for have no effect. Of two calls that say the same thing,
/// the later one counts.
///
/// ```
/// # use jwt_appraisal::RequestFacts;
/// # let (nonce_of_the_session, access_token) = ("n-0S6_WzA2Mj", "2YotnFZFEjr1zCsicMWpAA");
/// let expect = RequestFacts::new().nonce(nonce_of_the_session).access_token(access_token);
/// ```
#[derive(Clone)]
pub struct RequestFacts<'a> {
    pub(crate) nonces: Sent<'a>,
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
    pub(crate) response_type: Option<&'a str>,
    /// In seconds.
    pub(crate) max_authentication_age: Option<i64>,
    pub(crate) acr_values: Option<Vec<&'a str>>,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) method: Option<&'a str>,
    pub(crate) uri: Option<&'a str>,
    pub(crate) bound_to: Option<Thumbprint>,
    pub(crate) proof: Option<Proof<'a>>,
    pub(crate) certificate: Option<[u8; 32]>,
    pub(crate) dpop_proof: Option<&'a str>,
    pub(crate) dpop_nonces: Sent<'a>,
    pub(crate) parent_scopes: Option<Vec<&'a str>>,
    pub(crate) required_scopes: Vec<&'a str>,
    pub(crate) facts: Vec<(&'a str, &'a str)>,
}

/// Nothing is known, for all appraisals of which nothing is.
pub(crate) static NO_FACTS: RequestFacts<'static> = RequestFacts::new();

/// What was sent or given out before the request, any of which is good.
#[derive(Clone)]
pub(crate) struct Sent<'a> {
    first: Option<&'a str>,
    others: Vec<&'a str>,
    /// Whether the caller said that nothing is good.
    is_nothing: bool,
}

impl<'a> Sent<'a> {
    pub(crate) const fn of(value: Option<&'a str>) -> Self {
        Self { first: value, others: Vec::new(), is_nothing: false }
    }

    fn any_of(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut values = values.into_iter();
        let (first, others) = (values.next(), values.collect());
        Self { first, others, is_nothing: first.is_none() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && !self.is_nothing
    }

    pub(crate) fn contains(&self, value: &str) -> bool {
        self.first == Some(value) || self.others.contains(&value)
    }
}

/// A key whose possession was shown, and the hash of the access token that it was shown for.
#[derive(Clone, Copy)]
pub(crate) struct Proof<'a> {
    /// None where the proof is not one after all.
    pub(crate) key: Option<Thumbprint>,
    pub(crate) ath: Option<&'a str>,
}

impl<'a> RequestFacts<'a> {
    /// Nothing is known.
    pub const fn new() -> Self {
        Self {
            nonces: Sent::of(None),
            access_token: None,
            code: None,
            state: None,
            response_type: None,
            max_authentication_age: None,
            acr_values: None,
            client_id: None,
            method: None,
            uri: None,
            bound_to: None,
            proof: None,
            certificate: None,
            dpop_proof: None,
            dpop_nonces: Sent::of(None),
            parent_scopes: None,
            required_scopes: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// The `nonce` that was sent with the authentication request (ID token), or that was given to the client
    /// (DPoP proof) or to the holder (key-binding JWT). Without this call no nonce was sent, so a token that
    /// has one is rejected if its kind compares it.
    ///
    /// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation),
    /// [RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)
    pub fn nonce(mut self, nonce: &'a str) -> Self {
        self.nonces = Sent::of(Some(nonce));
        self
    }

    /// Nonces any of which is good: a server that changes its nonce accepts the previous one for a while.
    /// If there is none, no token is good.
    ///
    /// [RFC 9449 §8.2](https://www.rfc-editor.org/rfc/rfc9449#section-8.2)
    pub fn nonces(mut self, nonces: impl IntoIterator<Item = &'a str>) -> Self {
        self.nonces = Sent::any_of(nonces);
        self
    }

    /// The DPoP proof that came with the access token, for a validator with
    /// [`ValidatorBuilder::dpop`](crate::ValidatorBuilder::dpop). The proof is checked in the same appraisal:
    /// its rows begin with `proof.`, and [`method`](Self::method) and [`uri`](Self::uri) are the facts that
    /// it must match. A validator without `dpop` rejects a token beside a proof that it cannot check: by the
    /// check `claims.cnf`, or `request.proof` if the kind of token must not have a `cnf`.
    ///
    /// The validator finds out by itself which token the proof must be for and by which key, so
    /// [`access_token`](Self::access_token), [`bound_to`](Self::bound_to), [`proof_key`](Self::proof_key) and
    /// [`proof`](Self::proof) have no effect beside it.
    ///
    /// [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)
    pub fn dpop_proof(mut self, proof: &'a str) -> Self {
        self.dpop_proof = Some(proof);
        self
    }

    /// The nonces that the server gave out for DPoP proofs, one of which the proof that came with the access
    /// token must have. If there is none, no proof is good; without this call no nonce is needed.
    ///
    /// [RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)
    pub fn dpop_nonces(mut self, nonces: impl IntoIterator<Item = &'a str>) -> Self {
        self.dpop_nonces = Sent::any_of(nonces);
        self
    }

    /// The access token that came with the ID token (`at_hash`) or with the DPoP proof (`ath`).
    pub fn access_token(mut self, access_token: &'a str) -> Self {
        self.access_token = Some(access_token);
        self
    }

    /// The authorization code that came with the ID token (`c_hash`).
    pub fn code(mut self, code: &'a str) -> Self {
        self.code = Some(code);
        self
    }

    /// The `state` that was sent with the authorization request (`s_hash`, or `state` of a JARM
    /// response).
    pub fn state(mut self, state: &'a str) -> Self {
        self.state = Some(state);
        self
    }

    /// The `response_type` that was sent, such as `code id_token`: it says which hashes an ID token
    /// has to have. Without it: `code`.
    pub fn response_type(mut self, response_type: &'a str) -> Self {
        self.response_type = Some(response_type);
        self
    }

    /// How long ago, in whole seconds, the user may have authenticated; `auth_time` then has to be
    /// there.
    ///
    /// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation),
    /// [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)
    pub fn max_authentication_age(mut self, max_authentication_age: Duration) -> Self {
        self.max_authentication_age = Some(max_authentication_age.whole_seconds());
        self
    }

    /// The acceptable authentication context classes. `acr` must equal one of them; an empty list accepts no
    /// token.
    ///
    /// [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)
    pub fn acr_values(mut self, acr_values: impl IntoIterator<Item = &'a str>) -> Self {
        self.acr_values = Some(acr_values.into_iter().collect());
        self
    }

    /// The client that authenticated, or that the request names.
    pub fn client_id(mut self, client_id: &'a str) -> Self {
        self.client_id = Some(client_id);
        self
    }

    /// The request's HTTP method, as it was sent.
    pub fn method(mut self, method: &'a str) -> Self {
        self.method = Some(method);
        self
    }

    /// The request's URI, with the scheme and authority that the service is configured with, never
    /// with those that a header names. Query and fragment are not compared.
    pub fn uri(mut self, uri: &'a str) -> Self {
        self.uri = Some(uri);
        self
    }

    /// The key that the access token is bound to (`cnf.jkt`), which a DPoP proof's has to be.
    pub fn bound_to(mut self, key: Thumbprint) -> Self {
        self.bound_to = Some(key);
        self
    }

    /// The key whose possession was shown otherwise, for example by a service in front that checked
    /// the DPoP proof, its `ath` included.
    ///
    /// [RFC 9449 §6.1](https://www.rfc-editor.org/rfc/rfc9449#section-6.1)
    pub fn proof_key(mut self, key: Thumbprint) -> Self {
        self.proof = Some(Proof { key: Some(key), ath: None });
        self
    }

    /// The SHA-256 hash of the client's certificate, as the TLS connection gave it.
    ///
    /// [RFC 8705 §3.1](https://www.rfc-editor.org/rfc/rfc8705#section-3.1)
    pub fn certificate_sha256(mut self, hash: [u8; 32]) -> Self {
        self.certificate = Some(hash);
        self
    }

    /// The scopes that the operation needs: the token must have every one of them, or one that implies it
    /// (check `request.scopes`).
    ///
    /// [RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
    pub fn required_scopes(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.required_scopes = scopes.into_iter().collect();
        self
    }

    /// The scopes of the token that this one was derived from, by token exchange or delegation: none
    /// of its own may go beyond them.
    pub fn parent_scopes(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.parent_scopes = Some(scopes.into_iter().collect());
        self
    }

    /// A fact of one's own, which a claim of the same name has to equal
    /// ([`Profile::matches_fact`](crate::Profile::matches_fact)).
    pub fn fact(mut self, name: &'a str, value: &'a str) -> Self {
        self.facts.retain(|(known, _)| *known != name);
        self.facts.push((name, value));
        self
    }

    pub(crate) fn own_fact(&self, name: &str) -> Option<&'a str> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Whether the client's certificate is the one with this hash in base64url.
    pub(crate) fn shows_certificate(&self, hash: &str) -> bool {
        self.certificate.is_some_and(|own| base64url::encode(&own) == hash)
    }
}

impl Default for RequestFacts<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// Tokens, codes and nonces are not printed.
impl fmt::Debug for RequestFacts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestFacts").finish_non_exhaustive()
    }
}
