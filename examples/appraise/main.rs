//! Appraises tokens from the command line: one, a batch, or a collection of cases.
//!
//! `cargo run --example appraise -- --help` says how.

mod batch;
mod case;
mod cases;
mod decrypt;
mod document;
mod facts;
mod kinds;
mod parties;
mod parts;
mod policy;
mod report;

use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fmt, fs};

use jwt_appraisal::Verdict;

use crate::cases::Cases;
use crate::document::{Document, Fault};
use crate::policy::Policy;
use crate::report::Report;

const HELP: &str = r#"Decides whether to believe JSON Web Tokens.

appraise --policy POLICY.json [--json] [--] [TOKEN | -]
    Appraises TOKEN, or what stands on standard input, less one newline at its end. Prints a
    table of every check, or with --json one object that also has the claims of an accepted token.
    Exit code: 0 accepted, 1 rejected, 2 bad usage or policy, 3 undetermined.

appraise --batch
    Reads lines {"id": …, "token": "…", "policy": {…}} of at most 64 MiB, and answers each with
    {"id": …, "verdict": "…", "checks": [{"id": "…", "outcome": "…", "reason": "…"}]}, with
    "claims" if the token was accepted, or with {"id": …, "error": "…"}.

appraise --cases CASES.json
    Runs a file of cases and prints those that disagree with what they expect.
    Exit code: 0 none, 1 some, 2 the file can not be read.

A policy:
    {
      "profile": "access-token",             or another kind, below
      "issuers": [{
        "id": "https://as.example.com",
        "jwks_file": "keys.json",            beside the policy; or the set itself: "jwks": {…}
        "algorithms": ["RS256"]
      }],
      "audience": ["https://api.example.com"],
      "leeway_s": 60,                        optional, as are all that follow
      "now": 1700000000,                     instead of the clock
      "require": ["scope"],                  claims
      "limits": {"token_bytes": 4096},       members as in the library's Limits
      "decrypt": {                           then tokens have to be encrypted
        "jwks_file": "private.json",         or "jwks": {…}
        "key_management": ["RSA-OAEP-256"],
        "content_encryption": ["A256GCM"],
        "zip": false                         whether compressed content is inflated
      },
      "max_token_age_s": 60,                       since "iat"
      "matching": ["workflow_id"],           claims that equal a fact of the same name
      "actors": ["agent-1"],                 who may act for the subject, by sub
      "actor_clients": ["client-1"],         or by client_id
      "single_use": true,                    a token that this run has seen is refused; else the check
                                             state.replay is waived where a kind is good for one use
      "expect": {                            what is known of the request
        "nonce": "…", "access_token": "…", "code": "…", "state": "…", "response_type": "…",
        "max_age": 300, "acr_values": ["…"], "client_id": "…", "htm": "GET", "htu": "https://…",
        "jkt": "…", "x5t#S256": "…",         keys whose possession was shown; of a DPoP proof,
                                             the key that the access token is bound to
        "parent_scope": "read write",        of the token that this one was derived from
        "facts": {"workflow_id": "…"}
      }
    }

Kinds:
    access-token, id-token, jwt-bearer-grant, id-jag, jarm-response, introspection-response
    mcp-access-token                         with "extra_audiences": "refuse" or "allow"
    access-token-legacy                      with "discriminator": {"claim": "scp", "value": "…"}
    logout-token, security-event             with "typ": "legacy" for senders without the type;
                                             "ssf": true for shared signals
    client-assertion, request-object         with "clients" in place of "issuers"
    dpop-proof                               with "algorithms": ["ES256"] and "max_ahead_s", without
                                             issuers and audience
    custom                                   with a "typ" such as "receipt+jwt"
"#;

fn main() -> ExitCode {
    match Job::from_arguments(env::args_os().skip(1)).and_then(Job::run) {
        Ok(code) => code,
        Err(stop) => {
            eprintln!("{stop}");
            ExitCode::from(2)
        }
    }
}

