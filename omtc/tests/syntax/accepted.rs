//! What the grammar accepts, and what it means: every production, and every rule of LANGUAGE sections 1 and 3.

use omtc::fuzz::fuzz_format;
use omtc::source::{FileId, SourceMap};
use omtc::syntax::ast::{Decl, Item};
use omtc::syntax::parse;

use crate::shape;

/// The declarations of a source without a finding; a finding fails the test.
fn clean(source: &str) -> Vec<Decl> {
    let parsed = parse(FileId(0), source);
    if !parsed.diagnostics.is_empty() {
        let mut map = SourceMap::new();
        map.add("case.omt", source);
        panic!("{source}\n{}", omtc::diagnostic::render_all(&map, &parsed.diagnostics, false));
    }
    fuzz_format(source.as_bytes());
    parsed.file.decls
}

fn decl(source: &str) -> String {
    let decls = clean(source);
    assert_eq!(decls.len(), 1, "{source}");
    shape::decl(&decls[0])
}

fn expr(source: &str) -> String {
    let body = stmts(&format!("return {source}"));
    body.strip_prefix("return ").unwrap().to_owned()
}

fn stmts(source: &str) -> String {
    let decls = clean(&format!("function f() -> any ( {source} )"));
    let [Decl::Function(f)] = decls.as_slice() else { panic!("{source}") };
    shape::stmts(&f.body)
}

fn items(source: &str) -> String {
    let decls = clean(&format!("actor A (\n{source}\n)"));
    let [Decl::Actor(a)] = decls.as_slice() else { panic!("{source}: {decls:?}") };
    a.items.iter().map(shape::item).collect::<Vec<_>>().join(" | ")
}

fn actions(source: &str) -> String {
    let decls = clean(&format!("actor A ( S -> T on M ( {source} ) )"));
    let [Decl::Actor(a)] = decls.as_slice() else { panic!("{source}") };
    let [Item::Transition(t)] = a.items.as_slice() else { panic!("{source}: {:?}", a.items) };
    let all = shape::actions(t.actions.as_ref().unwrap());
    all[1..all.len() - 1].to_owned()
}

/// `name: how to read it; source => shape, …`
macro_rules! table {
    ($name:ident, $read:ident, $($source:literal => $shape:literal),+ $(,)?) => {
        #[test]
        fn $name() {
            for (source, shape) in [$(($source, $shape)),+] {
                assert_eq!($read(source), shape, "\n{source}");
            }
        }
    };
}

table! { declarations, decl,
    r#"transaction 00 "T""# => "transaction 00 'T'",
    r#"transaction -1 "T" "D""# => "transaction -1 'T' 'D'",
    r#"transaction M02 "T" session query_id"# => "transaction M02 'T' session query_id",
    "imports shared_session" => "imports shared_session",
    "imports transactions/00_escrow_lock/transaction" => "imports transactions/00_escrow_lock/transaction",
    "imports 1a2b/c / d" => "imports 1a2b/c/d",
    "uses transactions/02_x/transaction as Settle" => "uses transactions/02_x/transaction as Settle",
    r#"parameters ( A = 5 count B = -1 C = 0.67 fraction "why" D = true E = 007 )"#
        => "parameters (A=5 count; B=-1; C=0.67 fraction 'why'; D=true; E=007)",
    "parameters ( )" => "parameters ()",
    "enum E ( A B C )" => "enum E (A B C)",
    "enum E \"why\" ( )" => "enum E 'why' ()",
    "enum E (\n A # first\n B\n C ## third\n)" => "enum E (A#first# B C#third#)",
    "struct S ( a uint  b list<map<hash, uint>>?  c T? )" => "struct S (a:uint b:list<map<hash,uint>>? c:T?)",
    "struct S ( a uint # one\n ## two\n b uint )" => "struct S (a:uint#one# b:uint#two#)",
    "message M from A to [B, Network] ( )" => "message M A -> B,Network ()",
    "message M from [A, B] to [C] signed ( a uint )" => "message M A,B -> C signed (a:uint)",
    "block B by [A, C] ( a uint )" => "block B by A,C (a:uint)",
    "view V \"t\" ( a uint  on B ( a = 1 )  b int  on C when a > 1 ( b = 2 ) )"
        => "view V 't' (a:uint | on B (a = 1) | b:int | on C when (> a 1) (b = 2))",
    "view V ( on uint  x on )" => "view V (on:uint | x:on)",
    "actor A \"t\" ( )" => "actor A 't' ()",
    "function f(a uint, b list<A>) -> int? ( return a )" => "function f(a:uint b:list<A>) int? (return a)",
    "function f() -> int ( RETURN 1 )" => "function f() int (return 1)",
    "native function f(a uint) -> bool \"x.y\"" => "native f(a:uint) bool 'x.y'",
    "native task f() -> bool \"x.y\"" => "task f() bool 'x.y'",
    "property p \"t\" always ( a )" => "property p 't' always a",
    "property p never ( a AND b )" => "property p never (AND a b)",
    "property p eventually ( a )" => "property p eventually a",
    "property p sometimes ( a )" => "property p sometimes a",
    "property p leads ( a ) eventually ( b )" => "property p leads a to b",
}

