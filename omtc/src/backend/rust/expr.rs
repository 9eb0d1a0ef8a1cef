//! Expressions.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most types and expressions are written alike; those that differ are named"
)]

use super::code::{Bind, Code, Form};
use super::file::File;
use super::model::{Home, VALUE_NAMES, is_copy};
use super::names::{Names, snake};
use omt_runtime::ir::{At, BinaryOp, Conversion, Expr, ExprKind, Local, Type, UnaryOp};
use std::collections::{BTreeMap, BTreeSet};

/// Where the text stands that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// In a handler of an actor.
    Handler(String),
    /// In a function; of an actor if it reads that actor's store.
    Function(Option<String>),
    /// In the fold of a view.
    View(String),
}

/// A local that has a name by now.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its Rust name.
    pub name: String,
    /// How it holds its value.
    pub form: Form,
}

/// Writes expressions, and remembers what they needed.
pub struct Emit<'f, 'm, 'p> {
    /// The file.
    pub file: &'f mut File<'m, 'p>,
    /// Where the text stands.
    pub place: Where,
    /// Names of locals that are in scope.
    pub names: Names,
    /// Locals that are in scope.
    pub slots: BTreeMap<u32, Slot>,
    /// Frame of the handler or function.
    pub frame: Vec<Local>,
    /// Arguments of the trigger.
    pub arguments: BTreeMap<String, Slot>,
    /// Arguments of the trigger that were used.
    pub used_arguments: BTreeSet<String>,
    /// Can what was written fault?
    pub fallible: bool,
    /// Did it ask the environment?
    pub context: bool,
    /// Did it name `message`, or `task_result`?
    pub cause: bool,
    /// Does the function that is being written return a `Result`?
    pub result: bool,
    /// Locals that are written more than once, or changed in place.
    pub mutable: BTreeSet<u32>,
    /// Statements.
    pub out: String,
}

impl<'f, 'm, 'p> Emit<'f, 'm, 'p> {
    /// Nothing written yet.
    pub fn new(file: &'f mut File<'m, 'p>, place: Where) -> Self {
        let names = Names::reserving(VALUE_NAMES.iter().copied());
        Emit {
            file,
            place,
            names,
            slots: BTreeMap::new(),
            frame: Vec::new(),
            arguments: BTreeMap::new(),
            used_arguments: BTreeSet::new(),
            fallible: false,
            context: false,
            cause: false,
            result: true,
            mutable: BTreeSet::new(),
            out: String::new(),
        }
    }

