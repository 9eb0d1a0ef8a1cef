//! The command line of the compiler. Everything is in the library; see `omtc::cli`.

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

use omtc::cli::{self, disk::Disk};
use std::process::ExitCode;
use std::thread;

/// Deeply nested expressions are walked by recursion, and the stack of the main thread is small on some systems.
const STACK_BYTES: usize = 64 << 20;

fn main() -> ExitCode {
    let run = || cli::run(std::env::args_os(), &mut Disk::default());
    let status = match thread::Builder::new().stack_size(STACK_BYTES).spawn(run).map(thread::JoinHandle::join)
    {
        Ok(Ok(status)) => status,
        // The panic has been reported; it is a defect of the compiler, not of its input.
        Ok(Err(_)) => 101,
        Err(_) => run(),
    };
    ExitCode::from(status)
}
