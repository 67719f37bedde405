//! The text, the order and the outcome of every row of every kind, as snapshots.
//!
//! Each file of `tests/kinds/snapshots` has a kind's plan and what becomes of its rows when one member of
//! a good token changes. A change of any text or outcome therefore shows in a diff. After an intended
//! change, write the files again and read their diff:
//!
//! ```text
//! UPDATE_SNAPSHOTS=1 cargo test --test kinds rows::
//! ```

mod cases;
mod encryption;
mod report;
mod snapshot;
mod validators;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use jwt_appraisal::testing::{TestIssuer, TestToken};
use jwt_appraisal::{RequestFacts, Validator, Verdict};
use serde_json::{Map, Value};

use self::cases::Case;
use self::report::{Block, Plan, Report, Row};
use self::validators::{Built, OTHER_ISSUER, Setting};
use super::kind::{Party, facts, names};
use super::support::{NOW, now};

/// The kind whose file is complete; the others refer to it where they do not differ.
const REFERENCE: &str = "access-token";

#[test]
fn rows_are_as_recorded() {
    let kinds: Vec<&'static str> = names();
    let party = Party::new();
    let claims = all_claims(&party, &kinds);
    let report = |kind| Bench::report(&party, kind, &claims);
    let reports: Vec<Report> = thread::scope(|scope| {
        let running: Vec<_> = kinds.iter().map(|kind| scope.spawn(|| report(kind))).collect();
        running.into_iter().map(|report| report.join().unwrap()).collect()
    });
    let reference = reports.iter().find(|report| report.kind == REFERENCE);
    let text = |report: &Report| report.to_text(reference.filter(|_| report.kind != REFERENCE));
    let written: Vec<_> = reports.iter().map(|report| (report.kind, text(report))).collect();
    snapshot::compare(&written);
}

/// Every claim that a kind has a check for, or that a good token has.
fn all_claims(party: &Party, kinds: &[&str]) -> Vec<String> {
    let mut names: BTreeSet<String> =
        cases::FURTHER_CLAIMS.iter().map(ToString::to_string).collect();
    for kind in kinds {
        let validator = party.validator(kind);
        // The last code of the claims is no claim.
        let codes =
            validator.checks().map(ToString::to_string).filter(|code| code != "claims.deserialize");
        names.extend(codes.filter_map(|code| code.strip_prefix("claims.").map(str::to_owned)));
        names.extend(members(&party.good(kind).claims_json()).keys().cloned());
    }
    names.into_iter().collect()
}

fn members(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap()
}

/// What the verifier knows, enough for every setting.
fn known<'a>() -> RequestFacts<'a> {
    facts().fact("workflow_id", "wf-7")
}

/// One kind, and the tokens that it is tried with.
struct Bench<'a> {
    party: &'a Party,
    kind: &'static str,
    /// The rows of the good token in each setting that the kind can have.
    good_rows: Vec<(Setting, Arc<[Row]>)>,
    built: RefCell<Vec<(Setting, Validator<Value>)>>,
}

impl<'a> Bench<'a> {
    fn report(party: &'a Party, kind: &'static str, claims: &[String]) -> Report {
        let (good_rows, built) = (Vec::new(), RefCell::default());
        let mut bench = Self { party, kind, good_rows, built };
        let mut report = Report::new(kind);
        for setting in Setting::ALL {
            report.plan(setting.name(), bench.add_good_rows(setting));
        }
        report.section("claims", claims.iter().map(|claim| bench.claim(claim)));
        let all = cases::HEADER_MEMBERS;
        let tried = if kind == REFERENCE { all.len() } else { cases::MEMBERS_OF_KINDS };
        report.section("header", all.iter().take(tried).map(|name| bench.header(name)));
        report.section("form and signature", [bench.form()]);
        report.section("request", [bench.request()]);
        report.section("several issuers", [bench.several_issuers()]);
        report.section("encrypted", encryption::blocks(&bench));
        report.section("tightened", [bench.tightened()]);
        report
    }

    fn add_good_rows(&mut self, setting: Setting) -> Plan {
        let validator = self.validator(setting)?;
        let token = match setting {
            Setting::Encrypted => encryption::envelope(&self.good()).encrypt(),
            Setting::Tightened => self.demanded().sign(),
            Setting::SingleUse => self.good().claim("jti", "j-1").sign(),
            Setting::Plain | Setting::SeveralIssuers => self.good().sign(),
        };
        let appraisal = validator.appraise_with_at(token, &known(), now());
        assert_eq!(
            appraisal.verdict(),
            Verdict::Accepted,
            "{} {setting:?}\n{appraisal}",
            self.kind
        );
        let rows = report::rows(&appraisal);
        let codes = rows.iter().map(|row| row.code.clone());
        assert!(codes.eq(validator.checks().map(ToString::to_string)), "the plan is what is run");
        self.good_rows.push((setting, Arc::clone(&rows)));
        Ok(rows)
    }

    /// The good token, as the tightened profile demands it.
    fn demanded(&self) -> TestToken {
        self.good().claim("tenant", "t-1").claim("workflow_id", "wf-7").claim("iat", NOW)
    }

    fn good(&self) -> TestToken {
        self.party.good(self.kind)
    }

