//! A module imports only from lower floors, so that what must not happen does not compile: claims
//! can not see an unverified token, cryptography can not see a header.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod imports;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{Import, used};

/// The floors, lowest first.
const FLOORS: &[&[&str]] = &[
    &["alg", "base64url", "limits", "names", "redacted", "scope", "time", "uri"],
    &["json"],
    &["check", "error", "state"],
    &["token", "crypto", "thumbprint"],
    &["keys"],
    &["request_facts", "policy"],
    &["header_policy", "rules"],
    &["kind", "appraisal"],
    &["dialect", "envelope"],
    &["authorization", "validator"],
    &["http", "remote"],
    &["danger", "testing"],
];

/// What a floor alone does not forbid.
const FORBIDDEN: &[(&str, &str)] =
    &[("rules", "token"), ("rules", "keys"), ("rules", "header_policy")];

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

/// Whether a name comes from another top module.
fn is_foreign(import: &Import, module: &str) -> bool {
    match import.path.as_slice() {
        [root, top, ..] => root == "crate" && top != module,
        _ => false,
    }
}

/// What a type alias stands for, where other modules can see the alias.
fn public_aliases(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("pub"));
    let aliases = lines.filter(|line| line.contains(" type "));
    aliases.filter_map(|line| Some(line.split_once(" = ")?.1.trim_end_matches(';')))
}

/// Items of other top modules that a module offers as its own. Who imports them from there does not name
/// the module that they come from, so its floor does not show.
fn re_exports(module: &str, texts: &[String]) -> Vec<String> {
    let imports: Vec<_> = texts.iter().flat_map(|text| used(text)).collect();
    let foreign: Vec<_> = imports.iter().filter(|import| is_foreign(import, module)).collect();
    let names_foreign = |name: &str| foreign.iter().any(|import| import.name == name);
    let mut found = Vec::new();
    for import in imports.iter().filter(|import| import.public) {
        // By way of a private import in the module above.
        let above = import.path.first().is_some_and(|root| root == "super");
        if is_foreign(import, module)
            || above && import.path.last().is_some_and(|name| names_foreign(name))
        {
            found.push(import.path.join("::"));
        }
    }
    for alias in texts.iter().flat_map(|text| public_aliases(text)) {
        let (path, _) = alias.split_once('<').unwrap_or((alias, ""));
        let other = path.strip_prefix("crate::").is_some_and(|path| !path.starts_with(module));
        if other || names_foreign(path) {
            found.push(alias.to_owned());
        }
    }
    found
}

#[test]
fn no_module_re_exports_from_another() {
    let mut modules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (module, path) in sources() {
        modules.entry(module).or_default().push(fs::read_to_string(path).unwrap());
    }
    for (module, texts) in modules.iter().filter(|(module, _)| !ROOT.contains(&module.as_str())) {
        assert_eq!(re_exports(module, texts), [""; 0], "{module} offers what is not its own");
    }
}

#[test]
fn every_way_to_re_export_is_seen() {
    for text in [
        "pub(crate) use crate::keys::Thumbprint;",
        "pub use crate::keys::Thumbprint as Key;",
        "    pub(super) use crate::keys::{\n        Jwk,\n        set::{JwkSet, Thumbprint},\n    };",
        "pub(in crate::claims) use crate::keys::*;",
        "pub(crate) use crate::keys;",
        "pub(crate) use crate::keys::{self};",
        "use crate::keys::Thumbprint;\npub(crate) use super::Thumbprint as Key;",
        "use crate::keys as other;\npub(crate) use super::other;",
        "pub(crate) type Key = crate::keys::Thumbprint;",
        "use crate::keys::Thumbprint;\npub(crate) type Key = Thumbprint;",
        "use crate::keys::Store;\npub(crate) type Keys<T> = Store<T>;",
    ] {
        assert!(!re_exports("claims", &[text.to_owned()]).is_empty(), "{text}");
    }
    for text in [
        "use crate::keys::{Thumbprint, Jwk};",
        "pub(crate) use crate::claims::Context;",
        "pub(crate) use context::Context;",
        "// pub(crate) use crate::keys::Thumbprint;",
        "use crate::keys::Thumbprint;\npub(crate) type Keys = Vec<Thumbprint>;",
    ] {
        assert_eq!(re_exports("claims", &[text.to_owned()]), [""; 0], "{text}");
    }
}

/// `super` in a top module is the crate itself: an import by it would not be seen.
#[test]
fn the_root_is_named_by_crate_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (module, path) in
        sources().into_iter().filter(|(module, _)| !ROOT.contains(&module.as_str()))
    {
        let inside = path.strip_prefix(&root).unwrap().with_extension("");
        let names = inside.iter().filter(|name| *name != "mod").count();
        let text = fs::read_to_string(&path).unwrap();
        for import in used(&text) {
            let up = import.path.iter().take_while(|segment| *segment == "super").count();
            // A module of tests inside of a file is one further down.
            let is_glob = import.path.join("::") == "super::*";
            let allowed = up < names || names == 1 && is_glob;
            assert!(allowed, "{}: {module} uses {}", path.display(), import.path.join("::"));
        }
    }
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

/// Decrypted content is unverified, so it goes only to inflation and to the stages that take any token.
#[test]
fn only_the_validator_takes_what_was_decrypted() {
    for (module, path) in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let takes = text.contains("Decrypted") || text.contains(".unverified()");
        let may = ["crypto", "envelope", "validator", "check"].contains(&module.as_str());
        assert!(!takes || may, "{}", path.display());
    }
    let takers: Vec<String> = sources()
        .into_iter()
        .filter(|(module, _)| module != "crypto")
        .flat_map(|(_, path)| {
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
            "let inflated = inflate(decrypted.unverified(), limits.inflated_bytes);",
            "let inner = decrypted.inner.unverified();",
        ]
    );
}
