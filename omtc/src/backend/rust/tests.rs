#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use omt_runtime::ir::*;
use std::collections::BTreeMap;

fn e(kind: ExprKind, ty: Type, line: u32) -> Expr {
    Expr::new(kind, ty, At { file: 0, line, column: 9, start: 0, end: 0 })
}

fn meta(order: u32, title: &str) -> Meta {
    Meta { order, title: (!title.is_empty()).then(|| title.to_owned()), ..Meta::default() }
}

fn fields(list: &[(&str, Type)]) -> Fields {
    (0u32..)
        .zip(list)
        .map(|(order, (name, ty))| (name.to_string(), Field { ty: ty.clone(), meta: meta(order, "") }))
        .collect()
}

fn message(from: &str, to: &str, list: &[(&str, Type)]) -> Message {
    Message {
        from: vec![from.into()],
        to: vec![to.into()],
        signed: true,
        fields: fields(list),
        meta: Meta::default(),
    }
}

fn store(name: &str, ty: Type, line: u32) -> Expr {
    e(ExprKind::Store(name.into()), ty, line)
}

fn set(name: &str, value: Expr, line: u32) -> Action {
    let meta = At { line, ..At::default() };
    Action::Assign { place: Place::Store(name.into()), path: vec![], value, meta }
}

fn payload(name: &str, field: &str, ty: Type, line: u32) -> Expr {
    let whole = e(ExprKind::Payload, Type::Message(name.into()), line);
    e(ExprKind::Field(Box::new(whole), field.into()), ty, line)
}

fn record(name: &str, list: &[(&str, Type)], line: u32) -> Expr {
    let fields = list.iter().map(|(name, ty)| (name.to_string(), store(name, ty.clone(), line))).collect();
    e(ExprKind::Record(fields), Type::Message(name.into()), line)
}

fn widen(inner: Expr) -> Expr {
    let line = inner.meta.line;
    e(ExprKind::Convert(Conversion::Widen, Box::new(inner)), Type::Exact(Dimension::Count), line)
}

fn number(value: i128, ty: Type, line: u32) -> Expr {
    e(ExprKind::Integer(value), ty, line)
}

fn binary(op: BinaryOp, a: Expr, b: Expr, ty: Type) -> Expr {
    let line = a.meta.line;
    e(ExprKind::Binary(op, Box::new(a), Box::new(b)), ty, line)
}

fn transition(cause: Cause, guard: Option<Expr>, to: &str, actions: Vec<Action>) -> Handler {
    Handler::Transition(Transition {
        cause,
        lets: vec![],
        guard,
        then: Branch { to: to.into(), actions },
        otherwise: None,
        frame: vec![],
        meta: Meta::default(),
    })
}

fn state(order: u32, title: &str, terminal: bool, handlers: Vec<Handler>) -> State {
    State { terminal, rest: false, handlers, overrides: vec![], limits: vec![], meta: meta(order, title) }
}

