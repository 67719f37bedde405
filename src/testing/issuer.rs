//! An issuer with its keys.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "asking an issuer for a key that it does not have is a mistake of the test"
)]

use serde_json::{Value, json};

use super::{TestKey, TestToken};
use crate::alg::SignatureAlgorithm;

/// An issuer with its keys: it publishes a JWK set and drafts tokens, signed with its first key
/// unless the draft says otherwise.
///
/// ```
/// use jwt_appraisal::SignatureAlgorithm;
/// use jwt_appraisal::testing::{TestIssuer, TestKey};
///
/// let issuer = TestIssuer::new("https://as.example.com").with_keys([
///     TestKey::generate("ec", SignatureAlgorithm::Es256),
///     TestKey::generate("ed", SignatureAlgorithm::Ed25519),
/// ]);
/// let by_first = issuer.access_token("https://api.example.com").sign();
/// let by_second = issuer
///     .access_token("https://api.example.com")
///     .signed_by(issuer.key_with(SignatureAlgorithm::Ed25519))
///     .sign();
/// # assert_ne!(by_first, by_second);
/// ```
#[derive(Clone, Debug)]
pub struct TestIssuer {
    issuer: String,
    /// Never empty.
    keys: Vec<TestKey>,
    /// How many keys this issuer has generated for itself.
    generated: u64,
}

impl TestIssuer {
    /// An issuer with this identifier and one fresh ES256 key, `kid` "k1". ES256, because its keys
    /// are made in no time, and it is what [RFC 7518
    /// §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1) recommends most.
    pub fn new(issuer: impl Into<String>) -> Self {
        let key = TestKey::generate("k1", SignatureAlgorithm::Es256);
        Self { issuer: issuer.into(), keys: vec![key], generated: 1 }
    }

    /// The issuer with this one key instead of those it had.
    #[must_use]
    pub fn with_key(self, key: TestKey) -> Self {
        self.with_keys([key])
    }

    /// The issuer with these keys instead of those it had. It signs with the first, and publishes
    /// all that are not shared secrets. Two keys may have the same `kid`, as those of a broken
    /// issuer do.
    ///
    /// # Panics
    ///
    /// If there is no key.
    #[must_use]
    pub fn with_keys(self, keys: impl IntoIterator<Item = TestKey>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        assert!(!keys.is_empty(), "a test issuer has at least one key");
        Self { keys, ..self }
    }

    /// Replaces all keys by one fresh key of the first one's algorithm, under the next of the
    /// `kid`s "k2", "k3", and so on that none of its keys has. Tokens signed before, and the JWK set
    /// published before, stay as they are.
    ///
    /// ```
    /// use jwt_appraisal::testing::TestIssuer;
    ///
    /// let mut issuer = TestIssuer::new("https://as.example.com");
    /// let before = issuer.jwks();
    /// issuer.rotate();
    /// assert_eq!(issuer.key().kid(), "k2");
    /// assert_ne!(issuer.jwks(), before);
    /// ```
    ///
    /// # Panics
    ///
    /// If the first key is a shared secret, which no JWK set could make known to verifiers.
    pub fn rotate(&mut self) {
        let alg = self.key().signature_algorithm();
        let alg = alg.expect("a test issuer rotates key pairs, not shared secrets");
        self.keys = vec![TestKey::generate(self.next_kid(), alg)];
    }

    /// The issuer identifier, as it stands in the claim `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The first key, which signs.
    pub fn key(&self) -> &TestKey {
        self.keys.first().expect("a test issuer has at least one key")
    }

    /// The first key with this algorithm.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn key_with(&self, alg: SignatureAlgorithm) -> &TestKey {
        let mut keys = self.keys.iter();
        keys.find(|key| key.signature_algorithm() == Some(alg))
            .unwrap_or_else(|| panic!("this test issuer has no key for {}", alg.name()))
    }

    /// All keys, in the order of the JWK set.
    pub fn keys(&self) -> &[TestKey] {
        &self.keys
    }

    /// The JSON of the JWK set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5))
    /// that this issuer publishes: the public half of each key pair, and no shared secret.
    pub fn jwks(&self) -> String {
        let published = self.keys.iter().filter(|key| key.signature_algorithm().is_some());
        let jwks: Vec<Value> = published.map(TestKey::jwk).collect();
        json!({ "keys": jwks }).to_string()
    }

    /// Drafts a good OAuth access token
    /// ([RFC 9068 §2](https://www.rfc-editor.org/rfc/rfc9068#section-2)) for the resource server
    /// `audience`.
    ///
    /// Its header is `typ` "at+jwt", `alg` and `kid`; its claims are `iss`, `sub` "user-1", `aud`,
    /// `client_id` "client-1", `scope` "read", `jti` (unlike that of any other draft of this
    /// process), `iat` now and `exp` 300 seconds later, a common lifetime that outlives any test.
    pub fn access_token(&self, audience: impl Into<String>) -> TestToken {
        self.token("at+jwt")
            .claim("sub", "user-1")
            .claim("aud", audience.into())
            .claim("client_id", "client-1")
            .claim("scope", "read")
            .with_fresh_jti()
    }

    /// Drafts a token of any kind, with the header members `typ`, `alg` and `kid`, and the claims
    /// `iss`, `iat` now and `exp` 300 seconds later.
    ///
    /// ```
    /// use jwt_appraisal::testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::new("https://shop.example.com");
    /// let draft = issuer.token("receipt+jwt").claim("order_id", "o-17").claim("total_cents", 990);
    /// # draft.sign();
    /// ```
    pub fn token(&self, typ: impl Into<String>) -> TestToken {
        TestToken::draft(self.key().clone(), typ.into(), &self.issuer)
    }

    fn next_kid(&mut self) -> String {
        loop {
            self.generated = self.generated.saturating_add(1);
            let kid = format!("k{}", self.generated);
            if self.keys.iter().all(|key| key.kid() != kid) {
                return kid;
            }
        }
    }
}
