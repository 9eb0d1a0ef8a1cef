//! The page of an actor: its diagram, what it remembers, and every state with its ways out.

use super::declare::{Section, fields};
use super::{above, act, by_source, count, to_source};
use crate::backend::markdown::{local_name, text};
use crate::site::html::{about, badge, escape, link, relative, table};
use crate::site::names::Scope;
use crate::site::page::Page;
use crate::site::{Heading, Maker, Subject, picture};
use omt_runtime::ir::analysis::{Analysis, Disposition};
use omt_runtime::ir::{
    Actor, Branch, Cause, Handler, Limit, LimitKind, OverrideKind, Protocol, State, Transition,
};
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};

/// States in the order of the source.
pub fn in_source_order(actor: &Actor) -> Vec<(&str, &State)> {
    let mut states: Vec<_> = actor.states.iter().map(|(name, state)| (name.as_str(), state)).collect();
    states.sort_by_key(|(name, state)| (state.meta.order, *name));
    states
}

pub fn page(maker: &mut Maker<'_>, subject: &Subject<'_>, package: &Package, name: &str, actor: &Actor) {
    let path = subject.paths.actor(name);
    let scope = Scope { page: &path, names: Some(&subject.names), actor: Some(name) };
    let protocol = &package.protocol;
    let about = about(actor.meta.title.as_deref(), &actor.meta.doc);
    let mut section = Section::default();
    section.html.push_str(&format!("<h1>{}</h1>\n", escape(name)));
    if !about.is_empty() {
        section.html.push_str(&format!("<p class=\"lead\">{about}</p>\n"));
    }
    section.html.push_str(&format!(
        "<p class=\"facts\">Actor of {} · {} · {}</p>\n",
        link(&relative(&path, &subject.paths.overview()), &escape(&subject.title)),
        count(actor.states.len(), "state"),
        to_source(subject, &path, actor.meta.at, name),
    ));
    diagram(&mut section, protocol, name);
    memory(&mut section, actor, scope);
    triggers(&mut section, maker, protocol, actor, scope);
    states(&mut section, subject, actor, scope);
    matrix(&mut section, package, name, actor, scope);
    index(maker, subject, &path, name, &about, actor);
    let headings =
        section.headings.into_iter().map(|(level, id, text)| Heading { level, id, text }).collect();
    maker.put(&Page {
        title: format!("{name} ({})", subject.title),
        body: section.html,
        headings,
        above: above(subject),
        path,
        ..Page::default()
    });
}

fn index(maker: &mut Maker<'_>, subject: &Subject<'_>, path: &str, name: &str, about: &str, actor: &Actor) {
    let of = format!("{name} of {}", subject.title);
    maker.index.add(path.to_owned(), name, &format!("actor of {}", subject.title), about);
    let doc =
        |meta: &omt_runtime::ir::Meta| format!("{} {}", meta.title.as_deref().unwrap_or_default(), meta.doc);
    for (state, declared) in in_source_order(actor) {
        maker.index.add(
            format!("{path}#state-{state}"),
            state,
            &format!("state of {of}"),
            &doc(&declared.meta),
        );
    }
    for (trigger, declared) in &actor.triggers {
        let target = format!("{path}#trigger-{trigger}");
        maker.index.add(target, trigger, &format!("trigger of {of}"), &doc(&declared.meta));
    }
}

/// The diagram, as a picture that scrolls for itself.
pub fn diagram(section: &mut Section, protocol: &Protocol, name: &str) {
    let Some(svg) = picture::machine(protocol, name, "") else { return };
    section.heading("diagram", "Diagram");
    let note = "A state or an arrow leads to what is said of it below.";
    let Some(outline) = picture::outline(protocol, name, "") else {
        section.html.push_str(&picture::figure(&svg, &format!("State diagram of {name}"), note));
        return;
    };
    section.html.push_str(&picture::figure(&outline, &format!("States of {name} at a glance"), ""));
    section.html.push_str(&picture::details(&svg, &format!("State diagram of {name}"), note));
}

