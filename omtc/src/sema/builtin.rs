//! The library of LANGUAGE section 7: what each built-in takes and gives.

use super::codes;
use super::context::{Elab, Place};
use super::convert::{Wanted, is_open, merge_empty};
use super::types::show;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Builtin, Expr, ExprKind, Type};

impl Elab<'_, '_> {
    /// A call of the library.
    pub fn builtin(
        &mut self,
        builtin: Builtin,
        callee: &ast::Ident,
        args: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        use Builtin as B;
        self.builtin_place(builtin, callee);
        let simple: Option<(Vec<Type>, Type)> = match builtin {
            B::Now => Some((vec![], Type::Timestamp)),
            B::Day => Some((vec![Type::Timestamp], Type::Uint)),
            B::Seconds => Some((vec![Type::Duration], Type::Int)),
            B::Equivocation => Some((vec![Type::PeerId], Type::Equivocation.optional())),
            B::RandomBytes => Some((vec![Type::Uint], Type::Bytes)),
            B::GenerateId => Some((vec![], Type::Hash)),
            B::ChainStateAt => Some((vec![Type::Segment, Type::Hash], Type::ChainState.optional())),
            B::ChainContainsHash => Some((vec![Type::Segment, Type::Hash], Type::Bool)),
            B::ChainSegment => Some((vec![Type::Segment, Type::Hash], Type::Segment)),
            B::VerifyChainSegment => Some((vec![Type::Segment], Type::Bool)),
            B::ChainHeight => Some((vec![Type::Segment], Type::Int)),
            B::LastPeerHash => {
                let ty = self.peer_hash(callee.span)?;
                Some((vec![Type::Segment, Type::PeerId], ty))
            }
            B::Hash
            | B::Sign
            | B::VerifySig
            | B::VerifyMulti
            | B::Reveal
            | B::SeededRng
            | B::SeededSample
            | B::SeededShuffle
            | B::Read
            | B::Length
            | B::Filter
            | B::Map
            | B::Find
            | B::Any
            | B::All
            | B::Count
            | B::Sum
            | B::Reduce
            | B::Concat
            | B::Sort
            | B::SortBy
            | B::Unique
            | B::Keys
            | B::Values
            | B::HasKey
            | B::Get
            | B::With
            | B::Without
            | B::Abs
            | B::Min
            | B::Max
            | B::Clamp
            | B::ToString => None,
        };
        if let Some((params, returns)) = simple {
            self.expect_count(callee, args, params.len(), span)?;
            let all: Vec<Option<Expr>> =
                args.iter().zip(&params).map(|(a, p)| self.arg(builtin, a, p)).collect();
            let all: Option<Vec<Expr>> = all.into_iter().collect();
            return self.built(builtin, all?, returns, span);
        }
        match builtin {
            B::Min | B::Max if args.len() == 1 => self.extreme_of_list(builtin, args, span),
            B::Min | B::Max => {
                if args.is_empty() {
                    self.expect_count(callee, args, 2, span)?;
                }
                let (all, ty) = self.numbers(builtin, args)?;
                self.built(builtin, all, ty, span)
            }
            B::Hash => {
                let mut parts = Vec::new();
                for arg in args {
                    match self.hash_parts(arg) {
                        Some(more) => parts.extend(more),
                        None => parts.push(arg),
                    }
                }
                let all: Vec<Option<Expr>> = parts.into_iter().map(|a| self.data_arg(builtin, a)).collect();
                let all: Option<Vec<Expr>> = all.into_iter().collect();
                if args.is_empty() {
                    self.expect_count(callee, args, 1, span)?;
                }
                self.built(builtin, all?, Type::Hash, span)
            }
            B::Concat => self.concat_call(callee, args, span, hint),
            B::Get if args.len() == 2 || args.len() == 3 => self.get(args, span, hint),
            B::Get | B::With | B::Clamp | B::Reduce | B::SeededSample | B::VerifySig => {
                self.expect_count(callee, args, 3, span)?;
                self.three(builtin, args, span, hint)
            }
            B::VerifyMulti => {
                self.expect_count(callee, args, 4, span)?;
                let [value, signatures, members, count] = args else { return None };
                let value = self.struct_arg(builtin, value);
                let map = Type::Map(Box::new(Type::PeerId), Box::new(Type::Signature));
                let signatures = self.arg(builtin, signatures, &map);
                let members = self.arg(builtin, members, &Type::List(Box::new(Type::PeerId)));
                let count = self.arg(builtin, count, &Type::Uint);
                self.built(builtin, vec![value?, signatures?, members?, count?], Type::Bool, span)
            }
            B::SeededShuffle
            | B::Read
            | B::Filter
            | B::Map
            | B::Find
            | B::Any
            | B::All
            | B::Count
            | B::SortBy
            | B::HasKey
            | B::Without => {
                self.expect_count(callee, args, 2, span)?;
                self.two(builtin, args, span, hint)
            }
            B::Sign
            | B::Reveal
            | B::SeededRng
            | B::Length
            | B::Sum
            | B::Sort
            | B::Unique
            | B::Keys
            | B::Values
            | B::Abs
            | B::ToString => {
                self.expect_count(callee, args, 1, span)?;
                let [arg] = args else { return None };
                self.one(builtin, arg, span, hint)
            }
            B::Now
            | B::Day
            | B::Seconds
            | B::Equivocation
            | B::RandomBytes
            | B::GenerateId
            | B::ChainStateAt
            | B::ChainContainsHash
            | B::ChainSegment
            | B::VerifyChainSegment
            | B::ChainHeight
            | B::LastPeerHash => None,
        }
    }

