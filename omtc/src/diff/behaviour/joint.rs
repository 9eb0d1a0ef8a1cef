//! One protocol in which conditions of both versions can be judged together.
//!
//! It is the new version with whatever the old one computes otherwise beside it, under names that no source can have
//! (`LIMIT@old`). The old machine then means what it meant, in the terms of the joint protocol.

use crate::check::walk;
use crate::diff::alike;
use crate::diff::rename::{Renames, Thing, apply};
use omt_runtime::ir::{Expr, ExprKind, Function, Protocol, View};
use std::collections::{BTreeMap, BTreeSet};

/// What changed under a name that stayed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// A parameter.
    Parameter(String),
    /// A function.
    Function(String),
    /// A view.
    View(String),
}

/// Both versions in one.
pub struct Joint {
    /// What conditions are judged in.
    pub protocol: Protocol,
    /// The old version in its terms; states and handlers as in the aligned one.
    pub old: Protocol,
    /// What changed itself.
    pub roots: BTreeSet<Root>,
}

impl Joint {
    /// Of an aligned old version and the new one.
    pub fn of(old: &Protocol, new: &Protocol) -> Joint {
        let roots = changed(old, new);
        let tainted = tainted(old, new, &roots);
        let mut marked = old.clone();
        let mut renames = Renames::default();
        for root in &tainted {
            let (thing, name) = match root {
                Root::Parameter(name) => (Thing::Parameter, name),
                Root::Function(name) => (Thing::Function, name),
                Root::View(name) => (Thing::View, name),
            };
            renames.add(thing, name, &format!("{name}@old"));
        }
        apply(&mut marked, &renames);
        let mut protocol = new.clone();
        let missing = |name: &String, known: bool| name.ends_with("@old") || !known;
        for (name, value) in &marked.parameters {
            if missing(name, protocol.parameters.contains_key(name)) {
                protocol.parameters.insert(name.clone(), value.clone());
            }
        }
        for (name, value) in &marked.functions {
            if missing(name, protocol.functions.contains_key(name)) {
                protocol.functions.insert(name.clone(), value.clone());
            }
        }
        for (name, value) in &marked.views {
            if missing(name, protocol.views.contains_key(name)) {
                protocol.views.insert(name.clone(), value.clone());
            }
        }
        // A case distinction is complete only when it names the values of both.
        for (name, value) in &marked.enums {
            let all = protocol.enums.entry(name.clone()).or_insert_with(|| value.clone());
            all.values.extend(value.values.clone());
        }
        Joint { protocol, old: marked, roots }
    }

    /// What changed and is reached from an expression of the new version.
    pub fn reached(&self, expr: &Expr) -> BTreeSet<Root> {
        let mut found = BTreeSet::new();
        walk::evaluated(&self.protocol, expr, &mut |_, e| self.names(e, &mut found));
        found
    }

    fn names(&self, e: &Expr, found: &mut BTreeSet<Root>) {
        let Some(root) = names(e) else { return };
        if let Root::View(name) = &root
            && let Some(view) = self.protocol.views.get(name)
        {
            // A view computes with functions and parameters, too.
            view_expressions(view, &mut |inner| {
                walk::evaluated(&self.protocol, inner, &mut |_, e| {
                    if !matches!(e.kind, ExprKind::View(..)) {
                        self.names(e, found);
                    }
                });
            });
        }
        if self.roots.contains(&root) {
            found.insert(root);
        }
    }
}

/// Calls `see` for every outermost expression of a view.
pub fn view_expressions<'a>(view: &'a View, see: &mut dyn FnMut(&'a Expr)) {
    for handler in &view.handlers {
        handler.guard.iter().for_each(&mut *see);
        walk::within(&handler.actions, see);
    }
}

/// What has the same name in both versions, and something else behind it.
fn changed(old: &Protocol, new: &Protocol) -> BTreeSet<Root> {
    let mut found = BTreeSet::new();
    for (name, a) in &old.parameters {
        if new.parameters.get(name).is_some_and(|b| a.value != b.value) {
            found.insert(Root::Parameter(name.clone()));
        }
    }
    for (name, a) in &old.functions {
        if new.functions.get(name).is_some_and(|b| !same_function(a, b)) {
            found.insert(Root::Function(name.clone()));
        }
    }
    for (name, a) in &old.views {
        if new.views.get(name).is_some_and(|b| !same_view(a, b)) {
            found.insert(Root::View(name.clone()));
        }
    }
    found
}

fn same_function(a: &Function, b: &Function) -> bool {
    let types = |f: &Function| f.frame.iter().map(|l| l.ty.clone()).collect::<Vec<_>>();
    a.parameters == b.parameters
        && a.returns == b.returns
        && types(a) == types(b)
        && alike::statements(&a.body, &b.body)
}

fn same_view(a: &View, b: &View) -> bool {
    let fields = |v: &View| -> BTreeMap<String, String> {
        v.fields.iter().map(|(name, f)| (name.clone(), f.ty.to_string())).collect()
    };
    fields(a) == fields(b)
        && a.handlers.len() == b.handlers.len()
        && a.handlers.iter().zip(&b.handlers).all(|(x, y)| {
            x.block == y.block
                && alike::optional((x.guard.as_ref(), &x.frame), (y.guard.as_ref(), &y.frame))
                && alike::actions(&x.actions, &y.actions)
        })
}

/// What changed, and everything that computes with it in either version.
fn tainted(old: &Protocol, new: &Protocol, roots: &BTreeSet<Root>) -> BTreeSet<Root> {
    let mut all = roots.clone();
    loop {
        let before = all.len();
        for protocol in [old, new] {
            for (name, function) in &protocol.functions {
                let mut hit = false;
                walk::body(&function.body, &mut |e| hit |= names(e).is_some_and(|root| all.contains(&root)));
                if hit {
                    all.insert(Root::Function(name.clone()));
                }
            }
            for (name, view) in &protocol.views {
                let mut hit = false;
                view_expressions(view, &mut |outer| {
                    walk::expression(outer, &mut |e| {
                        hit |= names(e).is_some_and(|root| all.contains(&root));
                    });
                });
                if hit {
                    all.insert(Root::View(name.clone()));
                }
            }
        }
        if all.len() == before {
            return all;
        }
    }
}

fn names(e: &Expr) -> Option<Root> {
    #[allow(clippy::wildcard_enum_match_arm, reason = "nothing else refers to a declaration that computes")]
    match &e.kind {
        ExprKind::Parameter(name) => Some(Root::Parameter(name.clone())),
        ExprKind::Call(name, _) => Some(Root::Function(name.clone())),
        ExprKind::View(name, _) => Some(Root::View(name.clone())),
        _ => None,
    }
}
