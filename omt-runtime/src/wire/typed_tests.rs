#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Reason, Types, struct_fields_hash, to_bytes};
use crate::chain::{Equivocation, Segment};
use crate::crypto::{Keypair, VerifiedCache};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId};
use crate::ir::{self, EnumValue, Field, Fields, Meta, Protocol, Type};
use crate::value::{Map, Value};
use crate::wire::Wire;

const ID: Hash = Hash([0xAA; 32]);

fn fields(list: &[(&str, Type)]) -> Fields {
    list.iter()
        .map(|(name, ty)| ((*name).to_owned(), Field { ty: ty.clone(), meta: Meta::default() }))
        .collect()
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

/// A protocol with a value of every kind that can be sent.
fn protocol() -> Protocol {
    let structs = [
        ("Terms", fields(&[("amount", Type::Uint), ("verdict", Type::Enum("Verdict".into()))])),
        ("Lock", fields(&[("terms", Type::Struct("Terms".into())), ("note", Type::String.optional())])),
    ];
    let votes = Type::Map(Box::new(Type::PeerId), Box::new(Type::Signed("VOTE".into())));
    let messages = [
        ("VOTE", fields(&[("yes", Type::Bool)])),
        ("CHAIN", fields(&[("head", Type::Block("NOTE".into())), ("segment", Type::Segment)])),
        ("RESULT", fields(&[("lock", Type::Struct("Lock".into())), ("votes", votes)])),
        ("PROOF", fields(&[("proof", Type::Equivocation)])),
        ("LOOP", fields(&[("inner", list(Type::Signed("LOOP".into())))])),
        (
            "ALL",
            fields(&[
                ("any", Type::Any),
                ("dict", Type::Dict),
                ("float", Type::Float),
                ("at", Type::Timestamp),
                ("deltas", Type::Map(Box::new(Type::Int), Box::new(Type::Duration))),
            ]),
        ),
    ];
    let message = |fields: Fields| ir::Message {
        from: vec!["A".into()],
        to: vec!["B".into()],
        signed: true,
        fields,
        meta: Meta::default(),
    };
    let values = ["YES", "NO"].map(|name| (name.to_owned(), EnumValue::default()));
    let block =
        ir::Block { by: vec!["A".into()], fields: fields(&[("n", Type::Uint)]), meta: Meta::default() };
    Protocol {
        ir_version: ir::IR_VERSION,
        number: "99".into(),
        session_key: "session_id".into(),
        parameters: BTreeMap::new(),
        enums: [("Verdict".to_owned(), ir::Enum { values: values.into(), meta: Meta::default() })].into(),
        structs: structs
            .map(|(name, fields)| (name.to_owned(), ir::Record { fields, meta: Meta::default() }))
            .into(),
        messages: messages.map(|(name, fields)| (name.to_owned(), message(fields))).into(),
        blocks: [("NOTE".to_owned(), block)].into(),
        views: BTreeMap::new(),
        functions: BTreeMap::new(),
        natives: BTreeMap::new(),
        tasks: BTreeMap::new(),
        actors: BTreeMap::new(),
        meta: ir::ProtocolMeta::default(),
    }
}

fn key(n: u8) -> Keypair {
    Keypair::from_seed(&[n; 32])
}

fn validate(message: &str, value: &Value) -> Result<Value, Reason> {
    let protocol = protocol();
    let types = Types::new(&protocol, ID);
    let bytes = to_bytes(value);
    let result = types.validate_payload(message, &bytes, &mut VerifiedCache::default());
    if let Ok(read) = &result {
        // What is accepted is the same value, to the byte, and decodes again without verification.
        assert_eq!(to_bytes(read), bytes);
        assert_eq!(types.decode(&Type::Message(message.into()), &bytes).as_ref(), Ok(read));
    }
    result.map_err(|error| error.reason)
}

fn envelope(key: &Keypair, message: &str, payload: &Value) -> Envelope {
    Envelope {
        from: key.peer_id(),
        session: Hash([1; 32]),
        protocol: ID,
        message: message.into(),
        sequence: 0,
        time: 5,
        payload: to_bytes(payload).into(),
        signature: None,
    }
}

/// Any wire value as a dynamic one.
fn raw<T: Wire>(value: &T) -> Value {
    super::from_bytes(&to_bytes(value)).unwrap()
}

fn vote(yes: bool) -> Value {
    Value::record([("yes", Value::Bool(yes))])
}

#[test]
fn every_data_type_reads_back_as_what_it_was() {
    let deltas: Map<Value, Value> =
        [(-2, 1), (-1, 2), (5, 3)].map(|(k, v): (i64, i64)| (k.into(), v.into())).into_iter().collect();
    let all = Value::record([
        ("any", Value::list([Value::Int(-3), Value::Null])),
        ("dict", Value::record([("x", Value::from("y"))])),
        ("float", Value::Float(0.1)),
        ("at", Value::Int(-1)),
        ("deltas", Value::Map(deltas)),
    ]);
    assert_eq!(validate("ALL", &all), Ok(all.clone()));
    let Value::Record(record) = &all else { panic!() };
    for (field, bad, reason) in [
        ("dict", Value::Int(1), Reason::Expected("a record")),
        ("float", Value::Int(1), Reason::Expected("a float")),
        ("at", Value::Int(1 << 63), Reason::Range),
        ("deltas", Value::record([("a", Value::Int(1))]), Reason::Expected("an integer")),
    ] {
        let mut changed = record.as_ref().clone();
        changed.set(field, bad);
        assert_eq!(validate("ALL", &Value::Record(Arc::new(changed))), Err(reason), "{field}");
    }
}

#[test]
fn structs_have_exactly_their_fields_and_enums_their_values() {
    let result = |verdict: &str, extra: Option<&str>| {
        let mut terms = vec![("amount", Value::Int(1)), ("verdict", Value::from(verdict))];
        terms.extend(extra.map(|name| (name, Value::Null)));
        let lock = Value::record([("terms", Value::record(terms)), ("note", Value::Null)]);
        Value::record([("lock", lock), ("votes", Value::Map(Map::new()))])
    };
    assert!(validate("RESULT", &result("YES", None)).is_ok());
    assert_eq!(validate("RESULT", &result("MAYBE", None)), Err(Reason::UnknownVariant("MAYBE".into())));
    assert_eq!(validate("RESULT", &result("YES", Some("more"))), Err(Reason::UnknownField("more".into())));
    assert_eq!(validate("VOTE", &Value::record::<&str>([])), Err(Reason::MissingField("yes".into())));
    assert_eq!(validate("NONE", &vote(true)), Err(Reason::Expected("a value of a type that is declared")));
}

#[test]
fn a_signed_message_inside_is_of_this_protocol_and_signed_by_its_sender() {
    let terms = Value::record([("amount", Value::Int(1)), ("verdict", Value::from("YES"))]);
    let lock = Value::record([("terms", terms), ("note", Value::Null)]);
    let result = |envelope: &Envelope| {
        let votes: Map<Value, Value> = [(Value::Peer(envelope.from), raw(envelope))].into_iter().collect();
        Value::record([("lock", lock.clone()), ("votes", Value::Map(votes))])
    };
    let (good, stranger) = (key(1), key(2));
    let unsigned = envelope(&good, "VOTE", &vote(true));
    let Ok(Value::Record(read)) = validate("RESULT", &result(&unsigned.clone().signed_by(&good))) else {
        panic!()
    };
    let Some(Value::Map(votes)) = read.get("votes") else { panic!() };
    let Some(Value::Signed(signed)) = votes.get(&Value::Peer(good.peer_id())) else { panic!() };
    assert_eq!((signed.sender(), &signed.payload), (good.peer_id(), &vote(true)));

    let refused = |envelope: Envelope| match validate("RESULT", &result(&envelope)) {
        Err(reason @ (Reason::Invalid(_) | Reason::Payload(_))) => reason.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(unsigned.clone()), "the message is not signed");
    assert_eq!(refused(unsigned.clone().signed_by(&stranger)), "the signature is not the sender's");
    let elsewhere = Envelope { protocol: Hash([2; 32]), ..unsigned.clone() }.signed_by(&good);
    assert!(refused(elsewhere).starts_with("the message is of protocol 02020202"));
    assert_eq!(refused(envelope(&good, "ALL", &vote(true)).signed_by(&good)), "message `ALL` is not `VOTE`");
    let mistyped = envelope(&good, "VOTE", &Value::record([("yes", Value::Int(1))])).signed_by(&good);
    assert_eq!(refused(mistyped), "payload: byte 5: expected true or false");
    let mut sloppy = unsigned;
    sloppy.payload = vec![0xbf, 0xff].into();
    assert_eq!(refused(sloppy.signed_by(&good)), "payload: byte 0: indefinite length");
}

#[test]
fn blocks_and_segments_inside_are_signed_by_their_author() {
    let (good, stranger) = (key(1), key(2));
    let chain = |signer: &Keypair| {
        let mut chain = Segment::empty(good.peer_id());
        for n in 0..3u64 {
            let payload = to_bytes(&Value::record([("n", Value::from(n))]));
            chain = chain.append(chain.next(1, "NOTE", payload).signed_by(signer)).unwrap();
        }
        chain
    };
    let message = |head: &Segment, segment: &Segment| {
        Value::record([("head", raw(&**head.head().unwrap())), ("segment", raw(segment))])
    };
    let (real, forged) = (chain(&good), chain(&stranger));
    let Ok(Value::Record(read)) = validate("CHAIN", &message(&real, &real)) else { panic!() };
    let (Some(Value::Block(head)), Some(Value::Segment(segment))) = (read.get("head"), read.get("segment"))
    else {
        panic!()
    };
    assert_eq!((head.height(), head.hash(), segment), (2, real.head_hash(), &real));
    assert_eq!(head.payload, Value::record([("n", Value::Int(2))]));
    let invalid = |text: &str| Err(Reason::Invalid(text.to_owned()));
    assert_eq!(validate("CHAIN", &message(&forged, &real)), invalid("the block is not signed by its author"));
    assert_eq!(validate("CHAIN", &message(&real, &forged)), invalid("block 0 is not signed by its author"));
    // A part is judged by itself; completing it is for the host.
    assert!(validate("CHAIN", &message(&real, &real.from_height_on(2))).is_ok());
    assert!(validate("CHAIN", &message(&real, &forged.from_height_on(2))).is_err());
}

#[test]
fn a_proof_inside_proves() {
    let key = key(1);
    let of = |yes| Arc::new(envelope(&key, "VOTE", &vote(yes)).signed_by(&key));
    let proof = Equivocation::of_messages(of(true), of(false)).unwrap();
    assert!(validate("PROOF", &Value::record([("proof", raw(&proof))])).is_ok());
    let false_proof = Equivocation::Messages(of(true), of(true));
    let refused = validate("PROOF", &Value::record([("proof", raw(&false_proof))]));
    assert_eq!(refused, Err(Reason::Invalid("both statements are the same".into())));
}

#[test]
fn messages_inside_messages_end_at_the_nesting_limit() {
    let key = key(1);
    let mut value = Value::record([("inner", Value::list([]))]);
    let mut depth = 0;
    let refusal = loop {
        value =
            Value::record([("inner", Value::list([raw(&envelope(&key, "LOOP", &value).signed_by(&key))]))]);
        depth += 1;
        if let Err(reason) = validate("LOOP", &value) {
            break reason;
        }
    };
    // Two containers a level, record and list: the envelope is closed when its payload is read.
    assert_eq!(depth, 16);
    assert_eq!(refusal, Reason::TooDeep(32));
    // Thousands of levels cost no more stack than ten.
    for _ in 0..2_000 {
        value = Value::record([("inner", Value::list([raw(&envelope(&key, "LOOP", &value))]))]);
    }
    assert!(validate("LOOP", &value).is_err());
}

#[test]
fn the_hash_of_fields_tells_structs_apart_down_to_the_values_of_an_enum() {
    let base = protocol();
    let hash = |protocol: &Protocol| struct_fields_hash(protocol, "Lock");
    assert_eq!(hash(&base), hash(&protocol()));
    assert_ne!(hash(&base), struct_fields_hash(&base, "Terms"));
    let mut changed = protocol();
    changed.enums.get_mut("Verdict").unwrap().values.insert("MAYBE".into(), EnumValue::default());
    assert_ne!(hash(&changed), hash(&base));
    let mut changed = protocol();
    changed.structs.get_mut("Terms").unwrap().fields.get_mut("amount").unwrap().ty = Type::Int;
    assert_ne!(hash(&changed), hash(&base));
    // Documentation and other declarations do not count.
    let mut same = protocol();
    same.structs.get_mut("Lock").unwrap().meta.doc = "changed".into();
    same.messages.clear();
    assert_eq!(hash(&same), hash(&base));
    // A struct inside itself ends.
    let mut recursive = protocol();
    let lock = recursive.structs.get_mut("Lock").unwrap();
    lock.fields.extend(fields(&[("before", list(Type::Struct("Lock".into())))]));
    assert_ne!(hash(&recursive), hash(&base));
}

#[test]
fn a_peer_id_field_takes_any_32_bytes_but_no_other_number() {
    let protocol = protocol();
    let types = Types::new(&protocol, ID);
    let mut cache = VerifiedCache::default();
    let peer = to_bytes(&PeerId([3; 32]));
    assert!(types.validate(&Type::PeerId, &peer, &mut cache).is_ok());
    let short = to_bytes(&Value::Bytes(vec![1; 31].into()));
    let error = types.validate(&Type::PeerId, &short, &mut cache).unwrap_err();
    assert_eq!(error.reason, Reason::Length { expected: 32, found: 31 });
}