/// Why nothing was appraised.
enum Stop {
    Usage(&'static str),
    File(&'static str, PathBuf, io::Error),
    Document(&'static str, Fault),
    Stream(io::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => write!(f, "usage: {what}; --help says more"),
            // A header begins so; whoever mixed up the arguments does not want it in a log.
            Self::File(role, path, _) if path.to_string_lossy().starts_with("eyJ") => {
                write!(f, "{role}: expected the name of a file, found what looks like a token")
            }
            Self::File(role, path, error) => write!(f, "{role}: {}: {error}", path.display()),
            Self::Document(role, fault) => write!(f, "{role}: {fault}"),
            Self::Stream(error) => write!(f, "standard input or output: {error}"),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

/// What the arguments ask for.
enum Job {
    Help,
    One { policy: PathBuf, json: bool, token: Option<OsString> },
    Batch,
    Cases(PathBuf),
}

impl Job {
    fn from_arguments(arguments: impl Iterator<Item = OsString>) -> Result<Self, Stop> {
        let arguments = Arguments::read(arguments)?;
        let alone = [arguments.batch, arguments.cases.is_some(), arguments.policy.is_some()];
        if arguments.help {
            return Ok(Self::Help);
        }
        if alone.into_iter().filter(|given| *given).count() != 1 {
            return Err(Stop::Usage("expected one of --policy, --batch and --cases"));
        }
        if let Some(policy) = arguments.policy {
            let (json, token) = (arguments.json, arguments.token);
            return Ok(Self::One { policy, json, token });
        }
        if arguments.json || arguments.token.is_some() {
            return Err(Stop::Usage("--json and a token go with --policy"));
        }
        Ok(arguments.cases.map_or(Self::Batch, Self::Cases))
    }

    fn run(self) -> Result<ExitCode, Stop> {
        let mut output = io::stdout().lock();
        match self {
            Self::Help => {
                output.write_all(HELP.as_bytes())?;
                Ok(ExitCode::SUCCESS)
            }
            Self::One { policy, json, token } => appraise(&policy, json, token, output),
            Self::Batch => {
                batch::run(io::stdin().lock(), BufWriter::new(output))?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Cases(file) => {
                let document = read_document("cases", &file)?;
                let cases = Cases::of(&document).map_err(|fault| Stop::Document("cases", fault))?;
                let agree = cases.run(output)?;
                Ok(ExitCode::from(if agree { 0 } else { 1 }))
            }
        }
    }
}

/// The arguments as they stand.
#[derive(Default)]
struct Arguments {
    help: bool,
    json: bool,
    batch: bool,
    policy: Option<PathBuf>,
    cases: Option<PathBuf>,
    token: Option<OsString>,
}

impl Arguments {
    fn read(mut rest: impl Iterator<Item = OsString>) -> Result<Self, Stop> {
        let mut read = Self::default();
        let mut options_end = false;
        while let Some(argument) = rest.next() {
            match argument.to_str() {
                Some("--help" | "-h") if !options_end => read.help = true,
                Some("--json") if !options_end => read.json = true,
                Some("--batch") if !options_end => read.batch = true,
                Some("--policy") if !options_end => once(&mut read.policy, rest.next())?,
                Some("--cases") if !options_end => once(&mut read.cases, rest.next())?,
                Some("--") if !options_end => options_end = true,
                Some(option) if !options_end && option.len() > 1 && option.starts_with('-') => {
                    return Err(Stop::Usage("an option is not known"));
                }
                _ => once(&mut read.token, Some(argument))?,
            }
        }
        Ok(read)
    }
}

fn once<T: From<OsString>>(place: &mut Option<T>, value: Option<OsString>) -> Result<(), Stop> {
    let value = value.ok_or(Stop::Usage("--policy and --cases want a file"))?;
    match place.replace(value.into()) {
        None => Ok(()),
        Some(_) => Err(Stop::Usage("expected one policy, one file of cases or one token")),
    }
}

fn appraise(
    file: &Path,
    json: bool,
    token: Option<OsString>,
    mut output: impl Write,
) -> Result<ExitCode, Stop> {
    let document = read_document("policy", file)?;
    let policy = read_policy(&document, file)?;
    let appraisal = policy.appraise(token_bytes(token)?);
    let verdict = appraisal.verdict();
    if json {
        serde_json::to_writer(&mut output, &Report::from(appraisal)).map_err(io::Error::from)?;
        writeln!(output)?;
    } else {
        writeln!(output, "{appraisal}")?;
    }
    Ok(exit_code(verdict))
}

fn exit_code(verdict: Verdict) -> ExitCode {
    ExitCode::from(match verdict {
        Verdict::Accepted => 0,
        Verdict::Undetermined => 3,
        // A verdict that is new to this program is no acceptance.
        Verdict::Rejected | _ => 1,
    })
}

fn read_policy<'v>(document: &'v Document, file: &Path) -> Result<Policy<'v>, Stop> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let policy = document.root().and_then(|root| Policy::read(&root, folder));
    let policy = policy.map_err(|fault| Stop::Document("policy", fault))?;
    for key in &policy.skipped_keys {
        eprintln!("policy: left out: {key}");
    }
    Ok(policy)
}

fn read_document(role: &'static str, file: &Path) -> Result<Document, Stop> {
    let text = fs::read(file).map_err(|error| Stop::File(role, file.into(), error))?;
    Document::parse(&text).map_err(|fault| Stop::Document(role, fault))
}

/// The token of the command line, or that of standard input.
fn token_bytes(token: Option<OsString>) -> io::Result<Vec<u8>> {
    match token {
        Some(token) if token != "-" => Ok(token.into_encoded_bytes()),
        _ => token_from_input(io::stdin().lock()),
    }
}

fn token_from_input(input: impl Read) -> io::Result<Vec<u8>> {
    /// Longer than any policy permits, so that reading ends where the verdict is clear.
    const MOST: u64 = 2 * 1024 * 1024;
    let mut token = Vec::new();
    input.take(MOST).read_to_end(&mut token)?;
    if token.ends_with(b"\n") {
        token.pop();
    }
    Ok(token)
}
