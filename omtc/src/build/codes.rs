//! E0600–E0609: documentation. The text of each code is a file in `pages/`, and is a test.

use crate::diagnostic::Code;
use crate::diagnostic::codes::error;

#[doc = include_str!("pages/E0600.md")]
pub const UNKNOWN_PLACEHOLDER: Code = error("E0600", "unknown placeholder", include_str!("pages/E0600.md"));

/// All of them.
pub const ALL: &[Code] = &[UNKNOWN_PLACEHOLDER];
