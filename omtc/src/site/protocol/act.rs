//! What actions do, as nested lists of sentences.

use crate::backend::markdown::{local_name, text};
use crate::site::names::Scope;
use omt_runtime::ir::{Action, Local, Place};

fn place(place: &Place, frame: &[Local]) -> String {
    match place {
        Place::Store(name) | Place::Shared(name) | Place::View(name) => name.clone(),
        Place::Local(slot) => local_name(frame, *slot),
    }
}

/// A list; empty when nothing is done.
pub fn list(actions: &[Action], frame: &[Local], scope: Scope<'_>) -> String {
    if actions.is_empty() {
        return String::new();
    }
    let items: String =
        actions.iter().map(|action| format!("<li>{}</li>", one(action, frame, scope))).collect();
    format!("<ul class=\"acts\">{items}</ul>")
}

fn inner(actions: &[Action], frame: &[Local], scope: Scope<'_>) -> String {
    if actions.is_empty() { "nothing".to_owned() } else { list(actions, frame, scope) }
}

fn one(action: &Action, frame: &[Local], scope: Scope<'_>) -> String {
    let code = |text: &str| scope.code(text);
    match action {
        Action::Assign { place: root, path, value, meta: _ } => {
            let mut target = place(root, frame);
            for selector in path {
                target.push_str(&format!("[{}]", text(&selector.key, frame)));
            }
            code(&format!("{target} = {}", text(value, frame)))
        }
        Action::Send { to, message, .. } => {
            format!("<span class=\"say\">says</span> {} to {}", scope.name(message), code(&text(to, frame)))
        }
        Action::Broadcast { to, message, .. } => format!(
            "<span class=\"say\">says</span> {} to each of {}",
            scope.name(message),
            code(&text(to, frame))
        ),
        Action::Gossip { message, .. } => {
            format!("<span class=\"say\">gossips</span> {}", scope.name(message))
        }
        Action::Append { into, block, .. } => {
            let kept = into.as_ref().map(|p| format!(" as {}", code(&place(p, frame)))).unwrap_or_default();
            format!("<span class=\"say\">appends</span> {}{kept}", scope.name(block))
        }
        Action::Let { slot, value, .. } => {
            code(&format!("let {} = {}", local_name(frame, *slot), text(value, frame)))
        }
        Action::If { condition, then, otherwise, .. } => {
            let mut html = format!(
                "<span class=\"say\">if</span> {} {}",
                code(&text(condition, frame)),
                inner(then, frame, scope)
            );
            if !otherwise.is_empty() {
                html.push_str(&format!("<span class=\"say\">else</span> {}", inner(otherwise, frame, scope)));
            }
            html
        }
        Action::For { slot, list, body, .. } => format!(
            "<span class=\"say\">for each</span> {} of {} {}",
            code(&local_name(frame, *slot)),
            code(&text(list, frame)),
            inner(body, frame, scope)
        ),
        Action::Abort { reason, .. } => {
            format!("<span class=\"say\">faults</span> with {}", code(&text(reason, frame)))
        }
        Action::Start { task, arguments, .. } => {
            let arguments: Vec<String> = arguments.iter().map(|e| text(e, frame)).collect();
            format!(
                "<span class=\"say\">starts</span> {}",
                code(&format!("{task}({})", arguments.join(", ")))
            )
        }
    }
}
