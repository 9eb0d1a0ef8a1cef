//! The kinds of change: stable names, because scripts read them. `docs/diff.md` lists all of them.

use serde::Serialize;
use std::fmt;

/// What a change touches first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Bytes between nodes, and in chains.
    Wire,
    /// Names that other sources, other transactions and hosts use.
    Source,
    /// What a machine does, and what is promised about it.
    Behaviour,
}

impl Category {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Category; 3] = [Category::Wire, Category::Source, Category::Behaviour];

    /// `wire`, `source`, `behaviour`
    pub fn word(self) -> &'static str {
        match self {
            Category::Wire => "wire",
            Category::Source => "source",
            Category::Behaviour => "behaviour",
        }
    }
}

/// A kind of change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// What it touches first.
    pub category: Category,
    /// Stable name.
    pub name: &'static str,
    /// What has happened, in a few words.
    pub title: &'static str,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Declares the kinds of all categories, and the list of them.
macro_rules! kinds {
    ($( $category:ident { $( $constant:ident $name:literal $title:literal )* } )*) => {
        $( $( #[doc = $title] pub const $constant: Kind =
            Kind { category: Category::$category, name: $name, title: $title }; )* )*

        /// All kinds, in the order of the documentation.
        pub const ALL: &[Kind] = &[$( $( $constant ),* ),*];
    };
}

