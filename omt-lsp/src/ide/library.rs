//! What the language itself offers: built-in functions, types, words, in the words of a person who looks them up.

/// Something of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it takes and gives; for a word, how it is used.
    pub signature: &'static str,
    /// What it means.
    pub doc: &'static str,
}

const fn entry(name: &'static str, signature: &'static str, doc: &'static str) -> Entry {
    Entry { name, signature, doc }
}

/// Built-in functions.
pub const FUNCTIONS: &[Entry] = &[
    entry("NOW", "NOW() -> timestamp", "The instant of the step; constant in it."),
    entry("DAY", "DAY(t timestamp) -> uint", "The calendar day of an instant."),
    entry("SECONDS", "SECONDS(d duration) -> int", "Whole seconds, rounded down."),
    entry("HASH", "HASH(v, …) -> hash", "SHA-256 over the canonical CBOR of the list of its arguments."),
    entry(
        "SIGN",
        "SIGN(v) -> signature",
        "Signs a struct with the key of this peer. What ties it to a session is a field of it.",
    ),
    entry(
        "VERIFY_SIG",
        "VERIFY_SIG(peer peer_id, v, sig signature) -> bool",
        "Whether the peer signed the struct.",
    ),
    entry(
        "VERIFY_MULTI",
        "VERIFY_MULTI(v, sigs map<peer_id, signature>, members list<peer_id>, n uint) -> bool",
        "At least `n` distinct members signed the struct, and nobody else did.",
    ),
    entry(
        "EQUIVOCATION",
        "EQUIVOCATION(peer peer_id) -> equivocation?",
        "Two blocks or messages of that peer that contradict each other, from everything verified here.",
    ),
    entry(
        "RANDOM_BYTES",
        "RANDOM_BYTES(n uint) -> bytes",
        "Random octets, recorded so that a replay repeats them.",
    ),
    entry(
        "GENERATE_ID",
        "GENERATE_ID() -> hash",
        "32 random octets, recorded so that a replay repeats them.",
    ),
    entry("REVEAL", "REVEAL(s secret<T>) -> T", "The one way out of a secret."),
    entry(
        "SEEDED_RNG",
        "SEEDED_RNG(seed) -> rng",
        "A generator of which everybody who knows the seed makes the same draws. A local of a function.",
    ),
    entry(
        "SEEDED_SAMPLE",
        "SEEDED_SAMPLE(rng rng, l list<T>, k uint) -> list<T>",
        "`k` items of the list, drawn without putting them back, in the order of the draw.",
    ),
    entry("SEEDED_SHUFFLE", "SEEDED_SHUFFLE(rng rng, l list<T>) -> list<T>", "The list in a drawn order."),
    entry(
        "READ",
        "READ(peer peer_id, q string) -> T?",
        "From the cached chain of a peer: `\"head_hash\"`, `\"height\"` or `\"last_seen\"`; null when unknown.",
    ),
    entry(
        "VIEW",
        "VIEW(View, c segment) -> View",
        "What the blocks of a chain amount to, folded from genesis.",
    ),
    entry("LOAD", "LOAD(field) -> T", "A field of the store of whoever calls, for functions."),
    entry(
        "CHAIN_STATE_AT",
        "CHAIN_STATE_AT(c segment, h hash) -> ChainState?",
        "The state of a chain at a block.",
    ),
    entry(
        "CHAIN_CONTAINS_HASH",
        "CHAIN_CONTAINS_HASH(c segment, h hash) -> bool",
        "Whether a chain has a block.",
    ),
    entry(
        "CHAIN_SEGMENT",
        "CHAIN_SEGMENT(c segment, to hash) -> segment",
        "The blocks from genesis up to one, which is included.",
    ),
    entry(
        "VERIFY_CHAIN_SEGMENT",
        "VERIFY_CHAIN_SEGMENT(c segment) -> bool",
        "Whether links and signatures are right.",
    ),
    entry(
        "CHAIN_HEIGHT",
        "CHAIN_HEIGHT(c segment) -> int",
        "The height of the last block; -1 when there is none.",
    ),
    entry(
        "LAST_PEER_HASH",
        "LAST_PEER_HASH(c segment, peer peer_id) -> hash?",
        "The latest block of a peer that the chain names.",
    ),
    entry("LENGTH", "LENGTH(l) -> uint", "Items of a list or a map, characters of a text, octets."),
    entry(
        "FILTER",
        "FILTER(l list<T>, p function<T, bool>) -> list<T>",
        "The items for which the predicate holds.",
    ),
    entry("MAP", "MAP(l list<T>, f function<T, R>) -> list<R>", "What the function makes of each item."),
    entry(
        "FIND",
        "FIND(l list<T>, p function<T, bool>) -> T?",
        "The first item for which the predicate holds.",
    ),
    entry("ANY", "ANY(l list<T>, p function<T, bool>) -> bool", "Whether the predicate holds for an item."),
    entry(
        "ALL",
        "ALL(l list<T>, p function<T, bool>) -> bool",
        "Whether the predicate holds for every item.",
    ),
    entry(
        "COUNT",
        "COUNT(l list<T>, p function<T, bool>) -> uint",
        "For how many items the predicate holds.",
    ),
    entry("SUM", "SUM(l list<T>) -> T", "The sum of numbers or durations."),
    entry(
        "REDUCE",
        "REDUCE(l list<T>, init R, f function<R, T, R>) -> R",
        "Folds a list: `REDUCE(l, 0, a => x => a + x)`.",
    ),
    entry("CONCAT", "CONCAT(a, b) -> T", "Two lists or texts, one behind the other."),
    entry(
        "SORT",
        "SORT(l list<T>) -> list<T>",
        "In order: integers by value, everything else by canonical bytes.",
    ),
    entry("SORT_BY", "SORT_BY(l list<T>, key function<T, K>) -> list<T>", "In the order of a key; stable."),
    entry("UNIQUE", "UNIQUE(l list<T>) -> list<T>", "Without repetitions."),
    entry("KEYS", "KEYS(m map<K, V>) -> list<K>", "The keys of a map, in order."),
    entry("VALUES", "VALUES(m map<K, V>) -> list<V>", "The values of a map, in the order of the keys."),
    entry("HAS_KEY", "HAS_KEY(m map<K, V>, k K) -> bool", "Whether a map has a key."),
    entry("GET", "GET(m map<K, V>, k K, otherwise V) -> V", "The value of a key, or what is given instead."),
    entry("WITH", "WITH(m map<K, V>, k K, v V) -> map<K, V>", "The map with one more entry."),
    entry("WITHOUT", "WITHOUT(m map<K, V>, k K) -> map<K, V>", "The map without a key."),
    entry("ABS", "ABS(n) -> T", "The amount of a number."),
    entry("MIN", "MIN(a, b) -> T", "The smaller one."),
    entry("MAX", "MAX(a, b) -> T", "The larger one."),
    entry("CLAMP", "CLAMP(n, least, most) -> T", "The number, or the bound that it passes."),
    entry("TO_STRING", "TO_STRING(v) -> string", "As text."),
];

