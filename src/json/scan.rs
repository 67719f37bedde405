//! The scanner: strings, numbers, words and punctuation of a JSON text.

use std::borrow::Cow;

use super::document::Node;
use super::read::JsonError;

/// A JSON text and the position of the next byte.
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
    escapes: Escapes,
}

/// What becomes of a string that must be copied because it has escapes.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Escapes {
    Read,
    Refuse,
    Refused,
}

/// A number as it is written.
pub(super) struct Number<'t> {
    text: &'t str,
    is_integer: bool,
    /// The number of digits of the exponent.
    exponent: usize,
}

/// The standard library truncates exponents with more digits.
const MOST_EXPONENT_DIGITS: usize = 5;

impl<'t> Scanner<'t> {
    pub(super) fn of(bytes: &'t [u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        Ok(Self { text, at: 0, escapes: Escapes::Read })
    }

    /// From now on a string with escapes is refused, because its copy would take memory.
    pub(super) fn refuse_escapes(&mut self) {
        self.escapes = Escapes::Refuse;
    }

    /// Returns whether a string was refused for its escapes. It may be malformed instead.
    pub(super) fn refused_escape(&self) -> bool {
        self.escapes == Escapes::Refused
    }

    /// Refuses everything but white space after the value.
    pub(super) fn end(&mut self) -> Result<(), JsonError> {
        if self.peek().is_some() { Err(JsonError::Syntax) } else { Ok(()) }
    }

    /// Returns whether another member or element follows, and skips its comma or the closing bracket.
    pub(super) fn has_another(&mut self, is_first: bool, close: u8) -> Result<bool, JsonError> {
        let next = self.peek();
        let closes = next == Some(close);
        if closes || (next == Some(b',') && !is_first) {
            self.step();
        } else if !is_first {
            return Err(JsonError::Syntax);
        }
        Ok(!closes)
    }

