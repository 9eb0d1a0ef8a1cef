//! Which values of one type the wire accepts as another.

use omt_runtime::ir::Type;

/// How the new type of a field relates to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Same,
    /// Everything that the old one allows, and more.
    Wider,
    /// Less than the old one allows.
    Narrower,
    /// Each allows values that the other refuses, and they share some.
    Overlapping,
    /// The same bytes mean something else.
    Reread,
    /// They share no value.
    Apart,
}

/// From the old to the new one.
#[allow(clippy::wildcard_enum_match_arm, reason = "types that are not named share no encoding")]
pub fn relation(old: &Type, new: &Type) -> Relation {
    use Relation::{Apart, Narrower, Overlapping, Reread, Same, Wider};
    if old == new {
        return Same;
    }
    match (old, new) {
        (Type::Optional(a), Type::Optional(b)) => relation(a, b),
        (Type::Optional(a), b) => then(Narrower, relation(a, b)),
        (a, Type::Optional(b)) => then(Wider, relation(a, b)),
        (Type::List(a), Type::List(b)) => inside(relation(a, b)),
        (Type::Map(k, a), Type::Map(l, b)) if k == l => inside(relation(a, b)),
        (Type::Any, _) => Narrower,
        (_, Type::Any) => Wider,
        (Type::Int | Type::Timestamp | Type::Duration, Type::Int | Type::Timestamp | Type::Duration) => {
            Reread
        }
        (Type::Uint, Type::Int | Type::Timestamp | Type::Duration)
        | (Type::Int | Type::Timestamp | Type::Duration, Type::Uint) => Overlapping,
        (Type::Hash | Type::PeerId | Type::Signature, Type::Bytes) => Wider,
        (Type::Bytes, Type::Hash | Type::PeerId | Type::Signature) => Narrower,
        (Type::Hash, Type::PeerId) | (Type::PeerId, Type::Hash) => Reread,
        (Type::Enum(_), Type::String) => Wider,
        (Type::String, Type::Enum(_)) => Narrower,
        (Type::Struct(_), Type::Struct(_)) => Overlapping,
        (Type::Enum(_), Type::Enum(_)) => Overlapping,
        _ => Apart,
    }
}

/// Null on top of another difference.
fn then(null: Relation, rest: Relation) -> Relation {
    match rest {
        Relation::Same => null,
        _ if rest == null => null,
        Relation::Apart => Relation::Apart,
        Relation::Wider | Relation::Narrower | Relation::Overlapping | Relation::Reread => {
            Relation::Overlapping
        }
    }
}

/// Lists and maps always share the empty one.
fn inside(relation: Relation) -> Relation {
    if relation == Relation::Apart { Relation::Overlapping } else { relation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_accepts_what_another_one_writes() {
        use Relation::*;
        let list = |t: Type| Type::List(Box::new(t));
        assert_eq!(relation(&Type::Uint, &Type::Uint), Same);
        assert_eq!(relation(&Type::Uint, &Type::Uint.optional()), Wider);
        assert_eq!(relation(&Type::Uint.optional(), &Type::Uint), Narrower);
        assert_eq!(relation(&Type::Uint, &Type::Int), Overlapping);
        assert_eq!(relation(&Type::Uint.optional(), &Type::Int), Overlapping);
        assert_eq!(relation(&Type::Timestamp, &Type::Duration), Reread);
        assert_eq!(relation(&Type::Hash, &Type::Bytes), Wider);
        assert_eq!(relation(&Type::Bytes, &Type::Hash.optional()), Overlapping);
        assert_eq!(relation(&Type::Bool, &Type::Uint), Apart);
        assert_eq!(relation(&list(Type::Bool), &list(Type::Uint)), Overlapping);
        assert_eq!(relation(&list(Type::Hash), &list(Type::Bytes)), Wider);
    }
}
