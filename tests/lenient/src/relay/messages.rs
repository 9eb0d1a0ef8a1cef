// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Relay.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `PARCEL`.
    Parcel(Box<Received<Parcel>>),
    /// `ARRIVED`.
    Arrived(Box<Received<Arrived>>),
}

messages!(Message { Parcel, Arrived });

/// `PARCEL`.
///
/// From Carrier, Sender to Carrier.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// `parcel`.
    pub parcel: Value,
    /// `route`.
    pub route: Vec<PeerId>,
    /// `hops`.
    pub hops: u64,
    /// `origin`.
    pub origin: PeerId,
}

wire_record!(Parcel "PARCEL" { parcel, route, hops, origin });

/// `ARRIVED`.
///
/// From Carrier to Sender, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrived {
    /// `hops`.
    pub hops: u64,
    /// `kind`.
    pub kind: String,
}

wire_record!(Arrived "ARRIVED" { hops, kind });
