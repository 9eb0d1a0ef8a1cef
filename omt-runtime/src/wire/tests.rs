#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use ciborium::value::Value as Cbor;
use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;
use crate::id::Hash;
use crate::value::{Map, Value};
use crate::{wire_enum, wire_record};

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.replace(' ', "").as_bytes()).unwrap()
}

fn reason(text: &str) -> Reason {
    check(&hex(text), &Limits::MESSAGE).unwrap_err().reason
}

/// Vectors of RFC 8949, appendix A, that are in core deterministic form and within our data model.
#[test]
fn the_vectors_of_rfc_8949_encode_and_decode() {
    let list = |values: &[Value]| Value::list(values.iter().cloned());
    let int = |value: i128| Value::Int(value);
    let one_to_25 = Value::list((1..=25).map(Value::Int));
    let letters = Value::record(
        [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E")].map(|(k, v)| (k, Value::from(v))),
    );
    let numbered: Map<Value, Value> = [(int(1), int(2)), (int(3), int(4))].into_iter().collect();
    let vectors = [
        ("00", int(0)),
        ("01", int(1)),
        ("0a", int(10)),
        ("17", int(23)),
        ("1818", int(24)),
        ("1819", int(25)),
        ("1864", int(100)),
        ("1903e8", int(1000)),
        ("1a000f4240", int(1_000_000)),
        ("1b000000e8d4a51000", int(1_000_000_000_000)),
        ("1bffffffffffffffff", int(18_446_744_073_709_551_615)),
        ("3bffffffffffffffff", int(-18_446_744_073_709_551_616)),
        ("20", int(-1)),
        ("29", int(-10)),
        ("3863", int(-100)),
        ("3903e7", int(-1000)),
        ("f90000", Value::Float(0.0)),
        ("f93c00", Value::Float(1.0)),
        ("fb3ff199999999999a", Value::Float(1.1)),
        ("f93e00", Value::Float(1.5)),
        ("f97bff", Value::Float(65504.0)),
        ("fa47c35000", Value::Float(100_000.0)),
        ("fa7f7fffff", Value::Float(3.402_823_466_385_288_6e38)),
        ("fb7e37e43c8800759c", Value::Float(1.0e300)),
        ("f90001", Value::Float(5.960_464_477_539_063e-8)),
        ("f90400", Value::Float(0.000_061_035_156_25)),
        ("f9c400", Value::Float(-4.0)),
        ("fbc010666666666666", Value::Float(-4.1)),
        ("f4", Value::Bool(false)),
        ("f5", Value::Bool(true)),
        ("f6", Value::Null),
        ("40", Value::Bytes(Bytes::default())),
        ("4401020304", Value::Bytes(Bytes::from(vec![1, 2, 3, 4]))),
        ("60", Value::from("")),
        ("6161", Value::from("a")),
        ("6449455446", Value::from("IETF")),
        ("62225c", Value::from("\"\\")),
        ("62c3bc", Value::from("ü")),
        ("63e6b0b4", Value::from("水")),
        ("64f0908591", Value::from("𐅑")),
        ("80", list(&[])),
        ("83010203", list(&[int(1), int(2), int(3)])),
        ("8301820203820405", list(&[int(1), list(&[int(2), int(3)]), list(&[int(4), int(5)])])),
        ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", one_to_25),
        ("a0", Value::record::<&str>([])),
        ("a201020304", Value::Map(numbered)),
        ("a26161016162820203", Value::record([("a", int(1)), ("b", list(&[int(2), int(3)]))])),
        ("826161a161626163", list(&[Value::from("a"), Value::record([("b", Value::from("c"))])])),
        ("a56161614161626142616361436164614461656145", letters),
    ];
    for (text, value) in vectors {
        assert_eq!(HEXLOWER.encode(&to_bytes(&value)), text, "{value:?}");
        let read: Value = from_bytes(&hex(text)).unwrap();
        assert_eq!(read, value, "{text}");
    }
}

#[test]
fn what_has_another_shorter_form_is_refused() {
    for text in
        ["1817", "190018", "1a0000ffff", "1b00000000ffffffff", "3817", "5801 00", "7801 61", "9801 00"]
    {
        assert_eq!(reason(text), Reason::NotShortest, "{text}");
    }
    // 1.0 in 32 and 64 bits, 100000.0 in 64.
    for text in ["fa3f800000", "fb3ff0000000000000", "fb40f86a0000000000"] {
        assert_eq!(reason(text), Reason::NotShortest, "{text}");
    }
}

#[test]
fn every_reason_to_refuse_has_its_name() {
    let cases = [
        ("", Reason::Truncated),
        ("19", Reason::Truncated),
        ("4401", Reason::Truncated),
        ("8201", Reason::Truncated),
        ("a101", Reason::Truncated),
        ("0000", Reason::Trailing),
        ("1c", Reason::Malformed),
        ("ff", Reason::Malformed),
        ("fc", Reason::Malformed),
        ("9f01ff", Reason::Indefinite),
        ("5f4101ff", Reason::Indefinite),
        ("7f6161ff", Reason::Indefinite),
        ("bf0101ff", Reason::Indefinite),
        ("61ff", Reason::Utf8),
        ("c101", Reason::Tag),
        ("f7", Reason::Simple),
        ("f820", Reason::Simple),
        ("e0", Reason::Simple),
        ("f97e00", Reason::NotFinite),
        ("f97c00", Reason::NotFinite),
        ("faff800000", Reason::NotFinite),
        ("f98000", Reason::NegativeZero),
        ("fb8000000000000000", Reason::NegativeZero),
        ("a203040102", Reason::KeyOrder),
        ("a2616201616101", Reason::KeyOrder),
        // Shorter keys first: "aa" before "b" is the order of a dictionary, not of CBOR.
        ("a262616101616201", Reason::KeyOrder),
        ("a201020102", Reason::DuplicateKey),
        // A key that is itself a container.
        ("a2818020818001", Reason::DuplicateKey),
        ("9a00010001", Reason::TooManyElements(ELEMENT_COUNT_MAX)),
        ("bbffffffffffffffff", Reason::TooManyElements(ELEMENT_COUNT_MAX)),
    ];
    for (text, expected) in cases {
        assert_eq!(reason(text), expected, "{text}");
    }
}

#[test]
fn deep_wide_and_large_input_is_refused_before_it_costs_anything() {
    let nested = |depth: usize| {
        let mut bytes = vec![0x81; depth];
        bytes.push(0x00);
        bytes
    };
    assert_eq!(check(&nested(NEST_DEPTH_MAX), &Limits::MESSAGE), Ok(()));
    let deep = check(&nested(NEST_DEPTH_MAX + 1), &Limits::MESSAGE).unwrap_err();
    assert_eq!(deep, WireError::new(NEST_DEPTH_MAX, Reason::TooDeep(NEST_DEPTH_MAX)));
    // A million brackets, both ways in.
    let abyss = nested(1_000_000);
    assert!(check(&abyss, &Limits::MESSAGE).is_err());
    assert!(decode_checked::<Value>(&abyss).is_err());

    let large = vec![0; SIZE_MAX + 1];
    assert_eq!(check(&large, &Limits::MESSAGE).unwrap_err().reason, Reason::TooLarge(SIZE_MAX));

    // A list that says it has 65,536 elements and ends: the scan and the decoder both find the end.
    assert_eq!(reason("9a00010000"), Reason::Truncated);
    assert_eq!(decode_checked::<Vec<u64>>(&hex("9a00010000")).unwrap_err().reason, Reason::Truncated);
    // A byte string longer than memory.
    assert_eq!(reason("5bffffffffffffffff"), Reason::Truncated);
    assert!(decode_checked::<Bytes>(&hex("5bffffffffffffffff")).is_err());
}

#[derive(Debug, Clone, PartialEq)]
struct Terms {
    provider: u64,
    r#type: Option<String>,
    amount: u64,
    prices: Map<i64, f64>,
}
wire_record!(Terms "TERMS" { provider, r#type as "type", amount, prices });

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Late,
    NotEnough,
}
wire_enum!(Refusal { LATE => Late, NOT_ENOUGH => NotEnough });

#[derive(Debug, Clone, PartialEq)]
struct Nothing {}
wire_record!(Nothing {});

fn terms() -> Terms {
    let prices = [(-2, 0.5), (-1, 1.0), (3, 2.5)].into_iter().collect();
    Terms { provider: 7, r#type: None, amount: 300, prices }
}

#[test]
fn a_record_is_a_map_of_all_its_fields_shortest_name_first() {
    assert_eq!(Terms::NAME, "TERMS");
    assert_eq!(Terms::FIELDS, ["type", "amount", "prices", "provider"]);
    let bytes = to_bytes(&terms());
    // −1 is written 20, −2 is written 21: the order of the wire is not that of the numbers.
    let expected = "a4 6474797065 f6 66616d6f756e74 19012c 66707269636573 a3 03f94100 20f93c00 21f93800 6870726f7669646572 07";
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(' ', ""));
    let read: Terms = from_bytes(&bytes).unwrap();
    assert_eq!(read, terms());
    assert_eq!(read.prices.keys().copied().collect::<Vec<_>>(), [-2, -1, 3]);
    assert_eq!(from_bytes::<Nothing>(&[0xa0]), Ok(Nothing {}));
}

#[test]
fn a_record_with_a_field_too_many_or_too_few_is_refused_by_name() {
    let with = |fields: &[(&str, Value)]| to_bytes(&Value::record(fields.iter().cloned()));
    let prices = Value::Map(Map::new());
    let all =
        [("type", Value::Null), ("amount", Value::Int(1)), ("prices", prices), ("provider", Value::Int(2))];
    assert!(from_bytes::<Terms>(&with(&all)).is_ok());
    let error = from_bytes::<Terms>(&with(&all[1..])).unwrap_err();
    assert_eq!(error.reason, Reason::MissingField("type".to_owned()));
    let mut more = all.to_vec();
    more.push(("extra", Value::Null));
    assert_eq!(
        from_bytes::<Terms>(&with(&more)).unwrap_err().reason,
        Reason::UnknownField("extra".to_owned())
    );
    let mut mistyped = all.to_vec();
    mistyped[1].1 = Value::from("1");
    assert_eq!(from_bytes::<Terms>(&with(&mistyped)).unwrap_err().reason, Reason::Expected("an integer"));
    let mut negative = all.to_vec();
    negative[1].1 = Value::Int(-1);
    assert_eq!(from_bytes::<Terms>(&with(&negative)).unwrap_err().reason, Reason::Range);
    assert_eq!(from_bytes::<Hash>(&[0x41, 0]).unwrap_err().reason, Reason::Length { expected: 32, found: 1 });
}

#[test]
fn an_enum_is_its_name_and_no_other() {
    assert_eq!(to_bytes(&Refusal::NotEnough), [b"\x6a".as_slice(), b"NOT_ENOUGH"].concat());
    assert_eq!(from_bytes::<Refusal>(b"\x64LATE"), Ok(Refusal::Late));
    let error = from_bytes::<Refusal>(b"\x64late").unwrap_err();
    assert_eq!(error.to_string(), "byte 0: `late` is not a value of the enum");
    assert_eq!(Refusal::VALUES.len(), 2);
}

// Laws.

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-(1i128 << 64)..(1i128 << 64)).prop_map(Value::Int),
        (-30i128..300).prop_map(Value::Int),
        any::<f64>().prop_filter_map("finite", |f| f.is_finite().then(|| Value::Float(f + 0.0))),
        any::<f32>().prop_filter_map("finite", |f| f.is_finite().then(|| Value::Float(f64::from(f) + 0.0))),
        (-2000i32..2000).prop_map(|n| Value::Float(f64::from(n) / 8.0)),
        "[a-cü]{0,3}".prop_map(|text: String| Value::text(text)),
        proptest::collection::vec(any::<u8>(), 0..30).prop_map(|bytes| Value::Bytes(bytes.into())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            proptest::collection::vec((inner.clone(), inner.clone()), 0..5)
                .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            proptest::collection::vec(("[a-c]{0,3}", inner), 0..5).prop_map(Value::record),
        ]
    })
}

