// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Workbench.

use omt_runtime::typed::prelude::*;

/// How good a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// `FINE`.
    Fine,
    /// `COARSE`.
    Coarse,
    /// `BROKEN`.
    Broken,
}

wire_enum!(Grade { FINE => Fine, COARSE => Coarse, BROKEN => Broken });

/// A piece of work.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// `name`.
    pub name: String,
    /// `grade`.
    pub grade: Grade,
    /// `weight`.
    pub weight: i64,
    /// `price`.
    pub price: Option<f64>,
}

wire_record!(Piece "Piece" { name, grade, weight, price });

/// What is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// `maker`.
    pub maker: PeerId,
    /// `pieces`.
    pub pieces: u64,
    /// `note`.
    pub note: Option<String>,
}

wire_record!(Offer "Offer" { maker, pieces, note });
