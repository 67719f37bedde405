//! How the program is run, and what it is run with.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jwt_appraisal::testing::{TestIssuer, TestToken};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://as.example.com";
pub(crate) const API: &str = "https://api.example.com";
pub(crate) const NOW: i64 = 1_800_000_000;

/// The program, which cargo builds along with the tests.
pub(crate) fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!("appraise{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    assert!(
        program.exists(),
        "{} is missing: run `cargo build --example appraise` first, or `cargo test`",
        program.display()
    );
    program
}

/// What became of a run of the program.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub(crate) fn appraise(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|threads| {
        // The program may answer before it has read everything, or not read at all.
        threads.spawn(move || stdin.write_all(input).ok());
        child.wait_with_output().unwrap().into()
    })
}

/// A file of this test's own.
pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("appraise_cli");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

pub(crate) fn good(issuer: &TestIssuer) -> TestToken {
    issuer.access_token(API).at(NOW)
}

pub(crate) fn jwks(issuer: &TestIssuer) -> Value {
    serde_json::from_str(&issuer.jwks()).unwrap()
}

pub(crate) fn policy(jwks: Value) -> Value {
    json!({
        "profile": "access-token",
        "issuers": [{ "id": ISSUER, "jwks": jwks, "algorithms": ["ES256"] }],
        "audience": [API],
        "now": NOW,
    })
}
