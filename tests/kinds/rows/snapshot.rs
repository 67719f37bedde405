//! Texts against the files that record them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::support::provider;

/// So many lines around a change are shown.
const CONTEXT: usize = 2;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kinds/snapshots")
}

/// Compares each kind's text with its file, or writes the files if `UPDATE_SNAPSHOTS` is set.
pub(super) fn compare(texts: &[(&str, String)]) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        for (kind, text) in texts {
            fs::write(folder().join(kind).with_extension("txt"), text).unwrap();
        }
    }
    let mut differences = String::new();
    for (kind, text) in texts {
        let recorded = fs::read_to_string(folder().join(kind).with_extension("txt"));
        let recorded = recorded.unwrap_or_default();
        if recorded != *text {
            differences += &format!("\n{kind}.txt\n{}", diff(&recorded, text));
        }
    }
    assert!(
        differences.is_empty(),
        "rows differ from tests/kinds/snapshots; if that is intended, set UPDATE_SNAPSHOTS=1 \
         ({:?})\n{differences}",
        provider()
    );
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_owned()).collect();
    let kinds: BTreeSet<_> = texts.iter().map(|(kind, _)| (*kind).into()).collect();
    assert_eq!(files, kinds, "each snapshot is of a kind");
}

/// The lines that were removed and added, with the lines around them.
fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let edits = edits(&old, &new);
    let changed = |at: usize| edits.get(at).is_some_and(|(mark, _)| *mark != ' ');
    let mut text = String::new();
    let mut gap = false;
    for (at, (mark, line)) in edits.iter().enumerate() {
        let first = at.saturating_sub(CONTEXT);
        if (first..=at.saturating_add(CONTEXT)).any(changed) {
            text += &format!("{}  {mark} {line}\n", if gap { "  …\n" } else { "" });
            gap = false;
        } else {
            gap = true;
        }
    }
    text
}

/// Each line with what becomes of it: a longest common subsequence stays.
fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let width = new.len().saturating_add(1);
    // How many lines can stay of what is left of both, from each pair of places on.
    let mut stay = vec![vec![0_usize; width]; old.len().saturating_add(1)];
    for (i, before) in old.iter().enumerate().rev() {
        for (j, after) in new.iter().enumerate().rev() {
            let (down, right) = (stay[i.saturating_add(1)][j], stay[i][j.saturating_add(1)]);
            let both = stay[i.saturating_add(1)][j.saturating_add(1)].saturating_add(1);
            stay[i][j] = if before == after { both } else { down.max(right) };
        }
    }
    let (mut i, mut j) = (0_usize, 0_usize);
    let mut edits = Vec::new();
    while i < old.len() || j < new.len() {
        let (before, after) = (old.get(i), new.get(j));
        let removes = || stay[i.saturating_add(1)][j] >= stay[i][j.saturating_add(1)];
        match (before, after) {
            (Some(before), Some(after)) if before == after => {
                edits.push((' ', *before));
                (i, j) = (i.saturating_add(1), j.saturating_add(1));
            }
            (Some(before), after) if after.is_none() || removes() => {
                edits.push(('-', *before));
                i = i.saturating_add(1);
            }
            (_, Some(after)) => {
                edits.push(('+', *after));
                j = j.saturating_add(1);
            }
            (_, None) => unreachable!("both are at their end"),
        }
    }
    edits
}
