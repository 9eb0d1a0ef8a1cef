// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Lease.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `RENT`.
    Rent(Box<Received<Rent>>),
    /// `GRANTED`.
    Granted(Box<Received<Granted>>),
    /// `RENEW`.
    Renew(Box<Received<Renew>>),
}

messages!(Message { Rent, Granted, Renew });

/// `RENT`.
///
/// From Lessee to Lessor, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Rent {
    /// `asked`.
    pub asked: i64,
}

wire_record!(Rent "RENT" { asked });

/// `GRANTED`.
///
/// From Lessor to Lessee, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Granted {
    /// `until`.
    pub until: i64,
}

wire_record!(Granted "GRANTED" { until });

/// `RENEW`.
///
/// From Lessee to Lessor, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Renew {
    /// `asked`.
    pub asked: i64,
}

wire_record!(Renew "RENEW" { asked });
