//! The names of a unit: what the root file and its imports declare, once each.

use super::codes;
use super::load::Loaded;
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast;
use std::collections::BTreeMap;

/// Names that declarations, fields, parameters and enum values may not have, in any case (LANGUAGE 5.2).
pub(super) const RESERVED: &[&str] = &[
    "transaction",
    "imports",
    "parameters",
    "enum",
    "message",
    "block",
    "actor",
    "function",
    "native",
    "store",
    "trigger",
    "state",
    "initial",
    "terminal",
    "on",
    "auto",
    "when",
    "else",
    "lookup",
    "send",
    "broadcast",
    "append",
    "append_block",
    "return",
    "from",
    "to",
    "by",
    "in",
    "with",
    "signed",
    "and",
    "or",
    "not",
    "if",
    "then",
    "for",
];

/// Names with a meaning of their own in expressions; no local, field of a store or parameter may have one.
pub(crate) const IDENTIFIERS: &[&str] =
    &["chain", "peer_id", "message", "null", "true", "false", "network", "result"];

/// Names that a message cannot give to a field, since `message.NAME` means something else.
const MESSAGE_FIELDS: &[&str] = &["sender", "payload", "session", "sequence", "signed", "signature"];

/// Built-in names of types.
pub(crate) const TYPE_NAMES: &[&str] = &[
    "uint",
    "int",
    "float",
    "bool",
    "string",
    "bytes",
    "hash",
    "signature",
    "peer_id",
    "timestamp",
    "duration",
    "any",
    "dict",
    "list",
    "map",
    "segment",
    "chain",
    "block",
    "signed",
    "secret",
    "function",
    "equivocation",
    "ChainState",
    "rng",
];