    /// A validator that remembers tokens is built for each one, so that none counts as a replay.
    fn validator(&self, setting: Setting) -> Result<Validator<Value>, String> {
        let mut built = self.built.borrow_mut();
        if let Some((_, validator)) = built.iter().find(|(known, _)| *known == setting) {
            return Ok(validator.clone());
        }
        let Built { validator, forgets } = validators::build(self.party, self.kind, setting)?;
        if forgets {
            built.push((setting, validator.clone()));
        }
        Ok(validator)
    }

    fn block(&self, name: &str, setting: Setting) -> Block {
        let good = self.good_rows.iter().find(|(known, _)| *known == setting);
        Block::new(name, good.map(|(_, rows)| Arc::clone(rows)).unwrap_or_default())
    }

    /// One claim of the good token at a time is left out or changed.
    fn claim(&self, name: &str) -> Block {
        let with = |value| self.good().claim(name, value);
        let is_there = members(&self.good().claims_json()).contains_key(name);
        let without = is_there.then(|| self.good().without(name));
        self.member(name, without, cases::claim_values(name), with)
    }

    fn header(&self, name: &str) -> Block {
        let with = |value| self.good().header(name, value);
        let is_there = members(&self.good().header_json()).contains_key(name);
        let without = is_there.then(|| self.good().without_header(name));
        self.member(name, without, cases::header_values(name, &self.party.0), with)
    }

    /// Of a member that the kind does not look at, only some values are tried: most kinds look at few.
    fn member(
        &self,
        name: &str,
        without: Option<TestToken>,
        values: Vec<Case>,
        with: impl Fn(Value) -> TestToken,
    ) -> Block {
        let mut block = self.block(name, Setting::Plain);
        if without.is_none() {
            for value in cases::telling_values() {
                self.try_plain(&mut block, &value.to_string(), &with(value));
            }
            if block.is_ignored() {
                return block;
            }
        }
        let mut block = self.block(name, Setting::Plain);
        if let Some(without) = without {
            self.try_plain(&mut block, "absent", &without);
        }
        for Case { label, value } in values {
            self.try_plain(&mut block, &label, &with(value));
        }
        block
    }

    fn try_plain(&self, block: &mut Block, label: &str, token: &TestToken) {
        self.try_bytes(block, label, Setting::Plain, token.sign().as_bytes());
    }

    fn try_bytes(&self, block: &mut Block, label: &str, setting: Setting, token: &[u8]) {
        let validator = self.validator(setting).unwrap();
        block.add(label, &validator.appraise_with_at(token, &facts(), now()));
    }

    fn form(&self) -> Block {
        let mut block = self.block("token", Setting::Plain);
        let good = self.good();
        for (label, token) in cases::malformed_tokens(&good) {
            self.try_bytes(&mut block, &label, Setting::Plain, &token);
        }
        let twice = self.validator(Setting::Plain).unwrap();
        for label in ["the first time", "the second time"] {
            block.add(label, &twice.appraise_with_at(good.sign(), &facts(), now()));
        }
        block
    }

    /// The good token, where the request says something else.
    fn request(&self) -> Block {
        let mut block = self.block("request", Setting::Plain);
        let token = self.good().sign();
        let nothing = RequestFacts::new();
        let validator = || self.validator(Setting::Plain).unwrap();
        block.add("nothing is known", &validator().appraise_with_at(&token, &nothing, now()));
        for (label, known) in cases::requests(self.party.0.key()) {
            block.add(label, &validator().appraise_with_at(&token, &known, now()));
        }
        block
    }

    /// The claim that names the issuer, where that decides about the keys.
    fn several_issuers(&self) -> Block {
        let setting = Setting::SeveralIssuers;
        let mut block = self.block("issuer", setting);
        if self.validator(setting).is_err() {
            return block;
        }
        let mut add = |label: &str, token: TestToken| {
            self.try_bytes(&mut block, label, setting, token.sign().as_bytes());
        };
        add("good", self.good());
        let by_other = self.good().signed_by(TestIssuer::new(OTHER_ISSUER).key());
        add("signed by a stranger", by_other);
        for name in ["iss", "client_id"] {
            add(&format!("{name} absent"), self.good().without(name));
            for Case { label, value } in cases::claim_values(name) {
                add(&format!("{name} {label}"), self.good().claim(name, value));
            }
        }
        for (label, payload) in cases::malformed_payloads(&self.good()) {
            add(label, self.good().raw_payload(payload));
        }
        block
    }

    /// What the caller's own settings of a profile demand.
    fn tightened(&self) -> Block {
        let setting = Setting::Tightened;
        let mut block = self.block("profile", setting);
        let demanded = || self.demanded();
        let mut add = |label: &str, token: TestToken| {
            let validator = self.validator(setting).unwrap();
            block.add(label, &validator.appraise_with_at(token.sign(), &known(), now()));
        };
        add("all that is demanded", demanded());
        for name in ["tenant", "workflow_id"] {
            add(&format!("{name} absent"), demanded().without(name));
            for Case { label, value } in cases::claim_values(name) {
                add(&format!("{name} {label}"), demanded().claim(name, value));
            }
        }
        for name in ["iat", "exp", "act", "jti"] {
            for Case { label, value } in cases::claim_values(name) {
                add(&format!("{name} {label}"), demanded().claim(name, value));
            }
        }
        block
    }
}
