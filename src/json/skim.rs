//! Skimming: looking for single members of a text that is not kept.

use std::borrow::Cow;

use super::read::JsonError;
use super::scan::Scanner;
use super::value::JsonKind;

/// A JSON text that is read strictly and not kept, so that a long one takes no memory. A value that is
/// skipped must be well-formed, but its numbers may have any size, and the names in it are not compared.
pub(crate) struct Skimmer<'t> {
    scan: Scanner<'t>,
    /// How many more objects and arrays may be inside one another.
    depth: usize,
}

impl<'t> Skimmer<'t> {
    /// Begins to read `bytes`, whose objects and arrays may nest `depth` deep.
    pub(crate) fn of(bytes: &'t [u8], depth: usize) -> Result<Self, JsonError> {
        Ok(Self { scan: Scanner::of(bytes)?, depth })
    }

    /// The type of the next value, as far as its first byte shows it.
    pub(crate) fn kind(&mut self) -> Result<JsonKind, JsonError> {
        match self.scan.peek() {
            Some(b'"') => Ok(JsonKind::String),
            Some(b'{') => Ok(JsonKind::Object),
            Some(b'[') => Ok(JsonKind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(JsonKind::Number),
            Some(b't' | b'f') => Ok(JsonKind::Boolean),
            Some(b'n') => Ok(JsonKind::Null),
            _ => Err(JsonError::Syntax),
        }
    }

    /// Reads the next value, which must be a string.
    pub(crate) fn string(&mut self) -> Result<Cow<'t, str>, JsonError> {
        self.scan.string()
    }

    /// Reads the next value, which must be an object. For each member, `read` gets the name and must
    /// read the value.
    pub(crate) fn object<E: From<JsonError>>(
        &mut self,
        mut read: impl FnMut(&mut Self, Cow<'t, str>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.scan.take(b'{')?;
        self.inside(b'}', |skimmer| {
            let name = skimmer.scan.string()?;
            skimmer.scan.take(b':')?;
            read(skimmer, name)
        })
    }

    /// Reads the next value without storing it.
    pub(crate) fn skip(&mut self) -> Result<(), JsonError> {
        match self.scan.peek() {
            Some(b'"') => self.scan.skip_string(),
            Some(b'{') => {
                self.scan.step();
                self.inside(b'}', |skimmer| {
                    skimmer.scan.skip_string()?;
                    skimmer.scan.take(b':')?;
                    skimmer.skip()
                })
            }
            Some(b'[') => {
                self.scan.step();
                self.inside(b']', Self::skip)
            }
            Some(b't') => self.scan.word("true"),
            Some(b'f') => self.scan.word("false"),
            Some(b'n') => self.scan.word("null"),
            _ => self.scan.skip_number().map(|_| ()),
        }
    }

    /// Refuses everything but white space after the outermost value.
    pub(crate) fn end(mut self) -> Result<(), JsonError> {
        self.scan.end()
    }

    /// Reads the members or elements up to the closing bracket.
    fn inside<E: From<JsonError>>(
        &mut self,
        close: u8,
        mut read: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.depth = self.depth.checked_sub(1).ok_or(JsonError::TooDeep)?;
        let mut is_first = true;
        while self.scan.has_another(is_first, close)? {
            read(self)?;
            is_first = false;
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }
}
