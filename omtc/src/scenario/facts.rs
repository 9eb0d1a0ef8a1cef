//! What was there instead of what was expected: the states and fields that an expression reads, as they are.

use super::picture::Picture;
use super::show::Names;
use crate::spec::{Input, Query, Situation, Specification};
use omt_runtime::ir::{Expr, ExprKind};
use omt_runtime::value::Value;
use std::collections::BTreeSet;

/// Instances of one actor that are told one by one.
const INSTANCES_TOLD_MAX: usize = 8;

/// Tells what a query reads.
pub(super) fn of(specification: &Specification, query: &Query, picture: &Picture) -> Vec<String> {
    let names = Names::new(picture);
    let mut facts = Vec::new();
    let fields = fields_read(specification, query);
    for (slot, input) in query.inputs.iter().enumerate() {
        match input {
            Input::Newest { member, roles } => {
                let Some(record) = picture.newest(member, roles) else {
                    let actors: Vec<&str> = roles.iter().map(|role| role.actor.as_str()).collect();
                    facts.push(format!("{member} has no instance of {}", actors.join(", ")));
                    continue;
                };
                for (_, field) in fields.iter().filter(|(of, _)| *of == slot) {
                    facts.push(match (field.as_str(), field_of(&record, field)) {
                        ("state", Some(Value::Enum(state))) => format!("{member} is in {state}"),
                        (_, Some(value)) => format!("{member}.{field} is {}", names.value(value)),
                        (_, None) => continue,
                    });
                }
            }
            Input::Instances(role) => {
                let own: Vec<String> = picture
                    .figures
                    .iter()
                    .filter(|figure| figure.role == *role)
                    .filter_map(|figure| {
                        let player = picture.players.get(figure.player)?;
                        let mut text = format!("{} in {}", player.name, figure.state);
                        for (_, field) in fields.iter().filter(|(of, _)| *of >= query.inputs.len()) {
                            let value = field_of(figure.record(), field).filter(|_| field != "state");
                            let value = value.map(|value| format!(", {field} {}", names.value(value)));
                            text.push_str(&value.unwrap_or_default());
                        }
                        Some(text)
                    })
                    .collect();
                let told = own.get(..own.len().min(INSTANCES_TOLD_MAX)).unwrap_or_default().join(" | ");
                facts.push(match own.len() {
                    0 => format!("there is no instance of {}", role.actor),
                    n if n > INSTANCES_TOLD_MAX => {
                        format!("{}: {told} and {} more", role.actor, n - INSTANCES_TOLD_MAX)
                    }
                    _ => format!("{}: {told}", role.actor),
                });
            }
            Input::Peer(_) | Input::Member(_) | Input::Peers | Input::Argument(_) | Input::Constant(_) => {}
        }
    }
    facts
}

fn field_of<'v>(record: &'v Value, field: &str) -> Option<&'v Value> {
    if let Value::Record(record) = record { record.get(field) } else { None }
}

/// Fields that the function of a query reads, by the slot of the record: the places of its inputs come first, then what its
/// lambdas range over.
fn fields_read(specification: &Specification, query: &Query) -> BTreeSet<(usize, String)> {
    let mut fields = BTreeSet::new();
    let Some(function) = specification.package.protocol.functions.get(&query.function) else { return fields };
    let mut visit = |expr: &Expr| {
        if let ExprKind::Field(base, name) = &expr.kind
            && let ExprKind::Local(slot) = &base.kind
            && let Ok(slot) = usize::try_from(*slot)
        {
            fields.insert((slot, name.clone()));
        }
    };
    for statement in &function.body {
        statement.walk(&mut |statement| {
            for expression in statement.expressions() {
                expression.walk(&mut visit);
            }
        });
    }
    fields
}
