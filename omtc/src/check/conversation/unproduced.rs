#![doc = include_str!("../pages/W0577.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{At, BinaryOp, Conversion, Expr, ExprKind, Protocol, Type};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code = warning("W0577", "a value that nothing produces", include_str!("../pages/W0577.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// An enum and a value of it.
type Value<'a> = (&'a str, &'a str);

#[derive(Default)]
struct Uses<'a> {
    produced: BTreeSet<Value<'a>>,
    tested: BTreeMap<Value<'a>, At>,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let uses = Uses::of(protocol);
    let mut foreign: BTreeSet<&str> = BTreeSet::new();
    for ty in from_outside(context) {
        enums(protocol, ty, &mut BTreeSet::new(), &mut foreign);
    }
    for (name, declared) in &protocol.enums {
        // A shared enum may get its values from another transaction.
        if !context.is_own(declared.meta.at) || foreign.contains(name.as_str()) {
            continue;
        }
        let produced = |value: &str| uses.produced.contains(&(name.as_str(), value));
        if !declared.values.keys().any(|v| produced(v)) {
            continue;
        }
        for (value, meta) in declared.values.iter().filter(|(v, _)| !produced(v)) {
            let tested = uses.tested.get(&(name.as_str(), value.as_str()));
            // What nobody mentions at all is unused, and that is said elsewhere.
            if tested.is_none() && !context.observed.expects(value) {
                continue;
            }
            let mut d = Diagnostic::new(
                CODE,
                context.span(meta.meta.at),
                format!("nothing ever is {value}, and yet it is asked for"),
            )
            .with_label("no step assigns, sends or returns it")
            .with_note(format!("other values of {name} are produced here, and none comes from outside"))
            .with_help(format!("produce {value} where it is meant, or remove it and what asks for it"));
            d = match tested {
                Some(at) => d.with_secondary(context.span(*at), "asked for here; the answer is always the same"),
                None => d.with_note(format!(
                    "a scenario expects {value}; other values of {name} are produced here, and none comes from outside"
                )),
            };
            found.push(d);
        }
    }
}

impl<'a> Uses<'a> {
    /// Whatever stands anywhere but beside `==` or `!=` is produced.
    fn of(protocol: &'a Protocol) -> Self {
        let mut all: BTreeMap<Value<'a>, usize> = BTreeMap::new();
        let mut compared: BTreeMap<Value<'a>, (usize, At)> = BTreeMap::new();
        walk::everything(protocol, &mut |_, e| match &e.kind {
            ExprKind::EnumValue(of, value) => {
                let count = all.entry((of, value)).or_default();
                *count = count.saturating_add(1);
            }
            ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual, left, right) => {
                for (value, at) in [left, right].into_iter().filter_map(|side| literal(side)) {
                    let entry = compared.entry(value).or_insert((0, at));
                    entry.0 = entry.0.saturating_add(1);
                }
            }
            _ => {}
        });
        let mut uses = Uses::default();
        for (value, count) in all {
            match compared.get(&value) {
                Some((tests, at)) if *tests == count => drop(uses.tested.insert(value, *at)),
                _ => drop(uses.produced.insert(value)),
            }
        }
        uses
    }
}

/// A value of an enum that is written there.
fn literal(e: &Expr) -> Option<(Value<'_>, At)> {
    match &e.kind {
        ExprKind::EnumValue(of, value) => Some(((of, value), e.meta)),
        ExprKind::Convert(Conversion::Some, inner) => literal(inner),
        _ => None,
    }
}

/// Types of what comes from hosts, other transactions and chains.
fn from_outside<'a>(context: &Context<'a>) -> Vec<&'a Type> {
    let protocol = context.protocol;
    let mut types: Vec<&Type> = Vec::new();
    for actor in protocol.actors.values() {
        types.extend(actor.triggers.values().flat_map(|t| &t.arguments).map(|a| &a.ty));
        // A host may begin it with anything.
        types.extend(actor.shared.values().map(|f| &f.ty));
    }
    types.extend(protocol.natives.values().chain(protocol.tasks.values()).map(|n| &n.returns));
    types.extend(
        protocol
            .blocks
            .values()
            .filter(|b| !context.is_own(b.meta.at))
            .flat_map(|b| b.fields.values().map(|f| &f.ty)),
    );
    walk::everything(protocol, &mut |_, e| {
        if let ExprKind::Convert(Conversion::FromAny, _) = &e.kind {
            types.push(&e.ty);
        }
    });
    types
}

/// The enums in a type, through everything it is made of.
fn enums<'a>(
    protocol: &'a Protocol,
    ty: &'a Type,
    seen: &mut BTreeSet<&'a Type>,
    found: &mut BTreeSet<&'a str>,
) {
    if !seen.insert(ty) {
        return;
    }
    let fields = match ty {
        Type::Enum(name) => {
            found.insert(name);
            None
        }
        Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => {
            enums(protocol, inner, seen, found);
            None
        }
        Type::Map(key, value) => {
            enums(protocol, key, seen, found);
            enums(protocol, value, seen, found);
            None
        }
        Type::Struct(name) => protocol.structs.get(name).map(|r| &r.fields),
        Type::Message(name) | Type::Signed(name) => protocol.messages.get(name).map(|r| &r.fields),
        Type::BlockPayload(name) | Type::Block(name) => protocol.blocks.get(name).map(|r| &r.fields),
        _ => None,
    };
    for field in fields.into_iter().flat_map(|f| f.values()) {
        enums(protocol, &field.ty, seen, found);
    }
}
