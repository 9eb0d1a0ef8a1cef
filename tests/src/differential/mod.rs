//! Interpreter against generated Rust: the same inputs and the same answers must give the same states, stores,
//! effects, timers, refusals and faults, to the byte.
//!
//! * [`twin`]: a program that takes every step on both executors and compares. A world run on it is a differential
//!   test of everything that happens in it, and leaves behind what it has seen.
//! * [`walk`]: random walks, from fresh instances and from what a twin has seen, with inputs that fit, nearly fit, or do
//!   not fit at all.
//! * [`scratch`]: the environment that both see; [`values`]: values of any type.

pub mod compare;
pub mod scratch;
pub mod twin;
pub mod values;
pub mod walk;
