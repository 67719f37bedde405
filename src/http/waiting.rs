//! Requests that wait for keys which are being fetched: a bounded number.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::denied::Denied;
use super::request::RequestHead;
use super::resource_server::ResourceServer;
use super::shared::Shared;

/// Whoever can send a token with an unknown key can make a request wait, so not more than these do.
const MOST_WAITING: usize = 1_000;

/// What ends when the keys have been fetched.
pub(super) type Fetched = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One of the places to wait in.
pub(super) struct Turn<C>(Arc<Shared<C>>);

/// Whether a request may wait.
pub(super) enum Place<C> {
    Free(Turn<C>, Fetched),
    /// All places are taken: nobody knows whether the token is good.
    Taken,
    /// There is nothing to wait for.
    Needless,
}

impl<C, R> ResourceServer<C, R> {
    pub(super) fn place_to_wait(&self, request: &RequestHead<'_>, denied: &Denied) -> Place<C> {
        let Some(fetched) = self.pending_refresh(request, denied) else {
            return Place::Needless;
        };
        let before = self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        let turn = Turn(Arc::clone(&self.shared));
        if before < MOST_WAITING { Place::Free(turn, fetched) } else { Place::Taken }
    }
}

impl<C> Drop for Turn<C> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