    /// Locals keep clear of the function that the expression calls.
    pub fn keep_clear(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Call(name, _) => {
                let name = self.file.model.function(name).to_owned();
                self.names.take(&name);
            }
            ExprKind::Native(name, _) => {
                let name = self.file.model.native(name).to_owned();
                self.names.take(&name);
            }
            _ => {}
        }
    }

    /// A statement.
    pub fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Whom to ask for what the environment knows: as receiver of a method.
    pub fn asker(&mut self) -> &'static str {
        self.context = true;
        if matches!(self.place, Where::Handler(_)) { "step" } else { "context" }
    }

    /// As [`Emit::asker`], as an argument.
    pub fn context_argument(&mut self) -> &'static str {
        self.context = true;
        if matches!(self.place, Where::Handler(_)) { "&step.context" } else { "context" }
    }

    /// `.at(line, column)?`: a fault gets its place.
    pub fn at(&mut self, at: At) -> String {
        self.fallible = true;
        if at.file == 0 {
            format!(".at({}, {})?", at.line, at.column)
        } else {
            format!(".at_in({}, {}, {})?", at.file, at.line, at.column)
        }
    }

    /// Gives a local its name.
    pub fn bind(&mut self, slot: u32, form: Form, used: bool) -> String {
        let written = self.frame.get(slot as usize).map(|local| local.meta.name.clone()).unwrap_or_default();
        let wanted = if written.is_empty() { format!("x{slot}") } else { snake(&written) };
        let name = if used {
            self.names.fresh(&wanted)
        } else {
            format!("_{}", wanted.strip_prefix("r#").unwrap_or(&wanted))
        };
        self.slots.insert(slot, Slot { name: name.clone(), form });
        name
    }

    /// How a parameter of that type holds its value.
    pub fn parameter_form(ty: &Type) -> Form {
        match ty {
            Type::String | Type::List(_) | Type::View(_) => Form::Bare,
            Type::Function(..) => Form::Place,
            other if is_copy(other) => Form::Place,
            _ => Form::Ref,
        }
    }

    /// A value of its own.
    pub fn owned(&mut self, e: &Expr) -> String {
        self.owned_code(e).text
    }

    /// A value of its own, with its properties.
    pub fn owned_code(&mut self, e: &Expr) -> Code {
        let code = self.code(e);
        match code.form {
            Form::Owned => code,
            Form::Place if is_copy(&e.ty) => Code { form: Form::Owned, ..code },
            Form::Ref | Form::Tracked if is_copy(&e.ty) => {
                Code::operator(format!("*{}", code.within(Bind::Unary)), Bind::Unary)
            }
            Form::Bare => match &e.ty {
                Type::List(_) => Code::owned(format!("{}.to_vec()", code.receiver())),
                Type::View(_) => Code::owned(format!("Arc::new({}.clone())", code.receiver())),
                _ => Code::owned(format!("{}.to_owned()", code.receiver())),
            },
            Form::Place | Form::Ref | Form::Tracked => Code::owned(format!("{}.clone()", code.receiver())),
        }
    }

    /// A value whose type Rust cannot guess from where it stands.
    pub fn generic(&mut self, e: &Expr) -> String {
        match &e.kind {
            ExprKind::Null => {
                let ty = self.file.ty(e.ty.plain());
                format!("None::<{ty}>")
            }
            ExprKind::List(items) if items.is_empty() => {
                let ty = self.file.ty(&e.ty).replacen("Vec<", "Vec::<", 1);
                format!("{ty}::new()")
            }
            _ => {
                let code = self.owned_code(e);
                match code.suffix {
                    Some(suffix) => format!("{}{suffix}", code.text),
                    None => code.text,
                }
            }
        }
    }

    /// A reference to a value whose type Rust cannot guess from where it stands; the value has a size.
    pub fn generic_reference(&mut self, e: &Expr) -> String {
        let code = self.code(e);
        match code.form {
            Form::Owned => {
                let text = self.generic_from(e, &code);
                format!("&{text}")
            }
            Form::Place => format!("&{}", code.within(Bind::Unary)),
            Form::Ref => code.text,
            Form::Bare => format!("&{}", code.within(Bind::Unary)),
            Form::Tracked => format!("&*{}", code.within(Bind::Unary)),
        }
    }

    fn generic_from(&mut self, e: &Expr, code: &Code) -> String {
        if matches!(&e.kind, ExprKind::Null) || matches!(&e.kind, ExprKind::List(items) if items.is_empty()) {
            return self.generic(e);
        }
        match code.suffix {
            Some(suffix) => format!("{}{suffix}", code.within(Bind::Unary)),
            None => code.within(Bind::Unary),
        }
    }

    /// A reference, for an argument.
    pub fn borrowed(&mut self, e: &Expr) -> String {
        if let ExprKind::List(items) = &e.kind
            && !items.is_empty()
        {
            let items: Vec<String> = items.iter().map(|item| self.owned(item)).collect();
            return format!("&[{}]", items.join(", "));
        }
        let code = self.code(e);
        Self::borrow(&code)
    }

    /// A reference to something that is looked for among values of its type: a text among `String`s is one.
    pub fn keyed(&mut self, e: &Expr) -> String {
        if e.ty != Type::String {
            return self.borrowed(e);
        }
        let code = self.code(e);
        if code.form == Form::Bare { format!("&{}.to_owned()", code.receiver()) } else { Self::borrow(&code) }
    }

    /// A reference to what the code holds.
    pub fn borrow(code: &Code) -> String {
        match code.form {
            Form::Ref | Form::Bare => code.text.clone(),
            Form::Tracked => format!("&*{}", code.within(Bind::Unary)),
            Form::Owned | Form::Place => format!("&{}", code.within(Bind::Unary)),
        }
    }

    /// An operand that is looked at and not used up.
    fn operand(&mut self, e: &Expr, bind: Bind) -> String {
        let code = self.code(e);
        Self::seen(&code, bind)
    }

    fn seen(code: &Code, bind: Bind) -> String {
        match code.form {
            Form::Ref | Form::Bare if code.text.starts_with('"') => code.text.clone(),
            Form::Ref | Form::Bare | Form::Tracked => {
                Code::operator(format!("*{}", code.within(Bind::Unary)), Bind::Unary).within(bind)
            }
            Form::Owned | Form::Place => code.within(bind),
        }
    }

    /// An argument of a declared function, by the type of its parameter.
    pub fn argument(&mut self, e: &Expr) -> String {
        match &e.ty {
            Type::Function(parameters, _) => {
                let parameters = parameters.clone();
                self.function_argument(e, &parameters)
            }
            ty if is_copy(ty) => self.owned(e),
            Type::View(_) => {
                let code = self.code(e);
                match code.form {
                    // An `Arc` that nobody holds yet.
                    Form::Owned => format!("&*{}", code.within(Bind::Unary)),
                    _ => Self::borrow(&code),
                }
            }
            _ => self.borrowed(e),
        }
    }

    /// A lambda, or a parameter that is a function, as argument of a declared function.
    fn function_argument(&mut self, e: &Expr, parameters: &[Type]) -> String {
        match &e.kind {
            ExprKind::Lambda(slots, body) => {
                let (names, slots_before) = (self.names.clone(), self.slots.clone());
                let mut heads = Vec::new();
                for (slot, ty) in slots.iter().zip(parameters) {
                    heads.push(self.bind(*slot, Self::parameter_form(ty), super::walk::reads(body, *slot)));
                }
                let fallible = std::mem::take(&mut self.fallible);
                let body = self.owned_code(body);
                self.fallible = fallible;
                (self.names, self.slots) = (names, slots_before);
                format!("|{}| {}", heads.join(", "), wrapped(&body))
            }
            ExprKind::Local(slot) => {
                self.slots.get(slot).map_or("unknown_name".to_owned(), |slot| format!("&{}", slot.name))
            }
            _ => self.owned(e),
        }
    }

    /// The piece for an expression.
    pub fn code(&mut self, e: &Expr) -> Code {
        match &e.kind {
            ExprKind::Integer(value) => integer(*value, &e.ty),
            ExprKind::Float(value) => {
                let bind = if *value < 0.0 { Bind::Unary } else { Bind::Tight };
                Code { suffix: Some("f64"), ..Code::operator(format!("{value:?}"), bind) }
            }
            ExprKind::Bool(value) => Code::owned(value.to_string()),
            ExprKind::Text(text) => Code::bare(format!("{text:?}")),
            ExprKind::Null => Code::owned("None"),
            ExprKind::EnumValue(name, value) => {
                let ty = self.file.declared(Home::Types, &Type::Enum(name.clone()));
                let variant = self.file.model.variant(name, value);
                Code::owned(format!("{ty}::{variant}"))
            }
            ExprKind::Parameter(name) => {
                let name = self.file.model.constant(name).to_owned();
                let name = self.file.import(Home::Parameters.module(), &name);
                if e.ty == Type::String { Code::bare(name) } else { Code::place(name) }
            }
            ExprKind::Local(slot) => match self.slots.get(slot) {
                Some(slot) => Code { form: slot.form, ..Code::owned(slot.name.clone()) },
                None => Code::place("unknown_name"),
            },
            ExprKind::Store(name) | ExprKind::Load(name) => self.store_field(name, e),
            ExprKind::Shared(name) => self.shared_field(name, e),
            ExprKind::ViewField(name) => {
                let Where::View(view) = &self.place else { return Code::place("unknown_name") };
                let field = self.file.model.field(&Type::View(view.clone()), name);
                Code::place(format!("self.{field}"))
            }
            ExprKind::CurrentBlock => {
                self.cause = true;
                Code::reference("block")
            }
            ExprKind::Argument(name) => {
                self.used_arguments.insert(name.clone());
                match self.arguments.get(name) {
                    Some(slot) => Code { form: slot.form, ..Code::owned(slot.name.clone()) },
                    None => Code::place("unknown_name"),
                }
            }
            ExprKind::TaskResult => {
                self.cause = true;
                Code::place("task_result")
            }
            ExprKind::Payload => {
                self.cause = true;
                Code::place("message.payload")
            }
            ExprKind::Sender => {
                self.cause = true;
                Code::place("message.sender")
            }
            ExprKind::SignedMessage => {
                self.cause = true;
                Code::owned("message.signed()")
            }
            ExprKind::Session => Code::owned(format!("{}.session()", self.asker())),
            ExprKind::SelfId => Code::owned(format!("{}.peer_id()", self.asker())),
            ExprKind::OwnChain => Code::owned(format!("{}.chain()", self.asker())),
            ExprKind::Field(record, name) => self.field(record, name, e),
            ExprKind::Index(container, key) => self.index(container, key, e),
            ExprKind::Record(fields) => self.record(fields, e),
            ExprKind::List(items) if items.is_empty() => Code::owned("Vec::new()"),
            ExprKind::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.owned(item)).collect();
                Code::owned(format!("vec![{}]", items.join(", ")))
            }
            ExprKind::Map(entries) if entries.is_empty() => Code::owned("Map::new()"),
            ExprKind::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("({}, {})", self.owned(key), self.owned(value)))
                    .collect();
                Code::owned(format!("Map::from_iter([{}])", entries.join(", ")))
            }
            ExprKind::Let(slot, value, body) => {
                let (names, slots) = (self.names.clone(), self.slots.clone());
                let value = self.owned(value);
                let name = self.bind(*slot, Form::Place, super::walk::reads(body, *slot));
                let body = self.owned(body);
                (self.names, self.slots) = (names, slots);
                Code::operator(format!("{{ let {name} = {value}; {body} }}"), Bind::Loose)
            }
            ExprKind::Unary(op, operand) => self.unary(*op, operand, e),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, e),
            ExprKind::CompareFraction { op, numerator, denominator, fraction } => {
                let (n, d, f) = (self.owned(numerator), self.owned(denominator), self.owned(fraction));
                let at = self.at(e.meta);
                let test = match op {
                    BinaryOp::Less => "is_lt",
                    BinaryOp::LessEqual => "is_le",
                    BinaryOp::Greater => "is_gt",
                    BinaryOp::GreaterEqual => "is_ge",
                    BinaryOp::NotEqual => "is_ne",
                    _ => "is_eq",
                };
                Code::owned(format!("{f}.compare_with_quotient({n}, {d}){at}.{test}()"))
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.condition(condition);
                let (then, otherwise) = (self.owned(then), self.else_branch(otherwise));
                Code::operator(format!("if {condition} {{ {then} }} else {otherwise}"), Bind::Loose)
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments),
            ExprKind::CallLocal(slot, arguments) => {
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| self.argument(argument)).collect();
                self.fallible = true;
                let name = self.slots.get(slot).map_or("unknown_name", |slot| slot.name.as_str());
                Code { question: true, ..Code::owned(format!("{name}({})?", arguments.join(", "))) }
            }
            ExprKind::Native(name, arguments) => {
                let mut texts = vec![self.context_argument().to_owned()];
                texts.extend(arguments.iter().map(|argument| self.argument(argument)));
                let name = self.file.model.native(name).to_owned();
                let name = self.file.import(Home::Functions.module(), &name);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("{name}({}){at}", texts.join(", "))) }
            }
            ExprKind::Builtin(builtin, arguments) => self.builtin(*builtin, arguments, e),
            ExprKind::View(name, chain) => {
                let view = self.file.declared(Home::Views, &Type::View(name.clone()));
                let asker = self.asker();
                let chain = self.borrowed(chain);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("{asker}.view::<{view}>({chain}){at}")) }
            }
            ExprKind::Lambda(slots, body) => {
                // Only as an argument; those that take one write it themselves.
                let slots: Vec<String> = slots.iter().map(|slot| self.bind(*slot, Form::Ref, true)).collect();
                let body = self.owned_code(body);
                Code::operator(format!("|{}| {}", slots.join(", "), wrapped(&body)), Bind::Loose)
            }
            ExprKind::Convert(conversion, inner) => self.convert(*conversion, inner, e),
        }
    }

    /// A condition: no parentheses around it.
    pub fn condition(&mut self, e: &Expr) -> String {
        let code = self.code(e);
        Self::seen(&code, Bind::Loose)
    }

    /// A condition behind an `&&`.
    pub fn condition_within_and(&mut self, e: &Expr) -> String {
        let code = self.code(e);
        Self::seen(&code, Bind::And)
    }

    /// The value of a time limit, `None` where it is unset.
    pub fn limit(&mut self, e: &Expr) -> String {
        let inner = match &e.kind {
            ExprKind::Convert(Conversion::Unwrap, inner) => inner,
            _ => e,
        };
        match &inner.kind {
            // An unset field is read as it is.
            ExprKind::Store(name) => self.store_place(name).0,
            ExprKind::Shared(name) => format!("*{}", self.shared_place(name).0),
            _ => {
                let fallible = std::mem::take(&mut self.fallible);
                let value = self.owned_code(e);
                let text = match (self.fallible, e.ty.is_optional()) {
                    (false, _) => value.text,
                    (true, false) => format!("library::if_set(|| {})?", wrapped(&value)),
                    (true, true) => format!("library::if_set(|| {})?.flatten()", wrapped(&value)),
                };
                self.fallible |= fallible;
                text
            }
        }
    }

    fn else_branch(&mut self, e: &Expr) -> String {
        let text = self.owned(e);
        if matches!(e.kind, ExprKind::If(..)) { text } else { format!("{{ {text} }}") }
    }

    /// The place of a store field, and whether it is an `Option` in Rust.
    pub fn store_place(&self, name: &str) -> (String, bool) {
        let (actor, root) = match &self.place {
            Where::Handler(actor) => (actor, "step.store"),
            Where::Function(Some(actor)) => (actor, "store"),
            Where::Function(None) | Where::View(_) => return ("unknown_name".to_owned(), false),
        };
        let declared = self.file.model.protocol.actors.get(actor).and_then(|actor| actor.store.get(name));
        let optional = declared.is_some_and(|field| !field.ty.begins_empty());
        (format!("{root}.{}", self.file.model.store_field(actor, name)), optional)
    }

    fn store_field(&mut self, name: &str, e: &Expr) -> Code {
        let (text, optional) = self.store_place(name);
        self.maybe_needed(Code::place(text), optional, e)
    }

    /// The place of a shared field, and whether it is an `Option` in Rust.
    pub fn shared_place(&self, name: &str) -> (String, bool) {
        let Where::Handler(actor) = &self.place else { return ("unknown_name".to_owned(), false) };
        let declared = self.file.model.protocol.actors.get(actor).and_then(|actor| actor.shared.get(name));
        let optional = declared.is_some_and(|field| field.ty.is_optional() || !field.ty.has_zero());
        (format!("step.shared.{}", self.file.model.shared_field(actor, name)), optional)
    }

    fn shared_field(&mut self, name: &str, e: &Expr) -> Code {
        let (text, optional) = self.shared_place(name);
        self.maybe_needed(Code { form: Form::Tracked, ..Code::owned(text) }, optional, e)
    }

    fn maybe_needed(&mut self, code: Code, optional: bool, e: &Expr) -> Code {
        if optional && e.ty == Type::Any {
            return Code::owned(format!("library::any_or_null({})", Self::borrow(&code)));
        }
        if optional && !e.ty.is_optional() { self.needed(&code, &e.ty, e.meta) } else { code }
    }

    /// Null is a fault: the value in an `Option`.
    fn needed(&mut self, code: &Code, ty: &Type, at: At) -> Code {
        let at = self.at(at);
        if code.form == Form::Owned || is_copy(ty) {
            Code { question: true, ..Code::owned(format!("{}.needed(){at}", code.receiver())) }
        } else {
            Code::reference(format!("{}.as_ref().needed(){at}", code.receiver()))
        }
    }

    fn field(&mut self, record: &Expr, name: &str, e: &Expr) -> Code {
        let code = self.code(record);
        let base = code.receiver();
        let method = |text: &str| Code::owned(format!("{base}.{text}()"));
        match &record.ty {
            Type::Struct(_) | Type::Message(_) | Type::BlockPayload(_) => {
                let field = self.file.model.field(&record.ty, name);
                let form = if code.form == Form::Owned { Form::Owned } else { Form::Place };
                Code { form, ..Code::owned(format!("{base}.{field}")) }
            }
            Type::View(_) => Code::place(format!("{base}.{}", self.file.model.field(&record.ty, name))),
            Type::Signed(_) | Type::Block(_) if name == "payload" => {
                let form = if code.form == Form::Owned { Form::Owned } else { Form::Place };
                Code { form, ..Code::owned(format!("{base}.payload")) }
            }
            Type::Segment if name == "head" => method("head_hash"),
            Type::ChainState => {
                let form = if code.form == Form::Owned { Form::Owned } else { Form::Place };
                Code { form, ..Code::owned(format!("{base}.{name}")) }
            }
            Type::Dict | Type::Any => {
                let value = Self::borrow(&code);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("library::member({value}, {name:?}){at}")) }
            }
            _ => method(name),
        }
    }

    fn index(&mut self, container: &Expr, key: &Expr, e: &Expr) -> Code {
        let list = matches!(container.ty, Type::List(_));
        let container = self.borrowed(container);
        if list {
            let key = self.exact(key);
            let at = self.at(e.meta);
            Code::reference(format!("library::index({container}, {key}){at}"))
        } else {
            let key = self.keyed(key);
            let at = self.at(e.meta);
            Code::reference(format!("library::entry({container}, {key}){at}"))
        }
    }

    fn record(&mut self, fields: &[(String, Expr)], e: &Expr) -> Code {
        let (home, declared) = match &e.ty {
            Type::Struct(_) => (Home::Types, true),
            Type::Message(_) => (Home::Messages, true),
            Type::BlockPayload(_) => (Home::Blocks, true),
            _ => (Home::Types, false),
        };
        if !declared {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("({name:?}, {})", self.owned(value))).collect();
            return Code::owned(format!("Value::record([{}])", fields.join(", ")));
        }
        let name = self.file.declared(home, &e.ty);
        if fields.is_empty() {
            return Code::owned(format!("{name} {{}}"));
        }
        let fields: Vec<String> = fields
            .iter()
            .map(|(field, value)| {
                let value = self.owned(value);
                let field = self.file.model.field(&e.ty, field);
                if field == value { value } else { format!("{field}: {value}") }
            })
            .collect();
        Code::operator(format!("{name} {{ {} }}", fields.join(", ")), Bind::Unary)
    }

    fn call(&mut self, name: &str, arguments: &[Expr]) -> Code {
        let signature = self.file.model.signatures.get(name).cloned().unwrap_or_default();
        let mut texts = Vec::new();
        if signature.context {
            texts.push(self.context_argument().to_owned());
        }
        if signature.store {
            let store = if matches!(self.place, Where::Handler(_)) { "&step.store" } else { "store" };
            texts.push(store.to_owned());
        }
        for argument in arguments {
            texts.push(self.argument(argument));
        }
        let function = self.file.model.function(name).to_owned();
        let function =
            if signature.store { function } else { self.file.import(Home::Functions.module(), &function) };
        self.fallible |= signature.fallible;
        let question = if signature.fallible { "?" } else { "" };
        let text = format!("{function}({}){question}", texts.join(", "));
        Code { question: signature.fallible, ..Code::owned(text) }
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr, e: &Expr) -> Code {
        match op {
            UnaryOp::Not => {
                if let ExprKind::Binary(op, left, right) = &operand.kind
                    && let Some(opposite) = opposite(*op)
                {
                    return self.binary(opposite, left, right, operand);
                }
                let operand = self.operand(operand, Bind::Unary);
                Code::operator(format!("!{operand}"), Bind::Unary)
            }
            UnaryOp::Negate if e.ty == Type::Float => {
                let operand = self.owned(operand);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("library::float_neg({operand}){at}")) }
            }
            UnaryOp::Negate if bits(operand) < EXACT_BITS => {
                let operand = self.operand(operand, Bind::Tight);
                Code::operator(format!("-{operand}"), Bind::Unary)
            }
            UnaryOp::Negate => {
                let operand = self.owned(operand);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("library::neg({operand}){at}")) }
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr, e: &Expr) -> Code {
        use BinaryOp as Op;
        match op {
            Op::And => self.chain(left, right, "&&", Bind::And),
            Op::Or => self.chain(left, right, "||", Bind::Or),
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::FloorDivide | Op::Remainder => {
                self.arithmetic(op, left, right, e)
            }
            Op::Concat => {
                let function = if e.ty == Type::String { "concat_text" } else { "concat" };
                let (left, right) = (self.borrowed(left), self.borrowed(right));
                Code::owned(format!("library::{function}({left}, {right})"))
            }
            Op::In => {
                let map = matches!(right.ty, Type::Map(..));
                let left = self.keyed(left);
                if map {
                    let right = self.code(right);
                    Code::owned(format!("{}.contains_key({left})", right.receiver()))
                } else {
                    let right = self.borrowed(right);
                    Code::owned(format!("library::contains({right}, {left})"))
                }
            }
            Op::Equal | Op::NotEqual => self.equality(op, left, right),
            Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => self.comparison(op, left, right),
        }
    }

    fn chain(&mut self, left: &Expr, right: &Expr, sign: &str, bind: Bind) -> Code {
        let (left, right) = (self.operand(left, bind), {
            // Grouped as in the source: what stands right of the sign binds tighter.
            let code = self.code(right);
            Self::seen(&Code { bind: if code.bind == bind { Bind::Loose } else { code.bind }, ..code }, bind)
        });
        Code::operator(format!("{left} {sign} {right}"), bind)
    }

    fn arithmetic(&mut self, op: BinaryOp, left: &Expr, right: &Expr, e: &Expr) -> Code {
        use BinaryOp as Op;
        let float = e.ty == Type::Float;
        if !float && bits(e) < EXACT_BITS {
            let (sign, bind, tighter) = match op {
                Op::Add => ("+", Bind::Sum, Bind::Product),
                Op::Subtract => ("-", Bind::Sum, Bind::Product),
                Op::Multiply => ("*", Bind::Product, Bind::Unary),
                _ => ("", Bind::Tight, Bind::Tight),
            };
            if !sign.is_empty() {
                let (left, right) = (self.operand(left, bind), self.operand(right, tighter));
                return Code::operator(format!("{left} {sign} {right}"), bind);
            }
        }
        let function = match (op, float) {
            (Op::Add, false) => "add",
            (Op::Subtract, false) => "sub",
            (Op::Multiply, false) => "mul",
            (Op::Remainder, _) => "rem_floor",
            (Op::Add, true) => "float_add",
            (Op::Subtract, true) => "float_sub",
            (Op::Multiply, true) => "float_mul",
            (Op::Divide, _) => "float_div",
            _ => "div_floor",
        };
        let (left, right) = (self.owned(left), self.owned(right));
        let at = self.at(e.meta);
        Code { question: true, ..Code::owned(format!("library::{function}({left}, {right}){at}")) }
    }

    fn equality(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        let equal = op == BinaryOp::Equal;
        for (null, other) in [(right, left), (left, right)] {
            if matches!(null.kind, ExprKind::Null) {
                let code = self.code(other);
                let test = if equal { "is_none" } else { "is_some" };
                return Code::owned(format!("{}.{test}()", code.receiver()));
            }
            if let ExprKind::Bool(value) = null.kind {
                if value == equal {
                    return self.code(other);
                }
                let other = self.operand(other, Bind::Unary);
                return Code::operator(format!("!{other}"), Bind::Unary);
            }
        }
        let sign = if equal { "==" } else { "!=" };
        // Copies nothing to compare with an optional value.
        if !is_copy(left.ty.plain()) {
            for (some, other) in [(right, left), (left, right)] {
                if let ExprKind::Convert(Conversion::Some, inner) = &some.kind {
                    let other = self.code(other);
                    let inner = self.code(inner);
                    let (other, inner) = (other.receiver(), Self::borrow(&inner));
                    return Code::operator(format!("{other}.as_ref() {sign} Some({inner})"), Bind::Compare);
                }
            }
        }
        let (left, right) = self.same_width(left, right);
        let (left, right) = (self.operand(left, Bind::Sum), self.operand(right, Bind::Sum));
        Code::operator(format!("{left} {sign} {right}"), Bind::Compare)
    }

    fn comparison(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        let sign = match op {
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            _ => ">=",
        };
        if left.ty == Type::String {
            let (left, right) = (self.borrowed(left), self.borrowed(right));
            let test = match op {
                BinaryOp::Less => "is_lt",
                BinaryOp::LessEqual => "is_le",
                BinaryOp::Greater => "is_gt",
                _ => "is_ge",
            };
            return Code::owned(format!("library::compare_text({left}, {right}).{test}()"));
        }
        let (left, right) = self.same_width(left, right);
        let (left, right) = (self.operand(left, Bind::Sum), self.operand(right, Bind::Sum));
        Code::operator(format!("{left} {sign} {right}"), Bind::Compare)
    }

    /// Both sides without widening where they are of one width anyway.
    fn same_width<'e>(&self, left: &'e Expr, right: &'e Expr) -> (&'e Expr, &'e Expr) {
        match (widened(left), widened(right)) {
            (Some(a), Some(b)) if width(&a.ty) == width(&b.ty) && !matches!(width(&a.ty), Width::Other) => {
                (a, b)
            }
            (Some(a), None) if fits(right, &a.ty) => (a, right),
            (None, Some(b)) if fits(left, &b.ty) => (left, b),
            _ => (left, right),
        }
    }

    /// An integer of any type as `i128`.
    pub fn exact(&mut self, e: &Expr) -> String {
        match &e.ty {
            Type::Exact(_) => self.owned(e),
            _ if matches!(e.kind, ExprKind::Integer(_)) => self.owned(e),
            _ => {
                let value = self.owned(e);
                format!("i128::from({value})")
            }
        }
    }

    /// Is it a local that holds a slice?
    fn lent(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Local(slot) if self.slots.get(slot).is_some_and(|s| s.form == Form::Bare))
    }

    fn convert(&mut self, conversion: Conversion, inner: &Expr, e: &Expr) -> Code {
        match conversion {
            Conversion::Some => {
                let inner = self.owned(inner);
                Code::owned(format!("Some({inner})"))
            }
            Conversion::Unwrap => {
                let code = match &inner.kind {
                    // Where the store is read as `T?` and needed at once, the place of the fault is that of the need.
                    ExprKind::Store(name) | ExprKind::Load(name) => Code::place(self.store_place(name).0),
                    _ => self.code(inner),
                };
                self.needed(&code, &e.ty, e.meta)
            }
            Conversion::Widen => {
                if let ExprKind::Integer(value) = inner.kind {
                    return integer(value, &e.ty);
                }
                let inner = self.owned(inner);
                Code::owned(format!("i128::from({inner})"))
            }
            Conversion::Narrow => {
                if let ExprKind::Integer(value) = inner.kind
                    && in_range(value, &e.ty)
                {
                    return integer(value, &e.ty);
                }
                if let Some(source) = widened(inner)
                    && width(&source.ty) == width(&e.ty)
                {
                    return self.code(source);
                }
                let function = if e.ty == Type::Uint { "narrow_u64" } else { "narrow_i64" };
                let inner = self.owned(inner);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("library::{function}({inner}){at}")) }
            }
            Conversion::ToFloat => {
                if let ExprKind::Integer(value) = inner.kind
                    && value.unsigned_abs() < 1 << 53
                {
                    let bind = if value < 0 { Bind::Unary } else { Bind::Tight };
                    return Code { suffix: Some("f64"), ..Code::operator(format!("{value}.0"), bind) };
                }
                let inner = self.exact(inner);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("library::int_to_float({inner}){at}")) }
            }
            Conversion::DecimalToFloat => {
                let inner = self.owned(inner);
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("{inner}.to_float(){at}")) }
            }
            Conversion::ToAny => {
                if matches!(inner.ty, Type::Any | Type::Dict) {
                    return self.code(inner);
                }
                if inner.ty == Type::Null {
                    return Code::owned("Value::Null");
                }
                let inner = match &inner.ty {
                    Type::String => {
                        let code = self.code(inner);
                        let text = code.receiver();
                        let text = if code.form == Form::Bare { text } else { format!("{text}.as_str()") };
                        return Code::owned(format!("Value::text({text})"));
                    }
                    // What is lent without its size is no value that can be written.
                    Type::List(_) if self.lent(inner) => format!("&{}", self.owned(inner)),
                    _ => self.generic_reference(inner),
                };
                let at = self.at(e.meta);
                Code { question: true, ..Code::owned(format!("library::to_any({inner}){at}")) }
            }
            Conversion::FromAny => {
                let inner = self.borrowed(inner);
                let (ty, named) = (self.file.ty(&e.ty), e.ty.to_string());
                let at = self.at(e.meta);
                if let Some(shape) = shape(&e.ty) {
                    return Code {
                        question: true,
                        ..Code::owned(format!(
                            "library::from_any_shaped::<{ty}>({inner}, {named:?}, library::Shape::{shape}){at}"
                        ))
                    };
                }
                Code {
                    question: true,
                    ..Code::owned(format!("library::from_any::<{ty}>({inner}, {named:?}){at}"))
                }
            }
            Conversion::ToSecret => {
                let inner = self.owned(inner);
                Code::owned(format!("Secret::new({inner})"))
            }
        }
    }
}

