// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Router.

use super::types::Route;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `WHERE_IS`.
    WhereIs(Box<Received<WhereIs>>),
    /// `ROUTE`.
    Route2(Box<Received<Route2>>),
}

messages!(Message { WhereIs, Route2 });

/// `WHERE_IS`.
///
/// From Seeker to Router, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WhereIs {
    /// `target`.
    pub target: PeerId,
}

wire_record!(WhereIs "WHERE_IS" { target });

/// `ROUTE`.
///
/// From Router to Seeker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Route2 {
    /// `route`.
    pub route: Route,
    /// `next`.
    pub next: Option<PeerId>,
    /// `cost`.
    pub cost: Option<u64>,
    /// `why`.
    pub why: String,
}

wire_record!(Route2 "ROUTE" { route, next, cost, why });
