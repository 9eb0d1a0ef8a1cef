//! LANGUAGE 5.2, 5.3 and 5.8, sentence by sentence: for each rule sources that break it, with the codes that say so,
//! and sources that keep it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::diagnostic::render_all;
use omtc::sema::analyze;
use omtc::source::MemorySources;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Rules, each with cases: a source, and the codes of its errors, separated by blanks; none when it is right.
struct Rules {
    wrong: String,
}

impl Rules {
    fn new() -> Rules {
        Rules { wrong: String::new() }
    }

    /// A whole file.
    fn file(&mut self, source: &str, wanted: &str) {
        let path = PathBuf::from("protocols/rule.omt");
        let sources = MemorySources::new()
            .with(&path, source)
            .with("protocols/shared/a.omt", "struct Imported ( n uint )");
        let analyzed = analyze(&sources, &[path]);
        let errors: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).collect();
        let found: BTreeSet<&str> = errors.iter().map(|d| d.code.id).collect();
        let expected: BTreeSet<&str> = wanted.split_whitespace().collect();
        let count = wanted.split_whitespace().count();
        // One mistake is one finding.
        if found != expected || errors.len() != count {
            let shown = render_all(&analyzed.sources, errors, false);
            self.wrong.push_str(&format!("expected {expected:?} in\n{source}\nfound\n{shown}\n"));
        }
    }

    /// Declarations, fields of a store, arguments of a trigger, and what is done with them in the creating step.
    fn step(&mut self, declared: &str, fields: &str, arguments: &str, actions: &str, expected: &str) {
        self.file(
            &format!(
                "transaction 1 \"Rule\"\n{declared}\nactor A (\n    store ( session_id hash  {fields} )\n    trigger go({arguments}) in [IDLE]\n    \
                 state IDLE initial\n    state DONE terminal\n    IDLE -> DONE on go ( {actions} )\n)\n"
            ),
            expected,
        );
    }

    /// What a function does with a number, a list, a map.
    fn function(&mut self, body: &str, expected: &str) {
        self.file(
            &format!("function F(n uint, l list<uint>, m map<hash, uint>, s string) -> uint ( {body} )\n"),
            expected,
        );
    }

    #[track_caller]
    fn end(self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong);
    }
}

const RESERVED: &str = "transaction imports parameters enum message block actor function native store trigger state initial \
                        terminal on auto when else lookup send broadcast append append_block return from to by in with signed \
                        and or not if then for";

/// Reserved in any case as names of declarations, fields, parameters, enum values.
#[test]
fn reserved_names() {
    let mut rules = Rules::new();
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    for word in RESERVED.split_whitespace() {
        for word in [word.to_owned(), word.to_uppercase(), capital(word)] {
            rules.file(&format!("struct S ( n uint  {word} uint )"), "E0103");
        }
        // The other places once each, in a case that is easily overlooked.
        let word = capital(word);
        for source in [
            format!("parameters ( {word} = 3 count )"),
            format!("enum E ( A {word} )"),
            format!("enum {word} ( A B )"),
            format!("struct {word} ( n uint )"),
            format!("block {word} by [A] ( n uint )"),
            format!("message {word} from A to [B] ( n uint )"),
            format!("function {word}(n uint) -> uint ( return n )"),
            format!("function F({word} uint) -> uint ( return 1 )"),
            format!("native function {word}(n uint) -> uint \"x\""),
            format!("native task {word}(n uint) -> uint \"x\""),
            format!("message M from A to [B] ( {word} uint )"),
            format!("block B by [A] ( {word} uint )"),
            format!("view V ( {word} uint )"),
            format!("view {word} ( n uint )"),
        ] {
            rules.file(&source, "E0103");
        }
        for item in [
            format!("store ( {word} uint )"),
            format!("shared ( {word} uint )"),
            format!("trigger {word}() in [IDLE]"),
            format!("trigger go({word} uint) in [IDLE]"),
            format!("state {word} rest"),
        ] {
            rules.file(&format!("transaction 1 \"R\"\nactor A ( state IDLE initial\n{item} )"), "E0103");
        }
        rules.file(&format!("transaction 1 \"R\"\nactor {word} ( state IDLE initial )"), "E0103");
    }
    rules.file("struct S ( sender uint  states uint  fore uint  message_id uint  init uint )", "");
    rules.end();
}