/// A declared type.
#[derive(Clone, Copy)]
pub(super) enum TypeDecl<'a> {
    Enum(&'a ast::Enum),
    Struct(&'a ast::Struct),
    Message(&'a ast::Message),
    Block(&'a ast::Block),
    View(&'a ast::View),
}

impl<'a> TypeDecl<'a> {
    pub fn name(self) -> &'a ast::Ident {
        match self {
            TypeDecl::Enum(d) => &d.name,
            TypeDecl::Struct(d) => &d.name,
            TypeDecl::Message(d) => &d.name,
            TypeDecl::Block(d) => &d.name,
            TypeDecl::View(d) => &d.name,
        }
    }
}

/// Something that can be called.
#[derive(Clone, Copy)]
pub(super) enum Callable<'a> {
    Function(&'a ast::Function),
    Native(&'a ast::Native),
    Task(&'a ast::Native),
}

impl<'a> Callable<'a> {
    pub fn name(self) -> &'a ast::Ident {
        match self {
            Callable::Function(d) => &d.name,
            Callable::Native(d) | Callable::Task(d) => &d.name,
        }
    }

    pub fn params(self) -> &'a [ast::Field] {
        match self {
            Callable::Function(d) => &d.params,
            Callable::Native(d) | Callable::Task(d) => &d.params,
        }
    }

    pub fn result(self) -> &'a ast::Type {
        match self {
            Callable::Function(d) => &d.result,
            Callable::Native(d) | Callable::Task(d) => &d.result,
        }
    }
}

/// The declarations that a unit sees, by name. The root's own come first in any conflict.
#[derive(Clone, Default)]
pub(super) struct Scope<'a> {
    pub root: FileId,
    pub header: Option<&'a ast::Transaction>,
    pub types: BTreeMap<&'a str, TypeDecl<'a>>,
    pub callables: BTreeMap<&'a str, Callable<'a>>,
    pub actors: BTreeMap<&'a str, &'a ast::Actor>,
    pub parameters: BTreeMap<&'a str, &'a ast::Parameter>,
    /// Enum value to the enums that have it.
    pub values: BTreeMap<&'a str, Vec<&'a str>>,
    pub properties: Vec<&'a ast::Property>,
    pub scenarios: Vec<&'a ast::Scenario>,
    /// Alias to index of the loaded file.
    pub uses: BTreeMap<&'a str, Option<usize>>,
}

impl<'a> Scope<'a> {
    /// Collects the declarations of a file and its imports and reports what clashes.
    pub fn new(loaded: &'a Loaded, files: &[usize], out: &mut Vec<Diagnostic>) -> Self {
        let mut scope = Scope::default();
        let mut others: BTreeMap<(&str, &str), Span> = BTreeMap::new();
        for (rank, index) in files.iter().enumerate() {
            let Some(file) = loaded.files.get(*index) else { continue };
            if rank == 0 {
                scope.root = file.id;
            }
            for decl in &file.tree.decls {
                check_names(decl, out);
                scope.add(loaded, decl, rank == 0, &mut others, out);
            }
            if rank == 0 {
                for (decl, (_, _, target)) in file.tree.decls.iter().filter_map(uses).zip(file.uses.iter()) {
                    scope.uses.insert(&decl.alias.text, *target);
                }
            }
        }
        for decl in scope.types.values() {
            if let TypeDecl::Enum(e) = decl {
                for value in &e.values {
                    scope.values.entry(&value.name.text).or_default().push(&e.name.text);
                }
            }
        }
        for names in scope.values.values_mut() {
            names.dedup();
        }
        if scope.header.is_none()
            && let Some(actor) = scope.actors.values().find(|a| a.span.file == scope.root)
        {
            out.push(
                Diagnostic::new(codes::HEADER, actor.name.span, "a file with actors needs a header")
                    .with_label("this actor belongs to no transaction")
                    .with_note("the header gives a protocol its number, its title and its session key")
                    .with_help("begin the file with `transaction 1 \"Title\"`"),
            );
        }
        scope
    }

    fn add(
        &mut self,
        loaded: &'a Loaded,
        decl: &'a ast::Decl,
        root: bool,
        others: &mut BTreeMap<(&'a str, &'a str), Span>,
        out: &mut Vec<Diagnostic>,
    ) {
        let sources = &loaded.sources;
        match decl {
            ast::Decl::Transaction(d) => {
                if !root {
                    return;
                }
                match self.header {
                    Some(first) => out.push(
                        Diagnostic::new(codes::HEADER, d.span, "a second transaction header")
                            .with_label("one file describes one transaction")
                            .with_secondary(first.span, "the first one")
                            .with_note("the header gives the protocol of this file its number"),
                    ),
                    None => self.header = Some(d),
                }
            }
            ast::Decl::Imports(_) => {}
            ast::Decl::Uses(d) => {
                if let Some(first) = others.insert(("uses", &d.alias.text), d.alias.span)
                    && root
                {
                    out.push(twice("transaction", &d.alias, first));
                }
            }
            ast::Decl::Parameters(d) => {
                for entry in &d.entries {
                    match self.parameters.get(entry.name.text.as_str()) {
                        Some(first) => {
                            clash(
                                sources,
                                "parameter",
                                &entry.name,
                                entry.span,
                                first.name.span,
                                first.span,
                                out,
                            );
                        }
                        None => {
                            self.parameters.insert(&entry.name.text, entry);
                        }
                    }
                }
            }
            ast::Decl::Enum(d) => self.add_type(sources, TypeDecl::Enum(d), d.span, out),
            ast::Decl::Struct(d) => self.add_type(sources, TypeDecl::Struct(d), d.span, out),
            ast::Decl::Message(d) => self.add_type(sources, TypeDecl::Message(d), d.span, out),
            ast::Decl::Block(d) => self.add_type(sources, TypeDecl::Block(d), d.span, out),
            ast::Decl::View(d) => self.add_type(sources, TypeDecl::View(d), d.span, out),
            ast::Decl::Actor(d) => match self.actors.get(d.name.text.as_str()) {
                Some(first) => clash(sources, "actor", &d.name, d.span, first.name.span, first.span, out),
                None => {
                    self.actors.insert(&d.name.text, d);
                }
            },
            ast::Decl::Function(d) => self.add_callable(sources, Callable::Function(d), d.span, out),
            ast::Decl::Native(d) => self.add_callable(sources, Callable::Native(d), d.span, out),
            ast::Decl::Task(d) => self.add_callable(sources, Callable::Task(d), d.span, out),
            ast::Decl::Property(d) => {
                if let Some(first) = others.insert(("property", &d.name.text), d.name.span)
                    && root
                {
                    out.push(twice("property", &d.name, first));
                }
                self.properties.push(d);
            }
            ast::Decl::Scenario(d) => {
                if let Some(first) = others.insert(("scenario", &d.name.text), d.name.span)
                    && root
                {
                    out.push(twice("scenario", &d.name, first));
                }
                self.scenarios.push(d);
            }
        }
    }

    fn add_type(&mut self, sources: &SourceMap, decl: TypeDecl<'a>, span: Span, out: &mut Vec<Diagnostic>) {
        let name = decl.name();
        if TYPE_NAMES.contains(&name.text.as_str()) {
            out.push(
                Diagnostic::new(
                    codes::RESERVED_NAME,
                    name.span,
                    format!("`{}` is a built-in type", name.text),
                )
                .with_label("this name is taken")
                .with_note("a field of that type would be read as the built-in one"),
            );
            return;
        }
        match self.types.get(name.text.as_str()) {
            Some(first) => {
                let whole = match first {
                    TypeDecl::Enum(d) => d.span,
                    TypeDecl::Struct(d) => d.span,
                    TypeDecl::Message(d) => d.span,
                    TypeDecl::Block(d) => d.span,
                    TypeDecl::View(d) => d.span,
                };
                clash(sources, "type", name, span, first.name().span, whole, out);
            }
            None => {
                self.types.insert(&name.text, decl);
            }
        }
    }

    fn add_callable(
        &mut self,
        sources: &SourceMap,
        decl: Callable<'a>,
        span: Span,
        out: &mut Vec<Diagnostic>,
    ) {
        let name = decl.name();
        match self.callables.get(name.text.as_str()) {
            Some(first) => {
                let whole = match first {
                    Callable::Function(d) => d.span,
                    Callable::Native(d) | Callable::Task(d) => d.span,
                };
                clash(sources, "function", name, span, first.name().span, whole, out);
            }
            None => {
                self.callables.insert(&name.text, decl);
            }
        }
    }

    pub fn message(&self, name: &str) -> Option<&'a ast::Message> {
        if let Some(TypeDecl::Message(d)) = self.types.get(name) { Some(d) } else { None }
    }

    pub fn block(&self, name: &str) -> Option<&'a ast::Block> {
        if let Some(TypeDecl::Block(d)) = self.types.get(name) { Some(d) } else { None }
    }

    pub fn view(&self, name: &str) -> Option<&'a ast::View> {
        if let Some(TypeDecl::View(d)) = self.types.get(name) { Some(d) } else { None }
    }

    pub fn enumeration(&self, name: &str) -> Option<&'a ast::Enum> {
        if let Some(TypeDecl::Enum(d)) = self.types.get(name) { Some(d) } else { None }
    }

    pub fn task(&self, name: &str) -> Option<&'a ast::Native> {
        if let Some(Callable::Task(d)) = self.callables.get(name) { Some(d) } else { None }
    }

    /// Names of the declared types that `keep` accepts, for did-you-mean.
    pub fn type_names(&self, keep: impl Fn(&TypeDecl<'a>) -> bool) -> Vec<&'a str> {
        self.types.iter().filter(|(_, d)| keep(d)).map(|(n, _)| *n).collect()
    }
}

fn uses(decl: &ast::Decl) -> Option<&ast::Uses> {
    if let ast::Decl::Uses(d) = decl { Some(d) } else { None }
}

fn twice(kind: &str, name: &ast::Ident, first: Span) -> Diagnostic {
    Diagnostic::new(codes::DUPLICATE, name.span, format!("the {kind} `{}` is declared twice", name.text))
        .with_label("again here")
        .with_secondary(first, "first declared here")
        .with_note("with two declarations of one name nobody can tell which one is meant")
}

/// Two declarations of one name: an error unless they stand in different files and say the same.
fn clash(
    sources: &SourceMap,
    kind: &str,
    name: &ast::Ident,
    whole: Span,
    first: Span,
    first_whole: Span,
    out: &mut Vec<Diagnostic>,
) {
    if whole.file == first_whole.file {
        out.push(twice(kind, name, first));
    } else if meaning(sources.slice(whole)) != meaning(sources.slice(first_whole)) {
        out.push(
            Diagnostic::new(
                codes::CONFLICT,
                first,
                format!("the {kind} `{}` is imported with another definition", name.text),
            )
            .with_label("this definition")
            .with_secondary(name.span, "differs from the imported one")
            .with_note(
                "two files would mean different things by one name; only an identical repetition is allowed",
            )
            .with_help("remove one of them, or give it another name"),
        );
    }
}

/// A declaration without white space at its seams and without comments.
fn meaning(text: &str) -> Vec<String> {
    text.lines().flat_map(|line| without_comment(line).split_whitespace()).map(str::to_owned).collect()
}

/// A line up to its comment; a `#` inside a string is no comment.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return line.get(..at).unwrap_or(line),
            _ => {}
        }
    }
    line
}

