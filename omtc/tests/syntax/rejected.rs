//! What the grammar refuses, with which code, how it is said, and that nothing else is hidden by it.

use omtc::diagnostic::Severity;
use omtc::source::{FileId, SourceMap};
use omtc::syntax::parse;

use crate::shape;

/// The codes of all findings, in the order of the source.
fn codes(source: &str) -> String {
    let parsed = parse(FileId(0), source);
    parsed.diagnostics.iter().map(|d| d.code.id).collect::<Vec<_>>().join(" ")
}

fn in_function(source: &str) -> String {
    codes(&format!("function f() -> any ( {source} )"))
}

fn in_actor(source: &str) -> String {
    codes(&format!("actor A (\n{source}\n)"))
}

macro_rules! table {
    ($name:ident, $read:ident, $($source:literal => $codes:literal),+ $(,)?) => {
        #[test]
        fn $name() {
            let mut wrong = String::new();
            for (source, codes) in [$(($source, $codes)),+] {
                let found = $read(source);
                if found != codes {
                    wrong.push_str(&format!("{source}\n    gives {found}, not {codes}\n"));
                }
            }
            assert_eq!(wrong, "", "\n{wrong}");
        }
    };
}

table! { refused_declarations, codes,
    "x" => "E0010",
    "Actor A ( )" => "E0010",
    "actorA ( )" => "E0010",
    "transaction 1" => "E0010",
    "transaction \"t\" 1" => "E0010",
    "transaction 1 \"t\" session" => "E0010",
    "imports \"a\"" => "E0010",
    "imports a//b" => "E0010",
    "imports a/" => "E0010",
    "imports a.omt" => "E0015",
    "uses a/b" => "E0010",
    "parameters ( A )" => "E0010",
    "parameters ( A = )" => "E0010",
    "parameters ( A = \"x\" )" => "E0010",
    "parameters ( A = 1.5.2 )" => "E0010",
    "enum E ( A, B )" => "E0004",
    "struct S" => "E0010",
    "struct S ( a )" => "E0010",
    "struct S ( a list<> )" => "E0010",
    "struct S ( a list<uint )" => "E0010",
    "struct S ( a uint?? )" => "E0010",
    "struct S ( a uint, b uint )" => "E0004",
    "struct S ( a: uint; b: uint )" => "E0004 E0004 E0004",
    "message M from A to B ( )" => "E0010",
    "message M from A, B to [C] ( )" => "E0010",
    "message M from A to [] ( )" => "E0010",
    "message M from A to [B,] ( )" => "E0010",
    "message M from A to [B] SIGNED ( )" => "E0010",
    "block B ( )" => "E0010",
    "view V ( on B a = 1 )" => "E0010",
    "function f(a) -> int ( return 1 )" => "E0010",
    "function f(a int,) -> int ( return 1 )" => "E0010",
    "function f() ( return 1 )" => "E0010",
    "function f() -> int ( )" => "E0014",
    "function f() -> int return 1" => "E0010",
    "native function f() -> int" => "E0010",
    "native f() -> int \"x\"" => "E0010",
    "property p ( a )" => "E0010",
    "property p leads ( a )" => "E0010",
    "scenario s ( a )" => "E0010",
    "scenario s ( at 1 )" => "E0010",
    "scenario s ( at 1 crash )" => "E0010",
    "scenario s ( expect sequence ( a -> b ) )" => "E0010",
    ")" => "E0012",
    "enum E ( A ) )" => "E0012",
    "enum E ( A" => "E0011",
}