/// What a value of the type must look like where Rust's type does not say it, as written behind `library::Shape::`.
fn shape(ty: &Type) -> Option<String> {
    let within =
        |kind: &str, inner: &Type| shape(inner).map(|inner| format!("{kind}(&library::Shape::{inner})"));
    match ty {
        Type::Dict => Some("Dict".to_owned()),
        Type::List(item) => within("List", item),
        Type::Map(_, value) => within("Map", value),
        Type::Optional(inner) => within("Optional", inner),
        _ => None,
    }
}

/// `Ok(value)`, or the `Result` that the value would have been taken from.
pub fn wrapped(code: &Code) -> String {
    match code.text.strip_suffix('?') {
        Some(result) if code.question && code.bind == Bind::Tight => result.to_owned(),
        _ => format!("Ok({})", code.text),
    }
}

fn integer(value: i128, ty: &Type) -> Code {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if digits.len() > 4 && i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    let suffix = match ty {
        Type::Uint => "u64",
        Type::Exact(_) => "i128",
        _ => "i64",
    };
    let bind = if value < 0 { Bind::Unary } else { Bind::Tight };
    let sign = if value < 0 { "-" } else { "" };
    Code { suffix: Some(suffix), ..Code::operator(format!("{sign}{text}"), bind) }
}