fn memory(section: &mut Section, actor: &Actor, scope: Scope<'_>) {
    let roster: Vec<Vec<String>> = actor
        .peers
        .iter()
        .map(|(role, field)| {
            let role = Scope { actor: None, ..scope }.name(role);
            vec![role, scope.name(field)]
        })
        .collect();
    for (id, title, html) in [
        ("roster", "Who is who", table(&["Role", "Named by"], &roster)),
        ("store", "Store", fields(&actor.store, scope, true)),
        ("shared", "Shared by all instances on a peer", fields(&actor.shared, scope, true)),
    ] {
        if !html.is_empty() {
            section.heading(id, title);
            section.html.push_str(&html);
        }
    }
}

fn triggers(section: &mut Section, maker: &Maker<'_>, protocol: &Protocol, actor: &Actor, scope: Scope<'_>) {
    let mut list: Vec<_> = actor.triggers.iter().collect();
    list.sort_by_key(|(name, trigger)| (trigger.meta.order, name.as_str()));
    let rows: Vec<Vec<String>> = list
        .into_iter()
        .map(|(name, trigger)| {
            let arguments: Vec<String> =
                trigger.arguments.iter().map(|a| format!("{} {}", a.name, a.ty)).collect();
            let cause = trigger.after.as_ref();
            let after = cause.map(|cause| super::relation::after(maker, protocol, scope.page, cause));
            vec![
                format!(
                    "<span id=\"trigger-{}\">{}</span>",
                    escape(name),
                    scope.code(&format!("{name}({})", arguments.join(", ")))
                ),
                scope.list(&trigger.states),
                after.unwrap_or_default(),
                about(trigger.meta.title.as_deref(), &trigger.meta.doc),
            ]
        })
        .collect();
    if !rows.is_empty() {
        section.heading("triggers", "Triggers");
        section.html.push_str(&table(&["Trigger", "In", "Fired when", "Meaning"], &rows));
    }
}

fn limit(limit: &Limit) -> String {
    let value = text(&limit.value, &[]);
    match limit.kind {
        LimitKind::Timeout => format!("timeout({value})"),
        LimitKind::Period => format!("every({value})"),
    }
}

fn kinds(actor: &Actor, name: &str, state: &State) -> String {
    let mut html = String::new();
    for (holds, class, word) in [
        (actor.initial == name, "kind", "initial"),
        (state.terminal, "kind", "terminal"),
        (state.rest, "kind", "rest"),
        (state.passed_through(), "kind", "passed through"),
    ] {
        if holds {
            html.push_str(&badge(class, word));
            html.push(' ');
        }
    }
    html
}

/// For each state, from where a transition leads to it.
fn sources(actor: &Actor) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut from: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, state) in &actor.states {
        for handler in &state.handlers {
            for branch in crate::check::walk::branches(handler).filter(|branch| branch.to != *name) {
                from.entry(branch.to.as_str()).or_default().insert(name);
            }
        }
    }
    from
}

fn states(section: &mut Section, subject: &Subject<'_>, actor: &Actor, scope: Scope<'_>) {
    section.heading("states", "States");
    let from = sources(actor);
    for (name, state) in in_source_order(actor) {
        let source = to_source(subject, scope.page, state.meta.at, name);
        section.item(format!("state-{name}"), name, &format!("{}{source}", kinds(actor, name, state)));
        section.introduction(&state.meta);
        let mut facts = Vec::new();
        if let Some(from) = from.get(name) {
            facts.push(format!("Entered from {}.", scope.list(from)));
        }
        if !state.limits.is_empty() {
            let limits: Vec<String> = state.limits.iter().map(|l| scope.code(&limit(l))).collect();
            facts.push(format!("Limits: {}.", limits.join(", ")));
        }
        if !facts.is_empty() {
            section.html.push_str(&format!("<p class=\"facts\">{}</p>\n", facts.join(" ")));
        }
        let ways: String = state
            .handlers
            .iter()
            .enumerate()
            .map(|(i, handler)| way(subject, name, state, i, handler, scope))
            .chain(state.overrides.iter().map(|o| {
                let verb = match o.kind {
                    OverrideKind::Ignore => "ignored",
                    OverrideKind::Defer => "kept for a later state",
                };
                let guard = o.guard.as_ref().map(|g| text(g, &o.frame));
                card(
                    "",
                    &format!("<b>on</b> {}", scope.name(&o.message)),
                    guard.as_deref(),
                    &[],
                    verb,
                    "",
                    scope,
                )
            }))
            .collect();
        if !ways.is_empty() {
            section.html.push_str(&format!("<ol class=\"ways\">\n{ways}</ol>\n"));
        } else if state.terminal {
            section.html.push_str("<p>The instance ends here.</p>\n");
        }
    }
}

