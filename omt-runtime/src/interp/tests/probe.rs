//! Who listens hears every guard, in steps that fire and in those that do not, and changes nothing.

use super::*;
use crate::interp::{Guard, Judged, Probe};
use crate::ir::{Cause, OverrideKind, Type};
use crate::testing::build::*;
use std::sync::Mutex;

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<(String, Guard, bool)>>);

impl Probe for Heard {
    fn judged(&self, Judged { actor, state, guard, held }: Judged) {
        assert_eq!(actor, "A");
        self.0.lock().unwrap().push((state, guard, held));
    }
}

#[test]
fn every_guard_that_is_evaluated_is_heard_of() {
    let is = |number| equal(widen(said("HI", "n", Type::Uint)), exact(number));
    let mut idle =
        state(vec![on(message("HI"), "ON").when(is(1)).into(), on(message("HI"), "DONE").when(is(2)).into()]);
    idle.overrides = vec![override_(OverrideKind::Ignore, "HI", Some(is(3)))];
    let a = actor(&[])
        .in_state("IDLE", idle)
        .in_state("ON", state(vec![on(Cause::Auto, "DONE").into(), on(Cause::Auto, "IDLE").into()]))
        .in_state("DONE", terminal());
    let protocol = protocol().says("HI", &["B"], &["A"], &[("n", Type::Uint)]).acts("A", a);
    let heard = Arc::new(Heard::default());
    let mut run = Run::of(protocol);
    run.program = run.program.probed(Arc::<Heard>::clone(&heard));
    run.machine = run.program.start("A", SESSION).unwrap();
    let told = |heard: &Heard| std::mem::take(&mut *heard.0.lock().unwrap());
    let idle = |guard, held| ("IDLE".to_owned(), guard, held);
    assert_eq!(run.hears(2, "HI", &[("n", 9u64.into())]), Came::Refused(Refusal::Guard));
    assert_eq!(
        told(&heard),
        [idle(Guard::Handler(0), false), idle(Guard::Handler(1), false), idle(Guard::Override(0), false)]
    );
    // What no guard decides is not told, also not by the machine of a later step.
    assert_eq!(run.hears(2, "HI", &[("n", 1u64.into())]), to(&["ON", "DONE"]));
    assert_eq!(told(&heard), [idle(Guard::Handler(0), true)]);
}
