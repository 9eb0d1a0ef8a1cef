// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Profile.

use omt_runtime::typed::prelude::*;

/// `Address`.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// `street`.
    pub street: String,
    /// `city`.
    pub city: String,
    /// `zip`.
    pub zip: Option<u64>,
}

wire_record!(Address "Address" { street, city, zip });

/// `Person`.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// `name`.
    pub name: String,
    /// `age`.
    pub age: Option<u64>,
    /// `address`.
    pub address: Address,
}

wire_record!(Person "Person" { name, age, address });