/// Reserved identifiers; what a message cannot call its fields.
#[test]
fn reserved_identifiers() {
    let mut rules = Rules::new();
    for word in ["chain", "peer_id", "network", "result"] {
        rules.step("", &format!("{word} uint"), "", "", "E0103");
        rules.step("", "", &format!("{word} uint"), "", "E0103");
        rules.file(&format!("parameters ( {word} = 3 count )"), "E0103");
        rules.file(&format!("enum E ( A {word} )"), "E0103");
        rules.file(&format!("function F({word} uint) -> uint ( return 1 )"), "E0103");
        rules.step("", "n uint", "", &format!("let {word} = 1  n = 2"), "E0103");
        rules.function(&format!("{word} = 1  return 2"), "E0103");
        rules.function(&format!("for {word} in l return 2  return 1"), "E0103");
    }
    for word in ["null", "true", "false"] {
        rules.step("", &format!("{word} uint"), "", "", "E0103");
        rules.file(&format!("parameters ( {word} = 3 count )"), "E0103");
        rules.file(&format!("enum E ( A {word} )"), "E0103");
    }
    for field in ["sender", "payload", "session", "sequence", "signature"] {
        rules.file(&format!("message M from A to [B] ( {field} uint )"), "E0103");
        rules.file(&format!("block M by [A] ( {field} uint )"), "");
        rules.file(&format!("struct M ( {field} uint )"), "");
    }
    rules.end();
}

/// In which order a name is looked up, what may hide what, and what is declared twice.
#[test]
fn scopes() {
    let mut rules = Rules::new();
    // Lambda parameters hide; `let`, locals and loop variables do not.
    rules.step("", "n uint  l list<uint>", "x uint", "l = MAP([x], n => n + 1)", "");
    rules.step("", "n uint", "x uint", "let n = x", "E0105");
    rules.step("", "n uint", "x uint", "let x = 1  n = x", "E0105");
    rules.step("parameters ( P = 3 count )", "n uint", "", "let P = 1  n = P", "E0105");
    rules.step("enum E ( ONE TWO )", "n uint  e E", "", "let ONE = 1  n = ONE  e = TWO", "E0105");
    rules.step("", "n uint  l list<uint>", "", "FOR n IN l ( l = [] )", "E0105");
    rules.step("", "n uint", "", "let a = 1  let a = 2  n = a", "E0105");
    rules.step("", "n uint", "x uint", "IF x > 1 THEN ( let a = 1  n = a ) ELSE ( let a = 2  n = a )", "");
    rules.function("for x in l ( y = x ) for x in l return x return 1", "");
    rules.function("for n in l return n return 1", "E0105");
    rules.function("for x in l for x in l return x return 1", "E0105");
    // Arguments come before the store and are visible without `store`.
    rules.step("", "n uint  k uint", "n uint", "k = n", "");
    rules.step("", "k uint", "n uint", "k = n  IF n > 3 THEN ( k = 4 )", "");
    // The name in SEND, START, VIEW, APPEND is looked up among declarations only.
    rules.step(
        "message note from A to [A] ( n uint )\nblock mark by [A] ( n uint )",
        "note uint  mark uint  n uint",
        "p peer_id",
        "n = 1  note = 1  mark = note  SEND(p, note)  APPEND(chain, mark)",
        "",
    );
    // Duplicates in one scope.
    for source in [
        "struct S ( a uint  a uint )",
        "message M from A to [B] ( a uint  a uint )",
        "block B by [A] ( a uint  a uint )",
        "view V ( a uint  a uint )",
        "enum E ( ONE TWO ONE )",
        "enum E ( ONE )\nenum E ( TWO )",
        "enum E ( ONE )\nstruct E ( n uint )",
        "message E from A to [B] ()\nblock E by [A] ()",
        "parameters ( P = 1 count )\nparameters ( P = 2 count )",
        "function F(a uint, a uint) -> uint ( return a )",
        "function F(a uint) -> uint ( return a )\nnative function F(a uint) -> uint \"x\"",
        "native task T() -> uint \"x\"\nfunction T() -> uint ( return 1 )",
    ] {
        rules.file(source, "E0104");
    }
    for items in [
        "store ( n uint ) shared ( n uint )",
        "store ( n uint  n uint )",
        "state X rest state X rest",
        "trigger t() in [IDLE] trigger t() in [IDLE]",
        "trigger t(a uint, a uint) in [IDLE]",
        "store ( p peer_id  q peer_id ) peers ( A p  A q )",
    ] {
        rules.file(&format!("transaction 1 \"R\"\nactor A ( state IDLE initial\n{items} )"), "E0104");
    }
    rules
        .file("transaction 1 \"R\"\nactor A ( state IDLE initial )\nactor A ( state IDLE initial )", "E0104");
    rules.file("enum E ( ONE TWO )\nenum F ( ONE TWO )", "");
    rules.end();
}

