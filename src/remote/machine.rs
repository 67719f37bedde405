//! The state machine: rounds of requests, one at a time, and when the next one begins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::time::{Duration, OffsetDateTime};

use super::address::Address;
use super::desk::Desk;
use super::fault::FetchFault;
use super::fetch::{FetchAnswer, FetchRequest, Response};
use super::freshness::{DEFAULT_FRESH, lifetime};
use super::held::{Located, MetadataFailure, Present};
use super::metadata;
use super::schedule::Schedule;
use super::stage::Stage;
use super::update::{Status, Step, Update};
use crate::keys::{JwkSet, KeyStore, WeakKeyStore};
use crate::limits::Limits;
use crate::names::Issuer;
use crate::time::Seconds;

/// After its time, a request has so many seconds to be handed in before it is given up.
const MARGIN: i64 = 5;

/// What a machine was built with.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) issuer: Issuer,
    pub(super) place: Place,
    pub(super) stale_for: i64,
    pub(super) cooldown: i64,
    pub(super) timeout: i64,
    pub(super) limits: Limits,
}

/// Where the keys are, as far as the caller said.
#[derive(Debug)]
pub(super) enum Place {
    /// Where the issuer's metadata says; the address is the issuer's name.
    Discovered(Address),
    Known(Address),
}

impl Plan {
    /// How long a request may be out.
    fn patience(&self) -> i64 {
        self.timeout.saturating_add(MARGIN)
    }

    /// How long all the requests of a round may.
    pub(super) fn patience_of_round(&self) -> i64 {
        let requests = match self.place {
            Place::Discovered(_) => 3,
            Place::Known(_) => 1,
        };
        self.patience().saturating_mul(requests)
    }
}

pub(super) struct Machine {
    plan: Plan,
    /// Whoever locks the state holds the store for longer: its end calls the driver.
    store: WeakKeyStore,
    pub(super) desk: Arc<Desk>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    schedule: Schedule,
    /// The next request of the round that is under way.
    next: Option<Stage>,
    /// The request that is out.
    out: Option<Out>,
    located: Option<Located>,
    /// What was wrong with the first well-known place, in this round.
    passed_over: Option<FetchFault>,
    metadata_failure: Option<MetadataFailure>,
    present: Option<Present>,
    last_failure: Option<FetchFault>,
}

struct Out {
    id: u64,
    stage: Stage,
    conditional: bool,
    since: Seconds,
}

impl Machine {
    pub(super) fn new(plan: Plan, store: &KeyStore, desk: Arc<Desk>) -> Self {
        Self { plan, store: store.downgrade(), desk, state: Mutex::default() }
    }

    pub(super) fn poll(&self, now: OffsetDateTime) -> Step {
        let _store = self.store.upgrade();
        let step = self.step(&mut self.state(), Seconds::at(now));
        // Whoever is woken may come back here, so not before the state is free.
        self.desk.wake();
        step
    }

    fn step(&self, state: &mut State, now: Seconds) -> Step {
        let patience = self.plan.patience();
        // A clock that was set back a little gives nothing up.
        let is_alive = |out: &Out| now.since(out.since).saturating_abs() < patience;
        if let Some(out) = state.out.take_if(|out| !is_alive(out)) {
            self.conclude(state, &out, Err(FetchFault::GivenUp), now);
        }
        if let Some(out) = &state.out {
            return Step::WaitUntil(Seconds::nearest(out.since.plus(patience)).to_moment());
        }
        let stage = match state.next.take() {
            Some(stage) => stage,
            None => match self.begin_round(state, now) {
                Ok(stage) => stage,
                Err(due) => return Step::WaitUntil(due.to_moment()),
            },
        };
        Step::Fetch(self.request(state, stage, now))
    }

    /// The first request of a round, or when one is due.
    fn begin_round(&self, state: &mut State, now: Seconds) -> Result<Stage, Seconds> {
        let cooldown = self.plan.cooldown;
        self.desk.begin_round(now, |wanted| state.schedule.due(wanted, cooldown, now))?;
        let issuer = match &self.plan.place {
            Place::Known(keys) => return Ok(Stage::Keys(keys.clone())),
            Place::Discovered(issuer) => issuer,
        };
        let failed = state.metadata_failure.as_ref();
        Ok(match Self::located(&mut state.located, self.plan.stale_for, now) {
            Some(located) if !located.is_due(failed, now) => Stage::Keys(located.address.clone()),
            Some(_) | None => Stage::Oauth(issuer.clone()),
        })
    }

