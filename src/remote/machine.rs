//! The state machine: rounds of requests, one at a time, and when the next one begins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::time::{Duration, OffsetDateTime};

use super::address::Address;
use super::desk::Desk;
use super::fault::FetchFault;
use super::fetch::{FetchAnswer, FetchRequest, Response};
use super::freshness::{DEFAULT_FRESH, lifetime};
use super::metadata;
use super::schedule::Schedule;
use super::stage::Stage;
use super::update::{Status, Step, Update};
use crate::keys::{JwkSet, KeyReport, KeyStore, WeakKeyStore};
use crate::limits::Limits;
use crate::names::Issuer;
use crate::time::Seconds;

/// After its time, a request has so many seconds to be handed in before it is given up.
const MARGIN: i64 = 5;
/// Where the keys are is asked for again after so many seconds.
const METADATA_FRESH: i64 = 24 * 60 * 60;

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

pub(super) struct Machine {
    plan: Plan,
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
    /// Where the keys are, by the issuer's metadata.
    located: Option<Located>,
    /// What was wrong with the first well-known place, in this round.
    passed_over: Option<FetchFault>,
    present: Option<Present>,
    last_failure: Option<FetchFault>,
}

struct Out {
    id: u64,
    stage: Stage,
    since: Seconds,
}

struct Located {
    address: Address,
    since: Seconds,
}

/// The keys that are in the store, as they came.
struct Present {
    text: Box<[u8]>,
    etag: Option<Arc<str>>,
    lifetime: i64,
    fresh_until: Seconds,
    usable_until: Seconds,
}

impl Machine {
    pub(super) fn new(plan: Plan, store: &KeyStore, desk: Arc<Desk>) -> Self {
        Self { plan, store: store.downgrade(), desk, state: Mutex::default() }
    }

    pub(super) fn poll(&self, now: OffsetDateTime) -> Step {
        let now = Seconds::at(now);
        let mut state = self.state();
        if let Some(out) = &state.out {
            let waited = now.since(out.since);
            let patience = self.plan.timeout.saturating_add(MARGIN);
            if (0..patience).contains(&waited) {
                return Step::WaitUntil(Seconds::nearest(out.since.plus(patience)).to_moment());
            }
            state.out = None;
            self.fail(&mut state, FetchFault::GivenUp, now);
        }
        let stage = match state.next.take() {
            Some(stage) => stage,
            None => match self.begin_round(&mut state, now) {
                Ok(stage) => stage,
                Err(due) => return Step::WaitUntil(due.to_moment()),
            },
        };
        Step::Fetch(self.request(&mut state, stage, now))
    }

    /// The first request of a round, or when one is due.
    fn begin_round(&self, state: &mut State, now: Seconds) -> Result<Stage, Seconds> {
        self.desk.begin_round(|wanted| {
            let due = state.schedule.due(wanted, self.plan.cooldown, now);
            if now < due { Err(due) } else { Ok(()) }
        })?;
        state.schedule.begin(now);
        Ok(match (&self.plan.place, &state.located) {
            (Place::Known(keys), _) => Stage::Keys(keys.clone()),
            (Place::Discovered(_), Some(located)) if located.is_fresh(now) => {
                Stage::Keys(located.address.clone())
            }
            (Place::Discovered(issuer), _) => Stage::Oauth(issuer.clone()),
        })
    }

    fn request(&self, state: &mut State, stage: Stage, now: Seconds) -> FetchRequest {
        let etag = state.present.as_ref().and_then(|present| present.etag.clone());
        let request = FetchRequest {
            id: FetchRequest::next_id(),
            url: stage.url(),
            accept: stage.accept(),
            if_none_match: etag.filter(|_| stage.is_keys()),
            body_limit: self.plan.limits.key_set_bytes,
            timeout: Duration::seconds(self.plan.timeout),
        };
        state.out = Some(Out { id: request.id, stage, since: now });
        request
    }

    pub(super) fn complete(
        &self,
        request: FetchRequest,
        answer: FetchAnswer,
        now: OffsetDateTime,
    ) -> Update {
        let now = Seconds::at(now);
        let mut state = self.state();
        let Some(out) = state.out.take_if(|out| out.id == request.id) else {
            return Update::Ignored;
        };
        let limit = self.plan.limits.key_set_bytes;
        let came = match answer.came {
            Ok(response) if response.body.len() > limit => Err(FetchFault::TooLong { most: limit }),
            Ok(response) => Ok(response),
            Err(failure) => Err(failure.fault(limit, request.timeout)),
        };
        // What the server said was so when it was asked, or later.
        let since = out.since.min(now);
        match &out.stage {
            Stage::Keys(_) => {
                let conditional = request.if_none_match.is_some();
                self.complete_keys(&mut state, came, conditional, since, now)
            }
            Stage::Oauth(issuer) | Stage::Openid(issuer) => {
                let taken =
                    came.and_then(|came| self.take_metadata(&mut state, &came, issuer, since));
                match taken {
                    Ok(keys) => {
                        state.next = Some(keys);
                        Update::Underway { fault: None }
                    }
                    Err(fault) => self.pass_over(&mut state, &out.stage, fault, now),
                }
            }
        }
    }