    /// A view knows nothing but its chain.
    fn builtin_place(&mut self, builtin: Builtin, callee: &ast::Ident) {
        let asks = matches!(
            builtin,
            Builtin::Now
                | Builtin::Sign
                | Builtin::Equivocation
                | Builtin::RandomBytes
                | Builtin::GenerateId
                | Builtin::Read
        );
        if asks && matches!(self.place, Place::View { .. }) {
            self.not_in_view(builtin.name(), callee.span);
        }
        self.asks_here(builtin, callee);
    }

    /// Anything that can be encoded.
    fn data_arg(&mut self, builtin: Builtin, arg: &ast::Expr) -> Option<Expr> {
        let value = self.infer_kept(arg, None)?;
        if matches!(value.ty, Type::Function(..) | Type::Rng) {
            self.wrong_arg(builtin, arg.span, &value.ty, "data");
            return None;
        }
        Some(value)
    }

    /// A struct, which is what can be signed.
    fn struct_arg(&mut self, builtin: Builtin, arg: &ast::Expr) -> Option<Expr> {
        let value = self.value_arg(builtin, arg, None)?;
        if self.is_lenient() {
            return self.signed_struct(builtin, value, arg.span);
        }
        if !matches!(value.ty, Type::Struct(_)) {
            self.report(
                Diagnostic::new(codes::MISMATCH, arg.span, format!("`{}` takes a struct", builtin.name()))
                    .with_label(format!("this is {}", show(&value.ty)))
                    .with_note("the name of the struct and of its fields are part of what is signed, so that no signature can be used for something else")
                    .with_help("put the values into a struct and sign that"),
            );
            return None;
        }
        let unsafe_type = |t: &Type| matches!(t, Type::Float | Type::Any | Type::Dict);
        if self.tables.signatures.holds(&value.ty, &unsafe_type) {
            self.report(
                Diagnostic::new(
                    codes::TYPE_NOT_ALLOWED,
                    arg.span,
                    format!("{} holds a float, any or dict", show(&value.ty)),
                )
                .with_label("cannot be signed")
                .with_note("signed bytes must be the same on every machine"),
            );
            return None;
        }
        Some(value)
    }

