// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Views of Workbench: what a chain adds up to.

use super::blocks::Worked;
use super::types::Grade;
use omt_runtime::typed::prelude::*;

/// What a bench has made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// `count`.
    pub count: u64,
    /// `weight`.
    pub weight: i64,
    /// `by_grade`.
    pub by_grade: Map<Grade, u64>,
    /// `last`.
    pub last: Option<i64>,
    /// `heavy`.
    pub heavy: Vec<i64>,
}

wire_record!(Output "Output" { count, weight, by_grade, last, heavy });

impl Fold for Output {
    fn fold(
        &mut self,
        _context: &Context<'_>,
        block: &Arc<RawBlock>,
    ) -> Result<(), Raised> {
        if block.kind() == "WORKED" {
            self.on_worked(&library::block::<Worked>(block)?)?;
        }
        Ok(())
    }
}

impl Output {
    /// A block `WORKED`.
    fn on_worked(&mut self, block: &Block<Worked>) -> Result<(), Raised> {
        if block.payload.weight > 100 {
            self.heavy = library::concat(&self.heavy, &[block.payload.weight]);
            self.count = library::narrow_u64(i128::from(self.count) + 1).at(57, 17)?;
            self.weight = library::narrow_i64(
                    i128::from(self.weight) + i128::from(block.payload.weight),
                )
                .at(58, 18)?;
            self.last = Some(block.payload.at);
            return Ok(());
        }
        if block.payload.weight < 0 {
            library::abort("nothing weighs less than nothing").at(62, 44)?;
        }
        self.count = library::narrow_u64(i128::from(self.count) + 1).at(63, 17)?;
        self.weight = library::narrow_i64(
                i128::from(self.weight) + i128::from(block.payload.weight),
            )
            .at(64, 18)?;
        self.by_grade
            .insert(
                block.payload.grade,
                library::narrow_u64(
                        i128::from(
                            library::get_or(&self.by_grade, &block.payload.grade, 0),
                        ) + 1,
                    )
                    .at(65, 41)?,
            );
        Ok(())
    }
}
