//! Short ways to write IR by hand, for the tests of this crate: protocols smaller than any source file.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use crate::ir::*;
use std::collections::BTreeMap;

pub fn at(line: u32) -> At {
    At { file: 0, line, column: 1, start: line, end: line + 1 }
}

pub fn list(item: Type) -> Type {
    Type::List(Box::new(item))
}

pub fn map(key: Type, value: Type) -> Type {
    Type::Map(Box::new(key), Box::new(value))
}

pub const COUNT: Type = Type::Exact(Dimension::Count);

pub fn fields(list: &[(&str, Type)]) -> Fields {
    let field = |(order, (name, ty)): (u32, &(&str, Type))| {
        (name.to_string(), Field { ty: ty.clone(), meta: Meta { order, ..Meta::default() } })
    };
    (0..).zip(list).map(field).collect()
}

pub fn e(kind: ExprKind, ty: Type) -> Expr {
    Expr::new(kind, ty, At::default())
}

/// The same expression at a line.
pub fn on_line(line: u32, mut expr: Expr) -> Expr {
    expr.meta = at(line);
    expr
}

pub fn exact(number: i128) -> Expr {
    e(ExprKind::Integer(number), COUNT)
}

pub fn uint(number: u64) -> Expr {
    e(ExprKind::Integer(number.into()), Type::Uint)
}

pub fn truth(value: bool) -> Expr {
    e(ExprKind::Bool(value), Type::Bool)
}

pub fn text(value: &str) -> Expr {
    e(ExprKind::Text(value.to_owned()), Type::String)
}

pub fn store(name: &str, ty: Type) -> Expr {
    e(ExprKind::Store(name.to_owned()), ty)
}

pub fn shared(name: &str, ty: Type) -> Expr {
    e(ExprKind::Shared(name.to_owned()), ty)
}

pub fn local(slot: u32, ty: Type) -> Expr {
    e(ExprKind::Local(slot), ty)
}

pub fn parameter(name: &str, ty: Type) -> Expr {
    e(ExprKind::Parameter(name.to_owned()), ty)
}

pub fn sender() -> Expr {
    e(ExprKind::Sender, Type::PeerId)
}

pub fn field(record: Expr, name: &str, ty: Type) -> Expr {
    e(ExprKind::Field(Box::new(record), name.to_owned()), ty)
}

/// A field of the message that caused the step.
pub fn said(message: &str, name: &str, ty: Type) -> Expr {
    field(e(ExprKind::Payload, Type::Message(message.to_owned())), name, ty)
}

pub fn widen(expr: Expr) -> Expr {
    let ty = Type::Exact(expr.ty.dimension().unwrap());
    e(ExprKind::Convert(Conversion::Widen, Box::new(expr)), ty)
}

pub fn narrow(expr: Expr, ty: Type) -> Expr {
    e(ExprKind::Convert(Conversion::Narrow, Box::new(expr)), ty)
}

pub fn some(expr: Expr) -> Expr {
    let ty = expr.ty.clone().optional();
    e(ExprKind::Convert(Conversion::Some, Box::new(expr)), ty)
}

pub fn null(ty: Type) -> Expr {
    e(ExprKind::Null, ty.optional())
}

pub fn binary(op: BinaryOp, left: Expr, right: Expr, ty: Type) -> Expr {
    e(ExprKind::Binary(op, Box::new(left), Box::new(right)), ty)
}

pub fn equal(left: Expr, right: Expr) -> Expr {
    binary(BinaryOp::Equal, left, right, Type::Bool)
}

pub fn less(left: Expr, right: Expr) -> Expr {
    binary(BinaryOp::Less, left, right, Type::Bool)
}

/// Exact sum.
pub fn plus(left: Expr, right: Expr) -> Expr {
    binary(BinaryOp::Add, left, right, COUNT)
}

pub fn call(builtin: Builtin, arguments: Vec<Expr>) -> Expr {
    let ty = signature::builtin_type(builtin, &arguments).unwrap();
    e(ExprKind::Builtin(builtin, arguments), ty)
}

