// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Functions.

use omt_runtime::typed::prelude::*;

/// `PRICE_OF`.
pub fn price_of(thing: &Value) -> Result<u64, Raised> {
    if library::member(thing, "kind").at(12, 8)? == Value::text("disk") {
        return library::narrow_u64(
                i128::from(
                    library::from_any::<
                        i64,
                    >(&library::member(thing, "size").at(12, 41)?, "int")
                        .at(12, 41)?,
                ) * 100,
            )
            .at(12, 41);
    }
    Ok(0)
}

/// `DETAIL_OF`.
pub fn detail_of(thing: &Value, price: u64) -> Result<Value, Raised> {
    let total = i128::from(price) + 1;
    Ok(
        Value::record([
            ("kind", library::member(thing, "kind").at(18, 19)?),
            ("price", library::to_any(&price).at(18, 37)?),
            (
                "total",
                library::to_any(&library::narrow_i64(total).at(18, 50)?).at(18, 50)?,
            ),
            (
                "tags",
                library::to_any(
                        &vec![
                            library::member(thing, "kind").at(18, 63) ?,
                            Value::text("new")
                        ],
                    )
                    .at(18, 62)?,
            ),
        ]),
    )
}

/// `LARGEST`.
pub fn largest(list: &[u64]) -> Result<u64, Raised> {
    let mut best: Option<u64> = None;
    for &x in list {
        if best.is_none() {
            best = Some(x);
        } else if x > best.needed().at(25, 21)? {
            best = Some(x);
        }
    }
    if best.is_none() {
        return Ok(0);
    }
    best.needed().at(27, 12)
}
