//! Mistakes that let a stranger in.

use super::Kind;
use super::guard::{one_line, operands, without_guard, without_operand};
use crate::mutation::mutant::Mutant;
use crate::mutation::subject::Subject;
use crate::mutation::types::type_text;
use crate::mutation::walk::{GuardOf, below, body, of_statement};
use omtc::source::Span;
use omtc::syntax::ast::{Actor, Collect, Decl, Expr, ExprKind, Function, Item, StmtKind};
use std::collections::BTreeSet;

pub const KINDS: &[Kind] = &[
    Kind { name: "drop-verify", what: "a signature not verified", places: drop_verify },
    Kind { name: "drop-signed", what: "a message not signed", places: drop_signed },
    Kind { name: "drop-roster", what: "a roster removed, as a whole or one role", places: drop_roster },
    Kind { name: "wrong-roster", what: "two roles of a roster exchanged", places: wrong_roster },
    Kind {
        name: "drop-collect-guard",
        what: "votes collected without their condition",
        places: drop_collect_guard,
    },
    Kind { name: "vote-twice", what: "votes counted by hand, each as often as it comes", places: vote_twice },
    Kind { name: "revote", what: "a later vote of a peer replaces its first", places: revote },
    Kind { name: "weak-quorum", what: "one vote is enough", places: weak_quorum },
    Kind { name: "accept-signature", what: "any signature is good", places: accept_signature },
    Kind { name: "any-signer", what: "whoever signed is a member", places: any_signer },
    Kind { name: "one-signature", what: "one signature makes a certificate", places: one_signature },
];

