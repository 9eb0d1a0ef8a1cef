//! Actions.

#![allow(clippy::wildcard_enum_match_arm, reason = "of a value, only the kind that validation promises")]

use super::eval::{Exec, peer};
use crate::chain::Block;
use crate::fault::FaultKind;
use crate::id::PeerId;
use crate::ir::{Action, Expr, Place, Selector};
use crate::library;
use crate::machine::{Effect, Raised, rules};
use crate::value::Value;
use crate::wire;
use std::collections::BTreeSet;
use std::sync::Arc;

fn internal(text: &str) -> Raised {
    FaultKind::internal(text).into()
}

impl<'p> Exec<'p, '_> {
    /// Actions in order.
    pub(super) fn actions(&mut self, actions: &'p [Action]) -> Result<(), Raised> {
        for action in actions {
            self.action(action)?;
        }
        Ok(())
    }

    /// One action. Each kind has a function of its own, as for expressions.
    fn action(&mut self, action: &'p Action) -> Result<(), Raised> {
        let (result, at) = match action {
            Action::Assign { place, path, value, meta } => (self.assign(place, path, value), *meta),
            Action::Send { to, message, payload, meta } => (self.send(to, message, payload), *meta),
            Action::Broadcast { to, message, payload, meta } => (self.broadcast(to, message, payload), *meta),
            Action::Gossip { message, payload, meta } => (self.gossip(message, payload), *meta),
            Action::Append { into, block, payload, meta } => {
                (self.append(into.as_ref(), block, payload), *meta)
            }
            Action::Let { slot, value, meta } => (self.bind(*slot, value), *meta),
            Action::If { condition, then, otherwise, meta: _ } => {
                return self.branch(condition, then, otherwise);
            }
            Action::For { slot, list, body, meta: _ } => return self.repeat(*slot, list, body),
            Action::Abort { reason, meta } => (self.abort(reason), *meta),
            Action::Start { task, arguments, meta } => (self.start(task, arguments), *meta),
        };
        result.map_err(|raised| raised.innermost(at))
    }

    fn send(&mut self, to: &'p Expr, message: &str, payload: &'p Expr) -> Result<(), Raised> {
        let to = peer(&self.eval(to)?)?;
        let payload = self.payload(payload)?;
        self.effects.push(Effect::Send { to, message: message.to_owned(), payload });
        Ok(())
    }

    fn broadcast(&mut self, to: &'p Expr, message: &str, payload: &'p Expr) -> Result<(), Raised> {
        let to = receivers(&self.eval(to)?)?;
        let payload = self.payload(payload)?;
        for to in to {
            self.effects.push(Effect::Send { to, message: message.to_owned(), payload: payload.clone() });
        }
        Ok(())
    }

    fn gossip(&mut self, message: &str, payload: &'p Expr) -> Result<(), Raised> {
        let payload = self.payload(payload)?;
        self.effects.push(Effect::Gossip { message: message.to_owned(), payload });
        Ok(())
    }

    fn bind(&mut self, slot: u32, value: &'p Expr) -> Result<(), Raised> {
        let value = self.eval(value)?;
        self.set_local(slot, value)
    }

    fn branch(
        &mut self,
        condition: &'p Expr,
        then: &'p [Action],
        otherwise: &'p [Action],
    ) -> Result<(), Raised> {
        if self.holds(condition)? { self.actions(then) } else { self.actions(otherwise) }
    }

    fn repeat(&mut self, slot: u32, list: &'p Expr, body: &'p [Action]) -> Result<(), Raised> {
        for element in self.elements(list)?.iter() {
            self.set_local(slot, element.clone())?;
            self.actions(body)?;
        }
        Ok(())
    }

    fn abort(&mut self, reason: &'p Expr) -> Result<(), Raised> {
        match self.eval(reason)? {
            Value::Text(reason) => Err(FaultKind::abort(&*reason).into()),
            other => Err(internal(other.kind())),
        }
    }

    fn start(&mut self, task: &str, arguments: &'p [Expr]) -> Result<(), Raised> {
        let arguments = self.eval_all(arguments)?.iter().map(wire::to_bytes).collect();
        self.effects.push(Effect::Start { task: task.to_owned(), arguments });
        Ok(())
    }

    fn payload(&mut self, payload: &'p Expr) -> Result<Vec<u8>, Raised> {
        Ok(rules::payload_bytes(&self.eval(payload)?)?)
    }

    fn append(&mut self, into: Option<&Place>, kind: &str, payload: &'p Expr) -> Result<(), Raised> {
        let payload = self.eval(payload)?;
        let block = self.env.append(kind, rules::payload_bytes(&payload)?)?;
        match into {
            Some(place) => self.write(place, Value::Block(Arc::new(Block::new(block, payload)))),
            None => Ok(()),
        }
    }

    /// `place[path]… = value`: selectors first, then the value, then the place changes.
    pub(super) fn assign(
        &mut self,
        place: &Place,
        path: &'p [Selector],
        value: &'p Expr,
    ) -> Result<(), Raised> {
        let keys = path.iter().map(|selector| self.eval(&selector.key)).collect::<Result<Vec<_>, _>>()?;
        let value = self.eval(value)?;
        if keys.is_empty() {
            return self.write(place, value);
        }
        let mut whole = self.read(place)?;
        write_into(&mut whole, &keys, value)?;
        self.write(place, whole)
    }

    /// The value of a place, to be changed; an unset one is a fault.
    fn read(&mut self, place: &Place) -> Result<Value, Raised> {
        let value = match place {
            Place::Store(name) => self.store.get(name).cloned().unwrap_or(Value::Null),
            Place::Shared(name) => self.shared(name)?,
            Place::View(name) => {
                let value = self.fold.as_ref().and_then(|fold| fold.fields.get(name));
                value.cloned().ok_or_else(|| internal("a field of no view"))?
            }
            Place::Local(slot) => self.local(*slot)?,
        };
        if value.is_null() { Err(FaultKind::Null.into()) } else { Ok(value) }
    }

    pub(super) fn write(&mut self, place: &Place, value: Value) -> Result<(), Raised> {
        match place {
            Place::Store(name) if value.is_null() => {
                self.store.remove(name);
            }
            Place::Store(name) => {
                self.store.insert(name.clone(), value);
            }
            Place::Shared(name) => {
                self.shared.insert(name.clone(), value);
                self.shared_written.insert(name.clone());
            }
            Place::View(name) => {
                let fold = self.fold.as_mut().ok_or_else(|| internal("a field of no view"))?;
                fold.fields.set(name.as_str(), value);
            }
            Place::Local(slot) => self.set_local(*slot, value)?,
        }
        Ok(())
    }
}