/// Integers, and that nothing is converted but `uint` to `int` to `float`.
#[test]
fn numbers() {
    let mut rules = Rules::new();
    rules.step("", "n uint", "", "n = 18446744073709551615", "");
    rules.step("", "n uint", "", "n = 18446744073709551616", "E0206");
    rules.step("", "n uint", "", "n = 0 - 1", "");
    rules.step("", "n uint", "", "n = -1", "E0206");
    rules.step("", "i int", "", "i = -9223372036854775808", "");
    rules.step("", "i int", "", "i = 9223372036854775808", "E0206");
    rules.step("", "n uint", "", "n = 1.5", "E0201");
    rules.step("", "i int", "n uint", "i = n", "");
    rules.step("", "f float", "n uint, i int", "f = n  f = i  f = 1  f = 1.5", "");
    rules.step("", "n uint", "f float", "n = f", "E0201");
    rules.step("", "s string", "n uint", "s = n", "E0201");
    rules.step("", "s string", "b bool", "s = b", "E0201");
    rules.step("", "n uint", "b bool", "n = b", "E0201");
    rules.step("", "b bool", "n uint", "b = n", "E0201");
    rules.step("", "h hash", "b bytes", "h = b", "E0201");
    rules.step("", "b bytes", "h hash", "b = h", "E0201");
    rules.step("", "p peer_id", "h hash", "p = h", "E0201");
    rules.step("", "l list<int>", "k list<uint>", "l = k", "E0201");
    rules.step("", "b bool", "a uint, c uint", "b = a - c >= 3", "");
    rules.step("", "n uint", "a uint", "n = a / 2", "E0201");
    rules.step("", "f float", "a uint", "f = a / 2", "");
    rules.step("", "n uint", "a uint", "n = a // 2 + a % 3 * 4 - 1", "");
    // Points in time and spans.
    rules.step("", "d duration", "t timestamp", "d = NOW() - t", "");
    rules.step("", "t timestamp", "d duration", "t = NOW() + d  t = NOW() - d", "");
    rules.step("", "t timestamp", "d timestamp", "t = NOW() + d", "E0202");
    rules.step("", "t timestamp", "", "t = NOW() + 5", "E0202");
    rules.step("", "d duration", "n uint", "d = n", "E0201");
    rules.step("", "d duration", "n uint", "d = n * 1 seconds", "");
    rules.step("", "d duration", "", "d = 5", "E0201");
    rules.step("", "b bool", "t timestamp", "b = t > 3", "E0202");
    rules.step("", "b bool", "t timestamp, d duration", "b = t == d", "E0202");
    // `+` joins texts and lists, nothing else.
    rules.step("", "s string", "t string", "s = t + \"x\"", "");
    rules.step("", "l list<uint>", "k list<uint>", "l = k + [1]", "");
    rules.step("", "b bytes", "c bytes", "b = c + c", "E0202");
    rules.step("", "m map<hash, uint>", "k map<hash, uint>", "m = k + k", "E0202");
    rules.step("", "s string", "t string", "s = t - t", "E0202");
    rules.step("", "b bool", "c bool", "b = c + c", "E0202");
    rules.step("", "s string", "n uint", "s = \"n is \" + n", "E0202");
    rules.end();
}

