// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Views of Ledger: what a chain adds up to.

use super::blocks::Payment;
use omt_runtime::typed::prelude::*;

/// View `Spent`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spent {
    /// `total`.
    pub total: u64,
    /// `count`.
    pub count: u64,
}

wire_record!(Spent "Spent" { total, count });

impl Fold for Spent {
    fn fold(
        &mut self,
        _context: &Context<'_>,
        block: &Arc<RawBlock>,
    ) -> Result<(), Raised> {
        if block.kind() == "PAYMENT" {
            self.on_payment(&library::block::<Payment>(block)?)?;
        }
        Ok(())
    }
}

impl Spent {
    /// A block `PAYMENT`.
    fn on_payment(&mut self, block: &Block<Payment>) -> Result<(), Raised> {
        self.total = library::narrow_u64(
                i128::from(self.total) + i128::from(block.payload.amount),
            )
            .at(15, 26)?;
        self.count = library::narrow_u64(i128::from(self.count) + 1).at(15, 64)?;
        Ok(())
    }
}
