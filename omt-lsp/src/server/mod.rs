//! The protocol: what an editor says and hears. All knowledge is in [`crate::ide`].

mod analyst;
mod backend;
mod capabilities;
mod config;
mod convert;
mod owner;
mod parts;
mod publish;
mod requests;
mod running;
mod snapshot;
mod special;
mod transport;
mod urgent;
mod worker;

use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// Stack of every thread that walks trees: a chain of operators is as deep as it is long. Only what is used is memory.
const STACK_BYTES: usize = 256 << 20;

/// Serves one client over standard input and output. Whether it ended as the protocol wants it: `shutdown`, then `exit`.
///
/// # Errors
/// There are no threads or no event loop to be had.
pub fn stdio() -> io::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout()));
    // A thread still waits for input that nobody wants any more.
    runtime.shutdown_background();
    ended
}

/// Serves one client. Whether it ended as the protocol wants it.
///
/// # Errors
/// There are no threads to be had.
pub async fn serve<I, O>(input: I, output: O) -> io::Result<bool>
where
    I: AsyncRead + Unpin,
    O: AsyncWrite + Unpin + Send + 'static,
{
    transport::serve(input, output).await
}
