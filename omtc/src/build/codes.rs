//! E0600–E0609: documentation.

use crate::diagnostic::Code;
use crate::diagnostic::codes::error;

/// A placeholder of a commentary that stands for nothing.
pub const UNKNOWN_PLACEHOLDER: Code = error(
    "E0600",
    "unknown placeholder",
    "# What it checks\n\nEvery placeholder in a `commentary.md` is one of `{{PARAMETERS}}`, `{{ENUMS}}`, `{{STRUCTS}}`, \
     `{{BLOCKS}}`, `{{MESSAGES}}`, `{{FUNCTIONS}}`, `{{STATE_MACHINES}}`, `{{FLOWS}}`, `{{PROPERTIES}}`, \
     `{{SCENARIOS}}`.\n\n# Why it matters\n\nA misspelt one would leave a hole in the documentation that nobody \
     notices.\n\n# Example\n\n```text\n{{MESAGES}}\n```\n\n# Instead\n\n```text\n{{MESSAGES}}\n```\n\n# Fix\n\nCorrect \
     the name, or remove the braces.\n",
);

/// All of them.
pub const ALL: &[Code] = &[UNKNOWN_PLACEHOLDER];
