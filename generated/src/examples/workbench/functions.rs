// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Workbench.

use super::types::{Grade, Piece};
use omt_runtime::typed::prelude::*;

/// `GRADE_OF`.
pub fn grade_of(weight: i64) -> Result<Grade, Raised> {
    if weight < 0 {
        return Ok(Grade::Broken);
    }
    if library::rem_floor(i128::from(weight), 2).at(74, 8)? == 0 {
        return Ok(Grade::Fine);
    } else {
        return Ok(Grade::Coarse);
    }
}

/// `TOTAL`.
pub fn total(pieces: &[Piece]) -> Result<i64, Raised> {
    let mut sum: i128 = 0;
    for p in pieces {
        if p.grade != Grade::Broken {
            sum = library::add(sum, i128::from(p.weight)).at(80, 41)?;
        }
    }
    library::narrow_i64(sum).at(82, 12)
}

/// `TABLE`.
pub fn table(pieces: &[Piece]) -> Map<String, Vec<i64>> {
    let mut table: Map<String, Vec<i64>> = Map::new();
    for p in pieces {
        let mut row = library::get_or(&table, &p.name, Vec::new());
        row = library::concat(&row, &[p.weight]);
        table.insert(p.name.clone(), row.clone());
    }
    table
}

/// `TOP`.
pub fn top(
    table: &Map<String, Vec<i64>>,
    most: i64,
) -> Result<Map<String, Vec<i64>>, Raised> {
    let mut lower = table.clone();
    for name in library::keys(table) {
        let mut row = library::entry(table, &name).at(98, 15)?.clone();
        if library::length(&row) > 0 {
            let key = 0;
            let value = library::narrow_i64(
                    i128::from(*library::index(&row, 0).at(100, 26)?)
                        .min(i128::from(most)),
                )
                .at(100, 22)?;
            *library::index_mut(&mut row, key).at(100, 13)? = value;
            lower.insert(name.clone(), row.clone());
        }
    }
    Ok(lower)
}

/// `PICK`.
pub fn pick(
    pieces: &[Piece],
    wanted: impl Fn(&Piece) -> Result<bool, Raised>,
    seed: Hash,
) -> Result<Vec<Piece>, Raised> {
    let fitting = library::filter(pieces, |p| wanted(p))?;
    let mut rng = SeededRng::new(&seed);
    let first = rng.sample(&fitting, 2).at(110, 13)?;
    Ok(library::concat(&first, &rng.shuffle(&fitting).at(111, 20)?))
}

/// `MEAN`.
pub fn mean(total: i64, count: u64) -> Result<f64, Raised> {
    if count == 0 {
        return Ok(0.0);
    }
    library::float_div(
            library::int_to_float(i128::from(total)).at(122, 12)?,
            library::int_to_float(i128::from(count)).at(122, 20)?,
        )
        .at(122, 12)
}

/// The list without every occurrence of the item.
pub fn remove_string(items: &[String], item: &str) -> Vec<String> {
    items.iter().filter(|&x| *x != *item).cloned().collect::<Vec<_>>()
}

/// How many items the predicate holds for.
pub fn count_matching_string(
    items: &[String],
    predicate: impl Fn(&str) -> Result<bool, Raised>,
) -> Result<u64, Raised> {
    library::count(items, |x| predicate(x))
}

/// Answered by the host.
///
/// Native: the host answers from `test.price`.
pub fn price(context: &Context<'_>, name: &str, weight: i64) -> Result<f64, FaultKind> {
    context.native("PRICE", &[&name, &weight])
}