    /// Skips white space and returns the next byte without consuming it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.step();
        }
        self.byte()
    }

    /// Skips white space and consumes the one byte that must follow.
    pub(super) fn take(&mut self, byte: u8) -> Result<(), JsonError> {
        self.peek();
        self.expect(byte)
    }

    pub(super) fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Consumes one of the words `true`, `false` and `null`.
    pub(super) fn word(&mut self, word: &str) -> Result<(), JsonError> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(JsonError::Syntax);
        }
        self.at = self.at.saturating_add(word.len());
        Ok(())
    }

    /// Reads a string, which is borrowed from the text if it has no escapes.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8259#section-7>
    #[inline]
    pub(super) fn string(&mut self) -> Result<Cow<'t, str>, JsonError> {
        self.take(b'"')?;
        let plain = self.plain()?;
        if self.eat(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        self.unescape(plain).map(Cow::Owned)
    }

    /// Reads the rest of a string whose plain start is followed by an escape.
    #[cold]
    fn unescape(&mut self, start: &str) -> Result<String, JsonError> {
        if self.escapes != Escapes::Read {
            self.escapes = Escapes::Refused;
            return Err(JsonError::Syntax);
        }
        let (mut text, mut plain) = (String::new(), start);
        loop {
            let character = self.escaped()?;
            text.push_str(plain);
            text.push(character);
            plain = self.plain()?;
            if self.eat(b'"') {
                text.push_str(plain);
                return Ok(text);
            }
        }
    }

    /// Reads a string whose text does not matter, without storing it.
    pub(super) fn skip_string(&mut self) -> Result<(), JsonError> {
        self.take(b'"')?;
        loop {
            self.plain()?;
            if self.eat(b'"') {
                return Ok(());
            }
            self.escaped()?;
        }
    }

    /// Reads the text up to a quote, a backslash or a control character.
    fn plain(&mut self) -> Result<&'t str, JsonError> {
        let start = self.at;
        self.at = start.saturating_add(plain_len(self.rest()));
        self.since(start)
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        self.expect(b'\\')?;
        let byte = self.byte().ok_or(JsonError::Syntax)?;
        self.step();
        match byte {
            b'"' | b'\\' | b'/' => Ok(char::from(byte)),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => self.code_point(),
            _ => Err(JsonError::Syntax),
        }
    }

    /// Reads a character by its UTF-16 code units. Half of a surrogate pair alone is an error.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let first = self.code_unit()?;
        let mut read = char::decode_utf16([first]).next();
        if let 0xD800..=0xDBFF = first {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            read = char::decode_utf16([first, self.code_unit()?]).next();
        }
        read.and_then(Result::ok).ok_or(JsonError::Syntax)
    }

    fn code_unit(&mut self) -> Result<u16, JsonError> {
        let start = self.at;
        while self.at < start.saturating_add(4) {
            match self.byte() {
                Some(byte) if byte.is_ascii_hexdigit() => self.step(),
                _ => return Err(JsonError::Syntax),
            }
        }
        u16::from_str_radix(self.since(start)?, 16).map_err(|_| JsonError::Syntax)
    }

    /// Reads a number: an integer if it is written as one and fits into 64 bits, or else the nearest
    /// double.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8259#section-6>
    pub(super) fn number(&mut self) -> Result<Node<'t>, JsonError> {
        let number = self.skip_number()?;
        if number.exponent > MOST_EXPONENT_DIGITS {
            return Err(JsonError::NumberRange);
        }
        let integer = if number.is_integer { integer(number.text) } else { None };
        integer.or_else(|| number.text.parse().ok().map(Node::Float)).ok_or(JsonError::Syntax)
    }

    /// Reads a number without its value.
    #[inline]
    pub(super) fn skip_number(&mut self) -> Result<Number<'t>, JsonError> {
        let start = self.at;
        self.eat(b'-');
        // A leading zero is the only digit before the fraction.
        if !self.eat(b'0') {
            self.digits()?;
        }
        let (mut is_integer, mut exponent) = (true, 0);
        if self.eat(b'.') {
            is_integer = false;
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            is_integer = false;
            let _ = self.eat(b'+') || self.eat(b'-');
            let start = self.at;
            self.digits()?;
            exponent = self.at.saturating_sub(start);
        }
        Ok(Number { text: self.since(start)?, is_integer, exponent })
    }

    /// Consumes one or more digits.
    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.step();
        }
        if self.at > start { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.byte() == Some(byte);
        if found {
            self.step();
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.eat(byte) { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> Result<&'t str, JsonError> {
        self.text.get(start..self.at).ok_or(JsonError::Syntax)
    }
}

/// Parses an integer of 64 bits. Negative zero is not an integer.
fn integer(text: &str) -> Option<Node<'static>> {
    if let Ok(value) = text.parse() {
        return Some(Node::Unsigned(value));
    }
    let value: i64 = text.parse().ok()?;
    (value < 0).then_some(Node::Signed(value))
}

/// Returns the number of bytes before a quote, a backslash or a control character.
fn plain_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut len: usize = 0;
    for word in words {
        if let Some(place) = first_special(u64::from_le_bytes(*word)) {
            return len.saturating_add(place);
        }
        len = len.saturating_add(8);
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    len.saturating_add(rest.iter().position(special).unwrap_or(rest.len()))
}

/// Returns the index of the first of eight bytes that ends plain text. A subtraction borrows only
/// from higher bytes, so the lowest mark is always correct.
fn first_special(word: u64) -> Option<usize> {
    const fn eight(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let below = |word: u64, byte: u8| word.wrapping_sub(eight(byte));
    let special = below(word, 0x20) | below(word ^ eight(b'"'), 1) | below(word ^ eight(b'\\'), 1);
    let marks = special & !word & eight(0x80);
    (marks != 0).then(|| usize::try_from(marks.trailing_zeros() / 8).unwrap_or(0))
}
