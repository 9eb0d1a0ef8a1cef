//! What generated machines run on: IR, values, canonical encoding, interpreter, hosts, chain.

pub mod chain;
pub mod crypto;
pub mod envelope;
pub mod fault;
pub mod fuzz;
pub mod host;
pub mod id;
pub mod interp;
pub mod ir;
pub mod library;
pub mod machine;
pub mod package;
pub mod testing;
pub mod typed;
pub mod value;
pub mod wire;
