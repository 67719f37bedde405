//! The children of objects and arrays, with what was grafted and without what was hidden.

use super::document::{Document, Node};
use super::value::Value;

/// The members of an object.
#[derive(Clone)]
pub(crate) struct Members<'d> {
    doc: &'d Document<'d>,
    at: usize,
    end: usize,
    /// The place of the first grafted member, or 0.
    more: usize,
}

/// The elements of an array.
#[derive(Clone)]
pub(crate) struct Elements<'d> {
    doc: &'d Document<'d>,
    at: usize,
    end: usize,
}

impl<'d> Members<'d> {
    /// The members of the object at `at`; nothing if no object is there.
    pub(super) fn of(doc: &'d Document<'d>, at: usize) -> Self {
        let is_object =
            if let Node::Object { end, more } = doc.node(at) { Some((end, more)) } else { None };
        let (end, more) = is_object.unwrap_or_default();
        Self { doc, at: at.saturating_add(1), end, more }
    }

    /// Goes on after a hidden member, after a grafted one, or after the last one of the text.
    #[cold]
    fn jump(&mut self) -> Option<()> {
        if self.at >= self.end {
            self.at = self.more;
            // Links lead through the grafted members, and the last one leads nowhere.
            self.end = usize::MAX;
            self.more = 0;
            return Some(());
        }
        let node = self.doc.node(self.at);
        if let Node::Hidden { end } | Node::Link { next: end } = node {
            self.at = end;
        } else {
            return None;
        }
        (self.at != 0).then_some(())
    }
}

impl<'d> Iterator for Members<'d> {
    type Item = (&'d str, Value<'d>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.at < self.end {
                if let Some(name) = self.doc.text(self.at) {
                    let value = Value::new(self.doc, self.at.saturating_add(1));
                    self.at = self.doc.after(value.at());
                    return Some((name, value));
                }
            } else if self.more == 0 {
                return None;
            }
            self.jump()?;
        }
    }
}

impl<'d> Elements<'d> {
    /// The elements of the array at `at`; nothing if no array is there.
    pub(super) fn of(doc: &'d Document<'d>, at: usize) -> Self {
        let end = if let Node::Array { end } = doc.node(at) { end } else { 0 };
        Self { doc, at: at.saturating_add(1), end }
    }
}

impl<'d> Iterator for Elements<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            let (at, node) = (self.at, self.doc.node(self.at));
            self.at = node.after(at);
            if !matches!(node, Node::Hidden { .. }) {
                return Some(Value::new(self.doc, at));
            }
        }
        None
    }
}