    fn one(&mut self, builtin: Builtin, arg: &ast::Expr, span: Span, hint: Option<&Type>) -> Option<Expr> {
        use Builtin as B;
        match builtin {
            B::Sign => {
                let value = self.struct_arg(builtin, arg)?;
                self.built(builtin, vec![value], Type::Signature, span)
            }
            B::Reveal => {
                let value = self.value_arg(builtin, arg, None)?;
                let Type::Secret(inner) = value.ty.clone() else {
                    self.wrong_arg(builtin, arg.span, &value.ty, "a secret");
                    return None;
                };
                self.built(builtin, vec![value], *inner, span)
            }
            B::SeededRng => {
                let seed = self.data_arg(builtin, arg)?;
                self.built(builtin, vec![seed], Type::Rng, span)
            }
            B::Length => {
                let value = self.value_arg(builtin, arg, None)?;
                let value = if value.ty == Type::Any && self.is_lenient() {
                    match self.written_as(&value) {
                        Some(Type::Map(key, _)) => self.as_map(value, *key, arg.span),
                        _ => self.as_list(value, arg.span),
                    }
                } else {
                    value
                };
                if !matches!(value.ty, Type::List(_) | Type::Map(..) | Type::String | Type::Bytes) {
                    self.wrong_arg(builtin, arg.span, &value.ty, "a list, a map, a text or bytes");
                    return None;
                }
                self.built(builtin, vec![value], Type::Uint, span)
            }
            B::Sum => {
                let (list, item) = self.list_arg(builtin, arg, None)?;
                match self.summed(&item) {
                    Some(ty) => self.built(builtin, vec![list], ty, span),
                    None => {
                        self.wrong_arg(builtin, arg.span, &list.ty, "a list of numbers");
                        None
                    }
                }
            }
            B::Sort | B::Unique => {
                let (list, _) = self.list_arg(builtin, arg, hint)?;
                let ty = list.ty.clone();
                self.built(builtin, vec![list], ty, span)
            }
            B::Keys => {
                let (map, key, _) = self.map_arg(builtin, arg, None, None)?;
                self.built(builtin, vec![map], Type::List(Box::new(key)), span)
            }
            B::Values => {
                let (map, _, value) = self.map_arg(builtin, arg, None, None)?;
                self.built(builtin, vec![map], Type::List(Box::new(value)), span)
            }
            B::Abs => {
                let (mut all, ty) = self.numbers(builtin, std::slice::from_ref(arg))?;
                let value = all.pop()?;
                self.built(builtin, vec![value], ty, span)
            }
            _ => {
                let value = self.value_arg(builtin, arg, None)?;
                let value = if value.ty == Type::Any && self.is_lenient() {
                    self.needed_as(value, &Type::String, arg.span)
                } else {
                    value
                };
                let has_text = value.ty.dimension().is_some()
                    || matches!(
                        value.ty,
                        Type::Float
                            | Type::Bool
                            | Type::String
                            | Type::Bytes
                            | Type::Hash
                            | Type::Signature
                            | Type::PeerId
                            | Type::Enum(_)
                    );
                if !has_text {
                    self.wrong_arg(
                        builtin,
                        arg.span,
                        &value.ty,
                        "a value that has a text: a number, a text, bytes, an id, an enum",
                    );
                    return None;
                }
                self.built(builtin, vec![value], Type::String, span)
            }
        }
    }

