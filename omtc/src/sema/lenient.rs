//! Lenient reading (LANGUAGE 5.1): what an old file leaves out is found where it is needed, and then read as if it
//! had been written.
//!
//! Some readings change a declaration: a name that is written is a field of the store, a field to which null goes is
//! a `T?`, `bytes` that are used as a chain are a `segment`. They are found while expressions are elaborated, and
//! everything is elaborated again with them until nothing new is found ([`Readings`] only ever grows). What is local
//! to one expression is read at its place (`dynamic.rs`). Each reading is a warning, with both spellings.

use super::codes;
use super::types::show;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::Type;
use std::collections::{BTreeMap, BTreeSet};

/// How often a unit is elaborated until its readings are known. Each round but the last finds something new; files
/// written by people need three or four.
pub(super) const ROUNDS_MAX: usize = 64;

/// Where null goes to a plain type, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Null {
    /// The null, the value that may be null, or what lacks a source.
    pub place: Span,
    /// Which of them.
    pub why: Why,
}

/// Why null goes to a plain type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It is written.
    Literal,
    /// A value that may be null goes there.
    Value,
    /// There is no source, which is reported there.
    Source,
}

/// A name that is written and not declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Where it is first written.
    pub span: Span,
    /// `any`, unless the place where it is written allows one type only.
    pub ty: Type,
}

/// What has been found out about the declarations of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Readings {
    /// Declarations that may be null, by place.
    pub nullable: BTreeMap<Span, Null>,
    /// Declarations of `bytes` that are chains, by place, and where they are used so.
    pub segments: BTreeMap<Span, Span>,
    /// Undeclared fields by actor and name.
    pub fields: BTreeMap<String, BTreeMap<String, Written>>,
    /// Types of what is assigned to a field of type `any`, by actor and name.
    pub writes: BTreeMap<(String, String), BTreeSet<Type>>,
    /// Something that is no record goes to a field of an undeclared type, so these types hold anything.
    pub any_types: bool,
}

impl Readings {
    /// What a round begins with: the types of what is written are gathered anew, since they depend on the rest.
    pub fn begun(&self) -> Readings {
        Readings { writes: BTreeMap::new(), ..self.clone() }
    }

    /// What is known after a round. What lacks a source may find one in a name that only now counts as a field, so
    /// names come first, then what types are, and null is the last resort.
    pub fn grown(&self, found: Readings) -> Readings {
        let mut next = found;
        if next.fields != self.fields {
            next.segments = self.segments.clone();
            next.any_types = self.any_types;
            next.nullable = self.nullable.clone();
        } else if next.segments != self.segments || next.any_types != self.any_types {
            next.nullable = self.nullable.clone();
        }
        next
    }

    /// The one type of everything that is assigned to a field, if there is one and it can be declared.
    pub fn only_type(&self, actor: &str, field: &str) -> Option<&Type> {
        let writes = self.writes.get(&(actor.to_owned(), field.to_owned()))?;
        let mut all = writes.iter();
        let first = all.next()?;
        all.next().is_none().then_some(first).filter(|ty| can_be_declared(ty))
    }

    /// The type of a declaration as it is read. `keys`: places that stand for it.
    pub fn adjust(
        &self,
        ty: Option<Type>,
        keys: &[Span],
        written: &ast::Type,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Type> {
        let mut ty = ty?;
        if let Some(used) = keys.iter().find_map(|key| self.segments.get(key))
            && *ty.plain() == Type::Bytes
        {
            out.push(
                Diagnostic::new(
                    codes::BYTES_AS_SEGMENT,
                    written.span,
                    "`bytes` that are used as a chain are read as a `segment`",
                )
                .with_label("read as `segment`")
                .with_secondary(*used, "used as a chain here")
                .with_note("the blocks of a segment are checked when it arrives, octets are not")
                .with_help("declare it as `segment` instead of `bytes`")
                .with_fix(safe("declare it as `segment`").replace(written.name.span, "segment")),
            );
            ty = if ty.is_optional() { Type::Segment.optional() } else { Type::Segment };
        }
        if let Some(null) = keys.iter().find_map(|key| self.nullable.get(key))
            && !ty.is_optional()
        {
            if null.why != Why::Source {
                let plain = show(&ty);
                let (what, label) = match null.why {
                    Why::Literal | Why::Source => ("null", "nothing is set from here on"),
                    Why::Value => ("a value that may be null", "unset when this is null"),
                };
                out.push(
                    Diagnostic::new(
                        codes::NULL_PLAIN,
                        null.place,
                        format!("{what} for {plain} is read as unset"),
                    )
                    .with_label(label)
                    .with_secondary(written.span, format!("declared as {plain}, read as {plain}?"))
                    .with_note("a plain type always has a value once it is set; what may be absent is a `T?`")
                    .with_help(format!("declare it as `{plain}?`"))
                    .with_fix(safe(format!("declare it as `{plain}?`")).insert_after(written.span, "?")),
                );
            }
            ty = ty.optional();
        }
        Some(ty)
    }
}

/// Can a field be declared with the type?
pub(super) fn can_be_declared(ty: &Type) -> bool {
    !super::types::mentions(ty, &|t| {
        matches!(
            t,
            Type::Null
                | Type::Exact(_)
                | Type::Decimal
                | Type::Rng
                | Type::Function(..)
                | Type::Any
                | Type::Secret(_)
        )
    })
}

/// A fix that keeps the meaning of a lenient reading.
pub(super) fn safe(message: impl Into<String>) -> Fix {
    Fix::new(Applicability::Safe, message)
}

/// Undeclared fields of an actor: reported where they are first written.
pub(super) fn undeclared_field(
    decl: &ast::Actor,
    name: &str,
    written: &Written,
    better: Option<&Type>,
    is_key: bool,
) -> Diagnostic {
    let ty = better.map_or_else(|| show(&written.ty), show);
    let field = format!("{name} {ty}");
    let store = decl.items.iter().find_map(|item| match item {
        ast::Item::Store(block) => Some(block),
        ast::Item::Shared(_)
        | ast::Item::Peers(_)
        | ast::Item::Trigger(_)
        | ast::Item::State(_)
        | ast::Item::Transition(_)
        | ast::Item::Override(_)
        | ast::Item::Collect(_) => None,
    });
    // With one type that is certain; whether `any` is what was meant is for a person to say.
    let known = better.is_some() || written.ty != Type::Any;
    let fix = safe(format!("declare `{field}` in the store"));
    let fix = if known { fix } else { fix.with_applicability(Applicability::Unsafe) };
    let fix = match (store.and_then(|s| s.fields.list.last()), store, decl.items.first()) {
        (Some(last), _, _) => fix.insert_after(last.span, format!("  {field}")),
        (None, Some(empty), _) => {
            let span = empty.fields.span;
            fix.replace(
                Span::new(span.file, span.start.saturating_add(1), span.start.saturating_add(1)),
                field.clone(),
            )
        }
        (None, None, Some(first)) => fix.insert_before(first.span(), format!("store ( {field} )\n    ")),
        (None, None, None) => fix,
    };
    let read = if is_key { "the session key" } else { "a field of the store" };
    Diagnostic::new(
        codes::UNDECLARED_FIELD,
        written.span,
        format!("`{name}` is not declared, and is read as {read} of type {}", show(&written.ty)),
    )
    .with_label("written here, declared nowhere")
    .with_note("what a field holds is checked when it is used, not when the file is compiled")
    .with_help(format!("declare it: `store ( {field} )`"))
    .with_fix(fix)
}

/// A reading that needs no more than a place.
pub(super) fn at(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, span, message)
}
