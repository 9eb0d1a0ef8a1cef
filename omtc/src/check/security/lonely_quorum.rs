#![doc = include_str!("../pages/S0703.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::count::{AtLeast, at_least, counted};
use super::flow::Flow;
use super::flow::decide::{Literal, literals};
use super::flow::known::calls;
use super::flow::step::{Sender, Source, Step};
use super::flow::value::{Constant, Kind, Op, Root, Value, any, part, same, uses_payload};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, ParameterValue, Protocol, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0703", "a quorum that one peer can fill", include_str!("../pages/S0703.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        if step.lost {
            continue;
        }
        let literals = literals(&step.conditions);
        for literal in &literals {
            let Some(count) = at_least(literal).filter(|count| !count.at_most) else { continue };
            let why = own_measure(flow, step, &literals, &count)
                .or_else(|| repeated(context, step, &count))
                .or_else(|| too_small(context, flow, step, &literals, &count));
            let Some((message, note, help)) = why else { continue };
            if reported.insert((step.actor, literal.value.at)) {
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(literal.value.at),
                        format!("{}: {message}", step.actor),
                    )
                    .with_label("enough according to this")
                    .with_secondary(context.span(step.at), "and then this is done")
                    .with_note(note)
                    .with_help(help),
                );
            }
        }
        for call in calls(flow.asked(step), Builtin::VerifyMulti) {
            let operands = call.operands();
            let Some(number) = operands.get(3).and_then(|n| number(context.protocol, n)) else { continue };
            if number <= 1 && reported.insert((step.actor, call.at)) {
                found.push(
                    Diagnostic::new(CODE, context.span(call.at), format!("{}: one signature is enough here", step.actor))
                        .with_label(format!("asks for {number}"))
                        .with_note("any single member can then decide for all of them")
                        .with_help("ask for more than half of the members, or more than two thirds if some of them may lie"),
                );
            }
        }
    }
}

type Why = (String, &'static str, String);

/// The field that messages of several peers are collected in.
fn gathers<'f, 'a>(flow: &'f Flow<'a>, step: &'f Step<'a>, field: &str) -> Option<&'f Step<'a>> {
    flow.of_actor(step.actor).find(|other| {
        other.collect.is_some_and(|collect| collect.into == field)
            && matches!(other.sender(), Sender::Many(_))
    })
}

/// The number that is enough grows with the votes themselves.
fn own_measure<'a>(
    flow: &Flow<'a>,
    step: &Step<'a>,
    literals: &[Literal<'_>],
    count: &AtLeast<'_>,
) -> Option<Why> {
    let field = count.field()?;
    gathers(flow, step, field)?;
    if !count.relative_to(field) || count.relative_to_others(field) {
        return None;
    }
    let bounded = literals.iter().any(|other| {
        at_least(other).is_some_and(|c| c.field() == Some(field) && !c.relative_to(field) && !c.at_most)
    });
    // When a time limit has passed, those who came may be all there are.
    if bounded || matches!(step.cause, Source::Time(_)) {
        return None;
    }
    Some((
        format!("what is enough is measured by `{field}` itself, not by those who may vote"),
        "with a single vote, this vote is all there is: whoever is first decides",
        format!("measure it by the members, as `QUORUM(LENGTH(members))`, not by `LENGTH({field})`"),
    ))
}

/// A list in the message, in which one name may stand often.
fn repeated(context: &Context<'_>, step: &Step<'_>, count: &AtLeast<'_>) -> Option<Why> {
    let list = part(&count.of)?;
    if list.root != Root::Payload || count.enough.is_fixed_number() {
        return None;
    }
    let item = match count.of.plain()? {
        Type::List(item) => item,
        _ => return None,
    };
    let counts_people =
        match &**item {
            Type::Signed(_) | Type::PeerId | Type::Signature => true,
            Type::Struct(name) => context.protocol.structs.get(name).is_some_and(|record| {
                record.fields.values().any(|field| *field.ty.plain() == Type::Signature)
            }),
            _ => false,
        };
    let asked = context.flow().asked(step);
    let unique = asked.iter().any(|v| {
        any(v, &|n| match &n.kind {
            Kind::Op(Op::Builtin(Builtin::Unique), operands) => {
                operands.iter().any(|v| uses_payload(v, &list.path))
            }
            _ => false,
        })
    });
    (counts_people && !unique).then(|| {
        (
            format!("`{}` is counted with repetitions", list.text()),
            "whoever writes the list can put one and the same entry into it as often as it takes",
            "count them once: `LENGTH(UNIQUE(MAP(…, x => x.sender)))`, or use a map from peers to signatures and VERIFY_MULTI".to_owned(),
        )
    })
}

/// A fixed number that is no majority of anything.
fn too_small<'a>(
    context: &Context<'_>,
    flow: &Flow<'a>,
    step: &Step<'a>,
    literals: &[Literal<'_>],
    count: &AtLeast<'_>,
) -> Option<Why> {
    let field = count.field()?;
    gathers(flow, step, field)?;
    let Kind::Parameter(name) = count.enough.kind else { return None };
    let parameter = context.protocol.parameters.get(name)?;
    // Another number of the same votes beside it: the smaller of the two keeps the larger from being reached.
    let blocking =
        flow.of_actor(step.actor).filter(|other| other.state == step.state).any(|other| {
            super::flow::decide::literals(&other.conditions).iter().any(|literal| {
                at_least(literal).is_some_and(|c| c.field() == Some(field) && !same(&c.enough, &count.enough))
            })
        }) || literals.iter().filter(|l| at_least(l).is_some_and(|c| c.field() == Some(field))).count() > 1;
    if blocking {
        return None;
    }
    match &parameter.value {
        ParameterValue::Uint(value) => {
            let needed = value.saturating_add(u64::from(count.strict));
            (needed <= 1 && quorum_name(name)).then(|| {
                (
                    format!("{name} is {value}: one vote in `{field}` is enough"),
                    "whoever is first decides for all",
                    format!("let {name} be more than half of the members"),
                )
            })
        }
        ParameterValue::Decimal { numerator, scale } => {
            let whole = 10_i64.checked_pow(*scale)?;
            let half = numerator.saturating_mul(2);
            let share = matches!(&count.count.kind, Kind::Op(Op::Binary(_), operands)
                if operands.get(1).is_some_and(|n| counted(n).is_some()));
            let small = half < whole || (half == whole && !count.strict);
            (share && small).then(|| {
                (
                    format!("{name} is {}: two groups that have no member in common can both be enough", parameter.meta.written),
                    "one half may decide one thing, and the other half another",
                    format!("let {name} be more than one half; more than two thirds if some of the members may lie"),
                )
            })
        }
        _ => None,
    }
}

fn quorum_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["QUORUM", "THRESHOLD", "VOTES", "CONSENSUS", "MAJORITY", "APPROVALS"]
        .iter()
        .any(|word| name.contains(word))
}

/// The number that a value is, if it is always the same one.
fn number(protocol: &Protocol, value: &Value<'_>) -> Option<i128> {
    match &value.kind {
        Kind::Constant(Constant::Integer(number)) => Some(*number),
        Kind::Parameter(name) => match protocol.parameters.get(*name)?.value {
            ParameterValue::Uint(number) => Some(i128::from(number)),
            _ => None,
        },
        _ => None,
    }
}
