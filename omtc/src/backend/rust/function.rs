//! Functions of the language, native ones, and views.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most types and expressions are written alike; those that differ are named"
)]

use super::code::Form;
use super::expr::{Emit, Where};
use super::file::{File, docs};
use super::model::{Model, Signature, by_order, is_copy};
use super::names::snake;
use super::walk;
use omt_runtime::ir::{ExprKind, Function, Native, Type, View, ViewHandler, in_order};

/// What a function needs: does it fault, does it ask the environment, does it read a store?
pub fn signature(model: &Model<'_>, function: &Function) -> Signature {
    let mut signature = Signature::default();
    walk::statements(&function.body, &mut |e| match &e.kind {
        ExprKind::Load(_) => signature.store = true,
        ExprKind::Call(name, _) => {
            if let Some(callee) = model.signatures.get(name) {
                signature.store |= callee.store;
            }
        }
        _ => {}
    });
    let place = Where::Function(signature.store.then(|| first_actor(model)));
    let mut file = File::new(model, "functions");
    let mut emit = Emit::new(&mut file, place);
    body(&mut emit, function);
    signature.fallible = emit.fallible;
    signature.context = emit.context;
    signature
}

/// Any actor will do to find out what a function needs.
fn first_actor(model: &Model<'_>) -> String {
    model.protocol.actors.keys().next().cloned().unwrap_or_default()
}

/// Gives the parameters their names, writes the body, and gives the parameters as text.
fn body(emit: &mut Emit<'_, '_, '_>, function: &Function) -> Vec<String> {
    emit.frame = function.frame.clone();
    walk::statements(&function.body, &mut |e| emit.keep_clear(e));
    let mut parameters = Vec::new();
    let mut prelude = String::new();
    for slot in 0..function.frame.len() as u32 {
        let twice = walk::writes_twice(&function.body, slot);
        let in_place = walk::writes(&function.body, slot).1 > 0;
        let rng = function.frame.get(slot as usize).is_some_and(|local| local.ty == Type::Rng);
        if twice || in_place || rng {
            emit.mutable.insert(slot);
        }
    }
    for slot in 0..function.parameters {
        let Some(ty) = function.frame.get(slot as usize).map(|local| local.ty.clone()) else { continue };
        let used = super::action::statements_read(&function.body, slot);
        let written = walk::writes(&function.body, slot) != (0, 0);
        let name = emit.bind(slot, Emit::parameter_form(&ty), used || written);
        let ty_text = emit.file.parameter(&ty);
        parameters.push(format!("{name}: {ty_text}"));
        if written {
            // A parameter that is assigned becomes a local of the same name.
            let owned = match ty {
                Type::String => format!("{name}.to_owned()"),
                Type::List(_) => format!("{name}.to_vec()"),
                Type::View(_) => format!("Arc::new({name}.clone())"),
                ref other if is_copy(other) => name.clone(),
                _ => format!("{name}.clone()"),
            };
            prelude.push_str(&format!("let mut {name} = {owned};\n"));
            if let Some(slot) = emit.slots.get_mut(&slot) {
                slot.form = Form::Place;
            }
        }
    }
    emit.out.push_str(&prelude);
    emit.statements(&function.body);
    parameters
}

/// The text of a function.
pub fn function(
    file: &mut File<'_, '_>,
    name: &str,
    function: &Function,
    place: Where,
    public: bool,
) -> String {
    let model = file.model;
    let signature = model.signatures.get(name).cloned().unwrap_or_default();
    let mut emit = Emit::new(file, place.clone());
    emit.result = signature.fallible;
    let mut parameters = Vec::new();
    if signature.context {
        parameters.push("context: &Context<'_>".to_owned());
    }
    if signature.store {
        parameters.push("store: &Store".to_owned());
    }
    parameters.extend(body(&mut emit, function));
    let text = tail(&emit.out);
    let returns = file.ty(&function.returns);
    let returns = if signature.fallible { format!("Result<{returns}, Raised>") } else { returns };
    let rust_name = model.function(name).to_owned();
    let doc = docs(function.meta.title.as_deref(), &function.meta.doc, &format!("`{name}`."));
    let many = if parameters.len() > 7 { "#[allow(clippy::too_many_arguments)]\n" } else { "" };
    let public = if public { "pub " } else { "" };
    format!("{doc}{many}{public}fn {rust_name}({}) -> {returns} {{\n{text}}}\n", parameters.join(", "))
}

