//! What the syntax promises, by example.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "syntax/accepted.rs"]
mod accepted;
#[path = "syntax/book.rs"]
mod book;
#[path = "syntax/conformance.rs"]
mod conformance;
#[path = "syntax/coverage.rs"]
mod coverage;
#[path = "syntax/exact.rs"]
mod exact;
#[path = "syntax/hostile.rs"]
mod hostile;
#[path = "syntax/messages.rs"]
mod messages;
#[path = "syntax/random.rs"]
mod random;
#[path = "syntax/recognizer.rs"]
mod recognizer;
#[path = "syntax/rejected.rs"]
mod rejected;
#[path = "syntax/shape.rs"]
mod shape;
#[path = "syntax/sketches.rs"]
mod sketches;