table! { scenarios, decl,
    "scenario s ( )" => "scenario s ()",
    "scenario s \"t\" ( cast ( a A  b B byzantine  c C { clock 1 }  d D byzantine { x 1 } ) )"
        => "scenario s 't' (cast a:A b:B! c:C{clock:1} d:D!{x:1})",
    "scenario s ( cast ( a A byzantine B ) )" => "scenario s (cast a:A byzantine:B)",
    "scenario s ( at 0 seconds a.go(1, 2) at T a -> b M at T a -> b M { x 1 } )"
        => "scenario s (at 0seconds a.go(1 2) | at T a->b M | at T a->b M{x:1})",
    "scenario s ( at 1 crash a at 2 restart a at 3 partition [a] [b, c] at 4 heal )"
        => "scenario s (at 1 crash a | at 2 restart a | at 3 partition a / b,c | at 4 heal)",
    "scenario s ( drop M delay M by 3 seconds duplicate M from a to b times 2 nth 3 )"
        => "scenario s (Drop M | Delay M by 3seconds | Duplicate M from a to b times 2 nth 3)",
    "scenario s ( expect a in DONE within 10 seconds expect x == 1 expect sequence ( a -> b M  b -> a N ) )"
        => "scenario s (expect (IN a DONE) within 10seconds | expect (== x 1) | sequence a->b M b->a N)",
    "scenario s ( at 5 seconds seconds -> b M )" => "scenario s (at 5seconds seconds->b M)",
}

table! { actor_items, items,
    "store ( a uint )" => "store (a:uint)",
    "shared ( used map<hash, timestamp> )" => "shared (used:map<hash,timestamp>)",
    "peers ( Provider provider  Witness witnesses )" => "peers (Provider:provider Witness:witnesses)",
    "trigger t() in [S]" => "trigger t() in S",
    "trigger t(a uint, b hash) in [S, T] after X.Y at Z \"why\"" => "trigger t(a:uint b:hash) in S,T after X.Y@Z 'why'",
    "state S" => "state S",
    "state S initial terminal rest \"why\"" => "state S Initial Terminal Rest 'why'",
    "ignore M in [S]" => "Ignore M in S",
    "defer M in [S, T] when message.round > round" => "Defer M in S,T when (> message.round round)",
    "collect M in [S] into votes" => "collect M in S into votes",
    "collect M in [S] into votes when a == b ( c = 1 )" => "collect M in S into votes when (== a b) (c = 1)",
    "collect M in [S] into votes ( c = 1 )" => "collect M in S into votes (c = 1)",
    "A -> B auto" => "A -> B auto",
    "A -> B on M" => "A -> B on M",
    "A, B, C -> D on M ( )" => "A,B,C -> D on M ()",
    "any -> D on timeout(X)" => "any -> D timeout X",
    "A -> B on timeout(terms.max.duration)" => "A -> B timeout terms.max.duration",
    "A -> B on every(P) ( x = 1 )" => "A -> B every P (x = 1)",
    "A -> B on M when x ( y = 1 ) else -> C ( z = 2 )" => "A -> B on M when x (y = 1) else C (z = 2)",
    "A -> B on M when x else -> C" => "A -> B on M when x else C",
    "A -> B on M let p = f(x) let q = p when q ( y = 1 )" => "A -> B on M let p = f!(x) let q = p when q (y = 1)",
    "A -> B on M let p = x ( store a )" => "A -> B on M let p = x (store a)",
}