/// The other implementation's view of the same value.
fn to_ciborium(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(b) => Cbor::Bool(*b),
        Value::Int(i) => Cbor::Integer((*i).try_into().unwrap()),
        Value::Float(f) => Cbor::Float(*f),
        Value::Text(t) => Cbor::Text(t.to_string()),
        Value::Bytes(b) => Cbor::Bytes(b.to_vec()),
        Value::List(l) => Cbor::Array(l.iter().map(to_ciborium).collect()),
        Value::Map(m) => sorted(m.iter().map(|(k, v)| (to_ciborium(k), to_ciborium(v))).collect()),
        Value::Record(r) => {
            sorted(r.iter().map(|(k, v)| (Cbor::Text(k.to_string()), to_ciborium(v))).collect())
        }
        other => panic!("not generated: {other:?}"),
    }
}

fn sorted(mut entries: Vec<(Cbor, Cbor)>) -> Cbor {
    entries.sort_by_key(|(key, _)| ciborium_bytes(key));
    Cbor::Map(entries)
}

fn ciborium_bytes(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

proptest! {
    #[test]
    fn decoding_an_encoding_gives_the_value_and_the_scan_accepts_it(value in value()) {
        let bytes = to_bytes(&value);
        prop_assert_eq!(check(&bytes, &Limits::MESSAGE), Ok(()));
        let read: Value = from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(to_bytes(&read), bytes);
    }

    #[test]
    fn another_implementation_writes_and_reads_the_same_bytes(value in value()) {
        let bytes = to_bytes(&value);
        prop_assert_eq!(&bytes, &ciborium_bytes(&to_ciborium(&value)));
        let read: Cbor = ciborium::from_reader(&bytes[..]).unwrap();
        prop_assert_eq!(ciborium_bytes(&read), bytes);
    }

    /// Whatever the scan accepts is what the encoder would have written: there is no second form of anything.
    #[test]
    fn the_scan_accepts_nothing_that_encoding_does_not_emit(
        value in value(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = to_bytes(&value);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        match check(&bytes, &Limits::MESSAGE) {
            Ok(()) => {
                let read: Value = decode_checked(&bytes).unwrap();
                prop_assert_eq!(to_bytes(&read), bytes);
            }
            Err(error) => prop_assert!(error.at <= bytes.len()),
        }
    }

    /// Small alphabets reach the structure of CBOR far more often than random bytes do.
    #[test]
    fn any_bytes_are_judged_and_what_is_accepted_is_canonical(
        bytes in proptest::collection::vec(prop_oneof![
            Just(0u8), Just(0x18), Just(0x20), Just(0x41), Just(0x61), Just(0x80), Just(0x81), Just(0x82),
            Just(0xa0), Just(0xa1), Just(0xa2), Just(0xf6), Just(0xf9), any::<u8>(),
        ], 0..12),
    ) {
        if check(&bytes, &Limits::MESSAGE).is_ok() {
            let read: Value = decode_checked(&bytes).unwrap();
            prop_assert_eq!(to_bytes(&read), bytes);
        }
    }

    #[test]
    fn the_order_of_values_is_total_and_that_of_integers_is_by_value(a in value(), b in value(), c in value()) {
        use std::cmp::Ordering::{Equal, Greater, Less};
        prop_assert_eq!(a.order(&b), b.order(&a).reverse());
        prop_assert_eq!(a.order(&b) == Equal, to_bytes(&a) == to_bytes(&b));
        if a.order(&b) != Greater && b.order(&c) != Greater {
            prop_assert!(a.order(&c) != Greater);
        }
        match (&a, &b) {
            (Value::Int(x), Value::Int(y)) => prop_assert_eq!(a.order(&b), x.cmp(y)),
            _ => prop_assert_eq!(a.order(&b) == Less, to_bytes(&a) < to_bytes(&b)),
        }
    }

    #[test]
    fn typed_and_dynamic_values_have_one_encoding_and_one_order(
        a in any::<i64>(), b in any::<i64>(), s in "[a-d]{0,4}", t in "[a-d]{0,4}",
        m in proptest::collection::vec((any::<i8>(), any::<u64>()), 0..20),
    ) {
        prop_assert_eq!(a.order(&b), Value::from(a).order(&Value::from(b)));
        prop_assert_eq!(s.order(&t), Value::from(&*s).order(&Value::from(&*t)));
        let typed: Map<i64, u64> = m.iter().map(|(k, v)| (i64::from(*k), *v)).collect();
        let dynamic: Map<Value, Value> =
            m.iter().map(|(k, v)| (Value::from(i64::from(*k)), Value::from(*v))).collect();
        let bytes = to_bytes(&typed);
        prop_assert_eq!(&bytes, &to_bytes(&dynamic));
        prop_assert_eq!(from_bytes::<Map<i64, u64>>(&bytes).unwrap(), typed);
    }
}
