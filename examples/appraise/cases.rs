//! A file of cases, each a token with what a validator has to make of it.

use std::fmt;
use std::io::{self, Write};

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::{
    Appraisal, FixedClock, JwkSet, KeyError, KeyStore, Profile, TrustedIssuer, Validator, Verdict,
};
use serde_json::Value;
use time::Duration;

use crate::document::{Document, Fault, Members, Place};
use crate::policy::{Claims, algorithms, audiences, moment};

/// The kind of token that is known here.
const PROFILE: &str = "oauth.access_token";

/// A file's cases.
pub(crate) struct Cases<'v>(Vec<Place<'v>>);

impl<'v> Cases<'v> {
    pub(crate) fn of(document: &'v Document) -> Result<Self, Fault> {
        let file = document.root()?.any_members()?;
        file.required("cases")?.elements().map(Self)
    }

    /// Runs every case and prints those that disagree; whether there was none.
    pub(crate) fn run(&self, mut output: impl Write) -> io::Result<bool> {
        let (mut agreed, mut disagreed, mut skipped) = (0_usize, 0_usize, 0_usize);
        for case in &self.0 {
            let count = match judge(case) {
                Judgement::Skipped => &mut skipped,
                Judgement::AsExpected => &mut agreed,
                Judgement::Disagrees(how) => {
                    writeln!(output, "{}\n{how}\n", title(case))?;
                    &mut disagreed
                }
            };
            *count = count.saturating_add(1);
        }
        let run = agreed.saturating_add(disagreed);
        writeln!(
            output,
            "{agreed} of {run} as expected, {skipped} skipped (profile not supported yet)"
        )?;
        Ok(disagreed == 0)
    }
}

/// The case's id, what it expects and why.
fn title(case: &Place<'_>) -> String {
    let of = |name| case.value().get(name).and_then(Value::as_str);
    let id = of("id").unwrap_or("a case without id");
    let expect = of("expect").unwrap_or("nothing");
    let rule = of("rule").unwrap_or("no rule");
    let description = of("description").unwrap_or("no description");
    format!("# {id}: expected {expect} ({rule}: {description})\n")
}

enum Judgement {
    Skipped,
    AsExpected,
    Disagrees(String),
}

fn judge(case: &Place<'_>) -> Judgement {
    if !is_supported(case.value()) {
        return Judgement::Skipped;
    }
    match run(case) {
        Ok((expected, found)) if found.verdict() == expected => Judgement::AsExpected,
        Ok((_, found)) => Judgement::Disagrees(found.to_string()),
        Err(fault) => Judgement::Disagrees(format!("can not be run: {fault}")),
    }
}

/// Whether a case is about a whole token of the known kind.
fn is_supported(case: &Value) -> bool {
    let of_profile = case.get("profile").is_some_and(|name| name == PROFILE);
    let whole = case.get("interface").is_none_or(|name| name == "profile");
    of_profile && whole && case.get("token").is_some()
}

/// The expected verdict, and what was found.
fn run(case: &Place<'_>) -> Result<(Verdict, Found), Fault> {
    let case = case.any_members()?;
    let expected = expected(&case.required("expect")?)?;
    let token = case.required("token")?.text()?;
    let found = match validator(&case) {
        Ok(validator) => Found::Token(validator.appraise(token)),
        Err(Stop::KeySet(error)) => Found::KeySet(error),
        Err(Stop::Case(fault)) => return Err(fault),
    };
    Ok((expected, found))
}

fn expected(place: &Place<'_>) -> Result<Verdict, Fault> {
    match place.text()? {
        "accept" => Ok(Verdict::Accepted),
        "reject" => Ok(Verdict::Rejected),
        _ => Err(place.fault("is neither \"accept\" nor \"reject\"")),
    }
}

/// What became of a case: a token is refused where the key set is itself at fault.
enum Found {
    Token(Appraisal<Claims>),
    KeySet(KeyError),
}

impl Found {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Token(appraisal) => appraisal.verdict(),
            Self::KeySet(_) => Verdict::Rejected,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(appraisal) => appraisal.fmt(f),
            Self::KeySet(error) => write!(f, "{}, by its keys: {error}", self.verdict()),
        }
    }
}

/// Why no validator can be made of a case.
enum Stop {
    Case(Fault),
    KeySet(KeyError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Case(fault)
    }
}

impl From<KeyError> for Stop {
    fn from(error: KeyError) -> Self {
        Self::KeySet(error)
    }
}

/// What the verifier of a case knows and wants.
fn validator(case: &Members<'_>) -> Result<Validator<Claims>, Stop> {
    let place = case.required("policy")?;
    let policy = place.members(&["issuer", "issuers", "audience", "algs", "leeway"])?;
    let audiences = audiences(&policy.required("audience")?)?;
    let leeway = policy.optional("leeway").map(|leeway| leeway.integer());
    let leeway = Duration::seconds(leeway.transpose()?.unwrap_or(0));
    let now = moment(&case.required("now")?)?;
    let validator = Validator::builder_with(&PROVIDER, Profile::access_token_as())
        .issuers(issuers(case, &policy)?)
        .audiences(audiences)
        .leeway(leeway)
        .clock(FixedClock::new(now))
        .build();
    validator.map_err(|error| place.fault(error.to_string()).into())
}

/// One issuer with the case's keys, or several that have their own.
fn issuers(case: &Members<'_>, policy: &Members<'_>) -> Result<Vec<TrustedIssuer>, Stop> {
    let Some(several) = policy.optional("issuers") else {
        return Ok(vec![issuer(policy, case)?]);
    };
    // The lists of the issuers count instead of a list beside them, which the collection has too.
    let others = [policy.optional("issuer"), case.optional("jwks")];
    if let Some(other) = others.into_iter().flatten().next() {
        return Err(other.fault("stands beside policy.issuers").into());
    }
    let issuers = several.elements()?.into_iter().map(|place| {
        let members = place.members(&["issuer", "jwks", "algs"])?;
        issuer(&members, &members)
    });
    issuers.collect()
}

fn issuer(policy: &Members<'_>, keys: &Members<'_>) -> Result<TrustedIssuer, Stop> {
    let name = policy.required("issuer")?.text()?;
    let algorithms = algorithms(&policy.required("algs")?)?;
    let set = JwkSet::from_json(keys.required("jwks")?.value().to_string())?;
    Ok(TrustedIssuer::new(name, KeyStore::with_provider(&PROVIDER, algorithms, set)?))
}
