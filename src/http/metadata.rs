//! What a protected resource says of itself.

use serde::Serialize;

/// Protected resource metadata, made of the policy that tokens are held against
/// ([`ResourceServer::metadata`](super::ResourceServer::metadata)): it serialises to the document that
/// clients look for.
///
/// [RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2)
#[derive(Clone, Debug, Serialize)]
pub struct ProtectedResourceMetadata {
    pub(super) resource: Box<str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) authorization_servers: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) scopes_supported: Vec<Box<str>>,
    pub(super) bearer_methods_supported: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_name: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_documentation: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_policy_uri: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_tos_uri: Option<Box<str>>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) tls_client_certificate_bound_access_tokens: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) authorization_details_types_supported: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dpop_signing_alg_values_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) dpop_bound_access_tokens_required: bool,
}

impl ProtectedResourceMetadata {
    /// The resource identifier.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The issuers of the authorization servers whose tokens are accepted.
    pub fn authorization_servers(&self) -> impl Iterator<Item = &str> {
        self.authorization_servers.iter().map(|issuer| &**issuer)
    }

    /// The document, to be served as `application/json` with status 200.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The default of RFC 9728, which is left out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}
