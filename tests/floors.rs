//! A module imports only from lower floors, so that what must not happen does not compile: claims
//! can not see an unverified token, cryptography can not see a header.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, lowest first.
const FLOORS: &[&[&str]] = &[
    &["alg", "base64url", "limits", "names", "scope", "time"],
    &["json"],
    &["check", "error", "replay"],
    &["token", "crypto"],
    &["keys"],
    &["expect", "policy"],
    &["header_policy", "outer_policy", "claims"],
    &["profile", "appraisal"],
    &["authorization", "validator"],
    &["http", "remote"],
    &["danger", "testing"],
];

/// What a floor alone does not forbid.
const FORBIDDEN: &[(&str, &str)] = &[
    ("claims", "token"),
    ("claims", "keys"),
    ("claims", "header_policy"),
    ("claims", "outer_policy"),
];

/// What stands above all floors.
const ROOT: &[&str] = &["lib", "manual"];

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|floor| floor.contains(&module));
    found.unwrap_or_else(|| unreachable!("module {module} has no floor"))
}

/// Every source file, by the top module that it belongs to.
fn sources() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let module = inside.components().next().unwrap().as_os_str().to_string_lossy();
                found.push((module.trim_end_matches(".rs").to_owned(), path));
            }
        }
    }
    found
}

/// The top modules that a source names by `crate::`, outside of comments.
fn imports(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names =
        code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>());
    let module =
        |rest: String| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    names.map(module).collect()
}

#[test]
fn modules_import_from_lower_floors() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (module, path) in sources() {
        if ROOT.contains(&module.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        *seen.entry(module.clone()).or_default() += 1;
        for import in imports(&text) {
            assert!(
                !import.is_empty(),
                "{}: `use crate::{{…}}` hides what it imports",
                path.display()
            );
            let allowed = import == module || floor(&import) < floor(&module);
            assert!(allowed, "{}: {module} imports {import}", path.display());
            let forbidden = FORBIDDEN.contains(&(module.as_str(), import.as_str()));
            assert!(!forbidden, "{}: {module} must not see {import}", path.display());
        }
    }
    let all: usize = FLOORS.iter().map(|floor| floor.len()).sum();
    assert_eq!(seen.len(), all, "every module of the table exists: {:?}", seen.keys());
}

#[test]
fn files_are_short() {
    for (_, path) in sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

#[test]
fn only_the_crypto_module_makes_a_verified_payload() {
    for (module, path) in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let makes = text.contains(" Verified {") || text.contains("(Verified {");
        assert!(!makes || module == "crypto", "{}", path.display());
    }
}

#[test]
fn only_the_crypto_module_proves_that_a_document_was_verified() {
    for (module, path) in sources() {
        if path.components().any(|part| part.as_os_str() == "graft_tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let proves = text.contains("Verification for");
        assert!(!proves || module == "crypto", "{}", path.display());
    }
}

/// A payload that is not verified goes through the validator, and no check of claims sees it.
#[test]
fn only_the_validator_reads_an_unverified_payload() {
    for (module, path) in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let reads = ["UnverifiedPayload", "unverified_name", "unverified_payload"];
        let reads = reads.iter().any(|name| text.contains(name));
        let may = ["crypto", "validator", "token"].contains(&module.as_str());
        assert!(!reads || may, "{}", path.display());
    }
}

/// What was decrypted is unverified, so it goes where tokens come in and nowhere else.
#[test]
fn only_the_validator_takes_what_was_opened() {
    for (module, path) in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let takes = text.contains("Opened") || text.contains(".unverified()");
        let may = module == "crypto" || module == "validator" || module == "check";
        assert!(!takes || may, "{}", path.display());
    }
    let validator = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/validator");
    let texts = fs::read_dir(validator).unwrap().map(|entry| entry.unwrap().path());
    let takers: Vec<String> = texts
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let lines = text.lines().filter(|line| line.contains(".unverified()"));
            lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let mut takers: Vec<_> = takers.iter().map(String::as_str).collect();
    takers.sort_unstable();
    assert_eq!(
        takers,
        [
            "let inflated = inflate(opened.unverified(), limits.inflated_bytes);",
            "let inner = opened.inner.unverified();",
        ]
    );
}