/// Parameters and their units.
#[test]
fn units() {
    let mut rules = Rules::new();
    for (value, expected) in [
        ("0 fraction", ""),
        ("1 fraction", ""),
        ("1.0 fraction", ""),
        ("0.000 fraction", ""),
        ("1.0000001 fraction", "E0207"),
        ("-0.5 fraction", "E0207"),
        ("2 fraction", "E0207"),
        ("0 count", ""),
        ("18446744073709551615 count", ""),
        ("18446744073709551616 count", "E0207"),
        ("-1 count", "E0207"),
        ("1.5 count", "E0207"),
        ("0 seconds", ""),
        ("1.5 seconds", "E0207"),
        ("-3 seconds", ""),
        ("9223372036854775807 microseconds", ""),
        ("9223372036854775808 microseconds", "E0207"),
        ("106751992 days", "E0207"),
        ("106751991 days", ""),
        ("3 apples", ""),
        ("-3 apples", ""),
        ("2.5 apples", ""),
        ("3", ""),
    ] {
        rules.file(&format!("parameters ( P = {value} )"), expected);
    }
    let share = "parameters ( P = 0.5 fraction  N = 3 count  D = 3 days )";
    rules.step(share, "b bool", "x uint, y uint", "b = x / y >= P", "");
    rules.step(share, "n uint  d duration", "", "n = N  d = D", "");
    rules.step(share, "n uint", "", "n = P", "E0201");
    rules.step(share, "n uint", "", "n = D", "E0201");
    rules.step(share, "f float", "", "f = P", "");
    rules.end();
}

/// What is signed is the same on every machine.
#[test]
fn signed_types() {
    let mut rules = Rules::new();
    for ty in
        ["float", "any", "dict", "list<float>", "map<hash, any>", "float?", "Inner", "list<Inner>", "Outer"]
    {
        let inner = "struct Inner ( f float )\nstruct Outer ( m map<hash, Inner> )";
        rules.file(&format!("{inner}\nmessage M from A to [B] signed ( x {ty} )"), "E0205");
        rules.file(&format!("{inner}\nblock M by [A] ( x {ty} )"), "E0205");
        rules.file(&format!("{inner}\nmessage M from A to [B] ( x {ty} )"), "");
        rules.file(&format!("{inner}\nstruct S ( x {ty} )"), "");
    }
    let point = "struct P ( x float )\nstruct Q ( x uint )";
    rules.step(point, "s signature", "p P", "s = SIGN(p)", "E0205");
    rules.step(point, "s signature", "q Q", "s = SIGN(q)", "");
    rules.step(point, "s signature", "n uint", "s = SIGN(n)", "E0201");
    rules.step(point, "b bool", "p P, a peer_id, s signature", "b = VERIFY_SIG(a, p, s)", "E0205");
    rules.file("message M from A to [B] ( n uint )\nstruct S ( m signed<M> )", "E0205");
    rules.file("message M from A to [B] signed ( n uint )\nstruct S ( m signed<M> )", "");
    rules.file("block M by [A] ( n uint )\nstruct S ( m signed<M> )", "E0115");
    rules.end();
}