// "Keywords are contextual: wherever the grammar wants a name, a keyword is a name."
table! { keywords_as_names, items,
    "store -> trigger on state" => "store -> trigger on state",
    "state, any -> peers auto" => "state,any -> peers auto",
    "state initial rest -> B on M" => "state initial | rest -> B on M",
    "state S terminal -> B on M" => "state S | terminal -> B on M",
    "state when state on initial" => "state when | state on Initial",
    "A -> else on M else -> B on M" => "A -> else on M | else -> B on M",
    "A -> B on M when -> C auto" => "A -> B on M | when -> C auto",
    "A -> B on M let -> C auto" => "A -> B on M | let -> C auto",
    "A -> B on timeout" => "A -> B on timeout",
    "A -> B on timeout ( x = 1 )" => "A -> B on timeout (x = 1)",
    "store ( store store  in in )" => "store (store:store in:in)",
    "collect -> ignore on M ignore -> defer on M" => "collect -> ignore on M | ignore -> defer on M",
    "trigger t(a uint) in [S] after -> B auto" => "trigger t(a:uint) in S | after -> B auto",
}

table! { words, decl,
    // Words end at word boundaries; they are case-sensitive unless the language says otherwise.
    "enum E ( notified android Store STATE returned _x x1 )" => "enum E (notified android Store STATE returned _x x1)",
    "enum enum ( transaction actor if )" => "enum enum (transaction actor if)",
    "\u{FEFF}enum E ( A )" => "enum E (A)",
    "# comment\nenum # c\n E # d\n ( # e\n A # f\n ) # g" => "enum E (A#f#)",
    "struct S ( a string ) # § „ü“ ' ; : anything" => "struct S (a:string)",
    "native function f() -> bool \"§ ' \\ # no escapes\"" => "native f() bool '§ ' \\ # no escapes'",
}

table! { precedence, expr,
    "a or b and not c" => "(OR a (AND b (NOT c)))",
    "a OR b or c" => "(OR (OR a b) c)",
    "not not a == b" => "(NOT (NOT (== a b)))",
    "a + b * c - d // e % f / g" => "(- (+ a (* b c)) (/ (% (// d e) f) g))",
    "-a * -b" => "(* (- a) (- b))",
    "a - -1" => "(- a (- 1))",
    "-a.b" => "(- a.b)",
    "a - b - c" => "(- (- a b) c)",
    "a == b + 1" => "(== a (+ b 1))",
    "a != b AND a <= b AND a >= b AND a < b AND a > b AND a in b"
        => "(AND (AND (AND (AND (AND (!= a b) (<= a b)) (>= a b)) (< a b)) (> a b)) (IN a b))",
    "not (a IN b)" => "(NOT <(IN a b)>)",
    "(a < b) == (b < c)" => "(== <(< a b)> <(< b c)>)",
    "if a then b else c" => "(IF a b c)",
    "IF a OR b THEN c == d ELSE If e Then f Else g + 1" => "(IF (OR a b) (== c d) (IF e f (+ g 1)))",
    "a and if b then c else d" => "(AND a (IF b c d))",
    "not if b then c else d" => "(NOT (IF b c d))",
    "x => y => x + y" => "(x => (y => (+ x y)))",
    "x => a or b" => "(x => (OR a b))",
    "f(x => x, if a then b else c, not d)" => "f!((x => x) (IF a b c) (NOT d))",
    "(if a then b else c) + 1" => "(+ <(IF a b c)> 1)",
    "if x => y then 1 else 2" => "(IF (x => y) 1 2)",
}