/// Built-in types.
pub const TYPES: &[Entry] = &[
    entry("uint", "uint", "0 … 2^64−1."),
    entry("int", "int", "−2^63 … 2^63−1."),
    entry("float", "float", "IEEE 754 binary64, without NaN and infinity. Not in what is signed."),
    entry("bool", "bool", "`true`, `false`."),
    entry("string", "string", "Text."),
    entry("bytes", "bytes", "Octets."),
    entry("hash", "hash", "32 octets."),
    entry("signature", "signature", "64 octets, Ed25519."),
    entry("peer_id", "peer_id", "The public key of a peer, 32 octets."),
    entry("timestamp", "timestamp", "An instant, in microseconds. `timestamp - timestamp` is a `duration`."),
    entry("duration", "duration", "A span of time, in microseconds."),
    entry("any", "any", "Anything that the wire can hold. Not in what is signed."),
    entry("dict", "dict", "A record with names that are not declared. Not in what is signed."),
    entry("list", "list<T>", "Items in order. Begins empty."),
    entry("map", "map<K, V>", "Values by key. Begins empty."),
    entry("segment", "segment", "Consecutive blocks of one author: `.author .head .height`."),
    entry("block", "block<B>", "A whole block: `.author .height .previous .time .hash .payload`."),
    entry("signed", "signed<M>", "A whole signed message as data: `.sender .session .sequence .payload`."),
    entry("secret", "secret<T>", "Leaves only through `HASH`, `SIGN`, `==` and `REVEAL`."),
    entry("function", "function<A, …, R>", "The type of a parameter that is a function."),
    entry("equivocation", "equivocation", "A proof that verifies stand-alone: `.author`."),
    entry("ChainState", "ChainState", "`.block_hash .sequence .known_peers .peer_hashes`."),
];

