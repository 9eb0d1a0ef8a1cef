#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm
)]

use super::*;
use crate::fuzz;
use crate::ir::{
    Dimension, Expr, ExprKind, Field, Handler, Limit, Meta, ParameterValue, Transition, Type, UnaryOp,
};
use crate::testing::build::{self, at, rich};
use ciborium::Value as Cbor;
use proptest::prelude::*;

fn id(protocol: Protocol) -> Hash {
    Package::from_protocol(protocol).unwrap_or_else(|error| panic!("{error}")).id
}

fn bytes() -> Vec<u8> {
    Package::from_protocol(rich()).unwrap().to_bytes().unwrap()
}

fn transition<'a>(protocol: &'a mut Protocol, state: &str, index: usize) -> &'a mut Transition {
    match &mut protocol.actors.get_mut("A").unwrap().states.get_mut(state).unwrap().handlers[index] {
        Handler::Transition(transition) => transition,
        Handler::Collect(_) => panic!("a collect"),
    }
}

#[test]
fn a_package_reads_back_and_is_written_the_same_way_every_time() {
    let package = Package::from_protocol(rich()).unwrap();
    let bytes = package.to_bytes().unwrap();
    assert_eq!(Package::load(&bytes).unwrap(), package);
    assert_eq!(Package::load(&bytes).unwrap().to_bytes().unwrap(), bytes);
}

#[test]
fn the_id_does_not_depend_on_what_is_for_people() {
    let changes: Vec<(&str, fn(&mut Protocol))> = vec![
        ("title", |p| p.meta.name = "Another".into()),
        ("documentation", |p| p.messages.get_mut("ASK").unwrap().meta.doc = "asks".into()),
        ("order of fields", |p| {
            p.structs.get_mut("Body").unwrap().fields.get_mut("n").unwrap().meta.order = 7;
        }),
        ("position of a transition", |p| transition(p, "IDLE", 0).meta.at = at(99)),
        ("position of an expression", |p| transition(p, "IDLE", 0).guard.as_mut().unwrap().meta = at(99)),
        ("name of a local", |p| transition(p, "IDLE", 0).frame[0].meta.name = "x".into()),
        ("unit of a parameter", |p| {
            p.parameters.get_mut("WAIT").unwrap().meta.unit = Some("seconds".into());
        }),
        ("name of a native's parameter", |p| {
            p.tasks.get_mut("work").unwrap().parameters[0].meta.name = "y".into()
        }),
        ("sources", |p| p.meta.sources.push("more.omt".into())),
    ];
    for (what, change) in changes {
        let mut protocol = rich();
        change(&mut protocol);
        assert_ne!(protocol, rich(), "{what} changed nothing");
        assert_eq!(id(protocol), id(rich()), "{what}");
    }
}

#[test]
fn every_change_of_behaviour_or_of_the_wire_changes_the_id() {
    let changes: Vec<(&str, fn(&mut Protocol))> = vec![
        ("number", |p| p.number = "98".into()),
        ("session key", |p| p.session_key = "query_id".into()),
        ("name of a field", |p| {
            let fields = &mut p.blocks.get_mut("NOTE").unwrap().fields;
            fields.insert("m".into(), Field { ty: Type::Uint, meta: Meta::default() });
            transition(p, "IDLE", 0).then.actions.truncate(3);
        }),
        ("type of a field", |p| {
            p.actors.get_mut("A").unwrap().shared.get_mut("count").unwrap().ty = Type::Uint.optional()
        }),
        ("value of a parameter", |p| {
            p.parameters.get_mut("WAIT").unwrap().value = ParameterValue::Duration(5_000_001);
        }),
        ("scale of a fraction", |p| {
            p.parameters.get_mut("PART").unwrap().value = ParameterValue::Decimal { numerator: 67, scale: 3 };
        }),
        ("value of an enum", |p| {
            p.enums.get_mut("Verdict").unwrap().values.insert("LATE".into(), Default::default());
        }),
        ("guard", |p| transition(p, "IDLE", 0).guard = None),
        ("number in a guard", |p| {
            let ExprKind::Binary(_, _, right) = &mut transition(p, "IDLE", 0).guard.as_mut().unwrap().kind
            else {
                panic!()
            };
            right.kind = ExprKind::Integer(101);
        }),
        ("order of handlers", |p| {
            p.actors.get_mut("A").unwrap().states.get_mut("IDLE").unwrap().handlers.reverse();
        }),
        ("order of actions", |p| transition(p, "IDLE", 0).then.actions.swap(0, 1)),
        ("target", |p| transition(p, "IDLE", 1).then.to = "DONE".into()),
        ("else", |p| transition(p, "IDLE", 0).otherwise = None),
        ("time limit", |p| {
            let state = p.actors.get_mut("A").unwrap().states.get_mut("WAITING").unwrap();
            state.limits.push(Limit { meta: Meta::default(), ..state.limits[0].clone() });
        }),
        ("override", |p| {
            p.actors.get_mut("A").unwrap().states.get_mut("WAITING").unwrap().overrides.pop();
        }),
        ("rest state", |p| p.actors.get_mut("A").unwrap().states.get_mut("WAITING").unwrap().rest = true),
        ("roster", |p| {
            p.actors.get_mut("A").unwrap().peers.remove("B");
        }),
        ("signed", |p| p.messages.get_mut("ASK").unwrap().signed = false),
        ("sender", |p| p.messages.get_mut("ASK").unwrap().from.push("C".into())),
        ("library of a native", |p| p.natives.get_mut("lucky").unwrap().library = "other".into()),
    ];
    let mut seen = vec![id(rich())];
    for (what, change) in changes {
        let mut protocol = rich();
        change(&mut protocol);
        // Whether or not it is still well-formed.
        let changed = protocol_id(&protocol).unwrap();
        assert!(!seen.contains(&changed), "{what}");
        seen.push(changed);
    }
}