fn opposite(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::Equal => Some(BinaryOp::NotEqual),
        BinaryOp::NotEqual => Some(BinaryOp::Equal),
        BinaryOp::Less => Some(BinaryOp::GreaterEqual),
        BinaryOp::LessEqual => Some(BinaryOp::Greater),
        BinaryOp::Greater => Some(BinaryOp::LessEqual),
        BinaryOp::GreaterEqual => Some(BinaryOp::Less),
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::FloorDivide
        | BinaryOp::Remainder
        | BinaryOp::Concat
        | BinaryOp::In
        | BinaryOp::And
        | BinaryOp::Or => None,
    }
}

fn widened(e: &Expr) -> Option<&Expr> {
    match &e.kind {
        ExprKind::Convert(Conversion::Widen, inner) if !matches!(inner.kind, ExprKind::Integer(_)) => {
            Some(inner)
        }
        _ => None,
    }
}

#[derive(PartialEq)]
enum Width {
    Unsigned,
    Signed,
    Other,
}

fn width(ty: &Type) -> Width {
    match ty {
        Type::Uint => Width::Unsigned,
        Type::Int | Type::Timestamp | Type::Duration => Width::Signed,
        _ => Width::Other,
    }
}

fn in_range(value: i128, ty: &Type) -> bool {
    match width(ty) {
        Width::Unsigned => u64::try_from(value).is_ok(),
        Width::Signed => i64::try_from(value).is_ok(),
        Width::Other => false,
    }
}

