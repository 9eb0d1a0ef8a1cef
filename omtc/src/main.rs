//! Command line of the compiler.
fn main() {}
