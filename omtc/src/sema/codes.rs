//! E0101–E0419, E0501–E0509, W0101–W0119: imports, names, types, flow, and what of the machine needs the tree.
//!
//! The text of each code is a file in `pages/`, which is shown by `omtc explain`, is the documentation of the
//! constant, and is a test: what stands under *Example* has that finding, what stands under *Instead* has none.

use crate::diagnostic::{
    Code, Diagnostic,
    codes::{error, warning},
};

macro_rules! codes {
    ($($kind:ident $name:ident $id:literal $title:literal $(why $why:literal help $help:literal)?;)*) => {
        $(
            #[doc = include_str!(concat!("pages/", $id, ".md"))]
            pub const $name: Code = $kind($id, $title, include_str!(concat!("pages/", $id, ".md")));
        )*
        /// All of them.
        pub const ALL: &[Code] = &[$($name),*];

        /// Why it matters and what to do, in a sentence each, for findings that have nothing better to say.
        fn defaults(code: Code) -> Option<(&'static str, &'static str)> {
            match code.id {
                $($($id => Some(($why, $help)),)?)*
                _ => None,
            }
        }
    };
}

codes! {
    error UNKNOWN_NAME "E0101" "unknown name"
        why "a name is a local, an argument, a field, a parameter or an enum value"
        help "declare it: in the store if it outlives the step, with `let` if it does not";
    error UNKNOWN_TYPE "E0102" "unknown type"
        why "a type is built in, or an enum, struct, message, block or view"
        help "declare it, or import the file that does";
    error RESERVED_NAME "E0103" "reserved name"
        why "readers, and other tools, would take the name for the word"
        help "choose another name";
    error DUPLICATE "E0104" "declared twice"
        why "with two declarations of one name nobody can tell which one is meant"
        help "remove one of them, or give it another name";
    error HIDES "E0105" "hides another name"
        why "one word would mean two things a line apart"
        help "choose another name";
    error AMBIGUOUS_VALUE "E0106" "ambiguous enum value"
        why "values of different enums are never equal"
        help "use it where the enum is known, or give one of the values another name";
    error IMPORT_NOT_FOUND "E0107" "imported file not found"
        why "`X` stands for `X.omt` or `X/transaction.omt` below the protocol folder"
        help "correct the path, or remove the line";
    error IMPORT_CYCLE "E0108" "cycle of imports"
        why "what a file imports is part of it, and no file can be part of itself"
        help "move what both need into a third file and import that";
    error CONFLICT "E0109" "conflicting definitions"
        why "two files would mean different things by one name; only an identical repetition is allowed"
        help "remove one of them, or give it another name";
    error UNREADABLE "E0110" "source cannot be read"
        why "nothing can be said about a source that is not there or cannot be read"
        help "correct the path, or the permissions of the file";
    error HEADER "E0111" "transaction header"
        why "the header gives the protocol of this file its number and its session key"
        help "keep one header for each file with actors";
    error UNKNOWN_FUNCTION "E0112" "unknown function"
        why "what is called is declared here, imported, native, or part of the library"
        help "declare it, or import the file that does";
    error UNKNOWN_FIELD "E0113" "unknown field"
        why "a record has its declared fields and no others"
        help "declare the field, or read another one";
    error NOT_HERE "E0114" "not available here"
        why "it means something only where it comes from: a message, a task, a block"
        help "store what is needed while it is there";
    error UNKNOWN_DECLARATION "E0115" "unknown declaration"
        why "what is sent, appended, started, folded or collected is declared here or in an imported file"
        help "declare it, or import the file that does";
    error UNKNOWN_ACTOR "E0116" "unknown actor"
        why "only actors of the transaction play roles"
        help "declare the actor, or name another one";
    error MISMATCH "E0201" "type mismatch"
        why "nothing becomes another type by itself but `uint` an `int`, and either a `float` where that is exact"
        help "give a value of that type";
    error OPERANDS "E0202" "operands do not fit"
        why "the operator has no meaning for these types that everybody would agree on"
        help "convert one side, or compare and compute something else";
    error ARGUMENT_COUNT "E0203" "wrong number of arguments"
        why "a missing argument has no value, and an extra one no place"
        help "give exactly the declared arguments";
    error TYPE_ARGUMENTS "E0204" "wrong type arguments"
        why "without its arguments the type does not say what it holds"
        help "write it like `list<uint>` or `map<peer_id, uint>`";
    error TYPE_NOT_ALLOWED "E0205" "type not allowed here"
        why "such a value is not the same on every machine, or cannot be kept at all"
        help "declare another type";
    error OUT_OF_RANGE "E0206" "number out of range"
        why "the step that stores it would always fault"
        help "give a value that fits, or declare a type that holds it";
    error PARAMETER "E0207" "parameter out of range"
        why "every use of the parameter would be wrong"
        help "give a value that fits the unit";
    error CANNOT_INFER "E0208" "type cannot be told"
        why "an empty list, an empty map or `null` alone does not say what it is for"
        help "use it where a type is declared: a field of the store, an argument, a result";
    error MAY_BE_NULL "E0209" "may be null"
        why "using null where a value is needed is a fault, and the step is undone"
        help "look first: `IF … != null`, or give a default";
    error ENUM_OPERAND "E0210" "enum compared with something else"
        why "a value of an enum equals only a value of the same enum"
        help "compare it with one of its own values";
    error SECRET "E0211" "secret in the open"
        why "whoever reads the message or the chain would know it"
        help "send `HASH(…)` of it, or `REVEAL(…)` it when it may be known";
    error LAMBDA "E0212" "lambda out of place"
        why "a function is not a value that can be kept or sent"
        help "pass it to `MAP`, `FILTER`, `REDUCE` or a function of your own";
    error RECORD_FIELD "E0213" "fields of a record"
        why "a record has every field of its type, once"
        help "give every field once";
    error RECURSIVE_TYPE "E0214" "type contains itself"
        why "a value of it would never end"
        help "put a `?` behind the type of one of these fields";
    error SHADOWS_LIBRARY "E0215" "shadows the library"
        why "readers expect the library's meaning"
        help "give it another name";
    error TOO_DEEP "E0216" "expression too long"
        why "whatever walks an expression must be able to, on any stack"
        help "split it with `let`, or fold a list with `SUM` or `REDUCE`";
    error MAY_BE_UNSET "E0301" "may be unset"
        why "reading an unset field where a value is needed is a fault, and the step is undone"
        help "assign it on every way to here, or look first: `!= null`";
    error NO_SOURCE "E0302" "field without a source"
        why "what is not given comes from the store field of the same name and type"
        help "give it: `M { field value }`";
    error NULL_ASSIGNED "E0303" "null assigned to a plain type"
        why "only a `T?` may be null: who reads a plain type relies on its having a value"
        help "declare it as `T?`, or give a value";
    error LOCAL_UNSET "E0304" "local may be unset"
        why "a local that is read has a value, whichever branches were taken"
        help "assign it in every branch, or before the `if` or `for`";
    error NO_RETURN "E0305" "path without return"
        why "the caller needs a value, whichever branches are taken"
        help "end every path with `return …`";
    error RECURSION "E0306" "recursion"
        why "functions may not call themselves, so that every step ends"
        help "loop over a list with `for`, `MAP` or `REDUCE`";
    error SESSION_KEY "E0307" "assignment to the session key"
        why "the session id routes every message"
        help "leave it to the step that creates the instance";
    error NOT_ASSIGNABLE "E0308" "cannot be assigned"
        why "only fields of the store, of the shared store and of views, and locals of functions change"
        help "assign a field of the store, or bind another name with `let`";
    error NOTHING_TO_STORE "E0309" "nothing to store"
        why "`store k` keeps the field `k` of the message, or the argument `k` of the trigger"
        help "write `k = …` to store something else";
    error INITIAL "E0401" "initial state"
        why "an instance begins in exactly one state"
        help "mark one state `initial`";
    error UNKNOWN_STATE "E0402" "unknown state"
        why "a transition leaves and enters states of its own actor"
        help "declare the state";
    error UNKNOWN_CAUSE "E0403" "unknown cause"
        why "what causes a transition is a trigger of the actor, a task, a message, a time limit, or nothing (`auto`)"
        help "declare the message or the trigger";
    error DUPLICATE_TRANSITION "E0404" "transition written twice"
        why "of two equal transitions the first one fires"
        help "remove it, or give it another guard";
    error TERMINAL_EXIT "E0405" "terminal state with exits"
        why "a terminal state completes the instance, so nothing happens in it any more"
        help "declare it `rest` instead of `terminal` if an instance may stay there and go on later";
    error TIME_LIMIT "E0406" "time limit"
        why "a time limit is a parameter, or a field or path of the store, of type `duration` or `timestamp`"
        help "give it a unit of time: `WAIT = 30 seconds`";
    error TRIGGER_STATE "E0407" "trigger outside its states"
        why "outside its `in` list a trigger is refused, so the transition never fires"
        help "add the state to the list of the trigger";
    error ROSTER "E0408" "roster"
        why "the roster field says from whom messages of the role are accepted"
        help "declare a field of type `peer_id`, `list<peer_id>` or `map<peer_id, …>` and name it";
    error COLLECT "E0409" "collect"
        why "a collect keeps one message of each member of the sender's roster field"
        help "declare the field as `map<peer_id, MESSAGE>`";
    error AFTER "E0410" "trigger after another transaction"
        why "the trigger is fired with the store fields of its arguments' names and types"
        help "name arguments that the other actor has stored in that state";
    error PROPERTY "E0411" "property about nothing"
        why "a property is a claim about instances and peers; one that looks at none is true or false for ever"
        help "name what it is about: `ALL(Actor, c => …)`, `ANY`, `COUNT`, or `network`";
    error SCENARIO "E0412" "step that cannot happen"
        why "a scenario is one run, with times and numbers that are known before it begins"
        help "write the step so that it can happen as it is written";
    error WRONG_SENDER "E0501" "not a declared sender"
        why "who receives it takes it from its declared senders alone"
        help "add the actor to `from`, if that is meant";
    error WRONG_RECIPIENT "E0502" "not a declared recipient"
        why "an actor handles only messages that name it in `to`"
        help "add the actor to `to`, if that is meant";
    error WRONG_AUTHOR "E0503" "not a declared author"
        why "readers of the chain accept a block only from its declared authors"
        help "add the actor to `by`, if that is meant";
    error WRONG_HANDLER "E0504" "message is not for this actor"
        why "a message is handed only to actors that its `to` names"
        help "add the actor to `to`, if that is meant";
    error DEFECT "E0599" "defect of the compiler"
        why "what the compiler makes of a source is checked again before it is used"
        help "please report it with the source";
    warning UNUSED "W0101" "unused"
        why "what nothing uses is a mistake, or noise for every reader"
        help "remove it, or use it";
    warning ALWAYS_SET "W0102" "comparison with null is decided"
        why "a plain type is never null once it is set, and here it is"
        help "leave the comparison out";
    warning UNDECLARED_TYPE "W0801" "undeclared type, read as a dynamic record";
    warning UNDECLARED_FIELD "W0802" "undeclared name is written, read as a field of any type";
    warning NULL_SOURCE "W0803" "field without a source, read as null";
    warning NULL_PLAIN "W0804" "null for a plain type, read as unset";
    warning HASH_OF_SUM "W0805" "hash of a sum, read as a hash of its parts";
    warning TEXT_AND_ENUM "W0806" "text and enum, read as the value of that name";
    warning BARE_TEXT "W0807" "unknown name, read as its own text";
    warning BYTES_AS_SEGMENT "W0808" "bytes as a chain, read as a segment";
    warning TERMINAL_LEFT "W0809" "terminal state with exits, read as a rest state";
    warning UNSET_LIST "W0810" "unset list, read as an empty one";
    warning NO_ROSTER "W0811" "no roster, read as anybody";
    warning DYNAMIC_COMPARED "W0812" "values of unknown type compared by their structure";
    warning NULL_READ "W0813" "value that may be null is used, read as a fault if it is";
    warning DYNAMIC_SIGNED "W0814" "value of unknown type or float in what is signed";
    warning DYNAMIC_USED "W0815" "value of unknown type where one type is needed";
    warning SESSION_ASSIGNED "W0816" "session key assigned again, read as no assignment";
    warning TEXT_OF_VALUE "W0817" "value where a text is wanted, read as its text";
    warning SIGNED_VALUE "W0818" "signature of something that is no struct";
}

/// Every finding says why, and what to do.
pub(super) fn complete(finding: &mut Diagnostic) {
    let Some((why, help)) = defaults(finding.code) else { return };
    finding.note.get_or_insert_with(|| why.to_owned());
    finding.help.get_or_insert_with(|| help.to_owned());
}
