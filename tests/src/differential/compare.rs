//! What has to be equal.

use super::scratch::Asked;
use omt_runtime::machine::{Fault, Reaction};

/// A step of one executor: what it came to, and what it asked.
pub type Came = (Result<Reaction, Fault>, Vec<Asked>);

/// How two steps differ; `None` when they do not.
pub fn difference(a: &Came, b: &Came) -> Option<String> {
    let (left, right) = (describe(&a.0), describe(&b.0));
    if left != right {
        return Some(first_difference(&left, &right));
    }
    if a.1 != b.1 {
        return Some(format!("asked\n  {:?}\nand\n  {:?}", a.1, b.1));
    }
    None
}

/// One word for coverage.
pub fn word(came: &Result<Reaction, Fault>) -> &'static str {
    match came {
        Ok(Reaction::Fired(_)) => "fired",
        Ok(Reaction::Refused(_)) => "refused",
        Ok(Reaction::Deferred) => "deferred",
        Ok(Reaction::Discarded) => "discarded",
        Err(_) => "fault",
    }
}

/// Everything that can be seen of a step, as lines.
fn describe(came: &Result<Reaction, Fault>) -> Vec<String> {
    match came {
        Ok(Reaction::Fired(fired)) => {
            let machine = &fired.machine;
            let mut lines = vec![
                format!("state {} of {}", machine.state(), machine.actor()),
                format!("session {}", machine.session()),
                format!("taken {:?}", fired.taken),
                format!("timers {:?}", fired.timers),
                format!("completed {}", fired.completed),
            ];
            lines.extend(fired.effects.iter().map(|effect| format!("effect {effect:?}")));
            lines.push(format!("saved {:?}", machine.save()));
            lines
        }
        Ok(Reaction::Refused(refusal)) => vec![format!("refused {refusal:?}")],
        Ok(Reaction::Deferred) => vec!["deferred".to_owned()],
        Ok(Reaction::Discarded) => vec!["discarded".to_owned()],
        Err(fault) => vec![format!("fault {fault} | {fault:?}")],
    }
}

fn first_difference(a: &[String], b: &[String]) -> String {
    let none = "nothing".to_owned();
    for i in 0..a.len().max(b.len()) {
        let (left, right) = (a.get(i).unwrap_or(&none), b.get(i).unwrap_or(&none));
        if left != right {
            return format!("{left}\nand\n{right}");
        }
    }
    "no difference".to_owned()
}
