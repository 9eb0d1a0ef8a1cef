//! What the syntax promises, by example.

#[path = "syntax/hostile.rs"]
mod hostile;
#[path = "syntax/sketches.rs"]
mod sketches;
