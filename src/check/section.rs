//! Where a rule comes from.

use std::fmt;

/// A section of a specification, with its link.
///
/// ```
/// use jwt_appraisal::Section;
///
/// const EXP: Section = Section::rfc(7519, "4.1.4");
/// assert_eq!(EXP.to_string(), "RFC 7519 §4.1.4");
/// assert_eq!(EXP.url(), "https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Section(Place);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Rfc { number: u16, section: &'static str },
    Other { name: &'static str, url: &'static str },
}

impl Section {
    /// A section of an RFC, such as `4.1.4` or `appendix-F`.
    pub const fn rfc(number: u16, section: &'static str) -> Self {
        Self(Place::Rfc { number, section })
    }

    /// A section of any other document, by the name that readers know and its link.
    pub const fn of(name: &'static str, url: &'static str) -> Self {
        Self(Place::Other { name, url })
    }

    /// The link to the section.
    pub fn url(&self) -> String {
        match self.0 {
            Place::Other { url, .. } => url.to_owned(),
            Place::Rfc { number, section } => {
                let appendix = section.starts_with("appendix");
                let anchor =
                    if appendix { section.to_owned() } else { format!("section-{section}") };
                format!("https://www.rfc-editor.org/rfc/rfc{number}#{anchor}")
            }
        }
    }

    /// The section as a link in Markdown.
    pub fn to_markdown(&self) -> String {
        format!("[{self}]({})", self.url())
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Place::Other { name, .. } => f.write_str(name),
            Place::Rfc { number, section } => match section.strip_prefix("appendix-") {
                Some(appendix) => write!(f, "RFC {number} appendix {appendix}"),
                None => write!(f, "RFC {number} §{section}"),
            },
        }
    }
}
