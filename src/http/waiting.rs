//! Requests that wait for keys which are being fetched: a bounded number.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::de::DeserializeOwned;

use super::denied::Denied;
use super::request::RequestHead;
use super::resource_server::{ResourceServer, Shared};
use crate::authorization::AuthorizationClaims;

/// Whoever can send a token with an unknown key can make a request wait, so not more than these do.
const MOST_WAITING: usize = 1_000;

/// What ends when the keys have been fetched.
pub(super) type Fetched = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One of the places to wait in.
pub(super) struct Turn<C>(Arc<Shared<C>>);

impl<C: DeserializeOwned + AuthorizationClaims> ResourceServer<C> {
    /// A place to wait in and what to wait for, if a denied request has something to wait for.
    pub(super) fn turn_to_wait(
        &self,
        request: &RequestHead<'_>,
        denied: &Denied,
    ) -> Option<(Turn<C>, Fetched)> {
        let fetched = self.keys_under_way(request, denied)?;
        let before = self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        let turn = Turn(Arc::clone(&self.shared));
        (before < MOST_WAITING).then_some((turn, fetched))
    }
}

impl<C> Drop for Turn<C> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
