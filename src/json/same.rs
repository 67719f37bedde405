//! When two values are the same.

use super::document::{Node, Value};

impl Value<'_> {
    /// Whether both are the same value; the order of members does not matter.
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
