//! Files without a header: what importing files use of them.

use super::Side;
use super::host::users;
use super::kind;
use super::pair::Draft;
use super::report::{Change, Comparison, Direction, Place, Subject, Version, arrange};
use crate::fuzz::meaning;
use crate::sema::UnitFile;
use crate::syntax::ast::{Decl, Field, File, Parameter, ParameterValue, Type};
use std::collections::{BTreeMap, BTreeSet};

/// One file of one version.
type Half<'a> = (Side<'a>, &'a UnitFile);

/// Compares two versions of a file; none if not even the texts differ.
pub fn compare(old: Option<Half<'_>>, new: Option<Half<'_>>) -> Option<Comparison> {
    let mut changes = Vec::new();
    match (old, new) {
        (Some(a), Some(b)) => both(a, b, &mut changes),
        (Some(a), None) => changes.push(gone(a)),
        (None, Some(b)) => changes.push(
            Draft::new(kind::FILE_ADDED, format!("{} is new", b.1.name), "nobody imports it yet")
                .at(None, start(b))
                .meets(
                    Direction::works("sources of the old version import nothing that is not there"),
                    Direction::works(format!(
                        "a source that says `imports {}` needs the new version",
                        b.1.name
                    )),
                ),
        ),
        (None, None) => {}
    }
    let text = |half: Option<Half<'_>>| {
        half.and_then(|(side, file)| side.sources.get(file.id)).map(|f| f.text().to_owned())
    };
    if changes.is_empty() && text(old) == text(new) {
        return None;
    }
    let version = |half: Half<'_>| Version { path: half.1.name.clone(), number: None, title: None, id: None };
    let changes = arrange(changes);
    Some(Comparison {
        subject: Subject::Library,
        old: old.map(version),
        new: new.map(version),
        text_only: changes.is_empty(),
        changes,
        consequences: Vec::new(),
    })
}

fn start((side, file): Half<'_>) -> Option<Place> {
    side.place(file.tree.decls.first().map_or(file.tree.span, Decl::span))
}

/// Who imports a file, in words; how bad it is when it no longer finds what it looks for.
fn importers((side, file): Half<'_>) -> (fn(String) -> Direction, String) {
    let users = users(side, &file.name);
    if users.is_empty() {
        (Direction::depends as fn(String) -> Direction, "no file of the old version imports it".to_owned())
    } else {
        (Direction::fails as fn(String) -> Direction, format!("it is imported by {}", users.join(", ")))
    }
}

fn gone(half: Half<'_>) -> Change {
    let (bad, why) = importers(half);
    let name = &half.1.name;
    Draft::new(kind::FILE_REMOVED, format!("{name} is gone"), why).at(start(half), None).meets(
        bad(format!("a source that says `imports {name}` does not find it")),
        Direction::works("sources of the new version do not import it"),
    )
}

/// A name that a file declares.
struct Declared {
    /// What it is: `struct`, `function`.
    noun: &'static str,
    /// What importing files rely on, as text; names of parameters are not part of it.
    form: String,
    /// The whole declaration but its name and documentation.
    whole: String,
    span: crate::source::Span,
}

fn declared(file: &UnitFile) -> BTreeMap<String, Declared> {
    let mut found = BTreeMap::new();
    for decl in &file.tree.decls {
        if let Decl::Parameters(list) = decl {
            for p in &list.entries {
                let form = parameter(p);
                let entry = Declared { noun: "parameter", whole: form.clone(), form, span: p.name.span };
                found.insert(p.name.text.clone(), entry);
            }
        }
        let Some(name) = decl.name() else { continue };
        let Some((noun, form)) = form(decl) else { continue };
        let text = meaning(&File { span: decl.span(), decls: vec![decl.clone()] });
        let whole = text.replacen(&format!("{:?}", name.text), "", 1);
        found.insert(name.text.clone(), Declared { noun, form, whole, span: name.span });
    }
    found
}

/// Kind and form of a declaration; none for what no other file can use.
fn form(decl: &Decl) -> Option<(&'static str, String)> {
    Some(match decl {
        Decl::Enum(e) => ("enum", {
            let values: BTreeSet<&str> = e.values.iter().map(|v| v.name.text.as_str()).collect();
            format!("( {} )", values.into_iter().collect::<Vec<_>>().join(" "))
        }),
        Decl::Struct(s) => ("struct", fields(&s.fields.list)),
        Decl::Message(m) => ("message", fields(&m.fields.list)),
        Decl::Block(b) => ("block", fields(&b.fields.list)),
        Decl::View(v) => {
            let list: Vec<Field> = v
                .items
                .iter()
                .filter_map(|item| match item {
                    crate::syntax::ast::ViewItem::Field(field) => Some(field.clone()),
                    crate::syntax::ast::ViewItem::Fold(_) => None,
                })
                .collect();
            ("view", fields(&list))
        }
        Decl::Function(f) => ("function", signature(&f.params, &f.result)),
        Decl::Native(n) => ("native function", signature(&n.params, &n.result)),
        Decl::Task(n) => ("native task", signature(&n.params, &n.result)),
        Decl::Actor(_) => ("actor", String::new()),
        Decl::Transaction(_)
        | Decl::Imports(_)
        | Decl::Uses(_)
        | Decl::Parameters(_)
        | Decl::Property(_)
        | Decl::Scenario(_) => return None,
    })
}

