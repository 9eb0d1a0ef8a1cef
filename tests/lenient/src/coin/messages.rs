// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Coin.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `COMMIT`.
    Commit(Box<Received<Commit>>),
    /// `GUESS`.
    Guess(Box<Received<Guess>>),
    /// `REVEAL_COIN`.
    RevealCoin(Box<Received<RevealCoin>>),
}

messages!(Message { Commit, Guess, RevealCoin });

/// `COMMIT`.
///
/// From Left to Right, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// `commitment`.
    pub commitment: Hash,
}

wire_record!(Commit "COMMIT" { commitment });

/// `GUESS`.
///
/// From Right to Left, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// `guess`.
    pub guess: String,
}

wire_record!(Guess "GUESS" { guess });

/// `REVEAL_COIN`.
///
/// From Left to Right, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct RevealCoin {
    /// `side`.
    pub side: String,
    /// `nonce`.
    pub nonce: Bytes,
}

wire_record!(RevealCoin "REVEAL_COIN" { side, nonce });