/// Functions that verify a signature, themselves or through others.
fn verifiers(subject: &Subject) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = ["VERIFY_SIG", "VERIFY_MULTI"].map(str::to_owned).into();
    let functions: Vec<&Function> =
        subject.all_decls().filter_map(|d| if let Decl::Function(f) = d { Some(f) } else { None }).collect();
    loop {
        let before = known.len();
        for function in &functions {
            let calls =
                body(function).iter().any(|s| of_statement(s).into_iter().any(|e| verifies(e, &known)));
            if function.result.name.text == "bool" && calls {
                known.insert(function.name.text.clone());
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

fn verifies(e: &Expr, known: &BTreeSet<String>) -> bool {
    below(e).iter().any(|e| matches!(&e.kind, ExprKind::Call { callee, .. } if known.contains(&callee.text)))
}

fn drop_verify(subject: &Subject) -> Vec<Mutant> {
    let known = verifiers(subject);
    let mut found = Vec::new();
    // The innermost operand that verifies: what stands beside it stays.
    for operand in operands(subject).iter().filter(|o| verifies(o.gone, &known)) {
        let logic = |e: &&Expr| {
            matches!(
                &e.kind,
                ExprKind::Binary {
                    op: omtc::syntax::ast::BinaryOp::And | omtc::syntax::ast::BinaryOp::Or,
                    ..
                }
            )
        };
        if !below(operand.gone).iter().any(logic) {
            found.push(without_operand(subject, operand));
        }
    }
    for guard in subject.guards() {
        let whole = matches!(guard.expr.unparenthesized().kind, ExprKind::Call { .. });
        if whole && verifies(guard.expr, &known) {
            found.push(without_guard(subject, &guard));
        }
    }
    for function in subject.functions() {
        for statement in &function.body {
            if let StmtKind::If { condition, otherwise: None, .. } = &statement.kind
                && matches!(condition.kind, ExprKind::Unary { .. })
                && verifies(condition, &known)
            {
                let what = format!("drops the check `{}`", one_line(subject, condition));
                found.push(Mutant::new(statement.span, what).remove(subject, statement.span));
            }
        }
    }
    found
}

fn drop_signed(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for decl in subject.decls() {
        if let Decl::Message(m) = decl
            && let Some(span) = m.signed
        {
            found.push(Mutant::new(span, format!("`{}` is not signed", m.name.text)).remove(subject, span));
        }
    }
    found
}

fn drop_roster(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for actor in subject.actors() {
        for item in &actor.items {
            let Item::Peers(peers) = item else { continue };
            let what = format!("`{}` has no roster", actor.name.text);
            found.push(Mutant::new(peers.span, what).remove(subject, peers.span));
            for entry in peers.entries.iter().filter(|_| peers.entries.len() > 1) {
                let what = format!("the roster of `{}` lacks `{}`", actor.name.text, entry.role.text);
                found.push(Mutant::new(entry.span, what).remove(subject, entry.span));
            }
        }
    }
    found
}

fn wrong_roster(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for actor in subject.actors() {
        let fields: Vec<(&str, String)> = actor
            .items
            .iter()
            .filter_map(|i| if let Item::Store(s) = i { Some(&s.fields.list) } else { None })
            .flatten()
            .map(|f| (f.name.text.as_str(), type_text(&f.ty)))
            .collect();
        for item in &actor.items {
            let Item::Peers(peers) = item else { continue };
            for entry in &peers.entries {
                let of = |name: &str| fields.iter().find(|(n, _)| *n == name).map(|(_, t)| t.clone());
                for (other, ty) in &fields {
                    if *other != entry.field.text && Some(ty) == of(&entry.field.text).as_ref() {
                        let what = format!("`{}` is who `{other}` names", entry.role.text);
                        found.push(Mutant::new(entry.field.span, what).replace(entry.field.span, *other));
                    }
                }
            }
        }
    }
    found
}

fn drop_collect_guard(subject: &Subject) -> Vec<Mutant> {
    let guards = subject.guards();
    guards.iter().filter(|g| g.of == GuardOf::Collect).map(|g| without_guard(subject, g)).collect()
}

/// The declared type of the field that a collect fills.
fn collected<'a>(actor: &'a Actor, collect: &Collect) -> Option<&'a omtc::syntax::ast::Type> {
    let stores = actor.items.iter().filter_map(|i| if let Item::Store(s) = i { Some(s) } else { None });
    stores.flat_map(|s| &s.fields.list).find(|f| f.name.text == collect.into.text).map(|f| &f.ty)
}

/// The collect as transitions that do something else with each message.
fn by_hand(subject: &Subject, collect: &Collect, action: &str) -> String {
    let guard =
        collect.guard.as_ref().map_or(String::new(), |g| format!("\n        when {}", subject.slice(g.span)));
    let more = collect.actions.as_ref().map_or(String::new(), |a| {
        subject.slice(Span { start: a.span.start + 1, end: a.span.end - 1, ..a.span }).to_owned()
    });
    let one = |s: &omtc::syntax::ast::Ident| {
        format!(
            "{} -> {} on {}{guard} (\n        {action}\n{more}\n    )",
            s.text, s.text, collect.message.text
        )
    };
    collect.states.iter().map(one).collect::<Vec<_>>().join("\n    ")
}

/// The collect becomes a list to which every message is appended, as it comes.
fn vote_twice(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (actor, collect) in subject.collects() {
        let Some(ty) = collected(actor, collect).filter(|ty| ty.name.text == "map") else { continue };
        let Some(vote) = ty.args.last().filter(|v| v.name.text == collect.message.text) else { continue };
        let field = collect.into.text.as_str();
        let what = format!("`{}` is counted as often as it comes", collect.message.text);
        let action = format!("APPEND({field}, message.payload)");
        let mut mutant = Mutant::new(collect.span, what)
            .replace(collect.span, by_hand(subject, collect, &action))
            .replace(ty.span, format!("list<{}>", type_text(vote)));
        // What counts them counts a list now; any other use would need more than a slip.
        let (mut uses, mut counted) = (0, 0);
        for (at, e) in subject.expressions() {
            if at.actor.is_none_or(|a| a.name != actor.name) {
                continue;
            }
            match &e.kind {
                ExprKind::Name(n) if n.text == field => uses += 1,
                ExprKind::Call { callee, args }
                    if args.first().and_then(Expr::as_name).is_some_and(|n| n.text == field) =>
                {
                    match callee.text.as_str() {
                        "VALUES" => {
                            counted += 1;
                            mutant = mutant.replace(e.span, field);
                        }
                        "LENGTH" => counted += 1,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        if uses == counted {
            found.push(mutant);
        }
    }
    found
}

fn revote(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (actor, collect) in subject.collects() {
        let Some(ty) = collected(actor, collect).filter(|ty| ty.name.text == "map") else { continue };
        let Some(value) = ty.args.last() else { continue };
        let value = if value.name.text == "signed" { "message.signed" } else { "message.payload" };
        let what = format!("a second `{}` replaces the first", collect.message.text);
        let action = format!("{}[message.sender] = {value}", collect.into.text);
        found.push(Mutant::new(collect.span, what).replace(collect.span, by_hand(subject, collect, &action)));
    }
    found
}

/// `COUNT(…) >= QUORUM(…)` becomes `COUNT(…) >= 1`, in machines.
fn weak_quorum(subject: &Subject) -> Vec<Mutant> {
    use omtc::syntax::ast::BinaryOp::{Ge, Gt};
    let mut found = Vec::new();
    for (at, e) in subject.expressions() {
        let ExprKind::Binary { op: Ge | Gt, left, right, .. } = &e.kind else { continue };
        let counts = matches!(&left.kind, ExprKind::Call { callee, .. } if ["COUNT", "LENGTH"].contains(&callee.text.as_str()));
        if at.actor.is_some() && counts && !matches!(right.kind, ExprKind::Number(_)) {
            let what = format!("`1` instead of `{}`", one_line(subject, right));
            found.push(Mutant::new(e.span, what).replace(right.span, "1"));
        }
    }
    found
}

/// The calls of a built-in function, with their arguments.
fn calls<'a>(subject: &'a Subject, name: &'a str) -> impl Iterator<Item = (&'a Expr, &'a [Expr])> {
    subject.expressions().into_iter().filter_map(move |(_, e)| match &e.kind {
        ExprKind::Call { callee, args } if callee.text == name => Some((e, args.as_slice())),
        _ => None,
    })
}

fn accept_signature(subject: &Subject) -> Vec<Mutant> {
    let verify = ["VERIFY_SIG", "VERIFY_MULTI"].into_iter().flat_map(|name| calls(subject, name));
    let accept = |(e, _): (&Expr, &[Expr])| {
        Mutant::new(e.span, format!("`true` instead of `{}`", one_line(subject, e))).replace(e.span, "true")
    };
    verify.map(accept).collect()
}

fn any_signer(subject: &Subject) -> Vec<Mutant> {
    let any = |(e, args): (&Expr, &[Expr])| {
        let [_, signatures, members, _] = args else { return None };
        let what = format!("whoever signed is a member in `{}`", one_line(subject, e));
        Some(
            Mutant::new(members.span, what)
                .replace(members.span, format!("KEYS({})", subject.slice(signatures.span))),
        )
    };
    calls(subject, "VERIFY_MULTI").filter_map(any).collect()
}

fn one_signature(subject: &Subject) -> Vec<Mutant> {
    let one = |(e, args): (&Expr, &[Expr])| {
        let [_, _, _, wanted] = args else { return None };
        let what = format!("one signature is enough in `{}`", one_line(subject, e));
        Some(Mutant::new(wanted.span, what).replace(wanted.span, "1"))
    };
    calls(subject, "VERIFY_MULTI").filter_map(one).collect()
}
