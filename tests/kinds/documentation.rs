//! The documentation of the kinds and of the checks is made from the registry. Run the suite with
//! `UPDATE_DOCUMENTATION=1` to write it again.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test stops where it cannot go on"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jwt_appraisal::Section;
use jwt_appraisal::kind::{AnyProfile, Kind};
use jwt_appraisal::rules::{self, ClaimRule, Presence};
use serde_json::Value;

use super::kind::{Party, Rows, facts, kinds};
use super::support::{expect_accepted, findings, now};

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a text with a file, or writes it where that is asked for.
#[track_caller]
fn expect_file(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
        return fs::write(path, text).unwrap();
    }
    let written = fs::read_to_string(path).unwrap();
    assert!(written == text, "{} differs from the registry", path.display());
}

/// What a kind says about a claim.
fn demand(rule: &ClaimRule) -> String {
    match (rule.presence(), rule.sentence()) {
        (Presence::Required, says) => format!("required: {says}"),
        (Presence::Optional, says) if rule.claim().is_some() => format!("if present, {says}"),
        (Presence::Optional, says) => says.to_owned(),
        (Presence::Forbidden, why) => format!("must be absent: {why}"),
    }
}

/// The table of a kind, a line per check.
fn table(kind: &Kind) -> Vec<String> {
    let row = |member: &str, demand: &str, section: Option<Section>, code: &str| {
        let section = section.map(|section| section.to_markdown()).unwrap_or_default();
        format!("| {member} | {demand} | {section} | `{code}` |")
    };
    let typ = match (kind.typ(), kind.accepts_untyped()) {
        (Some(typ), false) => format!("`{}`", typ.as_str()),
        (Some(typ), true) => {
            format!("`{}`, none or `JWT`; every other type is rejected", typ.as_str())
        }
        (None, _) if kind.name() == "custom" => "the type".to_owned(),
        (None, _) => "none or `JWT`; every other type is rejected".to_owned(),
    };
    let mut rows = vec![
        "| member | rule | section | check |".to_owned(),
        "|---|---|---|---|".to_owned(),
        row("`typ`", &typ, Some(Section::rfc(8725, "3.11")), "header.typ"),
    ];
    if let AnyProfile::SignedByHolder(_) = kind.clone().profile::<Value>() {
        let jwk = "required: a public key for `alg`";
        rows.push(row("`jwk`", jwk, Some(Section::rfc(9449, "4.2")), "key.embedded"));
    }
    for rule in kind.rules() {
        let member = rule.claim().map(|claim| format!("`{claim}`")).unwrap_or_default();
        rows.push(row(&member, &demand(rule), rule.source(), rule.code()));
    }
    if kind.is_single_use() {
        let section = Some(Section::rfc(7519, "4.1.7"));
        rows.push(row("`jti`", "not seen before", section, "state.replay"));
    }
    rows
}

/// A source file with the table of a kind in the documentation of its constructor.
fn with_table(text: &str, constructor: &str, table: &[String]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let signature = format!("    pub fn {constructor}(");
    let at = lines.iter().position(|line| line.starts_with(&signature)).unwrap();
    let docs = lines[..at].iter().rposition(|line| !line.starts_with("    ///")).unwrap() + 1;
    let is_row = |line: &&str| line.starts_with("    /// |");
    let table = table.iter().map(|row| format!("    /// {row}"));
    let before = lines[docs..at].iter().position(is_row);
    let mut written: Vec<String> = Vec::new();
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    match before {
        Some(first) => {
            let rest: Vec<_> = lines[docs + first..].iter().copied().skip_while(is_row).collect();
            written.extend(own(&lines[..docs + first]));
            written.extend(table);
            written.extend(own(&rest));
        }
        None => {
            written.extend(own(&lines[..at]));
            written.push("    ///".to_owned());
            written.extend(table);
            written.extend(own(&lines[at..]));
        }
    }
    written.join("\n") + "\n"
}

#[test]
fn the_tables_of_the_constructors_are_those_of_the_kinds() {
    let files: Vec<_> =
        fs::read_dir(source("src/kind")).unwrap().map(|f| f.unwrap().path()).collect();
    for kind in kinds() {
        let constructor = match kind.name() {
            "custom" => "new".to_owned(),
            name => name.replace('-', "_"),
        };
        let signature = format!("    pub fn {constructor}(");
        let holds = |path: &&PathBuf| {
            let text = fs::read_to_string(path).unwrap();
            text.contains(&signature)
                && text.contains("impl")
                && text.contains("Profile")
                && !path.ends_with("builder.rs")
                && !path.ends_with("profile.rs")
        };
        let path = files.iter().find(holds).unwrap_or_else(|| panic!("Profile::{constructor}"));
        let text = fs::read_to_string(path).unwrap();
        expect_file(path, &with_table(&text, &constructor, &table(&kind)));
    }
}

