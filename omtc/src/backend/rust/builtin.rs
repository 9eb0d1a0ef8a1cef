//! The library: calls of `omt_runtime::library`, iterator chains where a lambda cannot fault, questions to the step.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most types and expressions are written alike; those that differ are named"
)]

use super::code::{Code, Form};
use super::expr::{EXACT_BITS, Emit, bits, wrapped};
use super::model::{Home, is_copy};
use super::walk;
use omt_runtime::ir::{Builtin, Expr, ExprKind, Type};

/// How a closure receives an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// `T`.
    Value,
    /// `&T`.
    Ref,
    /// `&&T`.
    RefRef,
}

/// A lambda as a closure.
struct Closure {
    heads: String,
    body: Code,
    fallible: bool,
}

impl Closure {
    /// For an iterator.
    fn plain(&self) -> String {
        format!("|{}| {}", self.heads, self.body.text)
    }

    /// For the library.
    fn result(&self) -> String {
        format!("|{}| {}", self.heads, wrapped(&self.body))
    }
}

impl Emit<'_, '_, '_> {
    /// A call of the library.
    pub fn builtin(&mut self, builtin: Builtin, arguments: &[Expr], e: &Expr) -> Code {
        use Builtin as B;
        match (builtin, arguments) {
            (B::Now, []) => Code::owned(format!("{}.now()", self.asker())),
            (B::Day, [t]) => {
                let t = self.owned(t);
                self.checked(format!("library::day({t})"), e)
            }
            (B::Seconds, [d]) => Code::owned(format!("library::seconds({})", self.owned(d))),
            (B::Hash, parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.generic_reference(part)).collect();
                Code::owned(format!("library::hash(&[{}])", parts.join(", ")))
            }
            (B::Sign, [value]) => {
                let asker = self.asker();
                Code::owned(format!("{asker}.sign({})", self.borrowed(value)))
            }
            (B::VerifySig, [peer, value, signature]) => {
                let asker = self.asker();
                let (peer, value, signature) =
                    (self.borrowed(peer), self.borrowed(value), self.borrowed(signature));
                Code::owned(format!("{asker}.verify_signature({peer}, {value}, {signature})"))
            }
            (B::VerifyMulti, [value, signatures, members, count]) => {
                let asker = self.asker();
                let (value, signatures) = (self.borrowed(value), self.borrowed(signatures));
                let (members, count) = (self.borrowed(members), self.owned(count));
                Code::owned(format!("{asker}.verify_multi({value}, {signatures}, {members}, {count})"))
            }
            (B::Equivocation, [peer]) => {
                let asker = self.asker();
                Code::owned(format!("{asker}.equivocation({})", self.borrowed(peer)))
            }
            (B::RandomBytes, [count]) => {
                let asker = self.asker();
                let count = self.owned(count);
                self.checked(format!("{asker}.random_bytes({count})"), e)
            }
            (B::GenerateId, []) => Code::owned(format!("{}.generate_id()", self.asker())),
            (B::Reveal, [secret]) => Code::reference(format!("{}.reveal()", self.code(secret).receiver())),
            (B::SeededRng, [seed]) => {
                Code::owned(format!("SeededRng::new({})", self.generic_reference(seed)))
            }
            (B::SeededSample, [rng, list, k]) => {
                let rng = self.code(rng).receiver();
                let (list, k) = (self.borrowed(list), self.owned(k));
                self.checked(format!("{rng}.sample({list}, {k})"), e)
            }
            (B::SeededShuffle, [rng, list]) => {
                let rng = self.code(rng).receiver();
                let list = self.borrowed(list);
                self.checked(format!("{rng}.shuffle({list})"), e)
            }
            (B::Read, [peer, query]) => {
                let asker = self.asker();
                let peer = self.borrowed(peer);
                let field = match &query.kind {
                    ExprKind::Text(text) if text == "height" => "height",
                    ExprKind::Text(text) if text == "last_seen" => "last_seen",
                    _ => "head",
                };
                Code::owned(format!("{asker}.read({peer}).map(|known| known.{field})"))
            }
            (B::ChainStateAt, [chain, hash]) => self.method(chain, "state_at", hash),
            (B::ChainContainsHash, [chain, hash]) => self.method(chain, "contains", hash),
            (B::ChainSegment, [chain, hash]) => {
                let (chain, hash) = (self.borrowed(chain), self.borrowed(hash));
                self.checked(format!("library::chain_segment({chain}, {hash})"), e)
            }
            (B::VerifyChainSegment, [chain]) => {
                Code::owned(format!("library::verify_chain_segment({})", self.borrowed(chain)))
            }
            (B::ChainHeight, [chain]) => Code::owned(format!("{}.height()", self.code(chain).receiver())),
            (B::LastPeerHash, [chain, peer]) => {
                let ty = self.file.declared(Home::Blocks, e.ty.plain());
                let (chain, peer) = (self.borrowed(chain), self.borrowed(peer));
                self.checked(format!("library::last_peer_hash::<{ty}>({chain}, {peer})"), e)
            }
            (B::Length, [value]) => {
                let function = match value.ty {
                    Type::Map(..) => "length_map",
                    Type::String => "length_text",
                    _ => "length",
                };
                Code::owned(format!("library::{function}({})", self.borrowed(value)))
            }
            (B::Filter, [list, f]) => self.over_list(list, f, "filter", Given::RefRef, |list, f| {
                format!("{list}.filter({f}).cloned().collect::<Vec<_>>()")
            }),
            (B::Map, [list, f]) => self.over_list(list, f, "map", Given::Ref, |list, f| {
                format!("{list}.map({f}).collect::<Vec<_>>()")
            }),
            (B::Find, [list, f]) => {
                let nested = matches!(&list.ty, Type::List(item) if item.is_optional());
                let code = self.over_list(list, f, "find", Given::RefRef, |list, f| {
                    format!("{list}.find({f}).cloned()")
                });
                if nested { Code::owned(format!("{}.flatten()", code.receiver())) } else { code }
            }
            (B::Any, [list, f]) => {
                self.over_list(list, f, "any", Given::Ref, |list, f| format!("{list}.any({f})"))
            }
            (B::All, [list, f]) => {
                self.over_list(list, f, "all", Given::Ref, |list, f| format!("{list}.all({f})"))
            }
            (B::Count, [list, f]) => self.over_list(list, f, "count", Given::RefRef, |list, f| {
                format!("library::number({list}.filter({f}).count())")
            }),
            (B::Sum, [list]) => {
                let float = e.ty == Type::Float;
                let list = self.code(list).receiver();
                if float {
                    self.checked(format!("library::sum_floats({list}.iter().copied())"), e)
                } else {
                    self.checked(format!("library::sum({list}.iter().map(|&x| i128::from(x)))"), e)
                }
            }
            (B::Reduce, [list, init, f]) => {
                let list = self.borrowed(list);
                let init = self.owned_code(init);
                let init = match init.suffix {
                    Some(suffix) => format!("{}{suffix}", init.text),
                    None => init.text,
                };
                let closure = self.closure(f, &[Given::Value, Given::Ref]);
                self.fallible = true;
                let text = format!("library::reduce({list}, {init}, {})?", closure.result());
                Code { question: true, ..Code::owned(text) }
            }
            (B::Concat, [only]) => self.code(only),
            (B::Concat, [first, rest @ ..]) => {
                let mut text = self.borrowed(first);
                for (i, next) in rest.iter().enumerate() {
                    let next = self.borrowed(next);
                    let left = if i == 0 { text } else { format!("&{text}") };
                    text = format!("library::concat({left}, {next})");
                }
                Code::owned(text)
            }
            (B::Sort, [list]) => Code::owned(format!("library::sort({})", self.borrowed(list))),
            (B::Unique, [list]) => Code::owned(format!("library::unique({})", self.borrowed(list))),
            (B::SortBy, [list, f]) => {
                let list = self.borrowed(list);
                let closure = self.closure(f, &[Given::Ref]);
                self.fallible = true;
                Code {
                    question: true,
                    ..Code::owned(format!("library::sort_by({list}, {})?", closure.result()))
                }
            }
            (B::Keys, [map]) => Code::owned(format!("library::keys({})", self.borrowed(map))),
            (B::Values, [map]) => Code::owned(format!("library::values({})", self.borrowed(map))),
            (B::HasKey, [map, key]) => self.method(map, "contains_key", key),
            (B::Get, [map, key]) => {
                let nested = matches!(&map.ty, Type::Map(_, value) if value.is_optional());
                let (map, key) = (self.borrowed(map), self.keyed(key));
                let flat = if nested { ".flatten()" } else { "" };
                Code::owned(format!("library::get({map}, {key}){flat}"))
            }
            (B::Get, [map, key, default]) => {
                let (map, key, default) = (self.borrowed(map), self.keyed(key), self.owned(default));
                Code::owned(format!("library::get_or({map}, {key}, {default})"))
            }
            (B::With, [map, key, value]) => {
                let (map, key, value) = (self.borrowed(map), self.owned(key), self.owned(value));
                Code::owned(format!("library::with({map}, {key}, {value})"))
            }
            (B::Without, [map, key]) => {
                let (map, key) = (self.borrowed(map), self.keyed(key));
                Code::owned(format!("library::without({map}, {key})"))
            }
            (B::Abs, [x]) if e.ty == Type::Float => Code::owned(format!("{}.abs()", self.code(x).receiver())),
            (B::Abs, [x]) if bits(x) < EXACT_BITS => {
                Code::owned(format!("{}.abs()", self.code(x).receiver()))
            }
            (B::Abs, [x]) => {
                let x = self.owned(x);
                self.checked(format!("library::abs({x})"), e)
            }
            (B::Min | B::Max, [first, rest @ ..]) => {
                let method = if builtin == B::Min { "min" } else { "max" };
                let mut text = self.code(first).receiver();
                for next in rest {
                    text = format!("{text}.{method}({})", self.owned(next));
                }
                Code::owned(text)
            }
            (B::Clamp, [x, low, high]) => {
                let x = self.code(x).receiver();
                let (low, high) = (self.owned(low), self.owned(high));
                // Not `clamp`, which panics when the bounds are crossed: there the lower one wins.
                Code::owned(format!("library::clamp({x}, {low}, {high})"))
            }
            (B::ToString, [value]) if matches!(value.ty, Type::Enum(_)) => {
                Code::owned(format!("{}.to_string()", self.code(value).receiver()))
            }
            (B::ToString, [value]) if value.ty == Type::String => self.code(value),
            (B::ToString, [value]) => {
                Code::owned(format!("library::to_string({})", self.generic_reference(value)))
            }
            // No other call passes the checker or the loader.
            _ => self.checked(format!("library::impossible({:?})", builtin.name()), e),
        }
    }

    fn checked(&mut self, call: String, e: &Expr) -> Code {
        let at = self.at(e.meta);
        Code { question: true, ..Code::owned(format!("{call}{at}")) }
    }

    fn method(&mut self, receiver: &Expr, method: &str, argument: &Expr) -> Code {
        let receiver = self.code(receiver).receiver();
        Code::owned(format!("{receiver}.{method}({})", self.keyed(argument)))
    }

    /// A library function over a list: an iterator chain when the lambda cannot fault.
    fn over_list(
        &mut self,
        list: &Expr,
        f: &Expr,
        function: &str,
        given: Given,
        chain: impl FnOnce(&str, &str) -> String,
    ) -> Code {
        let code = self.code(list);
        let before = (self.names.clone(), self.slots.clone());
        let closure = self.closure(f, &[given]);
        if !closure.fallible {
            let list = format!("{}.iter()", code.receiver());
            return Code::owned(chain(&list, &closure.plain()));
        }
        // Written again, since the library gives its elements in another way.
        (self.names, self.slots) = before;
        let closure = self.closure(f, &[Given::Ref]);
        self.fallible = true;
        let text = format!("library::{function}({}, {})?", Self::borrow(&code), closure.result());
        Code { question: true, ..Code::owned(text) }
    }

    /// A lambda, or a parameter of type function, as a closure.
    fn closure(&mut self, f: &Expr, given: &[Given]) -> Closure {
        let fallible_before = std::mem::take(&mut self.fallible);
        let before = (self.names.clone(), self.slots.clone());
        let (heads, body) = match (&f.kind, &f.ty) {
            (ExprKind::Lambda(slots, body), Type::Function(types, _)) => {
                let mut heads = Vec::new();
                for ((slot, ty), given) in slots.iter().zip(types).zip(given) {
                    heads.push(self.closure_head(*slot, ty, *given, walk::reads(body, *slot)));
                }
                (heads, self.owned_code(body))
            }
            (ExprKind::Local(slot), Type::Function(types, _)) => {
                let function =
                    self.slots.get(slot).map_or("unknown_name".to_owned(), |slot| slot.name.clone());
                self.fallible = true;
                let (mut heads, mut names) = (Vec::new(), Vec::new());
                for (ty, given) in types.iter().zip(given) {
                    let name = self.names.fresh("x");
                    heads.push(head(&name, ty, *given));
                    names.push(name);
                }
                let text = format!("{function}({})?", names.join(", "));
                (heads, Code { question: true, ..Code::owned(text) })
            }
            _ => (Vec::new(), self.owned_code(f)),
        };
        (self.names, self.slots) = before;
        let fallible = std::mem::replace(&mut self.fallible, fallible_before);
        Closure { heads: heads.join(", "), body, fallible }
    }

    fn closure_head(&mut self, slot: u32, ty: &Type, given: Given, used: bool) -> String {
        let form = if given == Given::Value || is_copy(ty) { Form::Place } else { Form::Ref };
        let name = self.bind(slot, form, used);
        if used { head(&name, ty, given) } else { "_".to_owned() }
    }
}

fn head(name: &str, ty: &Type, given: Given) -> String {
    match (given, is_copy(ty)) {
        (Given::Value, _) | (Given::Ref, false) => name.to_owned(),
        (Given::Ref, true) | (Given::RefRef, false) => format!("&{name}"),
        (Given::RefRef, true) => format!("&&{name}"),
    }
}
