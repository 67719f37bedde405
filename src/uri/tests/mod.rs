//! Does the reader follow RFC 3986, and do the rules over it say what they promise?

mod compare;
mod https;
mod properties;
mod syntax;
