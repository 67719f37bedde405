//! What became of each row, as text that can be compared.

use std::fmt::Write as _;
use std::sync::Arc;

use jwt_appraisal::Appraisal;
use serde_json::Value;

/// One row: its code, its outcome's name, and the explanation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Row {
    pub(super) code: String,
    outcome: &'static str,
    explanation: Option<String>,
}

pub(super) fn rows(appraisal: &Appraisal<Value>) -> Arc<[Row]> {
    let row = |check: jwt_appraisal::CheckResult<'_>| Row {
        code: check.id().to_string(),
        outcome: check.outcome().name(),
        explanation: check.explanation(),
    };
    appraisal.checks().map(row).collect()
}

impl Row {
    fn to_line(&self) -> String {
        match &self.explanation {
            Some(explanation) => format!("{} {}: {explanation}", self.outcome, self.code),
            None => format!("{} {}", self.outcome, self.code),
        }
    }
}

/// What one member comes to: its values, and how the rows then differ from those of the good token.
pub(super) struct Block {
    name: String,
    good: Arc<[Row]>,
    /// Values with the same result share an entry.
    results: Vec<(String, Vec<String>)>,
}

impl Block {
    pub(super) fn new(name: &str, good: Arc<[Row]>) -> Self {
        Self { name: name.to_owned(), good, results: Vec::new() }
    }

    pub(super) fn add(&mut self, label: &str, appraisal: &Appraisal<Value>) {
        let mut lines = vec![appraisal.verdict().to_string()];
        lines.extend(changes(&rows(appraisal), &self.good));
        match self.results.iter_mut().find(|(_, known)| *known == lines) {
            Some((labels, _)) => *labels += &format!(" | {label}"),
            None => self.results.push((label.to_owned(), lines)),
        }
    }

    /// Whether every value is accepted with the rows of the good token.
    pub(super) fn is_ignored(&self) -> bool {
        self.results.iter().all(|(_, lines)| *lines == ["accepted"])
    }

    fn write(&self, text: &mut String) {
        writeln!(text, "{}", self.name).unwrap();
        for (labels, lines) in &self.results {
            writeln!(text, "  {labels}: {}", lines.join("\n    ")).unwrap();
        }
    }
}

/// The rows that differ from those of the good token. Rows in a sequence that were not reached are one line.
fn changes(rows: &[Row], good: &[Row]) -> Vec<String> {
    let codes = |rows: &[Row]| rows.iter().map(|row| row.code.clone()).collect::<Vec<_>>();
    if rows.len() != good.len() || rows.iter().zip(good).any(|(row, good)| row.code != good.code) {
        return vec![format!("another plan: {}", codes(rows).join(" "))];
    }
    let mut lines = Vec::new();
    let mut pairs = rows.iter().zip(good).peekable();
    while let Some((row, before)) = pairs.next() {
        if row.outcome == "not_reached" {
            let mut last = row;
            while let Some((next, _)) = pairs.next_if(|(next, _)| next.outcome == "not_reached") {
                last = next;
            }
            let until = if last == row { String::new() } else { format!(" … {}", last.code) };
            lines.push(format!("not_reached {}{until}", row.code));
        } else if row != before {
            lines.push(row.to_line());
        }
    }
    lines
}

/// The rows of the good token in a setting, or why the kind cannot have the setting.
pub(super) type Plan = Result<Arc<[Row]>, String>;

/// All of one kind.
pub(super) struct Report {
    pub(super) kind: &'static str,
    plans: Vec<(&'static str, Plan)>,
    sections: Vec<(&'static str, Vec<Block>)>,
}

impl Report {
    pub(super) fn new(kind: &'static str) -> Self {
        Self { kind, plans: Vec::new(), sections: Vec::new() }
    }

    /// The first plan is printed as a whole, and the others by how they differ from it.
    pub(super) fn plan(&mut self, setting: &'static str, rows: Plan) {
        self.plans.push((setting, rows));
    }

    pub(super) fn section(&mut self, name: &'static str, blocks: impl IntoIterator<Item = Block>) {
        self.sections.push((name, blocks.into_iter().collect()));
    }

    /// The whole report. What does not differ from another kind's report only refers to it.
    pub(super) fn to_text(&self, other: Option<&Self>) -> String {
        let mut text = format!("{}\n", self.kind);
        let mut first: Option<&[Row]> = None;
        for (setting, rows) in &self.plans {
            writeln!(text, "\n== plan, {setting}").unwrap();
            let lines = match (rows, first) {
                (Ok(rows), None) => rows.iter().map(Row::to_line).collect(),
                (Ok(rows), Some(first)) => added_and_removed(first, rows),
                (Err(why), _) => vec![why.clone()],
            };
            writeln!(text, "{}", lines.join("\n")).unwrap();
            first = first.or(rows.as_deref().ok());
        }
        for (name, _) in &self.sections {
            writeln!(text, "\n== {name}").unwrap();
            self.write_blocks(&mut text, name, other);
        }
        text
    }

    fn blocks(&self, section: &str) -> &[Block] {
        let found = self.sections.iter().find(|(name, _)| *name == section);
        found.map(|(_, blocks)| blocks.as_slice()).unwrap_or_default()
    }

    fn write_blocks(&self, text: &mut String, section: &str, other: Option<&Self>) {
        let (mut ignored, mut same) = (Vec::new(), Vec::new());
        for block in self.blocks(section) {
            let is_same = other.is_some_and(|other| {
                let theirs = other.blocks(section).iter().find(|theirs| theirs.name == block.name);
                theirs.is_some_and(|theirs| theirs.results == block.results)
            });
            if block.is_ignored() {
                ignored.push(block.name.as_str());
            } else if is_same {
                same.push(block.name.as_str());
            } else {
                block.write(text);
            }
        }
        if let (false, Some(other)) = (same.is_empty(), other) {
            writeln!(text, "as {}: {}", other.kind, same.join(", ")).unwrap();
        }
        if !ignored.is_empty() {
            writeln!(text, "without effect: {}", ignored.join(", ")).unwrap();
        }
    }
}

/// A plan as its difference from another one, or as a whole if the order of what they share differs.
fn added_and_removed(base: &[Row], rows: &[Row]) -> Vec<String> {
    let has = |rows: &[Row], row: &Row| rows.iter().any(|other| other.code == row.code);
    let kept = base.iter().filter(|row| has(rows, row)).map(|row| &row.code);
    if !kept.eq(rows.iter().filter(|row| has(base, row)).map(|row| &row.code)) {
        return rows.iter().map(Row::to_line).collect();
    }
    let gone = base.iter().filter(|row| !has(rows, row));
    let mut lines: Vec<_> = gone.map(|row| format!("- {}", row.code)).collect();
    let mut before = "the start";
    for row in rows {
        if !has(base, row) {
            lines.push(format!("+ {}, after {before}", row.to_line()));
        } else if !base.contains(row) {
            lines.push(row.to_line());
        }
        before = &row.code;
    }
    if lines.is_empty() { vec!["as plain".to_owned()] } else { lines }
}
