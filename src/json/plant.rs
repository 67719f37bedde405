//! New values of a grafted document: they are appended, within the bounds, before a graft leads to them.

use std::borrow::Cow;

use super::document::Node;
use super::graft::{GraftError, Grafts, NewValue};
use super::read::JsonError;
use super::value::{JsonKind, Value};

impl<'t> Grafts<'_, 't> {
    /// Appends a new value that will be inside `depth` objects and arrays, and returns the node that
    /// stands for it: a node without children itself, or else an alias.
    pub(super) fn plant(
        &mut self,
        value: NewValue<'t>,
        depth: usize,
    ) -> Result<Node<'t>, GraftError> {
        let at = match value {
            NewValue::Text(text) => return Ok(self.text_node(text)),
            NewValue::Texts(texts) => {
                self.check_depth(1, depth)?;
                let at = self.doc.len();
                let end = at.saturating_add(1).saturating_add(texts.len());
                self.push(Node::Array { end })?;
                for text in texts {
                    let text = self.text_node(text);
                    self.push(text)?;
                }
                return Ok(Node::Alias { end: 0, to: at });
            }
            NewValue::Copy(place) => {
                let value = self.value(place);
                let (at, is_container) = (value.resolved(), is_container(value));
                self.check_depth(height(value), depth)?;
                let copy = self.doc.len();
                if is_container {
                    self.push_copy(at)?;
                    copy
                } else {
                    at
                }
            }
            NewValue::Fragment(fragment) => {
                let value = self.fragment(&fragment);
                let at = value.resolved();
                self.check_depth(height(value), depth)?;
                at
            }
        };
        let is_container = is_container(Value::new(self.doc, at));
        Ok(if is_container { Node::Alias { end: 0, to: at } } else { self.doc.node(at) })
    }

    /// Makes an alias of a node that is none, for a place that is wider than one node.
    pub(super) fn plant_apart(&mut self, node: Node<'t>) -> Result<Node<'t>, GraftError> {
        if let Node::Alias { .. } = node {
            return Ok(node);
        }
        let to = self.doc.len();
        self.push(node)?;
        Ok(Node::Alias { end: 0, to })
    }

    pub(super) fn push(&mut self, node: Node<'t>) -> Result<(), JsonError> {
        if self.doc.len() >= self.bounds.values {
            return Err(JsonError::TooManyValues);
        }
        self.doc.push(node);
        Ok(())
    }

    pub(super) fn text_node(&mut self, text: Cow<'t, str>) -> Node<'t> {
        match text {
            Cow::Borrowed(text) => Node::Text(text),
            Cow::Owned(text) => self.doc.keep_unescaped(text),
        }
    }

    /// Appends a copy of what a reader sees at `from`, which is no alias.
    fn push_copy(&mut self, from: usize) -> Result<(), JsonError> {
        let (value, copy, node) = (Value::new(self.doc, from), self.doc.len(), self.doc.node(from));
        if let Node::Array { .. } = node {
            let elements: Vec<_> = value.elements().map(Value::resolved).collect();
            self.push(Node::Array { end: usize::MAX })?;
            for element in elements {
                self.push_copy(element)?;
            }
            self.doc.set(copy, Node::Array { end: self.doc.len() });
        } else if let Node::Object { .. } = node {
            let members = value.members().map(|(_, value)| (value.at(), value.resolved()));
            let members: Vec<_> = members.collect();
            self.push(Node::Object { end: usize::MAX, more: 0 })?;
            for (at, value) in members {
                self.push(self.doc.node(at.saturating_sub(1)))?;
                self.push_copy(value)?;
            }
            self.doc.set(copy, Node::Object { end: self.doc.len(), more: 0 });
        } else {
            self.push(node)?;
        }
        Ok(())
    }

    fn check_depth(&self, height: usize, depth: usize) -> Result<(), JsonError> {
        let deepest = depth.saturating_add(height);
        if height > 0 && deepest > self.bounds.depth { Err(JsonError::TooDeep) } else { Ok(()) }
    }
}

fn is_container(value: Value<'_>) -> bool {
    matches!(value.kind(), JsonKind::Array | JsonKind::Object)
}

/// The number of objects and arrays inside one another, the value itself included.
fn height(value: Value<'_>) -> usize {
    if !is_container(value) {
        return 0;
    }
    let members = value.members().map(|(_, value)| value);
    let deepest = members.chain(value.elements()).map(height).max();
    deepest.unwrap_or(0).saturating_add(1)
}
