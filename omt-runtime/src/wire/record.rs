//! Records and enums of generated code.

use std::cmp::Ordering;

use super::{Encoder, Wire};

/// A struct, message or block as generated code declares it.
pub trait Record: Wire {
    /// Its name in the protocol.
    const NAME: &'static str;
    /// Names of its fields in canonical order.
    const FIELDS: &'static [&'static str];
}

/// The order of text keys: shorter first, then bytewise. It is the order of their encodings.
pub fn name_order(a: &str, b: &str) -> Ordering {
    (a.len(), a.as_bytes()).cmp(&(b.len(), b.as_bytes()))
}

/// Whether `a` comes before `b`, at compile time.
const fn comes_before(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return a.len() < b.len();
    }
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b) {
        if *x != *y {
            return *x < *y;
        }
        (a, b) = (rest_a, rest_b);
    }
    false
}

/// A field: its name and how to write it.
pub type Field<T> = (&'static str, fn(&T, &mut Encoder));

/// Sorts the fields of a record canonically, at compile time.
#[allow(clippy::indexing_slicing, reason = "constant evaluation: an index out of range would not compile")]
pub const fn sort_fields<T, const N: usize>(mut fields: [Field<T>; N]) -> [Field<T>; N] {
    let mut sorted = 1;
    while sorted < N {
        let mut i = sorted;
        while i > 0 && comes_before(fields[i].0, fields[i - 1].0) {
            let field = fields[i];
            fields[i] = fields[i - 1];
            fields[i - 1] = field;
            i -= 1;
        }
        sorted += 1;
    }
    fields
}

/// The names of sorted fields, at compile time.
#[allow(clippy::indexing_slicing, reason = "constant evaluation: an index out of range would not compile")]
pub const fn canonical_names<T, const N: usize>(fields: &[Field<T>; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut i = 0;
    while i < N {
        names[i] = fields[i].0;
        i += 1;
    }
    names
}

/// Gives a struct its wire form: a map by field name, sorted canonically, all fields and no other.
///
/// ```
/// # use omt_runtime::wire_record;
/// #[derive(Debug, Clone, PartialEq)]
/// pub struct LockBody { pub amount: u64, pub r#type: String }
/// // The name in the protocol may differ from the name in Rust, and so may that of a field.
/// wire_record!(LockBody "LOCK_BODY" { amount, r#type as "type" });
/// ```
#[macro_export]
macro_rules! wire_record {
    ($type:ident { $($field:ident $(as $wire:literal)?),* $(,)? }) => {
        $crate::wire_record!(@impl $type, stringify!($type), { $($field $(as $wire)?),* });
    };
    ($type:ident $name:literal { $($field:ident $(as $wire:literal)?),* $(,)? }) => {
        $crate::wire_record!(@impl $type, $name, { $($field $(as $wire)?),* });
    };
    (@impl $type:ident, $name:expr, { $($field:ident $(as $wire:literal)?),* }) => {
        const _: () = {
            const COUNT: usize = <[&str]>::len(&[$(stringify!($field)),*]);
            const SORTED: [(&str, fn(&$type, &mut $crate::wire::Encoder)); COUNT] =
                $crate::wire::sort_fields([$(
                    (
                        $crate::wire_record!(@name $field $($wire)?),
                        |record: &$type, encoder: &mut $crate::wire::Encoder| {
                            $crate::wire::Wire::encode(&record.$field, encoder)
                        },
                    )
                ),*]);

            impl $crate::wire::Record for $type {
                const NAME: &'static str = $name;
                const FIELDS: &'static [&'static str] = &$crate::wire::canonical_names(&SORTED);
            }

            impl $crate::wire::Wire for $type {
                fn encode(&self, encoder: &mut $crate::wire::Encoder) {
                    encoder.map(COUNT);
                    for (name, encode) in SORTED {
                        encoder.text(name);
                        encode(self, encoder);
                    }
                }

                #[allow(unused_mut, unused_variables)]
                fn decode(
                    decoder: &mut $crate::wire::Decoder<'_>,
                ) -> ::core::result::Result<Self, $crate::wire::WireError> {
                    let at = decoder.at();
                    $(let mut $field = ::core::option::Option::None;)*
                    decoder.record(|decoder, name| match name {
                        $(
                            name if name == $crate::wire_record!(@name $field $($wire)?) => {
                                $field = ::core::option::Option::Some($crate::wire::Wire::decode(decoder)?);
                                ::core::result::Result::Ok(true)
                            }
                        )*
                        _ => ::core::result::Result::Ok(false),
                    })?;
                    ::core::result::Result::Ok($type {
                        $($field: $field.ok_or_else(|| $crate::wire::WireError::new(
                            at,
                            $crate::wire::Reason::MissingField(
                                $crate::wire_record!(@name $field $($wire)?).to_owned(),
                            ),
                        ))?,)*
                    })
                }
            }
        };
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $wire:literal) => { $wire };
}

/// Gives an enum its wire form, the name of the value, and `name`, `from_name`, `Display`, `VALUES`.
///
/// ```
/// # use omt_runtime::wire_enum;
/// #[derive(Debug, Clone, Copy, PartialEq, Eq)]
/// pub enum Refusal { UnknownCheckpoint, TooLate }
/// wire_enum!(Refusal { UNKNOWN_CHECKPOINT => UnknownCheckpoint, TOO_LATE => TooLate });
/// assert_eq!(Refusal::TooLate.to_string(), "TOO_LATE");
/// ```
#[macro_export]
macro_rules! wire_enum {
    ($type:ident { $($name:ident => $variant:ident),* $(,)? }) => {
        impl $type {
            /// All values, in the order of their declaration.
            pub const VALUES: &'static [$type] = &[$($type::$variant),*];

            /// The name in the protocol, which is also the wire form.
            pub fn name(&self) -> &'static str {
                match self {
                    $($type::$variant => stringify!($name),)*
                }
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> ::core::option::Option<Self> {
                $(if name == stringify!($name) {
                    return ::core::option::Option::Some($type::$variant);
                })*
                ::core::option::Option::None
            }
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.name())
            }
        }

        impl $crate::wire::Wire for $type {
            fn encode(&self, encoder: &mut $crate::wire::Encoder) {
                encoder.text(self.name());
            }

            fn decode(
                decoder: &mut $crate::wire::Decoder<'_>,
            ) -> ::core::result::Result<Self, $crate::wire::WireError> {
                let at = decoder.at();
                let name = decoder.text()?;
                Self::from_name(name).ok_or_else(|| {
                    $crate::wire::WireError::new(
                        at,
                        $crate::wire::Reason::UnknownVariant(name.to_owned()),
                    )
                })
            }

            fn order(&self, other: &Self) -> ::core::cmp::Ordering {
                $crate::wire::name_order(self.name(), other.name())
            }
        }
    };
}
