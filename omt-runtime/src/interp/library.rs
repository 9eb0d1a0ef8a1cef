//! The library (LANGUAGE 7).

#![allow(clippy::wildcard_enum_match_arm, reason = "of a value, only the kind that validation promises")]

use super::eval::{Exec, Lambda, hash, int, peer};
use crate::chain::RawBlock;
use crate::crypto;
use crate::fault::FaultKind;
use crate::id::Signature;
use crate::ir::signature::PEER_HASH_BLOCK;
use crate::ir::{Builtin, Expr, ExprKind, Type};
use crate::library::{self, SeededRng};
use crate::machine::{Raised, rules};
use crate::value::{Map, Value};
use crate::wire::{Bytes, Limits, Wire, check, struct_fields_hash};
use std::sync::Arc;

/// Arguments that validation excludes.
fn unfit(builtin: Builtin) -> Raised {
    FaultKind::internal(format!("{} of other arguments than it takes", builtin.name())).into()
}

fn number<T: TryFrom<i128>>(value: &Value) -> Result<T, Raised> {
    T::try_from(int(value)?).map_err(|_| FaultKind::Overflow.into())
}

fn list(values: Vec<Value>) -> Value {
    Value::List(Arc::new(values))
}

impl<'p> Exec<'p, '_> {
    /// A call of the library, whose result has the type `ty`.
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        arguments: &'p [Expr],
        ty: &Type,
    ) -> Result<Value, Raised> {
        use Builtin as B;
        match builtin {
            B::SeededSample | B::SeededShuffle => self.draw(builtin, arguments),
            B::Filter | B::Map | B::Find | B::Any | B::All | B::Count | B::Reduce | B::SortBy => {
                self.over_list(builtin, arguments)
            }
            _ => self.of_values(builtin, arguments, ty),
        }
    }

    /// A function whose arguments are values.
    fn of_values(&mut self, builtin: Builtin, arguments: &'p [Expr], ty: &Type) -> Result<Value, Raised> {
        use Builtin as B;
        let values = self.eval_all(arguments)?;
        if builtin != B::VerifyMulti {
            for (argument, value) in arguments.iter().zip(&values) {
                self.looks_into(argument, value, builtin == B::Length);
            }
        }
        let ask =
            matches!(builtin, B::Now | B::Sign | B::Equivocation | B::RandomBytes | B::GenerateId | B::Read);
        if ask {
            self.ask(builtin, arguments, &values)
        } else if let Some(value) = self.of_chain(builtin, &values, ty)? {
            Ok(value)
        } else if let Some(value) = self.of_signatures(builtin, arguments, &values)? {
            Ok(value)
        } else {
            pure(builtin, &values, ty)
        }
    }

    /// Tells whoever cares that signatures are looked into.
    pub(super) fn looks_into(&self, of: &Expr, value: &Value, counts: bool) {
        if let (Type::Map(key, item), Value::Map(map)) = (of.ty.plain(), value)
            && **key == Type::PeerId
            && **item == Type::Signature
        {
            self.env.looks_into(of, map, counts);
        }
    }

    /// What the environment answers.
    fn ask(&mut self, builtin: Builtin, arguments: &'p [Expr], values: &[Value]) -> Result<Value, Raised> {
        match (builtin, values) {
            (Builtin::Now, []) => Ok(Value::from(self.env.now())),
            (Builtin::Sign, [value]) => {
                let digest = self.digest(arguments.first(), value)?;
                Ok(Value::from(self.env.sign(&digest)))
            }
            (Builtin::Equivocation, [of]) => {
                let proof = self.env.equivocation(&peer(of)?);
                Ok(proof.map_or(Value::Null, Value::Equivocation))
            }
            (Builtin::RandomBytes, [count]) => {
                let count = rules::random_count(number(count)?)?;
                Ok(Value::Bytes(Bytes::from(self.env.random_bytes(count))))
            }
            (Builtin::GenerateId, []) => {
                let bytes = self.env.random_bytes(crate::id::Hash::LEN);
                let id = crate::id::Hash::from_slice(&bytes);
                id.map(Value::Hash).map_err(|error| FaultKind::internal(error.to_string()).into())
            }
            (Builtin::Read, [of, Value::Text(query)]) => {
                let Some(known) = self.env.read(&peer(of)?) else { return Ok(Value::Null) };
                Ok(match &**query {
                    "head_hash" => Value::Hash(known.head),
                    "height" => Value::from(known.height),
                    _ => Value::from(known.last_seen),
                })
            }
            _ => Err(unfit(builtin)),
        }
    }

    /// What a chain answers; `None` if it is not asked.
    fn of_chain(&mut self, builtin: Builtin, values: &[Value], ty: &Type) -> Result<Option<Value>, Raised> {
        let [Value::Segment(chain), rest @ ..] = values else { return Ok(None) };
        Ok(Some(match (builtin, rest) {
            (Builtin::ChainStateAt, [at]) => chain.state_at(&hash(at)?).map_or(Value::Null, Value::from),
            (Builtin::ChainContainsHash, [wanted]) => Value::Bool(chain.contains(&hash(wanted)?)),
            (Builtin::ChainSegment, [to]) => {
                Value::Segment(chain.prefix(&hash(to)?).ok_or(FaultKind::NotOnChain)?)
            }
            (Builtin::VerifyChainSegment, []) => Value::Bool(chain.verify().is_ok()),
            (Builtin::ChainHeight, []) => Value::from(chain.height()),
            (Builtin::LastPeerHash, [of]) => match chain.last_peer_hash(&peer(of)?) {
                Some(block) => self.block_payload(PEER_HASH_BLOCK, block)?,
                None => Value::Null,
            },
            // A segment among other arguments: HASH.
            _ if matches!(ty, Type::Hash) => return Ok(None),
            _ => return Err(unfit(builtin)),
        }))
    }

    /// Payload of a block that came from somewhere; what is not of its kind makes the chain invalid.
    pub(super) fn block_payload(&self, kind: &str, block: &RawBlock) -> Result<Value, Raised> {
        let unreadable = || Raised::from(rules::unreadable_block(block));
        check(block.payload(), &Limits::MESSAGE).map_err(|_| unreadable())?;
        let ty = Type::BlockPayload(kind.to_owned());
        self.types().decode(&ty, block.payload()).map_err(|_| unreadable())
    }

    fn digest(&self, of: Option<&Expr>, value: &Value) -> Result<crate::id::Hash, Raised> {
        match of.map(|expr| &expr.ty) {
            Some(Type::Struct(name)) => {
                let fields = struct_fields_hash(self.protocol(), name);
                Ok(crypto::sign_digest(name, &fields, value))
            }
            _ => Err(FaultKind::internal("only a struct is signed").into()),
        }
    }

    fn of_signatures(
        &mut self,
        builtin: Builtin,
        arguments: &'p [Expr],
        values: &[Value],
    ) -> Result<Option<Value>, Raised> {
        match (builtin, values) {
            (Builtin::VerifySig, [by, value, Value::Signature(signature)]) => {
                let digest = self.digest(arguments.get(1), value)?;
                Ok(Some(Value::Bool(self.env.verify(&peer(by)?, &digest, signature))))
            }
            (Builtin::VerifyMulti, [value, Value::Map(signatures), Value::List(members), count]) => {
                let digest = self.digest(arguments.first(), value)?;
                let mut by_peer: Vec<(crate::id::PeerId, Signature)> = Vec::new();
                for (by, signature) in signatures.iter() {
                    let Value::Signature(signature) = signature else { return Err(unfit(builtin)) };
                    by_peer.push((peer(by)?, **signature));
                }
                let signatures: Map<_, _> = by_peer.into_iter().collect();
                let members = members.iter().map(peer).collect::<Result<Vec<_>, _>>()?;
                let count = number(count)?;
                self.env.quorum(&digest, &members, count);
                let holds = |by: &_, signature: &_| self.env.verify(by, &digest, signature);
                let enough = crypto::verify_multi_by(&signatures, &members, count, holds);
                Ok(Some(Value::Bool(enough)))
            }
            (Builtin::VerifySig | Builtin::VerifyMulti, _) => Err(unfit(builtin)),
            _ => Ok(None),
        }
    }

    /// `SEEDED_SAMPLE` and `SEEDED_SHUFFLE`: the generator advances where it lies.
    fn draw(&mut self, builtin: Builtin, arguments: &'p [Expr]) -> Result<Value, Raised> {
        let [Expr { kind: ExprKind::Local(slot), .. }, of, rest @ ..] = arguments else {
            return Err(unfit(builtin));
        };
        let of = self.elements(of)?;
        let count: Option<u64> = match rest {
            [] => None,
            [count, ..] => Some(number(&self.eval(count)?)?),
        };
        let Value::Rng(rng) = self.local_mut(*slot)? else { return Err(unfit(builtin)) };
        let drawn = match count {
            Some(count) => rng.sample(&of, count)?,
            None => rng.shuffle(&of)?,
        };
        Ok(list(drawn))
    }

    fn test(&mut self, lambda: Lambda<'p>, value: &Value) -> Result<bool, Raised> {
        match self.apply(lambda, vec![value.clone()])? {
            Value::Bool(value) => Ok(value),
            _ => Err(FaultKind::internal("a predicate that is no predicate").into()),
        }
    }

    fn over_list(&mut self, builtin: Builtin, arguments: &'p [Expr]) -> Result<Value, Raised> {
        use Builtin as B;
        let [of, rest @ ..] = arguments else { return Err(unfit(builtin)) };
        let of = self.elements(of)?;
        let (init, function) = match rest {
            [function] => (None, function),
            [init, function] => (Some(self.eval(init)?), function),
            _ => return Err(unfit(builtin)),
        };
        let function = self.lambda(function)?;
        match (builtin, init) {
            (B::Filter, _) => self.filter(&of, function),
            (B::Map, _) => self.each_mapped(&of, function),
            (B::Find, _) => self.find(&of, function),
            (B::Any, _) => self.any(&of, function),
            (B::All, _) => self.all(&of, function),
            (B::Count, _) => self.count(&of, function),
            (B::SortBy, _) => self.sort_by(&of, function),
            (B::Reduce, Some(init)) => self.reduce(&of, init, function),
            _ => Err(unfit(builtin)),
        }
    }

    fn filter(&mut self, of: &[Value], function: Lambda<'p>) -> Result<Value, Raised> {
        Ok(list(library::filter(of, |x| self.test(function, x))?))
    }

    fn each_mapped(&mut self, of: &[Value], function: Lambda<'p>) -> Result<Value, Raised> {
        Ok(list(library::map(of, |x| self.apply(function, vec![x.clone()]))?))
    }

    fn find(&mut self, of: &[Value], function: Lambda<'p>) -> Result<Value, Raised> {
        Ok(library::find(of, |x| self.test(function, x))?.unwrap_or(Value::Null))
    }

    fn any(&mut self, of: &[Value], function: Lambda<'p>) -> Result<Value, Raised> {
        Ok(Value::Bool(library::any(of, |x| self.test(function, x))?))
    }

    fn all(&mut self, of: &[Value], function: Lambda<'p>) -> Result<Value, Raised> {
        Ok(Value::Bool(library::all(of, |x| self.test(function, x))?))
    }

    fn count(&mut self, of: &[Value], function: Lambda<'p>) -> Result<Value, Raised> {
        Ok(Value::from(library::count(of, |x| self.test(function, x))?))
    }

    fn sort_by(&mut self, of: &[Value], function: Lambda<'p>) -> Result<Value, Raised> {
        Ok(list(library::sort_by(of, |x| self.apply(function, vec![x.clone()]))?))
    }

    fn reduce(&mut self, of: &[Value], init: Value, function: Lambda<'p>) -> Result<Value, Raised> {
        library::reduce(of, init, |state, x| self.apply(function, vec![state, x.clone()]))
    }
}

