// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Mirror.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `THIS`.
    This(Box<Received<This>>),
    /// `THAT`.
    That(Box<Received<That>>),
}

messages!(Message { This, That });

/// `THIS`.
///
/// From Viewer to Mirror, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct This {
    /// `what`.
    pub what: Value,
    /// `again`.
    pub again: Vec<Value>,
    /// `by_name`.
    pub by_name: Map<String, Value>,
}

wire_record!(This "THIS" { what, again, by_name });

/// `THAT`.
///
/// From Mirror to Viewer, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct That {
    /// `what`.
    pub what: Value,
    /// `kind`.
    pub kind: Value,
    /// `size`.
    pub size: Value,
}

wire_record!(That "THAT" { what, kind, size });
