//! The kinds of mistake. A kind names every place of a source where it can be made, and how; which of them are
//! taken is the draw's business.

mod conversation;
mod effect;
mod guard;
mod machine;
mod number;
mod security;
mod value;

use super::mutant::Mutant;
use super::subject::Subject;

/// One kind of mistake.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// What somebody did.
    pub what: &'static str,
    /// Every way to make it in a source.
    pub places: fn(&Subject) -> Vec<Mutant>,
}

/// The kinds by family.
const FAMILIES: [(&str, &[Kind]); 7] = [
    ("conditions", guard::KINDS),
    ("states and limits", machine::KINDS),
    ("who says what", conversation::KINDS),
    ("effects", effect::KINDS),
    ("values", value::KINDS),
    ("numbers", number::KINDS),
    ("trust", security::KINDS),
];

/// Kinds that leave no source behind that means anything, or mean nothing at all: names, types and repetitions. To catch them is the
/// compiler's business alone.
const STRUCTURAL: [&str; 7] = [
    "duplicate-transition",
    "drop-role",
    "swap-roles",
    "rename-field",
    "forget-field",
    "forget-declared-field",
    "wrong-type",
];

/// The kinds that change what a protocol does.
pub fn semantic() -> impl Iterator<Item = &'static Kind> {
    kinds().filter(|kind| !STRUCTURAL.contains(&kind.name))
}

/// All kinds.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    FAMILIES.into_iter().flat_map(|(_, kinds)| kinds)
}

/// The families with the names of their kinds.
pub fn families() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    FAMILIES.into_iter().map(|(family, kinds)| (family, kinds.iter().map(|k| k.name).collect()))
}