/// Reserved names of values.
pub const VALUES: &[Entry] = &[
    entry("chain", "chain segment", "The own chain."),
    entry("peer_id", "peer_id peer_id", "This peer."),
    entry(
        "message",
        "message",
        "What caused the transition: `.sender .payload .session .signed` and its fields.",
    ),
    entry("network", "BROADCAST(network, M)", "Everybody, by gossip. In a property: all peers of the cast."),
    entry(
        "result",
        "result R?",
        "The result of the task that caused the transition; null when the host failed or forgot it.",
    ),
    entry("true", "true bool", "True."),
    entry("false", "false bool", "False."),
    entry("null", "null", "No value."),
];

/// Words with which a declaration begins.
pub const DECLARATIONS: &[Entry] = &[
    entry(
        "transaction",
        "transaction 1 \"Title\" \"Description\"",
        "The header: one for each file that is a transaction.",
    ),
    entry("imports", "imports shared/common", "Everything that another file declares."),
    entry(
        "uses",
        "uses transactions/00_escrow_lock/transaction as EscrowLock",
        "Gives another transaction a name, and imports nothing.",
    ),
    entry("parameters", "parameters ( NAME = 5 seconds \"text\" )", "Named constants with units."),
    entry("enum", "enum Name \"text\" ( A B )", "A closed set of names."),
    entry("struct", "struct Name ( field type )", "A named, typed record."),
    entry(
        "message",
        "message NAME from Sender to [Receiver] signed ( field type )",
        "What one actor says to others.",
    ),
    entry("block", "block NAME by [Author] ( field type )", "What an actor appends to its chain."),
    entry("view", "view Name ( field type  on BLOCK ( field = … ) )", "A fold over the blocks of one chain."),
    entry(
        "actor",
        "actor Name \"text\" ( store (…) peers (…) trigger … state … transition … )",
        "One role: a machine with a store.",
    ),
    entry("function", "function NAME(a type) -> type ( RETURN … )", "A pure function."),
    entry(
        "native",
        "native function NAME(a type) -> type \"library.path\"",
        "Answered by the host: at once (`function`), or later (`task`).",
    ),
    entry("property", "property name \"text\" always ( … )", "A claim about all runs."),
    entry(
        "scenario",
        "scenario name \"text\" ( cast (…) at … expect … )",
        "One run, and what is expected of it.",
    ),
];

/// Words with which something in an actor begins.
pub const ITEMS: &[Entry] = &[
    entry(
        "store",
        "store ( field type )",
        "What an instance remembers. As an action: keeps fields of the message or arguments of the trigger.",
    ),
    entry("shared", "shared ( field type )", "What all instances of this actor on a peer share."),
    entry("peers", "peers ( Role field )", "The store field that holds who plays a role."),
    entry(
        "trigger",
        "trigger name(a type) in [STATE] \"text\"",
        "What the host, or another transaction, may cause.",
    ),
    entry("state", "state NAME initial|terminal|rest \"text\"", "Where an instance may be."),
    entry("ignore", "ignore MESSAGE in [STATE] when …", "Discards a message there."),
    entry("defer", "defer MESSAGE in [STATE] when …", "Keeps a message for a later state."),
    entry("collect", "collect MESSAGE in [STATE] into field when …", "Gathers one message of each sender."),
    entry("any", "any -> STATE on …", "Every state that has no transition of its own for the same cause."),
];

/// Words of actions.
pub const ACTIONS: &[Entry] = &[
    entry("store", "store a, b", "Keeps fields of the message, or arguments of the trigger."),
    entry(
        "SEND",
        "SEND(to, MESSAGE { field value })",
        "Sends a message. What is not given comes from the store field of the same name.",
    ),
    entry(
        "BROADCAST",
        "BROADCAST(to, MESSAGE { field value })",
        "Sends to a list of peers, or hands to gossip: `BROADCAST(network, M)`.",
    ),
    entry(
        "APPEND",
        "APPEND(chain, BLOCK { field value })",
        "Appends a block to the own chain, or a value to a list.",
    ),
    entry("START", "START(task(a))", "Begins a task; its end is a cause: `on task`."),
    entry("ABORT", "ABORT(\"reason\")", "Undoes the whole step."),
    entry("STORE", "STORE(field, value)", "The same as `field = value`."),
    entry("let", "let name = value", "A name for a value."),
    entry("lookup", "lookup field = value", "Assigns from chain data."),
    entry("IF", "IF condition THEN ( … ) ELSE ( … )", "A choice."),
    entry("FOR", "FOR item IN list ( … )", "Once for each item."),
];

