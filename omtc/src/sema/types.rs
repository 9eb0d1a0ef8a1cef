//! From written types to types of the IR, and the rules about which type may stand where.

use super::codes;
use super::lenient::{self, Readings};
use super::scope::{Scope, TYPE_NAMES, TypeDecl};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Dimension, Type};

/// A type variable of a generic function. The apostrophe keeps it apart from every declared struct; none is
/// left in the IR.
pub(super) fn variable(name: &str) -> Type {
    Type::Struct(format!("'{name}"))
}

/// The name of a type variable.
pub(super) fn variable_name(ty: &Type) -> Option<&str> {
    if let Type::Struct(name) = ty { name.strip_prefix('\'') } else { None }
}

/// A type as diagnostics show it.
pub(super) fn show(ty: &Type) -> String {
    match ty {
        Type::List(item) if **item == Type::Null => "empty list".to_owned(),
        Type::Map(key, _) if **key == Type::Null => "empty map".to_owned(),
        other => other.to_string().replace('\'', ""),
    }
}

/// A single capital letter: a type variable where a function may be generic.
fn is_variable(name: &str) -> bool {
    let mut letters = name.chars();
    matches!((letters.next(), letters.next()), (Some(c), None) if c.is_ascii_uppercase())
}

/// Resolves written types in a scope.
pub(super) struct Resolver<'s, 'a> {
    pub scope: &'s Scope<'a>,
    /// Single capital letters are type variables.
    pub generic: bool,
    /// What is known of an old file that is given a meaning; `None` when reading is strict.
    pub lenient: Option<&'s Readings>,
}

impl Resolver<'_, '_> {
    /// The type, unless it is wrong: then that has been reported.
    pub fn resolve(&self, ty: &ast::Type, out: &mut Vec<Diagnostic>) -> Option<Type> {
        let plain = self.plain(ty, out)?;
        // A dynamic value may be null anyway.
        let optional = ty.optional && !(self.lenient.is_some() && plain == Type::Any);
        Some(if optional { plain.optional() } else { plain })
    }

    fn plain(&self, ty: &ast::Type, out: &mut Vec<Diagnostic>) -> Option<Type> {
        let name = ty.name.text.as_str();
        let simple = match name {
            "uint" => Some(Type::Uint),
            "int" => Some(Type::Int),
            "float" => Some(Type::Float),
            "bool" => Some(Type::Bool),
            "string" => Some(Type::String),
            "bytes" => Some(Type::Bytes),
            "hash" => Some(Type::Hash),
            "signature" => Some(Type::Signature),
            "peer_id" => Some(Type::PeerId),
            "timestamp" => Some(Type::Timestamp),
            "duration" => Some(Type::Duration),
            "any" => Some(Type::Any),
            "dict" => Some(Type::Dict),
            "segment" | "chain" => Some(Type::Segment),
            "equivocation" => Some(Type::Equivocation),
            "ChainState" => Some(Type::ChainState),
            _ => None,
        };
        if let Some(simple) = simple {
            self.count(ty, 0, out)?;
            return Some(simple);
        }
        if name.eq_ignore_ascii_case("list") {
            self.count(ty, 1, out)?;
            let item = self.resolve(ty.args.first()?, out)?;
            return Some(Type::List(Box::new(item)));
        }
        if name.eq_ignore_ascii_case("map") {
            self.count(ty, 2, out)?;
            let written = ty.args.first()?;
            let key = self.resolve(written, out);
            let value = self.resolve(ty.args.get(1)?, out)?;
            let key = key?;
            if !can_be_key(&key) {
                out.push(
                    Diagnostic::new(
                        codes::TYPE_ARGUMENTS,
                        written.span,
                        format!("{} cannot be the key of a map", show(&key)),
                    )
                    .with_label("keys must have one written form, and an order")
                    .with_help(
                        "use an integer, text, `bytes`, `hash`, `peer_id`, an enum or a struct of these",
                    ),
                );
                return None;
            }
            return Some(Type::Map(Box::new(key), Box::new(value)));
        }
        match name {
            "secret" => {
                self.count(ty, 1, out)?;
                let inner = self.resolve(ty.args.first()?, out)?;
                return Some(Type::Secret(Box::new(inner)));
            }
            "signed" | "block" => return self.whole(ty, name == "signed", out),
            "function" => {
                if ty.args.is_empty() {
                    self.count(ty, 1, out)?;
                }
                let all: Vec<Option<Type>> = ty.args.iter().map(|a| self.resolve(a, out)).collect();
                let mut all: Vec<Type> = all.into_iter().collect::<Option<_>>()?;
                let returns = all.pop()?;
                return Some(Type::Function(all, Box::new(returns)));
            }
            _ => {}
        }
        self.declared(ty, out)
    }