/// The ping pong of `protocols/examples`, by hand.
fn ping_pong() -> Package {
    use Type::{Bytes, Hash, PeerId, Uint};
    let refusal = || Type::Enum("PingRefusal".into());
    let local = |slot, ty| e(ExprKind::Local(slot), ty, 27);
    let session_of = Function {
        parameters: 4,
        frame: [("asker", PeerId), ("asked", PeerId), ("question", Uint), ("salt", Bytes)]
            .into_iter()
            .map(|(name, ty)| Local { ty, meta: LocalMeta { name: name.into() } })
            .collect(),
        returns: Hash,
        body: vec![Stmt::Return {
            value: e(
                ExprKind::Builtin(
                    Builtin::Hash,
                    vec![local(0, PeerId), local(1, PeerId), local(2, Uint), local(3, Bytes)],
                ),
                Hash,
                27,
            ),
            meta: At::default(),
        }],
        meta: Meta { doc: "The id of a session contains its initiator.".into(), ..Meta::default() },
    };
    let me = |line| e(ExprKind::SelfId, PeerId, line);
    let sender = |line| e(ExprKind::Sender, PeerId, line);
    let ping = [("question", Uint), ("salt", Bytes)];
    let mut waiting = state(
        1,
        "The question is out",
        false,
        vec![
            transition(
                Cause::Message("PONG".into()),
                Some(binary(
                    BinaryOp::Equal,
                    payload("PONG", "question", Uint, 49),
                    store("question", Uint, 49),
                    Type::Bool,
                )),
                "ANSWERED",
                vec![set("answer", payload("PONG", "answer", Uint, 50), 50)],
            ),
            transition(
                Cause::Message("PING_REFUSED".into()),
                None,
                "REFUSED",
                vec![set("reason", payload("PING_REFUSED", "reason", refusal(), 53), 53)],
            ),
            transition(Cause::Timeout(0), None, "UNANSWERED", vec![]),
        ],
    );
    waiting.limits.push(Limit {
        kind: LimitKind::Timeout,
        value: e(ExprKind::Parameter("ANSWER_TIMEOUT".into()), Type::Duration, 55),
        meta: Meta::default(),
    });
    let requester = Actor {
        store: fields(&[
            ("session_id", Hash),
            ("responder", PeerId),
            ("question", Uint),
            ("salt", Bytes),
            ("answer", Uint),
            ("reason", refusal()),
        ]),
        shared: Fields::new(),
        peers: BTreeMap::from([("Responder".into(), "responder".into())]),
        triggers: BTreeMap::from([(
            "ask".into(),
            Trigger {
                arguments: vec![
                    Argument { name: "responder".into(), ty: PeerId },
                    Argument { name: "question".into(), ty: Uint },
                ],
                states: vec!["IDLE".into()],
                after: None,
                meta: meta(0, "Ask a peer"),
            },
        )]),
        states: BTreeMap::from([
            (
                "IDLE".into(),
                state(
                    0,
                    "Nothing asked yet",
                    false,
                    vec![transition(
                        Cause::Trigger("ask".into()),
                        None,
                        "WAITING",
                        vec![
                            set("responder", e(ExprKind::Argument("responder".into()), PeerId, 44), 44),
                            set("question", e(ExprKind::Argument("question".into()), Uint, 44), 44),
                            set(
                                "salt",
                                e(
                                    ExprKind::Builtin(Builtin::RandomBytes, vec![number(16, Uint, 45)]),
                                    Bytes,
                                    45,
                                ),
                                45,
                            ),
                            set(
                                "session_id",
                                e(
                                    ExprKind::Call(
                                        "SESSION_OF".into(),
                                        vec![
                                            me(46),
                                            store("responder", PeerId, 46),
                                            store("question", Uint, 46),
                                            store("salt", Bytes, 46),
                                        ],
                                    ),
                                    Hash,
                                    46,
                                ),
                                46,
                            ),
                            Action::Send {
                                to: store("responder", PeerId, 47),
                                message: "PING".into(),
                                payload: record("PING", &ping, 47),
                                meta: At { line: 47, ..At::default() },
                            },
                        ],
                    )],
                ),
            ),
            ("WAITING".into(), waiting),
            ("ANSWERED".into(), state(2, "The answer is in the store", true, vec![])),
            ("REFUSED".into(), state(3, "The responder said no", true, vec![])),
            ("UNANSWERED".into(), state(4, "The time limit passed", true, vec![])),
        ]),
        initial: "IDLE".into(),
        meta: meta(0, "Asks one question"),
    };
    let answered = || Type::Map(Box::new(PeerId), Box::new(Uint));
    let count = |line| {
        e(
            ExprKind::Builtin(
                Builtin::Get,
                vec![
                    e(ExprKind::Shared("answered".into()), answered(), line),
                    sender(line),
                    number(0, Uint, line),
                ],
            ),
            Uint,
            line,
        )
    };
    let fits = |line| {
        let session = e(ExprKind::Session, Hash, line);
        let call = e(
            ExprKind::Call(
                "SESSION_OF".into(),
                vec![
                    sender(line),
                    me(line),
                    payload("PING", "question", Uint, line),
                    payload("PING", "salt", Bytes, line),
                ],
            ),
            Hash,
            line,
        );
        binary(BinaryOp::Equal, session, call, Type::Bool)
    };
    let exact = || Type::Exact(Dimension::Count);
    let one_more = |inner: Expr, line| {
        let sum = binary(BinaryOp::Add, widen(inner), number(1, exact(), line), exact());
        e(ExprKind::Convert(Conversion::Narrow, Box::new(sum)), Uint, line)
    };
    let responder = Actor {
        store: fields(&[
            ("session_id", Hash),
            ("requester", PeerId),
            ("question", Uint),
            ("answer", Uint),
            ("reason", refusal()),
        ]),
        shared: fields(&[("answered", answered())]),
        peers: BTreeMap::from([("Requester".into(), "requester".into())]),
        triggers: BTreeMap::new(),
        states: BTreeMap::from([
            (
                "IDLE".into(),
                state(
                    0,
                    "No question yet",
                    false,
                    vec![
                        transition(
                            Cause::Message("PING".into()),
                            Some(binary(
                                BinaryOp::And,
                                fits(70),
                                binary(
                                    BinaryOp::GreaterEqual,
                                    widen(count(71)),
                                    widen(e(ExprKind::Parameter("QUESTIONS_MAX".into()), Uint, 71)),
                                    Type::Bool,
                                ),
                                Type::Bool,
                            )),
                            "REFUSED",
                            vec![
                                set(
                                    "reason",
                                    e(
                                        ExprKind::EnumValue(
                                            "PingRefusal".into(),
                                            "TOO_MANY_QUESTIONS".into(),
                                        ),
                                        refusal(),
                                        72,
                                    ),
                                    72,
                                ),
                                Action::Send {
                                    to: sender(73),
                                    message: "PING_REFUSED".into(),
                                    payload: record("PING_REFUSED", &[("reason", refusal())], 73),
                                    meta: At { line: 73, ..At::default() },
                                },
                            ],
                        ),
                        transition(
                            Cause::Message("PING".into()),
                            Some(fits(76)),
                            "ANSWERED",
                            vec![
                                set("question", payload("PING", "question", Uint, 77), 77),
                                set("answer", one_more(store("question", Uint, 78), 78), 78),
                                Action::Assign {
                                    place: Place::Shared("answered".into()),
                                    path: vec![Selector { key: sender(79), ty: Uint }],
                                    value: one_more(count(79), 79),
                                    meta: At { line: 79, ..At::default() },
                                },
                                Action::Send {
                                    to: sender(80),
                                    message: "PONG".into(),
                                    payload: record("PONG", &[("question", Uint), ("answer", Uint)], 80),
                                    meta: At { line: 80, ..At::default() },
                                },
                            ],
                        ),
                    ],
                ),
            ),
            ("ANSWERED".into(), state(1, "Answered", true, vec![])),
            ("REFUSED".into(), state(2, "Refused", true, vec![])),
        ]),
        initial: "IDLE".into(),
        meta: meta(1, "Answers, and counts whom it has answered"),
    };
    let parameter = |value, unit: &str, written: &str, title: &str, order| Parameter {
        value,
        meta: ParameterMeta { unit: Some(unit.into()), written: written.into(), base: meta(order, title) },
    };
    Package::from_protocol(Protocol {
        ir_version: IR_VERSION,
        number: "ping_pong".into(),
        session_key: "session_id".into(),
        parameters: BTreeMap::from([
            (
                "ANSWER_TIMEOUT".into(),
                parameter(
                    ParameterValue::Duration(5_000_000),
                    "seconds",
                    "5",
                    "How long a question waits for its answer",
                    0,
                ),
            ),
            (
                "QUESTIONS_MAX".into(),
                parameter(ParameterValue::Uint(3), "count", "3", "Answers that one asker gets", 1),
            ),
        ]),
        enums: BTreeMap::from([(
            "PingRefusal".into(),
            Enum {
                values: BTreeMap::from([("TOO_MANY_QUESTIONS".into(), EnumValue::default())]),
                meta: meta(0, "Why a question was not answered"),
            },
        )]),
        structs: BTreeMap::new(),
        messages: BTreeMap::from([
            ("PING".into(), message("Requester", "Responder", &ping)),
            ("PONG".into(), message("Responder", "Requester", &[("question", Uint), ("answer", Uint)])),
            ("PING_REFUSED".into(), message("Responder", "Requester", &[("reason", refusal())])),
        ]),
        blocks: BTreeMap::new(),
        views: BTreeMap::new(),
        functions: BTreeMap::from([("SESSION_OF".into(), session_of)]),
        natives: BTreeMap::new(),
        tasks: BTreeMap::new(),
        actors: BTreeMap::from([("Requester".into(), requester), ("Responder".into(), responder)]),
        meta: ProtocolMeta {
            name: "Ping Pong".into(),
            description: Some("One question, one answer or one refusal".into()),
            path: "examples/ping_pong/transaction".into(),
            sources: vec!["examples/ping_pong/transaction.omt".into()],
            ..ProtocolMeta::default()
        },
    })
    .unwrap()
}

#[test]
fn ping_pong_reads_like_a_person_wrote_it() {
    let package = ping_pong();
    let files = generate(&[&package]);
    assert_eq!(files, generate(&[&package]));
    let out = std::env::var("OUT_DIR_GENERATED").unwrap_or_default();
    if !out.is_empty() {
        for file in &files {
            let path = std::path::Path::new(&out).join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.text).unwrap();
        }
        let path = std::path::Path::new(&out).join(package_file(&package.protocol));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, package.to_bytes().unwrap()).unwrap();
    }
}
