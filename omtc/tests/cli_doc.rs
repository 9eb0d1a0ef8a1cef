//! `omtc doc`: the site of the whole tree and of odd sources; every link and anchor of it leads somewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SOURCE: &str = include_str!("../../protocols/examples/ping_pong/transaction.omt");

fn omtc(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omtc"));
    command.arg("doc").args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

/// A folder with files, by path.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = scratch.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    scratch
}

/// All files below a folder, by path with `/`.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Values of an attribute in a page that was written here, hence regular.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let start = format!(" {attribute}=\"");
    page.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// `a/b/../c.html` as `a/c.html`.
fn joined(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop().unwrap_or_else(|| panic!("{page}: {target} leaves the site"));
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Every link leads to a file of the site, every anchor to an id, every id stands once.
fn links_lead_somewhere(site: &BTreeMap<String, Vec<u8>>) -> usize {
    let pages: BTreeMap<&str, &str> = site
        .iter()
        .filter(|(path, _)| path.ends_with(".html"))
        .map(|(path, bytes)| (path.as_str(), std::str::from_utf8(bytes).unwrap()))
        .collect();
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, page) in &pages {
        let own = ids.entry(path).or_default();
        for id in values(page, "id") {
            if !own.insert(id) {
                wrong.push(format!("{path}: the id {id} stands twice"));
            }
        }
    }
    let mut count = 0;
    for (path, page) in &pages {
        for target in values(page, "href").into_iter().chain(values(page, "src")) {
            if target.starts_with("https://") || target.starts_with("mailto:") || target.starts_with("data:")
            {
                continue;
            }
            count += 1;
            let (file, anchor) = target.split_once('#').map_or((target, None), |(f, a)| (f, Some(a)));
            let file = if file.is_empty() { (*path).to_owned() } else { joined(path, file) };
            if !site.contains_key(&file) {
                wrong.push(format!("{path}: {target} leads nowhere"));
            } else if let Some(anchor) = anchor.filter(|a| !a.is_empty())
                && !ids.get(file.as_str()).is_some_and(|ids| ids.contains(anchor))
            {
                wrong.push(format!("{path}: {target} has no such anchor"));
            } else if anchor == Some("") {
                wrong.push(format!("{path}: a link that leads nowhere"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{} links:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    count
}

#[test]
fn every_link_of_the_book_and_of_all_protocols_leads_somewhere() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("site");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let made = omtc(
        root,
        &[
            "protocols",
            "--book",
            "docs",
            "--title",
            "Omerta",
            "--no-scenarios",
            "--out",
            out.to_str().unwrap(),
        ],
    );
    assert!(made.status.success(), "{}", text(&made));
    let site = files(&out);
    assert!(links_lead_somewhere(&site) > 10_000);
    let escrow = String::from_utf8(site["protocols/transactions/00_escrow_lock/index.html"].clone()).unwrap();
    assert!(escrow.contains("id=\"message-"));
    for page in site.iter().filter(|(path, _)| path.ends_with(".html")) {
        let html = String::from_utf8_lossy(page.1);
        assert!(
            !html.contains("http-equiv") && !html.contains("src=\"http"),
            "{} asks for something",
            page.0
        );
    }
}

#[test]
fn the_same_sources_give_the_same_bytes_and_a_second_run_writes_nothing() {
    let scratch = folder(&[("protocols/ping/transaction.omt", SOURCE)]);
    let first = omtc(scratch.path(), &["protocols", "--out", "a"]);
    assert!(first.status.success(), "{}", text(&first));
    omtc(scratch.path(), &["protocols", "--out", "b"]);
    let (a, b) = (files(&scratch.path().join("a")), files(&scratch.path().join("b")));
    assert_eq!(a, b);
    links_lead_somewhere(&a);
    let again = omtc(scratch.path(), &["protocols", "--out", "a"]);
    assert!(text(&again).contains("(0 files written"), "{}", text(&again));
    let story = String::from_utf8(a["protocols/ping/scenarios/answered_once.html"].clone()).unwrap();
    assert!(story.contains("fulfilled") && story.contains("PING"), "{story}");
}

#[test]
fn one_transaction_with_errors_keeps_no_other_from_its_pages() {
    let broken = SOURCE.replace("-> ANSWERED on PONG", "-> ANSWRED on PONG");
    let scratch = folder(&[
        ("protocols/good/transaction.omt", SOURCE),
        ("protocols/bad/transaction.omt", broken.as_str()),
        ("protocols/bad/commentary.md", "# Bad\n\nWhat I wanted to say.\n\n{{MESSAGES}}\n"),
    ]);
    let made = omtc(scratch.path(), &["protocols", "--out", "site"]);
    assert_eq!(made.status.code(), Some(1), "{}", text(&made));
    let site = files(&scratch.path().join("site"));
    links_lead_somewhere(&site);
    let page = |path: &str| String::from_utf8(site[path].clone()).unwrap();
    let bad = page("protocols/bad/index.html");
    assert!(bad.contains("ANSWRED") && bad.contains("What I wanted to say."), "{bad}");
    assert!(page("source/bad/transaction.html").contains("class=\"error\""));
    assert!(page("protocols/good/index.html").contains("id=\"message-PONG\""));
    assert!(site.contains_key("protocols/good/actors/Requester.html"));
}

/// A transaction that starts where another one ends is told about, also while that one has no pages of its actors.
#[test]
fn what_follows_a_transaction_with_errors_links_to_none_of_its_pages() {
    // Its trigger is meant for an instance that is there; so its scenarios, which begin with it, are left out.
    let next = SOURCE
        .split("property ")
        .next()
        .unwrap()
        .replace("transaction ping_pong \"Ping Pong\"", "transaction next \"Next\"")
        .replace("parameters (", "uses first/transaction as First\n\nparameters (")
        .replace("ask(responder", "ask(session_id hash, responder")
        .replace("in [IDLE] \"Ask a peer\"", "in [IDLE] after First.Requester at ANSWERED \"Ask a peer\"");
    let scratch =
        folder(&[("protocols/first/transaction.omt", SOURCE), ("protocols/next/transaction.omt", &next)]);
    let pages = |status: i32| {
        let made = omtc(scratch.path(), &["protocols", "--out", "site", "--no-scenarios"]);
        assert_eq!(made.status.code(), Some(status), "{}", text(&made));
        let site = files(&scratch.path().join("site"));
        links_lead_somewhere(&site);
        let page = |path: &str| String::from_utf8(site[path].clone()).unwrap();
        [page("protocols/next/actors/Requester.html"), page("protocols/next/index.html")]
    };
    let linked = "first/actors/Requester.html#state-ANSWERED";
    for page in pages(0) {
        assert!(page.contains(linked), "{page}");
    }
    let broken = SOURCE.replace("WAITING -> ANSWERED on PONG", "WAITING -> ANSWRED on PONG");
    std::fs::write(scratch.path().join("protocols/first/transaction.omt"), broken).unwrap();
    for page in pages(1) {
        assert!(!page.contains(linked) && page.contains("Requester enters ANSWERED"), "{page}");
    }
}

#[test]
fn html_of_a_commentary_is_text_and_an_unknown_placeholder_an_error_at_its_place() {
    let commentary = "# Ping\n\n<script>alert(1)</script> <b onclick=x()>bold</b> [run](javascript:alert(1))\n\n{{MESAGES}}\n";
    let scratch =
        folder(&[("protocols/ping/transaction.omt", SOURCE), ("protocols/ping/commentary.md", commentary)]);
    let made = omtc(scratch.path(), &["protocols", "--out", "site"]);
    assert_eq!(made.status.code(), Some(1));
    let said = text(&made);
    assert!(
        said.contains("E0600") && said.contains("commentary.md:5:1") && said.contains("{{MESSAGES}}"),
        "{said}"
    );
    let site = files(&scratch.path().join("site"));
    let page = String::from_utf8(site["protocols/ping/index.html"].clone()).unwrap();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert"), "{page}");
    assert!(!page.contains("<b onclick") && !page.contains("href=\"javascript"));
    assert!(page.contains("E0600"));
}

/// What a commentary names between backticks leads to where it is told: also scenarios and properties.
#[test]
fn scenarios_and_properties_that_a_commentary_names_are_links() {
    let commentary = "# Ping\n\nSee `answered_once` and `answers_fit`, not `nobody`.\n";
    let source = SOURCE.replace("= 3 count", "= 1000000 count");
    let source = &source[..source.find("scenario refused_after_three").unwrap()];
    let scratch =
        folder(&[("protocols/ping/transaction.omt", source), ("protocols/ping/commentary.md", commentary)]);
    let made = omtc(scratch.path(), &["protocols", "--out", "site"]);
    assert!(made.status.success(), "{}", text(&made));
    let page = std::fs::read_to_string(scratch.path().join("site/protocols/ping/index.html")).unwrap();
    let told = page.split("<p>See ").nth(1).and_then(|rest| rest.split("</p>").next()).unwrap();
    assert!(
        told.contains("<a href=\"scenarios/answered_once.html\"><code>answered_once</code></a>"),
        "{told}"
    );
    assert!(told.contains("#property-answers_fit\"><code>answers_fit</code></a>"), "{told}");
    assert!(told.contains("not <code>nobody</code>"), "{told}");
    // What is only counted is a number, in groups of three digits.
    assert!(page.contains("<span class=\"number\">1,000,000</span>"), "{page}");
}

#[test]
fn nothing_to_tell_about_is_said_with_what_to_do() {
    let empty = folder(&[("notes.txt", "nothing")]);
    let made = omtc(empty.path(), &["."]);
    assert_eq!(made.status.code(), Some(2));
    assert!(text(&made).contains("omtc init"), "{}", text(&made));
    let library = folder(&[("protocols/shared.omt", "enum A ( B )\n")]);
    let made = omtc(library.path(), &["protocols"]);
    assert_eq!(made.status.code(), Some(2));
    assert!(text(&made).contains("omtc new"), "{}", text(&made));
}

/// Below no folder called `protocols`, each folder stands for itself, and all transactions have one name.
#[test]
fn two_transactions_of_one_name_are_named_instead_of_one_replacing_the_other() {
    let scratch = folder(&[("mine/a/transaction.omt", SOURCE), ("mine/b/transaction.omt", SOURCE)]);
    let made = omtc(scratch.path(), &["mine"]);
    assert_eq!(made.status.code(), Some(2));
    assert!(
        text(&made).contains("mine/a/transaction.omt and mine/b/transaction.omt are both called"),
        "{}",
        text(&made)
    );
    assert!(text(&made).contains("--protocol-dir"), "{}", text(&made));
    let made = omtc(scratch.path(), &["mine", "--protocol-dir", "mine", "--no-scenarios"]);
    assert!(made.status.success(), "{}", text(&made));
    assert!(scratch.path().join("site/protocols/b/index.html").is_file());
    // One file may be named twice.
    let made = omtc(scratch.path(), &["mine/a", "mine/a/transaction.omt", "--no-scenarios", "--out", "one"]);
    assert!(made.status.success(), "{}", text(&made));
}

#[test]
fn a_folder_with_something_else_is_not_written_into() {
    let scratch = folder(&[("protocols/ping/transaction.omt", SOURCE), ("mine/letter.txt", "dear")]);
    let made = omtc(scratch.path(), &["protocols", "--out", "mine", "--no-scenarios"]);
    assert_eq!(made.status.code(), Some(2));
    assert_eq!(files(&scratch.path().join("mine")).len(), 1);
}

/// An actor with that many states in a row, whose names have that many letters.
fn chain(states: usize, letters: usize) -> String {
    let pad = "X".repeat(letters);
    let mut text = String::from(
        "transaction 7 \"Large\"\nparameters ( PAUSE = 5 seconds )\nmessage STEP from Mover to [Walker] ( n uint )\n",
    );
    text.push_str("actor Mover (\n store ( walker peer_id )\n peers ( Walker walker )\n trigger go(walker peer_id, n uint) in [IDLE]\n state IDLE initial\n state DONE terminal\n IDLE -> DONE on go ( store walker  SEND(walker, STEP { n n }) )\n)\n");
    text.push_str("actor Walker (\n store ( mover peer_id  n uint )\n peers ( Mover mover )\n");
    for i in 0..states {
        let kind = if i == 0 {
            " initial"
        } else if i + 1 == states {
            " terminal"
        } else {
            ""
        };
        writeln!(text, " state {pad}S{i}{kind}").unwrap();
    }
    for i in 0..states - 1 {
        let cause = if i == 0 { "on STEP ( store n )" } else { "on timeout(PAUSE)" };
        writeln!(text, " {pad}S{i} -> {pad}S{} {cause}", i + 1).unwrap();
    }
    text.push_str(")\n");
    text
}

#[test]
fn five_hundred_states_and_names_of_two_hundred_letters_are_shown() {
    let scratch = folder(&[
        ("protocols/large/transaction.omt", chain(500, 0).as_str()),
        ("protocols/long/transaction.omt", chain(4, 200).as_str()),
    ]);
    let made = omtc(scratch.path(), &["protocols", "--out", "site"]);
    assert!(made.status.success(), "{}", text(&made));
    let site = files(&scratch.path().join("site"));
    links_lead_somewhere(&site);
    let walker = String::from_utf8(site["protocols/large/actors/Walker.html"].clone()).unwrap();
    assert!(walker.contains("id=\"state-S499\"") && walker.contains("at a glance"));
    let few = String::from_utf8(site["protocols/long/actors/Walker.html"].clone()).unwrap();
    assert!(!few.contains("at a glance"), "a small diagram is its own outline");
}

/// What is verified is shown with its scope, and as old once a property has changed.
#[test]
fn a_verdict_is_shown_as_long_as_it_is_about_what_stands_there() {
    let scratch = folder(&[("protocols/ping/transaction.omt", SOURCE)]);
    let page = || {
        let made = omtc(scratch.path(), &["protocols", "--out", "site", "--no-scenarios"]);
        assert!(made.status.success(), "{}", text(&made));
        std::fs::read_to_string(scratch.path().join("site/protocols/ping/index.html")).unwrap()
    };
    assert!(page().contains("not verified"));
    let verified = Command::new(env!("CARGO_BIN_EXE_omtc"))
        .args(["verify", "protocols", "--record"])
        .current_dir(scratch.path())
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", text(&verified));
    let proven = page();
    assert!(proven.contains("holds in its scope") && proven.contains("every run explored"), "{proven}");
    let source = scratch.path().join("protocols/ping/transaction.omt");
    std::fs::write(&source, SOURCE.replace("r.answer == r.question + 1", "r.answer == 1 + r.question"))
        .unwrap();
    assert!(page().contains("verified before a change"));
    std::fs::write(scratch.path().join("protocols/ping/verified.json"), "{}").unwrap();
    let made = omtc(scratch.path(), &["protocols", "--out", "site"]);
    assert_eq!(made.status.code(), Some(2));
    assert!(text(&made).contains("verified.json"), "{}", text(&made));
}

/// So it is when only a function changed that no machine calls; and what was taken for granted is said.
#[test]
fn a_verdict_says_what_it_rests_on_and_is_old_when_a_function_of_a_property_changes() {
    let helped = SOURCE.replace("r.answer == r.question + 1", "r.answer == NEXT(r.question)");
    let helped = format!(
        "{helped}\nfunction NEXT(n uint) -> uint (\n    return MORE(n)\n)\nfunction MORE(n uint) -> uint (\n    return n + 1\n)\n"
    );
    let scratch = folder(&[("protocols/ping/transaction.omt", &helped)]);
    let verified = Command::new(env!("CARGO_BIN_EXE_omtc"))
        .args(["verify", "protocols", "--record", "--clock-skew", "0", "--byzantine", "0"])
        .current_dir(scratch.path())
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", text(&verified));
    let page = || {
        let made = omtc(scratch.path(), &["protocols", "--out", "site", "--no-scenarios"]);
        assert!(made.status.success(), "{}", text(&made));
        std::fs::read_to_string(scratch.path().join("site/protocols/ping/index.html")).unwrap()
    };
    let proven = page();
    assert!(
        proven.contains("holds in its scope") && proven.contains("the clocks of honest peers agree"),
        "{proven}"
    );
    let write = |text: &str| {
        std::fs::write(scratch.path().join("protocols/ping/transaction.omt"), text).unwrap();
    };
    write(&format!("{helped}\nfunction LESS(n uint) -> uint (\n    return n\n)\n"));
    let still = page();
    assert!(still.contains("holds in its scope") && !still.contains("before a change"), "{still}");
    write(&helped.replace("return n + 1", "return 1 + n"));
    let stale = page();
    let badge = |property: &str| {
        let heading = stale.split(&format!("id=\"property-{property}\"")).nth(1).unwrap();
        heading.split("</h3>").next().unwrap()
    };
    assert!(badge("answers_fit").contains("verified before a change"), "{stale}");
    // It does not name the function.
    assert!(badge("ends").contains("holds in its scope"), "{stale}");
}

/// A commentary may lead to another transaction, a source, a chapter, and show a picture of its own.
#[test]
fn links_between_commentaries_lead_to_pages_and_what_leads_nowhere_is_named() {
    let other = SOURCE.replace("transaction ping_pong", "transaction other");
    let scratch = folder(&[
        ("protocols/ping/transaction.omt", SOURCE),
        (
            "protocols/ping/commentary.md",
            "# Ping\n\n[a](../other/commentary.md#why) [b](../other/) [c][d] [e](../other/transaction.omt) \
             [f](../../docs/deep/README.md) [g](#more) [h](notes.txt) ![p](pictures/p.svg)\n\n## More\n\n\
             {{MESSAGES}}\n\n[d]: ../other/commentary.md\n",
        ),
        ("protocols/ping/notes.txt", "there, and no page"),
        ("protocols/ping/pictures/p.svg", "<svg/>"),
        ("protocols/other/transaction.omt", &other),
        ("protocols/other/commentary.md", "# Other\n\n## Why\n\nSee [ping](../ping/commentary.md).\n"),
        ("docs/README.md", "# Book\n\n[ping](../protocols/ping/commentary.md#more)\n"),
        ("docs/deep/README.md", "# Deep\n"),
    ]);
    let arguments = ["protocols", "--book", "docs", "--no-scenarios"];
    let made = omtc(scratch.path(), &arguments);
    assert!(made.status.success(), "{}", text(&made));
    let site = files(&scratch.path().join("site"));
    links_lead_somewhere(&site);
    let page = String::from_utf8(site["protocols/ping/index.html"].clone()).unwrap();
    for link in [
        "<a href=\"../other/index.html#why\">a</a>",
        "<a href=\"../other/index.html\">b</a>",
        "<a href=\"../other/index.html\">c</a>",
        "<a href=\"../../source/other/transaction.html\">e</a>",
        "<a href=\"../../book/deep/index.html\">f</a>",
        "<a href=\"#more\">g</a> h <img src=\"files/pictures/p.svg\" alt=\"p\"",
    ] {
        assert!(page.contains(link), "{link} is missing:\n{page}");
    }
    assert_eq!(site["protocols/ping/files/pictures/p.svg"], b"<svg/>");

    let wrong = "# Other\n\n[a](../gone/commentary.md) [b](../ping/commentary.md#gone) ![c](../../p.svg) [d](javascript:x)\n";
    std::fs::write(scratch.path().join("protocols/other/commentary.md"), wrong).unwrap();
    let made = omtc(scratch.path(), &arguments);
    assert_eq!(made.status.code(), Some(1), "{}", text(&made));
    for target in
        ["../gone/commentary.md", "../ping/commentary.md#gone", "../../p.svg", "../other/commentary.md#why"]
    {
        assert!(text(&made).contains(&format!("the link to {target} leads nowhere")), "{}", text(&made));
    }
    let page = std::fs::read_to_string(scratch.path().join("site/protocols/other/index.html")).unwrap();
    assert!(!page.contains("javascript:") && !page.contains("<img"), "{page}");
}

/// The server is ended with the test, whatever becomes of it.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_page_that_is_open_is_loaded_again_when_a_source_changes() {
    let scratch = folder(&[("protocols/ping/transaction.omt", SOURCE)]);
    let mut server = Ended(
        Command::new(env!("CARGO_BIN_EXE_omtc"))
            .args(["doc", "protocols", "--out", "site", "--no-scenarios", "--serve", "127.0.0.1:0"])
            .current_dir(scratch.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let at = lines
        .find_map(|line| line.unwrap().strip_prefix("serving http://").map(str::to_owned))
        .and_then(|line| line.split('/').next().map(str::to_owned))
        .unwrap();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(&at).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n").as_bytes()).unwrap();
        stream
    };
    let get = |path: &str| {
        let mut text = String::new();
        ask(path).read_to_string(&mut text).unwrap();
        text
    };
    assert!(get("/").contains("EventSource('/-/changes?0')"));
    let mut changes = ask("/-/changes?0");
    std::fs::write(
        scratch.path().join("protocols/ping/transaction.omt"),
        SOURCE.replace("\"Ping Pong\"", "\"Changed while open\""),
    )
    .unwrap();
    let mut told = String::new();
    changes.read_to_string(&mut told).unwrap();
    assert!(told.contains("data: "), "{told}");
    assert!(get("/").contains("Changed while open"));
    assert!(get("/../protocols/ping/transaction.omt").starts_with("HTTP/1.1 404"));
}
