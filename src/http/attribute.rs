//! Attributes of a challenge: names of ours, values that can not break out of their quotes.

/// Attributes of one challenge, `name="value"` with a comma between each two.
///
/// <https://www.rfc-editor.org/rfc/rfc6750#section-3>
pub(super) struct Attributes {
    text: String,
    separator: &'static str,
}

impl Attributes {
    /// None yet, after the name of a scheme.
    pub(super) fn of(scheme: &str) -> Self {
        Self { text: scheme.to_owned(), separator: " " }
    }

    /// One more. A value that is empty or that has a character which no attribute may have is left out:
    /// what the client is not told, it can not misread.
    pub(super) fn push(&mut self, name: &'static str, value: &str) {
        if value.is_empty() || !is_quotable(value) {
            return;
        }
        for part in [self.separator, name, "=\"", value, "\""] {
            self.text.push_str(part);
        }
        self.separator = ", ";
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// `%x20-21 / %x23-5B / %x5D-7E`: what stands in quotes without being escaped.
pub(super) fn is_quotable(text: &str) -> bool {
    text.bytes().all(|octet| matches!(octet, b' '..=b'~') && octet != b'"' && octet != b'\\')
}

/// `1*( %x21 / %x23-5B / %x5D-7E )`: one scope.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
pub(super) fn is_scope_token(text: &str) -> bool {
    !text.is_empty() && is_quotable(text) && !text.contains(' ')
}

/// Scopes, or other values of that grammar, with one space between each two, each once. Any
/// other is left out.
pub(super) fn scope_list<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Box<str> {
    let mut list = String::new();
    for token in tokens.into_iter().filter(|token| is_scope_token(token)) {
        if list.split(' ').any(|listed| listed == token) {
            continue;
        }
        if !list.is_empty() {
            list.push(' ');
        }
        list.push_str(token);
    }
    list.into()
}