table! { primaries, expr,
    "1" => "1",
    "007" => "007",
    "0.67" => "0.67",
    "\"a 'b' \\n #c\"" => "'a 'b' \\n #c'",
    "TRUE" => "true",
    "False" => "false",
    "Null" => "null",
    "30 seconds + 1 days" => "(+ 30seconds 1days)",
    "5 microseconds == 5 milliseconds" => "(== 5microseconds 5milliseconds)",
    "2 minutes - 2 hours" => "(- 2minutes 2hours)",
    "[]" => "[]",
    "[1, 2, ]" => "[1 2]",
    "{}" => "{}",
    "{ a 1, b { c 2 }, ...d, }" => "{a:1 b:{c:2} ...d}",
    "{ in 1, if 2, return 3 }" => "{in:1 if:2 return:3}",
    "M { a 1 }" => "M{a:1}",
    "M { a 1 }.a" => "M{a:1}.a",
    "f()" => "f!()",
    "f (a, b, )" => "f!(a b)",
    "(f)(a)" => "f!(a)",
    "((f))(a).c" => "f!(a).c",
}

table! { postfix, expr,
    "a.b.c" => "a.b.c",
    "a.in.state" => "a.in.state",
    "a[1][b].c" => "a[1][b].c",
    "a.[1]" => "a.[1]",
    "f(a)[0].b" => "f!(a)[0].b",
    "[a, b][0]" => "[a b][0]",
    "(a.b)[0]" => "<a.b>[0]",
}

table! { statements, stmts,
    "x = 1 y[x] = 2 return y" => "x = 1; y[x] = 2; return y",
    "return [a]" => "return [a]",
    "return[a] = b return 1" => "return[a] = b; return 1",
    "return = 1 RETURN return" => "return = 1; return return",
    "for a in b x = a return x" => "for a in b do x = a; return x",
    "FOR a IN b ( x = a y = x ) Return x" => "for a in b do (x = a; y = x); return x",
    "if a then return 1 else return 2" => "if a then return 1 else return 2",
    "if a then if b then return 1 else return 2" => "if a then if b then return 1 else return 2",
    "if a then ( if b then x = 1 ) else x = 2 return x" => "if a then (if b then x = 1) else x = 2; return x",
    "( x = 1 ( y = 2 ) ) return x" => "(x = 1; (y = 2)); return x",
    "for = 1 if = 2 in = 3 return for" => "for = 1; if = 2; in = 3; return for",
}

// "A word that is an operator or a unit is a name when `=` or `->` follows it (a unit also before `[`)."
table! { words_before_an_equals_sign, stmts,
    "x = 30\nseconds = 5 return x" => "x = 30; seconds = 5; return x",
    "x = 30\nseconds[0] = 5 return x" => "x = 30; seconds[0] = 5; return x",
    "x = 30\nand = 5 or = 6 in = 7 not = 8 return x" => "x = 30; and = 5; or = 6; in = 7; not = 8; return x",
    "x = a\nif = 5 return x" => "x = a; if = 5; return x",
    "if a then x = 1 else = 2 return x" => "if a then x = 1; else = 2; return x",
    "for = 1 return for" => "for = 1; return for",
}