    fn two(&mut self, builtin: Builtin, args: &[ast::Expr], span: Span, hint: Option<&Type>) -> Option<Expr> {
        use Builtin as B;
        let [first, second] = args else { return None };
        let what = format!("`{}`", builtin.name());
        match builtin {
            B::Read => self.read(first, second, span),
            B::SeededShuffle => {
                let rng = self.rng(builtin, first);
                let (list, _) = self.list_arg(builtin, second, hint)?;
                let ty = list.ty.clone();
                self.built(builtin, vec![rng?, list], ty, span)
            }
            B::HasKey | B::Without => {
                let (map, key, _) = self.map_arg(builtin, first, Some(second), hint)?;
                let key = self.key(builtin, second, &key)?;
                let ty = if builtin == B::HasKey { Type::Bool } else { map.ty.clone() };
                let map = self.open_map(map, &key, None, first.span)?;
                self.built(builtin, vec![map, key], ty, span)
            }
            B::Filter | B::Find | B::Any | B::All | B::Count => {
                let hint = hint.filter(|_| builtin == B::Filter);
                let (list, item) = self.list_arg(builtin, first, hint)?;
                let predicate =
                    self.function_argument(second, std::slice::from_ref(&item), Some(&Type::Bool), &what)?;
                let ty = match builtin {
                    B::Filter => list.ty.clone(),
                    B::Find => item.optional(),
                    B::Count => Type::Uint,
                    _ => Type::Bool,
                };
                self.built(builtin, vec![list, predicate], ty, span)
            }
            _ => {
                // MAP and SORT_BY: whatever the lambda gives.
                let (list, item) = self.list_arg(builtin, first, None)?;
                let result = match hint.map(Type::plain) {
                    Some(Type::List(wanted)) if builtin == B::Map && !is_open(wanted) => {
                        Some((**wanted).clone())
                    }
                    _ => None,
                };
                let inputs = std::slice::from_ref(&item);
                let fits = result.as_ref().is_some_and(|r| {
                    self.trial(|this| this.function_argument(second, inputs, Some(r), &what)).is_some()
                });
                let mapped =
                    self.function_argument(second, inputs, result.as_ref().filter(|_| fits), &what)?;
                let Type::Function(_, returns) = &mapped.ty else { return None };
                let ty = if builtin == B::Map { Type::List(returns.clone()) } else { list.ty.clone() };
                self.built(builtin, vec![list, mapped], ty, span)
            }
        }
    }

    fn three(
        &mut self,
        builtin: Builtin,
        args: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        use Builtin as B;
        let [first, second, third] = args else { return None };
        match builtin {
            B::Clamp => {
                let (all, ty) = self.numbers(builtin, args)?;
                self.built(builtin, all, ty, span)
            }
            B::VerifySig => {
                let peer = self.arg(builtin, first, &Type::PeerId);
                let value = self.struct_arg(builtin, second);
                let signature = self.arg(builtin, third, &Type::Signature);
                self.built(builtin, vec![peer?, value?, signature?], Type::Bool, span)
            }
            B::SeededSample => {
                let rng = self.rng(builtin, first);
                let list = self.list_arg(builtin, second, hint);
                let count = self.arg(builtin, third, &Type::Uint);
                let (list, _) = list?;
                let ty = list.ty.clone();
                self.built(builtin, vec![rng?, list, count?], ty, span)
            }
            B::With => {
                let (map, key_ty, value_ty) = self.map_arg(builtin, first, Some(second), hint)?;
                let key = self.key(builtin, second, &key_ty)?;
                let value = if is_open(&value_ty) {
                    self.infer_kept(third, None)?
                } else {
                    self.arg(builtin, third, &value_ty)?
                };
                let map = self.open_map(map, &key, Some(&value), first.span)?;
                let ty = map.ty.clone();
                self.built(builtin, vec![map, key, value], ty, span)
            }
            _ => self.reduce(first, second, third, span, hint),
        }
    }

