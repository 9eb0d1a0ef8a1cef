//! A path of states for people: who got what, and what changed.

use super::engine::Inner;
use super::engine::Last;
use super::explore::{Explorer, Label, stands_for};
use super::local::{Instance, Local};
use super::outcome::{Heard, Line};
use super::table::index;
use crate::spec::{Event, START};
use omt_runtime::id::PeerId;
use omt_runtime::ir::describe;
use omt_runtime::value::Value;
use omt_runtime::wire::Types;
use std::sync::Arc;

/// Characters of a value that are shown.
const VALUE_CHARS_MAX: usize = 60;

/// The label of each step of a path.
pub(super) fn labels(explorer: &mut Explorer<'_>, states: &[Vec<u32>]) -> Vec<Label> {
    let mut labels = Vec::new();
    for (from, to) in states.iter().zip(states.iter().skip(1)) {
        let mut found = None;
        explorer.successors(from, &mut |label, next| {
            if found.is_none() && stands_for(to, next) {
                found = Some(label.clone());
            }
        });
        labels.extend(found);
    }
    labels
}

/// The steps of a path.
pub(super) fn steps(explorer: &mut Explorer<'_>, states: &[Vec<u32>], labels: &[Label]) -> Vec<Line> {
    let mut lines = Vec::new();
    for ((from, to), label) in states.iter().zip(states.iter().skip(1)).zip(labels) {
        step(explorer, from, to, label, &mut lines);
    }
    lines
}

fn step(explorer: &mut Explorer<'_>, from: &[u32], to: &[u32], label: &Label, lines: &mut Vec<Line>) {
    let changed = explorer.locals(from).iter().zip(explorer.locals(to)).position(|(a, b)| a != b);
    let mut heard = None;
    let (place, input, at, after) = match label {
        Label::Clock { to } => {
            let input = format!("time goes on to {}", instant(*to));
            lines.push(line(*to, "all".to_owned(), input, Vec::new()));
            return;
        }
        Label::Act { place, gathered, last, at, after } => {
            gather(explorer, from, *place, gathered, *at, lines);
            let input = match last {
                Last::Deliver(message) => {
                    heard = self::heard(explorer, *message);
                    said(heard.as_ref())
                }
                Last::Inner(cause) => inner(explorer, from, *place, cause),
            };
            (Some(*place), input, *at, *after)
        }
        Label::Event { number, at, after } => {
            let place = explorer.model.events.get(*number).and_then(|event| event.place);
            (place.or(changed), event(explorer, *number), *at, *after)
        }
    };
    let peer = place.map_or_else(|| "all".to_owned(), |place| explorer.name(place).to_owned());
    let before = place.and_then(|place| explorer.locals(from).get(place).copied());
    let changes = before.map_or_else(Vec::new, |before| changes(explorer, before, after));
    let of = |number: u32| explorer.engine.local_of(number);
    let says = match (before.and_then(of), of(after)) {
        (Some(before), Some(after)) => sent(explorer, before, after),
        _ => Vec::new(),
    };
    lines.push(Line { heard, says, ..line(at, peer, input, changes) });
}

fn line(at: i64, peer: String, input: String, changes: Vec<String>) -> Line {
    let micros = at.saturating_sub(START);
    Line { at: instant(at), micros, peer, input, heard: None, says: Vec::new(), changes }
}

/// What a peer gathers before it acts, a line for each message.
fn gather(
    explorer: &mut Explorer<'_>,
    from: &[u32],
    place: usize,
    gathered: &[u32],
    at: i64,
    lines: &mut Vec<Line>,
) {
    let Some(mut local) = explorer.locals(from).get(place).copied() else { return };
    for message in gathered {
        let next = explorer.engine.deliver(local, *message);
        let changes = changes(explorer, local, next);
        let heard = heard(explorer, *message);
        let (peer, input) = (explorer.name(place).to_owned(), said(heard.as_ref()));
        lines.push(Line { heard, ..line(at, peer, input, changes) });
        local = next;
    }
}

/// `gets M from b`, with its payload.
fn said(heard: Option<&Heard>) -> String {
    let Some(Heard { message, from, payload }) = heard else { return "?".to_owned() };
    let gap = if payload.is_empty() { "" } else { " " };
    format!("gets {message} from {from}{gap}{payload}")
}

fn heard(explorer: &Explorer<'_>, message: u32) -> Option<Heard> {
    let key = &explorer.engine.message_of(message)?.key;
    let from = explorer.model.peers.get(index(key.from)).map_or("?", |peer| peer.name.as_str());
    let payload = explorer.model.program(key.protocol).and_then(|program| {
        let types = Types::new(program.protocol(), program.package.id);
        let ty = omt_runtime::ir::Type::Message(key.name.to_string());
        types.decode(&ty, &key.payload).ok()
    });
    let payload = payload.map_or_else(String::new, |value| shown(explorer, &value));
    Some(Heard { message: key.name.to_string(), from: from.to_owned(), payload })
}

