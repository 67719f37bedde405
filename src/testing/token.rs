//! A token that is not signed yet.

use std::sync::atomic::{AtomicU64, Ordering};

use ::time::OffsetDateTime;
use serde_json::{Map, Value};

use super::compact::{base64url, signing_input};
use super::{TestDisclosure, TestKey};

/// The lifetime of a drafted token in seconds, where the draft does not say otherwise.
const LIFETIME: i64 = 300;

/// A token that is not signed yet: every header member, every claim, both segments' bytes and the
/// signature can be changed before [`sign`](Self::sign).
///
/// [`TestIssuer::access_token`](super::TestIssuer::access_token) and
/// [`TestIssuer::token`](super::TestIssuer::token) draft a good one. Of two calls that set the same
/// thing, the later one counts.
///
/// ```
/// use jwt_appraisal::testing::TestIssuer;
/// use serde_json::json;
///
/// let issuer = TestIssuer::new("https://as.example.com");
/// let draft = issuer.access_token("https://api.example.com").at(1_700_000_000);
///
/// let everyones = draft.clone().claim("aud", json!(["https://a.example", "https://b.example"]));
/// let unending = draft.clone().without("exp");
///
/// let two_subjects = draft.claims_json().replacen('{', r#"{"sub":"root","#, 1);
/// let duplicated = draft.clone().raw_payload(two_subjects);
/// # for draft in [everyones, unending, duplicated] { draft.sign(); }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a draft is a token only after `sign`"]
pub struct TestToken {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    raw_header: Option<Vec<u8>>,
    raw_payload: Option<Vec<u8>>,
    key: TestKey,
    /// In place of what the key would sign.
    signature: Option<Vec<u8>>,
}

impl TestToken {
    pub(super) fn draft(key: TestKey, typ: String, issuer: &str) -> Self {
        let draft = Self {
            header: Map::new(),
            claims: Map::new(),
            raw_header: None,
            raw_payload: None,
            key: key.clone(),
            signature: None,
        };
        draft
            .header("typ", typ)
            .signed_by(&key)
            .claim("iss", issuer)
            .at(OffsetDateTime::now_utc().unix_timestamp())
    }

    pub(super) fn with_fresh_jti(self) -> Self {
        static DRAFTED: AtomicU64 = AtomicU64::new(1);
        let number = DRAFTED.fetch_add(1, Ordering::Relaxed);
        self.claim("jti", format!("jti-{number}"))
    }

    /// Issues the token at `now`, in seconds since the epoch, instead of by the system clock: sets
    /// `iat` to `now` and `exp` to 300 seconds later.
    pub fn at(self, now: i64) -> Self {
        self.claim("iat", now).claim("exp", now.saturating_add(LIFETIME))
    }

    /// Sets a claim.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a header member. It does not change the key: after `header("alg", "RS256")` an ES256
    /// key still signs as ES256.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Leaves a header member out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Signs with `key` instead of the issuer's first one, and sets the header's `alg` and `kid` to
    /// that key's.
    ///
    /// A forger's key that poses as the issuer's:
    ///
    /// ```
    /// use jwt_appraisal::SignatureAlgorithm;
    /// use jwt_appraisal::testing::{TestIssuer, TestKey};
    ///
    /// let issuer = TestIssuer::new("https://as.example.com");
    /// let forger = TestKey::generate(issuer.key().kid(), SignatureAlgorithm::Es256);
    /// let forged = issuer.access_token("https://api.example.com").signed_by(&forger).sign();
    /// # assert_eq!(forged.split('.').count(), 3);
    /// ```
    pub fn signed_by(self, key: &TestKey) -> Self {
        let signed = Self { key: key.clone(), signature: None, ..self };
        signed.header("alg", key.alg_name()).header("kid", key.kid())
    }

    /// An unsecured JWT ([RFC 7519 §6](https://www.rfc-editor.org/rfc/rfc7519#section-6)): `alg`
    /// "none", no `kid`, and an empty signature.
    pub fn unsecured(self) -> Self {
        self.header("alg", "none").without_header("kid").signature([])
    }

    /// Uses these bytes as the signature, instead of signing.
    pub fn signature(self, signature: impl Into<Vec<u8>>) -> Self {
        Self { signature: Some(signature.into()), ..self }
    }

    /// Signs over these bytes as the header, whatever the header members are set to; for duplicate
    /// members and for what is not JSON.
    pub fn raw_header(self, header: impl Into<Vec<u8>>) -> Self {
        Self { raw_header: Some(header.into()), ..self }
    }

