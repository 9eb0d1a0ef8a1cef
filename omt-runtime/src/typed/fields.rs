//! Fields of stores: how they are read from outside, shared, matched with a roster, collected into.

use crate::envelope::Signed;
use crate::fault::FaultKind;
use crate::id::PeerId;
use crate::machine::Env;
use crate::value::Map;
use crate::wire::{self, Wire};
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The store of an actor.
pub trait StoreFields: Wire + Clone + Default + Send + Sync + 'static {
    /// Canonical CBOR of a field; `None` if there is none of that name or it is unset.
    fn field(&self, name: &str) -> Option<Vec<u8>>;

    /// Reads the fields of a snapshot; each may nest as deep as a message.
    ///
    /// # Errors
    /// Which field is missing, unknown or of another type.
    fn read(fields: &BTreeMap<String, &[u8]>) -> Result<Self, String>;
}

/// Reads a field of a snapshot.
///
/// # Errors
/// It is missing, or of another type.
pub fn read_field<T: Wire>(fields: &BTreeMap<String, &[u8]>, name: &str) -> Result<T, String> {
    let bytes = fields.get(name).ok_or_else(|| format!("field {name} is missing"))?;
    wire::decode_checked(bytes).map_err(|error| format!("field {name}: {error}"))
}

/// A field of a store: unset, or a value.
pub trait Slot {
    /// Canonical CBOR; `None` when unset.
    fn slot(&self) -> Option<Vec<u8>>;
}

impl<T: Wire> Slot for Option<T> {
    fn slot(&self) -> Option<Vec<u8>> {
        self.as_ref().map(wire::to_bytes)
    }
}

impl<T: Wire> Slot for Vec<T> {
    fn slot(&self) -> Option<Vec<u8>> {
        Some(wire::to_bytes(self))
    }
}

impl<K: Wire, V: Wire> Slot for Map<K, V> {
    fn slot(&self) -> Option<Vec<u8>> {
        Some(wire::to_bytes(self))
    }
}

/// Makes a struct a store: its wire form, and access by name.
#[macro_export]
macro_rules! store_fields {
    ($type:ident { $($field:ident $(as $wire:literal)?),* $(,)? }) => {
        $crate::wire_record!($type { $($field $(as $wire)?),* });

        impl $crate::typed::StoreFields for $type {
            fn field(&self, name: &str) -> ::core::option::Option<::std::vec::Vec<u8>> {
                $(if name == $crate::wire_record!(@name $field $($wire)?) {
                    return $crate::typed::Slot::slot(&self.$field);
                })*
                let _ = name;
                ::core::option::Option::None
            }

            fn read(
                fields: &::std::collections::BTreeMap<::std::string::String, &[u8]>,
            ) -> ::core::result::Result<Self, ::std::string::String> {
                for name in fields.keys() {
                    if !<$type as $crate::wire::Record>::FIELDS.contains(&name.as_str()) {
                        return ::core::result::Result::Err(::std::format!("the store has no field {name}"));
                    }
                }
                ::core::result::Result::Ok($type {
                    $($field: $crate::typed::read_field(fields, $crate::wire_record!(@name $field $($wire)?))?,)*
                })
            }
        }
    };
}

/// The shared fields of an actor.
pub trait SharedFields: Sized {
    /// What the environment holds; nothing is decoded yet.
    fn load(env: &dyn Env) -> Self;

    /// Hands what was written back to the environment.
    fn save(&self, env: &mut dyn Env);

    /// Was a field read that could not be decoded?
    fn broken(&self) -> bool;
}

impl SharedFields for () {
    fn load(_: &dyn Env) -> Self {}
    fn save(&self, _: &mut dyn Env) {}
    fn broken(&self) -> bool {
        false
    }
}

/// A shared field: decoded when it is first read, handed back if it was written.
pub struct Tracked<T> {
    bytes: Option<Vec<u8>>,
    value: OnceCell<T>,
    /// What `deref_mut` gives if there is no value, which is never.
    spare: T,
    written: bool,
    broken: Cell<bool>,
}

