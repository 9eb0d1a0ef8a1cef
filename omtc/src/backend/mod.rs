//! Back ends: what is written from the IR. Each reads [`omt_runtime::ir`] and nothing else.

pub mod human;
pub mod markdown;
pub mod rust;
