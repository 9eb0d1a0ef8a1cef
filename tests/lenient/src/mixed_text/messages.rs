// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Mixed text.

use super::types::Level;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `LINE`.
    Line(Box<Received<Line>>),
    /// `ECHO`.
    Echo(Box<Received<Echo>>),
}

messages!(Message { Line, Echo });

/// `LINE`.
///
/// From Speaker to Listener, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// `text`.
    pub text: String,
    /// `level`.
    pub level: Level,
}

wire_record!(Line "LINE" { text, level });

/// `ECHO`.
///
/// From Listener to Speaker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Echo {
    /// `level`.
    pub level: String,
    /// `length`.
    pub length: u64,
}

wire_record!(Echo "ECHO" { level, length });
