//! The manual: why the crate is as it is.

#[doc = include_str!("design.md")]
pub mod design {}

#[doc = include_str!("threats.md")]
pub mod threats {}

#[doc = include_str!("checks.md")]
pub mod checks {}

#[doc = include_str!("defaults.md")]
pub mod defaults {}

#[doc = include_str!("lessons.md")]
pub mod lessons {}

#[doc = include_str!("changelog.md")]
pub mod changelog {}