    /// Signs over these bytes as the payload, whatever the claims are set to; for duplicate claims
    /// and for what is not JSON.
    pub fn raw_payload(self, payload: impl Into<Vec<u8>>) -> Self {
        Self { raw_payload: Some(payload.into()), ..self }
    }

    /// The JSON of the header members as set so far; to be edited for
    /// [`raw_header`](Self::raw_header), which it does not show.
    pub fn header_json(&self) -> String {
        object_json(&self.header)
    }

    /// The JSON of the claims as set so far; to be edited for [`raw_payload`](Self::raw_payload),
    /// which it does not show.
    pub fn claims_json(&self) -> String {
        object_json(&self.claims)
    }

    /// The token in compact serialization
    /// ([RFC 7515 §7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)).
    ///
    /// # Panics
    ///
    /// If the cryptographic library reports an internal error.
    pub fn sign(&self) -> String {
        let header = self.raw_header.clone().unwrap_or_else(|| self.header_json().into_bytes());
        let payload = self.raw_payload.clone().unwrap_or_else(|| self.claims_json().into_bytes());
        let input = signing_input(&header, &payload);
        let signature = match &self.signature {
            Some(given) => given.clone(),
            None => self.key.sign(input.as_bytes()),
        };
        format!("{input}.{}", base64url(&signature))
    }
}

impl TestToken {
    /// The token as an SD-JWT with these disclosures
    /// ([RFC 9901 §4](https://www.rfc-editor.org/rfc/rfc9901#section-4)).
    ///
    /// A key-binding JWT is a token of the holder, which is appended:
    ///
    /// ```
    /// use base64::Engine;
    /// use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    /// use jwt_appraisal::SignatureAlgorithm;
    /// use jwt_appraisal::testing::{TestDisclosure, TestIssuer, TestKey};
    /// # use jwt_appraisal::kind::KindBuilder;
    /// # use jwt_appraisal::{JwkSet, KeyStore, Profile, RequestFacts, TrustedIssuer, Validator, rules};
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::new("https://club.example.com");
    /// let holder = TestKey::generate("holder", SignatureAlgorithm::Es256);
    /// let name = TestDisclosure::claim("name", "Erika");
    /// let presented = issuer
    ///     .token("membership+sd-jwt")
    ///     .claim("aud", "https://door.example.com")
    ///     .claim("cnf", json!({ "jwk": holder.jwk() }))
    ///     .claim("_sd", json!([name.digest()]))
    ///     .present([&name]);
    ///
    /// let sd_hash = ring::digest::digest(&ring::digest::SHA256, presented.as_bytes());
    /// let key_binding = TestIssuer::new("the holder")
    ///     .with_key(holder)
    ///     .token("kb+jwt")
    ///     .without("iss")
    ///     .without("exp")
    ///     .claim("aud", "https://door.example.com")
    ///     .claim("nonce", "n-0S6_WzA2Mj")
    ///     .claim("sd_hash", URL_SAFE_NO_PAD.encode(sd_hash))
    ///     .sign();
    /// let presentation = format!("{presented}{key_binding}");
    /// # let keys = JwkSet::from_json(issuer.jwks()).expect("keys");
    /// # let keys = KeyStore::new([SignatureAlgorithm::Es256], keys).expect("keys");
    /// # let holders = Validator::builder(Profile::key_binding())
    /// #     .algorithms([SignatureAlgorithm::Es256])
    /// #     .for_audience("https://door.example.com")
    /// #     .build()
    /// #     .expect("a policy");
    /// # let kind = KindBuilder::issued("membership").typ("membership+sd-jwt").with_disclosures();
    /// # let kind = kind.rules(rules::COMMON).profile::<serde_json::Value>();
    /// # let validator = Validator::builder(kind)
    /// #     .issuer(TrustedIssuer::new("https://club.example.com", keys))
    /// #     .audience("https://door.example.com")
    /// #     .key_binding(holders)
    /// #     .build()
    /// #     .expect("a policy");
    /// # let facts = RequestFacts::new().nonce("n-0S6_WzA2Mj");
    /// # let appraisal = validator.appraise_with(&presentation, &facts);
    /// # assert!(appraisal.is_accepted(), "{appraisal}");
    /// ```
    ///
    /// # Panics
    ///
    /// If the cryptographic library reports an internal error.
    pub fn present<'a>(&self, disclosures: impl IntoIterator<Item = &'a TestDisclosure>) -> String {
        let disclosures = disclosures.into_iter().map(|disclosure| format!("{disclosure}~"));
        format!("{}~{}", self.sign(), disclosures.collect::<String>())
    }
}

fn object_json(members: &Map<String, Value>) -> String {
    Value::Object(members.clone()).to_string()
}