/// A secret is stored, hashed, signed and compared, nothing else.
#[test]
fn secrets() {
    let mut rules = Rules::new();
    let plain = "message M from A to [A] ( b bytes )\nblock K by [A] ( b bytes )\n\
                 native function HOST(b bytes) -> uint \"x\"\nfunction PASS(s secret<bytes>) -> hash ( return HASH(s) )";
    let secret = "s secret<bytes>, p peer_id, b bytes";
    for (fields, actions, expected) in [
        ("k secret<bytes>  h hash  t bool", "k = s  h = HASH(s, 1)  t = s == k  t = s != k", ""),
        ("h hash", "h = PASS(s)", ""),
        ("k bytes", "k = REVEAL(s)", ""),
        ("k secret<bytes>", "k = b", ""),
        ("n bytes", "n = s", "E0211"),
        ("n uint", "SEND(p, M { b s })  n = 1", "E0211"),
        ("n uint", "APPEND(chain, K { b s })  n = 1", "E0211"),
        ("n uint", "n = HOST(s)", "E0211"),
        ("n uint", "n = LENGTH(s)", "E0201"),
        ("n string", "n = TO_STRING(s)", "E0201"),
        ("n bytes", "n = REVEAL(b)", "E0201"),
        ("t bool", "t = s == b", ""),
        ("l list<bytes>", "l = [s]", "E0211"),
        ("n any", "n = s", "E0211"),
    ] {
        rules.step(plain, fields, secret, actions, expected);
    }
    for ty in ["secret<bytes>", "list<secret<bytes>>", "Inner", "secret<bytes>?"] {
        let inner = "struct Inner ( s secret<bytes> )";
        rules.file(&format!("{inner}\nmessage M from A to [B] ( x {ty} )"), "E0211");
        rules.file(&format!("{inner}\nblock M by [A] ( x {ty} )"), "E0211");
        rules.step(inner, &format!("x {ty}"), &format!("y {ty}"), "x = y", "");
    }
    rules.end();
}

/// A generator is a local of a function: it is not stored, passed on or returned.
#[test]
fn generators() {
    let mut rules = Rules::new();
    rules.function("r = SEEDED_RNG(n)  return SEEDED_SAMPLE(r, l, 1)[0]", "");
    rules.function("r = SEEDED_RNG(n)  a = SEEDED_SHUFFLE(r, l)  b = SEEDED_SHUFFLE(r, a)  return b[0]", "");
    rules.function("r = SEEDED_RNG(n)  q = r  return SEEDED_SAMPLE(q, l, 1)[0]", "E0205");
    rules.function("r = SEEDED_RNG(n)  return r", "E0205");
    rules.function("r = [SEEDED_RNG(n)]  return LENGTH(r)", "E0205");
    rules.function("r = SEEDED_RNG(n)  return LENGTH(MAP(l, x => r))", "E0205");
    rules.function("r = SEEDED_RNG(n)  if r == 1 then return 1  return 2", "E0205");
    rules.function("r = SEEDED_RNG(n)  h = HASH(r)  if h == h then return 1  return 2", "E0205");
    rules.file("function G(r rng, l list<uint>) -> list<uint> ( return SEEDED_SHUFFLE(r, l) )", "E0205");
    rules.file("function G(n uint) -> rng ( return SEEDED_RNG(n) )", "E0205");
    rules.file("struct S ( r rng )", "E0205");
    rules.step("", "r rng", "", "", "E0205");
    rules.step("", "l list<uint>", "n uint", "let r = SEEDED_RNG(n)  l = SEEDED_SHUFFLE(r, l)", "E0205");
    rules.end();
}

