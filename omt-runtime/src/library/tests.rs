#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::cmp::Ordering;

use proptest::arbitrary::any as arbitrary;
use proptest::prelude::{prop_assert, prop_assert_eq, prop_assume, proptest};

use super::*;
use crate::id::{Hash, PeerId};
use crate::value::{Map, Value};

type Never = std::convert::Infallible;

#[test]
fn integers_are_exact_until_they_are_kept() {
    // LANGUAGE 5.3: a − b ≥ c on uint is what it says, also where a < b.
    assert!(sub(3, 5).unwrap() < 0);
    let product = mul(u64::MAX.into(), i64::MAX.into()).unwrap();
    assert_eq!(div_floor(product, u64::MAX.into()), Ok(i64::MAX.into()));
    assert_eq!(narrow_u64(-1), Err(FaultKind::Overflow));
    assert_eq!(narrow_u64(u64::MAX.into()), Ok(u64::MAX));
    assert_eq!(narrow_i64(1 << 63), Err(FaultKind::Overflow));
    assert_eq!(narrow_i64(-(1 << 63)), Ok(i64::MIN));
    for result in [add(i128::MAX, 1), sub(i128::MIN, 1), mul(i128::MAX, 2), neg(i128::MIN), abs(i128::MIN)] {
        assert_eq!(result, Err(FaultKind::Overflow));
    }
    assert_eq!(sum([1, 2, 3]), Ok(6));
    assert_eq!(sum([]), Ok(0));
}

#[test]
fn division_rounds_down_whatever_the_signs() {
    for (a, b, quotient, remainder) in
        [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, -2, -3, 0)]
    {
        assert_eq!((div_floor(a, b), rem_floor(a, b)), (Ok(quotient), Ok(remainder)), "{a} {b}");
    }
    assert_eq!(div_floor(1, 0), Err(FaultKind::DivisionByZero));
    assert_eq!(rem_floor(1, 0), Err(FaultKind::DivisionByZero));
    assert_eq!(div_floor(i128::MIN, -1), Err(FaultKind::Overflow));
    assert_eq!(rem_floor(i128::MIN, -1), Ok(0));
}

#[test]
fn a_share_is_compared_with_a_fraction_exactly() {
    assert_eq!(compare_fraction(67, 100, 67, 2), Ok(Ordering::Equal));
    assert_eq!(compare_fraction(2, 3, 67, 2), Ok(Ordering::Less));
    assert_eq!(compare_fraction(1, 3, 333_333_333_333_333_333, 18), Ok(Ordering::Greater));
    assert_eq!(compare_fraction(-1, 2, -5, 1), Ok(Ordering::Equal));
    assert_eq!(compare_fraction(1, -2, -5, 1), Ok(Ordering::Equal));
    assert_eq!(compare_fraction(1, 0, 5, 1), Err(FaultKind::DivisionByZero));
    // Where cross-multiplication leaves 128 bits.
    assert_eq!(compare_fraction(i128::MAX, i128::MAX, 1, 0), Ok(Ordering::Equal));
    assert_eq!(
        compare_fraction(i128::MAX - 1, i128::MAX, 999_999_999_999_999_999, 18),
        Ok(Ordering::Greater)
    );
    assert_eq!(compare_fraction(i128::MIN + 1, i128::MAX, -1, 0), Ok(Ordering::Equal));
}

#[test]
fn floats_are_finite_and_zero_has_no_sign() {
    assert_eq!(float_mul(1e300, 1e300), Err(FaultKind::NotANumber));
    assert_eq!(float_div(1.0, 0.0), Err(FaultKind::DivisionByZero));
    assert!(float_neg(0.0).unwrap().is_sign_positive());
    assert!(float_mul(-1.0, 0.0).unwrap().is_sign_positive());
    assert_eq!(int_to_float(1 << 53), Ok(9_007_199_254_740_992.0));
    assert_eq!(int_to_float((1 << 53) + 1), Err(FaultKind::Overflow));
    assert_eq!(int_to_float(i128::MAX), Err(FaultKind::Overflow));
    assert_eq!(int_to_float(i128::MIN), Ok(-(2f64.powi(127))));
    assert_eq!(decimal_to_float(67, 2), Ok(0.67));
    assert_eq!(sum_floats([0.1, 0.2, 0.3]), Ok(0.1 + 0.2 + 0.3));
}

