//! Symbols: everything that a file declares, but for locals.

use super::{Id, Index, Kind, Symbol};
use omtc::sema::UnitFile;
use omtc::source::Span;
use omtc::syntax::ast::{self, Decl, Doc, Field, Ident, Item, Text, ViewItem};

/// What is said about a symbol where it is declared.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    doc: Option<&'a Doc>,
    title: Option<&'a Text>,
}

fn add(index: &mut Index, kind: Kind, name: &Ident, owner: Option<Id>, full: Span, said: Said<'_>) -> Id {
    index.add(Symbol {
        kind,
        name: name.text.clone(),
        owner,
        span: name.span,
        full,
        doc: said.doc.map(|doc| doc.text.clone()).unwrap_or_default(),
        title: said.title.map(|title| title.text.clone()).unwrap_or_default(),
    })
}

/// Adds what a file declares.
pub(super) fn file(index: &mut Index, file: &UnitFile) {
    for decl in &file.tree.decls {
        declaration(index, decl);
    }
}

fn said<'a>(doc: &'a Option<Doc>, title: &'a Option<Text>) -> Said<'a> {
    Said { doc: doc.as_ref(), title: title.as_ref() }
}

fn declaration(index: &mut Index, decl: &Decl) {
    match decl {
        Decl::Transaction(_) | Decl::Imports(_) => {}
        Decl::Uses(d) => {
            add(index, Kind::Uses, &d.alias, None, d.span, said(&d.doc, &None));
        }
        Decl::Parameters(d) => {
            for entry in &d.entries {
                add(index, Kind::Parameter, &entry.name, None, entry.span, said(&entry.doc, &entry.text));
            }
        }
        Decl::Enum(d) => {
            let owner = add(index, Kind::Enum, &d.name, None, d.span, said(&d.doc, &d.text));
            for value in &d.values {
                let full = value.name.span;
                add(index, Kind::EnumValue, &value.name, Some(owner), full, said(&value.doc, &None));
            }
        }
        Decl::Struct(d) => {
            let owner = add(index, Kind::Struct, &d.name, None, d.span, said(&d.doc, &d.text));
            fields(index, Kind::Field, &d.fields.list, owner);
        }
        Decl::Message(d) => {
            let owner = add(index, Kind::Message, &d.name, None, d.span, said(&d.doc, &None));
            fields(index, Kind::Field, &d.fields.list, owner);
        }
        Decl::Block(d) => {
            let owner = add(index, Kind::Block, &d.name, None, d.span, said(&d.doc, &None));
            fields(index, Kind::Field, &d.fields.list, owner);
        }
        Decl::View(d) => {
            let owner = add(index, Kind::View, &d.name, None, d.span, said(&d.doc, &d.text));
            for item in &d.items {
                if let ViewItem::Field(field) = item {
                    fields(index, Kind::Field, std::slice::from_ref(field), owner);
                }
            }
        }
        Decl::Actor(d) => actor(index, d),
        Decl::Function(d) => {
            let owner = add(index, Kind::Function, &d.name, None, d.span, said(&d.doc, &None));
            fields(index, Kind::Argument, &d.params, owner);
        }
        Decl::Native(d) => {
            let owner = add(index, Kind::Native, &d.name, None, d.span, said(&d.doc, &None));
            fields(index, Kind::Argument, &d.params, owner);
        }
        Decl::Task(d) => {
            let owner = add(index, Kind::Task, &d.name, None, d.span, said(&d.doc, &None));
            fields(index, Kind::Argument, &d.params, owner);
        }
        Decl::Property(d) => {
            add(index, Kind::Property, &d.name, None, d.span, said(&d.doc, &d.text));
        }
        Decl::Scenario(d) => {
            let owner = add(index, Kind::Scenario, &d.name, None, d.span, said(&d.doc, &d.text));
            for step in &d.steps {
                if let ast::StepKind::Cast(members) = &step.kind {
                    for member in members {
                        add(index, Kind::Member, &member.name, Some(owner), member.span, Said::default());
                    }
                }
            }
        }
    }
}

fn fields(index: &mut Index, kind: Kind, list: &[Field], owner: Id) {
    for field in list {
        add(index, kind, &field.name, Some(owner), field.span, said(&field.doc, &None));
    }
}

fn actor(index: &mut Index, d: &ast::Actor) {
    let owner = add(index, Kind::Actor, &d.name, None, d.span, said(&d.doc, &d.text));
    for item in &d.items {
        match item {
            Item::Store(block) => fields(index, Kind::StoreField, &block.fields.list, owner),
            Item::Shared(block) => fields(index, Kind::SharedField, &block.fields.list, owner),
            Item::Trigger(t) => {
                let said = said(&t.doc, &t.text);
                let trigger = add(index, Kind::Trigger, &t.name, Some(owner), t.span, said);
                fields(index, Kind::Argument, &t.params, trigger);
            }
            Item::State(s) => {
                add(index, Kind::State, &s.name, Some(owner), s.span, said(&s.doc, &s.text));
            }
            Item::Peers(_) | Item::Transition(_) | Item::Override(_) | Item::Collect(_) => {}
        }
    }
}
