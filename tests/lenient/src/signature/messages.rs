// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Contract.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `OFFER`.
    Offer(Box<Received<Offer>>),
    /// `ACCEPT`.
    Accept(Box<Received<Accept>>),
}

messages!(Message { Offer, Accept });

/// `OFFER`.
///
/// From Owner to Tenant, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// `terms`.
    pub terms: Hash,
    /// `rent`.
    pub rent: u64,
    /// `owner_signature`.
    pub owner_signature: Signature,
}

wire_record!(Offer "OFFER" { terms, rent, owner_signature });

/// `ACCEPT`.
///
/// From Tenant to Owner, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Accept {
    /// `terms`.
    pub terms: Hash,
    /// `tenant_signature`.
    pub tenant_signature: Signature,
}

wire_record!(Accept "ACCEPT" { terms, tenant_signature });