#[test]
fn the_page_of_checks_is_the_registry() {
    let mut page = String::from(
        "The codes of all checks, made from the registry. A report, a log line and a test name a check by \
         its code.\n\n| code | what it demands | section |\n|---|---|---|\n",
    );
    for check in rules::catalogue() {
        let section = check.section().map(|section| section.to_markdown()).unwrap_or_default();
        writeln!(page, "| `{}` | {} | {section} |", check.code(), check.sentence()).unwrap();
    }
    page.push_str(
        "\nA claim that a caller requires ([`Profile::require`](crate::Profile::require)) has the code \
         `claims.` and its name, and a claim that must equal a fact of the request\n\
         ([`Profile::matches_fact`](crate::Profile::matches_fact)) has the code `request.` and its name.\n\
         The checks of a second token, such as a DPoP proof \
         ([`ValidatorBuilder::dpop`](crate::ValidatorBuilder::dpop)), have the same codes\n\
         behind `proof.`, such as `proof.claims.htm`.\n",
    );
    expect_file(&source("src/manual/checks.md"), &page);
}

/// Every rule says what it demands, and its code is about its claim.
#[test]
fn every_rule_is_described() {
    for rule in rules::ALL.iter().flat_map(|topic| topic.iter()) {
        assert!(!rule.sentence().is_empty(), "{rule:?}");
        if let Some(claim) = rule.claim() {
            assert_eq!(rule.code(), format!("claims.{claim}"));
        }
    }
    for check in rules::catalogue() {
        let in_prefix = check.code().split_once('.').is_some();
        assert!(in_prefix && !check.sentence().is_empty(), "{}", check.code());
    }
}

/// The suites draft a good token of a new kind from its rules, so a new kind needs no entry in them.
#[test]
fn a_good_token_follows_from_the_rules() {
    // Its discriminator is not a rule on one claim, and the type of a custom kind is its caller's.
    const MORE_THAN_RULES: &[&str] = &["access-token-legacy", "custom"];
    let party = Party::new();
    for kind in kinds().filter(|kind| !MORE_THAN_RULES.contains(&kind.name())) {
        let draft = party.good_by_rules(kind.name());
        let validator = party.validator(kind.name());
        let appraisal = validator.appraise_with_at(draft.sign(), &facts(), now());
        expect_accepted("-", kind.name(), &appraisal);
    }
}

/// A rule of a kind is one of the registry, with its presence, section and sentence changed at most.
#[test]
fn kinds_use_rules_of_the_registry() {
    for kind in kinds() {
        for rule in kind.rules() {
            let known = rules::catalogue().any(|check| check.code() == rule.code());
            assert!(known, "{}: {}", kind.name(), rule.code());
        }
    }
}

/// A claim that a kind requires cannot be left out, and one that it forbids cannot be present. Either is
/// reported by the rule's own check.
#[test]
fn presence_is_what_the_rules_say() {
    for kind in kinds() {
        let name: &'static str = kind.name().to_owned().leak();
        let rows = Rows::of(name, "presence");
        let mut held = 0;
        for rule in kind.rules() {
            let Some(claim) = rule.claim() else { continue };
            match rule.presence() {
                Presence::Required => {
                    let found = findings(&rows.appraise(&rows.good().without(claim), &facts()));
                    assert!(
                        found.iter().any(|code| code == rule.code()),
                        "{name}: {claim} {found:?}"
                    );
                    held += 1;
                }
                Presence::Forbidden => {
                    for value in [Value::from("x"), Value::Null] {
                        let found = findings(&rows.appraise(&rows.with(claim, value), &facts()));
                        assert_eq!(found, [rule.code()], "{name}: {claim} must be absent");
                    }
                    held += 1;
                }
                Presence::Optional => {}
            }
        }
        assert!(held > 0, "{name}");
    }
}

/// An optional claim that is absent is no reason for a rejection, unless the check compares it with the
/// request.
#[test]
fn optional_claims_may_be_absent() {
    const TIED_TO_THE_REQUEST: &[&str] = &["nonce", "state", "sid", "sub"];
    for kind in kinds() {
        let name: &'static str = kind.name().to_owned().leak();
        let rows = Rows::of(name, "presence");
        let optional = kind.rules().iter().filter(|rule| rule.presence() == Presence::Optional);
        for claim in optional.filter_map(ClaimRule::claim) {
            let found = findings(&rows.appraise(&rows.good().without(claim), &facts()));
            let tied = TIED_TO_THE_REQUEST.contains(&claim);
            assert!(found.is_empty() || tied, "{name}: {claim} {found:?}");
        }
    }
}