/// Is it reserved as the name of a declaration, field, parameter or enum value?
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|r| r.eq_ignore_ascii_case(name))
}

/// Reserved names and repetitions inside one declaration.
fn check_names(decl: &ast::Decl, out: &mut Vec<Diagnostic>) {
    if let Some(name) = decl.name() {
        let what = match decl {
            ast::Decl::Scenario(_) | ast::Decl::Property(_) => "",
            ast::Decl::Transaction(_) | ast::Decl::Imports(_) | ast::Decl::Parameters(_) => "",
            ast::Decl::Uses(_)
            | ast::Decl::Enum(_)
            | ast::Decl::Struct(_)
            | ast::Decl::Message(_)
            | ast::Decl::Block(_)
            | ast::Decl::View(_)
            | ast::Decl::Actor(_)
            | ast::Decl::Function(_)
            | ast::Decl::Native(_)
            | ast::Decl::Task(_) => "declaration",
        };
        if !what.is_empty() {
            reserved(what, name, out);
        }
    }
    match decl {
        ast::Decl::Parameters(d) => d.entries.iter().for_each(|e| {
            reserved("parameter", &e.name, out);
            identifier("parameter", &e.name, out);
        }),
        ast::Decl::Enum(d) => {
            unique("value", d.values.iter().map(|v| &v.name), out);
            d.values.iter().for_each(|v| {
                reserved("enum value", &v.name, out);
                identifier("enum value", &v.name, out);
            });
        }
        ast::Decl::Struct(d) => fields("field", &d.fields.list, out),
        ast::Decl::Message(d) => {
            fields("field", &d.fields.list, out);
            for field in d.fields.list.iter().filter(|f| MESSAGE_FIELDS.contains(&f.name.text.as_str())) {
                let name = &field.name;
                out.push(
                    Diagnostic::new(
                        codes::RESERVED_NAME,
                        name.span,
                        format!("a message field cannot be called `{}`", name.text),
                    )
                    .with_label("choose another name")
                    .with_note(format!(
                        "`message.{}` is a property of every message, not of its payload",
                        name.text
                    )),
                );
            }
        }
        ast::Decl::Block(d) => fields("field", &d.fields.list, out),
        ast::Decl::View(d) => {
            let list: Vec<&ast::Field> = d.items.iter().filter_map(view_field).collect();
            unique("field", list.iter().map(|f| &f.name), out);
            list.iter().for_each(|f| {
                reserved("field", &f.name, out);
                identifier("field of a view", &f.name, out);
            });
        }
        ast::Decl::Actor(d) => actor_names(d, out),
        ast::Decl::Function(d) => parameters(&d.params, out),
        ast::Decl::Native(d) | ast::Decl::Task(d) => parameters(&d.params, out),
        ast::Decl::Transaction(_)
        | ast::Decl::Imports(_)
        | ast::Decl::Uses(_)
        | ast::Decl::Property(_)
        | ast::Decl::Scenario(_) => {}
    }
}

