//! Equality of two values.

use super::document::Node;
use super::value::Value;

impl Value<'_> {
    /// Returns whether both values are equal. The order of members does not matter.
    pub(crate) fn is_same(self, other: Value<'_>) -> bool {
        match (self.node(), other.node()) {
            (Node::Null, Node::Null) => true,
            (Node::Bool(one), Node::Bool(other)) => one == other,
            (Node::Text(_) | Node::Unescaped(_), Node::Text(_) | Node::Unescaped(_)) => {
                self.as_str() == other.as_str()
            }
            (Node::Array { .. }, Node::Array { .. }) => {
                let same_count = self.elements().count() == other.elements().count();
                same_count && self.elements().zip(other.elements()).all(|(a, b)| a.is_same(b))
            }
            (Node::Object { .. }, Node::Object { .. }) => {
                let same_count = self.members().count() == other.members().count();
                let there =
                    |name, value: Value<'_>| other.get(name).is_some_and(|its| value.is_same(its));
                same_count && self.members().all(|(name, value)| there(name, value))
            }
            (Node::Unsigned(one), Node::Unsigned(other)) => one == other,
            (Node::Signed(one), Node::Signed(other)) => one == other,
            (Node::Float(one), Node::Float(other)) => one.to_bits() == other.to_bits(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops where it cannot continue")]

    use crate::json::{Bounds, Document};

    fn is_same(one: &str, other: &str) -> bool {
        let bounds = Bounds { depth: 8, values: 64, members: 8, lenient_keys: false };
        let [mut of_one, mut of_other] = [Document::new(), Document::new()];
        of_one.read(one.as_bytes(), bounds).unwrap();
        of_other.read(other.as_bytes(), bounds).unwrap();
        of_one.root().is_same(of_other.root())
    }

    #[test]
    fn values_that_are_the_same() {
        for (one, other) in [
            ("null", "null"),
            ("true", "true"),
            ("7", "7"),
            ("-7", "-7"),
            ("1.5", "1.5"),
            ("1.5", "15e-1"),
            (r#""a""#, r#""a""#),
            (r#""a""#, r#""\u0061""#),
            ("[]", "[]"),
            ("[1, [2]]", "[1,[2]]"),
            ("{}", "{}"),
            (r#"{"a":1,"b":{"c":[2]}}"#, r#"{"b":{"c":[2]},"a":1}"#),
            (r#"{"a":1}"#, r#"{"\u0061":1}"#),
        ] {
            assert!(is_same(one, other) && is_same(other, one), "{one} {other}");
        }
    }

    #[test]
    fn values_that_are_not_the_same() {
        for (one, other) in [
            ("null", "false"),
            ("true", "false"),
            ("7", "8"),
            ("-7", "-8"),
            ("7", "-7"),
            ("7", r#""7""#),
            ("1.5", "2.5"),
            ("1.5", "-1.5"),
            (r#""a""#, r#""A""#),
            (r#""a""#, r#""\u0041""#),
            (r#""a""#, r#"["a"]"#),
            ("[]", "{}"),
            ("[]", "[1]"),
            ("[1]", "[1,2]"),
            ("[1,2]", "[2,1]"),
            ("[[1]]", "[[2]]"),
            ("{}", r#"{"a":1}"#),
            (r#"{"a":1}"#, r#"{"a":2}"#),
            (r#"{"a":1}"#, r#"{"b":1}"#),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
            (r#"{"a":{"b":1}}"#, r#"{"a":{"b":2}}"#),
        ] {
            assert!(!is_same(one, other) && !is_same(other, one), "{one} {other}");
        }
    }
}
