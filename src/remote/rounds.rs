//! Rounds of requests: what to fetch next, when, and what each answer changes.
//!
//! This is a state machine. It does no I/O, and each call brings the time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::time::{Duration, OffsetDateTime};

use super::address::Address;
use super::cached_keys::{CachedKeys, JwksLocation, MetadataFailure};
use super::error::FetchError;
use super::fetch::{FetchAnswer, FetchRequest, Response};
use super::freshness::{DEFAULT_FRESH, lifetime};
use super::metadata;
use super::plan::{Place, Plan};
use super::round_step::RoundStep;
use super::schedule::Schedule;
use super::signal::Signal;
use super::update::{Status, Step, Update};
use crate::keys::{JwkSet, KeyStore, NoUsableKey, Replaced, WeakKeyStore};
use crate::time::Seconds;

pub(super) struct Rounds {
    plan: Plan,
    /// A caller that locks the state keeps the store alive for longer, because the end of the store wakes
    /// the driver.
    store: WeakKeyStore,
    pub(super) signal: Arc<Signal>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    schedule: Schedule,
    /// The next request of the current round.
    next: Option<RoundStep>,
    /// The request that is in flight.
    out: Option<Out>,
    location: Option<JwksLocation>,
    /// Why the first well-known URL gave no metadata, in this round.
    first_error: Option<FetchError>,
    metadata_failure: Option<MetadataFailure>,
    cached: Option<CachedKeys>,
    last_failure: Option<FetchError>,
}

struct Out {
    id: u64,
    step: RoundStep,
    conditional: bool,
    since: Seconds,
}

impl Rounds {
    pub(super) fn new(plan: Plan, store: &KeyStore, signal: Arc<Signal>) -> Self {
        Self { plan, store: store.downgrade(), signal, state: Mutex::default() }
    }

    pub(super) fn poll(&self, now: OffsetDateTime) -> Step {
        let _store = self.store.upgrade();
        let step = self.next_step(&mut self.state(), Seconds::at(now));
        // A waker may call back into the cache, so the state must be unlocked.
        self.signal.wake();
        step
    }

    fn next_step(&self, state: &mut State, now: Seconds) -> Step {
        let timeout = self.plan.request_timeout();
        // A clock that was set back a little does not give up a request.
        let is_alive = |out: &Out| now.since(out.since).saturating_abs() < timeout;
        if let Some(out) = state.out.take_if(|out| !is_alive(out)) {
            self.conclude(state, &out, Err(FetchError::GivenUp), now);
        }
        if let Some(out) = &state.out {
            return Step::WaitUntil(Seconds::nearest(out.since.plus(timeout)).to_moment());
        }
        let step = match state.next.take() {
            Some(step) => step,
            None => match self.begin_round(state, now) {
                Ok(step) => step,
                Err(due) => return Step::WaitUntil(due.to_moment()),
            },
        };
        Step::Fetch(self.request(state, step, now))
    }

    /// Returns the first request of a round, or the moment at which a round is due.
    fn begin_round(&self, state: &mut State, now: Seconds) -> Result<RoundStep, Seconds> {
        let cooldown = self.plan.cooldown;
        self.signal.begin_round(now, |requested| state.schedule.due(requested, cooldown, now))?;
        let issuer = match &self.plan.place {
            Place::Known(keys) => return Ok(RoundStep::Keys(keys.clone())),
            Place::Discovered(issuer) => issuer,
        };
        let failed = state.metadata_failure.as_ref();
        Ok(match Self::location(&mut state.location, self.plan.stale_for, now) {
            Some(location) if !location.is_due(failed, now) => {
                RoundStep::Keys(location.address.clone())
            }
            Some(_) | None => RoundStep::Oauth(issuer.clone()),
        })
    }

    /// Returns where the keys are, unless the metadata that says so is too old.
    fn location(
        location: &mut Option<JwksLocation>,
        stale_for: i64,
        now: Seconds,
    ) -> Option<&JwksLocation> {
        location.take_if(|location| location.is_too_old(stale_for, now));
        location.as_ref()
    }

    fn request(&self, state: &mut State, step: RoundStep, now: Seconds) -> FetchRequest {
        state.schedule.send(now);
        self.forget_foreign(state);
        let etag = state.cached.as_ref().and_then(|cached| cached.etag.clone());
        let request = FetchRequest {
            id: FetchRequest::next_id(),
            url: step.url(),
            accept: step.accept(),
            if_none_match: etag.filter(|_| step.is_keys()),
            body_limit: self.plan.limits.key_set_bytes,
            timeout: Duration::seconds(self.plan.timeout),
        };
        let conditional = request.if_none_match.is_some();
        state.out = Some(Out { id: request.id, step, conditional, since: now });
        request
    }

