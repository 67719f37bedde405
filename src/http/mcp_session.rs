//! Ids of MCP sessions, bound to their callers without being remembered.

use ::http::{HeaderMap, HeaderName, HeaderValue};

use super::error::ResourceServerError;
use crate::appraisal::Accepted;
use crate::base64url;
use crate::crypto::{CryptoProvider, ServerMac};

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// What binds ids to callers: `id.tag`, where the tag is a MAC over the resource, the caller and the id.
pub(super) struct Sessions {
    secret: ServerMac,
    resource: Box<str>,
}

impl Sessions {
    /// Binds the sessions of a resource under a random key.
    pub(super) fn random(
        provider: &'static CryptoProvider,
        resource: &str,
    ) -> Result<Self, ResourceServerError> {
        let secret = ServerMac::random(provider);
        let secret = secret.map_err(|_| ResourceServerError::NoRandomness)?;
        Ok(Self { secret, resource: resource.into() })
    }

    /// Binds the sessions of a resource under a key.
    pub(super) fn under(key: [u8; 32], provider: &'static CryptoProvider, resource: &str) -> Self {
        Self { secret: ServerMac::new(provider, key), resource: resource.into() }
    }

    /// The id that the service gives out is bound to the caller, or not given out.
    pub(super) fn bind<C>(&self, headers: &mut HeaderMap, caller: &Accepted<C>) {
        let Some(id) = headers.remove(SESSION_ID) else {
            return;
        };
        let bound = id.to_str().ok().zip(caller.caller_id()).and_then(|(id, owner)| {
            let tag = self.secret.tag(&self.message(&owner, id));
            HeaderValue::try_from(format!("{id}.{}", base64url::encode(&tag))).ok()
        });
        if let Some(bound) = bound {
            headers.insert(SESSION_ID, bound);
        }
    }

    /// The id that the caller shows becomes the service's own again; `false` if it is not the caller's.
    pub(super) fn unbind<C>(&self, headers: &mut HeaderMap, caller: &Accepted<C>) -> bool {
        let shown = headers.get_all(SESSION_ID).iter().count();
        if shown == 0 {
            return true;
        }
        let bound = headers.get(SESSION_ID).filter(|_| shown == 1);
        let id = bound.and_then(|bound| self.own_id(bound, &caller.caller_id()?));
        id.is_some_and(|id| headers.insert(SESSION_ID, id).is_some())
    }

    fn own_id(&self, bound: &HeaderValue, owner: &str) -> Option<HeaderValue> {
        let (id, tag) = bound.to_str().ok()?.rsplit_once('.')?;
        let tag = base64url::decode(tag).ok()?;
        let own = self.secret.made(&self.message(owner, id), &tag);
        HeaderValue::try_from(id).ok().filter(|_| own)
    }

    fn message(&self, owner: &str, id: &str) -> String {
        format!("mcp-session-id:{}:{}{owner}{id}", self.resource.len(), self.resource)
    }
}
