//! The `.omt` compiler.

pub mod backend;
pub mod build;
pub mod chart;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod diff;
pub mod fix;
pub mod format;
pub mod fuzz;
pub mod graph;
pub mod report;
pub mod scenario;
pub mod sema;
pub mod site;
pub mod source;
pub mod spec;
pub mod syntax;
pub mod verdict;
pub mod verified;
pub mod verify;
pub mod words;
mod xml;