table! { refused_items, in_actor,
    "states S" => "E0010",
    "state" => "E0010",
    "state S final" => "E0010",
    "state S Initial" => "E0010",
    "A -> B" => "E0010",
    "A -> on M" => "E0010",
    "A -> B on" => "E0010",
    "A -> B on timeout()" => "E0010",
    "A -> B on timeout(3 seconds)" => "E0010",
    "A -> B on every(a.b)" => "E0010",
    "A -> B AUTO" => "E0010",
    "A -> B on M When a" => "E0010",
    "A, -> B on M" => "E0010",
    "A -> B on M when a ELSE -> C" => "E0010",
    "A -> B on M else -> C" => "E0010",
    "trigger t in [S]" => "E0010",
    "trigger t()" => "E0010",
    "trigger t() in S" => "E0010",
    "trigger t() in [S] after X at Y" => "E0010",
    "collect M in [S]" => "E0010",
    "defer M" => "E0010",
    "peers ( A )" => "E0010",
    "A -> B on M ( a )" => "E0010",
    "A -> B on M ( a == 1 )" => "E0010",
    "A -> B on M ( store )" => "E0010",
    "A -> B on M ( store a, )" => "E0010",
    "A -> B on M ( send(a, M) )" => "E0010",
    "A -> B on M ( SEND(a) )" => "E0010",
    "A -> B on M ( SEND(a, m.x) )" => "E0010",
    "A -> B on M ( STORE(a.b, 1) )" => "E0010",
    "A -> B on M ( START(t) )" => "E0010",
    "A -> B on M ( IF a THEN b = 1 )" => "E0010",
    "A -> B on M ( FOR a IN b c = 1 )" => "E0010",
    "A -> B on M ( a.b = 1 )" => "E0010",
    "A -> B on M ( Let a = 1 )" => "E0010",
    "A -> B on M when a.b(c)" => "E0024",
    "A -> B on M when a = b ( c = 1 )" => "E0023",
}

table! { refused_expressions, in_function,
    "return" => "E0010",
    "return +" => "E0010",
    "return 1 +" => "E0010",
    "return (1" => "E0011",
    "return [1" => "E0010",
    "return [1 2]" => "E0010",
    "return [,]" => "E0010",
    "return f(,)" => "E0010",
    "return { a }" => "E0010",
    "return { a 1 b 2 }" => "E0010",
    "return a." => "E0010",
    "return a.1" => "E0010",
    "return a..b" => "E0010",
    "return if a then b" => "E0010",
    "return in" => "E0010",
    "return a == b == c" => "E0022",
    "return a < b in c" => "E0022",
    "return if a then b and c else d" => "E0020",
    "return if a then b or c and d else e" => "E0020",
    "return if a then not b else c" => "E0020",
    "return if a then b else not c" => "E0020",
    "return if a then x => x else c" => "E0020",
    "return if a then b else x => x" => "E0020",
    "return 1 + if a then b else c" => "E0021",
    "return - if a then b else c" => "E0021",
    "return a == if b then c else d" => "E0021",
    "return a == not b" => "E0021",
    "return a and x => y" => "E0021",
    "return a = b" => "E0023",
    "return a.b(c)" => "E0024",
    "return f(a)(b)" => "E0024",
    "return (a + b)(c)" => "E0024",
    "return [a](b)" => "E0024",
    "return 30seconds" => "E0005",
    "return 2n" => "E0005",
    "return a && b || !c" => "E0003 E0003 E0003",
    "return 'a'" => "E0001",
    "return a § b" => "E0001 E0010",
    "return -= 1" => "E0003",
    "return 1e5" => "E0005",
    "return 0x1F" => "E0005",
    "return \"a" => "E0011 E0002",
    "x = a[1][2] return x" => "",
    "x[1][2] = a return x" => "E0010",
    "x.y = a return x" => "E0010",
    "if a x = 1" => "E0010",
    "if (a)(b) then return 1" => "",
    "for a of b x = 1" => "E0010",
    "store a" => "E0010",
    "if a then ( ) else return 1" => "E0014",
}

table! { warnings, in_function,
    "x = a\n[b]\nreturn x" => "W0001",
    "x = a\n- b\nreturn x" => "W0001",
    "x = a\n(b)\nreturn x" => "W0001",
    "x = a\n(b = 1)\nreturn x" => "",
    "x = (a\n- b)\nreturn x" => "",
    "x = f(\n(a)\n- b, [c][\n0])\nreturn x" => "",
    "x = a -\nb\nreturn x" => "",
    "return if a then b else c and d" => "W0002",
    "return (if a then b else c) and d" => "",
    "return d or if a then b else c" => "",
}

#[test]
fn warnings_do_not_keep_anything_from_being_built() {
    let parsed = parse(FileId(0), "function f() -> any ( x = a\n- b return x )");
    assert_eq!(parsed.diagnostics[0].severity, Severity::Warning);
    assert!(!omtc::diagnostic::has_errors(&parsed.diagnostics));
}

/// The names of the declarations that could be read.
fn names(source: &str) -> String {
    let parsed = parse(FileId(0), source);
    assert!(!parsed.diagnostics.is_empty(), "{source}");
    let names: Vec<_> = parsed.file.decls.iter().filter_map(|d| d.name()).map(|n| n.text.clone()).collect();
    names.join(" ")
}