fn inner(explorer: &Explorer<'_>, from: &[u32], place: usize, cause: &Inner) -> String {
    let instance = |at: usize| {
        let local = explorer.locals(from).get(place).and_then(|local| explorer.engine.local_of(*local))?;
        local.instances.get(at).and_then(|number| explorer.engine.instance_of(*number))
    };
    match cause {
        Inner::Task(_, name) => format!("task {name} ends"),
        Inner::Timer(at, limit) => {
            let named = instance(*at).and_then(|instance| {
                let program = explorer.model.program(instance.protocol)?;
                let machine = explorer.engine.machine_of(instance.machine)?;
                let state = program.protocol().actors.get(&*instance.actor)?.states.get(machine.state())?;
                state.limits.get(index(*limit)).map(|limit| describe::path(&limit.value))
            });
            format!("time limit {} passes", named.unwrap_or_else(|| limit.to_string()))
        }
    }
}

fn event(explorer: &Explorer<'_>, number: usize) -> String {
    match explorer.model.events.get(number).map(|event| &event.event) {
        Some(Event::Trigger { trigger, .. }) => format!("trigger {trigger}"),
        Some(Event::Say(say)) => format!("gets {} from {}, as the scope says", say.message.name, say.from),
        Some(Event::Crash(_) | Event::Restart(_) | Event::Partition(..) | Event::Heal) | None => {
            "?".to_owned()
        }
    }
}

/// What differs between two local states of a peer.
fn changes(explorer: &Explorer<'_>, before: u32, after: u32) -> Vec<String> {
    let engine = &explorer.engine;
    let (Some(before), Some(after)) = (engine.local_of(before), engine.local_of(after)) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for (at, number) in after.instances.iter().enumerate() {
        let old = before.instances.get(at).copied();
        if old != Some(*number)
            && let Some(new) = engine.instance_of(*number)
        {
            let old = old.and_then(|old| engine.instance_of(old));
            of_instance(explorer, old.map(|old| &**old), new, &mut changes);
        }
    }
    for author in explorer.engine.evidence.convicts(after.heard) {
        if !explorer.engine.evidence.convicts(before.heard).contains(&author) {
            changes.push(format!("can prove that {} contradicts itself", peer_name(explorer, &author)));
        }
    }
    let said = sent(explorer, before, after);
    changes.extend(said.into_iter().map(|(message, to)| format!("says {message} to {to}")));
    if after.chain != before.chain
        && let (Some(old), Some(new)) = (engine.chain_of(before.chain), engine.chain_of(after.chain))
    {
        for block in new.blocks().into_iter().skip(old.len()) {
            changes.push(format!("appends {}", block.kind()));
        }
    }
    changes
}

fn of_instance(explorer: &Explorer<'_>, old: Option<&Instance>, new: &Instance, changes: &mut Vec<String>) {
    let engine = &explorer.engine;
    let machine = |instance: &Instance| engine.machine_of(instance.machine).map(Arc::clone);
    let Some(program) = explorer.model.program(new.protocol) else { return };
    let Some(now) = machine(new) else { return };
    let was = old.and_then(machine);
    match &was {
        None => changes.push(format!("{} begins: {}", new.actor, now.state())),
        Some(was) if was.state() != now.state() => {
            changes.push(format!("{}: {} -> {}", new.actor, was.state(), now.state()));
        }
        Some(_) => {}
    }
    if new.status == super::local::Status::Faulted && old.is_none_or(|old| old.status != new.status) {
        changes.push(format!("{} stops by a fault", new.actor));
    }
    let types = Types::new(program.protocol(), program.package.id);
    let fields = program.protocol().actors.get(&*new.actor).map(|actor| &actor.store);
    for (name, field) in fields.into_iter().flatten().filter(|(name, _)| !name.contains('$')) {
        let bytes = now.field(name);
        // What was cleared because nothing reads it any more did not change.
        if bytes == was.as_ref().and_then(|was| was.field(name)) || bytes.is_none() {
            continue;
        }
        let value = bytes.and_then(|bytes| types.decode(&field.ty, &bytes).ok());
        if let Some(value) = value.filter(|value| !is_empty(value)) {
            changes.push(format!("{name} = {}", shown(explorer, &value)));
        }
    }
}

