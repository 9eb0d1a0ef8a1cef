//! What sources become: conversions, narrowing, filled payloads, expanded transitions, canonical form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omt_runtime::ir::{
    Action, BinaryOp, Builtin, Cause, CollectForm, Conversion, Expr, ExprKind, Handler, LimitKind, Place,
    Protocol, Stmt, Transition, Type,
};
use omt_runtime::package::Package;
use omtc::sema::analyze;
use omtc::source::MemorySources;
use std::path::PathBuf;

fn protocol(source: &str) -> Protocol {
    let sources = MemorySources::new().with("protocols/p.omt", source);
    let analyzed = analyze(&sources, &[PathBuf::from("protocols/p.omt")]);
    let said = omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
    analyzed.units[0].protocol.clone().unwrap_or_else(|| panic!("{said}"))
}

/// A transaction of one actor with a transition whose actions are given.
fn with_actions(store: &str, actions: &str) -> Protocol {
    protocol(&format!(
        "transaction 1 \"P\"
parameters ( SHARE = 0.67 fraction )
message M from A to [A] signed ( session_id hash  n uint  note string?  timestamp timestamp )
block B by [A] ( n uint )
actor A (
    store ( session_id hash  {store} )
    trigger go(a uint, b uint, t timestamp, maybe uint?) in [IDLE]
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on go ( {actions} )
)"
    ))
}

fn transitions<'p>(protocol: &'p Protocol, actor: &str, state: &str) -> Vec<&'p Transition> {
    protocol.actors[actor].states[state]
        .handlers
        .iter()
        .filter_map(|h| if let Handler::Transition(t) = h { Some(t) } else { None })
        .collect()
}

fn actions(protocol: &Protocol) -> &[Action] {
    &transitions(protocol, "A", "IDLE")[0].then.actions
}

fn assigned(action: &Action) -> (&Place, &Expr) {
    let Action::Assign { place, value, .. } = action else { panic!("{action:?}") };
    (place, value)
}

/// A conversion and what it converts.
fn converted(expr: &Expr) -> (Conversion, &Expr) {
    let ExprKind::Convert(conversion, inner) = &expr.kind else { panic!("{expr:?}") };
    (*conversion, inner)
}

#[test]
fn integers_are_widened_computed_exactly_and_narrowed_where_they_are_stored() {
    let protocol = with_actions("n uint  d duration", "n = a - b + 1  d = (NOW() - t) * 2");
    let (place, value) = assigned(&actions(&protocol)[0]);
    assert_eq!((place, &value.ty), (&Place::Store("n".into()), &Type::Uint));
    let (narrow, sum) = converted(value);
    assert_eq!(narrow, Conversion::Narrow);
    let ExprKind::Binary(BinaryOp::Add, difference, one) = &sum.kind else { panic!("{sum:?}") };
    assert_eq!(one.kind, ExprKind::Integer(1));
    let ExprKind::Binary(BinaryOp::Subtract, a, _) = &difference.kind else { panic!("{difference:?}") };
    assert_eq!((converted(a).0, &converted(a).1.kind), (Conversion::Widen, &ExprKind::Argument("a".into())));
    let (_, span) = assigned(&actions(&protocol)[1]);
    assert_eq!(span.ty, Type::Duration);
    assert!(matches!(converted(span).1.kind, ExprKind::Binary(BinaryOp::Multiply, ..)));
}

#[test]
fn a_quotient_is_compared_with_a_fraction_exactly() {
    let protocol =
        with_actions("x bool  y bool  z float", "x = a / b >= SHARE  y = SHARE < a / b  z = a / b");
    for (index, expected) in [(0, BinaryOp::GreaterEqual), (1, BinaryOp::Greater)] {
        let (_, value) = assigned(&actions(&protocol)[index]);
        let ExprKind::CompareFraction { op, numerator, fraction, .. } = &value.kind else {
            panic!("{value:?}")
        };
        assert_eq!((*op, &fraction.ty), (expected, &Type::Decimal));
        assert_eq!(converted(numerator).1.kind, ExprKind::Argument("a".into()));
    }
    let (_, value) = assigned(&actions(&protocol)[2]);
    assert!(matches!(value.kind, ExprKind::Binary(BinaryOp::Divide, ..)));
}