#[test]
fn a_broken_declaration_never_hides_the_next() {
    let broken = [
        "actor",
        "actor (",
        "actor X (",
        "actor X ( state",
        "actor X ( A -> B on M (",
        "actor X ( A -> B on M ( x = (",
        "actor X ( store ( a",
        "struct X",
        "struct X ( a list<",
        "struct X ) ) )",
        "message X from",
        "message X from A to [B",
        "function f(",
        "function f() -> int (",
        "function f() -> int ( return [",
        "function f() -> int ( if a then",
        "enum X ( 1 2 3",
        "view X ( on B when a (",
        "scenario X ( cast ( a",
        "scenario X ( at",
        "property p always (",
        "imports",
        "uses a as",
        "parameters ( A = 1 B",
        "native task t(",
        "transaction 1",
        "transaction 1 \"open",
        "((((",
        "]]]]",
        "{",
        "§§§",
        "block B by [",
        "property p",
        "= = =",
        "foo bar baz",
    ];
    let mut hidden = Vec::new();
    for first in broken {
        for second in [
            "enum Next ( A )",
            "actor Next ( state S )",
            "function Next() -> int ( RETURN 1 )",
            "message Next from A to [B] ( )",
        ] {
            let source = format!("{first}\n{second}\n");
            let found = names(&source);
            if !found.split(' ').any(|n| n == "Next") {
                hidden.push(source);
            }
        }
    }
    assert!(hidden.is_empty(), "{}", hidden.join("----\n"));
}

#[test]
fn a_broken_head_does_not_hide_what_is_wrong_in_its_body() {
    let sources = [
        "actor Consumer Party (\n    sate S\n)\n",
        "actor A (\n    S -> T on M when a § 3 (\n        x == 1\n    )\n)\n",
        "actor A (\n    S -> T om M (\n        x == 1\n    )\n)\n",
        "function f(a int -> int (\n    x == 1\n    RETURN 1\n)\n",
        "function f(a int) int (\n    x == 1\n    RETURN 1\n)\n",
        "view V : T (\n    a 1\n)\n",
        "scenario one two (\n    at 1 explode a\n)\n",
        "message M to [A] (\n    a 1\n)\n",
    ];
    let mut wrong = String::new();
    for source in sources {
        let mut map = SourceMap::new();
        let id = map.add("head.omt", source);
        let file = map.get(id).unwrap();
        let found = parse(id, &format!("{source}enum Next ( A )\n"));
        let lines: Vec<u32> = found.diagnostics.iter().map(|d| file.position(d.span().start).line).collect();
        let inner = source.lines().count() as u32
            - if source.starts_with("actor A") || source.starts_with("function") { 2 } else { 1 };
        if lines.first() == lines.last()
            || !lines.contains(&inner)
            || found.file.decls.last().unwrap().name().unwrap().text != "Next"
        {
            wrong.push_str(&format!("{source}{lines:?}\n"));
        }
    }
    assert_eq!(wrong, "", "\n{wrong}");
}

#[test]
fn all_errors_of_a_file_appear_in_one_run() {
    let source = r#"
enum E ( A 1 B 2
    C )
struct S (
    a
    b uint uint
    c list<
)
actor X (
    store ( a 5
        b uint )
    state IDLE inital
    IDLE > DONE on M
    IDLE -> DONE on M (
        x == 1
        SEND(a)
        y = 2
        z = )
    IDLE -> DONE on timeout(5)
    state DONE terminal
)
function f() -> int (
    x = 1 +
    y = ]
    RETURN 1
)
scenario s (
    at 1 explode a
    drop 5
    expect a
)
message M from A to [B] ( )
"#;
    let lines: Vec<u32> = {
        let mut map = SourceMap::new();
        let id = map.add("all.omt", source);
        let file = map.get(id).unwrap();
        parse(id, source).diagnostics.iter().map(|d| file.position(d.span().start).line).collect()
    };
    for line in [2, 8, 10, 12, 13, 15, 16, 18, 19, 24, 28] {
        assert!(lines.contains(&line), "line {line} has an error, found those of {lines:?}");
    }
    let parsed = parse(FileId(0), source);
    let shapes: Vec<String> = parsed.file.decls.iter().map(shape::decl).collect();
    let all = shapes.join("\n");
    // What is right between the mistakes is read.
    for part in ["state DONE Terminal", "y = 2", "return 1", "expect a", "message M A -> B", "b:uint"] {
        assert!(all.contains(part), "{part} is missing in\n{all}");
    }
}
