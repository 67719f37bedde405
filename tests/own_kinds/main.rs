//! Kinds of tokens that another crate defines: two of them with every rule, and the mistakes that an
//! author can make.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot continue")]

mod careless;
mod device_proof;
#[path = "../kinds/kind.rs"]
#[expect(dead_code, reason = "the suite `kinds` uses the rest")]
mod kind;
mod shipped;
#[path = "../support/mod.rs"]
mod support;
mod work_order;

use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{Appraisal, RequestFacts};
use serde_json::Value;
use support::{expect_accepted, expect_rejected};

/// A good token of a kind, and how it is appraised.
struct Table<'a> {
    good: TestToken,
    facts: RequestFacts<'a>,
    appraise: &'a dyn Fn(&str, &RequestFacts<'_>) -> Appraisal<Value>,
}

impl Table<'_> {
    /// A token is rejected by one check alone.
    #[track_caller]
    fn rejects(&self, code: &str, what: &str, change: impl FnOnce(TestToken) -> TestToken) {
        self.rejects_with(code, what, change, &self.facts);
    }

    #[track_caller]
    fn rejects_with(
        &self,
        code: &str,
        what: &str,
        change: impl FnOnce(TestToken) -> TestToken,
        facts: &RequestFacts<'_>,
    ) {
        let token = change(self.good.clone()).sign();
        expect_rejected("own kind", &[code], what, &(self.appraise)(&token, facts));
    }

    #[track_caller]
    fn accepts(&self, what: &str, change: impl FnOnce(TestToken) -> TestToken) {
        let token = change(self.good.clone()).sign();
        expect_accepted("own kind", what, &(self.appraise)(&token, &self.facts));
    }
}
