//! How findings are said: each snapshot holds the source and what is shown.

use omtc::source::SourceMap;
use omtc::syntax::{decode, parse};

fn shown(source: &str) -> String {
    let mut map = SourceMap::new();
    let id = map.add("protocol.omt", source);
    let parsed = parse(id, source);
    let found = omtc::diagnostic::render_all(&map, &parsed.diagnostics, false);
    format!("{}\n\n{}", source.trim_end(), found.trim_end())
}

macro_rules! messages {
    ($($name:ident: $source:expr;)+) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(shown($source));
            }
        )+
    };
}

messages! {
    misspelled_declaration: "mesage LOCK from Consumer to [Provider] ( amount uint )";
    misspelled_keyword: "message LOCK form Consumer to [Provider] ( amount uint )";
    no_declaration: "hello world";
    receiver_without_brackets: "message LOCK from Consumer to Provider ( amount uint )";
    fields_of_another_language: "struct Point ( x: int, y: int; )";
    open_string: "transaction 00 \"Escrow Lock\nimports shared/session\n";
    unreadable_characters: "enum Größe ( KLEIN )\nenum E ( A § B ‘ C )\n";
    operators_of_another_language: "property safe always ( a && !b || c )";
    number_runs_into_word: "parameters (\n    LOCK_TIMEOUT = 300seconds\n)\n";
    misspelled_item: "actor Consumer (\n    sate IDLE initial\n    state DONE terminal\n)\n";
    unknown_item: "actor Consumer (\n    42\n)\n";
    unclosed_actions: "actor Consumer (\n    state IDLE initial\n    IDLE -> LOCKED on LOCK (\n        amount = 3\n    state LOCKED terminal\n    LOCKED -> IDLE auto\n)\n\nenum E ( A )\n";
    unclosed_actor: "actor Consumer (\n    state IDLE initial\n\nactor Provider (\n    state IDLE initial\n)\n";
    closes_nothing: "enum E ( A ) )\n";
    missing_comma_in_record: "actor A (\n    S -> T on M (\n        SEND(peer, REPLY { amount 3 reason null })\n    )\n)\n";
    lower_case_action: "actor A (\n    S -> T on M (\n        send(peer, REPLY)\n    )\n)\n";
    comparison_as_action: "actor A (\n    S -> T on M (\n        amount == 3\n    )\n)\n";
    assignment_as_guard: "actor A (\n    S -> T on M when amount = 3 (\n        store amount\n    )\n)\n";
    logic_in_a_branch: "function f(a bool, b bool) -> bool (\n    RETURN IF a THEN a AND b ELSE NOT b\n)\n";
    if_as_operand: "function f(a bool) -> uint (\n    RETURN 1 + IF a THEN 1 ELSE 2\n)\n";
    logic_after_if: "function f(a bool, b bool) -> bool (\n    RETURN IF a THEN b ELSE a AND b\n)\n";
    chained_comparison: "function f(a int) -> bool (\n    RETURN 0 < a < 9\n)\n";
    call_of_a_method: "function f(a Box) -> uint (\n    RETURN a.size()\n)\n";
    line_continues: "function f(a int, b list<int>) -> int (\n    x = a\n    [b] = 3\n    RETURN x\n    - a\n)\n";
    empty_function: "function f() -> int (\n)\n";
    path_with_extension: "imports shared/session.omt\n";
    mistake_on_a_later_line: "message LOCK\n    from Consumer\n    to [Provider\n    ( amount uint )\n";
    end_of_file: "function f() -> int (\n    RETURN 1 +";
}

#[test]
fn nested_too_deeply() {
    let source = format!("function f() -> int ( RETURN {}1{} )", "(".repeat(300), ")".repeat(300));
    let mut map = SourceMap::new();
    let id = map.add("protocol.omt", source.as_str());
    let found = omtc::diagnostic::render_all(&map, &parse(id, &source).diagnostics, false);
    insta::assert_snapshot!(found);
}

#[test]
fn not_utf8() {
    let mut map = SourceMap::new();
    let (text, diagnostic) = decode(omtc::source::FileId(0), b"# caf\xE9\nenum E ( A )");
    map.add("latin1.omt", text);
    insta::assert_snapshot!(omtc::diagnostic::render(&map, &diagnostic.unwrap(), false));
}

/// A source may hold what would steer a terminal; a message never does.
#[test]
fn control_characters_are_not_passed_on() {
    let found = shown("enum E ( A \x1B[31m \u{202E} B ) # \x07\n")
        .replace("enum E ( A \x1B[31m \u{202E} B ) # \x07", "");
    assert!(found.contains("E0001"));
    assert!(!found.contains(['\x1B', '\u{202E}', '\x07']), "{found:?}");
}

#[test]
fn colour_is_there_only_on_request() {
    let mut map = SourceMap::new();
    let id = map.add("a.omt", "enum E ( 1 )");
    let found = parse(id, "enum E ( 1 )").diagnostics;
    assert!(omtc::diagnostic::render_all(&map, &found, true).contains('\x1B'));
    assert!(!omtc::diagnostic::render_all(&map, &found, false).contains('\x1B'));
}
