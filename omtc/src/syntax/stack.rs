//! Room for recursion.

/// Enough for [`super::NEST_DEPTH_MAX`] levels of the parser, the formatter, or `Debug` in a build without
/// optimisation, several times over. Only what is touched becomes memory.
const STACK_BYTES: usize = 32 << 20;

/// Runs something that recurses as deep as sources nest on a stack that is large enough, whatever the thread
/// it is called on has left: those of tests and of servers are small. Where no thread can be had it runs here.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let done = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let spawned = thread.spawn_scoped(scope, || work.take().map(|work| work()));
        spawned.ok().map(|handle| match handle.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    });
    match (done.flatten(), work) {
        (Some(result), _) => result,
        (None, Some(work)) => work(),
        // The thread took the work, so it either gave a result or panicked.
        (None, None) => std::panic::resume_unwind(Box::new("work was taken and gave no result")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_recursion_has_room_and_panics_come_through() {
        fn depth(n: u32) -> u32 {
            let room = [n; 64];
            if n == 0 { 0 } else { depth(n - 1).wrapping_add(std::hint::black_box(room).len() as u32 / 64) }
        }
        assert_eq!(on_large_stack(|| depth(20_000)), 20_000);
        assert!(
            std::panic::catch_unwind(|| on_large_stack(|| std::panic::resume_unwind(Box::new(1)))).is_err()
        );
    }
}
