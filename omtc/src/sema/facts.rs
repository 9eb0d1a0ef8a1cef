//! What is known on the way to a place: which fields are set, which paths are not null.

use omt_runtime::ir::{BinaryOp, Conversion, Expr, ExprKind, UnaryOp};
use std::collections::{BTreeMap, BTreeSet};

/// What is known where control stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Store fields that have been assigned. They never become unset again.
    pub set: BTreeSet<String>,
    /// Stable paths that are not null, each with the roots it depends on.
    pub paths: BTreeMap<String, BTreeSet<String>>,
    /// Slots that have been assigned.
    pub locals: BTreeSet<u32>,
    /// Control does not get here: everything holds.
    pub dead: bool,
}

impl Known {
    /// What is known where two ways meet.
    pub fn join(self, other: Known) -> Known {
        if self.dead {
            return other;
        }
        if other.dead {
            return self;
        }
        Known {
            set: self.set.intersection(&other.set).cloned().collect(),
            paths: self.paths.into_iter().filter(|(p, _)| other.paths.contains_key(p)).collect(),
            locals: self.locals.intersection(&other.locals).copied().collect(),
            dead: false,
        }
    }

    /// Learns facts.
    pub fn learn(&mut self, facts: Facts) {
        for (path, roots) in facts {
            if let Some(field) = path.strip_prefix("store.")
                && !field.contains(['.', '['])
            {
                self.set.insert(field.to_owned());
            }
            self.paths.insert(path, roots);
        }
    }

    /// Forgets what depends on a root that has been assigned.
    pub fn forget(&mut self, root: &str) {
        self.paths.retain(|_, roots| !roots.contains(root));
    }
}

/// Paths that are not null, with their roots.
pub(super) type Facts = BTreeMap<String, BTreeSet<String>>;

/// The stable path that an expression is, if it is one: it has the same value until one of its roots is assigned.
pub(super) fn path(expr: &Expr) -> Option<(String, BTreeSet<String>)> {
    let mut roots = BTreeSet::new();
    let text = path_into(expr, &mut roots)?;
    Some((text, roots))
}

fn path_into(expr: &Expr, roots: &mut BTreeSet<String>) -> Option<String> {
    let mut root = |text: String| {
        roots.insert(text.clone());
        Some(text)
    };
    match &expr.kind {
        ExprKind::Local(slot) => root(format!("%{slot}")),
        ExprKind::Store(name) => root(format!("store.{name}")),
        ExprKind::Shared(name) => root(format!("shared.{name}")),
        ExprKind::ViewField(name) => root(format!("view.{name}")),
        ExprKind::Argument(name) => Some(format!("argument.{name}")),
        ExprKind::Load(name) => Some(format!("load.{name}")),
        ExprKind::Parameter(name) => Some(format!("parameter.{name}")),
        ExprKind::TaskResult => Some("result".to_owned()),
        ExprKind::Payload => Some("message".to_owned()),
        ExprKind::SignedMessage => Some("signed".to_owned()),
        ExprKind::CurrentBlock => Some("block".to_owned()),
        ExprKind::Sender => Some("sender".to_owned()),
        ExprKind::Session => Some("session".to_owned()),
        ExprKind::SelfId => Some("self".to_owned()),
        ExprKind::Integer(value) => Some(value.to_string()),
        ExprKind::Text(text) => Some(format!("{text:?}")),
        ExprKind::Bool(value) => Some(value.to_string()),
        ExprKind::EnumValue(of, value) => Some(format!("{of}:{value}")),
        ExprKind::Field(base, name) => Some(format!("{}.{name}", path_into(base, roots)?)),
        ExprKind::Index(base, key) => {
            let base = path_into(base, roots)?;
            let key = path_into(key, roots)?;
            Some(format!("{base}[{key}]"))
        }
        ExprKind::Convert(
            Conversion::Some | Conversion::Unwrap | Conversion::Widen | Conversion::Narrow,
            inner,
        ) => path_into(inner, roots),
        _ => None,
    }
}

/// What holds when a condition is true (`when`), or false.
pub(super) fn facts(condition: &Expr, when: bool) -> Facts {
    match &condition.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => facts(inner, !when),
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let (left, right) = (facts(left, when), facts(right, when));
            if (*op == BinaryOp::And) == when {
                left.into_iter().chain(right).collect()
            } else {
                left.into_iter().filter(|(p, _)| right.contains_key(p)).collect()
            }
        }
        ExprKind::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), left, right) => {
            let equal = (*op == BinaryOp::Equal) == when;
            let mut found = Facts::new();
            for (side, other) in [(left, right), (right, left)] {
                let is_value = match &other.kind {
                    ExprKind::Null => !equal,
                    ExprKind::Convert(Conversion::Some, _) => equal,
                    _ => equal && !other.ty.is_optional(),
                };
                if is_value
                    && side.ty.is_optional()
                    && let Some((path, roots)) = path(side)
                {
                    found.insert(path, roots);
                }
            }
            found
        }
        // A choice that one side decides: `if x == null then false else …`.
        ExprKind::If(test, then, otherwise) => match (&then.kind, &otherwise.kind) {
            (ExprKind::Bool(value), _) if *value != when => {
                facts(test, false).into_iter().chain(facts(otherwise, when)).collect()
            }
            (_, ExprKind::Bool(value)) if *value != when => {
                facts(test, true).into_iter().chain(facts(then, when)).collect()
            }
            _ => {
                let right = facts(otherwise, when);
                facts(then, when).into_iter().filter(|(p, _)| right.contains_key(p)).collect()
            }
        },
        ExprKind::Bool(value) if *value != when => Facts::new(),
        _ => Facts::new(),
    }
}
