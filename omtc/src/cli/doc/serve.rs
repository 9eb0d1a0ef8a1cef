//! A small server of static pages, for one person who edits and looks. It has the pages in memory and reads no file, so it
//! serves the site and nothing else; it answers GET and HEAD, closes every connection, and limits everything.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

/// Connections at one time: a browser opens six, and one waits for changes in every tab.
const CONNECTION_COUNT_MAX: usize = 64;
/// Bytes of the head of a request; browsers send about one kilobyte.
const HEAD_BYTES_MAX: u64 = 16 << 10;
/// Whoever sends or takes nothing for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// So often a tab that waits for changes hears that the server is still there.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// Where a tab waits for changes.
const CHANGES: &str = "/-/changes";

type Files = BTreeMap<String, Vec<u8>>;

/// The pages as they are now.
struct Shared {
    files: RwLock<Arc<Files>>,
    version: Mutex<u64>,
    changed: Condvar,
    connections: AtomicUsize,
    address: SocketAddr,
}

/// A server that runs until the process ends.
pub struct Server {
    shared: Arc<Shared>,
}

impl Server {
    /// Begins to serve.
    pub fn start(address: SocketAddr, files: Files) -> io::Result<Server> {
        let listener = TcpListener::bind(address)?;
        let shared = Arc::new(Shared {
            files: RwLock::new(Arc::new(files)),
            version: Mutex::new(0),
            changed: Condvar::new(),
            connections: AtomicUsize::new(0),
            address: listener.local_addr()?,
        });
        let served = Arc::clone(&shared);
        thread::Builder::new().name("serve".to_owned()).spawn(move || accept(&listener, &served))?;
        Ok(Server { shared })
    }

    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Serves these pages from now on, and tells every tab if they are others. Are they?
    pub fn replace(&self, files: Files) -> bool {
        let mut served = self.shared.files.write().unwrap_or_else(PoisonError::into_inner);
        if **served == files {
            return false;
        }
        *served = Arc::new(files);
        drop(served);
        let mut version = self.shared.version.lock().unwrap_or_else(PoisonError::into_inner);
        *version = version.saturating_add(1);
        self.shared.changed.notify_all();
        true
    }
}

/// Counts a connection as long as it lives.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let before = shared.connections.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(shared));
        if before >= CONNECTION_COUNT_MAX {
            // Dropped: the browser tries again.
            continue;
        }
        // Without a thread to be had the connection is dropped, too.
        let _ = thread::Builder::new().spawn(move || {
            let _ = connection(stream, &counted.0);
        });
    }
}

/// What is asked for.
struct Request {
    method: String,
    path: String,
    query: String,
    host: String,
}

fn read_request(stream: &TcpStream) -> io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream.take(HEAD_BYTES_MAX));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        host: String::new(),
    };
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 {
            // The head does not end, or is too long.
            return Ok(None);
        }
        let header = header.trim_end();
        if header.is_empty() {
            return Ok(Some(request));
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("host")
        {
            value.trim().clone_into(&mut request.host);
        }
    }
}

fn connection(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.set_write_timeout(Some(SILENCE_MAX))?;
    let Some(request) = read_request(&stream)? else {
        return answer(&stream, "400 Bad Request", "text/plain", b"This is no request.\n", true);
    };
    let body = request.method != "HEAD";
    if !["GET", "HEAD"].contains(&request.method.as_str()) {
        return answer(&stream, "405 Method Not Allowed", "text/plain", b"There is only GET.\n", body);
    }
    if !expected(&request.host, shared.address) {
        // Another site whose name leads here would otherwise read these pages in the browser of whoever visits it.
        return answer(&stream, "421 Misdirected Request", "text/plain", b"This host is not served.\n", body);
    }
    if request.path == CHANGES {
        return changes(&stream, shared, request.query.parse().unwrap_or(0));
    }
    let files = Arc::clone(&shared.files.read().unwrap_or_else(PoisonError::into_inner));
    let version = *shared.version.lock().unwrap_or_else(PoisonError::into_inner);
    match find(&files, &request.path) {
        Some((path, bytes)) if path.ends_with(".html") => {
            let script = format!(
                "<script>new EventSource('{CHANGES}?{version}').onmessage=function(){{location.reload()}}</script>\n"
            );
            let page = [bytes, script.as_bytes()].concat();
            answer(&stream, "200 OK", kind(path), &page, body)
        }
        Some((path, bytes)) => answer(&stream, "200 OK", kind(path), bytes, body),
        None => answer(&stream, "404 Not Found", "text/plain", b"There is no such page.\n", body),
    }
}