fn cause(cause: &Cause, state: &State, scope: Scope<'_>) -> String {
    let timer = |index: &u32, verb: &str| {
        let value = state.limits.get(*index as usize).map(|l| text(&l.value, &[])).unwrap_or_default();
        format!("<b>on</b> {}", scope.code(&format!("{verb}({value})")))
    };
    match cause {
        Cause::Auto => "<b>at once</b>".to_owned(),
        Cause::Message(name) => format!("<b>on</b> {}", Scope { actor: None, ..scope }.name(name)),
        Cause::Trigger(name) => format!("<b>on trigger</b> {}", scope.name(name)),
        Cause::Task(name) => format!("<b>on the end of</b> {}", scope.name(name)),
        Cause::Timeout(index) => timer(index, "timeout"),
        Cause::Period(index) => timer(index, "every"),
    }
}

/// One way out of a state, or a reaction that stays in it.
fn card(
    id: &str,
    cause: &str,
    guard: Option<&str>,
    lets: &[String],
    to: &str,
    body: &str,
    scope: Scope<'_>,
) -> String {
    let id = if id.is_empty() { String::new() } else { format!(" id=\"{}\"", escape(id)) };
    let lets: String = lets.iter().map(|l| format!("<div class=\"when\">{}</div>", scope.code(l))).collect();
    let guard = guard
        .map(|guard| format!("<div class=\"when\"><b>when</b> {}</div>", scope.code(guard)))
        .unwrap_or_default();
    format!(
        "<li{id}><div class=\"way\">{cause} <span class=\"to\">{to}</span></div>{lets}{guard}{body}</li>\n"
    )
}

fn way(
    subject: &Subject<'_>,
    name: &str,
    state: &State,
    index: usize,
    handler: &Handler,
    scope: Scope<'_>,
) -> String {
    let id = picture::way(name, index);
    match handler {
        Handler::Transition(t) => transition(subject, name, state, &id, t, scope),
        Handler::Collect(c) => {
            let guard = c.guard.as_ref().map(|g| text(g, &c.frame));
            let body = format!(
                "<ul class=\"acts\"><li>gathers it in {}, once from each sender</li></ul>{}",
                scope.name(&c.into),
                act::list(&c.actions, &c.frame, scope)
            );
            let cause = format!("<b>on</b> {}", Scope { actor: None, ..scope }.name(&c.message));
            card(&id, &cause, guard.as_deref(), &[], "stays", &body, scope)
        }
    }
}

fn transition(
    subject: &Subject<'_>,
    name: &str,
    state: &State,
    id: &str,
    t: &Transition,
    scope: Scope<'_>,
) -> String {
    let lets: Vec<String> = t
        .lets
        .iter()
        .map(|(slot, e)| format!("let {} = {}", local_name(&t.frame, *slot), text(e, &t.frame)))
        .collect();
    let to = |branch: &Branch| {
        if branch.to == name { "stays".to_owned() } else { format!("→ {}", scope.name(&branch.to)) }
    };
    let guard = t.guard.as_ref().map(|g| text(g, &t.frame));
    let mut body = act::list(&t.then.actions, &t.frame, scope);
    if let Some(otherwise) = &t.otherwise {
        body.push_str(&format!(
            "<div class=\"way\"><b>else</b> <span class=\"to\">{}</span></div>{}",
            to(otherwise),
            act::list(&otherwise.actions, &t.frame, scope)
        ));
    }
    body.push_str(&to_source(subject, scope.page, t.meta.at, &format!("this way out of {name}")));
    card(id, &cause(&t.cause, state, scope), guard.as_deref(), &lets, &to(&t.then), &body, scope)
}

