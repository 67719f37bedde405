//! An MCP server, its authorization server, and a client with a key.

use http::{HeaderMap, Request, header::AUTHORIZATION};
use jwt_appraisal::http::{Denied, Requirement, ResourceServer, ResourceServerBuilder};
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, DpopProofClaims, FixedClock, JwkSet, MemoryReplayGuard, Profile,
    SignatureAlgorithm, TrustedIssuer, Validator, ValidatorBuilder,
};
use ring::digest;
use serde_json::json;
use std::sync::Arc;

use super::support::{ISSUER, NOW, key_store, now, validator_builder};

pub(crate) const RESOURCE: &str = "https://mcp.example.com/mcp";
pub(crate) const METADATA: &str =
    "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";

#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) issuer: TestIssuer,
    pub(crate) client: TestKey,
}

impl Site {
    pub(crate) fn new() -> Self {
        let client = TestKey::generate("client", SignatureAlgorithm::Es256);
        Self { issuer: TestIssuer::new(ISSUER), client }
    }

    pub(crate) fn trusted(&self) -> TrustedIssuer {
        let set = JwkSet::from_json(self.issuer.jwks()).unwrap();
        TrustedIssuer::new(ISSUER, key_store([SignatureAlgorithm::Es256], set).unwrap())
    }

    pub(crate) fn validator_builder(&self) -> ValidatorBuilder<AccessTokenClaims, Issued, Ready> {
        validator_builder(Profile::mcp_access_token())
            .issuer(self.trusted())
            .audience(RESOURCE)
            .clock(FixedClock::new(now()))
    }

    pub(crate) fn validator(&self) -> Validator<AccessTokenClaims> {
        self.validator_builder().build().unwrap()
    }

    pub(crate) fn proofs(&self) -> Validator<DpopProofClaims> {
        self.proofs_remembering(1_000)
    }

    pub(crate) fn proofs_remembering(&self, most: usize) -> Validator<DpopProofClaims> {
        validator_builder(Profile::dpop_proof())
            .algorithms([SignatureAlgorithm::Es256])
            .replay_guard(Arc::new(MemoryReplayGuard::new(most)))
            .clock(FixedClock::new(now()))
            .build()
            .unwrap()
    }

    pub(crate) fn builder(&self) -> ResourceServerBuilder<AccessTokenClaims> {
        ResourceServer::builder(self.validator())
    }

    /// A builder of a server that accepts DPoP proofs.
    pub(crate) fn builder_with(
        &self,
        proofs: Validator<DpopProofClaims>,
    ) -> ResourceServerBuilder<AccessTokenClaims> {
        ResourceServer::builder(self.validator_builder().dpop(proofs).build().unwrap())
    }

    /// A server that demands the scope `files:read` of every request.
    pub(crate) fn server(&self) -> ResourceServer<AccessTokenClaims> {
        self.builder().requirement(Requirement::scopes(["files:read"])).build().unwrap()
    }

    /// The same, with DPoP beside Bearer.
    pub(crate) fn dpop_server(&self) -> ResourceServer<AccessTokenClaims> {
        self.builder_with(self.proofs())
            .requirement(Requirement::scopes(["files:read"]))
            .build()
            .unwrap()
    }

    /// A draft of a good token.
    pub(crate) fn token(&self) -> TestToken {
        self.issuer.access_token(RESOURCE).at(NOW).claim("scope", "files:read")
    }

    /// The same, bound to the client's key.
    pub(crate) fn bound_token(&self) -> TestToken {
        self.token().claim("cnf", json!({ "jkt": self.thumbprint() }))
    }

    pub(crate) fn thumbprint(&self) -> String {
        let set = JwkSet::from_json(json!({ "keys": [self.client.jwk()] }).to_string()).unwrap();
        set.keys().next().unwrap().thumbprint().to_string()
    }

    /// A draft of a good proof for a GET of the resource with this token.
    pub(crate) fn proof(&self, token: &str) -> TestToken {
        let mut jwk = self.client.jwk();
        for member in ["kid", "alg", "use"] {
            jwk.as_object_mut().unwrap().remove(member);
        }
        let hash = digest::digest(&digest::SHA256, token.as_bytes());
        let draft = self.issuer.token("dpop+jwt").signed_by(&self.client).without_header("kid");
        let draft = draft.without("iss").without("exp").without("sub").without("aud");
        draft
            .header("jwk", jwk)
            .claim("iat", NOW)
            .claim("jti", "proof-1")
            .claim("htm", "GET")
            .claim("htu", RESOURCE)
            .claim("ath", base64url(hash.as_ref()))
    }
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// A GET of the resource.
pub(crate) fn request(headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::get("/mcp");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

pub(crate) fn bearer(token: &str) -> Request<()> {
    request(&[(AUTHORIZATION.as_str(), &format!("Bearer {token}"))])
}

pub(crate) fn with_proof(token: &str, proof: &str) -> Request<()> {
    request(&[(AUTHORIZATION.as_str(), &format!("DPoP {token}")), ("dpop", proof)])
}

pub(crate) fn authenticate(
    server: &ResourceServer<AccessTokenClaims>,
    request: &Request<()>,
) -> Result<Accepted<AccessTokenClaims>, Denied> {
    server.authenticate(&request.into())
}

/// The status, and the challenges without their descriptions.
#[track_caller]
pub(crate) fn told(denied: &Denied) -> (u16, Vec<String>) {
    let challenge = denied.challenge();
    (challenge.status().as_u16(), challenges(&challenge.headers()))
}

pub(crate) fn challenges(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all("www-authenticate").iter();
    values.map(|value| without_description(value.to_str().unwrap())).collect()
}

fn without_description(challenge: &str) -> String {
    let Some((before, rest)) = challenge.split_once("error_description=\"") else {
        return challenge.to_owned();
    };
    let (_, after) = rest.split_once('"').unwrap();
    format!("{before}{}", after.trim_start_matches(", "))
}

/// The codes of the checks that refused the token or the proof.
pub(crate) fn failing(denied: &Denied) -> Vec<String> {
    let checks = denied.refused().unwrap().checks();
    let failing = checks.filter(|check| check.outcome().reason().is_some());
    failing.map(|check| check.id().to_string()).collect()
}