/// `T?`: compared with null, passed to a `T?`, or looked at first.
#[test]
fn null() {
    let mut rules = Rules::new();
    rules.step("", "n uint", "m uint?", "n = m", "E0209");
    rules.step("", "n uint?", "m uint?", "n = m  n = null  n = 3", "");
    rules.step("", "n uint", "m uint?", "IF m != null THEN ( n = m )", "");
    rules.step("", "n uint", "m uint?", "IF m == null THEN ( n = 0 ) ELSE ( n = m )", "");
    rules.step("", "n uint", "m uint?", "IF m == null THEN ( n = m ) ELSE ( n = 0 )", "E0209");
    rules.step("", "n uint", "m uint?", "n = IF m != null and m > 3 THEN m ELSE 0", "");
    rules.step("", "n uint", "m uint?", "n = IF m != null or m > 3 THEN 1 ELSE 0", "E0209");
    rules.step("", "n uint", "m uint?", "n = m + 1", "E0209");
    rules.step("", "b bool", "m uint?", "b = m > 1", "E0209");
    rules.step("", "b bool", "m uint?", "b = m == 1", "");
    rules.step("", "b bool", "m bool?", "b = not m", "E0209");
    rules.step("", "n uint", "m uint?", "IF m != null THEN ( ABORT(\"x\") )  n = 1", "");
    rules.step("", "n uint", "m uint?", "IF m == null THEN ( ABORT(\"x\") )  n = m", "");
    rules.step("", "n uint", "", "n = null", "E0303");
    rules.step("", "l list<uint>", "", "l = [1, null]", "E0303");
    rules.step("", "l list<uint?>", "", "l = [1, null]", "");
    rules.function("return null", "E0303");
    rules.function("return GET(m, HASH(n), null)", "E0209");
    rules.function("return GET(m, HASH(n), 0)", "");
    rules.function("return FIND(l, x => x > 3)", "E0209");
    rules.function("x = FIND(l, x => x > 3)  if x == null then return 0  return x", "");
    rules.function("found = FIND(l, x => x > 3)  if found == null then return 0  return found", "");
    rules.end();
}

/// An enum equals only a value of the same enum; operands of `in`.
#[test]
fn enums_and_membership() {
    let mut rules = Rules::new();
    let enums = "enum E ( ONE TWO )\nenum F ( ONE THREE )";
    rules.step(enums, "b bool", "e E", "b = e == ONE or e != TWO", "");
    rules.step(enums, "b bool", "e E, f F", "b = e == f", "E0210");
    rules.step(enums, "b bool", "e E", "b = e == \"ONE\"", "E0210");
    rules.step(enums, "b bool", "e E", "b = e == 1", "E0210");
    rules.step(enums, "b bool", "e E", "b = e == THREE", "E0210");
    rules.step(enums, "b bool", "e E", "b = e < TWO", "E0202");
    rules.step(enums, "b bool", "e E", "b = e in [ONE, TWO]", "");
    rules.step(enums, "b bool", "e E", "b = e in [ONE, THREE]", "E0201");
    rules.step(enums, "b bool", "e E", "b = e in [\"ONE\"]", "E0201");
    rules.step(enums, "b bool", "e E?", "b = e == ONE", "");
    rules.step(enums, "b bool  e E", "", "let x = ONE  b = x == e", "E0106");
    rules.step(
        "",
        "b bool",
        "n uint, l list<uint>, m map<uint, hash>",
        "b = n in l and n in m and not (n in [])",
        "",
    );
    rules.step("", "b bool", "n uint, s string", "b = n in s", "E0202");
    rules.step("", "b bool", "s string", "b = \"a\" in s", "E0202");
    rules.step("", "b bool", "n uint", "b = n in 3", "E0202");
    rules.step("", "b bool", "s string, l list<uint>", "b = s in l", "E0201");
    rules.step("", "b bool", "h hash, m map<uint, hash>", "b = h in m", "E0201");
    rules.step("", "b bool", "n uint?, l list<uint>", "b = n in l", "E0209");
    rules.step("", "b bool", "n uint, l list<uint>?", "b = n in l", "E0209");
    rules.end();
}