#[test]
fn time_counts_days_of_the_calendar_and_whole_seconds() {
    assert_eq!(day(0), Ok(0));
    assert_eq!(day(86_400_000_000 - 1), Ok(0));
    assert_eq!(day(1_782_864_000_000_000), Ok(20_635)); // 2026-07-01T00:00:00Z
    assert_eq!(day(-1), Err(FaultKind::Overflow));
    assert_eq!((seconds(1_999_999), seconds(-1), seconds(i64::MIN)), (1, -1, -9_223_372_036_855));
}

#[test]
fn lists_say_where_they_fault_and_keep_order() {
    let list = [3u64, 1, 2, 3, 1];
    assert_eq!(index(&list, 4), Ok(&1));
    assert_eq!(index(&list, 5), Err(FaultKind::Index));
    assert_eq!(index(&list, -1), Err(FaultKind::Index));
    assert_eq!(index(&list, 1 << 70), Err(FaultKind::Index));
    assert_eq!(unique(&list), [3, 1, 2]);
    assert_eq!(sort(&list), [1, 1, 2, 3, 3]);
    assert!(contains(&list, &2) && !contains(&list, &9));
    assert_eq!(concat(&list[..1], &list[2..3]), [3, 2]);
    assert_eq!(filter(&list, |x| Ok::<_, Never>(*x > 1)).unwrap(), [3, 2, 3]);
    assert_eq!(find(&list, |x| Ok::<_, Never>(*x < 3)).unwrap(), Some(1));
    assert_eq!(count(&list, |x| Ok::<_, Never>(*x == 3)).unwrap(), 2);
    assert_eq!(reduce(&list, 0, |a, x| Ok::<_, Never>(a * 10 + x)).unwrap(), 31_231);
    let rows = [(2u64, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
    let sorted = sort_by(&rows, |row| Ok::<_, Never>(row.0)).unwrap();
    assert_eq!(sorted.iter().map(|row| row.1).collect::<String>(), "bdac", "stable");
    // A fault inside a lambda comes out as it is, and only if the lambda is reached.
    let divide = |x: &u64| div_floor(6, i128::from(*x) - 1).map(|q| q == 3);
    assert_eq!(any(&[3, 1], divide), Ok(true));
    assert_eq!(any(&[1, 3], divide), Err(FaultKind::DivisionByZero));
    assert_eq!(all(&[2, 1], divide), Ok(false));
    assert_eq!(length_text("añ水"), 3);
}

#[test]
fn negative_numbers_sort_by_value_and_texts_by_length_first() {
    assert_eq!(sort(&[5i64, -1, -300, 0]), [-300, -1, 0, 5]);
    let values: Vec<Value> = [5i64, -1, -300, 0].map(Value::from).to_vec();
    assert_eq!(sort(&values), [-300i64, -1, 0, 5].map(Value::from));
    let texts: Vec<String> = ["b", "aa", "a", ""].map(str::to_owned).to_vec();
    assert_eq!(sort(&texts), ["", "a", "b", "aa"]);
}

#[test]
fn maps_are_values() {
    let map: Map<u64, u64> = [(2, 20), (1, 10), (2, 21)].into_iter().collect();
    assert_eq!(keys(&map), [1, 2]);
    assert_eq!(values(&map), [10, 21]);
    let more = with(&map, 3, 30);
    assert_eq!((length_map(&map), length_map(&more)), (2, 3));
    assert_eq!(without(&more, &3), map);
    assert_eq!(without(&map, &9), map);
    assert_eq!(entry(&map, &3), Err(FaultKind::MissingKey));
    assert_eq!((get(&map, &1), get(&map, &3), get_or(&map, &3, 7)), (Some(10), None, 7));
    assert!(has_key(&map, &1) && !has_key(&map, &3));
}

#[test]
fn to_string_says_the_same_of_typed_and_dynamic_values() {
    let peer = PeerId([7; 32]);
    assert_eq!(to_string(&peer), to_string(&Value::Peer(peer)));
    assert_eq!(to_string(&Hash([1; 32])), to_string(&Value::Hash(Hash([1; 32]))));
    assert_eq!(to_string(&-5i64), "-5");
    assert_eq!(to_string(&0.1f64), to_string(&Value::Float(0.1)));
    assert_eq!(to_string(&1e21f64), "1000000000000000000000");
    assert_eq!(to_string(&true), "true");
    assert_eq!(to_string(&vec![Some(1u64), None]), "[1, null]");
    assert_eq!(to_string(&Value::record([("b", Value::Int(1)), ("a", Value::from("x"))])), "{a: x, b: 1}");
}

/// ChaCha20 as RFC 8439 writes it, by hand: what the vectors of the book are computed with a second time.
fn chacha20_block(key: &[u8; 32], counter: u32) -> [u8; 64] {
    let mut state = [0u32; 16];
    for (i, constant) in [0x6170_7865u32, 0x3320_646e, 0x7962_2d32, 0x6b20_6574].into_iter().enumerate() {
        state[i] = constant;
    }
    for i in 0..8 {
        state[4 + i] = u32::from_le_bytes(key[4 * i..4 * i + 4].try_into().unwrap());
    }
    state[12] = counter;
    let mut working = state;
    fn quarter(s: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
        s[a] = s[a].wrapping_add(s[b]);
        s[d] = (s[d] ^ s[a]).rotate_left(16);
        s[c] = s[c].wrapping_add(s[d]);
        s[b] = (s[b] ^ s[c]).rotate_left(12);
        s[a] = s[a].wrapping_add(s[b]);
        s[d] = (s[d] ^ s[a]).rotate_left(8);
        s[c] = s[c].wrapping_add(s[d]);
        s[b] = (s[b] ^ s[c]).rotate_left(7);
    }
    for _ in 0..10 {
        for column in 0..4 {
            quarter(&mut working, column, 4 + column, 8 + column, 12 + column);
        }
        for i in 0..4 {
            quarter(&mut working, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
        }
    }
    let mut out = [0; 64];
    for i in 0..16 {
        out[4 * i..4 * i + 4].copy_from_slice(&working[i].wrapping_add(state[i]).to_le_bytes());
    }
    out
}

#[test]
fn draws_are_the_key_stream_of_chacha20_in_little_endian_words() {
    // RFC 8439, A.1, test vector 1: key 0, nonce 0, counter 0.
    let zero = chacha20_block(&[0; 32], 0);
    assert_eq!(data_encoding::HEXLOWER.encode(&zero[..16]), "76b8e0ada0f13d90405d6ae55386bd28");
    let seed = "seed".to_owned();
    let key = crate::crypto::sha256(b"\x64seed");
    let mut rng = SeededRng::new(&seed);
    for n in 0u32..40 {
        let block = chacha20_block(&key.0, n / 8);
        let at = 8 * (n as usize % 8);
        let expected = u64::from_le_bytes(block[at..at + 8].try_into().unwrap());
        assert_eq!(rng.next_u64(), Ok(expected), "draw {n}");
    }
}

#[test]
fn a_draw_that_would_favour_small_numbers_is_drawn_again() {
    // Below 2^63 + 1 nearly every second draw is refused.
    let n = (1u64 << 63) + 1;
    let (mut rng, mut raw) = (SeededRng::new(&1u64), SeededRng::new(&1u64));
    let mut refused = 0;
    for _ in 0..100 {
        let x = loop {
            let x = raw.next_u64().unwrap();
            if x < n {
                break x;
            }
            refused += 1;
        };
        assert_eq!(rng.below(n), Ok(x));
    }
    assert!(refused > 50);
    assert_eq!(rng.below(0), Err(FaultKind::DivisionByZero));
    let before = rng.clone();
    assert_eq!(rng.below(1), Ok(0));
    assert_ne!(rng, before, "a draw below 1 is a draw");
}

/// The second reading of LANGUAGE 7, on 128-bit numbers and plain vectors.
fn sample_by_the_book(key: &[u8; 32], list: &[u64], k: usize) -> Vec<u64> {
    let mut drawn = 0u32;
    let mut draw = || {
        let block = chacha20_block(key, drawn / 8);
        let at = 8 * (drawn as usize % 8);
        drawn += 1;
        u64::from_le_bytes(block[at..at + 8].try_into().unwrap())
    };
    let mut list = list.to_vec();
    for i in 0..k.min(list.len()) {
        let n = (list.len() - i) as u128;
        let limit = (1u128 << 64) - (1u128 << 64) % n;
        let x = loop {
            let x = u128::from(draw());
            if x < limit {
                break x;
            }
        };
        list.swap(i, i + (x % n) as usize);
    }
    list.truncate(k);
    list
}

proptest! {
    #[test]
    fn samples_agree_with_the_book(seed in arbitrary::<u64>(), len in 0usize..40, k in 0usize..50) {
        let list: Vec<u64> = (0..len as u64).collect();
        let key = crate::crypto::sha256(&crate::wire::to_bytes(&seed));
        let mut rng = SeededRng::new(&seed);
        let sample = rng.sample(&list, k as u64).unwrap();
        prop_assert_eq!(&sample, &sample_by_the_book(&key.0, &list, k));
        prop_assert_eq!(sample.len(), k.min(len));
        prop_assert_eq!(unique(&sample).len(), sample.len());
        prop_assert_eq!(sort(&SeededRng::new(&seed).shuffle(&list).unwrap()), list);
    }

    #[test]
    fn quotient_and_remainder_make_the_number_again(a in arbitrary::<i128>(), b in arbitrary::<i128>()) {
        prop_assume!(b != 0 && !(a == i128::MIN && b == -1));
        let (q, r) = (div_floor(a, b).unwrap(), rem_floor(a, b).unwrap());
        prop_assert_eq!(q.wrapping_mul(b).wrapping_add(r), a);
        prop_assert!(r == 0 || (r < 0) == (b < 0));
        prop_assert!(r.unsigned_abs() < b.unsigned_abs());
    }

    #[test]
    fn fractions_compare_like_cross_multiplication(n in -1_000_000i128..1_000_000, d in 1i128..1_000_000, p in 0i64..=1_000, neg in arbitrary::<bool>()) {
        let expected = (n * 1_000).cmp(&(i128::from(p) * d));
        let (n, d) = if neg { (-n, -d) } else { (n, d) };
        prop_assert_eq!(compare_fraction(n, d, p, 3), Ok(expected));
    }
}

/// The test vectors of the book: `docs/language/vectors.md` holds exactly this. `UPDATE_VECTORS=1` writes it.
#[test]
fn the_vectors_in_the_book_are_what_the_library_computes() {
    use std::fmt::Write;
    let ten: Vec<u64> = (0..10).collect();
    let seeds: [(&str, Value); 4] = [
        ("0", Value::Int(0)),
        ("\"omerta\"", Value::from("omerta")),
        ("HASH(1, 2)", Value::Hash(crate::crypto::hash(&(1u64, 2u64)))),
        ("[\"a\", 1]", Value::list([Value::from("a"), Value::Int(1)])),
    ];
    let mut text = String::from(
        "# Test vectors of the library\n\nComputed by `omt-runtime` (`UPDATE_VECTORS=1 cargo test -p omt-runtime vectors` \
         writes this file), and held by the same\ntest to a second implementation.\n\n## SEEDED_RNG, SEEDED_SAMPLE, SEEDED_SHUFFLE\n\n\
         ChaCha20 (RFC 8439), key SHA-256(CBOR(seed)), nonce 0, counter 0; draws are consecutive little-endian 64-bit\n\
         numbers. The lists are drawn by a fresh generator from `[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]`.\n",
    );
    for (name, seed) in seeds {
        let encoded = crate::wire::to_bytes(&seed);
        let key = crate::crypto::sha256(&encoded);
        let mut rng = SeededRng::new(&seed);
        let draws: Vec<u64> = (0..10).map(|_| rng.next_u64().unwrap()).collect();
        let sample = SeededRng::new(&seed).sample(&ten, 4).unwrap();
        let shuffle = SeededRng::new(&seed).shuffle(&ten).unwrap();
        assert_eq!(sample, sample_by_the_book(&key.0, &ten, 4));
        assert_eq!(shuffle, sample_by_the_book(&key.0, &ten, 10));
        let hex = data_encoding::HEXLOWER.encode(&encoded);
        write!(text, "\n### seed `{name}`\n\n| | |\n|---|---|\n| CBOR | `{hex}` |\n| key | `{key}` |\n")
            .unwrap();
        for (n, draw) in draws.iter().enumerate() {
            writeln!(text, "| draw {n} | {draw} |").unwrap();
        }
        writeln!(text, "| sample of 4 | {} |\n| shuffle | {} |", to_string(&sample), to_string(&shuffle))
            .unwrap();
    }
    text.push_str("\n## HASH\n\nSHA-256 over the canonical CBOR of the list of arguments.\n\n| call | CBOR | hash |\n|---|---|---|\n");
    let calls = [
        ("HASH()", Value::list([])),
        ("HASH(1)", Value::list([Value::Int(1)])),
        ("HASH(-1, \"a\", true)", Value::list([Value::Int(-1), Value::from("a"), Value::Bool(true)])),
        ("HASH([1, 2])", Value::list([Value::list([Value::Int(1), Value::Int(2)])])),
    ];
    for (call, args) in calls {
        let encoded = crate::wire::to_bytes(&args);
        let hash = crate::crypto::sha256(&encoded);
        writeln!(text, "| `{call}` | `{}` | `{hash}` |", data_encoding::HEXLOWER.encode(&encoded)).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language/vectors.md");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language")).unwrap();
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
}