    /// Forgets what is known of the cached keys if a caller has replaced them in the store.
    fn forget_foreign(&self, state: &mut State) {
        let generation = self.store.upgrade().map(|store| store.generation());
        state.cached.take_if(|cached| Some(cached.generation) != generation);
    }

    pub(super) fn complete(
        &self,
        request: FetchRequest,
        answer: FetchAnswer,
        now: OffsetDateTime,
    ) -> Update {
        let _store = self.store.upgrade();
        let update = self.take(&mut self.state(), &request, answer, Seconds::at(now));
        self.signal.wake();
        update
    }

    fn take(
        &self,
        state: &mut State,
        request: &FetchRequest,
        answer: FetchAnswer,
        now: Seconds,
    ) -> Update {
        let Some(out) = state.out.take_if(|out| out.id == request.id) else {
            return Update::Ignored;
        };
        let limit = self.plan.limits.key_set_bytes;
        let outcome = match answer.outcome {
            Ok(response) if response.body.len() > limit => Err(FetchError::TooLong { most: limit }),
            Ok(response) => Ok(response),
            Err(failure) => Err(failure.error(limit, request.timeout)),
        };
        self.conclude(state, &out, outcome, now)
    }

    /// Applies the outcome of a request.
    fn conclude(
        &self,
        state: &mut State,
        out: &Out,
        outcome: Result<Response, FetchError>,
        now: Seconds,
    ) -> Update {
        // What the server said was true when it was asked, or later.
        let since = out.since.min(now);
        match &out.step {
            RoundStep::Keys(_) => {
                let taken = outcome.and_then(|response| {
                    self.take_keys(state, response, out.conditional, since, now)
                });
                match taken {
                    Ok(update) => update,
                    Err(error) => {
                        if let Some(location) = &mut state.location {
                            location.stale_location = true;
                        }
                        self.fail(state, error, now)
                    }
                }
            }
            RoundStep::Oauth(issuer) | RoundStep::Openid(issuer) => {
                match outcome
                    .and_then(|response| self.take_metadata(state, &response, issuer, since))
                {
                    Ok(keys) => {
                        state.next = Some(keys);
                        Update::InProgress { error: None }
                    }
                    Err(error) => self.skip_metadata(state, &out.step, error, now),
                }
            }
        }
    }

    /// Puts the keys of a response into the store, if any of them can be used.
    fn take_keys(
        &self,
        state: &mut State,
        response: Response,
        conditional: bool,
        since: Seconds,
        now: Seconds,
    ) -> Result<Update, FetchError> {
        let store = self.store.upgrade().ok_or(FetchError::GivenUp)?;
        self.forget_foreign(state);
        let (had_no_keys, stale_for) = (!store.is_usable(now), self.plan.stale_for);
        let stated = lifetime(response.cache_control.as_deref(), response.age.as_deref());
        if let Some(cached) = state.cached.as_mut() {
            let same = response.status == 200 && *cached.text == *response.body;
            let not_modified = response.status == 304 && conditional;
            if same || not_modified {
                // <https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4>
                let before = if not_modified { cached.lifetime } else { DEFAULT_FRESH };
                cached.etag = response.etag.or_else(|| cached.etag.take().filter(|_| not_modified));
                cached.keep(stated.unwrap_or(before), stale_for, since);
                store.keep_within(cached.usable());
                let usable_until = cached.usable_until.to_moment();
                if had_no_keys {
                    self.signal.keys_arrived(had_no_keys, now);
                }
                let metadata = self.succeed(state, since);
                return Ok(Update::Unchanged { usable_until, metadata });
            }
        }
        expect_ok(&response)?;
        let set =
            JwkSet::from_json_within(&response.body, &self.plan.limits).map_err(FetchError::Set)?;
        let fresh_for = stated.unwrap_or(DEFAULT_FRESH);
        let mut next = CachedKeys::new(response.body, response.etag, fresh_for, stale_for, since);
        let Replaced { report, generation } = match store.replace_if_usable(&set, next.usable()) {
            Ok(replaced) => replaced,
            Err(NoUsableKey(report)) => {
                // An empty set is more often an accident than a revocation. A set of other keys is none.
                if let Some(cached) = state.cached.as_mut().filter(|_| !report.skipped().is_empty())
                {
                    cached.retire(stale_for, since);
                    store.keep_within(cached.usable());
                }
                return Err(FetchError::NoUsableKey { report });
            }
        };
        let usable_until = next.usable_until.to_moment();
        next.generation = generation;
        state.cached = Some(next);
        self.signal.keys_arrived(had_no_keys, now);
        let metadata = self.succeed(state, since);
        Ok(Update::Replaced { generation, report, usable_until, metadata })
    }