pub(super) fn view_field(item: &ast::ViewItem) -> Option<&ast::Field> {
    if let ast::ViewItem::Field(f) = item { Some(f) } else { None }
}

fn actor_names(actor: &ast::Actor, out: &mut Vec<Diagnostic>) {
    let mut stored = Vec::new();
    let mut triggers = Vec::new();
    let mut states = Vec::new();
    let mut roles = Vec::new();
    for item in &actor.items {
        match item {
            ast::Item::Store(b) | ast::Item::Shared(b) => {
                stored.extend(b.fields.list.iter().map(|f| &f.name))
            }
            ast::Item::Trigger(t) => {
                triggers.push(&t.name);
                parameters(&t.params, out);
            }
            ast::Item::State(s) => states.push(&s.name),
            ast::Item::Peers(p) => roles.extend(p.entries.iter().map(|e| &e.role)),
            ast::Item::Transition(_) | ast::Item::Override(_) | ast::Item::Collect(_) => {}
        }
    }
    unique("store field", stored.iter().copied(), out);
    unique("trigger", triggers.iter().copied(), out);
    unique("state", states.iter().copied(), out);
    unique("role", roles.iter().copied(), out);
    for name in &stored {
        reserved("store field", name, out);
        identifier("store field", name, out);
    }
    for name in triggers.iter().chain(&states) {
        reserved("name", name, out);
    }
}

