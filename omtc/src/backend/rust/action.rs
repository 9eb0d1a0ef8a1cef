//! Actions of handlers and views, statements of functions.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most types and expressions are written alike; those that differ are named"
)]

use super::code::{Code, Form};
use super::expr::{Emit, Where, wrapped};
use super::model::is_copy;
use super::walk;
use omt_runtime::ir::{Action, At, Expr, ExprKind, Place, Selector, Stmt, Type};

/// A place that is written: its text, and what must be done to reach the value in it.
struct Target {
    text: String,
    /// Is it an `Option` in Rust although the language's type is plain?
    wrap: bool,
    /// Does it note writing, so that `*` is needed to assign it?
    tracked: bool,
    ty: Type,
}

impl Emit<'_, '_, '_> {
    /// Actions in order.
    pub fn actions(&mut self, actions: &[Action]) {
        for (i, action) in actions.iter().enumerate() {
            self.action(action, actions.get(i + 1..).unwrap_or_default());
        }
    }

    fn scoped(&mut self, body: impl FnOnce(&mut Self)) {
        let (names, slots) = (self.names.clone(), self.slots.clone());
        body(self);
        (self.names, self.slots) = (names, slots);
    }

    fn action(&mut self, action: &Action, rest: &[Action]) {
        match action {
            Action::Assign { place, path, value, meta } => self.assign(place, path, value, *meta),
            Action::Send { to, message, payload, meta } => {
                let mut to = self.owned(to);
                let names = self.names.clone();
                if to.contains('?') && !payload_is_simple(payload) {
                    // Who is meant is found out first.
                    let name = self.names.fresh("to");
                    self.line(&format!("let {name} = {to};"));
                    to = name;
                }
                let payload = self.payload(message, payload);
                let at = self.at(*meta);
                self.line(&format!("step.send({to}, &{payload}){at};"));
                self.names = names;
            }
            Action::Broadcast { to, message, payload, meta } => {
                let mut to = self.borrowed(to);
                let names = self.names.clone();
                if to.contains('?') && !payload_is_simple(payload) {
                    let name = self.names.fresh("to");
                    self.line(&format!("let {name} = {to};"));
                    to = if to.starts_with('&') { name } else { format!("&{name}").replace("&&", "&") };
                }
                let payload = self.payload(message, payload);
                let at = self.at(*meta);
                self.line(&format!("step.broadcast({to}, &{payload}){at};"));
                self.names = names;
            }
            Action::Gossip { message, payload, meta } => {
                let names = self.names.clone();
                let payload = self.payload(message, payload);
                let at = self.at(*meta);
                self.line(&format!("step.gossip(&{payload}){at};"));
                self.names = names;
            }
            Action::Append { into, block, payload, meta } => {
                let names = self.names.clone();
                let payload = self.payload(block, payload);
                self.names = names;
                let at = self.at(*meta);
                let text = format!("step.append({payload}){at}");
                match into {
                    None => self.line(&format!("{text};")),
                    Some(Place::Local(slot)) if !self.slots.contains_key(slot) => {
                        let used = reads_later(rest, *slot);
                        let name = self.bind(*slot, Form::Place, used);
                        self.line(&format!("let {name} = {text};"));
                    }
                    Some(place) => {
                        let target = self.target(place);
                        self.write(&target, &text);
                    }
                }
            }
            Action::Let { slot, value: value_expr, .. } => {
                let value = self.owned(value_expr);
                let used = reads_later(rest, *slot);
                let mutable = if walk::action_writes(rest, *slot) { "mut " } else { "" };
                let name = self.bind(*slot, Form::Place, used || !mutable.is_empty());
                let ty = self.annotation(value_expr);
                self.line(&format!("let {mutable}{name}{ty} = {value};"));
            }
            Action::If { condition, then, otherwise, .. } => {
                let condition = self.condition(condition);
                self.line(&format!("if {condition} {{"));
                self.scoped(|e| e.actions(then));
                self.else_actions(otherwise);
            }
            Action::For { slot, list, body, .. } => {
                let used = reads_later(body, *slot);
                let head = self.loop_head(*slot, list, used, true);
                self.scoped(|e| {
                    e.rebind_loop(head);
                    e.actions(body);
                });
                self.line("}");
            }
            Action::Abort { reason, meta } => {
                let reason = self.borrowed(reason);
                let at = self.at(*meta);
                self.line(&format!("library::abort({reason}){at};"));
            }
            Action::Start { task, arguments, .. } => {
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| self.generic_reference(argument)).collect();
                self.line(&format!("step.start({task:?}, &[{}]);", arguments.join(", ")));
            }
        }
    }

    /// The payload of a message or block in a local that is called like it; one without fields as it is.
    fn payload(&mut self, name: &str, payload: &Expr) -> String {
        let value = self.owned(payload);
        if payload_is_simple(payload) {
            return value;
        }
        let name = self.names.fresh(&super::names::snake(name));
        self.line(&format!("let {name} = {value};"));
        name
    }

    fn else_actions(&mut self, otherwise: &[Action]) {
        match otherwise {
            [] => self.line("}"),
            [Action::If { condition, then, otherwise, .. }] => {
                let condition = self.condition(condition);
                self.line(&format!("}} else if {condition} {{"));
                self.scoped(|e| e.actions(then));
                self.else_actions(otherwise);
            }
            _ => {
                self.line("} else {");
                self.scoped(|e| e.actions(otherwise));
                self.line("}");
            }
        }
    }

    /// Writes the head of a loop. A list that the body might change is copied first.
    fn loop_head(&mut self, slot: u32, list: &Expr, used: bool, changes: bool) -> LoopHead {
        let item = if let Type::List(item) = &list.ty { (**item).clone() } else { Type::Null };
        let code = self.code(list);
        let (text, by_value) = match code.form {
            Form::Owned => (code.text.clone(), true),
            Form::Place | Form::Ref | Form::Tracked if changes => {
                (format!("{}.clone()", code.receiver()), true)
            }
            Form::Bare => (code.text.clone(), false),
            Form::Place | Form::Ref | Form::Tracked => (Self::borrow(&code), false),
        };
        let head =
            LoopHead { slot, form: if by_value || is_copy(&item) { Form::Place } else { Form::Ref }, used };
        let before = (self.names.clone(), self.slots.clone());
        let name = self.rebind_loop(head);
        (self.names, self.slots) = before;
        let pattern = if !by_value && is_copy(&item) && used { format!("&{name}") } else { name };
        self.line(&format!("for {pattern} in {text} {{"));
        head
    }

    fn rebind_loop(&mut self, head: LoopHead) -> String {
        self.bind(head.slot, head.form, head.used)
    }

    fn target(&self, place: &Place) -> Target {
        let protocol = self.file.model.protocol;
        match (place, &self.place) {
            (Place::Store(name), Where::Handler(actor)) => {
                let ty = protocol
                    .actors
                    .get(actor)
                    .and_then(|a| a.store.get(name))
                    .map_or(Type::Null, |f| f.ty.clone());
                let (text, optional) = self.store_place(name);
                Target { text, wrap: optional && !ty.is_optional(), tracked: false, ty }
            }
            (Place::Shared(name), Where::Handler(actor)) => {
                let ty = protocol
                    .actors
                    .get(actor)
                    .and_then(|a| a.shared.get(name))
                    .map_or(Type::Null, |f| f.ty.clone());
                let (text, optional) = self.shared_place(name);
                Target { text, wrap: optional && !ty.is_optional(), tracked: true, ty }
            }
            (Place::View(name), Where::View(view)) => {
                let ty = protocol
                    .views
                    .get(view)
                    .and_then(|v| v.fields.get(name))
                    .map_or(Type::Null, |f| f.ty.clone());
                let field = self.file.model.field(&Type::View(view.clone()), name);
                Target { text: format!("self.{field}"), wrap: false, tracked: false, ty }
            }
            (Place::Local(slot), _) => {
                let ty = self.frame.get(*slot as usize).map_or(Type::Null, |local| local.ty.clone());
                let text = self.slots.get(slot).map_or("unknown_name".to_owned(), |slot| slot.name.clone());
                Target { text, wrap: false, tracked: false, ty }
            }
            _ => Target { text: "unknown_name".to_owned(), wrap: false, tracked: false, ty: Type::Null },
        }
    }

    fn write(&mut self, target: &Target, value: &str) {
        let star = if target.tracked { "*" } else { "" };
        let value = match &target.ty {
            // Null is unset, here as everywhere.
            Type::Any if target.wrap => format!("library::any_field({value})"),
            _ if target.wrap => format!("Some({value})"),
            _ => value.to_owned(),
        };
        self.line(&format!("{star}{} = {value};", target.text));
    }

    fn assign(&mut self, place: &Place, path: &[Selector], value: &Expr, at: At) {
        let target = self.target(place);
        if path.is_empty() {
            let value = self.owned(value);
            self.write(&target, &value);
            return;
        }
        let mut container = target.ty.plain().clone();
        let mut keys = Vec::new();
        for selector in path {
            let list = matches!(container, Type::List(_));
            let key = if list { self.exact(&selector.key) } else { self.owned(&selector.key) };
            keys.push((key, list, selector));
            container = selector.ty.plain().clone();
        }
        let value = self.owned(value);
        // What looks into the step is computed before the place is taken hold of.
        let names_before = self.names.clone();
        let plain = path.len() == 1 && !target.tracked && !target.wrap && !target.ty.is_optional();
        let inline = |text: &str| plain || !(text.contains("step.") || text.contains('?'));
        let mut texts = Vec::new();
        for (key, list, _) in keys {
            if inline(&key) && !list {
                texts.push((key, list));
            } else {
                let name = self.names.fresh("key");
                self.line(&format!("let {name} = {key};"));
                texts.push((name, list));
            }
        }
        let value = if inline(&value) && texts.iter().all(|(_, list)| !list) {
            value
        } else {
            let name = self.names.fresh("value");
            self.line(&format!("let {name} = {value};"));
            name
        };
        self.names = names_before;
        let mut text = if target.wrap || target.ty.is_optional() {
            let at = self.at(at);
            format!("{}.as_mut().needed(){at}", target.text)
        } else if target.tracked {
            format!("&mut *{}", target.text)
        } else {
            format!("&mut {}", target.text)
        };
        let last = texts.len().saturating_sub(1);
        for (i, (key, list)) in texts.iter().enumerate() {
            match (i == last, list) {
                (true, false) => {
                    let receiver = text.trim_start_matches("&mut ").trim_start_matches('*').to_owned();
                    self.line(&format!("{receiver}.insert({key}, {value});"));
                }
                (true, true) => {
                    let at = self.at(at);
                    self.line(&format!("*library::index_mut({text}, {key}){at} = {value};"));
                }
                (false, true) => text = format!("library::index_mut({text}, {key}){}", self.at(at)),
                (false, false) => text = format!("library::entry_mut({text}, &{key}){}", self.at(at)),
            }
        }
    }

    /// Statements of a function.
    pub fn statements(&mut self, list: &[Stmt]) {
        for (i, stmt) in list.iter().enumerate() {
            self.declare_ahead(stmt, list.get(i + 1..).unwrap_or_default());
            self.statement(stmt);
        }
    }

    /// Declares the locals that are first written inside a statement and needed behind it.
    fn declare_ahead(&mut self, stmt: &Stmt, rest: &[Stmt]) {
        if !matches!(stmt, Stmt::If { .. } | Stmt::For { .. }) {
            return;
        }
        let one = std::slice::from_ref(stmt);
        for slot in 0..self.frame.len() as u32 {
            let needed = statements_read(rest, slot) || walk::writes(rest, slot) != (0, 0);
            if self.slots.contains_key(&slot) || walk::writes(one, slot) == (0, 0) || !needed {
                continue;
            }
            let ty = self.frame.get(slot as usize).map_or(Type::Null, |local| local.ty.clone());
            let ty = self.file.ty(&ty);
            let name = self.bind(slot, Form::Place, true);
            let mutable = if self.mutable.contains(&slot) { "mut " } else { "" };
            self.line(&format!("let {mutable}{name}: {ty};"));
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Return { value, .. } => {
                let code = self.returned(value);
                let value = if self.result { wrapped(&code) } else { code.text };
                self.line(&format!("return {value};"));
            }
            Stmt::Assign { slot, path, value, .. } if path.is_empty() => {
                let text = self.owned(value);
                match self.slots.get(slot) {
                    Some(slot) => {
                        let name = slot.name.clone();
                        self.line(&format!("{name} = {text};"));
                    }
                    None => {
                        let name = self.bind(*slot, Form::Place, true);
                        let mutable = if self.mutable.contains(slot) { "mut " } else { "" };
                        let ty = self.annotation(value);
                        self.line(&format!("let {mutable}{name}{ty} = {text};"));
                    }
                }
            }
            Stmt::Assign { slot, path, value, meta } => self.assign(&Place::Local(*slot), path, value, *meta),
            Stmt::For { slot, list, body, .. } => {
                let used = statements_read(body, *slot);
                let root = root_slot(list);
                let changes = root.is_some_and(|root| walk::writes(body, root) != (0, 0));
                let head = self.loop_head(*slot, list, used, changes);
                self.scoped(|e| {
                    e.rebind_loop(head);
                    e.statements(body);
                });
                self.line("}");
            }
            Stmt::If { condition, then, otherwise, .. } => {
                let condition = self.condition(condition);
                self.line(&format!("if {condition} {{"));
                self.scoped(|e| e.statements(then));
                self.else_statements(otherwise);
            }
            Stmt::Fail { meta } => {
                let at = self.at(*meta);
                self.line(&format!("library::no_return(){at};"));
            }
        }
    }

    fn else_statements(&mut self, otherwise: &[Stmt]) {
        match otherwise {
            [] => self.line("}"),
            [Stmt::If { condition, then, otherwise, .. }] => {
                let condition = self.condition(condition);
                self.line(&format!("}} else if {condition} {{"));
                self.scoped(|e| e.statements(then));
                self.else_statements(otherwise);
            }
            _ => {
                self.line("} else {");
                self.scoped(|e| e.statements(otherwise));
                self.line("}");
            }
        }
    }

    /// The type of a local whose value does not say it: what is empty or null, and plain numbers.
    pub fn annotation(&mut self, value: &Expr) -> String {
        match &value.kind {
            ExprKind::Null | ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Integer(_) => {
                format!(": {}", self.file.ty(&value.ty))
            }
            _ => String::new(),
        }
    }

    /// A local that is returned moves out.
    fn returned(&mut self, value: &Expr) -> Code {
        if let ExprKind::Local(slot) = &value.kind
            && let Some(slot) = self.slots.get(slot)
            && slot.form == Form::Place
        {
            return Code::owned(slot.name.clone());
        }
        self.owned_code(value)
    }
}

fn payload_is_simple(payload: &Expr) -> bool {
    matches!(&payload.kind, ExprKind::Record(fields) if fields.is_empty())
}

#[derive(Clone, Copy)]
struct LoopHead {
    slot: u32,
    form: Form,
    used: bool,
}

fn reads_later(rest: &[Action], slot: u32) -> bool {
    let mut found = false;
    walk::actions(rest, &mut |e| found |= walk::names_slot(e, slot));
    found
}

/// Is the slot read by the statements?
pub fn statements_read(list: &[Stmt], slot: u32) -> bool {
    let mut found = false;
    walk::statements(list, &mut |e| found |= walk::names_slot(e, slot));
    found
}

/// The local that the expression looks into.
fn root_slot(e: &Expr) -> Option<u32> {
    match &e.kind {
        ExprKind::Local(slot) => Some(*slot),
        ExprKind::Field(inner, _) | ExprKind::Index(inner, _) | ExprKind::Convert(_, inner) => {
            root_slot(inner)
        }
        _ => None,
    }
}
