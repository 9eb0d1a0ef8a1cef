#![doc = include_str!("../pages/W0578.md")]

use crate::check::may::{Empty, Fields, may_be_set};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, At, Branch, Cause, ExprKind, Handler, Place, Transition};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0578", "one way into an end that does less", include_str!("../pages/W0578.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// So many other ways must do it: what two have in common may be chance.
const OTHERS_MIN: usize = 3;

/// What the ways into an end have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed<'a> {
    Assigns(&'a str),
    Appends(&'a str),
}

/// One branch of one line of source.
struct Way<'a> {
    at: At,
    from: Vec<&'a str>,
    cause: &'a Cause,
    deeds: BTreeSet<Deed<'a>>,
    /// Fields that it assigns from the message.
    told: BTreeSet<&'a str>,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (name, actor) in &context.protocol.actors {
        let entered = may_be_set(context.protocol, actor, Empty::IsSet);
        for (end, ways) in ways(actor, &entered) {
            let deeds: BTreeSet<Deed<'_>> = ways.iter().flat_map(|w| w.deeds.iter().copied()).collect();
            for deed in deeds {
                if let Some((way, like)) = odd_one_out(&ways, deed, &entered) {
                    found.push(report(context, name, end, deed, way, like));
                }
            }
        }
    }
}

fn report(
    context: &Context<'_>,
    actor: &str,
    end: &str,
    deed: Deed<'_>,
    way: &Way<'_>,
    like: &Way<'_>,
) -> Diagnostic {
    let (does, help) = match deed {
        Deed::Assigns(field) => (format!("assigns `{field}`"), format!("assign `{field}`")),
        Deed::Appends(block) => (format!("appends {block}"), format!("append {block}")),
    };
    Diagnostic::new(
        CODE,
        context.span(way.at),
        format!("every other way of {actor} into {end} {does}, this one does not"),
    )
    .with_label("does not")
    .with_secondary(context.span(like.at), format!("{does}, as all the others do"))
    .with_note("who looks at the end cannot tell which way led there, and expects the same of all")
    .with_help(format!("{help} here, too; or let this way end in a state of its own"))
}

/// The ways into each end, one for each branch of each line of source.
fn ways<'a>(actor: &'a Actor, entered: &BTreeMap<&'a str, Fields<'a>>) -> BTreeMap<&'a str, Vec<Way<'a>>> {
    let mut found: BTreeMap<&'a str, BTreeMap<(At, bool), Way<'a>>> = BTreeMap::new();
    for name in entered.keys() {
        let Some(state) = actor.states.get(*name) else { continue };
        for handler in &state.handlers {
            let Handler::Transition(t) = handler else { continue };
            let branches = [(false, Some(&t.then)), (true, t.otherwise.as_ref())];
            for (otherwise, branch) in branches.into_iter().filter_map(|(o, b)| b.map(|b| (o, b))) {
                if actor.states.get(&branch.to).is_some_and(|s| s.terminal) && !aborts(&branch.actions) {
                    let ways = found.entry(&branch.to).or_default();
                    let way = ways.entry((t.meta.at, otherwise)).or_insert_with(|| way(t, branch));
                    way.from.push(name);
                }
            }
        }
    }
    found.into_iter().map(|(end, ways)| (end, ways.into_values().collect())).collect()
}

fn aborts(list: &[Action]) -> bool {
    list.iter().any(|a| matches!(a, Action::Abort { .. }))
}

fn way<'a>(t: &'a Transition, branch: &'a Branch) -> Way<'a> {
    let mut way = Way {
        at: t.meta.at,
        from: Vec::new(),
        cause: &t.cause,
        deeds: BTreeSet::new(),
        told: BTreeSet::new(),
    };
    walk::actions(&branch.actions, &mut |action| match action {
        Action::Assign { place: Place::Store(field), value, .. } => {
            way.deeds.insert(Deed::Assigns(field));
            walk::expression(value, &mut |e| {
                if matches!(e.kind, ExprKind::Payload | ExprKind::SignedMessage) {
                    way.told.insert(field);
                }
            });
        }
        Action::Append { block, .. } => {
            way.deeds.insert(Deed::Appends(block));
        }
        _ => {}
    });
    way
}

/// The one way that does not do what all others do, with one of those.
fn odd_one_out<'w, 'a>(
    ways: &'w [Way<'a>],
    deed: Deed<'a>,
    entered: &BTreeMap<&'a str, Fields<'a>>,
) -> Option<(&'w Way<'a>, &'w Way<'a>)> {
    let lacks = |w: &&'w Way<'a>| !w.deeds.contains(&deed);
    for way in ways.iter().filter(lacks) {
        // Beside it: the ways from where it comes. Everywhere: all ways, when nothing has done it before either.
        let beside: Vec<&Way<'a>> = ways.iter().filter(|w| w.from == way.from).collect();
        let all: Vec<&Way<'a>> = ways.iter().collect();
        let before =
            |field: &str| way.from.iter().any(|s| entered.get(s).is_some_and(|set| set.contains(field)));
        let everywhere = match deed {
            Deed::Assigns(field) => !before(field),
            Deed::Appends(_) => false,
        };
        for (group, counts) in [(beside, true), (all, everywhere)] {
            let others: Vec<&Way<'a>> = group.iter().copied().filter(|w| !std::ptr::eq(*w, way)).collect();
            if !counts || others.len() < OTHERS_MIN || others.iter().any(|w| !w.deeds.contains(&deed)) {
                continue;
            }
            // Data that messages bring is not there when time runs out.
            if let Deed::Assigns(field) = deed
                && !matches!(way.cause, Cause::Message(_))
                && others.iter().all(|w| w.told.contains(field))
            {
                continue;
            }
            return others.first().map(|like| (way, *like));
        }
    }
    None
}