    fn complete_keys(
        &self,
        state: &mut State,
        came: Result<Response, FetchFault>,
        conditional: bool,
        since: Seconds,
        now: Seconds,
    ) -> Update {
        let lacked = state.present.as_ref().is_none_or(|keys| keys.usable_until < now);
        match came.and_then(|came| self.take_keys(state, came, conditional, since)) {
            Ok(update) => {
                state.last_failure = None;
                if lacked {
                    self.desk.satisfy();
                }
                self.desk.end_round();
                update
            }
            Err(fault) => self.fail(state, fault, now),
        }
    }

    /// The keys of an answer go into the store, if any of them can be used.
    fn take_keys(
        &self,
        state: &mut State,
        came: Response,
        conditional: bool,
        since: Seconds,
    ) -> Result<Update, FetchFault> {
        let store = self.store.upgrade().ok_or(FetchFault::GivenUp)?;
        let stated = lifetime(came.cache_control.as_deref(), came.age.as_deref());
        if let Some(present) = state.present.as_mut() {
            let same = came.status == 200 && *present.text == *came.body;
            let not_modified = came.status == 304 && conditional;
            if same || not_modified {
                // <https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4>
                let before = if not_modified { present.lifetime } else { DEFAULT_FRESH };
                present.etag = came.etag.or_else(|| present.etag.take().filter(|_| not_modified));
                present.keep(stated.unwrap_or(before), self.plan.stale_for, since);
                state.schedule.succeed(since, present.lifetime);
                let usable_until = present.usable_until.to_moment();
                store.keep_until(usable_until);
                return Ok(Update::Unchanged { usable_until });
            }
        }
        expect_ok(&came)?;
        let set =
            JwkSet::from_json_within(&came.body, &self.plan.limits).map_err(FetchFault::Set)?;
        let mut present = Present {
            text: came.body.into(),
            etag: came.etag,
            lifetime: 0,
            fresh_until: since,
            usable_until: since,
        };
        present.keep(stated.unwrap_or(DEFAULT_FRESH), self.plan.stale_for, since);
        let usable_until = present.usable_until.to_moment();
        let replaced = store.replace_if_usable(&set, usable_until);
        let report: KeyReport = replaced.map_err(FetchFault::NoUsableKey)?;
        state.schedule.succeed(since, present.lifetime);
        state.present = Some(present);
        Ok(Update::Replaced { generation: store.generation(), report, usable_until })
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
        state.located = Some(Located { address: address.clone(), since });
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
        let before = state.located.as_ref().map(|located| Stage::Keys(located.address.clone()));
        state.next = stage.second_place(&fault).or(before);
        if state.next.is_some() {
            state.passed_over = Some(fault.clone());
            return Update::Underway { fault: Some(fault) };
        }
        // What was wrong at the first place says more than that there is nothing at the second.
        let first = state.passed_over.take().filter(|_| fault.is_missing());
        self.fail(state, first.unwrap_or(fault), now)
    }

    /// The round brought nothing.
    fn fail(&self, state: &mut State, fault: FetchFault, now: Seconds) -> Update {
        state.schedule.fail(now);
        if fault.is_missing() {
            // The keys are no longer where the metadata said.
            state.located = None;
        }
        state.last_failure = Some(fault.clone());
        self.desk.end_round();
        let usable_until = state.present.as_ref().map(|present| present.usable_until.to_moment());
        Update::Kept { fault, usable_until }
    }

    pub(super) fn status(&self, now: OffsetDateTime) -> Status {
        let state = self.state();
        let store = self.store.upgrade();
        let present = state.present.as_ref();
        Status {
            generation: store.as_ref().map(KeyStore::generation).unwrap_or_default(),
            report: store.as_ref().map(KeyStore::report).unwrap_or_default(),
            fresh_until: present.map(|present| present.fresh_until.to_moment()),
            usable_until: present.map(|present| present.usable_until.to_moment()),
            usable: present.is_some_and(|present| Seconds::at(now) <= present.usable_until),
            last_failure: state.last_failure.clone(),
            failures: state.schedule.failures(),
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

impl Located {
    fn is_fresh(&self, now: Seconds) -> bool {
        now.since(self.since).saturating_abs() < METADATA_FRESH
    }
}

impl Present {
    fn keep(&mut self, lifetime: i64, stale_for: i64, since: Seconds) {
        self.lifetime = lifetime;
        self.fresh_until = Seconds::nearest(since.plus(lifetime));
        self.usable_until = Seconds::nearest(self.fresh_until.plus(stale_for));
    }
}

fn expect_ok(came: &Response) -> Result<(), FetchFault> {
    match came.status {
        200 => Ok(()),
        status @ (300..=303 | 305..=399) => Err(FetchFault::Redirected { status }),
        status => Err(FetchFault::Status { status }),
    }
}
