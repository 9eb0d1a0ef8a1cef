#![doc = include_str!("../pages/S0701.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::step::{Sender, Step};
use super::flow::value::{Kind, Node, Op, Root, Value, any, any_of, atoms, part};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::Builtin;
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0701", "a message from anybody", include_str!("../pages/S0701.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for step in &context.flow().steps {
        let (Some(message), Some(name)) = (step.message, step.message_name()) else { continue };
        // Whoever opens a session is known from then on, or does not matter.
        if step.creates() || step.is_idle() || step.lost {
            continue;
        }
        let Sender::Anyone(role) = step.sender() else { continue };
        if any_of(context.flow().asked(step), &constrains) || !reported.insert((step.actor, role)) {
            continue;
        }
        found.push(
            Diagnostic::new(
                CODE,
                context.span(step.at),
                format!("{} takes {name} from anybody who says to be {role}", step.actor),
            )
            .with_label(format!("no field of `peers` names {role}, and no guard asks for the sender"))
            .with_secondary(context.span(message.meta.at), format!("from {}", message.from.join(" or ")))
            .with_note("a peer that knows the session id can send it, whoever it is; a signature says who that was, not that it was the right one")
            .with_help(help(step, role)),
        );
    }
}

/// Does it ask for something about the sender, or for something that only the right one can know or have signed?
fn constrains(v: &Node<'_>) -> bool {
    match &v.kind {
        Kind::Compare(_, a, b) => relates(a, b) || relates(b, a),
        Kind::Item(of, Some(key)) => {
            part(of).is_some_and(|atom| atom.root != Root::Payload)
                && atoms(key).iter().any(|atom| atom.root == Root::Sender)
        }
        Kind::Op(Op::Builtin(Builtin::HasKey) | Op::Native(_), operands) => {
            operands.iter().any(|v| atoms(v).iter().any(|atom| atom.root == Root::Sender))
        }
        // A signature of somebody who is known.
        Kind::Op(Op::Builtin(Builtin::VerifySig | Builtin::VerifyMulti), operands) => {
            operands.iter().any(|v| atoms(v).iter().any(|atom| own(atom.root)))
        }
        _ => false,
    }
}

fn own(root: Root<'_>) -> bool {
    !matches!(root, Root::Payload | Root::Sender | Root::Envelope | Root::Session)
}

/// The sender, or the hash of something that it says, with something that the receiver knows.
fn relates(one: &Value<'_>, other: &Value<'_>) -> bool {
    let known = atoms(other).iter().any(|atom| own(atom.root));
    let sender = atoms(one).iter().any(|atom| atom.root == Root::Sender);
    let secret = any(one, &|v| matches!(v.kind, Kind::Op(Op::Builtin(Builtin::Hash), _)));
    known && (sender || secret)
}

fn help(step: &Step<'_>, role: &str) -> String {
    let lower = role.to_lowercase();
    let fits = |name: &str| name == lower || name.strip_suffix('s') == Some(&lower);
    let field = step.machine.store.keys().find(|name| fits(name)).map_or(lower.as_str(), |name| name);
    format!(
        "add `peers ( {role} {field} )` to {}, where `{field}` is a store field that holds the peer or the peers",
        step.actor
    )
}
