// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Swap.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `OFFER`.
    Offer(Box<Received<Offer>>),
    /// `AGREE`.
    Agree(Box<Received<Agree>>),
    /// `SEALED`.
    Sealed(Box<Received<Sealed>>),
}

messages!(Message { Offer, Agree, Sealed });

/// `OFFER`.
///
/// From Maker to Taker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// `terms`.
    pub terms: Value,
    /// `notary`.
    pub notary: PeerId,
}

wire_record!(Offer "OFFER" { terms, notary });

/// `AGREE`.
///
/// From Taker to Notary, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Agree {
    /// `terms`.
    pub terms: Value,
    /// `maker`.
    pub maker: PeerId,
    /// `taker_sig`.
    pub taker_sig: Signature,
}

wire_record!(Agree "AGREE" { terms, maker, taker_sig });

/// `SEALED`.
///
/// From Notary to Maker, Taker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// `terms`.
    pub terms: Value,
    /// `seal`.
    pub seal: Signature,
    /// `at`.
    pub at: i64,
}

wire_record!(Sealed "SEALED" { terms, seal, at });