    /// Where the keys are, unless that was said too long ago.
    fn located(located: &mut Option<Located>, stale_for: i64, now: Seconds) -> Option<&Located> {
        located.take_if(|located| located.is_too_old(stale_for, now));
        located.as_ref()
    }

    fn request(&self, state: &mut State, stage: Stage, now: Seconds) -> FetchRequest {
        state.schedule.send(now);
        self.forget_foreign(state);
        let etag = state.present.as_ref().and_then(|present| present.etag.clone());
        let request = FetchRequest {
            id: FetchRequest::next_id(),
            url: stage.url(),
            accept: stage.accept(),
            if_none_match: etag.filter(|_| stage.is_keys()),
            body_limit: self.plan.limits.key_set_bytes,
            timeout: Duration::seconds(self.plan.timeout),
        };
        let conditional = request.if_none_match.is_some();
        state.out = Some(Out { id: request.id, stage, conditional, since: now });
        request
    }

    /// Somebody else put other keys into the store: what is known of those of before is no use.
    fn forget_foreign(&self, state: &mut State) {
        let generation = self.store.upgrade().map(|store| store.generation());
        state.present.take_if(|present| Some(present.generation) != generation);
    }

    pub(super) fn complete(
        &self,
        request: FetchRequest,
        answer: FetchAnswer,
        now: OffsetDateTime,
    ) -> Update {
        let _store = self.store.upgrade();
        let update = self.take(&mut self.state(), &request, answer, Seconds::at(now));
        self.desk.wake();
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
        let came = match answer.came {
            Ok(response) if response.body.len() > limit => Err(FetchFault::TooLong { most: limit }),
            Ok(response) => Ok(response),
            Err(failure) => Err(failure.fault(limit, request.timeout)),
        };
        self.conclude(state, &out, came, now)
    }

    /// A request has come to something.
    fn conclude(
        &self,
        state: &mut State,
        out: &Out,
        came: Result<Response, FetchFault>,
        now: Seconds,
    ) -> Update {
        // What the server said was so when it was asked, or later.
        let since = out.since.min(now);
        match &out.stage {
            Stage::Keys(_) => {
                let taken =
                    came.and_then(|came| self.take_keys(state, came, out.conditional, since, now));
                match taken {
                    Ok(update) => update,
                    Err(fault) => {
                        if let Some(located) = &mut state.located {
                            located.doubted = true;
                        }
                        self.fail(state, fault, now)
                    }
                }
            }
            Stage::Oauth(issuer) | Stage::Openid(issuer) => {
                match came.and_then(|came| self.take_metadata(state, &came, issuer, since)) {
                    Ok(keys) => {
                        state.next = Some(keys);
                        Update::Underway { fault: None }
                    }
                    Err(fault) => self.pass_over(state, &out.stage, fault, now),
                }
            }
        }
    }

    /// The keys of an answer go into the store, if any of them can be used.
    fn take_keys(
        &self,
        state: &mut State,
        came: Response,
        conditional: bool,
        since: Seconds,
        now: Seconds,
    ) -> Result<Update, FetchFault> {
        let store = self.store.upgrade().ok_or(FetchFault::GivenUp)?;
        self.forget_foreign(state);
        let (lacked, stale_for) = (!store.is_usable(now), self.plan.stale_for);
        let stated = lifetime(came.cache_control.as_deref(), came.age.as_deref());
        if let Some(present) = state.present.as_mut() {
            let same = came.status == 200 && *present.text == *came.body;
            let not_modified = came.status == 304 && conditional;
            if same || not_modified {
                // <https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4>
                let before = if not_modified { present.lifetime } else { DEFAULT_FRESH };
                present.etag = came.etag.or_else(|| present.etag.take().filter(|_| not_modified));
                present.keep(stated.unwrap_or(before), stale_for, since);
                store.keep_within(present.usable());
                let usable_until = present.usable_until.to_moment();
                if lacked {
                    self.desk.announce(lacked, now);
                }
                let metadata = self.succeed(state, since);
                return Ok(Update::Unchanged { usable_until, metadata });
            }
        }
        expect_ok(&came)?;
        let set =
            JwkSet::from_json_within(&came.body, &self.plan.limits).map_err(FetchFault::Set)?;
        let fresh_for = stated.unwrap_or(DEFAULT_FRESH);
        let mut next = Present::new(came.body, came.etag, fresh_for, stale_for, since);
        let (report, generation) = match store.replace_if_usable(&set, next.usable()) {
            Ok(replaced) => replaced,
            Err(report) => {
                // An empty set is more often an accident than a revocation; other keys are not.
                if let Some(present) =
                    state.present.as_mut().filter(|_| !report.skipped().is_empty())
                {
                    present.retire(stale_for, since);
                    store.keep_within(present.usable());
                }
                return Err(FetchFault::NoUsableKey(report));
            }
        };
        let usable_until = next.usable_until.to_moment();
        next.generation = generation;
        state.present = Some(next);
        self.desk.announce(lacked, now);
        let metadata = self.succeed(state, since);
        Ok(Update::Replaced { generation, report, usable_until, metadata })
    }