impl<T: Wire + Default> Tracked<T> {
    /// From what the environment holds.
    pub fn load(bytes: Option<Vec<u8>>) -> Self {
        Tracked {
            bytes,
            value: OnceCell::new(),
            spare: T::default(),
            written: false,
            broken: Cell::new(false),
        }
    }

    /// The new value, if there is one.
    pub fn written(&self) -> Option<Vec<u8>> {
        self.written.then(|| wire::to_bytes(&**self))
    }

    /// Was it read and could not be decoded?
    pub fn broken(&self) -> bool {
        self.broken.get()
    }

    fn read(&self) -> &T {
        self.value.get_or_init(|| match &self.bytes {
            None => T::default(),
            Some(bytes) => wire::decode_checked(bytes).unwrap_or_else(|_| {
                self.broken.set(true);
                T::default()
            }),
        })
    }
}

impl<T: Wire + Default> Deref for Tracked<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.read()
    }
}

impl<T: Wire + Default> DerefMut for Tracked<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.read();
        self.written = true;
        // It has been read, so the value is there.
        self.value.get_mut().unwrap_or(&mut self.spare)
    }
}

impl<T: fmt::Debug> fmt::Debug for Tracked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// Makes a struct of [`Tracked`] fields the shared store of an actor.
#[macro_export]
macro_rules! shared_fields {
    ($type:ident { $($field:ident $(as $wire:literal)?),* $(,)? }) => {
        impl $crate::typed::SharedFields for $type {
            fn load(env: &dyn $crate::machine::Env) -> Self {
                $type {
                    $($field: $crate::typed::Tracked::load(env.shared($crate::wire_record!(@name $field $($wire)?))),)*
                }
            }

            fn save(&self, env: &mut dyn $crate::machine::Env) {
                $(if let ::core::option::Option::Some(bytes) = self.$field.written() {
                    env.set_shared($crate::wire_record!(@name $field $($wire)?), bytes);
                })*
            }

            fn broken(&self) -> bool {
                false $(|| self.$field.broken())*
            }
        }
    };
}

/// A store field that says who plays a role.
pub trait Names {
    /// Does it name the peer? Nobody is named by an unset field.
    fn names(&self, peer: &PeerId) -> bool;
}

impl Names for Option<PeerId> {
    fn names(&self, peer: &PeerId) -> bool {
        self.as_ref() == Some(peer)
    }
}

impl Names for Vec<PeerId> {
    fn names(&self, peer: &PeerId) -> bool {
        self.contains(peer)
    }
}

impl<V> Names for Map<PeerId, V> {
    fn names(&self, peer: &PeerId) -> bool {
        self.contains_key(peer)
    }
}

impl Names for Option<Vec<PeerId>> {
    fn names(&self, peer: &PeerId) -> bool {
        self.as_ref().is_some_and(|list| list.names(peer))
    }
}

impl<V> Names for Option<Map<PeerId, V>> {
    fn names(&self, peer: &PeerId) -> bool {
        self.as_ref().is_some_and(|map| map.names(peer))
    }
}

/// A store field that a `collect` gathers in: was the sender collected before, and does its message differ?
pub trait Collected<M> {
    /// `None` if the sender is new.
    fn repeats(&self, sender: &PeerId, payload: &M) -> Option<bool>;
}

impl<M: PartialEq> Collected<M> for Map<PeerId, M> {
    fn repeats(&self, sender: &PeerId, payload: &M) -> Option<bool> {
        self.get(sender).map(|first| first != payload)
    }
}

impl<M: PartialEq> Collected<M> for Map<PeerId, Signed<M>> {
    fn repeats(&self, sender: &PeerId, payload: &M) -> Option<bool> {
        self.get(sender).map(|first| first.payload != *payload)
    }
}

/// What the interpreter calls a store that cannot be read.
pub(super) fn broken() -> FaultKind {
    FaultKind::internal("a shared field does not fit its type")
}
