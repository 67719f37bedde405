//! Lines of JSON in, each with a token and its policy; lines of JSON out.

use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::document::{Document, Place};
use crate::policy::Policy;
use crate::report::Report;

/// The longest line in bytes: far more than the longest token and key set that a policy permits,
/// and it fits into memory.
pub(crate) const LINE_BYTES: usize = 64 * 1024 * 1024;

/// Answers line by line; a bad line does not end the run.
pub(crate) fn run(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    while let Some(line) = next_line(&mut input)? {
        let answer = match line {
            Line::Whole(line) => answer(&line),
            Line::TooLong => Answer {
                id: Value::Null,
                content: Content::error(format!("line: has more than {LINE_BYTES} bytes")),
            },
        };
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

fn next_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let most = u64::try_from(LINE_BYTES).unwrap_or(u64::MAX);
    input.take(most).read_until(b'\n', &mut line)?;
    if line.len() == LINE_BYTES && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
        return Ok(Some(Line::TooLong));
    }
    if line.is_empty() {
        return Ok(None);
    }
    if line.ends_with(b"\n") {
        line.pop();
    }
    Ok(Some(Line::Whole(line)))
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Report(Report),
    Error { error: String },
}

impl Content {
    fn error(error: impl ToString) -> Self {
        let error = error.to_string();
        Self::Error { error }
    }
}

fn answer(line: &[u8]) -> Answer {
    let document = Document::parse(line);
    let id = document.as_ref().ok().and_then(|line| line.member("id"));
    let id = id.cloned().unwrap_or_default();
    let report =
        document.map_err(|fault| format!("line: {fault}")).and_then(|document| report(&document));
    Answer { id, content: report.map_or_else(Content::error, Content::Report) }
}

fn report(document: &Document) -> Result<Report, String> {
    let in_line = |fault| format!("line: {fault}");
    let line = document.root().map_err(in_line)?;
    let line = line.members(&["id", "token", "policy"]).map_err(in_line)?;
    let token = line.required("token").map_err(in_line)?;
    let token = token.text().map_err(in_line)?;
    let policy = line.required("policy").map_err(in_line)?;
    // As a document of its own, so that its faults read like those of a policy file.
    let policy = Policy::read(&Place::root(policy.value()), Path::new(""));
    let policy = policy.map_err(|fault| format!("policy: {fault}"))?;
    Ok(policy.appraise(token).into())
}
