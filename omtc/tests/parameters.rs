//! Scenarios that give parameters other values: what runs, what is judged, what is explored.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use omt_runtime::interp::Interpreter;
use omt_runtime::machine::Program;
use omt_runtime::package::Package;
use omtc::scenario::{self, Kind, Run};
use omtc::sema::{self, Options};
use omtc::source::MemorySources;
use omtc::spec::Specification;
use omtc::verify::{self, Outcome, Progress, Watch};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What both transactions import.
const SHARED: &str = "parameters ( QUOTA = 2 count )";

/// A counter that another transaction uses, with a parameter of its own and one whose name the other has, too.
const COUNTER: &str = r#"
transaction 81 "Counter"
imports shared/quota
parameters ( LIFETIME = 1 hours  OWN = 5 count )
actor Counter (
    store ( session_id hash  seen list<uint> )
    trigger count(session_id hash) in [IDLE]
    state IDLE initial
    state COUNTED rest
    state DONE terminal
    IDLE -> COUNTED on count ( seen = [QUOTA, OWN] )
    COUNTED -> DONE on timeout(LIFETIME)
)
"#;

const ASKING: &str = r#"
transaction 82 "Asking"
imports shared/quota
uses counter as Count
parameters ( PATIENCE = 5 seconds  OWN = 7 count  OFFSET = -1  MODE = FAST )
message ASK from Asker to [Teller] ( session_id hash  amount uint )
message TELL from Teller to [Asker] ( session_id hash  offset int  mode string  own uint )
actor Asker (
    store ( session_id hash  teller peer_id  amount uint  offset int  mode string  own uint )
    peers ( Teller teller )
    trigger ask(session_id hash, teller peer_id, amount uint) in [IDLE]
    state IDLE initial
    state WAITING
    state TOLD terminal
    state ALONE terminal
    IDLE -> WAITING on ask when amount <= QUOTA ( store teller, amount  SEND(teller, ASK) )
    WAITING -> TOLD on TELL ( store offset, mode, own )
    WAITING -> ALONE on timeout(PATIENCE)
)
actor Teller (
    store ( session_id hash  asker peer_id )
    peers ( Asker asker )
    state IDLE initial
    state DONE terminal
    IDLE -> DONE on ASK (
        asker = message.sender
        SEND(asker, TELL { offset OFFSET, mode MODE, own OWN })
    )
)
property modest always ( ALL(Asker, a => a.amount == null OR a.amount <= QUOTA) )
property small always ( ALL(Asker, a => a.amount == null OR a.amount <= 2) )
property told sometimes ( ANY(Asker, a => a.offset == 3 AND a.mode == "SLOW" AND a.own == 8) )

scenario as_declared (
    cast ( ann Asker  bob Teller )
    at 0 seconds ann.ask(HASH("a"), bob, 2)
    expect ann IN TOLD within PATIENCE
    expect ann.offset == -1 AND ann.mode == "FAST" AND ann.own == 7
    at 1 minutes ann.ask(HASH("b"), bob, 3)
    at 2 minutes ann.count(HASH("c"))
    expect ann.seen == [2, 5]
    expect ann IN DONE within 1 hours
)
scenario otherwise (
    parameters (
        OFFSET = 3
        MODE = SLOW
        OWN = 8 count
        PATIENCE = 3 days
        LIFETIME = 2 days
    )
    cast ( ann Asker  bob Teller )
    delay TELL by 20 seconds
    at PATIENCE ann.ask(HASH("a"), bob, 2)
    expect ann IN TOLD within PATIENCE
    expect ann.offset == 3 AND ann.mode == "SLOW" AND ann.own == 8
    at 2 * PATIENCE ann.count(HASH("c"))
    expect ann.seen == [QUOTA, 5]
    at 2 * PATIENCE + 2 days ann.count(HASH("d"))
    expect COUNT(Count.Counter, c => c IN DONE) == 1
)
scenario shared_by_all (
    parameters ( QUOTA = 4 count )
    cast ( ann Asker  bob Teller )
    at 0 seconds ann.count(HASH("c"))
    expect ann.seen == [4, 5]
    at 1 seconds ann.ask(HASH("a"), bob, 4)
    expect ann IN WAITING
)
scenario impatient (
    parameters ( PATIENCE = 20 milliseconds )
    cast ( ann Asker  bob Teller )
    at 0 seconds ann.ask(HASH("a"), bob, 2)
    expect ann IN TOLD within 1 seconds
)
scenario scope_otherwise (
    parameters ( OFFSET = 3  MODE = SLOW  OWN = 8 count )
    cast ( ann Asker  bob Teller )
    at 0 seconds ann.ask(HASH("a"), bob, 2)
)
scenario scope_as_declared (
    cast ( ann Asker  bob Teller )
    at 0 seconds ann.ask(HASH("a"), bob, 2)
)
"#;

