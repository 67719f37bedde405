//! What the crate depends on, by walking `Cargo.lock` from the normal dependencies of `Cargo.toml`.

use std::collections::{BTreeMap, BTreeSet};

/// The packages that any feature of the crate can pull in, on any platform; development
/// dependencies are not among them.
pub(crate) struct Dependencies(BTreeSet<Package>);

type Package = (String, String);

impl Dependencies {
    pub(crate) fn read() -> Self {
        let locked = locked(include_str!("../../Cargo.lock"));
        let mut open: Vec<Package> =
            named(include_str!("../../Cargo.toml")).iter().map(|name| own(&locked, name)).collect();
        let mut found = BTreeSet::new();
        while let Some(package) = open.pop() {
            if found.insert(package.clone()) {
                open.extend(locked[&package].iter().map(|entry| resolve(&locked, entry)));
            }
        }
        assert!(found.len() > 30, "the walk went nowhere");
        Self(found)
    }

    /// Whether a package of this name is among them.
    pub(crate) fn reach(&self, name: &str) -> bool {
        !self.versions(name).is_empty()
    }

    /// The versions of a package that are among them.
    pub(crate) fn versions(&self, name: &str) -> Vec<&str> {
        let same = self.0.iter().filter(|(found, _)| found == name);
        same.map(|(_, version)| version.as_str()).collect()
    }
}

/// The numbers of a version.
pub(crate) fn version(text: &str) -> [u64; 3] {
    let mut numbers = text.split(['.', '-', '+']).map(|number| number.parse().unwrap());
    [numbers.next().unwrap(), numbers.next().unwrap(), numbers.next().unwrap()]
}

/// The names under `[dependencies]`, in the manifest as written and as it is packaged.
fn named(manifest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut table = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            table = line;
        }
        assert!(!table.starts_with("[target.") && !table.starts_with("[build-"), "{table}");
        if let Some(name) = line.strip_prefix("[dependencies.") {
            names.push(name.trim_end_matches(']'));
        }
        match line.split_once(" = ") {
            Some((name, _)) if table == "[dependencies]" && !name.starts_with('#') => {
                names.push(name);
            }
            _ => {}
        }
    }
    names
}

/// Each locked package with what it depends on, as the lock file names it.
fn locked(lock: &str) -> BTreeMap<Package, Vec<&str>> {
    let mut packages = BTreeMap::new();
    for package in lock.split("\n[[package]]\n").skip(1) {
        let value = |member: &str| {
            let start = format!("{member} = \"");
            let line = package.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
            line.trim_end_matches('"').to_owned()
        };
        let quoted = package.lines().filter_map(|line| line.strip_prefix(" \""));
        let on = quoted.map(|line| line.trim_end_matches("\",")).collect();
        packages.insert((value("name"), value("version")), on);
    }
    packages
}

/// The package that an entry `name` or `name version` means.
fn resolve(locked: &BTreeMap<Package, Vec<&str>>, entry: &str) -> Package {
    let mut words = entry.split(' ');
    let name = words.next().unwrap();
    match words.next() {
        Some(version) => (name.to_owned(), version.to_owned()),
        None => locked.keys().find(|(found, _)| found == name).unwrap().clone(),
    }
}

/// The package that the crate itself depends on by this name.
fn own(locked: &BTreeMap<Package, Vec<&str>>, name: &str) -> Package {
    let root = locked.iter().find(|((found, _), _)| found == "jwt-appraisal").unwrap().1;
    let entry = root.iter().find(|entry| entry.split(' ').next() == Some(name)).unwrap();
    resolve(locked, entry)
}
