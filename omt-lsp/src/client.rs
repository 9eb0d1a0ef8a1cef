//! A client, for tests and measurements: frames over any two streams, one request after the other.
//!
//! ```no_run
//! use omt_lsp::client::Client;
//! use serde_json::json;
//!
//! let mut client = Client::spawn("target/debug/omt-lsp".as_ref()).unwrap();
//! client.initialize(json!({})).unwrap();
//! client.open("file:///protocols/a.omt", "enum A ( X )");
//! let symbols = client.request("textDocument/documentSymbol", json!({
//!     "textDocument": { "uri": "file:///protocols/a.omt" }
//! }));
//! ```

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Talks to a server.
pub struct Client {
    input: BufReader<Box<dyn Read + Send>>,
    output: Box<dyn Write + Send>,
    child: Option<Child>,
    next: i64,
    /// What the server said on its own, the oldest first.
    pub heard: VecDeque<Value>,
    /// What the server asked, the oldest first. Everything is answered with null.
    pub asked: Vec<Value>,
}

/// What a server answers: a result, or an error.
pub type Answer = Result<Value, Value>;

impl Client {
    /// Over two streams.
    pub fn new(input: Box<dyn Read + Send>, output: Box<dyn Write + Send>) -> Client {
        Client {
            input: BufReader::with_capacity(1 << 16, input),
            output,
            child: None,
            next: 0,
            heard: VecDeque::new(),
            asked: Vec::new(),
        }
    }

    /// Starts a server.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn spawn(program: &Path) -> io::Result<Client> {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let gone = || io::Error::other("the server has no standard input or output");
        let output = child.stdin.take().ok_or_else(gone)?;
        let input = child.stdout.take().ok_or_else(gone)?;
        let mut client = Client::new(Box::new(input), Box::new(output));
        client.child = Some(child);
        Ok(client)
    }

    /// The process, if there is one.
    pub fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// The server does not listen any more.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        self.output.flush()
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The server does not listen any more.
    pub fn send(&mut self, message: &Value) -> io::Result<()> {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes())
    }

    /// Sends a notification. One that nobody hears is missed by whoever waits for its effect.
    pub fn notify(&mut self, method: &str, params: Value) {
        let _ = self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request; gives its id.
    pub fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let _ = self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.next
    }

    /// Waits for the answer to a request.
    pub fn answer(&mut self, id: i64) -> Answer {
        let id = json!(id);
        let is = |message: &Value| message.get("method").is_none() && message.get("id") == Some(&id);
        // Answers come in any order.
        let Some(message) = self.wait(&is) else { return Err(json!("the server is gone")) };
        match message.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(message.get("result").cloned().unwrap_or(Value::Null)),
        }
    }

    /// Sends a request and waits for the answer.
    pub fn request(&mut self, method: &str, params: Value) -> Answer {
        let id = self.begin(method, params);
        self.answer(id)
    }

    fn hear(&mut self, message: Value) {
        if let Some(id) = message.get("id") {
            let answer = json!({ "jsonrpc": "2.0", "id": id, "result": null });
            let _ = self.send(&answer);
            self.asked.push(message);
        } else {
            self.heard.push_back(message);
        }
    }

    /// Waits for a message of the server that `wanted` accepts; others are kept.
    pub fn wait(&mut self, wanted: &dyn Fn(&Value) -> bool) -> Option<Value> {
        if let Some(at) = self.heard.iter().position(wanted) {
            return self.heard.remove(at);
        }
        loop {
            let message = self.read()?;
            if message.get("method").is_some() && message.get("id").is_some() {
                self.hear(message);
            } else if wanted(&message) {
                return Some(message);
            } else {
                self.heard.push_back(message);
            }
        }
    }

    /// The next message, whatever it is.
    fn read(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.input.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).ok()?;
        serde_json::from_slice(&body).ok()
    }

    /// Begins: `initialize` with these capabilities, and `initialized`.
    ///
    /// # Errors
    /// What the server said.
    pub fn initialize(&mut self, capabilities: Value) -> Answer {
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities });
        let result = self.request("initialize", params)?;
        self.notify("initialized", json!({}));
        Ok(result)
    }

    /// Opens a document.
    pub fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "omt", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Changes a document.
    pub fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// What the server says about a document, when everything is known.
    ///
    /// # Errors
    /// What the server said.
    pub fn diagnostics(&mut self, uri: &str) -> Answer {
        let report = self.request("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }))?;
        Ok(report.get("items").cloned().unwrap_or(Value::Null))
    }

    /// Ends as the protocol wants it; gives the exit status of a process.
    pub fn end(mut self) -> Option<i32> {
        let _ = self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.child.take()?.wait().ok()?.code()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