kinds! {
    Wire {
        MESSAGE_ADDED "message-added" "there is a new message"
        MESSAGE_REMOVED "message-removed" "a message is gone"
        MESSAGE_RENAMED "message-renamed" "a message has another name"
        SIGNED_CHANGED "signed-changed" "a message is signed now, or no longer"
        SENDER_ADDED "sender-added" "one more role may send a message"
        SENDER_REMOVED "sender-removed" "a role may no longer send a message"
        RECIPIENT_ADDED "recipient-added" "a message has one more recipient"
        RECIPIENT_REMOVED "recipient-removed" "a message has one recipient less"
        BLOCK_ADDED "block-added" "there is a new kind of block"
        BLOCK_REMOVED "block-removed" "a kind of block is gone"
        BLOCK_RENAMED "block-renamed" "a kind of block has another name"
        AUTHORS_CHANGED "authors-changed" "other roles may append a kind of block"
        FIELD_ADDED "field-added" "a record on the wire has one more field"
        FIELD_REMOVED "field-removed" "a record on the wire has one field less"
        FIELD_RENAMED "field-renamed" "a field on the wire has another name"
        FIELD_RETYPED "field-retyped" "a field on the wire has another type"
        ENUM_VALUE_ADDED "enum-value-added" "an enum on the wire has one more value"
        ENUM_VALUE_REMOVED "enum-value-removed" "an enum on the wire has one value less"
        ENUM_VALUE_RENAMED "enum-value-renamed" "a value of an enum on the wire has another name"
        SIGNED_STRUCT_CHANGED "signed-struct-changed" "what signatures cover has another name or other fields"
        SESSION_KEY_RENAMED "session-key-renamed" "the session key has another name"
    }
    Source {
        TRANSACTION_ADDED "transaction-added" "there is a new transaction"
        TRANSACTION_REMOVED "transaction-removed" "a transaction is gone"
        TRANSACTION_MOVED "transaction-moved" "a transaction lies elsewhere"
        TRANSACTION_RENUMBERED "transaction-renumbered" "a transaction has another number"
        FILE_ADDED "file-added" "there is a new file to import"
        FILE_REMOVED "file-removed" "a file that could be imported is gone"
        FILE_MOVED "file-moved" "a file that could be imported lies elsewhere"
        DECLARATION_ADDED "declaration-added" "an imported file declares one more name"
        DECLARATION_REMOVED "declaration-removed" "an imported file no longer declares a name"
        DECLARATION_RENAMED "declaration-renamed" "a declaration of an imported file has another name"
        DECLARATION_CHANGED "declaration-changed" "a declaration of an imported file has another form"
        ACTOR_ADDED "actor-added" "there is a new role"
        ACTOR_REMOVED "actor-removed" "a role is gone"
        ACTOR_RENAMED "actor-renamed" "a role has another name"
        TRIGGER_ADDED "trigger-added" "there is a new trigger"
        TRIGGER_REMOVED "trigger-removed" "a trigger is gone"
        TRIGGER_RENAMED "trigger-renamed" "a trigger has another name"
        TRIGGER_ARGUMENTS "trigger-arguments" "a trigger takes other arguments"
        STORE_ADDED "store-field-added" "an actor stores one more field"
        STORE_REMOVED "store-field-removed" "an actor stores one field less"
        STORE_RENAMED "store-field-renamed" "a stored field has another name"
        STORE_RETYPED "store-field-retyped" "a stored field has another type"
        SHARED_CHANGED "shared-changed" "the shared store has other fields"
        NATIVE_ADDED "native-added" "a host must answer one more native"
        NATIVE_REMOVED "native-removed" "a native is no longer asked"
        NATIVE_RENAMED "native-renamed" "a native has another name here"
        NATIVE_CHANGED "native-changed" "a native has other types, or lies elsewhere in the host's library"
        NAME_CHANGED "name-changed" "a parameter, function, struct, enum or view has another name"
    }
    Behaviour {
        STATE_ADDED "state-added" "an actor has one more state"
        STATE_REMOVED "state-removed" "a state is gone"
        STATE_RENAMED "state-renamed" "a state has another name"
        STATE_UNREACHABLE "state-unreachable" "a state can no longer be entered"
        STATE_REACHABLE "state-reachable" "a state can be entered that could not"
        STATE_FLAGS "state-flags" "a state is initial, terminal or at rest now, or no longer"
        MESSAGE_REFUSED "message-refused" "a state no longer handles a message"
        MESSAGE_DISCARDED "message-discarded" "a message that was kept for later is lost"
        MESSAGE_ACCEPTED "message-accepted" "a state handles or keeps a message that it did not"
        TRANSITION_ADDED "transition-added" "there is a new transition"
        TRANSITION_REMOVED "transition-removed" "a transition is gone"
        TRANSITION_RETARGETED "transition-retargeted" "a transition leads elsewhere"
        TRANSITION_ORDER "transition-order" "transitions are tried in another order"
        GUARD_STRONGER "guard-stronger" "a guard lets less through"
        GUARD_WEAKER "guard-weaker" "a guard lets more through"
        GUARD_CHANGED "guard-changed" "a guard is another one"
        GUARD_REWRITTEN "guard-rewritten" "a guard is written otherwise and lets the same through"
        LIMIT_SHORTENED "limit-shortened" "a time limit or period is shorter"
        LIMIT_LENGTHENED "limit-lengthened" "a time limit or period is longer"
        LIMIT_CHANGED "limit-changed" "a time limit or period is read from elsewhere"
        LIMIT_ADDED "limit-added" "there is a new time limit or period"
        LIMIT_REMOVED "limit-removed" "a time limit or period is gone"
        EFFECT_ADDED "effect-added" "a transition sends, appends or starts something more"
        EFFECT_REMOVED "effect-removed" "a transition no longer sends, appends or starts something"
        EFFECT_CHANGED "effect-changed" "a transition sends, appends or starts something else"
        ACTIONS_CHANGED "actions-changed" "a transition stores or decides otherwise"
        COLLECT_CHANGED "collect-changed" "a collect gathers otherwise"
        OVERRIDE_CHANGED "override-changed" "what is ignored or deferred has changed"
        ROSTER_CHANGED "roster-changed" "who may play a role is decided otherwise"
        TRIGGER_STATES "trigger-states" "a trigger may be fired in other states"
        AFTER_CHANGED "after-changed" "another transaction's state fires a trigger, or no longer"
        PARAMETER_CHANGED "parameter-changed" "a parameter has another value"
        FUNCTION_CHANGED "function-changed" "a function computes something else"
        VIEW_CHANGED "view-changed" "a view of a chain computes something else"
        PROPERTY_ADDED "property-added" "there is a new property"
        PROPERTY_REMOVED "property-removed" "a property is no longer claimed"
        PROPERTY_RENAMED "property-renamed" "a property has another name"
        PROPERTY_CHANGED "property-changed" "a property claims something else"
        SCENARIO_ADDED "scenario-added" "there is a new scenario"
        SCENARIO_REMOVED "scenario-removed" "a scenario is gone"
        SCENARIO_CHANGED "scenario-changed" "a scenario tells something else"
        OTHER "other" "the protocol id is another one"
    }
}