struct Setup {
    specification: Arc<Specification>,
    packages: Vec<Arc<Package>>,
}

fn setup() -> Setup {
    let sources = MemorySources::new()
        .with("protocols/shared/quota.omt", SHARED)
        .with("protocols/counter.omt", COUNTER)
        .with("protocols/asking.omt", ASKING);
    let roots = [PathBuf::from("protocols/asking.omt"), PathBuf::from("protocols/counter.omt")];
    let options = Options { specify: true, ..Options::default() };
    let analyzed = sema::analyze_with(&sources, &roots, &options);
    let errors: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let package = |unit: &sema::Unit| Package::from_protocol(unit.protocol.clone().unwrap()).unwrap();
    let specification = analyzed.units[0].specification.clone().unwrap();
    Setup { specification, packages: analyzed.units.iter().map(|unit| Arc::new(package(unit))).collect() }
}

impl Setup {
    fn run(&self, name: &str) -> Run {
        let scenario = self.specification.scenarios.iter().find(|s| s.name == name).unwrap();
        scenario::interpret(&self.specification, scenario, &self.packages, &scenario::Options::default())
    }

    fn explored(&self, name: &str) -> Outcome {
        let scenario = self.specification.scenarios.iter().find(|s| s.name == name).unwrap();
        let setup = verify::Setup {
            specification: Arc::clone(&self.specification),
            packages: self.packages.clone(),
            options: verify::Options::default(),
        };
        verify::verify(&setup, scenario, &mut Nobody).unwrap()
    }
}

struct Nobody;

impl Watch for Nobody {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
    fn progress(&mut self, _: &Progress) {}
}

#[test]
fn machines_properties_and_times_have_the_values_of_the_scenario_and_of_no_other() {
    let setup = setup();
    for name in ["as_declared", "otherwise"] {
        let run = setup.run(name);
        assert!(run.passed(), "{name}: {:?}", run.deviation);
    }
}

#[test]
fn a_parameter_of_a_shared_file_changes_in_every_transaction_and_for_properties() {
    let run = setup().run("shared_by_all");
    let deviation = run.deviation.unwrap();
    // `modest` reads the parameter and holds, with 4; `small` has the number of the source.
    assert_eq!(deviation.kind, Kind::Property);
    assert!(deviation.message.contains("small"), "{}", deviation.message);
    assert!(
        deviation.facts.contains(&"parameters of this scenario: QUOTA = 4 count".to_owned()),
        "{:?}",
        deviation.facts
    );
    assert_eq!(run.elapsed, 1_000_000);
}

#[test]
fn a_time_limit_passes_when_the_scenario_says() {
    let run = setup().run("impatient");
    let deviation = run.deviation.unwrap();
    assert_eq!(deviation.kind, Kind::Expectation);
    assert!(deviation.facts.iter().any(|fact| fact.contains("ALONE")), "{:?}", deviation.facts);
}

#[test]
fn programs_with_other_values_built_in_are_refused() {
    let setup = setup();
    let programs: Vec<Arc<dyn Program>> = setup
        .packages
        .iter()
        .map(|package| Arc::new(Interpreter::new(Arc::clone(package))) as Arc<dyn Program>)
        .collect();
    let options = scenario::Options::default();
    let scenario = setup.specification.scenarios.iter().find(|s| s.name == "otherwise").unwrap();
    let run = scenario::run(&setup.specification, scenario, &programs, &options);
    let deviation = run.deviation.unwrap();
    assert_eq!(deviation.kind, Kind::Cast);
    assert!(deviation.message.contains("OFFSET = 3"), "{}", deviation.message);
    let scenario = setup.specification.scenarios.iter().find(|s| s.name == "as_declared").unwrap();
    assert!(scenario::run(&setup.specification, scenario, &programs, &options).passed());
}

#[test]
fn a_scope_is_explored_with_its_parameters_and_says_so() {
    let setup = setup();
    let verdict = |outcome: &Outcome| outcome.verdicts.iter().find(|v| v.property == "told").unwrap().holds();
    let changed = setup.explored("scope_otherwise");
    assert!(verdict(&changed));
    let said = "parameters of this scope: OFFSET = 3, MODE = SLOW, OWN = 8 count".to_owned();
    assert!(changed.abstractions.contains(&said), "{:?}", changed.abstractions);
    let declared = setup.explored("scope_as_declared");
    assert!(!verdict(&declared));
    assert!(!declared.abstractions.iter().any(|line| line.contains("parameters")));
}
