// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Profile.

use super::types::Person;
use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `REGISTER`.
    Register(Box<Received<Register>>),
    /// `REGISTERED`.
    Registered(Box<Received<Registered>>),
}

messages!(Message { Register, Registered });

/// `REGISTER`.
///
/// From User to Registry, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    /// `person`.
    pub person: Person,
    /// `nickname`.
    pub nickname: String,
}

wire_record!(Register "REGISTER" { person, nickname });

/// `REGISTERED`.
///
/// From Registry to User, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    /// `name`.
    pub name: String,
    /// `city`.
    pub city: String,
    /// `age`.
    pub age: Option<u64>,
}

wire_record!(Registered "REGISTERED" { name, city, age });
