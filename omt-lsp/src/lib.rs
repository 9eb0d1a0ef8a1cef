//! The `.omt` language server.
//!
//! ```text
//! client ── server::transport (frames, one message after the other)
//!             └ server::backend (tower-lsp handlers: each posts, in the order of arrival, and waits)
//!                  └ server::owner (one thread owns all state)
//!                       ├ workers  (requests, on a snapshot; a panic ends a request, nothing else)
//!                       └ analyst  (ide::Engine: what omtc says about the sources; cancelled by the next edit)
//! ```
//!
//! What an editor can know is in [`ide`], in plain data: texts, byte offsets, names. Only [`server`] knows the protocol.
//! Nothing here analyses: what is known of a source is what [`omtc::report::Session`] reports.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "an editor looks at a few kinds of node, and at none of those that come later unless somebody says what to show"
)]

pub mod client;
pub mod exercise;
pub mod ide;
pub mod server;