#[test]
fn a_field_or_a_struct_called_meta_counts_like_any_other() {
    let with = |name: &str, ty: Type| {
        let mut protocol = rich();
        protocol
            .messages
            .get_mut("VOTE")
            .unwrap()
            .fields
            .insert(name.into(), Field { ty, meta: Meta::default() });
        id(protocol)
    };
    assert_ne!(with("meta", Type::Uint), id(rich()));
    assert_ne!(with("meta", Type::Uint), with("meta", Type::Int));
}

#[test]
fn what_is_no_package_is_refused_with_the_reason() {
    let good = bytes();
    let with = |range: std::ops::Range<usize>, new: &[u8]| {
        let mut bytes = good.clone();
        bytes.splice(range, new.iter().copied());
        Package::load(&bytes).unwrap_err()
    };
    assert_eq!(Package::load(b""), Err(PackageError::NotAPackage));
    assert_eq!(Package::load(b"\x7fELF and more"), Err(PackageError::NotAPackage));
    assert_eq!(Package::load(&good[..20]), Err(PackageError::Truncated));
    assert_eq!(with(4..8, &[0, 0, 0, 9]), PackageError::FormatVersion { found: 9 });
    let other = with(8..12, &[0, 0, 0, 9]);
    assert_eq!(other, PackageError::IrVersion { found: 9 });
    let text = other.to_string();
    assert!(text.contains("version 9") && text.contains(&format!("version {IR_VERSION}")), "{text}");
    assert!(matches!(with(12..44, &[1; 32]), PackageError::Id { .. }));
    assert!(matches!(Package::load(&good[..good.len() - 1]), Err(PackageError::Encoding(_))));
    let mut longer = good.clone();
    longer.push(0);
    assert_eq!(Package::load(&longer), Err(PackageError::NotCanonical));
    assert_eq!(Package::load(&vec![b'o'; SIZE_MAX + 1]), Err(PackageError::TooLarge { bytes: SIZE_MAX + 1 }));
}

#[test]
fn another_encoding_of_the_same_protocol_is_refused() {
    let good = bytes();
    let value: Cbor = ciborium::from_reader(&good[44..]).unwrap();
    let Cbor::Map(mut entries) = value else { panic!("no map") };
    entries.reverse();
    let mut shuffled = good[..44].to_vec();
    ciborium::into_writer(&Cbor::Map(entries.clone()), &mut shuffled).unwrap();
    assert_eq!(Package::load(&shuffled), Err(PackageError::NotCanonical));
    // A field that this version does not know.
    entries.push((Cbor::Text("zzz".into()), Cbor::Null));
    let mut extended = good[..44].to_vec();
    ciborium::into_writer(&Cbor::Map(entries), &mut extended).unwrap();
    assert_eq!(Package::load(&extended), Err(PackageError::NotCanonical));
}

/// The rich protocol with an expression of that depth in it.
fn deep(depth: usize) -> Protocol {
    let mut expr = Expr::new(ExprKind::Integer(1), Type::Exact(Dimension::Count), at(1));
    for _ in 0..depth {
        expr =
            Expr::new(ExprKind::Unary(UnaryOp::Negate, Box::new(expr)), Type::Exact(Dimension::Count), at(1));
    }
    let mut protocol = rich();
    transition(&mut protocol, "IDLE", 0).guard = Some(build::less(expr, build::exact(100)));
    protocol
}

#[test]
fn what_nests_as_deep_as_allowed_loads_and_runs_and_what_nests_deeper_is_refused() {
    let limit = crate::ir::validate::EVALUATION_DEPTH_MAX as usize;
    let package = Package::from_protocol(deep(limit - 4)).unwrap();
    let loaded = Package::load(&package.to_bytes().unwrap()).unwrap();
    fuzz::run(loaded);
    assert!(matches!(Package::from_protocol(deep(limit)), Err(PackageError::Malformed(_))));
    // Twenty times deeper: refused, and dropped, without a crash.
    let far = on_large_stack(|| encode(&deep(20 * limit), Part::Whole)).unwrap();
    let mut bytes = bytes()[..44].to_vec();
    bytes.extend(far);
    assert!(matches!(Package::load(&bytes), Err(PackageError::Encoding(_))));
    let mut arrays = bytes[..44].to_vec();
    arrays.extend(std::iter::repeat_n(0x81, 1_000_000));
    assert!(Package::load(&arrays).is_err());
}

