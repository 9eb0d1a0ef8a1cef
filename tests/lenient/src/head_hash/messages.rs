// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Head hash.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `LOOK`.
    Look(Box<Received<Look>>),
    /// `SHOW`.
    Show(Box<Received<Show>>),
}

messages!(Message { Look, Show });

/// `LOOK`.
///
/// From Looker to Seen, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// `known`.
    pub known: Option<Hash>,
    /// `height`.
    pub height: Option<u64>,
}

wire_record!(Look "LOOK" { known, height });

/// `SHOW`.
///
/// From Seen to Looker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    /// `head`.
    pub head: Hash,
    /// `part`.
    pub part: Segment,
}

wire_record!(Show "SHOW" { head, part });
