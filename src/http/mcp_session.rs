//! Ids of MCP sessions, bound to their callers without being remembered.

use ::http::{HeaderMap, HeaderName, HeaderValue};

use super::error::ResourceServerError;
use crate::appraisal::Accepted;
use crate::authorization::AuthorizationClaims;
use crate::base64url;
use crate::crypto::{CryptoProvider, OwnSecret};

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// What binds ids to callers: `id.tag`, where the tag is a MAC over the caller and the id.
pub(super) struct Sessions(OwnSecret);

impl Sessions {
    pub(super) fn of_this_process(
        provider: &'static CryptoProvider,
    ) -> Result<Self, ResourceServerError> {
        let secret = OwnSecret::random(provider);
        secret.map(Self).map_err(|_| ResourceServerError::NoRandomness)
    }

    pub(super) fn under(key: [u8; 32], provider: &'static CryptoProvider) -> Self {
        Self(OwnSecret::new(provider, key))
    }

    /// The id that the service gives out is bound to the caller, or not given out.
    pub(super) fn bind<C: AuthorizationClaims>(
        &self,
        headers: &mut HeaderMap,
        caller: &Accepted<C>,
    ) {
        let Some(id) = headers.remove(SESSION_ID) else {
            return;
        };
        let bound = id.to_str().ok().zip(owner(caller)).and_then(|(id, owner)| {
            let tag = self.0.tag(&message(&owner, id));
            HeaderValue::try_from(format!("{id}.{}", base64url::encode(&tag))).ok()
        });
        if let Some(bound) = bound {
            headers.insert(SESSION_ID, bound);
        }
    }

    /// The id that the caller shows becomes the service's own again; `false` if it is not the caller's.
    pub(super) fn unbind<C: AuthorizationClaims>(
        &self,
        headers: &mut HeaderMap,
        caller: &Accepted<C>,
    ) -> bool {
        let shown = headers.get_all(SESSION_ID).iter().count();
        if shown == 0 {
            return true;
        }
        let bound = headers.get(SESSION_ID).filter(|_| shown == 1);
        let id = bound.and_then(|bound| self.own_id(bound, &owner(caller)?));
        id.is_some_and(|id| headers.insert(SESSION_ID, id).is_some())
    }

    fn own_id(&self, bound: &HeaderValue, owner: &str) -> Option<HeaderValue> {
        let (id, tag) = bound.to_str().ok()?.rsplit_once('.')?;
        let tag = base64url::decode(tag).ok()?;
        let own = self.0.made(&message(owner, id), &tag);
        HeaderValue::try_from(id).ok().filter(|_| own)
    }
}

/// The caller, each part after its length, so that no two differ by where one ends.
fn owner<C: AuthorizationClaims>(caller: &Accepted<C>) -> Option<String> {
    let (issuer, sub) = (caller.issuer().as_str(), caller.claims().sub()?);
    Some(format!("{}:{issuer}{}:{sub}", issuer.len(), sub.len()))
}

fn message(owner: &str, id: &str) -> String {
    format!("mcp-session-id:{owner}{id}")
}
