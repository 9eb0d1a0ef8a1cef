//! The thread that parses the parts of a text that somebody types in. An actor may be a thousand lines; whoever completes a
//! name meanwhile does not wait for them.

use super::STACK_BYTES;
use super::owner::{Post, Posts};
use crate::ide::chunks::Chunks;
use crate::ide::document::Changed;
use crate::ide::{Document, Range};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What is to be parsed.
pub(super) struct Text {
    pub path: PathBuf,
    /// Whose answer it is.
    pub serial: u64,
    pub document: Arc<Document>,
    /// The parts of an earlier text and what has changed since; nothing, when all of it is new.
    pub before: Option<(Chunks, Changed)>,
}

/// Hands out texts.
pub(super) struct Parts(Sender<Text>);

impl Parts {
    pub fn start(posts: Posts) -> io::Result<Parts> {
        let (sender, received) = channel();
        std::thread::Builder::new()
            .name("parts".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || work(&received, &posts))?;
        Ok(Parts(sender))
    }

    pub fn take(&self, text: Text) {
        // It ends only with this.
        let _ = self.0.send(text);
    }
}

fn work(received: &Receiver<Text>, posts: &Posts) {
    while let Ok(text) = received.recv() {
        let chunks = catch_unwind(AssertUnwindSafe(|| parsed(&text))).ok();
        if posts.send(Post::Parsed { path: text.path, serial: text.serial, chunks }).is_err() {
            return;
        }
    }
}

fn parsed(text: &Text) -> Chunks {
    let document = &text.document;
    match &text.before {
        Some((chunks, Changed { before, after })) => {
            let Range { start, end } = *after;
            chunks.edited(document.id, document.text.content(), *before, end - start)
        }
        None => Chunks::of(document.source()),
    }
}
