//! Properties and scenarios: what their expressions are worth, in runs that are written down here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names the kind that it wants")]

use omt_runtime::chain::{RawBlock, Segment};
use omt_runtime::crypto::Keypair;
use omt_runtime::fault::FaultKind;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::interp::Interpreter;
use omt_runtime::ir::Type;
use omt_runtime::machine::{Input as Event, Machine, Program, Reaction};
use omt_runtime::package::Package;
use omt_runtime::testing::{TestEnv, keypair};
use omt_runtime::value::Value;
use omt_runtime::wire;
use omtc::sema::{Options, analyze_with};
use omtc::source::MemorySources;
use omtc::spec::{
    Claim, Evaluator, Event as Step, Input, InstanceParts, Names, Query, Role, START, Situation,
    Specification, StepKind, instance, peer, show,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run, as far as queries see it.
#[derive(Default)]
struct Run {
    keys: BTreeMap<String, Keypair>,
    /// By role: peer and record, oldest first.
    instances: BTreeMap<Role, Vec<(String, Value)>>,
    peers: Vec<Value>,
}

impl Situation for Run {
    fn instances(&self, role: &Role) -> Value {
        Value::list(self.instances.get(role).into_iter().flatten().map(|(_, record)| record.clone()))
    }

    fn newest(&self, member: &str, roles: &[Role]) -> Option<Value> {
        let of = |role| self.instances.get(role).into_iter().flatten();
        roles.iter().flat_map(of).rfind(|(name, _)| name == member).map(|(_, record)| record.clone())
    }

    fn peers(&self) -> Value {
        Value::list(self.peers.iter().cloned())
    }

    fn peer(&self, member: &str) -> Option<PeerId> {
        self.keys.get(member).map(Keypair::peer_id)
    }

    fn now(&self) -> i64 {
        START
    }

    fn sign(&self, member: &str, digest: &Hash) -> Option<Signature> {
        self.keys.get(member).map(|key| key.sign(digest))
    }
}

const PROTOCOL: &str = r#"
parameters ( LIMIT = 10 count )
enum Answer ( YES NO )
struct Body ( amount uint  answer Answer  of peer_id? )
struct Claim ( session_id hash  amount uint )
message ASK from Asker to [Teller] signed ( body Body  timestamp timestamp  proof signature )
block NOTE by [Asker] ( amount uint  timestamp timestamp )
view Notes "Amounts" ( total uint  on NOTE ( total = total + block.payload.amount ) )
native function SEED(round uint, of peer_id) -> secret<bytes> "test.seed"
native task judge(amount uint) -> bool "test.judge"
function OVER(body Body) -> bool ( RETURN body.amount > LIMIT )
actor Asker (
    store ( session_id hash  teller peer_id  body Body  words list<bytes>  seed secret<bytes> )
    shared ( count uint  known map<peer_id, Answer>  place hash )
    peers ( Teller teller )
    trigger ask(session_id hash, teller peer_id, body Body, words list<bytes>) in [IDLE]
    trigger idle(bodies map<peer_id, Body>, times list<timestamp>, waits map<uint, duration>, more list<int>, rate float, note string?) in [IDLE]
    state IDLE initial
    state WAITING rest
    state DONE terminal
    IDLE -> WAITING on ask ( store teller, body, words  count = count + 1 )
    IDLE -> DONE on idle
    WAITING -> DONE on judge
)
actor Teller (
    store ( asker peer_id  proof signature )
    peers ( Asker asker )
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on ASK ( store proof )
)
"#;

fn specified(text: &str) -> (Arc<Specification>, Package) {
    let source = format!("transaction 1 \"Asking\"\n{PROTOCOL}\n{text}\n");
    let sources = MemorySources::new().with("protocols/a.omt", source.as_str());
    let options = Options { specify: true, ..Options::default() };
    let analyzed = analyze_with(&sources, &["protocols/a.omt".into()], &options);
    let said = omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
    let unit = &analyzed.units[0];
    let specification = unit.specification.clone().unwrap_or_else(|| panic!("{said}"));
    (specification, Package::from_protocol(unit.protocol.clone().unwrap()).unwrap())
}

fn role(actor: &str) -> Role {
    Role { transaction: 0, actor: actor.to_owned() }
}

fn body(amount: u64) -> Value {
    Value::record([
        ("amount", Value::from(amount)),
        ("answer", Value::Enum("YES".into())),
        ("of", Value::Null),
    ])
}

/// An instance of Asker that has been asked, or not.
fn asker(package: &Package, asked: Option<u64>, teller: PeerId) -> Box<dyn Machine> {
    let program = Interpreter::new(Arc::new(package.clone()));
    let machine = program.start("Asker", Hash([7; 32])).unwrap();
    let Some(amount) = asked else { return machine };
    let arguments = [Value::Hash(Hash([7; 32])), Value::Peer(teller), body(amount), Value::list([])]
        .map(|value| wire::to_bytes(&value))
        .to_vec();
    let input = Event::Trigger { name: "ask".to_owned(), arguments };
    match machine.step(&input, &mut TestEnv::new(1)).unwrap() {
        Reaction::Fired(fired) => fired.machine,
        _ => panic!("not asked"),
    }
}

fn chain(key: &Keypair, amounts: &[u64]) -> Segment {
    amounts.iter().fold(Segment::empty(key.peer_id()), |chain, amount| {
        let payload = Value::record([("amount", Value::from(*amount)), ("timestamp", Value::from(START))]);
        let block: RawBlock = chain.next(START, "NOTE", wire::to_bytes(&payload)).signed_by(key);
        chain.append(block).unwrap()
    })
}

/// Ann has asked bob for 3 and dan, who is not honest, for 30; cat has done nothing.
fn run(package: &Package) -> Run {
    let names = ["ann", "bob", "cat", "dan"];
    let keys: BTreeMap<String, Keypair> = (0..).zip(names).map(|(i, n)| (n.to_owned(), keypair(i))).collect();
    let mut run = Run::default();
    let mut add = |name: &str, asked: Option<u64>, honest: bool| {
        let key = &keys[name];
        let chain = chain(key, if honest { &[1, 2] } else { &[40] });
        run.peers.push(peer(key.peer_id(), honest, &chain));
        let machine = asker(package, asked, keys["bob"].peer_id());
        let record = instance(&InstanceParts {
            package,
            machine: machine.as_ref(),
            shared: &|field| (field == "count").then(|| wire::to_bytes(&Value::from(5u64))),
            peer: key.peer_id(),
            honest,
            chain: &chain,
        });
        run.instances.entry(role("Asker")).or_default().push((name.to_owned(), record.unwrap()));
    };
    add("ann", Some(3), true);
    add("cat", None, true);
    add("dan", Some(30), false);
    run.keys = keys;
    run
}

/// The truth of properties in that run.
#[test]
fn properties_are_true_or_false_of_a_run() {
    let claims = [
        ("ALL(Asker, c => c.body == null or c.body.amount <= LIMIT)", Ok(false)),
        ("ALL(Asker, c => not HONEST(c) or c.body == null or c.body.amount <= LIMIT)", Ok(true)),
        ("ANY(Asker, c => c.body != null and OVER(c.body) and HONEST(c))", Ok(false)),
        (
            "COUNT(Asker, c => c.state == WAITING) == 2 and COUNT(Asker, c => c IN [IDLE, DONE]) == 1",
            Ok(true),
        ),
        ("LENGTH(Teller) == 0 and ALL(Teller, t => t.state == DONE)", Ok(true)),
        ("ALL(Asker, c => c.count == 5 and LENGTH(c.known) == 0 and c.place == null)", Ok(true)),
        ("ALL(Asker, c => c.session == c.session_id and c.words == [])", Ok(true)),
        ("ANY(Asker, c => VIEW(Notes, c.chain).total == 40)", Ok(true)),
        ("SUM(MAP(network, p => VIEW(Notes, p.chain).total)) == 46", Ok(true)),
        ("COUNT(network, p => HONEST(p)) == 2 and COUNT(network, p => HONEST(p.peer)) == 2", Ok(true)),
        ("ANY(Asker, c => c.teller != null and HONEST(c.teller))", Ok(false)),
        ("SUM(MAP(Asker, c => if c.body == null then 0 else c.body.amount)) == 33", Ok(true)),
        (
            "ANY(Asker, c => c.state == DONE or c.body == null) and LENGTH(Asker) // LENGTH(Teller) > 0",
            Err(()),
        ),
        ("ALL(Asker, c => DAY(NOW()) > c.count)", Ok(true)),
    ];
    let text: String =
        (0..).zip(&claims).map(|(i, (c, _))| format!("property p{i} always ( {c} )\n")).collect();
    let (specification, package) = specified(&text);
    let run = run(&package);
    let evaluator = Evaluator::new(Arc::clone(&specification));
    for (property, (claim, expected)) in specification.properties.iter().zip(&claims) {
        let Claim::Always(query) = &property.claim else { panic!("always") };
        let found = evaluator.holds(query, &run);
        match expected {
            Ok(expected) => assert_eq!(found, Ok(*expected), "{claim}"),
            Err(()) => {
                let fault = found.unwrap_err();
                assert_eq!(fault.kind, FaultKind::DivisionByZero);
                assert!(query.at.start < fault.at.start && fault.at.end <= query.at.end, "{claim}");
            }
        }
        assert_eq!(query.reads_now, claim.contains("NOW()"), "{claim}");
    }
}

/// A query says what it reads: no more, and nothing that is not in the package of the protocol itself reaches its id.
#[test]
fn a_query_names_what_it_reads() {
    let (specification, package) =
        specified("property p never ( ANY(Asker, a => COUNT(Teller, t => t.peer == a.peer) > 1) )");
    let Claim::Never(query) = &specification.properties[0].claim else { panic!("never") };
    assert_eq!(query.inputs, [Input::Instances(role("Asker")), Input::Instances(role("Teller"))]);
    assert_eq!(query.roles().cloned().collect::<Vec<_>>(), [role("Asker"), role("Teller")]);
    assert!(!query.reads_peers() && !query.reads_now);
    assert_eq!(specification.package.id, package.id);
    assert!(package.protocol.structs.keys().all(|name| !name.contains(' ')));
    assert!(specification.package.protocol.functions.contains_key(&query.function));
}

fn scenario(steps: &str) -> (Arc<Specification>, Package) {
    specified(&format!(
        "scenario s ( cast ( ann Asker  bob Teller  cat Asker  dan Asker byzantine )\n{steps}\n)"
    ))
}

fn expectations(specification: &Specification) -> Vec<&Query> {
    let steps = specification.scenarios[0].steps.iter();
    steps
        .filter_map(|s| if let StepKind::Expect { condition, .. } = &s.kind { Some(condition) } else { None })
        .collect()
}

/// `NAME IN STATE`, `NAME.field`: of the newest instance; of none, everything is null and no state holds.
#[test]
fn members_are_asked_for_their_newest_instance() {
    let cases = [
        ("ann IN WAITING and ann.state == WAITING and ann.state != DONE", true),
        ("ann IN [DONE, WAITING] and not (ann IN [DONE, IDLE])", true),
        ("ann.body.amount == 3 and ann.peer == ann and ann.teller == bob", true),
        ("bob IN IDLE or bob.state == DONE or bob.state != null", false),
        ("bob.asker == null and bob.session == null", true),
        ("cat.body == null", true),
        ("cat.body.amount == 3", false),
        ("VIEW(Notes, ann.chain).total == 3 and VIEW(Notes, dan.chain).total == 40", true),
        ("HONEST(ann) and not HONEST(dan)", true),
        ("ann.count > 4", true),
    ];
    let steps: String = cases.iter().map(|(c, _)| format!("expect {c}\n")).collect();
    let (specification, package) = scenario(&steps);
    let run = run(&package);
    let evaluator = Evaluator::new(Arc::clone(&specification));
    for (query, (text, expected)) in expectations(&specification).iter().zip(&cases) {
        assert_eq!(evaluator.expected(query, &run), Ok(*expected), "{text}");
    }
}

/// Steps: times are numbers, disturbances have their defaults, a message is signed by who says it.
#[test]
fn steps_are_data() {
    let (specification, package) = scenario(
        "at 90 seconds ann.ask(HASH(\"s\"), bob, Body { amount LIMIT, answer NO, of ann }, [\"ab\"])
         delay ASK from ann to bob nth 2
         at 2 * 1 minutes dan -> bob ASK { session HASH(\"t\"), body ann.body, proof SIGN(Claim { session_id HASH(\"t\"), amount 1 }) }
         expect VERIFY_SIG(dan, Claim { session_id HASH(\"t\"), amount 1 }, bob.proof) within LIMIT * 1 seconds",
    );
    let run = run(&package);
    let evaluator = Evaluator::new(Arc::clone(&specification));
    let steps = &specification.scenarios[0].steps;
    let StepKind::At { time: 90_000_000, event: Step::Trigger { arguments, roles, session: Some(0), .. } } =
        &steps[0].kind
    else {
        panic!("{:?}", steps[0])
    };
    assert_eq!(roles, &[role("Asker")]);
    let octets = evaluator.evaluate(&arguments[3], &run).unwrap();
    assert_eq!(octets, Value::list([Value::Bytes(b"ab".to_vec().into())]));
    let StepKind::Disturb(disturb) = &steps[1].kind else { panic!("disturb") };
    assert_eq!((disturb.by, disturb.nth, disturb.times), (60_000_000, Some(2), None));
    let StepKind::At { time: 120_000_000, event: Step::Say(say) } = &steps[2].kind else { panic!("say") };
    let Value::Record(payload) = evaluator.evaluate(&say.payload, &run).unwrap() else { panic!("record") };
    assert_eq!(payload.get("timestamp"), Some(&Value::from(START)));
    assert_eq!(payload.get("body"), Some(&body(3)));
    // What says whether it is dan's signature of that claim is the language itself.
    let seen = Value::record([("proof", payload.get("proof").unwrap().clone()), ("state", Value::Null)]);
    let StepKind::Expect { condition, within: Some(10_000_000) } = &steps[3].kind else { panic!("expect") };
    for (signer, signed) in [("dan", true), ("ann", false)] {
        let key = run.keys[signer].clone();
        let mut run = Run { keys: run.keys.clone(), ..Run::default() };
        run.instances.insert(role("Teller"), vec![("bob".to_owned(), seen.clone())]);
        run.keys.insert("dan".to_owned(), key);
        assert_eq!(evaluator.expected(condition, &run), Ok(signed));
    }
}

/// What a native answers may depend on its arguments; a secret is given as what it hides.
#[test]
fn natives_answer_by_their_arguments() {
    let (specification, package) = specified(
        "scenario s ( cast ( ann Asker {
            natives { SEED n => of => if of == bob then \"one\" else \"two\", judge null },
            shared { known { bob YES, ann NO }, place HASH(\"p\") }, clock 3 seconds,
            chain [NOTE { amount 1 }] + MAP([2, 3], n => NOTE { amount n, timestamp NOW() }) } bob Teller ) )",
    );
    let run = run(&package);
    let evaluator = Evaluator::new(Arc::clone(&specification));
    let ann = &specification.scenarios[0].cast[0];
    let answer = |who: &str| {
        let arguments = [Value::from(1u64), Value::Peer(run.keys[who].peer_id())];
        evaluator.answer(&ann.natives[0].value, &run, &arguments).unwrap()
    };
    assert_eq!(answer("bob"), Value::Bytes(b"one".to_vec().into()));
    assert_eq!(answer("cat"), Value::Bytes(b"two".to_vec().into()));
    assert!(ann.natives[1].task && evaluator.evaluate(&ann.natives[1].value, &run).unwrap().is_null());
    let Value::Map(known) = evaluator.evaluate(&ann.shared[0].value, &run).unwrap() else { panic!("map") };
    assert_eq!(known.get(&Value::Peer(run.keys["bob"].peer_id())), Some(&Value::Enum("YES".into())));
    assert_eq!((ann.clock, ann.chain.len()), (3_000_000, 2));
    assert_eq!(ann.chain.iter().map(|b| b.many).collect::<Vec<_>>(), [false, true]);
}

/// What is shown as exact is read back as the same value.
#[test]
fn values_are_written_as_expressions_that_mean_them() {
    let (specification, package) = specified("");
    let run = run(&package);
    let peers: BTreeMap<PeerId, &str> = run.keys.iter().map(|(n, k)| (k.peer_id(), n.as_str())).collect();
    let known = |value: &Value| match value {
        Value::Peer(id) => peers.get(id).map(|name| (*name).to_owned()),
        _ => None,
    };
    let names = Names { known: &known, now: START };
    let ann = run.keys["ann"].peer_id();
    let with = |amount: u64, of: Value| {
        Value::record([("amount", Value::from(amount)), ("answer", Value::Enum("NO".into())), ("of", of)])
    };
    let bodies = [(Value::Peer(ann), with(u64::MAX, Value::Peer(ann)))].into_iter().collect();
    let waits = [(Value::from(7u64), Value::from(90_000_000i64)), (Value::from(9u64), Value::from(-5i64))];
    let values = [
        Value::Map(bodies),
        Value::list([Value::from(START), Value::from(START + 1_500_000), Value::from(START - 3)]),
        Value::Map(waits.into_iter().collect()),
        Value::list([Value::from(-3i64), Value::from(i64::MAX), Value::from(i64::MIN)]),
        Value::Float(-1e21),
        Value::Null,
    ];
    let arguments = &package.protocol.actors["Asker"].triggers["idle"].arguments;
    let shown: Vec<String> = values
        .iter()
        .zip(arguments)
        .map(|(value, argument)| {
            let shown = show(value, &argument.ty, &specification.package.protocol, &names);
            assert!(shown.exact, "{}", shown.text);
            shown.text
        })
        .collect();
    let (again, _) = scenario(&format!("at 0 seconds ann.idle({})", shown.join(", ")));
    let evaluator = Evaluator::new(Arc::clone(&again));
    let StepKind::At { event: Step::Trigger { arguments, .. }, .. } = &again.scenarios[0].steps[0].kind
    else {
        panic!("trigger")
    };
    for ((query, value), text) in arguments.iter().zip(&values).zip(&shown) {
        assert_eq!(&evaluator.evaluate(query, &run).unwrap(), value, "{text}");
    }
    for (value, ty) in [
        (Value::Hash(Hash([1; 32])), Type::Hash),
        (Value::text("a \" b"), Type::String),
        (Value::Bytes(vec![0xff].into()), Type::Bytes),
        (Value::Peer(PeerId([9; 32])), Type::PeerId),
    ] {
        assert!(!show(&value, &ty, &package.protocol, &names).exact);
    }
}

/// Used transactions: their actors by alias, their triggers, states and fields of members, their natives and shared fields.
#[test]
fn what_is_used_can_be_named() {
    let lock = "transaction 2 \"Lock\"
        struct Body ( note string )
        native function PRICE(of hash) -> uint \"test.price\"
        message PAY from Payer to [Taker] ( body Body )
        actor Payer (
            store ( session_id hash  body Body  taker peer_id )
            shared ( paid uint )
            peers ( Taker taker )
            trigger pay(session_id hash, taker peer_id, body Body) in [IDLE]
            state IDLE initial
            state LOCKED rest
            IDLE -> LOCKED on pay ( store taker, body  paid = PRICE(session_id)  SEND(taker, PAY) )
        )
        actor Taker ( store ( payer peer_id  body Body )  peers ( Payer payer )
            state IDLE initial  state TAKEN terminal  IDLE -> TAKEN on PAY ( store body ) )";
    let source = format!(
        "transaction 1 \"Asking\"\nuses lock as Lock\n{PROTOCOL}
        property two never ( ANY(Lock.Payer, p => p.body != null and p.body.note == \"x\" and p.state == LOCKED) )
        scenario s (
            cast ( ann Asker {{ natives {{ PRICE of => 3 }}, shared {{ paid 3, count 4 }} }}  bob Teller )
            at 0 seconds ann.pay(HASH(1), bob, {{ note \"n\" }})
            drop PAY from ann
            at 1 seconds ann -> bob PAY {{ body {{ note \"m\" }}, session HASH(1) }}
            expect ann IN LOCKED and bob IN TAKEN
            expect bob.payer == ann and ann.body == null and ann.taker == bob and ann IN IDLE
        )"
    );
    let sources =
        MemorySources::new().with("protocols/a.omt", source.as_str()).with("protocols/lock.omt", lock);
    let options = Options { specify: true, ..Options::default() };
    let analyzed = analyze_with(&sources, &["protocols/a.omt".into()], &options);
    let said = omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
    let specification = analyzed.units[0].specification.clone().unwrap_or_else(|| panic!("{said}"));
    let names: Vec<_> =
        specification.transactions.iter().map(|t| (t.number.as_str(), t.alias.as_deref())).collect();
    assert_eq!(names, [("1", None), ("2", Some("Lock"))]);
    let scenario = &specification.scenarios[0];
    assert_eq!(
        (scenario.cast[0].natives[0].transaction, scenario.cast[0].natives[0].library.as_str()),
        (1, "test.price")
    );
    let payer = Role { transaction: 1, actor: "Payer".to_owned() };
    assert_eq!(scenario.cast[0].shared[0].role, payer);
    let StepKind::At { event: Step::Trigger { roles, arguments, session: Some(0), .. }, .. } =
        &scenario.steps[0].kind
    else {
        panic!("trigger")
    };
    assert_eq!(roles, std::slice::from_ref(&payer));
    let keys = (0..).zip(["ann", "bob"]).map(|(i, n)| (n.to_owned(), keypair(i))).collect();
    let mut run = Run { keys, ..Run::default() };
    let evaluator = Evaluator::new(Arc::clone(&specification));
    let note = evaluator.evaluate(&arguments[2], &run).unwrap();
    assert_eq!(note, Value::record([("note", Value::text("n"))]));
    let StepKind::Disturb(disturb) = &scenario.steps[1].kind else { panic!("disturb") };
    assert_eq!((disturb.message.transaction, disturb.message.name.as_str()), (1, "PAY"));
    let record = |name: &str, state: &str, field: (&'static str, &str)| {
        let value = Value::Peer(run.keys[field.1].peer_id());
        let fields = [("state", Value::Enum(state.into())), (field.0, value), ("body", note.clone())];
        (name.to_owned(), Value::record(fields))
    };
    let (paid, taken) = (record("ann", "LOCKED", ("taker", "bob")), record("bob", "TAKEN", ("payer", "ann")));
    run.instances.insert(payer, vec![paid]);
    run.instances.insert(Role { transaction: 1, actor: "Taker".to_owned() }, vec![taken]);
    let expected = expectations(&specification);
    assert_eq!(evaluator.expected(expected[0], &run), Ok(true));
    // `body` and IDLE are what this transaction's actor has, of which ann has no instance.
    assert_eq!(evaluator.expected(expected[1], &run), Ok(false));
    let Claim::Never(query) = &specification.properties[0].claim else { panic!("never") };
    assert_eq!(evaluator.holds(query, &run), Ok(false));
}

/// The chapter on properties and scenarios: its examples are one transaction, without a finding, in the style of `omtc fmt`.
#[test]
fn the_chapter_on_scenarios_is_true() {
    let chapter = std::fs::read_to_string("../docs/language/scenarios.md").unwrap();
    let blocks: Vec<&str> =
        chapter.split("```omt\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let source = blocks.join("\n");
    let sources = MemorySources::new().with("protocols/a.omt", source.as_str());
    let options = Options { specify: true, ..Options::default() };
    let analyzed = analyze_with(&sources, &["protocols/a.omt".into()], &options);
    let said = omtc::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
    assert_eq!(said, "");
    let specification = analyzed.units[0].specification.clone().unwrap();
    assert_eq!((specification.properties.len(), specification.scenarios.len()), (5, 4));
}

/// A property is never left out in silence because of what is wrong elsewhere.
#[test]
fn what_cannot_be_checked_is_named() {
    let lock = "transaction 2 \"Lock\"
        actor Payer ( store ( session_id hash  body Nobody )  trigger pay(session_id hash) in [IDLE]
            state IDLE initial  state DONE terminal  IDLE -> DONE on pay )";
    let asked = "property p never ( ANY(Lock.Payer, c => c.body == null) )";
    let said = |uses: &str, library: &str, property: &str| {
        let source = format!("transaction 1 \"Asking\"\n{uses}\n{PROTOCOL}\n{property}");
        let sources =
            MemorySources::new().with("protocols/a.omt", source.as_str()).with("protocols/lock.omt", library);
        let options = Options { specify: true, ..Options::default() };
        let analyzed = analyze_with(&sources, &["protocols/a.omt".into()], &options);
        let found: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code.id).collect();
        assert_eq!(analyzed.units[0].specification.is_some(), found.is_empty());
        found
    };
    assert_eq!(said("uses lock as Lock", lock, asked), ["E0114"]);
    assert_eq!(said("uses lock as Lock", &lock.replace("Nobody", "uint"), asked), [""; 0]);
    assert_eq!(said("uses lock as Lock", "struct Lonely ( a uint )", asked), ["E0116"]);
    let twice = "uses lock as Other\nuses lock as Lock";
    assert_eq!(said(twice, &lock.replace("Nobody", "uint"), asked), [""; 0]);
}