#[test]
fn null_is_explicit_and_what_was_looked_at_is_unwrapped() {
    let protocol = with_actions(
        "n uint  o uint?",
        "o = a  IF maybe != null THEN ( n = maybe  o = maybe ) ELSE ( n = 0  o = null )",
    );
    let (_, some) = assigned(&actions(&protocol)[0]);
    assert_eq!(converted(some).0, Conversion::Some);
    let Action::If { then, otherwise, .. } = &actions(&protocol)[1] else { panic!() };
    let (_, plain) = assigned(&then[0]);
    assert_eq!((converted(plain).0, &plain.ty), (Conversion::Unwrap, &Type::Uint));
    let (_, null) = assigned(&otherwise[1]);
    assert_eq!((&null.kind, &null.ty), (&ExprKind::Null, &Type::Uint.optional()));
}

#[test]
fn payloads_are_filled_from_the_session_the_store_and_the_clock() {
    let protocol = with_actions(
        "n uint  note string  last block<B>",
        "n = a  note = \"x\"  SEND(peer_id, M)  last = APPEND(chain, B)",
    );
    let Action::Send { payload, .. } = &actions(&protocol)[2] else { panic!() };
    let ExprKind::Record(fields) = &payload.kind else { panic!() };
    let of = |name: &str| &fields.iter().find(|(n, _)| n == name).unwrap().1;
    assert_eq!(of("session_id").kind, ExprKind::Session);
    assert_eq!((&of("n").kind, &of("n").ty), (&ExprKind::Store("n".into()), &Type::Uint));
    assert_eq!(of("timestamp").kind, ExprKind::Builtin(Builtin::Now, vec![]));
    let (some, note) = converted(of("note"));
    assert_eq!((some, &note.kind), (Conversion::Some, &ExprKind::Store("note".into())));
    let Action::Append { into, block, .. } = &actions(&protocol)[3] else { panic!() };
    assert_eq!((into.clone(), block.as_str()), (Some(Place::Store("last".into())), "B"));
}

#[test]
fn spreads_copy_fields_and_later_ones_win() {
    let source = "transaction 1 \"P\"
struct Point ( x uint  y uint  z uint )
function MADE(p Point) -> Point ( return p )
actor A (
    store ( session_id hash  p Point  q Point )
    trigger go(p2 Point) in [IDLE]
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on go ( p = { z 1, ...p2, x 3 }  q = Point { ...MADE(p), y 4 } )
)";
    let protocol = protocol(source);
    let (_, first) = assigned(&actions(&protocol)[0]);
    let ExprKind::Record(fields) = &first.kind else { panic!() };
    let names: Vec<&str> = fields.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names, ["y", "z", "x"]);
    assert!(
        matches!(&fields[1].1.kind, ExprKind::Field(base, z) if z == "z" && base.kind == ExprKind::Argument("p2".into()))
    );
    let (_, second) = assigned(&actions(&protocol)[1]);
    let ExprKind::Let(slot, value, body) = &second.kind else { panic!("a call is made once") };
    assert!(matches!(value.kind, ExprKind::Call(..)) && matches!(body.kind, ExprKind::Record(_)));
    assert_eq!(transitions(&protocol, "A", "IDLE")[0].frame[*slot as usize].ty, Type::Struct("Point".into()));
}

const MACHINE: &str = "transaction 1 \"P\"
parameters ( WAIT = 5 seconds  STEP = 1 seconds )
struct Terms ( until timestamp )
message VOTE from B to [A] signed ( n uint )
actor A (
    store ( session_id hash  voters list<peer_id>  votes list<VOTE>  terms Terms  end timestamp )
    peers ( B voters )
    trigger go(voters list<peer_id>, terms Terms) in [IDLE]
    state IDLE initial
    state ONE
    state TWO
    state PASSED
    state DONE terminal
    IDLE -> ONE on go ( store voters, terms )
    IDLE -> TWO on VOTE
    ONE -> TWO on timeout(WAIT) when LENGTH(votes) > 3 ( end = NOW() ) else -> DONE
    any -> DONE on timeout(terms.until)
    any -> DONE on timeout(WAIT)
    ONE, TWO -> ONE on every(STEP)
    TWO -> DONE on timeout(end)
    collect VOTE in [ONE, TWO] into votes when message.n > 0
    PASSED -> DONE auto
    ignore VOTE in [TWO]
)
actor B ( store ( session_id hash  a peer_id )  trigger go(a peer_id) in [IDLE]  state IDLE initial  state DONE terminal
    IDLE -> DONE on go ( SEND(a, VOTE { n 1 }) ) )";