    /// The round brought keys; and why no metadata, if it can not be had.
    fn succeed(&self, state: &mut State, since: Seconds) -> Option<FetchFault> {
        let lifetime = state.present.as_ref().map_or(DEFAULT_FRESH, |present| present.lifetime);
        state.schedule.succeed(since, lifetime);
        state.last_failure = None;
        if let Some(located) = &mut state.located {
            located.doubted = false;
        }
        self.desk.end_round();
        state.metadata_failure.as_ref().map(|failed| failed.fault.clone())
    }

    /// Metadata of this issuer says where the keys are, which are next.
    fn take_metadata(
        &self,
        state: &mut State,
        came: &Response,
        issuer: &Address,
        since: Seconds,
    ) -> Result<Stage, FetchFault> {
        expect_ok(came)?;
        // Only an issuer of the loopback sends anybody there without TLS.
        let http = !issuer.is_https();
        let Plan { issuer, limits, .. } = &self.plan;
        let address = metadata::read_jwks_uri(&came.body, issuer, limits, http)?;
        let moved = state.located.as_ref().is_none_or(|before| before.address != address);
        if let Some(present) = state.present.as_mut().filter(|_| moved) {
            // An entity tag means something at its own place alone.
            present.etag = None;
        }
        state.located = Some(Located { address: address.clone(), since, doubted: false });
        (state.passed_over, state.metadata_failure) = (None, None);
        Ok(Stage::Keys(address))
    }

    /// There is no use for this metadata: on to the other place, or to where the keys were before.
    fn pass_over(
        &self,
        state: &mut State,
        stage: &Stage,
        fault: FetchFault,
        now: Seconds,
    ) -> Update {
        if let Some(second) = stage.second_place(&fault) {
            state.passed_over = Some(fault.clone());
            state.next = Some(second);
            return Update::Underway { fault: Some(fault) };
        }
        // What was wrong at the first place says more than that there is nothing at the second.
        let first = state.passed_over.take().filter(|_| fault.is_missing());
        let fault = first.unwrap_or(fault);
        state.metadata_failure = Some(MetadataFailure { fault: fault.clone(), at: now });
        match Self::located(&mut state.located, self.plan.stale_for, now) {
            Some(located) => {
                state.next = Some(Stage::Keys(located.address.clone()));
                Update::Underway { fault: Some(fault) }
            }
            None => self.fail(state, fault, now),
        }
    }

    /// The round brought nothing.
    fn fail(&self, state: &mut State, fault: FetchFault, now: Seconds) -> Update {
        state.schedule.fail(now);
        state.last_failure = Some(fault.clone());
        self.desk.end_round();
        let usable_until = state.present.as_ref().map(|present| present.usable_until.to_moment());
        Update::Kept { fault, usable_until }
    }

    pub(super) fn status(&self, now: OffsetDateTime) -> Status {
        let store = self.store.upgrade();
        let state = self.state();
        let present = state.present.as_ref();
        Status {
            generation: store.as_ref().map(KeyStore::generation).unwrap_or_default(),
            report: store.as_ref().map(KeyStore::report).unwrap_or_default(),
            fresh_until: present.map(|present| present.fresh_until.to_moment()),
            usable_until: present.map(|present| present.usable_until.to_moment()),
            usable: store.as_ref().is_some_and(|store| store.is_usable(Seconds::at(now))),
            last_failure: state.last_failure.clone(),
            failures: state.schedule.failures(),
            metadata_failure: state.metadata_failure.as_ref().map(|failed| failed.fault.clone()),
        }
    }

    /// Whether anybody uses the keys.
    #[cfg(feature = "remote")]
    pub(super) fn is_used(&self) -> bool {
        self.store.upgrade().is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.desk.close();
    }
}

fn expect_ok(came: &Response) -> Result<(), FetchFault> {
    match came.status {
        200 => Ok(()),
        status @ (300..=303 | 305..=399) => Err(FetchFault::Redirected { status }),
        status => Err(FetchFault::Status { status }),
    }
}
