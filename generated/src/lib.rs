//! Generated machines.