    /// `REDUCE(l, init, a => x => e)`: the accumulator has the type of `init`, or of what the lambda makes of it.
    fn reduce(
        &mut self,
        list: &ast::Expr,
        init: &ast::Expr,
        lambda: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let what = "`REDUCE`";
        let (list, item) = self.list_arg(Builtin::Reduce, list, None)?;
        let start = self.infer(init, hint)?;
        let mut state = match hint {
            // The place says what the result is: an accumulator of that type is checked at every item.
            Some(hint) if self.fits(start.clone(), hint) && !is_open(hint) => hint.clone(),
            _ => start.ty.clone(),
        };
        // A literal or an empty list does not say it all; what the lambda makes of it does.
        let leaves_open = is_open(&state) || matches!(start.kind, ExprKind::Integer(_));
        for _ in 0..if leaves_open { 2 } else { 0 } {
            let inputs = [state.clone(), item.clone()];
            let found = self.trial(|this| this.function_argument(lambda, &inputs, None, what));
            let Some(Type::Function(_, returns)) = found.map(|f| f.ty) else { break };
            let better = if returns.dimension().is_some() && returns.dimension() == state.dimension() {
                state.clone()
            } else {
                super::convert::join(&state, &returns)
                    .or_else(|| merge_empty(&state, &returns))
                    .unwrap_or(state.clone())
            };
            if better == state {
                break;
            }
            state = better;
        }
        let start = self.coerce(start, &state, init.span, &Wanted::new("the start of `REDUCE`"))?;
        let start = self.closed(start, init.span)?;
        let inputs = [state.clone(), item];
        let lambda = self.function_argument(lambda, &inputs, Some(&state), what)?;
        self.built(Builtin::Reduce, vec![list, start, lambda], state, span)
    }

    /// `GET(m, k, default)`; with `null` (or nothing) for the default the result is `T?`.
    fn get(&mut self, args: &[ast::Expr], span: Span, hint: Option<&Type>) -> Option<Expr> {
        let (map, key, default) = match args {
            [map, key] => (map, key, None),
            [map, key, default] => (map, key, Some(default)),
            _ => return None,
        };
        let (map, key_ty, value_ty) = self.map_arg(Builtin::Get, map, Some(key), None)?;
        let key = self.key(Builtin::Get, key, &key_ty)?;
        let default = default.filter(|d| !matches!(d.unparenthesized().kind, ast::ExprKind::Null));
        let Some(default) = default else {
            return self.built(Builtin::Get, vec![map, key], value_ty.optional(), span);
        };
        let hint = if is_open(&value_ty) { hint } else { Some(&value_ty) };
        let value = self.infer(default, hint)?;
        if value.ty.is_optional() && !value_ty.is_optional() {
            // A default that may itself be null: the stored value, else the default.
            let ty = value_ty.optional();
            let value = self.coerce(value, &ty, default.span, &Wanted::new("the default of `GET`"))?;
            let has = self.built(Builtin::HasKey, vec![map.clone(), key.clone()], Type::Bool, span)?;
            let stored = self.built(Builtin::Get, vec![map, key], ty.clone(), span)?;
            let kind = ExprKind::If(Box::new(has), Box::new(stored), Box::new(value));
            return Some(self.make(kind, ty, span));
        }
        let value = self.coerce(value, &value_ty, default.span, &Wanted::new("the default of `GET`"))?;
        self.built(Builtin::Get, vec![map, key, value], value_ty, span)
    }

    fn key(&mut self, builtin: Builtin, key: &ast::Expr, ty: &Type) -> Option<Expr> {
        if is_open(ty) {
            return self.infer_kept(key, None);
        }
        let name = builtin.name();
        self.check(key, ty, &Wanted::new(format!("a key of the map of `{name}`")))
    }

    /// An empty map gets the types of the key and the value that go into it.
    fn open_map(&mut self, map: Expr, key: &Expr, value: Option<&Expr>, span: Span) -> Option<Expr> {
        let Type::Map(k, v) = &map.ty else { return Some(map) };
        if !is_open(&map.ty) {
            return Some(map);
        }
        let k = merge_empty(k, &key.ty)?;
        let v = match value {
            Some(value) => merge_empty(v, &value.ty)?,
            None => (**v).clone(),
        };
        let ty = Type::Map(Box::new(k), Box::new(v));
        self.coerce(map, &ty, span, &Wanted::new("the map"))
    }

