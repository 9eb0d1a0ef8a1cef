//! What generated machines run on: IR, values, canonical encoding, interpreter, hosts, chain.

pub mod ir;
