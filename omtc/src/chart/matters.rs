//! Which fields of a message decide something.

use crate::check::walk;
use omt_runtime::ir::{Action, Expr, ExprKind, Protocol};
use std::collections::{BTreeMap, BTreeSet};

/// For each message the fields that decide something where it is handled: those that a `let`, a guard or an `if` reads.
/// Of a message that decides nothing, those that whoever handles it reads at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matters(BTreeMap<String, BTreeSet<String>>);

impl Matters {
    /// Of all messages of some transactions.
    pub fn of<'a>(protocols: impl IntoIterator<Item = &'a Protocol>) -> Matters {
        let (mut deciding, mut read) = (BTreeMap::new(), BTreeMap::new());
        for protocol in protocols {
            for (_, _, _, state) in walk::states(protocol) {
                for handler in &state.handlers {
                    let Some(message) = walk::message(handler) else { continue };
                    for condition in walk::conditions(handler) {
                        fields(message, condition, &mut deciding);
                    }
                    for list in walk::handler_actions(handler) {
                        walk::actions(list, &mut |action| {
                            if let Action::If { condition, .. } = action {
                                fields(message, condition, &mut deciding);
                            }
                        });
                        walk::within(list, &mut |expr| fields(message, expr, &mut read));
                    }
                }
                for item in &state.overrides {
                    if let Some(guard) = &item.guard {
                        fields(&item.message, guard, &mut deciding);
                    }
                }
            }
        }
        for (message, fields) in read {
            deciding.entry(message).or_insert(fields);
        }
        Matters(deciding)
    }

    /// Does a field of a message matter?
    pub fn contains(&self, message: &str, field: &str) -> bool {
        self.0.get(message).is_some_and(|fields| fields.contains(field))
    }
}

fn fields(message: &str, expr: &Expr, found: &mut BTreeMap<String, BTreeSet<String>>) {
    walk::expression(expr, &mut |part| {
        if let ExprKind::Field(of, name) = &part.kind
            && of.kind == ExprKind::Payload
        {
            found.entry(message.to_owned()).or_default().insert(name.clone());
        }
    });
}