    fn declared(&self, ty: &ast::Type, out: &mut Vec<Diagnostic>) -> Option<Type> {
        let name = ty.name.text.as_str();
        match self.scope.types.get(name) {
            Some(decl) => {
                self.count(ty, 0, out)?;
                Some(declared_type(*decl))
            }
            None if name == "rng" => {
                out.push(
                    Diagnostic::new(codes::TYPE_NOT_ALLOWED, ty.name.span, "a generator has no place here")
                        .with_label("it is a local of a function")
                        .with_note(
                            "it is advanced by each draw, so it can be neither kept, passed on nor returned",
                        )
                        .with_help(
                            "take the seed, and write `rng = SEEDED_RNG(seed)` where it is drawn from",
                        ),
                );
                None
            }
            None if self.generic && is_variable(name) => {
                self.count(ty, 0, out)?;
                Some(variable(name))
            }
            None if self.lenient.is_some() => {
                let any = !ty.args.is_empty() || self.lenient.is_some_and(|l| l.any_types);
                let read = if any { "any" } else { "dict" };
                let known = self.scope.types.keys().chain(TYPE_NAMES).copied();
                let kind = if any { "a value of any type" } else { "a record with any fields" };
                let mut diagnostic = lenient::at(
                    codes::UNDECLARED_TYPE,
                    ty.name.span,
                    format!("there is no type `{name}`, and it is read as {kind}"),
                )
                .with_label(format!("read as `{read}`"))
                .with_note("which fields such a record has is known only when it runs; one that is missing is a fault")
                .with_help(format!("write `{read}`, or declare it: `struct {name} ( … )`"));
                let span = Span::new(
                    ty.span.file,
                    ty.span.start,
                    ty.args.last().map_or(ty.name.span.end, |a| a.span.end),
                );
                // The `>` behind the arguments belongs to the type; a `?` stays.
                if ty.args.is_empty() {
                    diagnostic =
                        diagnostic.with_fix(lenient::safe(format!("write `{read}`")).replace(span, read));
                }
                if let Some(near) = crate::diagnostic::did_you_mean(name, known) {
                    diagnostic = diagnostic.with_fix(
                        crate::diagnostic::Fix::new(
                            crate::diagnostic::Applicability::Unsafe,
                            format!("write `{near}`"),
                        )
                        .replace(ty.name.span, near),
                    );
                }
                out.push(diagnostic);
                Some(if any { Type::Any } else { Type::Dict })
            }
            None => {
                let known = self.scope.types.keys().chain(TYPE_NAMES).copied();
                out.push(
                    Diagnostic::new(codes::UNKNOWN_TYPE, ty.name.span, format!("there is no type `{name}`"))
                        .with_label("not declared here or in an imported file")
                        .with_note("a type is built in, or an enum, struct, message, block or view")
                        .with_did_you_mean(name, known),
                );
                None
            }
        }
    }

    /// `signed<M>` and `block<B>`.
    fn whole(&self, ty: &ast::Type, signed: bool, out: &mut Vec<Diagnostic>) -> Option<Type> {
        self.count(ty, 1, out)?;
        let inner = ty.args.first()?;
        let name = inner.name.text.as_str();
        let kind = if signed { "message" } else { "block" };
        let found = self.scope.types.get(name);
        let fits = match found {
            Some(TypeDecl::Message(_)) => signed,
            Some(TypeDecl::Block(_)) => !signed,
            Some(TypeDecl::Enum(_) | TypeDecl::Struct(_) | TypeDecl::View(_)) | None => false,
        };
        if !fits || inner.optional || !inner.args.is_empty() {
            let known = self.scope.type_names(|d| match d {
                TypeDecl::Message(_) => signed,
                TypeDecl::Block(_) => !signed,
                TypeDecl::Enum(_) | TypeDecl::Struct(_) | TypeDecl::View(_) => false,
            });
            let mut diagnostic = Diagnostic::new(
                codes::UNKNOWN_DECLARATION,
                inner.span,
                format!("there is no {kind} `{name}`"),
            )
            .with_label(format!("`{}<…>` takes the name of a {kind}", ty.name.text));
            if let Some(other) = found {
                diagnostic = diagnostic.with_secondary(other.name().span, "declared here, as something else");
            }
            out.push(diagnostic.with_did_you_mean(name, known));
            return None;
        }
        if let (true, Some(TypeDecl::Message(message))) = (signed, found)
            && message.signed.is_none()
        {
            out.push(
                Diagnostic::new(codes::TYPE_NOT_ALLOWED, inner.span, format!("`{name}` is not signed"))
                    .with_label("there is no signature to keep")
                    .with_secondary(message.name.span, "declared without `signed`")
                    .with_help(format!("declare it as `message {name} from … to […] signed (…)`")),
            );
            return None;
        }
        Some(if signed { Type::Signed(name.to_owned()) } else { Type::Block(name.to_owned()) })
    }

    fn count(&self, ty: &ast::Type, want: usize, out: &mut Vec<Diagnostic>) -> Option<()> {
        if ty.args.len() == want {
            return Some(());
        }
        let name = &ty.name.text;
        let shape = match name.to_ascii_lowercase().as_str() {
            "map" => "map<peer_id, uint>",
            "list" => "list<uint>",
            "secret" => "secret<bytes>",
            "signed" => "signed<MESSAGE>",
            "block" => "block<BLOCK>",
            "function" => "function<uint, bool>",
            _ => name,
        };
        out.push(
            Diagnostic::new(
                codes::TYPE_ARGUMENTS,
                ty.span,
                format!("`{name}` takes {}, found {}", plural(want, "type"), ty.args.len()),
            )
            .with_label("wrong number of types between `<` and `>`")
            .with_help(format!("write it like `{shape}`")),
        );
        None
    }
}