// "A `(` after a name opens a call, unless a block may stand there and it opens one."
table! { blocks_and_calls_after_guards, items,
    "A -> B on M when a (b = 1)" => "A -> B on M when a (b = 1)",
    "A -> B on M when a (SEND(x, M))" => "A -> B on M when a (send x M)",
    "A -> B on M when ready ()" => "A -> B on M when ready ()",
    "A -> B on M when f(x)" => "A -> B on M when f!(x)",
    "A -> B on M when f (IF a THEN b ELSE c)" => "A -> B on M when f!((IF a b c))",
    "A -> B on M when ready()" => "A -> B on M when ready!()",
    "A -> B on M when ready () (x = 1)" => "A -> B on M when ready!() (x = 1)",
    "A -> B on M when f(x) (y = 1)" => "A -> B on M when f!(x) (y = 1)",
    "A -> B on M when f(x) ()" => "A -> B on M when f!(x) ()",
    "A -> B on M when (a) (b = 1)" => "A -> B on M when <a> (b = 1)",
    "A -> B on M when (f)(b)" => "A -> B on M when f!(b)",
    "A -> B on M when a.b (b = 1)" => "A -> B on M when a.b (b = 1)",
    "A -> B on M when a.b ()" => "A -> B on M when a.b ()",
    "A -> B on M when a[0] (b = 1)" => "A -> B on M when a[0] (b = 1)",
    "A -> B on M when a == b (b[1][2] = 1)" => "A -> B on M when (== a b) (b[1][2] = 1)",
    "A -> B on M when a (store b)" => "A -> B on M when a (store b)",
    "A -> B on M when a (lookup b = c)" => "A -> B on M when a (lookup b = c)",
    "A -> B on M when a (let b = c)" => "A -> B on M when a (let b = c)",
    "A -> B on M when a (STORE(b, c))" => "A -> B on M when a (STORE b c)",
    "A -> B on M when a (BROADCAST(b, C))" => "A -> B on M when a (broadcast b C)",
    "A -> B on M when a (APPEND(b, c))" => "A -> B on M when a (append b c)",
    "A -> B on M when a (ABORT(b))" => "A -> B on M when a (abort b)",
    "A -> B on M when a (START(b()))" => "A -> B on M when a (start b())",
    "A -> B on M when a (FOR b IN c (d = 1))" => "A -> B on M when a (for b in c (d = 1))",
    "A -> B on M when a (IF b THEN (c = 1))" => "A -> B on M when a (if b then (c = 1))",
    "A -> B on M when a (IF f(b) THEN () ELSE (c = 1))" => "A -> B on M when a (if f!(b) then () else (c = 1))",
    "A -> B on M when a (IF IF x THEN y ELSE z THEN (c = 1))" => "A -> B on M when a (if (IF x y z) then (c = 1))",
    "A -> B on M when a (send(b))" => "A -> B on M when a!(send!(b))",
    "A -> B on M when IF a THEN b ELSE c (d = 1)" => "A -> B on M when (IF a b c) (d = 1)",
    "A -> B on M when x => y (d = 1)" => "A -> B on M when (x => y) (d = 1)",
    "A -> B on M when NOT a (d = 1)" => "A -> B on M when (NOT a) (d = 1)",
    "A -> B on M when 5 seconds (d = 1)" => "A -> B on M when 5seconds (d = 1)",
    "A -> B on M when [a] (d = 1)" => "A -> B on M when [a] (d = 1)",
    "A -> B on M when { a 1 } (d = 1)" => "A -> B on M when {a:1} (d = 1)",
    "A -> B on M when X { a 1 } (d = 1)" => "A -> B on M when X{a:1} (d = 1)",
    "A -> B on M when \"x\" ()" => "A -> B on M when 'x' ()",
    "collect M in [S] into v when a (b = 1)" => "collect M in S into v when a (b = 1)",
}

table! { blocks_and_calls_in_functions, stmts,
    "for a in b () x = 1 return x" => "for a in b!() do x = 1; return x",
    "for a in b (x = 1) return x" => "for a in b do (x = 1); return x",
    "for a in b (c) x = 1 return x" => "for a in b!(c) do x = 1; return x",
    "for a in b ((x = 1)) return x" => "for a in b do ((x = 1)); return x",
    "for a in b (if c then x = 1) return x" => "for a in b do (if c then x = 1); return x",
    "for a in b (return x) return x" => "for a in b do (return x); return x",
    "for a in b (for c in d x = 1) return x" => "for a in b do (for c in d do x = 1); return x",
    "x = a (y = 1) return x" => "x = a; (y = 1); return x",
    "x = a (y) return x" => "x = a!(y); return x",
    "x = a (y == 1) return x" => "x = a!((== y 1)); return x",
    "return a (y = 1)" => "return a; (y = 1)",
    "if f (a) then x = b (y = 1) return x" => "if f!(a) then x = b; (y = 1); return x",
}