/// The last `return` of a body is its value.
fn tail(body: &str) -> String {
    let trimmed = body.trim_end();
    let start = trimmed.rfind('\n').map_or(0, |at| at + 1);
    let (before, last) = trimmed.split_at(start);
    match last.strip_prefix("return ").and_then(|rest| rest.strip_suffix(';')) {
        Some(value) => format!("{before}{value}\n"),
        None => body.to_owned(),
    }
}

/// The text of a native function: the question to the host.
pub fn native(file: &mut File<'_, '_>, name: &str, native: &Native) -> String {
    let mut parameters = vec!["context: &Context<'_>".to_owned()];
    let mut arguments = Vec::new();
    let mut names = super::names::Names::reserving(super::model::VALUE_NAMES.iter().copied());
    for local in &native.parameters {
        let parameter = names.fresh(&snake(&local.meta.name));
        let ty = file.parameter(&local.ty);
        arguments.push(match ty.starts_with('&') && !ty.starts_with("&[") && ty != "&str" {
            true => parameter.clone(),
            false => format!("&{parameter}"),
        });
        parameters.push(format!("{parameter}: {ty}"));
    }
    let returns = file.ty(&native.returns);
    let doc = docs(native.meta.title.as_deref(), &native.meta.doc, "Answered by the host.");
    let rust_name = file.model.native(name);
    format!(
        "{doc}///\n/// Native: the host answers from `{}`.\npub fn {rust_name}({}) -> Result<{returns}, FaultKind> {{\ncontext.native({name:?}, &[{}])\n}}\n",
        native.library,
        parameters.join(", "),
        arguments.join(", ")
    )
}

/// The text of a view: its fields, and its fold.
pub fn view(file: &mut File<'_, '_>, name: &str, view: &View) -> String {
    let model = file.model;
    let ty = Type::View(name.to_owned());
    let rust_name = model.type_name(&ty).to_owned();
    let mut text = docs(view.meta.title.as_deref(), &view.meta.doc, &format!("View `{name}`."));
    text.push_str("#[derive(Clone, Debug, Default, PartialEq)]\n");
    text.push_str(&format!("pub struct {rust_name} {{\n"));
    let mut wire = Vec::new();
    for (field, declared) in in_order(&view.fields) {
        let field_type = file.ty(&declared.ty);
        let rust_field = model.field(&ty, field);
        text.push_str(&docs(None, &declared.meta.doc, &format!("`{field}`.")));
        text.push_str(&format!("pub {rust_field}: {field_type},\n"));
        wire.push(super::declare::wire_field(rust_field, field));
    }
    text.push_str("}\n");
    text.push_str(&file.list_macro("wire_record", &format!("{rust_name} {name:?}"), &wire));

    let mut kinds: Vec<&str> = Vec::new();
    for handler in &view.handlers {
        if !kinds.contains(&handler.block.as_str()) {
            kinds.push(&handler.block);
        }
    }
    let mut arms: Vec<(String, String)> = Vec::new();
    let mut methods = String::new();
    for kind in kinds {
        let block = file.declared(super::model::Home::Blocks, &Type::BlockPayload(kind.to_owned()));
        let method = format!("on_{}", super::names::plain_snake(kind));
        let handlers: Vec<&ViewHandler> =
            view.handlers.iter().filter(|handler| handler.block == kind).collect();
        let (body, fallible, context, block_used) = fold_body(file, name, &handlers);
        let context_argument = if context { "context, " } else { "" };
        let context_parameter = if context { ", context: &Context<'_>" } else { "" };
        let question = if fallible { "?" } else { "" };
        let returns = if fallible { " -> Result<(), Raised>" } else { "" };
        let end = if fallible { "Ok(())\n" } else { "" };
        let block_name = if block_used { "block" } else { "_block" };
        let call = format!("self.{method}({context_argument}&library::block::<{block}>(block)?){question}");
        arms.push((format!("{kind:?}"), call));
        methods.push_str(&format!(
            "/// A block `{kind}`.\nfn {method}(&mut self{context_parameter}, {block_name}: &Block<{block}>){returns} {{\n{body}{end}}}\n"
        ));
    }
    let context_name =
        if arms.iter().any(|(_, call)| call.contains("(context,")) { "context" } else { "_context" };
    let (block_name, matching) = match arms.as_slice() {
        [] => ("_block", String::new()),
        [(kind, call)] => ("block", format!("if block.kind() == {kind} {{\n{call};\n}}")),
        _ => {
            let arms: String = arms.iter().map(|(kind, call)| format!("{kind} => {call},\n")).collect();
            ("block", format!("match block.kind() {{\n{arms}_ => {{}}\n}}"))
        }
    };
    text.push_str(&format!(
        "impl Fold for {rust_name} {{\nfn fold(&mut self, {context_name}: &Context<'_>, {block_name}: &Arc<RawBlock>) -> Result<(), Raised> {{\n{matching}\nOk(())\n}}\n}}\n"
    ));
    text.push_str(&format!("impl {rust_name} {{\n{methods}}}\n"));
    text
}