    /// `CONCAT(l, m, …)`.
    fn concat_call(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        if args.is_empty() {
            self.expect_count(callee, args, 2, span)?;
        }
        let mut hint = hint.cloned().filter(|h| matches!(h.plain(), Type::List(item) if !is_open(item)));
        let mut lists = Vec::new();
        for arg in args {
            let list = self.list_arg(Builtin::Concat, arg, hint.as_ref());
            if let Some((list, _)) = &list
                && !is_open(&list.ty)
            {
                hint.get_or_insert(list.ty.clone());
            }
            lists.push(list.map(|(list, _)| list));
        }
        let lists: Option<Vec<Expr>> = lists.into_iter().collect();
        let lists = lists?;
        let ty = lists.iter().try_fold(Type::List(Box::new(Type::Null)), |ty, l| {
            merge_empty(&ty, &l.ty).or_else(|| Some(ty.clone()).filter(|t| !is_open(t)))
        })?;
        let mut all = Vec::new();
        for (list, arg) in lists.into_iter().zip(args) {
            all.push(self.coerce(list, &ty, arg.span, &Wanted::new("`CONCAT`"))?);
        }
        self.built(Builtin::Concat, all, ty, span)
    }

    /// The largest or smallest of a list: null when it is empty.
    fn extreme_of_list(&mut self, builtin: Builtin, args: &[ast::Expr], span: Span) -> Option<Expr> {
        let [arg] = args else { return None };
        let value = self.value_arg(builtin, arg, None)?;
        let item = match &value.ty {
            Type::List(item) if super::types::is_number(item) => (**item).clone(),
            Type::List(_) => {
                self.wrong_arg(builtin, arg.span, &value.ty, "numbers, or a list of them");
                return None;
            }
            _ => {
                let (all, ty) = self.numbers(builtin, args)?;
                return self.built(builtin, all, ty, span);
            }
        };
        // REDUCE(l, null, a => x => if a == null then x else MIN(a, x))
        let state = item.clone().optional();
        let accumulator = self.slot("a", state.clone());
        let element = self.slot("x", item.clone());
        let (a, x) = (self.local(accumulator, span), self.local(element, span));
        let null = self.make(ExprKind::Null, state.clone(), span);
        let first = self.make(
            ExprKind::Binary(omt_runtime::ir::BinaryOp::Equal, Box::new(a.clone()), Box::new(null.clone())),
            Type::Bool,
            span,
        );
        let known = self.convert(omt_runtime::ir::Conversion::Unwrap, a, item.clone());
        let (known, next) = (self.exact(known), self.exact(x.clone()));
        let better = self.built(builtin, vec![known.clone(), next], known.ty, span)?;
        let better = self.fit(better, &state).ok()?;
        let x = self.fit(x, &state).ok()?;
        let body =
            self.make(ExprKind::If(Box::new(first), Box::new(x), Box::new(better)), state.clone(), span);
        let ty = Type::Function(vec![state.clone(), item], Box::new(state.clone()));
        let lambda = self.make(ExprKind::Lambda(vec![accumulator, element], Box::new(body)), ty, span);
        self.built(Builtin::Reduce, vec![value, null, lambda], state, span)
    }

    /// A generator: only ever a local of the function itself.
    fn rng(&mut self, builtin: Builtin, arg: &ast::Expr) -> Option<Expr> {
        if let Some(name) = arg.as_name()
            && let Some(binding) = self.binding(&name.text).cloned()
            && binding.ty == Some(Type::Rng)
        {
            if !self.known.locals.contains(&binding.slot) {
                return self.name(name, None);
            }
            return Some(self.make(ExprKind::Local(binding.slot), Type::Rng, arg.span));
        }
        let found = self.infer(arg, None)?;
        self.report(
            Diagnostic::new(
                codes::MISMATCH,
                arg.span,
                format!("`{}` draws from a generator that is a local", builtin.name()),
            )
            .with_label(format!("this is {}", show(&found.ty)))
            .with_note("a generator is advanced by each call, so it needs a name")
            .with_help("write `rng = SEEDED_RNG(seed)` in a function and pass `rng`"),
        );
        None
    }
}