/// The store of an instance for people, without what is empty.
pub(super) fn fields(explorer: &Explorer<'_>, instance: &Instance) -> Vec<(String, String)> {
    let Some(program) = explorer.model.program(instance.protocol) else { return Vec::new() };
    let Some(machine) = explorer.engine.machine_of(instance.machine) else { return Vec::new() };
    let types = Types::new(program.protocol(), program.package.id);
    let fields = program.protocol().actors.get(&*instance.actor).map(|actor| &actor.store);
    let known = fields.into_iter().flatten().filter(|(name, _)| !name.contains('$'));
    let shown = known.filter_map(|(name, field)| {
        let value = types.decode(&field.ty, &machine.field(name)?).ok()?;
        (!is_empty(&value)).then(|| (name.clone(), shown(explorer, &value)))
    });
    shown.collect()
}

fn is_empty(value: &Value) -> bool {
    #[allow(clippy::wildcard_enum_match_arm, reason = "only collections can be empty")]
    match value {
        Value::Null => true,
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// The messages that a peer said between two of its local states, and to whom.
fn sent(explorer: &Explorer<'_>, before: &Local, after: &Local) -> Vec<(String, String)> {
    let engine = &explorer.engine;
    let mut said = Vec::new();
    let Some(now) = engine.sets.get(after.sent) else { return said };
    for number in now.iter().filter(|number| !engine.contains(before.sent, **number)) {
        let Some(message) = engine.message_of(*number) else { continue };
        let to = message.key.to.and_then(|to| explorer.model.peers.get(index(to)));
        let to = to.map_or("network", |peer| peer.name.as_str());
        said.push((message.key.name.to_string(), to.to_owned()));
    }
    said
}

/// A value for people, in one line.
fn shown(explorer: &Explorer<'_>, value: &Value) -> String {
    let text = write(explorer, value);
    if text.chars().count() <= VALUE_CHARS_MAX {
        return text;
    }
    let start: String = text.chars().take(VALUE_CHARS_MAX).collect();
    format!("{start}…")
}

fn write(explorer: &Explorer<'_>, value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) if *number >= i128::from(START) => {
            i64::try_from(*number).map_or_else(|_| number.to_string(), instant)
        }
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => format!("\"{text}\""),
        Value::Enum(name) => name.to_string(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::Hash(hash) => hash.short(),
        Value::Peer(peer) => peer_name(explorer, peer),
        Value::Signature(_) => "a signature".to_owned(),
        Value::List(items) => format!("[{}]", list(items.iter().map(|item| write(explorer, item)).collect())),
        Value::Map(map) => {
            let entries = map.iter().map(|(k, v)| format!("{} {}", write(explorer, k), write(explorer, v)));
            format!("{{ {} }}", list(entries.collect()))
        }
        Value::Record(record) => {
            let fields = record.iter().map(|(name, value)| format!("{name} {}", write(explorer, value)));
            format!("{{ {} }}", list(fields.collect()))
        }
        Value::Block(block) => {
            format!("block {} of {}", block.height(), peer_name(explorer, &block.author()))
        }
        Value::Signed(signed) => {
            format!("{} signed by {}", signed.envelope().message, peer_name(explorer, &signed.sender()))
        }
        Value::Segment(segment) => {
            format!("{} blocks of {}", segment.len(), peer_name(explorer, &segment.author()))
        }
        Value::Equivocation(proof) => format!("proof against {}", peer_name(explorer, &proof.author())),
        Value::Rng(_) => "a generator".to_owned(),
    }
}

fn peer_name(explorer: &Explorer<'_>, peer: &PeerId) -> String {
    let known = explorer.model.by_id.get(peer).and_then(|index| explorer.model.peers.get(*index));
    known.map_or_else(|| peer.short(), |peer| peer.name.clone())
}

/// An instant as time since the start.
pub(super) fn instant(at: i64) -> String {
    let micros = at.saturating_sub(START);
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    if rest == 0 { format!("{seconds} s") } else { format!("{seconds}.{rest:06} s") }
}

/// What is wrong in a state that every protocol must not come to; empty if nothing is.
pub(super) fn reason(explorer: &mut Explorer<'_>, state: &[u32]) -> String {
    for local in explorer.locals(state).to_vec() {
        let info = explorer.engine.info(local);
        let place = super::event::place_of(&explorer.engine, local);
        let name = place.map_or("?", |place| explorer.name(place));
        if let Some(fault) = explorer.engine.fault_of(info.fault) {
            return format!("{name}: {fault}");
        }
        if let Some(at) = info.stuck {
            let machine = explorer.engine.local_of(local).and_then(|local| {
                let instance =
                    local.instances.get(at).and_then(|number| explorer.engine.instance_of(*number))?;
                explorer.engine.machine_of(instance.machine).map(|machine| machine.state().to_owned())
            });
            return format!("{name} waits in {} and has no time limit", machine.unwrap_or_default());
        }
    }
    String::new()
}