/// The handlers of one kind of block: the first whose guard holds is applied.
fn fold_body(file: &mut File<'_, '_>, view: &str, handlers: &[&ViewHandler]) -> (String, bool, bool, bool) {
    // Whether `return` gives a `Result` is known after the first writing.
    let mut result = false;
    loop {
        let mut emit = Emit::new(file, Where::View(view.to_owned()));
        for handler in handlers {
            handler.guard.iter().for_each(|guard| walk::expr(guard, &mut |e| emit.keep_clear(e)));
            walk::actions(&handler.actions, &mut |e| emit.keep_clear(e));
        }
        let last = handlers.len().saturating_sub(1);
        for (i, handler) in handlers.iter().enumerate() {
            let (names, slots) = (emit.names.clone(), emit.slots.clone());
            emit.frame = handler.frame.clone();
            if let Some(guard) = &handler.guard {
                let guard = emit.condition(guard);
                emit.line(&format!("if {guard} {{"));
            }
            emit.actions(&handler.actions);
            if i != last && handler.guard.is_some() {
                emit.line(if result { "return Ok(());" } else { "return;" });
            }
            if handler.guard.is_some() {
                emit.line("}");
            }
            (emit.names, emit.slots) = (names, slots);
            if handler.guard.is_none() {
                // What comes after an unguarded one is never applied.
                break;
            }
        }
        if emit.fallible == result {
            return (emit.out, emit.fallible, emit.context, emit.cause);
        }
        result = emit.fallible;
    }
}

/// Statements of the functions that an actor calls and that read its store.
pub fn reads_store<'p>(model: &Model<'p>, actor: &omt_runtime::ir::Actor) -> Vec<(&'p str, &'p Function)> {
    let mut wanted = std::collections::BTreeSet::new();
    super::actor::expressions(actor, &mut |e| collect(model, &e.kind, &mut wanted));
    model.functions_in_order().into_iter().filter(|(name, _)| wanted.contains(*name)).collect()
}

fn collect(model: &Model<'_>, kind: &ExprKind, wanted: &mut std::collections::BTreeSet<String>) {
    let ExprKind::Call(name, _) = kind else { return };
    if !model.signatures.get(name).is_some_and(|signature| signature.store) || !wanted.insert(name.clone()) {
        return;
    }
    if let Some(function) = model.protocol.functions.get(name) {
        walk::statements(&function.body, &mut |e| collect(model, &e.kind, wanted));
    }
}

/// All declarations of functions, natives last.
pub fn all(file: &mut File<'_, '_>) -> String {
    let model = file.model;
    let mut text = String::new();
    for (name, declared) in by_order(&model.protocol.functions, |function| &function.meta) {
        if !model.signatures.get(name).is_some_and(|signature| signature.store) {
            text.push_str(&function(file, name, declared, Where::Function(None), true));
        }
    }
    for (name, declared) in by_order(&model.protocol.natives, |native| &native.meta) {
        text.push_str(&native(file, name, declared));
    }
    text
}