/// Whether a browser that names this host means this server.
fn expected(host: &str, address: SocketAddr) -> bool {
    if address.ip().is_unspecified() {
        return true;
    }
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    match name.parse::<IpAddr>() {
        Ok(ip) => ip == address.ip() || (ip.is_loopback() && address.ip().is_loopback()),
        Err(_) => name.eq_ignore_ascii_case("localhost") && address.ip().is_loopback(),
    }
}

/// The file of a path. Only names of the site are looked up: `..` is one that it does not have.
fn find<'f>(files: &'f Files, path: &str) -> Option<(&'f str, &'f [u8])> {
    let path = decoded(path.strip_prefix('/')?);
    let name = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path };
    files.get_key_value(&name).map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
}

/// `%20` as a space; what is no such escape stays.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = (byte == b'%').then(|| (ahead.next(), ahead.next()));
        let value = match digits {
            Some((Some(a), Some(b))) => {
                let text = [a, b];
                std::str::from_utf8(&text).ok().and_then(|t| u8::from_str_radix(t, 16).ok())
            }
            _ => None,
        };
        match value {
            Some(value) => {
                bytes.push(value);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

fn answer(mut stream: &TcpStream, status: &str, kind: &str, bytes: &[u8], body: bool) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        bytes.len()
    );
    stream.write_all(head.as_bytes())?;
    if body {
        stream.write_all(bytes)?;
    }
    stream.flush()
}

/// Tells a tab when there is something newer than what it shows.
fn changes(mut stream: &TcpStream, shared: &Shared, shown: u64) -> io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
    )?;
    loop {
        let version = shared.version.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = shared.changed.wait_timeout_while(version, BEAT_EVERY, |version| *version <= shown);
        let (version, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let newer = (*version > shown).then_some(*version);
        drop(version);
        match newer {
            Some(version) => {
                stream.write_all(format!("data: {version}\n\n").as_bytes())?;
                return stream.flush();
            }
            // An error tells that the tab is gone.
            None => stream.write_all(b": still here\n\n")?,
        }
        stream.flush()?;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files() -> Files {
        [("index.html", "<p>first"), ("a b/c.html", "deep"), ("style.css", "x{}")]
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    fn ask(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(SILENCE_MAX * 6)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    fn get(server: &Server, path: &str) -> String {
        ask(server, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    fn server() -> Server {
        Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), files()).unwrap()
    }

    #[test]
    fn only_pages_of_the_site_are_served() {
        let server = server();
        assert!(get(&server, "/").contains("<p>first"));
        assert!(get(&server, "/a%20b/c.html?x=1").contains("deep"));
        assert!(get(&server, "/style.css").ends_with("x{}"));
        for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/nothing", "nothing"] {
            assert!(get(&server, path).starts_with("HTTP/1.1 404"), "{path}");
        }
    }

    #[test]
    fn what_is_no_plain_request_is_refused() {
        let server = server();
        let asks = |head: &str| ask(&server, head);
        assert!(asks("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 405"));
        assert!(asks("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").starts_with("HTTP/1.1 421"));
        assert!(asks("\r\n\r\n").starts_with("HTTP/1.1 400"));
        assert!(asks("HEAD / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").ends_with("\r\n\r\n"));
    }

    #[test]
    fn a_tab_hears_of_a_change_also_when_it_came_before_it_asked() {
        let server = server();
        let stream = TcpStream::connect(server.address()).unwrap();
        (&stream).write_all(b"GET /-/changes?0 HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        // A change that is not told of is a failure, not a wait.
        stream.set_read_timeout(Some(SILENCE_MAX * 6)).unwrap();
        assert!(!server.replace(files()), "the same pages are no change");
        let mut others = files();
        others.insert("index.html".to_owned(), b"<p>second".to_vec());
        assert!(server.replace(others));
        let mut text = String::new();
        (&stream).read_to_string(&mut text).unwrap();
        assert!(text.contains("data: 1"), "{text}");
        assert!(get(&server, "/-/changes?0").contains("data: 1"));
    }
}
