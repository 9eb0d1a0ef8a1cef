//! The kinds of mistake. A kind names every place of a source where it can be made, and how; which of them are
//! taken is the draw's business.

mod conversation;
mod effect;
mod guard;
mod machine;
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
const FAMILIES: [&[Kind]; 6] =
    [guard::KINDS, machine::KINDS, conversation::KINDS, effect::KINDS, value::KINDS, security::KINDS];

/// All kinds.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    FAMILIES.into_iter().flatten()
}
