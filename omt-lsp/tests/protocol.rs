//! Bad input: answered by the protocol's own errors, and the server stays up. With the real binary, over its standard
//! input and output.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use omt_lsp::client::Client;
use serde_json::{Value, json};
use support::{PING, capabilities, uri};

fn binary() -> Client {
    Client::spawn(env!("CARGO_BIN_EXE_omt-lsp").as_ref()).unwrap()
}

fn raw(client: &mut Client, body: &[u8]) -> Value {
    client.raw(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes()).unwrap();
    client.raw(body).unwrap();
    client.wait(&|message| message["id"].is_null() && message.get("error").is_some()).unwrap()["error"]["code"].clone()
}

#[test]
fn what_is_no_message_is_answered_and_the_next_one_is_read() {
    let mut client = binary();
    client.initialize(capabilities()).unwrap();
    assert_eq!(raw(&mut client, b"{ this is no JSON"), -32700);
    assert_eq!(raw(&mut client, b"\xFF\xFE\x00"), -32700);
    assert_eq!(raw(&mut client, b"[]"), -32600);
    assert_eq!(raw(&mut client, b"{\"jsonrpc\":\"2.0\"}"), -32600);
    assert_eq!(raw(&mut client, b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":7}"), -32600);
    client.raw(b"X-Nonsense: 1\r\n\r\n").unwrap();
    let wrong = client.wait(&|message| message["id"].is_null() && message.get("error").is_some()).unwrap();
    assert_eq!(wrong["error"]["code"], -32700);
    client.raw(b"Content-Length: 99999999999999999999999\r\n\r\n").unwrap();
    client.wait(&|message| message["id"].is_null() && message.get("error").is_some()).unwrap();
    client.open(&uri("a.omt"), PING);
    let found =
        client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri("a.omt") } }));
    assert!(!found.unwrap().as_array().unwrap().is_empty());
    assert_eq!(client.end(), Some(0));
}

#[test]
fn the_order_of_life_is_kept() {
    let mut client = binary();
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(early.unwrap_err()["code"], -32002);
    client.initialize(capabilities()).unwrap();
    assert_eq!(client.request("initialize", json!({ "capabilities": {} })).unwrap_err()["code"], -32600);
    assert_eq!(client.request("no/such/method", json!({})).unwrap_err()["code"], -32601);
    client.notify("$/whatever", json!({}));
    client.notify("no/such/notification", json!({}));
    assert_eq!(client.request("textDocument/hover", json!({ "nonsense": 1 })).unwrap_err()["code"], -32602);
    assert_eq!(client.request("omt/verify", json!({ "uri": 7 })).unwrap_err()["code"], -32602);
    assert!(client.request("shutdown", Value::Null).is_ok());
    assert_eq!(client.request("textDocument/hover", json!({})).unwrap_err()["code"], -32600);
    assert_eq!(client.end(), Some(0));
    // Without `shutdown` it ends with another status.
    let mut client = binary();
    client.initialize(capabilities()).unwrap();
    client.notify("exit", Value::Null);
    assert_eq!(client.wait(&|_| false), None);
}

#[test]
fn edits_are_applied_in_the_order_in_which_they_arrive() {
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    client.open(&uri("a.omt"), "");
    let mut expected = String::new();
    for n in 0..400 {
        let text = format!("enum E{n} ( X{n} )\n");
        let place = json!({ "line": n, "character": 0 });
        client.change(
            &uri("a.omt"),
            n + 2,
            json!([{ "range": { "start": place, "end": place }, "text": text }]),
        );
        expected.push_str(&text);
    }
    let found = client
        .request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri("a.omt") } }))
        .unwrap();
    let names: Vec<String> =
        found.as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, (0..400).map(|n| format!("E{n}")).collect::<Vec<_>>());
}

#[test]
fn versions_out_of_order_and_unknown_documents_do_no_harm() {
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    let no = json!([{ "text": "enum A ( X )" }]);
    client.change(&uri("never_opened.omt"), 3, no.clone());
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri("never_opened.omt") } }));
    client.open(&uri("a.omt"), "enum A ( Y )");
    client.change(&uri("a.omt"), -5, no);
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    client.change(
        &uri("a.omt"),
        1,
        json!([{ "range": { "start": far, "end": far }, "text": "\nenum B ( Z )" }]),
    );
    let found = client
        .request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri("a.omt") } }))
        .unwrap();
    assert_eq!(found[0]["children"][0]["name"], "X");
    assert_eq!(found[1]["name"], "B");
    for method in ["hover", "completion", "definition", "prepareRename"] {
        let params = json!({ "textDocument": { "uri": uri("nowhere.omt") }, "position": far });
        assert_eq!(client.request(&format!("textDocument/{method}"), params), Ok(Value::Null), "{method}");
        let params = json!({ "textDocument": { "uri": "untitled:Untitled-1" }, "position": far });
        assert_eq!(client.request(&format!("textDocument/{method}"), params), Ok(Value::Null), "{method}");
    }
    client.open("untitled:Untitled-1", "enum A ( X Y");
    let found = client.diagnostics("untitled:Untitled-1").unwrap();
    assert!(!found.as_array().unwrap().is_empty());
}

