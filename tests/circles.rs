//! Within a folder of the source, no files import each other in a circle. A reader can then read them in an
//! order, and a file can be understood by what is below it.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use imports::used;

/// The folders that are held to it. Those that still have a circle: `appraisal`, `crypto`, `dialect`, `json`, `kind`
/// and `remote`.
const FOLDERS: &[&str] = &[
    "alg",
    "check",
    "envelope",
    "error",
    "http",
    "keys",
    "rules",
    "state",
    "token",
    "uri",
    "validator",
];

/// The sources of a folder: the module path of each file below the folder, and its text.
type Sources = BTreeMap<Vec<String>, String>;

/// Which file imports which.
type Graph = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// Reads the sources of a folder, without its tests.
fn sources(folder: &Path, module: &[String], found: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let below = |name: String| module.iter().cloned().chain([name]).collect::<Vec<_>>();
        if name.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            sources(&path, &below(name), found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let (code, _) = text.split_once("\n#[cfg(test)]\nmod tests {").unwrap_or((&text, ""));
            let module = if name == "mod" { module.to_vec() } else { below(name) };
            found.insert(module, code.to_owned());
        }
    }
}

/// The paths that a source names, as they are written: by `use`, and by `super::` or `crate::` in its code.
fn paths(text: &str, folder: &str) -> Vec<(bool, Vec<String>)> {
    let mut found: Vec<_> =
        used(text).into_iter().map(|import| (import.public, import.path)).collect();
    let inside = format!("crate::{folder}::");
    let code = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    for line in code.filter(|line| !line.contains("use ")) {
        for start in ["super::", &*inside] {
            for (at, _) in line.match_indices(start) {
                let name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
                let path: String =
                    line.get(at..).unwrap().chars().take_while(|c| name(*c)).collect();
                found.push((false, path.split("::").map(str::to_owned).collect()));
            }
        }
    }
    found
}

/// The place of a path below the folder; `None` if it leads out of it.
fn resolve(module: &[String], path: &[String], folder: &str) -> Option<Vec<String>> {
    let mut place = module.to_vec();
    let mut rest = path;
    if let [root, top, below @ ..] = path
        && root == "crate"
    {
        if top != folder {
            return None;
        }
        place.clear();
        rest = below;
    }
    for segment in rest {
        match segment.as_str() {
            "super" => {
                place.pop()?;
            }
            "self" => {}
            name => place.push(name.to_owned()),
        }
    }
    Some(place)
}

/// Finds the file that a place is in, through the names that modules re-export.
fn file_of(place: &[String], sources: &Sources, folder: &str) -> Option<Vec<String>> {
    let mut place = place.to_vec();
    for _ in 0..8 {
        let file = (0..=place.len()).rev().map(|n| place.get(..n).unwrap());
        let file = file.into_iter().find(|module| sources.contains_key(*module))?.to_vec();
        let Some(name) = place.get(file.len()) else { return Some(file) };
        let text = sources.get(&file).unwrap();
        let exported = used(text).into_iter().find(|import| import.public && import.name == *name);
        match exported.and_then(|import| resolve(&file, &import.path, folder)) {
            Some(next) if next != place => place = next,
            _ => return Some(file),
        }
    }
    None
}

fn graph(sources: &Sources, folder: &str) -> Graph {
    let mut graph = Graph::new();
    for (file, text) in sources {
        let own = graph.entry(file.clone()).or_default();
        for (public, path) in paths(text, folder) {
            // A re-export hands on what others use.
            let names_folder = path.first().is_some_and(|root| {
                ["super", "self"].contains(&&**root)
                    || root == "crate"
                    || sources.contains_key(&[file.as_slice(), std::slice::from_ref(root)].concat())
            });
            if public || !names_folder {
                continue;
            }
            let place = resolve(file, &path, folder);
            let target = place.and_then(|place| file_of(&place, sources, folder));
            own.extend(target.filter(|target| target != file));
        }
    }
    graph
}

/// The files that a file reaches, itself only by a circle.
fn reached(graph: &Graph, from: &[String]) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_vec()];
    while let Some(file) = open.pop() {
        for next in graph.get(&file).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

/// The files of a folder that are part of a circle, each with the files of the circle that it imports.
fn circles(sources: &Sources, folder: &str) -> Vec<String> {
    let graph = graph(sources, folder);
    let name = |file: &[String]| [&[folder.to_owned()], file].concat().join("::");
    let mut found = Vec::new();
    for (file, imports) in &graph {
        let back = imports.iter().filter(|next| reached(&graph, next).contains(file));
        let back: Vec<_> = back.map(|next| name(next)).collect();
        if !back.is_empty() {
            found.push(format!("{} imports {}", name(file), back.join(", ")));
        }
    }
    found
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    for folder in FOLDERS {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
        let mut found = Sources::new();
        sources(&root, &[], &mut found);
        assert!(found.len() > 2, "{folder}");

        let circles = circles(&found, folder);
        assert!(circles.is_empty(), "{folder}:\n{}", circles.join("\n"));
    }
}

/// Each text is the source of a file; the files import each other in a circle, or do not.
#[test]
fn every_way_to_import_counts() {
    let of = |files: &[(&str, &str)]| {
        let module = |name: &str| match name {
            "" => Vec::new(),
            name => name.split("::").map(str::to_owned).collect(),
        };
        let sources: Sources =
            files.iter().map(|(name, text)| (module(name), (*text).to_owned())).collect();
        !circles(&sources, "keys").is_empty()
    };
    let top = "mod a;\nmod b;\npub use a::A;\npub(crate) use b::B;\n";
    for (a, b) in [
        ("use super::b::B;\n", "use super::a::A;\n"),
        ("use super::B;\n", "use super::A;\n"),
        ("use crate::keys::B;\n", "use super::{\n    A,\n    c::C,\n};\n"),
        ("fn f() { super::b::f(); }\n", "use super::a;\n"),
        ("fn f() { crate::keys::B::f(); }\n", "use crate::keys::a::A;\n"),
    ] {
        assert!(of(&[("", top), ("a", a), ("b", b)]), "{a}{b}");
        assert!(!of(&[("", top), ("a", a), ("b", "")]), "{a}");
        assert!(!of(&[("", top), ("a", ""), ("b", b)]), "{b}");
    }
    let own = "mod a;\nuse a::A;\nstruct Own(A);\n";
    assert!(of(&[("", own), ("a", "use super::Own;\n")]), "a folder's own file counts");
    assert!(of(&[("", ""), ("x", "mod y;\nuse y::Y;\n"), ("x::y", "use super::X;\n")]));
    assert!(!of(&[("", top), ("a", "use crate::json::B;\nuse b::B;\n"), ("b", "use super::A;\n")]));
}
