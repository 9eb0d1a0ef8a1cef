//! E0101–E0419, E0501–E0509, W0101–W0119: imports, names, types, flow, and what of the machine needs the tree.

use crate::diagnostic::{
    Code,
    codes::{error, warning},
};

/// The four headings of `omtc explain`, filled.
macro_rules! text {
    ($what:literal, $why:literal, $example:literal, $instead:literal) => {
        concat!(
            "# What it checks\n",
            $what,
            "\n\n# Why it matters\n",
            $why,
            "\n\n# Example\n```omt\n",
            $example,
            "\n```\n\n# Instead\n```omt\n",
            $instead,
            "\n```\n"
        )
    };
}

macro_rules! codes {
    ($($kind:ident $name:ident $id:literal $title:literal: $what:literal, $why:literal, $example:literal, $instead:literal;)*) => {
        $(
            #[doc = $what]
            pub const $name: Code = $kind($id, $title, text!($what, $why, $example, $instead));
        )*
        /// All of them.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    error UNKNOWN_NAME "E0101" "unknown name":
        "Every name in an expression is a local, an argument, a field, a parameter or an enum value.",
        "A name that nothing declares has no value.",
        "A -> B on M when mesage.n > 0", "A -> B on M when message.n > 0";
    error UNKNOWN_TYPE "E0102" "unknown type":
        "Every type is built in or declared as an enum, struct, message, block or view.",
        "A field of an unknown type cannot be stored, sent or checked.",
        "struct S ( owner peerid )", "struct S ( owner peer_id )";
    error RESERVED_NAME "E0103" "reserved name":
        "Declarations, fields, parameters and enum values are not called like a word of the language.",
        "A reader, and the parser, would take the name for the word.",
        "enum Kind ( SEND KEEP )", "enum Kind ( SENDING KEEPING )";
    error DUPLICATE "E0104" "declared twice":
        "A name is declared once in its scope.",
        "With two declarations nobody can tell which one is meant.",
        "struct S ( a uint  a int )", "struct S ( a uint  b int )";
    error HIDES "E0105" "hides another name":
        "A `let`, a local or a loop variable has a name of its own.",
        "Hiding a field or a parameter makes the same word mean two things a line apart.",
        "store ( a uint ) … let a = 1", "store ( a uint ) … let b = 1";
    error AMBIGUOUS_VALUE "E0106" "ambiguous enum value":
        "A bare enum value belongs to exactly one enum, or the context says which enum it wants.",
        "Values of different enums are never equal, so it matters which one is meant.",
        "enum A ( YES NO ) enum B ( YES NO ) … let x = YES", "enum A ( YES NO ) enum B ( SURE UNSURE ) … let x = YES";
    error IMPORT_NOT_FOUND "E0107" "imported file not found":
        "`imports X` and `uses X` name `X.omt` or `X/transaction.omt` below the protocol folder.",
        "What the file declares is missing everywhere it is used.",
        "imports shared/comon", "imports shared/common";
    error IMPORT_CYCLE "E0108" "cycle of imports":
        "No file imports itself, directly or through others.",
        "Which declaration comes first could not be told; `uses` may form cycles, `imports` may not.",
        "# a.omt\nimports b\n# b.omt\nimports a", "# a.omt\nimports b\n# b.omt\nimports c";
    error CONFLICT "E0109" "conflicting definitions":
        "A local definition that has the name of an imported one is identical to it.",
        "Two files would mean different things by one name.",
        "# shared.omt: struct T ( a uint )\nimports shared\nstruct T ( a int )",
        "imports shared\nstruct U ( a int )";
    error UNREADABLE "E0110" "source cannot be read":
        "Every source that is asked for can be read.",
        "Without the file nothing can be said about it.",
        "imports a_folder_without_permission", "imports shared/common";
    error HEADER "E0111" "transaction header":
        "A file has at most one `transaction` header, and a file with actors has one.",
        "The header gives a protocol its number and its session key.",
        "transaction 1 \"A\"\ntransaction 2 \"B\"", "transaction 1 \"A\"";
    error UNKNOWN_FUNCTION "E0112" "unknown function":
        "Every function that is called is declared, imported, native or part of the library.",
        "There is nothing to call.",
        "let n = LENGHT(l)", "let n = LENGTH(l)";
    error UNKNOWN_FIELD "E0113" "unknown field":
        "A field that is read or written exists in the type it is taken from.",
        "There is no such value.",
        "let b = open.payload.amont", "let b = open.payload.amount";
    error NOT_HERE "E0114" "not available here":
        "`message` is read where a message was the cause, `result` where a task was, `block` in a view, and so on.",
        "In other places there is no such thing.",
        "A -> B on timeout(T) when message.n > 0", "A -> B on M when message.n > 0";
    error UNKNOWN_DECLARATION "E0115" "unknown declaration":
        "What is sent, appended, started or folded is declared as a message, block, task or view.",
        "There is nothing of that kind and name.",
        "SEND(to, PNIG)", "SEND(to, PING)";
    error UNKNOWN_ACTOR "E0116" "unknown actor":
        "`from`, `to`, `by` and `peers` name actors of the transaction (`to` also `Network`).",
        "Nobody plays a role that does not exist.",
        "message M from Clent to [Server] ()", "message M from Client to [Server] ()";
    error MISMATCH "E0201" "type mismatch":
        "A value has the type of the place it goes to. `uint` becomes `int` and `int` becomes `float` by themselves, nothing else does.",
        "A peer would store or send something else than it says.",
        "store ( n uint ) … n = \"one\"", "store ( n uint ) … n = 1";
    error OPERANDS "E0202" "operands do not fit":
        "Both sides of an operator are of types that it is defined for.",
        "There is no result that everybody would agree on.",
        "let late = NOW() + 5", "let late = NOW() + 5 seconds";
    error ARGUMENT_COUNT "E0203" "wrong number of arguments":
        "A call has as many arguments as the function has parameters.",
        "A missing argument has no value, an extra one no place.",
        "let h = CHAIN_HEIGHT()", "let h = CHAIN_HEIGHT(chain)";
    error TYPE_ARGUMENTS "E0204" "wrong type arguments":
        "`list` takes one type, `map` two, and so on; keys of maps can be ordered and compared.",
        "The type would not say what it holds.",
        "store ( votes map<peer_id> )", "store ( votes map<peer_id, Vote> )";
    error TYPE_NOT_ALLOWED "E0205" "type not allowed here":
        "No `float`, `any` or `dict` in what is signed; no secret in what is sent or appended; functions and generators are not stored.",
        "Signed bytes must be the same everywhere, and a secret must not leave by accident.",
        "message M from A to [B] signed ( rate float )", "message M from A to [B] signed ( rate_milli uint )";
    error OUT_OF_RANGE "E0206" "number out of range":
        "A number fits the type of the place it goes to.",
        "The step that stores it would always fault.",
        "store ( n uint ) … n = -1", "store ( n int ) … n = -1";
    error PARAMETER "E0207" "parameter out of range":
        "The value of a parameter fits its unit: durations and counts are whole numbers, a fraction lies between 0 and 1.",
        "Every use of the parameter would be wrong.",
        "parameters ( SHARE = 1.5 fraction )", "parameters ( SHARE = 0.5 fraction )";
    error CANNOT_INFER "E0208" "type cannot be told":
        "The type of every expression follows from its parts or from where it goes.",
        "An empty list, an empty map or `null` alone does not say what it is for.",
        "let x = []", "x = []   # with x declared in the store";
    error MAY_BE_NULL "E0209" "may be null":
        "A `T?` is compared with `null` before its value is used.",
        "Using null where a value is needed is a fault, and the step is undone.",
        "let n = GET(m, k, null) + 1", "let n = GET(m, k, 0) + 1";
    error ENUM_OPERAND "E0210" "enum compared with something else":
        "A value of an enum is compared only with values of the same enum.",
        "It could never be equal.",
        "A -> B auto when verdict == \"ACCEPT\"", "A -> B auto when verdict == ACCEPT";
    error SECRET "E0211" "secret in the open":
        "A secret is stored, compared, hashed and signed; `REVEAL` is the one way out.",
        "Whoever reads the chain or the message would know it.",
        "SEND(to, M { nonce nonce })", "SEND(to, M { nonce REVEAL(nonce) })";
    error LAMBDA "E0212" "lambda out of place":
        "A lambda stands where a function is expected, with as many parameters.",
        "A function is not a value that can be kept or sent.",
        "let f = x => x + 1", "let l = MAP(numbers, x => x + 1)";
    error RECORD_FIELD "E0213" "fields of a record":
        "A record has every field of its type once.",
        "A missing field has no value; of two one would be lost.",
        "p = Point { x 1, x 2 }", "p = Point { x 1, y 2 }";
    error RECURSIVE_TYPE "E0214" "type contains itself":
        "A struct does not contain itself except through a list, a map or `?`.",
        "Its value would never end.",
        "struct Node ( next Node )", "struct Node ( next Node? )";
    error SHADOWS_LIBRARY "E0215" "shadows the library":
        "A function that is called like one of the library takes and returns the same.",
        "Readers expect the library's meaning.",
        "function LENGTH(a uint) -> uint ( return a )", "function SIZE(a uint) -> uint ( return a )";
    error TOO_DEEP "E0216" "expression too long":
        "An expression is at most a few hundred operators deep.",
        "Every tool that walks it must be able to, on any stack.",
        "x = a + a + a   # … a thousand times", "x = SUM(l)";
    error MAY_BE_UNSET "E0301" "may be unset":
        "A store field has been assigned on every way to the state in which its value is used.",
        "Reading an unset field is a fault, and the step is undone.",
        "A -> C on go\nC -> D auto when n > 0   # nothing has assigned n",
        "A -> C on go ( n = 0 )\nC -> D auto when n > 0";
    error NO_SOURCE "E0302" "field without a source":
        "Every field of a message or block that is sent is given, or there is a store field of its name and type.",
        "A field that nothing fills cannot be sent.",
        "SEND(to, PONG)   # PONG has `answer`, the store has not", "SEND(to, PONG { answer 42 })";
    error NULL_ASSIGNED "E0303" "null assigned to a plain type":
        "`null` is assigned only to a `T?`.",
        "Who reads the field relies on its having a value.",
        "store ( n uint ) … n = null", "store ( n uint? ) … n = null";
    error LOCAL_UNSET "E0304" "local may be unset":
        "A local of a function is assigned on every path before it is read.",
        "It would have no value.",
        "if a > 0 then x = 1\nreturn x", "if a > 0 then x = 1 else x = 0\nreturn x";
    error NO_RETURN "E0305" "path without return":
        "Every path of a function ends with `return`.",
        "The caller would get nothing.",
        "function f(a uint) -> uint ( if a > 0 then return 1 )",
        "function f(a uint) -> uint ( if a > 0 then return 1 return 0 )";
    error RECURSION "E0306" "recursion":
        "No function calls itself, directly or through others.",
        "Then every step ends, and everybody knows how long it can take.",
        "function f(a uint) -> uint ( return f(a) )", "function f(l list<uint>) -> int ( return REDUCE(l, 0, a => x => a + x) )";
    error SESSION_KEY "E0307" "assignment to the session key":
        "Only the step that creates the instance by a trigger assigns the session key, which is a `hash`.",
        "The session id routes every message; it cannot change under a running session.",
        "WAITING -> DONE on M ( session_id = message.h )", "IDLE -> WAITING on start ( session_id = HASH(peer_id) )";
    error NOT_ASSIGNABLE "E0308" "cannot be assigned":
        "What is assigned is a field of the store or the shared store, of the view, or a local of a function.",
        "Parameters, arguments, messages and `let`s keep their value.",
        "let x = 1\nx = 2", "let x = 1\nlet y = 2";
    error NOTHING_TO_STORE "E0309" "nothing to store":
        "`store k` finds `k` in the message or among the arguments of the trigger.",
        "There is no value to keep.",
        "A -> B on timeout(T) ( store n )", "A -> B on M ( store n )";
    error INITIAL "E0401" "initial state":
        "An actor has exactly one initial state.",
        "An instance would not know where to begin.",
        "state A\nstate B", "state A initial\nstate B";
    error UNKNOWN_STATE "E0402" "unknown state":
        "Every state that is named is declared in the same actor.",
        "Nothing could be entered or left.",
        "state LOCKED\nA -> LOKED on M", "state LOCKED\nA -> LOCKED on M";
    error UNKNOWN_CAUSE "E0403" "unknown cause":
        "`on NAME` is a trigger of the actor, a task, or a message.",
        "The transition could never fire.",
        "A -> B on PNIG", "A -> B on PING";
    error DUPLICATE_TRANSITION "E0404" "transition written twice":
        "No two transitions of a state have the same cause, guard and target.",
        "The second one never fires.",
        "A -> B on M\nA -> B on M", "A -> B on M";
    error TERMINAL_EXIT "E0405" "terminal state with exits":
        "Nothing leaves a terminal state.",
        "It completes the instance; a state that is kept for good but may be left is a `rest` state.",
        "state DONE terminal\nDONE -> A on M", "state DONE rest\nDONE -> A on M";
    error TIME_LIMIT "E0406" "time limit":
        "A time limit is a `duration` or `timestamp`: a parameter, or a field or path of the store.",
        "Nothing else says when time is up.",
        "A -> B on timeout(COUNT)", "parameters ( WAIT = 5 seconds ) … A -> B on timeout(WAIT)";
    error TRIGGER_STATE "E0407" "trigger outside its states":
        "A transition on a trigger leaves a state of the trigger's `in` list.",
        "In other states the trigger is refused, so the transition never fires.",
        "trigger go() in [A]\nB -> C on go", "trigger go() in [A, B]\nB -> C on go";
    error ROSTER "E0408" "roster":
        "`peers` names store fields of type `peer_id`, `list<peer_id>` or `map<peer_id, …>`.",
        "It must say who may play the role.",
        "store ( n uint )\npeers ( Server n )", "store ( server peer_id )\npeers ( Server server )";
    error COLLECT "E0409" "collect":
        "`collect M into f` has a roster field for the sender of M, and `f` is a map from peers to M (or to `signed<M>`), or a list of M.",
        "It must say from whom to collect and where to keep it.",
        "collect VOTE in [S] into n", "store ( votes map<peer_id, VOTE> ) … collect VOTE in [S] into votes";
    error AFTER "E0410" "trigger after another transaction":
        "`after T.Actor at STATE` names a transaction of `uses`, and the store of its actor has every argument, set in that state.",
        "The trigger is fired with these fields.",
        "trigger start(session_id hash, n uint) in [A] after Lock.Provider at IDLE",
        "trigger start(session_id hash) in [A] after Lock.Provider at DONE";
    error WRONG_SENDER "E0501" "not a declared sender":
        "An actor sends only messages that name it in `from`.",
        "The receiver would refuse it.",
        "message M from A to [B] () … actor B ( … SEND(x, M) )", "message M from [A, B] to [B] ()";
    error WRONG_RECIPIENT "E0502" "not a declared recipient":
        "A message goes to roles that its `to` names.",
        "Nobody there handles it.",
        "message M from A to [B] () … SEND(c, M)   # c plays C", "message M from A to [B, C] ()";
    error WRONG_AUTHOR "E0503" "not a declared author":
        "An actor appends only blocks that name it in `by`.",
        "Readers of the chain would not accept it.",
        "block B by [A] () … actor C ( … APPEND(chain, B) )", "block B by [A, C] ()";
    error WRONG_HANDLER "E0504" "message is not for this actor":
        "An actor handles messages that name it (or `Network`) in `to`.",
        "It never receives any other.",
        "message M from A to [B] () … actor C ( … S -> T on M )", "message M from A to [B, C] ()";
    error DEFECT "E0599" "defect of the compiler":
        "What the compiler makes of a source is checked again before it is used.",
        "A wrong program is worse than none.",
        "# any transaction that the compiler mistranslates", "# the same, once the compiler is repaired";
    warning UNUSED "W0101" "unused":
        "What is declared is used.",
        "A name that nothing uses is a mistake, or noise.",
        "parameters ( OLD_LIMIT = 5 count )   # nothing reads it", "parameters ( LIMIT = 5 count )   # read by a guard";
    warning ALWAYS_SET "W0102" "comparison with null is decided":
        "What is compared with `null` can be null.",
        "A plain type never is, so one side of the decision never happens.",
        "store ( n uint ) … when n != null   # n is set here", "when n > 0";
}