/// What depends on its arguments alone.
fn pure(builtin: Builtin, values: &[Value], ty: &Type) -> Result<Value, Raised> {
    use Builtin as B;
    Ok(match (builtin, values) {
        (B::Day, [instant]) => Value::from(library::day(number(instant)?)?),
        (B::Seconds, [duration]) => Value::from(library::seconds(number(duration)?)),
        (B::Hash, values) => Value::Hash(crypto::hash_args(values.len(), |encoder| {
            for value in values {
                value.encode(encoder);
            }
        })),
        (B::Reveal, [secret]) => secret.clone(),
        (B::SeededRng, [seed]) => Value::Rng(Box::new(SeededRng::new(seed))),
        (B::Length, [Value::List(list)]) => Value::from(library::length(list)),
        (B::Length, [Value::Map(map)]) => Value::from(library::length_map(map)),
        (B::Length, [Value::Text(text)]) => Value::from(library::length_text(text)),
        (B::Length, [Value::Bytes(bytes)]) => Value::from(library::length(bytes)),
        (B::Sum, [Value::List(list)]) => sum(list, ty)?,
        (B::Concat, lists) => concat(lists)?,
        (B::Sort, [Value::List(of)]) => list(library::sort(of)),
        (B::Unique, [Value::List(of)]) => list(library::unique(of)),
        (B::Keys, [Value::Map(map)]) => list(library::keys(map)),
        (B::Values, [Value::Map(map)]) => list(library::values(map)),
        (B::HasKey, [Value::Map(map), key]) => Value::Bool(library::has_key(map, key)),
        (B::Get, [Value::Map(map), key]) => library::get(map, key).unwrap_or(Value::Null),
        (B::Get, [Value::Map(map), key, default]) => library::get_or(map, key, default.clone()),
        (B::With, [Value::Map(map), key, value]) => {
            Value::Map(library::with(map, key.clone(), value.clone()))
        }
        (B::Without, [Value::Map(map), key]) => Value::Map(library::without(map, key)),
        (B::Abs, [Value::Int(x)]) => Value::Int(library::abs(*x)?),
        (B::Abs, [Value::Float(x)]) => Value::Float(library::float_abs(*x)),
        (B::Min | B::Max | B::Clamp, [Value::Int(_), ..]) => {
            let numbers = values.iter().map(int).collect::<Result<Vec<_>, _>>()?;
            Value::Int(extreme(builtin, &numbers).ok_or_else(|| unfit(builtin))?)
        }
        (B::Min | B::Max | B::Clamp, [Value::Float(_), ..]) => {
            let float = |value: &Value| match value {
                Value::Float(x) => Ok(*x),
                _ => Err(unfit(builtin)),
            };
            let numbers = values.iter().map(float).collect::<Result<Vec<_>, _>>()?;
            Value::Float(extreme(builtin, &numbers).ok_or_else(|| unfit(builtin))?)
        }
        (B::ToString, [value]) => Value::text(library::to_string(value)),
        _ => return Err(unfit(builtin)),
    })
}

fn extreme<T: PartialOrd + Copy>(builtin: Builtin, numbers: &[T]) -> Option<T> {
    match (builtin, numbers) {
        (Builtin::Clamp, [x, low, high]) => Some(library::clamp(*x, *low, *high)),
        (Builtin::Min, _) => numbers.iter().copied().reduce(library::min),
        (Builtin::Max, _) => numbers.iter().copied().reduce(library::max),
        _ => None,
    }
}

fn sum(list: &[Value], ty: &Type) -> Result<Value, Raised> {
    if *ty == Type::Float {
        let floats = list.iter().filter_map(|value| match value {
            Value::Float(x) => Some(*x),
            _ => None,
        });
        return Ok(Value::Float(library::sum_floats(floats)?));
    }
    let numbers = list.iter().map(int).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Int(library::sum(numbers)?))
}

fn concat(lists: &[Value]) -> Result<Value, Raised> {
    let mut all: Vec<Value> = Vec::new();
    for value in lists {
        let Value::List(list) = value else { return Err(unfit(Builtin::Concat)) };
        all.extend(list.iter().cloned());
    }
    Ok(list(all))
}
