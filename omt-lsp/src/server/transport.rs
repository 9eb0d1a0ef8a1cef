//! Frames: `Content-Length`, an empty line, JSON.
//!
//! A message is looked at when the one before it has been posted: a handler runs up to its first wait before the next
//! frame is read, so what is posted to the owner is in the order of arrival, although handlers then wait side by side.
//! (The loop that comes with tower-lsp polls handlers when it likes, and stops reading at the first frame that is not
//! JSON.)

use super::backend::{Backend, COMPLETION, OWN};
use super::owner::{Owner, Post};
use super::urgent::{Hold, Urgent};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower_lsp::LspService;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tower_service::Service;

/// The largest message that is read, in bytes. A file of 100 MB is 200 MB of JSON in the worst case that is no attack.
const MESSAGE_BYTES_MAX: u64 = 256 << 20;

/// The longest line of a header, in bytes.
const HEADER_BYTES_MAX: u64 = 8 << 10;

/// Requests that wait for an answer at one time. No editor has a hundred.
const REQUESTS_MAX: usize = 4_096;

/// What leaves, in that order.
#[derive(Clone)]
pub(super) struct Outbox(UnboundedSender<String>);

impl Outbox {
    /// Says something to the client.
    pub fn notify(&self, method: &str, params: &impl serde::Serialize) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&self, message: &impl serde::Serialize) {
        // A client that is gone hears nothing.
        if let Ok(text) = serde_json::to_string(message) {
            let _ = self.0.send(text);
        }
    }
}

/// What was read.
enum Frame {
    Message(Value),
    /// It is no message, and this is why.
    Wrong(Error),
    End,
}

pub(super) async fn serve<I, O>(input: I, output: O) -> io::Result<bool>
where
    I: AsyncRead + Unpin,
    O: AsyncWrite + Unpin + Send + 'static,
{
    let (sender, receiver) = unbounded_channel();
    let outbox = Outbox(sender);
    let writer = tokio::spawn(write(receiver, output));
    let urgent = Urgent::default();
    let owner = Owner::start(outbox.clone(), urgent.clone())?;
    let posts = owner.posts();
    let (mut service, socket) = Backend::service(posts.clone(), outbox.clone());
    let (mut requests, mut responses) = socket.split();
    let own = outbox.clone();
    let asking = tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            own.send(&request);
        }
    });
    let mut input = BufReader::with_capacity(64 << 10, input);
    let mut shut_down = false;
    let waiting = Arc::new(AtomicUsize::new(0));
    let ended = loop {
        match read(&mut input).await {
            Frame::End => break false,
            Frame::Wrong(error) => outbox.send(&Response::from_error(Id::Null, error)),
            Frame::Message(mut message) if message.get("method").is_some() => {
                // Clients that have nothing to say say null.
                if message.get("params").is_some_and(Value::is_null)
                    && let Some(members) = message.as_object_mut()
                {
                    members.remove("params");
                }
                let own = OWN.iter().find(|(name, _)| message.get("method").is_some_and(|m| m == name));
                if let Some((_, name)) = own
                    && let Some(method) = message.get_mut("method")
                {
                    *method = (*name).into();
                }
                let request = match serde_json::from_value::<Request>(message) {
                    Ok(request) => request,
                    Err(_) => {
                        outbox.send(&Response::from_error(Id::Null, Error::invalid_request()));
                        continue;
                    }
                };
                match request.method() {
                    "exit" => break shut_down,
                    "shutdown" => shut_down = true,
                    _ => {}
                }
                let hold = (request.method() == COMPLETION).then(|| urgent.hold());
                answer(&mut service, request, &outbox, &waiting, hold).await;
            }
            Frame::Message(message) => match serde_json::from_value::<Response>(message) {
                Ok(response) => {
                    // An answer that nobody waits for is nobody's loss.
                    let _ = responses.send(response).await;
                }
                Err(_) => outbox.send(&Response::from_error(Id::Null, Error::invalid_request())),
            },
        }
    };
    let _ = posts.send(Post::Stop);
    asking.abort();
    drop((service, outbox, owner));
    // What was answered before the end is heard, unless nobody listens; a request that hangs is not waited for.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), writer).await;
    Ok(ended)
}

/// Lets the handler of a request run up to its first wait, and the rest beside whatever comes next.
async fn answer(
    service: &mut LspService<Backend>,
    request: Request,
    outbox: &Outbox,
    waiting: &Arc<AtomicUsize>,
    hold: Option<Hold>,
) {
    if let Some(id) = request.id().filter(|_| waiting.load(Ordering::Relaxed) >= REQUESTS_MAX) {
        let error = Error {
            code: ErrorCode::ServerError(-32803),
            message: "too many requests are waiting for an answer".into(),
            data: None,
        };
        outbox.send(&Response::from_error(id.clone(), error));
        return;
    }
    let mut handling = service.call(request);
    match futures::poll!(&mut handling) {
        Poll::Ready(Ok(Some(response))) => outbox.send(&response),
        Poll::Ready(_) => {}
        Poll::Pending => {
            let (outbox, waiting) = (outbox.clone(), Arc::clone(waiting));
            waiting.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                if let Ok(Some(response)) = handling.await {
                    outbox.send(&response);
                }
                waiting.fetch_sub(1, Ordering::Relaxed);
                drop(hold);
            });
        }
    }
}

async fn write<O: AsyncWrite + Unpin>(mut messages: UnboundedReceiver<String>, mut output: O) {
    while let Some(message) = messages.recv().await {
        let head = format!("Content-Length: {}\r\n\r\n", message.len());
        let written = async {
            output.write_all(head.as_bytes()).await?;
            output.write_all(message.as_bytes()).await?;
            output.flush().await
        };
        if written.await.is_err() {
            return;
        }
    }
}

/// The next frame, whatever it holds.
async fn read<I: AsyncRead + Unpin>(input: &mut BufReader<I>) -> Frame {
    let mut length = None;
    let mut any = false;
    loop {
        let mut line = Vec::new();
        match (&mut *input).take(HEADER_BYTES_MAX).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return Frame::End,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            // Empty lines between frames are passed over.
            if any {
                break;
            }
            continue;
        }
        any = true;
        if let Some((name, value)) = text.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let Some(length) = length else { return Frame::Wrong(Error::parse_error()) };
    if length > MESSAGE_BYTES_MAX {
        let skipped = tokio::io::copy(&mut (&mut *input).take(length), &mut tokio::io::sink()).await;
        let mut error = Error::invalid_request();
        error.message = format!("a message has at most {} MiB", MESSAGE_BYTES_MAX >> 20).into();
        return if skipped.is_ok_and(|n| n == length) { Frame::Wrong(error) } else { Frame::End };
    }
    let mut body = Vec::new();
    match (&mut *input).take(length).read_to_end(&mut body).await {
        Ok(read) if read as u64 == length => {}
        _ => return Frame::End,
    }
    match serde_json::from_slice::<Value>(&body) {
        Ok(message) if message.is_object() => Frame::Message(message),
        Ok(_) => Frame::Wrong(Error::invalid_request()),
        Err(_) => Frame::Wrong(Error::parse_error()),
    }
}