fn fits(e: &Expr, ty: &Type) -> bool {
    let mut literal = e;
    if let ExprKind::Convert(Conversion::Widen, inner) = &e.kind {
        literal = inner;
    }
    matches!(literal.kind, ExprKind::Integer(value) if in_range(value, ty))
}

/// An exact result of fewer bits than this cannot leave 128 bits signed.
pub const EXACT_BITS: u32 = 127;

/// How many bits the magnitude of an exact expression can have; [`EXACT_BITS`] when that is not known.
pub fn bits(e: &Expr) -> u32 {
    match &e.kind {
        ExprKind::Integer(value) => 128 - value.unsigned_abs().leading_zeros(),
        ExprKind::Convert(Conversion::Widen, _) => 64,
        ExprKind::Unary(UnaryOp::Negate, inner) => bits(inner),
        ExprKind::If(_, a, b) => bits(a).max(bits(b)),
        ExprKind::Binary(op, a, b) => match op {
            BinaryOp::Add | BinaryOp::Subtract => (bits(a).max(bits(b)) + 1).min(EXACT_BITS),
            BinaryOp::Multiply => (bits(a) + bits(b)).min(EXACT_BITS),
            _ => EXACT_BITS,
        },
        _ if matches!(e.ty, Type::Uint | Type::Int | Type::Timestamp | Type::Duration) => 64,
        _ => EXACT_BITS,
    }
}