/// Functions: pure, without recursion, with a return on every path, over finite lists.
#[test]
fn functions() {
    let mut rules = Rules::new();
    rules.function("if n > 3 then return 1", "E0305");
    rules.function("if n > 3 then return 1 else return 2", "");
    rules.function("for x in l return x", "E0305");
    rules.function("x = 1", "E0305");
    rules.function("if n > 3 then ( if n > 4 then return 1 ) else return 2  return 3", "");
    rules.function("return F(n, l, m, s)", "E0306");
    rules.function("return MAP(l, x => F(x, l, m, s))[0]", "E0306");
    rules.file(
        "function A(n uint) -> uint ( return B(n) )\nfunction B(n uint) -> uint ( return C(n) )\nfunction C(n uint) -> uint ( return A(n) )",
        "E0306",
    );
    rules.function("for x in n return x  return 1", "E0201");
    rules.function("for x in m return x  return 1", "E0201");
    rules.function("for x in KEYS(m) if x == HASH(1) then return 1  return 2", "");
    rules.function("n = n + 1  return n", "");
    rules.function("return message.n", "E0114");
    rules.function("return result", "E0114");
    rules.function("return lost", "E0101");
    rules.function("lost[0] = 1  return 1", "E0101");
    rules.function("return LOST(n)", "E0112");
    rules.function("a = []  return LENGTH(a)", "E0208");
    rules.function("a = []  for x in l a = a + [x]  return LENGTH(a)", "");
    rules.file("function G(f function<uint, bool>, l list<uint>) -> list<uint> ( return FILTER(l, f) )", "");
    rules.file("function G(f function<uint, bool>) -> uint ( g = f  return 1 )", "E0205");
    rules.file("function G(n uint) -> function<uint, bool> ( return x => true )", "E0205");
    rules.file("struct S ( f function<uint, bool> )", "E0205");
    rules.file("native function G(f function<uint, bool>) -> uint \"x\"", "E0205");
    rules.file("function G(f function<function<uint, bool>, bool>) -> uint ( return 1 )", "E0205");
    // Single capital letters are type variables, in functions only.
    rules.file("function G(l list<T>, d T) -> T ( for x in l return x return d )", "");
    rules.file("function G(n uint) -> T ( return n )", "E0208");
    rules.file("function G(l list<TT>) -> uint ( return LENGTH(l) )", "E0102");
    rules.file("function G(l list<t>) -> uint ( return LENGTH(l) )", "E0102");
    rules.file("struct S ( x T )", "E0102");
    rules.file("native function G(x T) -> uint \"x\"", "E0102");
    rules.file(
        "function G(a T, b T) -> bool ( return a == b )\nfunction H(n uint) -> bool ( return G(n, \"x\") )",
        "E0201",
    );
    rules.end();
}

