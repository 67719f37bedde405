//! A file of cases, each a token, or a part of one, with what a validator has to make of it.

use std::fmt;
use std::io::{self, Write};

use jwt_appraisal::{Appraisal, KeyError, Verdict};
use serde_json::Value;

use crate::case::{Case, Interface};
use crate::document::{Document, Fault, Place};
use crate::kinds::Claims;
use crate::parts;

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
    let rule = of("rule").or_else(|| of("reason")).unwrap_or("no rule");
    let description = of("description").unwrap_or("no description");
    format!("# {id}: expected {expect} ({rule}: {description})\n")
}

enum Judgement {
    Skipped,
    AsExpected,
    Disagrees(String),
}

fn judge(case: &Place<'_>) -> Judgement {
    let Some(interface) = Interface::of(case.value()) else {
        return Judgement::Skipped;
    };
    match run(case, interface) {
        Ok((expected, found)) if found.verdict() == expected => Judgement::AsExpected,
        Ok((_, found)) => Judgement::Disagrees(found.to_string()),
        Err(fault) => Judgement::Disagrees(format!("can not be run: {fault}")),
    }
}

/// The expected verdict, and what was found.
fn run(case: &Place<'_>, interface: Interface) -> Result<(Verdict, Found), Fault> {
    let members = case.any_members()?;
    let expected = expected(&members.required("expect")?)?;
    let case = Case { members, interface };
    let found = match interface {
        Interface::Hash => Found::Part(parts::hash(&case)?),
        Interface::Profile | Interface::Claims => case.appraise()?,
        Interface::SubjectIdentifier => parts::subject_identifier(&case)?,
        Interface::Certificate => parts::certificate(&case)?,
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
pub(crate) enum Found {
    Token(Appraisal<Claims>),
    KeySet(KeyError),
    Part(bool),
    /// A claims set that is in order but for what it is bound to, which nothing showed.
    Bound,
}

impl Found {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Token(appraisal) => appraisal.verdict(),
            Self::Part(true) | Self::Bound => Verdict::Accepted,
            Self::KeySet(_) | Self::Part(false) => Verdict::Rejected,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(appraisal) => appraisal.fmt(f),
            Self::KeySet(error) => write!(f, "{}, by its keys: {error}", self.verdict()),
            Self::Part(_) | Self::Bound => self.verdict().fmt(f),
        }
    }
}
