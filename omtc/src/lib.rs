//! The `.omt` compiler.

pub mod backend;
pub mod check;
pub mod diagnostic;
pub mod source;
pub mod syntax;