/// One mistake is one finding: what only follows from it is not told.
#[test]
fn one_mistake_is_one_finding() {
    let mut rules = Rules::new();
    // The unknown type of a field that is read, written, sent, compared and stored.
    rules.file(
        "transaction 1 \"R\"\nmessage M from A to [A] ( n uimt )\nactor A (\n    store ( session_id hash  n uint  k uint  a peer_id )\n    peers ( A a )\n    \
         trigger go(a peer_id) in [IDLE]\n    state IDLE initial\n    state DONE terminal\n    \
         IDLE -> DONE on go ( store a  n = 1  k = n  SEND(a, M { n 3 }) )\n    IDLE -> DONE on M when message.n > 3 ( store n  k = message.n + 1 )\n)",
        "E0102",
    );
    rules.step("struct S ( n uimt  k uint )", "s S  n uint", "", "s = S { n 1, k 2 }  n = s.n + 1", "E0102");
    rules.step("", "n uimt  k uint", "", "n = 3  k = n  IF n > 3 THEN ( n = n + 1 )", "E0102");
    rules.step("", "n uint", "m uimt", "n = m  IF m > 3 THEN ( n = m + 1 )", "E0102");
    rules.step("function G(a uimt) -> uint ( return a + 1 )", "n uint", "", "n = G(3)", "E0102");
    rules.step(
        "function G(a uint) -> uimt ( return a + 1 )",
        "n uint",
        "",
        "n = G(3)  n = G(4) + 1",
        "E0102",
    );
    // An unknown message, with fields.
    rules.step("", "n uint", "p peer_id", "SEND(p, LOST { a 1, b 2 })  n = 1", "E0115");
    rules.step("", "n uint", "p peer_id", "BROADCAST([p], LOST { a 1, b 2 })  n = 1", "E0115");
    rules.step("", "n uint", "", "APPEND(chain, LOST { a 1 })  n = 1", "E0115");
    rules.step("", "n uint", "", "START(lost(1, 2))  n = 1", "E0115");
    rules.step("", "n uint", "", "n = VIEW(Lost, chain).balance + 1", "E0115");
    rules.step("", "n uint", "", "n = LOST(1) + LENGTH([2])", "E0112");
    // A wrong `let`, local, list.
    rules.step("", "n uint", "", "let x = lost  n = x + 1  n = x", "E0101");
    rules.function("x = lost  y = x + 1  return x + y", "E0101");
    rules.function("for x in lost n = n + x  return n", "E0101");
    rules.function("return MAP(lost, x => x + 1)[0] + 1", "E0101");
    rules.function("return REDUCE(l, 0, a => x => a + lost)", "E0101");
    rules.function("if lost > 3 then return 1  return 2", "E0101");
    rules.function("return n + s", "E0202");
    rules.function("return (n + s) * 2 + 1", "E0202");
    rules.function("return { a 1 }.b", "E0208");
    // A missing import.
    rules.file(
        "transaction 1 \"R\"\nimports shared/lost\nactor A (\n    store ( session_id hash  t Terms )\n    trigger go(t Terms) in [IDLE]\n    state IDLE initial\n    \
         state DONE terminal\n    IDLE -> DONE on go when CHECKED(t) ( store t  t = Terms { n LIMIT } )\n    IDLE -> DONE on timeout(t.until)\n)",
        "E0107",
    );
    // An unknown role, in every place that names the message.
    rules.file(
        "transaction 1 \"R\"\nmessage M from Aa to [Bb] ( n uint )\nactor A (\n    store ( session_id hash  b peer_id )\n    peers ( B b )\n    \
         trigger go(b peer_id) in [IDLE]\n    state IDLE initial\n    state DONE terminal\n    IDLE -> DONE on go ( store b  SEND(b, M { n 1 }) )\n)\n\
         actor B (\n    store ( session_id hash )\n    state IDLE initial\n    state DONE terminal\n    IDLE -> DONE on M\n)",
        "E0116 E0116",
    );
    // An unknown state, and a trigger of one.
    rules.file(
        "transaction 1 \"R\"\nactor A (\n    store ( session_id hash  n uint )\n    trigger go(n uint) in [IDLE]\n    state IDLE initial\n    state DONE terminal\n    \
         IDLE -> DNOE on go ( store n )\n)",
        "E0402",
    );
    rules.file(
        "transaction 1 \"R\"\nactor A (\n    store ( session_id hash  n uint )\n    trigger go(n uint) in [IDEL]\n    state IDLE initial\n    state DONE terminal\n    \
         IDLE -> DONE on go ( store n )\n)",
        "E0402",
    );
    // An unknown trigger or message, whose arguments are read.
    rules.file(
        "transaction 1 \"R\"\nactor A (\n    store ( session_id hash  n uint )\n    trigger go(n uint) in [IDLE]\n    state IDLE initial\n    state DONE terminal\n    \
         IDLE -> DONE on og when k > 3 ( store k  n = message.k )\n)",
        "E0403",
    );
    // A field that the store lacks.
    rules.step("", "n uint", "k uint", "store k  n = 1", "E0101");
    rules.end();
}
