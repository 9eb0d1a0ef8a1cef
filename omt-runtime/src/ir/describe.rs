//! How faults and documentation call the parts of a machine. Both executors ask here, so that they say the same.

use super::{Cause, Expr, ExprKind, Handler, Override, OverrideKind, State};

/// `FROM -> TO on CAUSE`, `FROM -> TO auto`, or `collect M`: what a fault calls a handler. The `else` of a transition
/// has the same name.
pub fn handler(state_name: &str, state: &State, handler: &Handler) -> String {
    match handler {
        Handler::Transition(transition) => {
            let cause = match &transition.cause {
                Cause::Auto => "auto".to_owned(),
                Cause::Message(name) | Cause::Trigger(name) | Cause::Task(name) => format!("on {name}"),
                Cause::Timeout(index) => format!("on timeout({})", limit_at(state, *index)),
                Cause::Period(index) => format!("on every({})", limit_at(state, *index)),
            };
            format!("{state_name} -> {} {cause}", transition.then.to)
        }
        Handler::Collect(collect) => format!("collect {}", collect.message),
    }
}

/// `ignore M` or `defer M`: what a fault in the guard of an override calls it.
pub fn override_(item: &Override) -> String {
    match item.kind {
        OverrideKind::Ignore => format!("ignore {}", item.message),
        OverrideKind::Defer => format!("defer {}", item.message),
    }
}

/// What a fault calls the reading of a state's time limits when it is entered.
pub const LIMITS: &str = "time limits";

/// What a fault calls everything before the first handler is considered: decoding, roster.
pub const ARRIVAL: &str = "arrival";

fn limit_at(state: &State, index: u32) -> String {
    let limit = usize::try_from(index).ok().and_then(|index| state.limits.get(index));
    limit.map_or_else(|| index.to_string(), |limit| path(&limit.value))
}

/// The parameter, field or path that a time limit names, as in the source.
#[allow(clippy::wildcard_enum_match_arm, reason = "the checker lets nothing else be a time limit")]
pub fn path(value: &Expr) -> String {
    match &value.kind {
        ExprKind::Parameter(name) | ExprKind::Store(name) | ExprKind::Shared(name) => name.clone(),
        ExprKind::Field(record, name) => format!("{}.{name}", path(record)),
        ExprKind::Convert(_, inner) => path(inner),
        _ => "?".to_owned(),
    }
}