/// Fields by name: their order means nothing.
fn fields(list: &[Field]) -> String {
    let mut texts: Vec<String> = list.iter().map(|f| format!("{} {}", f.name.text, ty(&f.ty))).collect();
    texts.sort();
    format!("( {} )", texts.join("  "))
}

fn signature(params: &[Field], result: &Type) -> String {
    let params: Vec<String> = params.iter().map(|p| ty(&p.ty)).collect();
    format!("({}) -> {}", params.join(", "), ty(result))
}

fn ty(ty: &Type) -> String {
    let args: Vec<String> = ty.args.iter().map(self::ty).collect();
    let args = if args.is_empty() { String::new() } else { format!("<{}>", args.join(", ")) };
    format!("{}{args}{}", ty.name.text, if ty.optional { "?" } else { "" })
}

/// Type of a parameter: that of its unit, or of the value if it has none.
fn parameter(p: &Parameter) -> String {
    let of_value = match &p.value {
        ParameterValue::Number(n) if n.is_fraction() => "fraction",
        ParameterValue::Number(_) => "number",
        ParameterValue::Name(_) => "name",
    };
    let durations = ["microseconds", "milliseconds", "seconds", "minutes", "hours", "days"];
    match p.unit.as_ref().map(|unit| unit.text.as_str()) {
        Some(unit) if durations.contains(&unit) => "duration".to_owned(),
        Some(unit) if ["count", "fraction"].contains(&unit) => unit.to_owned(),
        Some(_) | None => of_value.to_owned(),
    }
}

fn both(a: Half<'_>, b: Half<'_>, out: &mut Vec<Change>) {
    let (bad, why) = importers(a);
    if a.0.whole && b.0.whole && a.1.name != b.1.name {
        let (old, new) = (&a.1.name, &b.1.name);
        out.push(
            Draft::new(kind::FILE_MOVED, format!("{old} is now {new}"), why.clone())
                .at(start(a), start(b))
                .meets(
                    bad(format!("a source that says `imports {old}` does not find it")),
                    Direction::depends(format!(
                        "a source that says `imports {new}` does not find it in the old version"
                    )),
                ),
        );
    }
    let (old, new) = (declared(a.1), declared(b.1));
    let mut renamed: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, before) in &old {
        if new.contains_key(name) || before.form.is_empty() {
            continue;
        }
        let taken: Vec<&str> = renamed.values().copied().collect();
        let twin = new.iter().find(|(other, after)| {
            !old.contains_key(*other)
                && !taken.contains(&other.as_str())
                && after.noun == before.noun
                && after.whole == before.whole
        });
        if let Some((other, _)) = twin {
            renamed.insert(name, other);
        }
    }
    let at = |before: Option<&Declared>, after: Option<&Declared>| {
        (before.and_then(|d| a.0.place(d.span)), after.and_then(|d| b.0.place(d.span)))
    };
    for (name, before) in &old {
        let noun = before.noun;
        if let Some(to) = renamed.get(name.as_str()) {
            let (x, y) = at(Some(before), new.get(*to));
            out.push(
                Draft::new(kind::DECLARATION_RENAMED, format!("{noun} {name} is called {to}"), why.clone())
                    .at(x, y)
                    .meets(
                        bad(format!("a source that uses {name} does not compile with the new file")),
                        Direction::fails(format!(
                            "a source that uses {to} does not compile with the old file"
                        )),
                    ),
            );
            continue;
        }
        let Some(after) = new.get(name) else {
            let (x, y) = at(Some(before), None);
            out.push(
                Draft::new(kind::DECLARATION_REMOVED, format!("{noun} {name} is gone"), why.clone())
                    .at(x, y)
                    .meets(
                        bad(format!("a source that uses {name} does not compile with the new file")),
                        Direction::works("a source of the new version does not use it"),
                    ),
            );
            continue;
        };
        if before.noun != after.noun || before.form != after.form {
            let (x, y) = at(Some(before), Some(after));
            let was = if before.noun == after.noun { String::new() } else { format!("{} ", before.noun) };
            let what = format!("{} {name} is {}, was {was}{}", after.noun, after.form, before.form);
            out.push(Draft::new(kind::DECLARATION_CHANGED, what, why.clone()).at(x, y).meets(
                bad(format!("a source that uses {name} may not compile with the new file")),
                Direction::depends(format!("a source that uses {name} may not compile with the old file")),
            ));
        }
    }
    for (name, after) in &new {
        if !old.contains_key(name) && !renamed.values().any(|to| to == name) {
            let (x, y) = at(None, Some(after));
            let noun = after.noun;
            out.push(
                Draft::new(kind::DECLARATION_ADDED, format!("{noun} {name} is new"), why.clone())
                    .at(x, y)
                    .meets(
                        Direction::works(format!(
                            "a source compiles as before, unless it declares a {name} of its own"
                        )),
                        Direction::works(format!("a source that uses {name} needs the new file")),
                    ),
            );
        }
    }
}
