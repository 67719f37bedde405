//! Files that are read where they lie.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file or folder of a suite in the folder that `JOSE_VECTORS` names. Without the variable: none,
/// and a word about how to get the suite.
pub(crate) fn find(path: &str, origin: &str) -> Option<PathBuf> {
    match std::env::var_os("JOSE_VECTORS") {
        Some(folder) => Some(Path::new(&folder).join(path)),
        None => {
            println!("{path}: skipped; get it from {origin} and set JOSE_VECTORS to where it is");
            None
        }
    }
}

pub(crate) fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| unreachable!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}