/// Sets the element that the keys lead to. Only the last key of a map may be new.
fn write_into(container: &mut Value, keys: &[Value], value: Value) -> Result<(), Raised> {
    let Some((key, rest)) = keys.split_first() else {
        *container = value;
        return Ok(());
    };
    match (container, key) {
        (Value::List(list), Value::Int(index)) => {
            let element = library::index_mut(Arc::make_mut(list).as_mut_slice(), *index)?;
            write_into(element, rest, value)
        }
        (Value::Map(map), key) if rest.is_empty() => {
            map.insert(key.clone(), value);
            Ok(())
        }
        (Value::Map(map), key) => write_into(library::entry_mut(map, key)?, rest, value),
        (other, _) => Err(internal(other.kind())),
    }
}

/// Peers of a list, each once, in order of first appearance; or the keys of a map.
fn receivers(to: &Value) -> Result<Vec<PeerId>, Raised> {
    let mut seen = BTreeSet::new();
    let peers = match to {
        Value::List(list) => list.iter().map(peer).collect::<Result<Vec<_>, _>>()?,
        Value::Map(map) => map.keys().map(peer).collect::<Result<Vec<_>, _>>()?,
        other => return Err(internal(other.kind())),
    };
    Ok(peers.into_iter().filter(|peer| seen.insert(*peer)).collect())
}
