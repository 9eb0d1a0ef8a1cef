#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use data_encoding::HEXLOWER;

use super::*;
use crate::value::Value;

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

/// RFC 8032, section 7.1: secret key, public key, message, signature.
#[test]
fn the_vectors_of_rfc_8032_sign_and_verify() {
    let vectors = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
        (
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
        ),
    ];
    for (seed, public, message, signature) in vectors {
        let key = Keypair::from_seed(&bytes(seed));
        assert_eq!(key.peer_id(), PeerId(bytes(public)));
        let message = HEXLOWER.decode(message.as_bytes()).unwrap();
        let signature = Signature(bytes(signature));
        assert_eq!(key.sign_bytes(&message), signature);
        assert!(verify_bytes(&key.peer_id(), &message, &signature));
        assert!(!verify_bytes(&key.peer_id(), b"other", &signature));
    }
}

#[test]
fn keys_of_small_order_and_second_encodings_are_refused() {
    // The identity, a point of order 2 and one of order 8.
    let small = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    for key in small {
        assert_eq!(check_peer_id(&PeerId(bytes(key))), Err(KeyError::SmallOrder), "{key}");
        // The signature that fits every message under such a key, where verification is not strict.
        let mut universal = [0; 64];
        universal[0] = 1;
        assert!(!verify(&PeerId(bytes(key)), &Hash([3; 32]), &Signature(universal)));
    }
    // y = 2 is no point; y = p + 3 is the second encoding of y = 3, which is one.
    let mut two = [0; 32];
    two[0] = 2;
    assert_eq!(check_peer_id(&PeerId(two)), Err(KeyError::NotAPoint));
    let mut three = [0; 32];
    three[0] = 3;
    assert_eq!(check_peer_id(&PeerId(three)), Ok(()));
    let second = bytes("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    assert_eq!(check_peer_id(&PeerId(second)), Err(KeyError::NotAPoint));
}

/// RFC 8032, 5.1.7: a signature with S + L would be a second valid one.
#[test]
fn a_signature_has_no_second_form() {
    let key = Keypair::from_seed(&[7; 32]);
    let digest = Hash([1; 32]);
    let good = key.sign(&digest);
    assert!(verify(&key.peer_id(), &digest, &good));
    let order: [u8; 32] = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut second = good;
    let mut carry = 0u16;
    for (i, byte) in order.iter().enumerate() {
        let sum = u16::from(second.0[32 + i]) + u16::from(*byte) + carry;
        second.0[32 + i] = sum as u8;
        carry = sum >> 8;
    }
    assert!(!verify(&key.peer_id(), &digest, &second));
}

#[test]
fn hash_is_sha256_over_the_list_of_arguments() {
    // FIPS 180-4.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256(b"abc").to_string(), abc);
    let by_tuple = hash(&(1u64, "a".to_owned(), Hash([2; 32])));
    let by_values = hash_args(3, |e| {
        Value::Int(1).encode(e);
        Value::from("a").encode(e);
        Value::Hash(Hash([2; 32])).encode(e);
    });
    assert_eq!(by_tuple, by_values);
    // The limits between arguments count: ("ab", "c") is not ("a", "bc").
    assert_ne!(hash(&("ab".to_owned(), "c".to_owned())), hash(&("a".to_owned(), "bc".to_owned())));
}

#[test]
fn a_signed_struct_is_bound_to_its_name_its_fields_and_its_value() {
    let value = Value::record([("amount", Value::Int(5))]);
    let digest = sign_digest("LockBody", &Hash([1; 32]), &value);
    let by_hand = Value::list([
        Value::from("omt-sign-1"),
        Value::from("LockBody"),
        Value::Hash(Hash([1; 32])),
        value.clone(),
    ]);
    assert_eq!(digest, sha256(&crate::wire::to_bytes(&by_hand)));
    assert_ne!(digest, sign_digest("TopUpBody", &Hash([1; 32]), &value));
    assert_ne!(digest, sign_digest("LockBody", &Hash([2; 32]), &value));
    assert_ne!(digest, sign_digest("LockBody", &Hash([1; 32]), &Value::record([("amount", Value::Int(6))])));
}

#[test]
fn a_quorum_is_distinct_members_and_nobody_else() {
    let keys: Vec<Keypair> = (1..=5).map(|n| Keypair::from_seed(&[n; 32])).collect();
    let members: Vec<PeerId> = keys[..4].iter().map(Keypair::peer_id).collect();
    let digest = Hash([9; 32]);
    let signed = |signers: &[usize]| -> Map<PeerId, Signature> {
        signers.iter().map(|i| (keys[*i].peer_id(), keys[*i].sign(&digest))).collect()
    };
    assert!(verify_multi(&digest, &signed(&[0, 1, 2]), &members, 3));
    assert!(verify_multi(&digest, &signed(&[0, 1, 2, 3]), &members, 3));
    assert!(!verify_multi(&digest, &signed(&[0, 1]), &members, 3), "too few");
    assert!(!verify_multi(&digest, &signed(&[0, 1, 2, 4]), &members, 3), "an outsider among them");
    assert!(!verify_multi(&digest, &signed(&[]), &members, 0), "nobody is no quorum");
    let mut copied = signed(&[0, 1]);
    copied.insert(keys[2].peer_id(), keys[1].sign(&digest));
    assert!(!verify_multi(&digest, &copied, &members, 3), "one signature under two names");
    let repeated = [members[0], members[0], members[0]];
    assert!(!verify_multi(&digest, &signed(&[0]), &repeated, 3), "one member named three times");
    assert!(!verify_multi(&Hash([8; 32]), &signed(&[0, 1, 2]), &members, 3), "another body");
}

#[test]
fn the_cache_remembers_valid_signatures_only_and_forgets_the_oldest() {
    let key = Keypair::from_seed(&[1; 32]);
    let mut cache = VerifiedCache::new(2);
    let digests: Vec<Hash> = (0..3).map(|n| Hash([n; 32])).collect();
    for digest in &digests {
        let good = key.sign(digest);
        let mut bad = good;
        bad.0[1] ^= 1;
        assert!(!cache.verify(&key.peer_id(), digest, &bad));
        assert!(cache.verify(&key.peer_id(), digest, &good));
        assert!(cache.verify(&key.peer_id(), digest, &good));
        assert!(!cache.verify(&key.peer_id(), digest, &bad));
    }
    assert_eq!((cache.known.len(), cache.order.len()), (2, 2));
}

#[test]
fn a_key_pair_does_not_show_its_secret() {
    let key = Keypair::from_seed(&[0xab; 32]);
    assert!(!format!("{key:?}").contains("abab"));
}
