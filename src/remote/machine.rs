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

/// A request of a round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    OauthMetadata,
    OpenidMetadata,
    Keys,
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
    jwks_uri: Option<Located>,
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
        let jwks_uri = match &plan.place {
            Place::Known(address) => {
                Some(Located { address: address.clone(), since: Seconds::nearest(0) })
            }
            Place::Discovered(_) => None,
        };
        let state = Mutex::new(State { jwks_uri, ..State::default() });
        Self { plan, store: store.downgrade(), desk, state }
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
        let stage = match state.next {
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
        state.passed_over = None;
        let located = state.jwks_uri.as_ref().is_some_and(|located| {
            let age = now.since(located.since).saturating_abs();
            matches!(self.plan.place, Place::Known(_)) || age < METADATA_FRESH
        });
        Ok(if located { Stage::Keys } else { Stage::OauthMetadata })
    }

    fn request(&self, state: &mut State, stage: Stage, now: Seconds) -> FetchRequest {
        let (url, accept) = match (stage, &self.plan.place, &state.jwks_uri) {
            (Stage::Keys, Place::Known(address), _)
            | (Stage::Keys, _, Some(Located { address, .. })) => {
                (Arc::clone(address.text()), "application/jwk-set+json, application/json")
            }
            (_, Place::Known(issuer) | Place::Discovered(issuer), _) => {
                let openid = stage == Stage::OpenidMetadata;
                let place = if openid { metadata::openid_url } else { metadata::oauth_url };
                (place(issuer).into(), "application/json")
            }
        };
        let keys = stage == Stage::Keys;
        let etag = state.present.as_ref().and_then(|present| present.etag.clone());
        let id = FetchRequest::next_id();
        state.next = None;
        state.out = Some(Out { id, stage, since: now });
        FetchRequest {
            id,
            url,
            accept,
            if_none_match: etag.filter(|_| keys),
            body_limit: self.plan.limits.key_set_bytes,
            timeout: Duration::seconds(self.plan.timeout),
        }
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
        match out.stage {
            Stage::Keys => {
                let conditional = request.if_none_match.is_some();
                let lacked = state.present.as_ref().is_none_or(|keys| keys.usable_until < now);
                let taken =
                    came.and_then(|came| self.take_keys(&mut state, came, conditional, since));
                match taken {
                    Ok(update) => {
                        state.last_failure = None;
                        if lacked {
                            self.desk.satisfy();
                        }
                        self.desk.end_round();
                        update
                    }
                    Err(fault) => self.fail(&mut state, fault, now),
                }
            }
            stage @ (Stage::OauthMetadata | Stage::OpenidMetadata) => {
                match came.and_then(|came| self.take_metadata(&mut state, &came, since)) {
                    Ok(()) => {
                        state.next = Some(Stage::Keys);
                        Update::Underway { fault: None }
                    }
                    Err(fault) => self.pass_over(&mut state, stage, fault, now),
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

    fn take_metadata(
        &self,
        state: &mut State,
        came: &Response,
        since: Seconds,
    ) -> Result<(), FetchFault> {
        expect_ok(came)?;
        let Plan { issuer, limits, .. } = &self.plan;
        // Only an issuer of the loopback sends anybody there without TLS.
        let http = matches!(&self.plan.place, Place::Discovered(address) if !address.is_https());
        let address = metadata::read_jwks_uri(&came.body, issuer, limits, http)?;
        let moved = state.jwks_uri.as_ref().is_none_or(|before| before.address != address);
        if let Some(present) = state.present.as_mut().filter(|_| moved) {
            // An entity tag means something at its own place alone.
            present.etag = None;
        }
        state.jwks_uri = Some(Located { address, since });
        Ok(())
    }

    /// There is no use for this metadata: on to the other place, or to where the keys were before.
    fn pass_over(
        &self,
        state: &mut State,
        stage: Stage,
        fault: FetchFault,
        now: Seconds,
    ) -> Update {
        let next = if stage == Stage::OauthMetadata && fault.leads_on() {
            Some(Stage::OpenidMetadata)
        } else {
            state.jwks_uri.as_ref().map(|_| Stage::Keys)
        };
        if let Some(stage) = next {
            state.next = Some(stage);
            state.passed_over = Some(fault.clone());
            return Update::Underway { fault: Some(fault) };
        }
        // What was wrong at the first place says more than that there is nothing at the second.
        let first =
            state.passed_over.take().filter(|first| fault.is_missing() && !first.is_missing());
        self.fail(state, first.unwrap_or(fault), now)
    }

    /// The round brought nothing.
    fn fail(&self, state: &mut State, fault: FetchFault, now: Seconds) -> Update {
        state.next = None;
        state.schedule.fail(now);
        if fault.is_missing() && matches!(self.plan.place, Place::Discovered(_)) {
            state.jwks_uri = None;
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
