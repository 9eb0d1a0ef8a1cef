#![doc = include_str!("../pages/W0563.md")]

use super::reads::Reads;
use super::writes::{self, Write};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::codes::UNUSED;
use omt_runtime::ir::{Actor, Field};

/// Its code.
pub const CODE: Code =
    warning("W0563", "a value that is kept and never used", include_str!("../pages/W0563.md"));

/// The check. Fields that are not even assigned are unused names (W0101).
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let reads = Reads::of(context.protocol);
    for (actor_name, actor) in &context.protocol.actors {
        let writes = writes::of(actor);
        let store = actor.store.iter().map(|f| (f, false));
        for ((name, field), shared) in store.chain(actor.shared.iter().map(|f| (f, true))) {
            let compilers = name.contains('$') || *name == context.protocol.session_key;
            let roster = actor.peers.values().any(|f| f == name);
            if compilers || roster || context.observed.contains(name) || reads.store(actor_name, name) {
                continue;
            }
            let mine: Vec<&Write<'_>> = writes.iter().filter(|w| w.field == name).collect();
            found.extend(judge(context, actor_name, actor, name, field, shared, &mine));
        }
    }
}

fn judge(
    context: &Context<'_>,
    actor_name: &str,
    actor: &Actor,
    name: &str,
    field: &Field,
    shared: bool,
    writes: &[&Write<'_>],
) -> Option<Diagnostic> {
    let store = if shared { "shared field" } else { "store field" };
    let Some(first) = writes.first() else {
        return Some(
            Diagnostic::new(
                UNUSED,
                context.span(field.meta.at),
                format!("the {store} `{name}` is never used"),
            )
            .with_label(format!("{actor_name} neither assigns nor reads it"))
            .with_note("what is declared and not used is a mistake, or noise")
            .with_help("remove it, or use it"),
        );
    };
    // What a session comes to is there for whoever asks the host. What a collect acts on as it comes is used.
    let outcome = !shared && writes.iter().any(|w| writes::is_outcome(actor, w));
    if outcome || writes.iter().any(|w| w.collect == Some(true)) {
        return None;
    }
    let (code, message, note) = if writes.iter().any(|w| w.collect.is_some()) {
        (
            super::uncounted::CODE,
            format!("{actor_name} collects into `{name}`, and never counts it"),
            "messages are gathered to be counted or read; here nothing depends on them",
        )
    } else {
        (
            CODE,
            format!("{actor_name} assigns `{name}`, and never reads it"),
            "a value that is not read, sent or checked changes nothing; perhaps a check or a message that \
             needs it is missing",
        )
    };
    Some(
        Diagnostic::new(code, context.span(field.meta.at), message)
            .with_label("never read")
            .with_secondary(context.span(first.at), "set here")
            .with_note(note)
            .with_help(format!("read `{name}` where it matters, or remove it with its assignments")),
    )
}