pub fn lambda(parameters: &[(u32, Type)], body: Expr) -> Expr {
    let types = parameters.iter().map(|(_, ty)| ty.clone()).collect();
    let slots = parameters.iter().map(|(slot, _)| *slot).collect();
    let ty = Type::Function(types, Box::new(body.ty.clone()));
    e(ExprKind::Lambda(slots, Box::new(body)), ty)
}

pub fn record(ty: Type, values: Vec<(&str, Expr)>) -> Expr {
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    e(ExprKind::Record(values), ty)
}

pub fn set(name: &str, value: Expr) -> Action {
    Action::Assign { place: Place::Store(name.to_owned()), path: vec![], value, meta: At::default() }
}

pub fn set_shared(name: &str, value: Expr) -> Action {
    Action::Assign { place: Place::Shared(name.to_owned()), path: vec![], value, meta: At::default() }
}

/// `name = name + 1` on a `uint`.
pub fn increment(name: &str) -> Action {
    set(name, narrow(plus(widen(store(name, Type::Uint)), exact(1)), Type::Uint))
}

pub fn send(to: Expr, message: &str, values: Vec<(&str, Expr)>) -> Action {
    let payload = record(Type::Message(message.to_owned()), values);
    Action::Send { to, message: message.to_owned(), payload, meta: At::default() }
}

pub fn abort(reason: &str) -> Action {
    Action::Abort { reason: text(reason), meta: At::default() }
}

pub fn slots(types: &[Type]) -> Vec<Local> {
    types.iter().map(|ty| Local { ty: ty.clone(), meta: LocalMeta::default() }).collect()
}

pub fn message(name: &str) -> Cause {
    Cause::Message(name.to_owned())
}

pub fn trigger(name: &str) -> Cause {
    Cause::Trigger(name.to_owned())
}

/// A transition.
pub fn on(cause: Cause, to: &str) -> Transition {
    Transition {
        cause,
        lets: vec![],
        guard: None,
        then: Branch { to: to.to_owned(), actions: vec![] },
        otherwise: None,
        frame: vec![],
        meta: Meta::default(),
    }
}

impl Transition {
    pub fn when(mut self, guard: Expr) -> Self {
        self.guard = Some(guard);
        self
    }

    pub fn does(mut self, actions: Vec<Action>) -> Self {
        self.then.actions = actions;
        self
    }

    pub fn or_else(mut self, to: &str, actions: Vec<Action>) -> Self {
        self.otherwise = Some(Branch { to: to.to_owned(), actions });
        self
    }

    pub fn binds(mut self, slot: u32, value: Expr) -> Self {
        self.lets.push((slot, value));
        self
    }

    pub fn with(mut self, frame: &[Type]) -> Self {
        self.frame = slots(frame);
        self
    }
}

impl From<Transition> for Handler {
    fn from(transition: Transition) -> Self {
        Handler::Transition(transition)
    }
}

impl From<Collect> for Handler {
    fn from(collect: Collect) -> Self {
        Handler::Collect(collect)
    }
}

pub fn collect(message: &str, into: &str, form: CollectForm) -> Collect {
    Collect {
        message: message.to_owned(),
        into: into.to_owned(),
        form,
        guard: None,
        actions: vec![],
        frame: vec![],
        meta: Meta::default(),
    }
}

pub fn state(handlers: Vec<Handler>) -> State {
    State { terminal: false, rest: false, handlers, overrides: vec![], limits: vec![], meta: Meta::default() }
}

pub fn terminal() -> State {
    State { terminal: true, ..state(vec![]) }
}

pub fn limit(kind: LimitKind, value: Expr) -> Limit {
    Limit { kind, value, meta: Meta::default() }
}

pub fn override_(kind: OverrideKind, message: &str, guard: Option<Expr>) -> Override {
    Override { kind, message: message.to_owned(), guard, frame: vec![], meta: Meta::default() }
}