/// The type that a declaration declares.
pub(super) fn declared_type(decl: TypeDecl<'_>) -> Type {
    let name = decl.name().text.clone();
    match decl {
        TypeDecl::Enum(_) => Type::Enum(name),
        TypeDecl::Struct(_) => Type::Struct(name),
        TypeDecl::Message(_) => Type::Message(name),
        TypeDecl::Block(_) => Type::BlockPayload(name),
        TypeDecl::View(_) => Type::View(name),
    }
}

/// `1 argument`, `2 arguments`, `no arguments`.
pub(super) fn plural(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

pub(super) fn can_be_key(ty: &Type) -> bool {
    !matches!(
        ty,
        Type::Float
            | Type::Any
            | Type::Dict
            | Type::Optional(_)
            | Type::Secret(_)
            | Type::Function(..)
            | Type::Rng
            | Type::Decimal
            | Type::Null
            | Type::Map(..)
    )
}

/// Does a value of the type, looked at by itself, satisfy `bad`, or one of the types in its written form?
pub(super) fn mentions(ty: &Type, bad: &dyn Fn(&Type) -> bool) -> bool {
    bad(ty)
        || match ty {
            Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => mentions(inner, bad),
            Type::Map(key, value) => mentions(key, bad) || mentions(value, bad),
            Type::Function(parameters, returns) => {
                parameters.iter().any(|p| mentions(p, bad)) || mentions(returns, bad)
            }
            _ => false,
        }
}

/// Has the type a zero that a view or the shared store begins with?
pub(super) fn has_zero(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Uint
            | Type::Int
            | Type::Float
            | Type::Bool
            | Type::String
            | Type::Timestamp
            | Type::Duration
            | Type::List(_)
            | Type::Map(..)
            | Type::Optional(_)
    )
}

/// Is it an integer type, exact or not?
pub(super) fn is_integer(ty: &Type) -> bool {
    ty.dimension().is_some()
}

/// Can arithmetic or a comparison of sizes be done with it?
pub(super) fn is_number(ty: &Type) -> bool {
    is_integer(ty) || matches!(ty, Type::Float | Type::Decimal)
}

/// The type that a value of exact type gets where it must be kept and nothing says how.
pub(super) fn kept(dimension: Dimension, nonnegative: bool) -> Type {
    match dimension {
        Dimension::Count if nonnegative => Type::Uint,
        Dimension::Count => Type::Int,
        Dimension::Instant => Type::Timestamp,
        Dimension::Span => Type::Duration,
    }
}

/// How many types stand inside each other.
pub(super) fn depth(ty: &Type) -> u32 {
    let inner = match ty {
        Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => depth(inner),
        Type::Map(key, value) => depth(key).max(depth(value)),
        Type::Function(parameters, returns) => parameters.iter().map(depth).fold(depth(returns), u32::max),
        _ => 0,
    };
    inner.saturating_add(1)
}

/// Replaces type variables.
pub(super) fn substitute(ty: &Type, bindings: &std::collections::BTreeMap<String, Type>) -> Type {
    if let Some(name) = variable_name(ty) {
        return bindings.get(name).cloned().unwrap_or_else(|| ty.clone());
    }
    match ty {
        Type::List(inner) => Type::List(Box::new(substitute(inner, bindings))),
        Type::Map(key, value) => {
            Type::Map(Box::new(substitute(key, bindings)), Box::new(substitute(value, bindings)))
        }
        Type::Optional(inner) => substitute(inner, bindings).optional(),
        Type::Secret(inner) => Type::Secret(Box::new(substitute(inner, bindings))),
        Type::Function(parameters, returns) => Type::Function(
            parameters.iter().map(|p| substitute(p, bindings)).collect(),
            Box::new(substitute(returns, bindings)),
        ),
        other => other.clone(),
    }
}

/// Names of the type variables in a type, in order of first appearance.
pub(super) fn variables(ty: &Type, out: &mut Vec<String>) {
    if let Some(name) = variable_name(ty) {
        if !out.iter().any(|n| n == name) {
            out.push(name.to_owned());
        }
        return;
    }
    match ty {
        Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => variables(inner, out),
        Type::Map(key, value) => {
            variables(key, out);
            variables(value, out);
        }
        Type::Function(parameters, returns) => {
            parameters.iter().for_each(|p| variables(p, out));
            variables(returns, out);
        }
        _ => {}
    }
}

/// Where a type stands, for the message of a rule that it breaks.
pub(super) fn not_allowed(span: Span, ty: &Type, place: &str, why: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::TYPE_NOT_ALLOWED, span, format!("{} is not allowed in {place}", show(ty)))
        .with_label("not here")
        .with_note(why)
        .with_help(help)
}
