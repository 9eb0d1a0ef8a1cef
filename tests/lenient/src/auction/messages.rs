// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Auction.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `INVITE`.
    Invite(Box<Received<Invite>>),
    /// `BID`.
    Bid(Box<Received<Bid>>),
    /// `RESULT`.
    Result2(Box<Received<Result2>>),
}

messages!(Message { Invite, Bid, Result2 });

/// `INVITE`.
///
/// From Seller to Bidder, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Invite {
    /// `item`.
    pub item: String,
    /// `reserve`.
    pub reserve: u64,
}

wire_record!(Invite "INVITE" { item, reserve });

/// `BID`.
///
/// From Bidder to Seller, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Bid {
    /// `amount`.
    pub amount: u64,
}

wire_record!(Bid "BID" { amount });

/// `RESULT`.
///
/// From Seller to Bidder, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Result2 {
    /// `outcome`.
    pub outcome: String,
    /// `price`.
    pub price: Option<u64>,
}

wire_record!(Result2 "RESULT" { outcome, price });