/// A protocol with nothing in it.
pub fn protocol() -> Protocol {
    Protocol {
        ir_version: IR_VERSION,
        number: "99".to_owned(),
        session_key: "session_id".to_owned(),
        parameters: BTreeMap::new(),
        enums: BTreeMap::new(),
        structs: BTreeMap::new(),
        messages: BTreeMap::new(),
        blocks: BTreeMap::new(),
        views: BTreeMap::new(),
        functions: BTreeMap::new(),
        natives: BTreeMap::new(),
        tasks: BTreeMap::new(),
        actors: BTreeMap::new(),
        meta: ProtocolMeta { sources: vec!["test.omt".to_owned()], ..ProtocolMeta::default() },
    }
}

/// An actor that begins in `IDLE`.
pub fn actor(store: &[(&str, Type)]) -> Actor {
    Actor {
        store: fields(store),
        shared: Fields::new(),
        peers: BTreeMap::new(),
        triggers: BTreeMap::new(),
        states: BTreeMap::new(),
        initial: "IDLE".to_owned(),
        meta: Meta::default(),
    }
}

impl Actor {
    pub fn in_state(mut self, name: &str, state: State) -> Self {
        self.states.insert(name.to_owned(), state);
        self
    }

    pub fn sharing(mut self, shared: &[(&str, Type)]) -> Self {
        self.shared = fields(shared);
        self
    }

    pub fn peer(mut self, role: &str, field: &str) -> Self {
        self.peers.insert(role.to_owned(), field.to_owned());
        self
    }

    pub fn fires(mut self, name: &str, arguments: &[(&str, Type)], states: &[&str]) -> Self {
        let arguments =
            arguments.iter().map(|(name, ty)| Argument { name: name.to_string(), ty: ty.clone() });
        let trigger = Trigger {
            arguments: arguments.collect(),
            states: states.iter().map(ToString::to_string).collect(),
            after: None,
            meta: Meta::default(),
        };
        self.triggers.insert(name.to_owned(), trigger);
        self
    }
}

impl Protocol {
    pub fn acts(mut self, name: &str, actor: Actor) -> Self {
        self.actors.insert(name.to_owned(), actor);
        self
    }

    /// A signed message.
    pub fn says(mut self, name: &str, from: &[&str], to: &[&str], list: &[(&str, Type)]) -> Self {
        let message = Message {
            from: from.iter().map(ToString::to_string).collect(),
            to: to.iter().map(ToString::to_string).collect(),
            signed: true,
            fields: fields(list),
            meta: Meta::default(),
        };
        self.messages.insert(name.to_owned(), message);
        self
    }

    pub fn block(mut self, name: &str, by: &[&str], list: &[(&str, Type)]) -> Self {
        let by = by.iter().map(ToString::to_string).collect();
        self.blocks.insert(name.to_owned(), Block { by, fields: fields(list), meta: Meta::default() });
        self
    }

    pub fn structure(mut self, name: &str, list: &[(&str, Type)]) -> Self {
        self.structs.insert(name.to_owned(), Record { fields: fields(list), meta: Meta::default() });
        self
    }

    pub fn value(mut self, name: &str, value: ParameterValue) -> Self {
        self.parameters.insert(name.to_owned(), Parameter { value, meta: ParameterMeta::default() });
        self
    }

    pub fn enumeration(mut self, name: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (value.to_string(), EnumValue::default())).collect();
        self.enums.insert(name.to_owned(), Enum { values, meta: Meta::default() });
        self
    }

    pub fn task(mut self, name: &str, parameters: &[Type], returns: Type) -> Self {
        let native = Native {
            parameters: slots(parameters),
            returns,
            library: format!("test.{name}"),
            meta: Meta::default(),
        };
        self.tasks.insert(name.to_owned(), native);
        self
    }

    pub fn native(mut self, name: &str, parameters: &[Type], returns: Type) -> Self {
        let native = Native {
            parameters: slots(parameters),
            returns,
            library: format!("test.{name}"),
            meta: Meta::default(),
        };
        self.natives.insert(name.to_owned(), native);
        self
    }

    pub fn function(
        mut self,
        name: &str,
        parameters: &[Type],
        locals: &[Type],
        returns: Type,
        body: Vec<Stmt>,
    ) -> Self {
        let function = Function {
            parameters: parameters.len() as u32,
            frame: slots(&[parameters, locals].concat()),
            returns,
            body,
            meta: Meta::default(),
        };
        self.functions.insert(name.to_owned(), function);
        self
    }
}