fn fields(what: &str, list: &[ast::Field], out: &mut Vec<Diagnostic>) {
    unique(what, list.iter().map(|f| &f.name), out);
    list.iter().for_each(|f| reserved(what, &f.name, out));
}

fn parameters(list: &[ast::Field], out: &mut Vec<Diagnostic>) {
    unique("parameter", list.iter().map(|f| &f.name), out);
    for field in list {
        reserved("parameter", &field.name, out);
        identifier("parameter", &field.name, out);
    }
}

fn unique<'n>(kind: &str, names: impl Iterator<Item = &'n ast::Ident>, out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for name in names {
        match seen.get(name.text.as_str()) {
            Some(first) => out.push(twice(kind, name, *first)),
            None => {
                seen.insert(&name.text, name.span);
            }
        }
    }
}

fn reserved(kind: &str, name: &ast::Ident, out: &mut Vec<Diagnostic>) {
    if is_reserved(&name.text) {
        out.push(reserved_name(kind, name));
    }
}

/// Reserved identifiers.
pub(super) fn identifier(kind: &str, name: &ast::Ident, out: &mut Vec<Diagnostic>) {
    if IDENTIFIERS.contains(&name.text.as_str()) {
        out.push(reserved_name(kind, name));
    }
}

fn reserved_name(kind: &str, name: &ast::Ident) -> Diagnostic {
    let text = &name.text;
    let better = if text.chars().all(|c| !c.is_ascii_lowercase()) {
        format!("{text}_VALUE")
    } else if text.starts_with(|c: char| c.is_ascii_uppercase()) {
        format!("{text}Value")
    } else {
        format!("{text}_value")
    };
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    Diagnostic::new(
        codes::RESERVED_NAME,
        name.span,
        format!("{article} {kind} cannot be called `{}`", name.text),
    )
    .with_label("this word belongs to the language")
    .with_note("readers, and other tools, would take the name for the word")
    .with_help(format!("choose another name, for example `{better}`"))
    .with_fix(Fix::new(Applicability::Unsafe, format!("call it `{better}`")).replace(name.span, better))
}