#[test]
fn files_that_vanish_or_are_no_text_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap().join("protocols");
    std::fs::create_dir(&folder).unwrap();
    let at = |name: &str| format!("file://{}/{name}", folder.display());
    std::fs::write(folder.join("b.omt"), "enum B ( X )\n").unwrap();
    std::fs::write(folder.join("bad.omt"), [b'e', 0xFF, b'\n']).unwrap();
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    client.open(&at("a.omt"), "imports b\nstruct S ( b B )\n");
    assert_eq!(client.diagnostics(&at("a.omt")).unwrap(), json!([]));
    let found = client.diagnostics(&at("bad.omt")).unwrap();
    assert!(
        found
            .as_array()
            .unwrap()
            .iter()
            .any(|d| d["code"] == "E0002" || d["message"].as_str().unwrap().contains("UTF-8")),
        "{found}"
    );
    std::fs::remove_file(folder.join("b.omt")).unwrap();
    client
        .notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": at("b.omt"), "type": 3 }] }));
    let found = client.diagnostics(&at("a.omt")).unwrap();
    assert!(found[0]["message"].as_str().unwrap().starts_with("there is no file b"), "{found}");
    // It is there again, and nobody said so.
    std::fs::write(folder.join("b.omt"), "enum B ( X )\n").unwrap();
    client.change(&at("a.omt"), 2, json!([{ "text": "imports b\nstruct S ( b B )\n\n" }]));
    assert_eq!(client.diagnostics(&at("a.omt")).unwrap(), json!([]));
}

#[test]
fn a_document_that_is_too_large_is_refused_and_others_are_served() {
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    let line = "enum A ( X )  # padding padding padding padding padding\n";
    client.open(&uri("large.omt"), &line.repeat((17 << 20) / line.len()));
    client.open(&uri("small.omt"), "enum B ( X )");
    let found = client.diagnostics(&uri("large.omt")).unwrap();
    assert!(found[0]["message"].as_str().unwrap().contains("too large"), "{found}");
    let found = client
        .request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri("small.omt") } }))
        .unwrap();
    assert_eq!(found[0]["name"], "B");
}

#[test]
fn a_file_of_100_megabytes_is_answered_and_costs_no_more_than_it_must() {
    let mut client = binary();
    client.initialize(capabilities()).unwrap();
    let line = "enum A ( X )  # padding padding padding padding padding\n";
    client.open(&uri("large.omt"), &line.repeat(100_000_000 / line.len()));
    let found = client.diagnostics(&uri("large.omt")).unwrap();
    assert!(found[0]["message"].as_str().unwrap().contains("too large"), "{found}");
    let end = json!({ "line": 1_000_000, "character": 7 });
    for method in
        ["hover", "completion", "foldingRange", "semanticTokens/full", "formatting", "documentSymbol"]
    {
        let params = json!({
            "textDocument": { "uri": uri("large.omt") }, "position": end,
            "options": { "tabSize": 4, "insertSpaces": true },
        });
        client.request(&format!("textDocument/{method}"), params).unwrap();
    }
    let most = omt_lsp::exercise::memory(client.process().unwrap());
    assert!(most.is_none_or(|bytes| bytes < 1 << 30), "{most:?}");
    // A message that is larger than any is passed over.
    client.raw(b"Content-Length: 300000000\r\n\r\n").unwrap();
    for _ in 0..300 {
        client.raw(&[b' '; 1_000_000]).unwrap();
    }
    let wrong = client.wait(&|message| message["id"].is_null() && message.get("error").is_some()).unwrap();
    assert!(wrong["error"]["message"].as_str().unwrap().contains("256 MiB"), "{wrong}");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri("large.omt") } }));
    client.open(&uri("small.omt"), "enum B ( X )");
    assert!(client.diagnostics(&uri("small.omt")).is_ok());
    let after = omt_lsp::exercise::memory(client.process().unwrap());
    assert!(after.is_none_or(|bytes| bytes < 512 << 20), "{after:?}");
}

#[test]
fn a_request_that_was_cancelled_says_so() {
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    client.open(&uri("a.omt"), PING);
    let id = client.begin(
        "textDocument/hover",
        json!({ "textDocument": { "uri": uri("a.omt") }, "position": { "line": 0, "character": 1 } }),
    );
    client.notify("$/cancelRequest", json!({ "id": id }));
    // It may have been quicker.
    if let Err(error) = client.answer(id) {
        assert_eq!(error["code"], -32800);
    }
    assert!(client.diagnostics(&uri("a.omt")).is_ok());
}

#[test]
fn findings_are_pushed_with_their_places_and_pages_and_taken_back() {
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    client.open(&uri("a.omt"), &PING.replace("on PONG when", "on PONK when"));
    let wanted = |message: &Value| {
        message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["diagnostics"]
                .as_array()
                .unwrap()
                .iter()
                .any(|d| d["message"].as_str().unwrap().contains("PONK"))
    };
    let found = client.wait(&wanted).unwrap();
    let finding = &found["params"]["diagnostics"][0];
    assert_eq!(
        finding["codeDescription"]["href"],
        format!("omt-explain:/{}.md", finding["code"].as_str().unwrap())
    );
    assert_eq!(found["params"]["version"], 1);
    client.change(&uri("a.omt"), 2, json!([{ "text": PING }]));
    let gone = |message: &Value| {
        message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["version"] == 2
            && !message["params"]["diagnostics"].to_string().contains("PONK")
    };
    client.wait(&gone).unwrap();
}
