//! Transitions, collects and overrides of a state.

use super::guard::{self, Relation};
use super::limit::matched;
use super::{Spot, effect};
use crate::check::logic::Guard;
use crate::check::walk;
use crate::diff::alike;
use crate::diff::kind;
use crate::diff::pair::{Draft, an};
use crate::diff::report::{Change, Direction, Outcome};
use omt_runtime::ir::{At, Cause, Collect, CollectForm, Handler, Local, Override, State, Transition};
use std::collections::BTreeMap;

/// What a transition reacts to, the same in both versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Auto,
    Message(String),
    Trigger(String),
    Task(String),
    /// Index into the matched limits.
    Timer(usize),
}

/// A transition with its index among the handlers of its state.
type Numbered<'a> = (usize, &'a Transition);

/// Everything about the handlers of a state.
pub fn compare(spot: &Spot<'_>, out: &mut Vec<Change>) {
    let limits = matched(spot.old, spot.new);
    let position = |index: u32, old: bool| {
        let wanted = usize::try_from(index).ok();
        limits
            .iter()
            .position(|(a, b)| wanted.is_some() && wanted == if old { *a } else { *b })
            .unwrap_or(usize::MAX)
    };
    let grouped = |state: &'_ State, old: bool| -> BTreeMap<Key, Vec<usize>> {
        let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (index, handler) in state.handlers.iter().enumerate() {
            let Handler::Transition(t) = handler else { continue };
            let key = match &t.cause {
                Cause::Auto => Key::Auto,
                Cause::Message(name) => Key::Message(name.clone()),
                Cause::Trigger(name) => Key::Trigger(name.clone()),
                Cause::Task(name) => Key::Task(name.clone()),
                Cause::Timeout(i) | Cause::Period(i) => Key::Timer(position(*i, old)),
            };
            groups.entry(key).or_default().push(index);
        }
        groups
    };
    let (before, after) = (grouped(spot.old, true), grouped(spot.new, false));
    let empty = Vec::new();
    let keys: std::collections::BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let olds = transitions(spot.old, before.get(key).unwrap_or(&empty));
        let news = transitions(spot.new, after.get(key).unwrap_or(&empty));
        // What is reported as a whole, of the message or the limit.
        let whole = matches!(key, Key::Message(_) | Key::Timer(_));
        if whole && (olds.is_empty() || news.is_empty()) {
            continue;
        }
        causes(spot, key, &olds, &news, out);
    }
    collects(spot, out);
    overrides(spot, out);
}

fn transitions<'a>(state: &'a State, indices: &[usize]) -> Vec<Numbered<'a>> {
    indices
        .iter()
        .filter_map(|index| match state.handlers.get(*index) {
            Some(Handler::Transition(t)) => Some((*index, t)),
            Some(Handler::Collect(_)) | None => None,
        })
        .collect()
}

/// `on PONG -> ANSWERED`, quoted.
fn way(state: &State, t: &Transition) -> String {
    format!("`{} -> {}`", crate::diff::recognise::cause(state, &t.cause), t.then.to)
}

fn causes(spot: &Spot<'_>, key: &Key, olds: &[Numbered<'_>], news: &[Numbered<'_>], out: &mut Vec<Change>) {
    let rules: [fn(&Transition, &Transition) -> bool; 3] =
        [|a, b| a.then.to == b.then.to && guard::alike(a, b), guard::alike, |a, b| a.then.to == b.then.to];
    let mut partner: Vec<Option<usize>> = vec![None; news.len()];
    let mut left: Vec<usize> = (0..olds.len()).collect();
    for rule in rules {
        left.retain(|i| {
            let Some((_, a)) = olds.get(*i) else { return false };
            let twin = news.iter().zip(&mut partner).find(|((_, b), slot)| slot.is_none() && rule(a, b));
            match twin {
                Some((_, slot)) => {
                    *slot = Some(*i);
                    false
                }
                None => true,
            }
        });
    }
    if let ([i], [slot]) =
        (left.as_slice(), partner.iter_mut().filter(|slot| slot.is_none()).collect::<Vec<_>>().as_mut_slice())
    {
        **slot = Some(*i);
        left.clear();
    }
    for ((_, b), slot) in news.iter().zip(&partner) {
        match slot.and_then(|i| olds.get(i)) {
            Some(a) => both(spot, key, *a, b, news, out),
            None => added(spot, key, b, out),
        }
    }
    for i in left {
        if let Some(a) = olds.get(i) {
            removed(spot, key, *a, news, out);
        }
    }
    order(spot, news, &partner, out);
}

