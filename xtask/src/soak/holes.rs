//! `cargo xtask soak holes`: every defence against a hole of the first version is removed once; its scenario must fail.

use crate::command;
use omerta_tests::mutation::{Trial, holes, subjects_with_shared};

/// Where the holes stand, with what closes them.
const LIST: &str = "tests/mutation/holes.json";

/// Removes them one by one. Is each of them missed?
///
/// # Errors
/// The list cannot be read, or a transaction has an error already.
pub fn run() -> Result<bool, String> {
    let root = command::root();
    let list = holes::read(&root.join(LIST))?;
    let subjects = subjects_with_shared(&[root.join("protocols/transactions")])?;
    let trial = Trial::new(&subjects, Vec::new())?;
    let noticed = holes::try_all(&list, &subjects, &trial);
    for (hole, noticed) in list.iter().zip(&noticed) {
        let verdict = if *noticed { "fails" } else { "DOES NOT FAIL" };
        println!("{}: without {}, {} {verdict}", hole.hole, hole.removed, hole.scenario);
    }
    let missed = noticed.iter().filter(|noticed| **noticed).count();
    println!("{missed} of {} removed defences are missed", list.len());
    Ok(missed == list.len())
}
