//! What a check found instead of what it expects.

use std::fmt;
use std::sync::Arc;

use crate::alg::KeyAlgorithm;
use crate::json::JsonKind;
use crate::names::{KeyId, write_escaped};
use crate::time::Seconds;

/// What was found instead. Only [`Found::Shown`] has text of a token, and only a rule can make it, so the
/// signature has passed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    Nothing,
    Kind(JsonKind),
    /// A name from a table of ours.
    Name(&'static str),
    /// A member of the header, by its name in a table of ours.
    Member(&'static str),
    /// A text of so many bytes.
    Bytes(usize),
    /// So many of something.
    Number(usize),
    /// So many of something, where at most so many are permitted.
    Count {
        found: usize,
        most: usize,
    },
    Moment(Seconds),
    /// So many seconds, where at most so many are permitted.
    Lasting {
        seconds: i64,
        most: i64,
    },
    /// The issuer's key or a decryption key, by its `kid` and algorithm.
    Key(Option<KeyId>, KeyAlgorithm),
    /// What is wrong with the issuer's key.
    Problem(Arc<str>),
    /// Words of the program, not of the token.
    Words(Box<str>),
    /// Text of a token whose signature passed, escaped and cut.
    Shown(Box<str>),
}

impl Found {
    /// The most characters of a token that a reason shows.
    const SHOWN: usize = 128;

    /// A text by its name in a table of ours, else by its length.
    pub(crate) fn text(text: &str, known: Option<&'static str>) -> Self {
        known.map_or(Self::Bytes(text.len()), Self::Name)
    }

    /// The issuer, an audience, a client or a scope of a token whose signature passed.
    pub(crate) fn shown(text: &str) -> Self {
        Self::Shown(Shown { text, most: Self::SHOWN }.to_string().into())
    }

    /// Several such names.
    pub(crate) fn shown_list<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let (mut list, mut left) = (String::new(), Self::SHOWN);
        for text in texts {
            let separator = if list.is_empty() { "" } else { ", " };
            if left == 0 {
                list.push_str(", …");
                break;
            }
            list.push_str(&format!("{separator}{}", Shown { text, most: left }));
            // An empty name takes room too, so that the list ends.
            left = left.saturating_sub(text.chars().count().max(1));
        }
        Self::Shown(format!("[{list}]").into())
    }

    /// The bound that the value exceeds.
    pub(super) fn bound(&self) -> Option<String> {
        match self {
            Self::Count { most, .. } => Some(format!("at most {most}")),
            Self::Lasting { most, .. } => Some(format!("at most {most} s")),
            Self::Nothing
            | Self::Kind(_)
            | Self::Name(_)
            | Self::Member(_)
            | Self::Bytes(_)
            | Self::Number(_)
            | Self::Moment(_)
            | Self::Key(..)
            | Self::Problem(_)
            | Self::Words(_)
            | Self::Shown(_) => None,
        }
    }

    /// The value as text, if this is one.
    pub(super) fn value(&self) -> Option<String> {
        Some(match self {
            Self::Nothing | Self::Member(_) | Self::Key(..) | Self::Problem(_) | Self::Words(_) => {
                return None;
            }
            Self::Kind(kind) => kind.to_string(),
            Self::Name(name) => format!("\"{name}\""),
            Self::Bytes(bytes) => format!("a text of {bytes} bytes"),
            Self::Number(found) | Self::Count { found, .. } => found.to_string(),
            Self::Moment(moment) => moment.to_string(),
            Self::Lasting { seconds, .. } => format!("{seconds} s"),
            Self::Shown(text) => text.to_string(),
        })
    }
}

/// Writes what stands behind the sentence of a kind.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Member(name) => write!(f, ": \"{name}\""),
            Self::Moment(moment) => write!(f, ": {moment}"),
            Self::Key(Some(kid), alg) => write!(f, " under key {kid:?} ({})", alg.name()),
            Self::Key(None, alg) => write!(f, " under the key without kid ({})", alg.name()),
            Self::Problem(problem) => write!(f, ": {problem}"),
            Self::Words(words) => write!(f, ": {words}"),
            Self::Kind(_)
            | Self::Name(_)
            | Self::Bytes(_)
            | Self::Number(_)
            | Self::Count { .. }
            | Self::Lasting { .. }
            | Self::Shown(_) => write!(f, ": found {}", self.value().unwrap_or_default()),
        }
    }
}

/// The beginning of a text, quoted and escaped.
struct Shown<'a> {
    text: &'a str,
    most: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        write_escaped(f, self.text.chars().take(self.most))?;
        match self.text.chars().nth(self.most) {
            Some(_) => write!(f, "… ({} bytes)\"", self.text.len()),
            None => f.write_str("\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_text_is_escaped_and_bounded() {
        let long = "é".repeat(200);
        let shown = Found::shown(&long).value();
        let expected = format!("\"{}… (400 bytes)\"", "\\u{e9}".repeat(128));
        assert_eq!(shown, Some(expected));
        let many = std::iter::repeat_n("", 1_000);
        let expected = format!("[{}, …]", vec!["\"\""; 128].join(", "));
        assert_eq!(Found::shown_list(many).value(), Some(expected));
        let two = Found::shown_list(["a\n", "b"].into_iter()).value();
        assert_eq!(two.as_deref(), Some(r#"["a\n", "b"]"#));
    }
}