#[test]
fn wildcards_and_lists_of_states_become_a_handler_of_each_state() {
    let protocol = protocol(MACHINE);
    let causes = |state: &str| {
        let state = &protocol.actors["A"].states[state];
        state
            .handlers
            .iter()
            .map(|h| match h {
                Handler::Transition(t) => format!("{:?} -> {}", t.cause, t.then.to),
                Handler::Collect(c) => format!("collect {}", c.message),
            })
            .collect::<Vec<_>>()
    };
    // No instance waits in IDLE, PASSED never waits, ONE has a transition of its own for WAIT.
    assert_eq!(causes("IDLE"), ["Trigger(\"go\") -> ONE", "Message(\"VOTE\") -> TWO"]);
    assert_eq!(
        causes("ONE"),
        ["Timeout(0) -> TWO", "Timeout(1) -> DONE", "Period(2) -> ONE", "collect VOTE"]
    );
    assert_eq!(
        causes("TWO"),
        [
            "Timeout(0) -> DONE",
            "Timeout(1) -> DONE",
            "Period(2) -> ONE",
            "Timeout(3) -> DONE",
            "collect VOTE"
        ]
    );
    assert_eq!(causes("PASSED"), ["Auto -> DONE"]);
    assert_eq!(protocol.actors["A"].states["TWO"].overrides.len(), 1);
}

#[test]
fn time_limits_that_may_be_unset_are_optional() {
    let protocol = protocol(MACHINE);
    let two = &protocol.actors["A"].states["TWO"].limits;
    assert_eq!(two[3].value.ty, Type::Timestamp.optional());
    // Through a field that may be unset: the null met there means that it is not armed.
    let ExprKind::Field(terms, until) = &two[0].value.kind else { panic!() };
    assert_eq!((converted(terms).0, until.as_str()), (Conversion::Unwrap, "until"));
    let one = &protocol.actors["A"].states["ONE"].limits;
    assert_eq!((one[2].kind, &one[2].value.ty), (LimitKind::Period, &Type::Duration));
}

#[test]
fn a_collect_into_a_list_remembers_the_senders() {
    let protocol = protocol(MACHINE);
    let Some(Handler::Collect(collect)) = protocol.actors["A"].states["ONE"].handlers.last() else {
        panic!()
    };
    assert_eq!(collect.form, CollectForm::List { senders: "votes$senders".into() });
    assert_eq!(protocol.actors["A"].store["votes$senders"].ty, Type::List(Box::new(Type::PeerId)));
}

#[test]
fn a_roster_field_is_set_where_its_peer_is_heard() {
    let source = "transaction 1 \"P\"
message ASK from A to [B] signed ( n uint )
message TOLD from B to [A] signed ( n uint )
actor B (
    store ( session_id hash  asker peer_id )
    peers ( A asker )
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on ASK ( SEND(asker, TOLD { n message.n }) )
)
actor A ( store ( session_id hash  b peer_id )  trigger go(b peer_id) in [IDLE]  state IDLE initial  state DONE terminal
    IDLE -> IDLE on go ( SEND(b, ASK { n 1 }) )  IDLE -> DONE on TOLD )";
    let protocol = protocol(source);
    let Action::Send { to, .. } = &transitions(&protocol, "B", "IDLE")[0].then.actions[0] else { panic!() };
    assert_eq!((&to.kind, &to.ty), (&ExprKind::Store("asker".into()), &Type::PeerId));
}

