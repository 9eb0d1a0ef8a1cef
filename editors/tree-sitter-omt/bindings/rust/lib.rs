//! The grammar of `.omt` protocols for [tree-sitter](https://tree-sitter.github.io).
//!
//! ```
//! let mut parser = tree_sitter::Parser::new();
//! parser.set_language(&tree_sitter_omt::LANGUAGE.into())?;
//! let tree = parser.parse("enum Colour ( RED GREEN )", None).ok_or("cancelled")?;
//! assert!(!tree.root_node().has_error());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The parser in `src/` is generated from `grammar.js` by the program in `generate/`. The compiler has its own parser, which
//! alone decides what is a protocol; this one serves editors.

use tree_sitter_language::LanguageFn;

#[cfg(test)]
mod tests;

#[allow(unsafe_code, reason = "the generated parser is C")]
mod parser {
    use tree_sitter_language::LanguageFn;

    unsafe extern "C" {
        fn tree_sitter_omt() -> *const ();
    }

    /// SAFETY: the function is the one of the generated parser, which gives a language that lives for ever.
    pub(super) const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_omt) };
}

/// The language, for a parser of tree-sitter.
pub const LANGUAGE: LanguageFn = parser::LANGUAGE;

/// What is highlighted, and as what.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");

/// Names that live in one function, lambda, loop or block.
pub const LOCALS_QUERY: &str = include_str!("../../queries/locals.scm");

/// Which parts are of another language.
pub const INJECTIONS_QUERY: &str = include_str!("../../queries/injections.scm");

/// What a search for symbols finds.
pub const TAGS_QUERY: &str = include_str!("../../queries/tags.scm");
