//! The facts of one token, in a small buffer: an ordinary token needs no allocation of its own.

use crate::json::{JsonKind, Value};
use crate::rules::Fact;
use crate::time::Seconds;

/// The texts and times that rules recorded.
#[derive(Clone)]
pub(crate) struct Facts {
    octets: [u8; Self::OCTETS],
    used: u16,
    entries: [Entry; Self::ENTRIES],
    count: u8,
    /// What did not fit.
    spilled: Vec<(Part, Box<str>)>,
    expires_at: Option<Seconds>,
    issued_at: Option<Seconds>,
    authenticated_at: Option<Seconds>,
}

/// A part of a fact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Subject,
    Audience,
    ClientId,
    /// Begins an actor; its names follow.
    Actor,
    ActorSubject,
    ActorClient,
    ActorIssuer,
    TokenId,
    Scopes,
    ConfirmationKey,
    ConfirmationCertificate,
    AuthenticationClass,
    SessionId,
}

#[derive(Clone, Copy)]
struct Entry {
    part: Part,
    start: u16,
    len: u16,
}

impl Facts {
    const OCTETS: usize = 256;
    const ENTRIES: usize = 12;
    const UNUSED: Entry = Entry { part: Part::Subject, start: 0, len: 0 };

    pub(crate) fn new() -> Self {
        Self {
            octets: [0; Self::OCTETS],
            used: 0,
            entries: [Self::UNUSED; Self::ENTRIES],
            count: 0,
            spilled: Vec::new(),
            expires_at: None,
            issued_at: None,
            authenticated_at: None,
        }
    }

    /// Records a claim that passed its check.
    pub(crate) fn record(&mut self, fact: Fact, value: Value<'_>) {
        let seconds = || value.as_integers().and_then(|[below, _]| Seconds::new(below));
        match fact {
            Fact::Subject => self.push_text(Part::Subject, value),
            Fact::ClientId => self.push_text(Part::ClientId, value),
            Fact::TokenId => self.push_text(Part::TokenId, value),
            Fact::Scopes => self.push_text(Part::Scopes, value),
            Fact::AuthenticationClass => self.push_text(Part::AuthenticationClass, value),
            Fact::SessionId => self.push_text(Part::SessionId, value),
            Fact::Audiences if value.kind() == JsonKind::Array => {
                value.elements().for_each(|audience| self.push_text(Part::Audience, audience));
            }
            Fact::Audiences => self.push_text(Part::Audience, value),
            Fact::Actors => self.push_actors(value),
            Fact::Confirmation => self.push_confirmation(value),
            Fact::ExpiresAt => self.expires_at = seconds(),
            Fact::IssuedAt => self.issued_at = seconds(),
            Fact::AuthenticatedAt => self.authenticated_at = seconds(),
        }
    }

    fn push_text(&mut self, part: Part, value: Value<'_>) {
        if let Some(text) = value.as_str() {
            self.push(part, text);
        }
    }

    fn push_actors(&mut self, outermost: Value<'_>) {
        for actor in std::iter::successors(Some(outermost), |actor| actor.get("act")) {
            self.push(Part::Actor, "");
            for (part, name) in [
                (Part::ActorSubject, "sub"),
                (Part::ActorClient, "client_id"),
                (Part::ActorIssuer, "iss"),
            ] {
                if let Some(value) = actor.get(name) {
                    self.push_text(part, value);
                }
            }
        }
    }

    fn push_confirmation(&mut self, cnf: Value<'_>) {
        for (part, name) in
            [(Part::ConfirmationKey, "jkt"), (Part::ConfirmationCertificate, "x5t#S256")]
        {
            if let Some(value) = cnf.get(name) {
                self.push_text(part, value);
            }
        }
    }

    fn push(&mut self, part: Part, text: &str) {
        if !self.fits(part, text) {
            self.spilled.push((part, text.into()));
        }
    }

    /// Puts a text into the buffer, if there is room. Once something did not fit, nothing more goes in,
    /// so that the order is kept.
    fn fits(&mut self, part: Part, text: &str) -> bool {
        let (start, count) = (usize::from(self.used), usize::from(self.count));
        let end = start.saturating_add(text.len());
        let (Ok(used), Ok(len)) = (u16::try_from(end), u16::try_from(text.len())) else {
            return false;
        };
        let room = self.octets.get_mut(start..end);
        let (Some(room), Some(entry), true) =
            (room, self.entries.get_mut(count), self.spilled.is_empty())
        else {
            return false;
        };
        room.copy_from_slice(text.as_bytes());
        *entry = Entry { part, start: self.used, len };
        self.used = used;
        self.count = self.count.saturating_add(1);
        true
    }

    /// The parts, in the order in which they were recorded.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        let entries = self.entries.iter().take(usize::from(self.count));
        let inline = entries.map(|entry| (entry.part, self.text(*entry)));
        inline.chain(self.spilled.iter().map(|(part, text)| (*part, &**text)))
    }

    fn text(&self, entry: Entry) -> &str {
        let start = usize::from(entry.start);
        let octets = self.octets.get(start..start.saturating_add(usize::from(entry.len)));
        octets.and_then(|octets| std::str::from_utf8(octets).ok()).unwrap_or_default()
    }

    /// The first part of a kind.
    pub(crate) fn get(&self, wanted: Part) -> Option<&str> {
        self.parts().find(|(part, _)| *part == wanted).map(|(_, text)| text)
    }

    /// All parts of a kind.
    pub(crate) fn all(&self, wanted: Part) -> impl Iterator<Item = &str> {
        self.parts().filter(move |(part, _)| *part == wanted).map(|(_, text)| text)
    }

    pub(crate) fn expires_at(&self) -> Option<Seconds> {
        self.expires_at
    }

    pub(crate) fn issued_at(&self) -> Option<Seconds> {
        self.issued_at
    }

    pub(crate) fn authenticated_at(&self) -> Option<Seconds> {
        self.authenticated_at
    }
}