/// What passed the old guard passes one of the new ones.
fn covered(spot: &Spot<'_>, old_index: usize, news: &[Numbered<'_>]) -> bool {
    if news.iter().any(|(_, t)| t.otherwise.is_some() || t.guard.is_none()) {
        return true;
    }
    let Some(old) = marked(spot, old_index) else { return false };
    let guards: Vec<Guard<'_>> = news.iter().map(|(_, t)| Guard::of(t)).collect();
    guard::covered(spot.machine.joint, guard::of(old), &guards)
}

/// A handler of the old version in the terms of the joint protocol.
fn marked<'a>(spot: &Spot<'a>, index: usize) -> Option<&'a Handler> {
    spot.machine.joint.old.actors.get(spot.machine.name)?.states.get(spot.name)?.handlers.get(index)
}

fn places(spot: &Spot<'_>, draft: Draft, a: Option<At>, b: Option<At>) -> Draft {
    let pair = spot.machine.pair;
    draft.at(a.and_then(|at| pair.old_at(at)), b.and_then(|at| pair.new_at(at)))
}

fn removed(
    spot: &Spot<'_>,
    key: &Key,
    (index, a): Numbered<'_>,
    news: &[Numbered<'_>],
    out: &mut Vec<Change>,
) {
    let text = format!("transition {} is gone", way(spot.old, a));
    let elsewhere = covered(spot, index, news);
    let draft = |why: &str| {
        places(spot, spot.draft(kind::TRANSITION_REMOVED, text.clone(), why), Some(a.meta.at), None)
    };
    let still = Direction::works("an old node still takes it");
    out.push(match key {
        Key::Message(_) | Key::Trigger(_) if elsewhere && !news.is_empty() => {
            draft("what it took goes another way now")
                .meets(Direction::depends("an old node may not expect where it goes"), still)
        }
        Key::Message(m) => draft("what no guard lets through is refused, discarded and counted").meets(
            Direction::fails(format!("{one} of an old node that took this way may be refused", one = an(m))),
            still,
        ),
        Key::Trigger(t) => draft("a trigger that no transition takes is refused")
            .meets(Direction::fails(format!("a host that fires {t} here may be refused")), still),
        Key::Task(t) => draft("a result that the state does not handle is dropped")
            .meets(Direction::depends(format!("what followed from {t} no longer does")), still),
        Key::Auto | Key::Timer(_) => draft("the machine stays where it went on")
            .meets(Direction::depends("an old node may wait for what a new one no longer does"), still),
    });
}

fn added(spot: &Spot<'_>, key: &Key, b: &Transition, out: &mut Vec<Change>) {
    let text = format!("transition {} is new", way(spot.new, b));
    let draft = |why: &str| {
        places(spot, spot.draft(kind::TRANSITION_ADDED, text.clone(), why), None, Some(b.meta.at))
    };
    out.push(match key {
        Key::Message(_) | Key::Trigger(_) => {
            draft("what was refused, or went another way, may be taken here").meets(
                Direction::depends("an old node may not expect where it goes"),
                Direction::depends("an old node refuses it, or goes another way"),
            )
        }
        Key::Task(_) | Key::Auto | Key::Timer(_) => draft("the machine may go on where it stayed").meets(
            Direction::depends("an old node may come too late with what this state waited for"),
            Direction::works("an old node stays"),
        ),
    });
}

fn both(
    spot: &Spot<'_>,
    key: &Key,
    (index, a): Numbered<'_>,
    b: &Transition,
    news: &[Numbered<'_>],
    out: &mut Vec<Change>,
) {
    let name = way(spot.new, b);
    let at = |draft: Draft| places(spot, draft, Some(a.meta.at), Some(b.meta.at));
    if a.then.to != b.then.to {
        out.push(retargeted(at(spot.draft(
            kind::TRANSITION_RETARGETED,
            format!("{name}, was to {}", a.then.to),
            TARGET,
        ))));
    }
    guards(spot, key, (index, a), b, news, out);
    match (&a.otherwise, &b.otherwise) {
        (Some(x), Some(y)) => {
            if x.to != y.to {
                let what = format!("`else` of {name} leads to {}, was to {}", y.to, x.to);
                out.push(retargeted(at(spot.draft(kind::TRANSITION_RETARGETED, what, TARGET))));
            }
            let way = format!("`else` of {name}");
            effect::compare(
                spot,
                &way,
                ((&x.actions, &a.frame), (&y.actions, &b.frame)),
                (a.meta.at, b.meta.at),
                out,
            );
        }
        (Some(x), None) => out.push(
            at(spot.draft(
                kind::TRANSITION_REMOVED,
                format!("`else -> {}` of {name} is gone", x.to),
                "what the guard does not let through is refused, or waits",
            ))
            .meets(
                match key {
                    Key::Message(m) => Direction::fails(format!(
                        "{one} of an old node that went this way is refused",
                        one = an(m)
                    )),
                    Key::Trigger(t) => Direction::fails(format!("a host that fires {t} here may be refused")),
                    Key::Task(_) | Key::Auto | Key::Timer(_) => {
                        Direction::depends("an old node may wait for what a new one no longer does")
                    }
                },
                Direction::works("an old node still takes it"),
            ),
        ),
        (None, Some(y)) => out.push(
            at(spot.draft(
                kind::TRANSITION_ADDED,
                format!("`else -> {}` of {name} is new", y.to),
                "what was refused, or waited, goes this way",
            ))
            .meets(
                Direction::depends("an old node may not expect where it goes"),
                Direction::works("an old node refuses, or waits"),
            ),
        ),
        (None, None) => {}
    }
    effect::compare(
        spot,
        &name,
        ((&a.then.actions, &a.frame), (&b.then.actions, &b.frame)),
        (a.meta.at, b.meta.at),
        out,
    );
}

const TARGET: &str = "where a machine goes decides what it handles next, and how long it waits";

fn retargeted(draft: Draft) -> Change {
    draft.meets(
        Direction::depends("what an old node says next may not be handled where a new one is"),
        Direction::depends("what a new node says next may not be handled where an old one is"),
    )
}

fn guards(
    spot: &Spot<'_>,
    key: &Key,
    (index, a): Numbered<'_>,
    b: &Transition,
    news: &[Numbered<'_>],
    out: &mut Vec<Change>,
) {
    let name = way(spot.new, b);
    let machine = spot.machine;
    let same_words = guard::alike(a, b);
    let roots: std::collections::BTreeSet<_> = if same_words && !machine.joint.roots.is_empty() {
        Guard::of(b).parts().flat_map(|e| machine.joint.reached(e)).collect()
    } else {
        Default::default()
    };
    if same_words && roots.is_empty() {
        return;
    }
    let Some(old) = marked(spot, index) else { return };
    let relation = guard::relation(machine.joint, guard::of(old), Guard::of(b));
    let elsewhere = relation == Relation::Stronger && covered(spot, index, news);
    let (old_new, new_old) = judged(key, relation, elsewhere);
    if same_words {
        for root in roots {
            let text = format!("guard of {} in {} {name}: {}", machine.name, spot.name, relation.words());
            machine.roots.add(&root, text, (old_new.outcome, new_old.outcome));
        }
        return;
    }
    let kind = match relation {
        Relation::Same => kind::GUARD_REWRITTEN,
        Relation::Stronger => kind::GUARD_STRONGER,
        Relation::Weaker => kind::GUARD_WEAKER,
        Relation::Unknown => kind::GUARD_CHANGED,
    };
    let (x, y) = (guard::shown(a.guard.as_ref(), &a.frame), guard::shown(b.guard.as_ref(), &b.frame));
    let what = if x == y {
        format!("the guard of {name} depends on other `let`s")
    } else {
        format!("the guard of {name} is {y}, was {x}")
    };
    let draft = places(
        spot,
        spot.draft(kind, what, format!("it {}", relation.words())),
        Some(a.guard.as_ref().map_or(a.meta.at, |e| e.meta)),
        Some(b.guard.as_ref().map_or(b.meta.at, |e| e.meta)),
    );
    out.push(draft.meets(old_new, new_old));
}

/// What a guard that lets other things through means to the other side.
fn judged(key: &Key, relation: Relation, elsewhere: bool) -> (Direction, Direction) {
    match (relation, key) {
        (Relation::Same, _) => {
            let text = "whatever passes one passes the other";
            (Direction::works(text), Direction::works(text))
        }
        (Relation::Stronger, Key::Message(_) | Key::Trigger(_)) if elsewhere => (
            Direction::depends("what no longer passes goes another way, which an old node may not expect"),
            Direction::works("whatever passes at a new node passes at an old one"),
        ),
        (Relation::Stronger, Key::Message(m)) => (
            Direction::fails(format!("{one} of an old node that passed may be refused", one = an(m))),
            Direction::works(format!("{one} that passes at a new node passes at an old one", one = an(m))),
        ),
        (Relation::Stronger, Key::Trigger(t)) => (
            Direction::fails(format!("a host of the old version that fires {t} may be refused")),
            Direction::works(format!(
                "{one} that passes in the new version passes in the old one",
                one = an(t)
            )),
        ),
        (Relation::Weaker, Key::Message(m)) => (
            Direction::works(format!("{one} that passed still does", one = an(m))),
            Direction::depends(format!(
                "{one} of a new node that counts on the weaker guard is refused by an old one",
                one = an(m)
            )),
        ),
        (Relation::Weaker, Key::Trigger(t)) => (
            Direction::works(format!("{one} that passed still does", one = an(t))),
            Direction::depends(format!(
                "a host that counts on the weaker guard of {t} is refused by the old version"
            )),
        ),
        (Relation::Unknown, Key::Message(m)) => (
            Direction::depends(format!("{one} of an old node may be refused that passed", one = an(m))),
            Direction::depends(format!("{one} of a new node may be refused by an old one", one = an(m))),
        ),
        (_, _) => (
            Direction::depends("a new node may go on where an old one waits, or wait where it goes on"),
            Direction::depends("an old node may go on where a new one waits, or wait where it goes on"),
        ),
    }
}

/// Transitions that are tried in another order.
fn order(spot: &Spot<'_>, news: &[Numbered<'_>], partner: &[Option<usize>], out: &mut Vec<Change>) {
    for (j, ((_, b), old_b)) in news.iter().zip(partner).enumerate() {
        for ((_, a), old_a) in news.iter().zip(partner).take(j) {
            let (Some(old_a), Some(old_b)) = (old_a, old_b) else { continue };
            if old_a < old_b {
                continue;
            }
            let shown = |t: &Transition| {
                let guard = t.guard.as_ref().map(|_| guard::shown(t.guard.as_ref(), &t.frame));
                format!("{}{}", way(spot.new, t), guard.map(|g| format!(" when {g}")).unwrap_or_default())
            };
            let what = format!("{} is tried before {}", shown(a), shown(b));
            let places = places(
                spot,
                spot.draft(kind::TRANSITION_ORDER, what, "the first guard that holds decides"),
                None,
                Some(a.meta.at),
            );
            let direction = if guard::exclusive(spot.machine.joint, Guard::of(a), Guard::of(b)) {
                Direction::works("their guards never hold together")
            } else {
                Direction::depends("where both guards hold the machine goes another way")
            };
            out.push(places.either(&direction));
        }
    }
}

fn collects(spot: &Spot<'_>, out: &mut Vec<Change>) {
    let find = |state: &'_ State| -> Vec<(usize, Collect)> {
        let collect = |(index, handler): (usize, &Handler)| match handler {
            Handler::Collect(c) => Some((index, c.clone())),
            Handler::Transition(_) => None,
        };
        state.handlers.iter().enumerate().filter_map(collect).collect()
    };
    let (olds, news) = (find(spot.old), find(spot.new));
    for (_, b) in &news {
        let Some((index, a)) = olds.iter().find(|(_, a)| a.message == b.message) else {
            // A state that handled the message by a transition.
            if spot.old.handlers.iter().any(|h| walk::message(h) == Some(&b.message)) {
                out.push(collect(
                    spot,
                    format!("{} is collected, caused a transition", b.message),
                    None,
                    Some(b.meta.at),
                ));
            }
            continue;
        };
        let name = format!("`collect {}`", b.message);
        if a.into != b.into || a.form != b.form {
            let form = |c: &Collect| match c.form {
                CollectForm::Map => "by sender",
                CollectForm::SignedMap => "by sender, with signatures",
                CollectForm::List { .. } => "as a list",
            };
            let what =
                format!("{name} gathers {} in `{}`, did so {} in `{}`", form(b), b.into, form(a), a.into);
            out.push(collect(spot, what, Some(a.meta.at), Some(b.meta.at)));
        }
        let same = alike::optional((a.guard.as_ref(), &a.frame), (b.guard.as_ref(), &b.frame));
        let joint = spot.machine.joint;
        let reached: Vec<_> = b.guard.iter().flat_map(|e| joint.reached(e)).collect();
        if (!same || !reached.is_empty())
            && let Some(old) = marked(spot, *index)
        {
            let relation = guard::relation(joint, guard::of(old), Guard::after(&[], b.guard.as_ref()));
            let (old_new, new_old) = judged(&Key::Message(b.message.clone()), relation, false);
            if same {
                for root in reached {
                    let text = format!(
                        "guard of {} in {} {name}: {}",
                        spot.machine.name,
                        spot.name,
                        relation.words()
                    );
                    spot.machine.roots.add(&root, text, (old_new.outcome, new_old.outcome));
                }
            } else {
                let kind = match relation {
                    Relation::Same => kind::GUARD_REWRITTEN,
                    Relation::Stronger => kind::GUARD_STRONGER,
                    Relation::Weaker => kind::GUARD_WEAKER,
                    Relation::Unknown => kind::GUARD_CHANGED,
                };
                let (x, y) =
                    (guard::shown(a.guard.as_ref(), &a.frame), guard::shown(b.guard.as_ref(), &b.frame));
                let what = format!("the guard of {name} is {y}, was {x}");
                let draft = spot.draft(kind, what, format!("it {}", relation.words()));
                out.push(places(spot, draft, Some(a.meta.at), Some(b.meta.at)).meets(old_new, new_old));
            }
        }
        effect::compare(
            spot,
            &name,
            ((&a.actions, &a.frame), (&b.actions, &b.frame)),
            (a.meta.at, b.meta.at),
            out,
        );
    }
    for (_, a) in &olds {
        let collected = news.iter().any(|(_, b)| b.message == a.message);
        if !collected && spot.new.handlers.iter().any(|h| walk::message(h) == Some(&a.message)) {
            out.push(collect(
                spot,
                format!("{} causes a transition, was collected", a.message),
                Some(a.meta.at),
                None,
            ));
        }
    }
}

fn collect(spot: &Spot<'_>, what: String, a: Option<At>, b: Option<At>) -> Change {
    let why =
        "a collect takes one message a sender and stays in its state; a transition is caused by each message";
    places(spot, spot.draft(kind::COLLECT_CHANGED, what, why), a, b)
        .either(&Direction::depends("what counts as a second message of one sender differs"))
}

fn overrides(spot: &Spot<'_>, out: &mut Vec<Change>) {
    let same = |a: &Override, b: &Override| {
        let frames: (&[Local], &[Local]) = (&a.frame, &b.frame);
        a.kind == b.kind
            && a.message == b.message
            && alike::optional((a.guard.as_ref(), frames.0), (b.guard.as_ref(), frames.1))
    };
    let text = |o: &Override| {
        let guard =
            o.guard.as_ref().map(|e| format!(" when `{}`", alike::shown(e, &o.frame))).unwrap_or_default();
        format!("`{}`{guard}", omt_runtime::ir::describe::override_(o))
    };
    let mut push = |what: String, a: Option<At>, b: Option<At>| {
        let why = "ignore and defer say what becomes of a message that would be handled, refused or kept";
        out.push(places(spot, spot.draft(kind::OVERRIDE_CHANGED, what, why), a, b).either(
            &Direction::depends("a message may be discarded by one that the other keeps or handles"),
        ));
    };
    for b in &spot.new.overrides {
        let twin = spot.old.overrides.iter().find(|a| same(a, b));
        match twin {
            None => push(format!("{} is new", text(b)), None, Some(b.meta.at)),
            Some(_) if !spot.machine.joint.roots.is_empty() => {
                for root in b.guard.iter().flat_map(|e| spot.machine.joint.reached(e)) {
                    let text = format!("{} of {} in {}", text(b), spot.machine.name, spot.name);
                    spot.machine.roots.add(&root, text, (Outcome::Depends, Outcome::Depends));
                }
            }
            Some(_) => {}
        }
    }
    for a in &spot.old.overrides {
        if !spot.new.overrides.iter().any(|b| same(a, b)) {
            push(format!("{} is gone", text(a)), Some(a.meta.at), None);
        }
    }
}