table! { all_actions, actions,
    "store a" => "store a",
    "store a, b, c d = 1" => "store a,b,c; d = 1",
    "a = 1 b = a" => "a = 1; b = a",
    "store = 1 let = 2 IF = 3 lookup = 4 SEND = 5" => "store = 1; let = 2; IF = 3; lookup = 4; SEND = 5",
    "store[1] = 2" => "store[1] = 2",
    "STORE(a, b + 1)" => "STORE a (+ b 1)",
    "lookup a = READ(p, \"height\")" => "lookup a = READ!(p 'height')",
    "a[1] = 2 a[b][c] = d" => "a[1] = 2; a[b][c] = d",
    "APPEND(list, 1)" => "append list 1",
    "APPEND(chain, B)" => "append-block B",
    "APPEND(chain, B { a 1 })" => "append-block B{a:1}",
    "b = APPEND(chain, B { a 1 }) c = b" => "b = append-block B{a:1}; c = b",
    "b = APPEND(chain, B)" => "b = append-block B",
    "SEND(a, M)" => "send a M",
    "SEND(message.sender, M { x 1, ...y })" => "send message.sender M{x:1 ...y}",
    "BROADCAST(network, M)" => "broadcast network M",
    "BROADCAST(CONCAT(a, [b]), M { x 1 })" => "broadcast CONCAT!(a [b]) M{x:1}",
    "let a = b" => "let a = b",
    "IF a THEN (b = 1) ELSE (c = 2)" => "if a then (b = 1) else (c = 2)",
    "if a then (b = 1) c = 2" => "if a then (b = 1); c = 2",
    "IF f (a) THEN () b = 1" => "if f!(a) then (); b = 1",
    "FOR a IN b (c = a)" => "for a in b (c = a)",
    "for a in f(b) ()" => "for a in f!(b) ()",
    "for a in b () c = 1" => "for a in b (); c = 1",
    "ABORT(\"no\")" => "abort 'no'",
    "START(t())" => "start t()",
    "START(t(a, b))" => "start t(a b)",
    "a = 30 seconds = 5" => "a = 30; seconds = 5",
    "a = f (b) c = d" => "a = f!(b); c = d",
}

#[test]
fn documentation_is_the_run_of_lines_directly_before() {
    let source = "## lost, an empty line follows\n\n# plain\n## one\n##two\nactor A (\n    ## of a state\n    state S\n)";
    let decls = clean(source);
    let Decl::Actor(actor) = &decls[0] else { panic!() };
    assert_eq!(actor.doc.as_ref().unwrap().text, "one\ntwo");
    let Item::State(state) = &actor.items[0] else { panic!() };
    assert_eq!(state.doc.as_ref().unwrap().text, "of a state");
}

#[test]
fn spans_lead_back_to_the_text() {
    let source = "# é\nmessage M from A to [B] signed ( a list<uint>? )";
    let decls = clean(source);
    let Decl::Message(m) = &decls[0] else { panic!() };
    let at = |s: omtc::source::Span| &source[s.start as usize..s.end as usize];
    assert_eq!(at(decls[0].span()), &source[5..]);
    assert_eq!(at(m.fields.span), "( a list<uint>? )");
    assert_eq!(at(m.fields.list[0].ty.span), "list<uint>?");
    assert_eq!(at(m.signed.unwrap()), "signed");
    let Decl::Function(f) = &clean("function f() -> int ( return (a + g(b)[0].c) * 2 )")[0] else { panic!() };
    assert_eq!(f.body[0].span.len(), "return (a + g(b)[0].c) * 2".len() as u32);
}

#[test]
fn several_declarations_in_any_order() {
    let source = "parameters ( A = 1 )\nenum E ( X )\nparameters ( B = 2 )\ntransaction 1 \"t\"";
    assert_eq!(clean(source).len(), 4);
}