/// Words that stand elsewhere.
pub const WORDS: &[Entry] = &[
    entry("auto", "A -> B auto when …", "Nothing causes it: it is taken in the step that enables it."),
    entry(
        "on",
        "A -> B on CAUSE",
        "A trigger, a task or a message; `on timeout(LIMIT)`, `on every(PERIOD)`.",
    ),
    entry(
        "timeout",
        "on timeout(LIMIT)",
        "A parameter or a store field: a `duration` from the entry of the state, or a `timestamp`.",
    ),
    entry("every", "on every(PERIOD)", "Entry + P, + 2P, …; periods that were missed are one."),
    entry("when", "when condition", "The guard."),
    entry("else", "else -> STATE ( … )", "What happens when no guard holds."),
    entry("initial", "state NAME initial", "Where an instance begins."),
    entry("terminal", "state NAME terminal", "Where it is complete."),
    entry("rest", "state NAME rest", "Where waiting for ever is meant."),
    entry("signed", "message … signed ( … )", "The envelope is signed by its sender."),
    entry("byzantine", "name Actor byzantine", "A member of the cast that does not keep to its machine."),
    entry("always", "always ( … )", "Holds after every step of every run."),
    entry("never", "never ( … )", "Holds after no step."),
    entry("eventually", "eventually ( … )", "Every run comes to a point where it holds."),
    entry("sometimes", "sometimes ( … )", "Holds after some step of some run."),
    entry("leads", "leads ( a ) eventually ( b )", "Whenever `a` holds, `b` holds then or later."),
];

/// Units of durations and of parameters.
pub const UNITS: &[&str] =
    &["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "count", "fraction"];

/// Whatever has the name: functions, values, words, types. `peer_id` is a value and a type, `store` an item and an action.
pub fn find(name: &str) -> Vec<&'static Entry> {
    let all = || [FUNCTIONS, VALUES, TYPES, ACTIONS, ITEMS, DECLARATIONS, WORDS].into_iter().flatten();
    let exact: Vec<&Entry> = all().filter(|entry| entry.name == name).collect();
    if exact.is_empty() {
        all().filter(|entry| entry.name.eq_ignore_ascii_case(name)).collect()
    } else {
        exact
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omt_runtime::ir::Builtin;

    #[test]
    fn types_values_and_units_are_those_of_the_compiler() {
        let words = |name: &str| {
            let kinds = omtc::words::kinds();
            kinds.into_iter().find(|kind| kind.name == name).map(|kind| kind.words).unwrap_or_default()
        };
        let sorted = |mut names: Vec<&'static str>| {
            names.sort_unstable();
            names
        };
        let names = |entries: &[Entry]| sorted(entries.iter().map(|entry| entry.name).collect());
        // `chain` is another word for `segment`, and an `rng` is never written as a type.
        let types: Vec<&str> = words("type").into_iter().filter(|t| !["chain", "rng"].contains(t)).collect();
        assert_eq!(names(TYPES), types);
        assert_eq!(names(VALUES), sorted([words("value"), words("constant")].concat()));
        assert_eq!(sorted(UNITS.to_vec()), sorted([words("unit"), words("quantity")].concat()));
        assert_eq!(
            names(DECLARATIONS),
            sorted(words("declaration").into_iter().filter(|w| *w != "task").collect())
        );
        assert_eq!(names(ITEMS), words("item"));
        for entry in ACTIONS.iter().chain(WORDS) {
            assert!(omtc::syntax::words::is_keyword(entry.name), "{}", entry.name);
        }
    }

    #[test]
    fn every_function_of_the_library_is_there_and_no_other() {
        for (name, _) in Builtin::ALL {
            assert!(FUNCTIONS.iter().any(|entry| entry.name == *name), "{name} is missing");
        }
        for entry in FUNCTIONS {
            assert!(entry.signature.starts_with(&format!("{}(", entry.name)), "{}", entry.name);
            let special = ["VIEW", "LOAD"].contains(&entry.name);
            assert!(special || Builtin::named(entry.name).is_some(), "{}", entry.name);
        }
    }
}