    /// Ends a round that brought keys. Returns why there is no metadata, if it could not be read.
    fn succeed(&self, state: &mut State, since: Seconds) -> Option<FetchError> {
        let lifetime = state.cached.as_ref().map_or(DEFAULT_FRESH, |cached| cached.lifetime);
        state.schedule.succeed(since, lifetime);
        state.last_failure = None;
        // Before waiters wake, because they appraise their tokens again.
        if let Some(store) = self.store.upgrade() {
            store.refreshed(since);
        }
        if let Some(location) = &mut state.location {
            location.stale_location = false;
        }
        self.signal.end_round();
        state.metadata_failure.as_ref().map(|failed| failed.error.clone())
    }

    /// Reads where the keys are. They are next.
    fn take_metadata(
        &self,
        state: &mut State,
        response: &Response,
        issuer: &Address,
        since: Seconds,
    ) -> Result<RoundStep, FetchError> {
        expect_ok(response)?;
        // Only an issuer on the loopback may refer to HTTP.
        let http = !issuer.is_https();
        let Plan { issuer, limits, .. } = &self.plan;
        let address = metadata::read_jwks_uri(&response.body, issuer, limits, http)?;
        let moved = state.location.as_ref().is_none_or(|before| before.address != address);
        if let Some(cached) = state.cached.as_mut().filter(|_| moved) {
            // An entity tag belongs to one URL.
            cached.etag = None;
        }
        state.location =
            Some(JwksLocation { address: address.clone(), since, stale_location: false });
        (state.first_error, state.metadata_failure) = (None, None);
        Ok(RoundStep::Keys(address))
    }

    /// Goes on without this metadata: to the second well-known URL, or to the known location of the keys.
    fn skip_metadata(
        &self,
        state: &mut State,
        step: &RoundStep,
        error: FetchError,
        now: Seconds,
    ) -> Update {
        if let Some(second) = step.fallback(&error) {
            state.first_error = Some(error.clone());
            state.next = Some(second);
            return Update::InProgress { error: Some(error) };
        }
        // The first error says more than that there is nothing at the second URL.
        let first = state.first_error.take().filter(|_| error.is_missing());
        let error = first.unwrap_or(error);
        state.metadata_failure = Some(MetadataFailure { error: error.clone(), at: now });
        match Self::location(&mut state.location, self.plan.stale_for, now) {
            Some(location) => {
                state.next = Some(RoundStep::Keys(location.address.clone()));
                Update::InProgress { error: Some(error) }
            }
            None => self.fail(state, error, now),
        }
    }

    /// Ends a round that brought no keys.
    fn fail(&self, state: &mut State, error: FetchError, now: Seconds) -> Update {
        state.schedule.fail(now);
        state.last_failure = Some(error.clone());
        if let Some(store) = self.store.upgrade() {
            store.refresh_failed();
        }
        self.signal.end_round();
        let usable_until = state.cached.as_ref().map(|cached| cached.usable_until.to_moment());
        Update::Kept { error, usable_until }
    }

    pub(super) fn status(&self, now: OffsetDateTime) -> Status {
        let store = self.store.upgrade();
        let state = self.state();
        let cached = state.cached.as_ref();
        Status {
            generation: store.as_ref().map(KeyStore::generation).unwrap_or_default(),
            report: store.as_ref().map(KeyStore::report).unwrap_or_default(),
            fresh_until: cached.map(|cached| cached.fresh_until.to_moment()),
            usable_until: cached.map(|cached| cached.usable_until.to_moment()),
            usable: store.as_ref().is_some_and(|store| store.is_usable(Seconds::at(now))),
            last_failure: state.last_failure.clone(),
            failures: state.schedule.failures(),
            metadata_failure: state.metadata_failure.as_ref().map(|failed| failed.error.clone()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        self.signal.close();
    }
}

fn expect_ok(response: &Response) -> Result<(), FetchError> {
    match response.status {
        200 => Ok(()),
        status @ (300..=303 | 305..=399) => Err(FetchError::Redirected { status }),
        status => Err(FetchError::Status { status }),
    }
}