#[test]
fn generic_functions_become_an_instance_for_each_use() {
    let source = "transaction 1 \"P\"
function FIRST(l list<T>, otherwise T) -> T ( for x in l return x return otherwise )
actor A (
    store ( session_id hash  n uint  s string )
    trigger go(l list<uint>) in [IDLE]
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on go ( n = FIRST(l, 3)  s = FIRST([], \"x\")  n = FIRST([], n) )
)";
    let protocol = protocol(source);
    assert_eq!(protocol.functions.keys().collect::<Vec<_>>(), ["FIRST<string>", "FIRST<uint>"]);
    assert_eq!(protocol.functions["FIRST<uint>"].returns, Type::Uint);
}

#[test]
fn locals_take_the_type_of_all_their_assignments() {
    let source = "transaction 1 \"P\"
function BEST(l list<uint>) -> uint (
    best = null
    seen = {}
    total = 0
    for x in l (
        seen[x] = true
        total = total + x
        if best == null or x > best then best = x
    )
    if best == null then return LENGTH(seen)
    return best + total
)
actor A ( store ( session_id hash  n uint )  trigger go() in [IDLE]  state IDLE initial  state DONE terminal
    IDLE -> DONE on go ( n = BEST([1]) ) )";
    let protocol = protocol(source);
    let frame = &protocol.functions["BEST"].frame;
    let of = |name: &str| frame.iter().find(|l| l.meta.name == name).unwrap().ty.to_string();
    assert_eq!((of("best"), of("seen")), ("uint?".into(), "map<uint, bool>".into()));
    assert!(matches!(protocol.functions["BEST"].body.last(), Some(Stmt::Return { .. })));
}

/// The order of declarations, comments, names of locals and unused declarations do not reach the protocol id.
#[test]
fn only_what_matters_reaches_the_protocol_id() {
    let id = |source: &str| Package::from_protocol(protocol(source)).unwrap().id;
    let (header, rest) = MACHINE.split_once('\n').unwrap();
    let (parameters, rest) = rest.split_once('\n').unwrap();
    let moved = format!(
        "{rest}\n# a comment\n{parameters}\nenum Unused ( NEVER )\nfunction IDLE_ONE() -> uint ( return 1 )\n{header}"
    );
    assert_eq!(id(MACHINE), id(&moved));
    assert_eq!(id(MACHINE), id(MACHINE));
    assert_ne!(id(MACHINE), id(&MACHINE.replace("5 seconds", "6 seconds")));
    assert_ne!(id(MACHINE), id(&MACHINE.replace("message.n > 0", "message.n > 1")));
}

#[test]
fn only_what_is_reachable_is_in_the_protocol() {
    let protocol = protocol(
        "transaction 1 \"P\"
enum Used ( ONE )
enum Unused ( TWO )
struct Inner ( u Used )
struct Outer ( inner Inner )
block K by [A] ( o Outer )
view Sum ( n uint  on K ( n = n + 1 ) )
view Lost ( n uint  on K ( n = n + 1 ) )
function F(c segment) -> uint ( return VIEW(Sum, c).n )
function G(c segment) -> uint ( return 1 )
actor A ( store ( session_id hash  n uint )  trigger go() in [IDLE]  state IDLE initial  state DONE terminal
    IDLE -> DONE on go ( n = F(chain) ) )",
    );
    assert_eq!(protocol.enums.keys().collect::<Vec<_>>(), ["Used"]);
    assert_eq!(protocol.structs.keys().collect::<Vec<_>>(), ["Inner", "Outer"]);
    assert_eq!(protocol.views.keys().collect::<Vec<_>>(), ["Sum"]);
    assert_eq!(protocol.functions.keys().collect::<Vec<_>>(), ["F"]);
    assert_eq!(protocol.blocks.keys().collect::<Vec<_>>(), ["K"]);
}

#[test]
fn causes_are_looked_up_as_trigger_then_task_then_message() {
    let protocol = protocol(
        "transaction 1 \"P\"
native task ping() -> uint \"x\"
message ping2 from A to [A] ()
actor A (
    store ( session_id hash  n uint )
    trigger go() in [IDLE]
    state IDLE initial
    state NEXT
    state DONE terminal
    IDLE -> NEXT on go ( START(ping()) )
    NEXT -> DONE on ping when result != null ( n = result )
    NEXT -> DONE on ping2
)",
    );
    let causes: Vec<Cause> = transitions(&protocol, "A", "NEXT").iter().map(|t| t.cause.clone()).collect();
    assert_eq!(causes, [Cause::Task("ping".into()), Cause::Message("ping2".into())]);
}