/// Rows: messages; columns: states that wait.
fn matrix(section: &mut Section, package: &Package, name: &str, actor: &Actor, scope: Scope<'_>) {
    let analysis = Analysis::of(&package.protocol);
    let states: Vec<(&str, &State)> = in_source_order(actor)
        .into_iter()
        .filter(|(_, state)| !state.terminal && !state.passed_through())
        .collect();
    let Some(known) = analysis.actors.get(name) else { return };
    let messages: BTreeSet<&str> =
        known.messages.values().flat_map(|row| row.keys()).map(String::as_str).collect();
    if messages.is_empty() || states.is_empty() {
        return;
    }
    section.heading("matrix", "Messages in each state");
    section.html.push_str(
        "<p>What becomes of a message that arrives in a state: <span class=\"cell handled\">handled</span>, \
         <span class=\"cell deferred\">kept</span> for a later state, <span class=\"cell discarded\">discarded</span>.</p>\n",
    );
    section.html.push_str("<div class=\"scroll\" tabindex=\"0\"><table class=\"matrix\"><thead><tr><th scope=\"col\">Message</th>");
    for (state, _) in &states {
        section.html.push_str(&format!("<th scope=\"col\">{}</th>", scope.name(state)));
    }
    section.html.push_str("</tr></thead><tbody>\n");
    for message in messages {
        let shown = Scope { actor: None, ..scope }.name(message);
        section.html.push_str(&format!("<tr><th scope=\"row\">{shown}</th>"));
        for (state_name, state) in &states {
            let overridden = state.overrides.iter().any(|o| o.message == message);
            let (class, word) = match analysis.disposition(name, state_name, message) {
                Disposition::Handled => ("handled", "handled"),
                Disposition::Deferred => ("deferred", "kept"),
                Disposition::Discarded => ("discarded", "discarded"),
            };
            let note = if overridden { " *" } else { "" };
            section.html.push_str(&format!(
                "<td class=\"cell {class}\"><a href=\"#state-{}\">{word}{note}</a></td>",
                escape(state_name)
            ));
        }
        section.html.push_str("</tr>\n");
    }
    section.html.push_str("</tbody></table></div>\n");
    if actor.states.values().any(|state| !state.overrides.is_empty()) {
        section.html.push_str("<p class=\"facts\">* the state says more about this message itself.</p>\n");
    }
}

/// Actors on the overview: a card with the diagram of each.
pub fn summary(package: &Package, subject: &Subject<'_>, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    let protocol = &package.protocol;
    if protocol.actors.is_empty() {
        return section;
    }
    section.heading("actors", "Actors");
    for (name, actor) in by_source(&protocol.actors, |actor| &actor.meta) {
        let page = relative(scope.page, &subject.paths.actor(name));
        section.headings.push((3, format!("actor-{name}"), name.to_owned()));
        section.html.push_str(&format!(
            "<h3 id=\"actor-{0}\">{1}</h3>\n<p>{2}</p>\n",
            escape(name),
            link(&page, &escape(name)),
            about(actor.meta.title.as_deref(), &actor.meta.doc)
        ));
        let ends: Vec<&str> =
            in_source_order(actor).into_iter().filter(|(_, s)| s.terminal).map(|(name, _)| name).collect();
        let within = scope.within(name);
        section.html.push_str(&format!(
            "<p class=\"facts\">{}, from {} to {}. {}</p>\n",
            count(actor.states.len(), "state"),
            within.name(&actor.initial),
            if ends.is_empty() { "no end".to_owned() } else { within.list(ends) },
            link(&page, &format!("States and transitions of {}", escape(name)))
        ));
        let outline = picture::outline(protocol, name, &page);
        if let Some(svg) = outline.or_else(|| picture::machine(protocol, name, &page)) {
            let caption = format!("State diagram of {name}");
            section.html.push_str(&picture::figure(&svg, &caption, ""));
        }
    }
    section
}