#[test]
fn a_chain_of_calls_as_deep_as_allowed_runs_and_recursion_is_refused() {
    let uint = || Type::Uint;
    let call =
        |name: String, argument: Expr| Expr::new(ExprKind::Call(name, vec![argument]), Type::Uint, at(1));
    // Each function is a statement and a call deep.
    let last = crate::ir::validate::EVALUATION_DEPTH_MAX / 2 - 6;
    let mut protocol = rich();
    for n in 0..=last {
        let x = build::local(0, uint());
        let result = if n == last { x } else { call(format!("F{}", n + 1), x) };
        protocol = protocol.function(&format!("F{n}"), &[uint()], &[], uint(), vec![build::give(result)]);
    }
    let guard = build::less(build::widen(call("F0".into(), build::uint(1))), build::exact(100));
    transition(&mut protocol, "IDLE", 0).guard = Some(guard);
    fuzz::run(Package::from_protocol(protocol.clone()).unwrap());
    let again = vec![build::give(call("F0".into(), build::local(0, uint())))];
    let circle = protocol.function(&format!("F{last}"), &[uint()], &[], uint(), again);
    let error = Package::from_protocol(circle).unwrap_err().to_string();
    assert!(error.contains("call themselves"), "{error}");
}

#[test]
fn the_rich_protocol_runs_under_random_inputs() {
    fuzz::package(&bytes());
    fuzz::run(Package::from_protocol(rich()).unwrap());
}

/// The value at that place of a walk through all values that behave: what is called `meta` is passed over.
fn nth<'a>(value: &'a mut Cbor, left: &mut usize) -> Option<&'a mut Cbor> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Cbor::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Cbor::Map(entries) => {
            entries.iter_mut().filter(|(key, _)| behaves(key)).find_map(|(_, value)| nth(value, left))
        }
        _ => None,
    }
}

fn behaves(key: &Cbor) -> bool {
    key.as_text() != Some("meta")
}

fn count(value: &Cbor) -> usize {
    1 + match value {
        Cbor::Array(items) => items.iter().map(count).sum(),
        Cbor::Map(entries) => {
            entries.iter().filter(|(key, _)| behaves(key)).map(|(_, value)| count(value)).sum()
        }
        _ => 0usize,
    }
}

/// Changes one place of a protocol: another value of the protocol, one element less or twice, another number.
fn mutate(value: &mut Cbor, original: &Cbor, rng: &mut crate::library::SeededRng) {
    let mut below = |n: usize| rng.below(n.max(1) as u64).unwrap() as usize;
    let (mut place, kind) = (below(count(value)), below(6));
    let mut other = below(count(original));
    let replacement = nth(&mut original.clone(), &mut other).unwrap().clone();
    let pick = below(64);
    let Some(target) = nth(value, &mut place) else { return };
    match (kind, target) {
        (0, Cbor::Array(items)) if !items.is_empty() => {
            items.remove(pick % items.len());
        }
        (1, Cbor::Array(items)) if !items.is_empty() => {
            let item = items[pick % items.len()].clone();
            items.push(item);
        }
        (0, Cbor::Map(entries)) if !entries.is_empty() => {
            entries.remove(pick % entries.len());
        }
        (_, Cbor::Integer(number)) => {
            let edges = [0i128, 1, 2, -1, 255, u64::MAX.into(), i64::MAX.into(), i64::MIN.into()];
            *number = ciborium::value::Integer::try_from(edges[pick % edges.len()]).unwrap_or(*number);
        }
        // Another value of the same kind more often than any other: that is what gets far.
        (2, target) => *target = replacement,
        (_, target) if std::mem::discriminant(target) == std::mem::discriminant(&replacement) => {
            *target = replacement
        }
        _ => {}
    }
}

#[test]
fn mutated_packages_are_refused_or_run_whatever_was_changed() {
    let good = bytes();
    let original: Cbor = ciborium::from_reader(&good[44..]).unwrap();
    let mut rng = crate::library::SeededRng::new(&1u64);
    let (mut refused, mut ran) = (0, 0);
    for round in 0..200 {
        let mut value = original.clone();
        for _ in 0..=rng.below(3).unwrap() {
            mutate(&mut value, &original, &mut rng);
        }
        let mut mutant = good[..44].to_vec();
        mutant.extend(canonical::encode(&value, Part::Whole).unwrap());
        if round % 20 == 0 {
            assert!(Package::load(&mutant).is_err() || mutant == good);
        }
        match Package::load_any_id(&mutant) {
            Ok(package) => {
                ran += 1;
                fuzz::run(package);
            }
            Err(PackageError::Malformed(findings)) => {
                refused += 1;
                assert!(!findings.is_empty());
            }
            Err(_) => {}
        }
    }
    // Or this tests nothing.
    assert!(refused > 8 && ran > 30, "{refused} refused, {ran} ran");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn damaged_packages_are_survived(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        fuzz::package(&bytes);
        fuzz::package(&bytes[..cut.index(bytes.len())]);
    }
}
