//! Reads what a source imports, for the tests of the structure.

/// A name that a `use` brings into a module.
pub(crate) struct Import {
    pub(crate) public: bool,
    /// With the name itself, or `*`, at its end.
    pub(crate) path: Vec<String>,
    pub(crate) name: String,
}

/// The names that the `use` declarations of a source bring in.
pub(crate) fn used(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    while let Some(line) = lines.next() {
        let Some((visibility, start)) = line.split_once("use ") else { continue };
        let public = visibility.starts_with("pub");
        if !(visibility.is_empty() || public && visibility.ends_with(' ')) {
            continue;
        }
        let mut tree = start.to_owned();
        while !tree.ends_with(';') {
            tree += lines.next().unwrap();
        }
        expand(tree.trim_end_matches(';'), &[], public, &mut found);
    }
    found
}

/// The names of a `use` tree below a path.
fn expand(tree: &str, below: &[String], public: bool, found: &mut Vec<Import>) {
    let segments = |path: &str| {
        let inner = path.split("::").map(|segment| segment.trim().to_owned());
        below.iter().cloned().chain(inner.filter(|segment| !segment.is_empty())).collect::<Vec<_>>()
    };
    if let Some((path, inner)) = tree.split_once('{') {
        let (inner, _) = inner.rsplit_once('}').unwrap();
        let mut depth = 0_i32;
        let parts = inner.split(|c: char| {
            depth = depth.saturating_add(i32::from(c == '{')).saturating_sub(i32::from(c == '}'));
            c == ',' && depth == 0
        });
        for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
            expand(part, &segments(path), public, found);
        }
    } else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path = segments(path);
        path.pop_if(|last| last == "self");
        let name = if alias.is_empty() { path.last().unwrap() } else { alias };
        found.push(Import { public, name: name.trim().to_owned(), path });
    }
}