pub fn give(value: Expr) -> Stmt {
    Stmt::Return { value, meta: At::default() }
}

/// A protocol that uses most of the language: what tests of packages and of validation change one thing of.
pub fn rich() -> Protocol {
    let uint_ = || Type::Uint;
    let body = || Type::Struct("Body".into());
    let note = || Type::BlockPayload("NOTE".into());
    let peers = || list(Type::PeerId);
    let argument = |name: &str, ty: Type| e(ExprKind::Argument(name.into()), ty);
    let ok = || e(ExprKind::EnumValue("Verdict".into(), "OK".into()), Type::Enum("Verdict".into()));
    let view = View {
        fields: fields(&[("total", Type::Uint), ("last", Type::Hash.optional())]),
        handlers: vec![ViewHandler {
            block: "NOTE".into(),
            guard: Some(less(
                exact(0),
                widen(field(
                    field(e(ExprKind::CurrentBlock, Type::Block("NOTE".into())), "payload", note()),
                    "n",
                    uint_(),
                )),
            )),
            actions: vec![Action::Assign {
                place: Place::View("total".into()),
                path: vec![],
                value: narrow(
                    plus(widen(e(ExprKind::ViewField("total".into()), uint_())), exact(1)),
                    uint_(),
                ),
                meta: at(20),
            }],
            frame: vec![],
            meta: Meta::default(),
        }],
        meta: Meta::default(),
    };
    let double = vec![
        Stmt::If {
            condition: less(widen(local(0, uint_())), exact(10)),
            then: vec![give(narrow(plus(widen(local(0, uint_())), widen(local(0, uint_()))), uint_()))],
            otherwise: vec![],
            meta: at(30),
        },
        give(local(0, uint_())),
    ];
    let drawn = call(Builtin::SeededSample, vec![local(1, Type::Rng), local(0, peers()), uint(2)]);
    let draw = vec![
        Stmt::Assign {
            slot: 1,
            path: vec![],
            value: call(Builtin::SeededRng, vec![call(Builtin::Hash, vec![local(0, peers())])]),
            meta: at(31),
        },
        give(call(Builtin::Sort, vec![drawn])),
    ];
    let total = field(
        e(
            ExprKind::View("Sum".into(), Box::new(e(ExprKind::OwnChain, Type::Segment))),
            Type::View("Sum".into()),
        ),
        "total",
        uint_(),
    );

    let mut gather = collect("VOTE", "votes", CollectForm::SignedMap);
    gather.guard = Some(equal(said("VOTE", "verdict", Type::Enum("Verdict".into())), ok()));
    let votes = || store("votes", map(Type::PeerId, Type::Signed("VOTE".into())));
    let enough = less(exact(1), widen(call(Builtin::Length, vec![votes()])));
    let mut waiting = state(vec![
        gather.into(),
        on(Cause::Auto, "DONE").when(enough).does(vec![set_shared("count", shared("count", uint_()))]).into(),
        on(message("ASK"), "WAITING").does(vec![increment("count")]).into(),
        on(Cause::Task("work".into()), "WAITING")
            .when(equal(e(ExprKind::TaskResult, uint_().optional()), some(uint(1))))
            .or_else("FAILED", vec![set("reason", some(text("no work")))])
            .into(),
        on(Cause::Timeout(0), "FAILED").into(),
        on(Cause::Period(1), "WAITING").does(vec![increment("count")]).into(),
        on(trigger("stop"), "FAILED").into(),
    ]);
    waiting.limits = vec![
        limit(LimitKind::Timeout, parameter("WAIT", Type::Duration)),
        limit(LimitKind::Period, parameter("WAIT", Type::Duration)),
    ];
    waiting.overrides = vec![
        override_(OverrideKind::Defer, "VOTE", Some(truth(false))),
        override_(OverrideKind::Ignore, "ASK", None),
    ];
    let idle = state(vec![
        on(message("ASK"), "WAITING")
            .with(&[uint_(), peers(), Type::PeerId])
            .binds(0, e(ExprKind::Call("DOUBLE".into(), vec![said("ASK", "n", uint_())]), uint_()))
            .when(less(widen(local(0, uint_())), exact(100)))
            .does(vec![
                set("count", local(0, uint_())),
                set(
                    "members",
                    e(ExprKind::Call("DRAW".into(), vec![said("ASK", "peers", peers())]), peers()),
                ),
                set("body", record(body(), vec![("n", uint(1)), ("to", sender())])),
                Action::Append {
                    into: Some(Place::Store("block".into())),
                    block: "NOTE".into(),
                    payload: record(note(), vec![("n", local(0, uint_()))]),
                    meta: at(12),
                },
                Action::Start { task: "work".into(), arguments: vec![local(0, uint_())], meta: at(13) },
                Action::For {
                    slot: 2,
                    list: store("members", peers()),
                    body: vec![Action::If {
                        condition: equal(local(2, Type::PeerId), sender()),
                        then: vec![],
                        otherwise: vec![send(
                            local(2, Type::PeerId),
                            "ANSWER",
                            vec![
                                ("n", total.clone()),
                                ("signature", call(Builtin::Sign, vec![store("body", body())])),
                            ],
                        )],
                        meta: at(15),
                    }],
                    meta: at(14),
                },
            ])
            .or_else("FAILED", vec![set("reason", some(text("too many")))])
            .into(),
        on(trigger("start"), "WAITING")
            .does(vec![
                set("members", argument("members", peers())),
                set("count", e(ExprKind::Native("lucky".into(), vec![]), uint_())),
            ])
            .into(),
    ]);
    let a = actor(&[
        ("session_id", Type::Hash),
        ("count", uint_()),
        ("members", peers()),
        ("asker", Type::PeerId),
        ("votes", map(Type::PeerId, Type::Signed("VOTE".into()))),
        ("body", body()),
        ("block", Type::Block("NOTE".into())),
        ("reason", Type::String.optional()),
    ])
    .sharing(&[("count", uint_())])
    .peer("B", "asker")
    .peer("Member", "members")
    .fires("start", &[("members", peers())], &["IDLE"])
    .fires("stop", &[], &["WAITING"])
    .in_state("IDLE", idle)
    .in_state("WAITING", waiting)
    .in_state("DONE", terminal())
    .in_state("FAILED", terminal());
    let mut p = protocol()
        .value("WAIT", ParameterValue::Duration(5_000_000))
        .value("PART", ParameterValue::Decimal { numerator: 67, scale: 2 })
        .enumeration("Verdict", &["OK", "BAD"])
        .structure("Body", &[("n", uint_()), ("to", Type::PeerId)])
        .says("ASK", &["B"], &["A"], &[("n", uint_()), ("peers", peers())])
        .says("ANSWER", &["A"], &["B"], &[("n", uint_()), ("signature", Type::Signature)])
        .says("VOTE", &["Member"], &["A"], &[("verdict", Type::Enum("Verdict".into()))])
        .block("NOTE", &["A"], &[("n", uint_())])
        .task("work", &[uint_()], uint_())
        .native("lucky", &[], uint_())
        .function("DOUBLE", &[uint_()], &[], uint_(), double)
        .function("DRAW", &[peers()], &[Type::Rng], peers(), draw)
        .acts("A", a);
    p.views.insert("Sum".into(), view);
    p
}
