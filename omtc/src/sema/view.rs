//! Views: folds over the blocks of a chain.

use super::codes;
use super::context::{Elab, Instance, Place, Tables};
use super::facts::facts;
use super::flow::Flows;
use super::scope::TypeDecl;
use super::signature::doc;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir;
use std::collections::BTreeMap;

/// A view, elaborated.
pub(super) struct Elaborated {
    pub handlers: Option<Vec<ir::ViewHandler>>,
    pub diagnostics: Vec<Diagnostic>,
    pub calls: BTreeMap<Instance, Span>,
}

/// Elaborates the folds of a view.
pub(super) fn elaborate(tables: &Tables<'_>, flows: &Flows, view: &ast::View) -> Elaborated {
    let mut diagnostics = Vec::new();
    let mut calls = BTreeMap::new();
    let mut handlers = Vec::new();
    let mut complete = true;
    for (order, item) in view.items.iter().enumerate() {
        let ast::ViewItem::Fold(fold) = item else { continue };
        let Some(shape) = tables.signatures.shapes.get(view.name.text.as_str()) else { continue };
        if tables.scope.block(&fold.block.text).is_none() {
            let known = tables.scope.type_names(|d| matches!(d, TypeDecl::Block(_)));
            let mut diagnostic = Diagnostic::new(
                codes::UNKNOWN_DECLARATION,
                fold.block.span,
                format!("there is no block `{}`", fold.block.text),
            )
            .with_label("a view folds blocks");
            if let Some(other) = tables.scope.types.get(fold.block.text.as_str()) {
                diagnostic =
                    diagnostic.with_secondary(other.name().span, "declared here, but not as a block");
            }
            diagnostics.push(diagnostic.with_did_you_mean(&fold.block.text, known));
            complete = false;
            continue;
        }
        let place = Place::View { shape, block: &fold.block.text };
        let mut elab = Elab::new(tables, flows, place);
        let guard = fold.guard.as_ref().map(|g| elab.condition(g));
        if let Some(Some(guard)) = &guard {
            elab.known.learn(facts(guard, true));
        }
        let actions = elab.actions(&fold.actions);
        diagnostics.append(&mut elab.out);
        calls.extend(std::mem::take(&mut elab.calls));
        let meta = ir::Meta {
            at: tables.at(fold.span),
            order: u32::try_from(order).unwrap_or(u32::MAX),
            doc: doc(&fold.doc),
            title: None,
        };
        match (guard, actions) {
            (None, Some(actions)) => handlers.push(handler(fold, None, actions, elab.frame, meta)),
            (Some(Some(guard)), Some(actions)) => {
                handlers.push(handler(fold, Some(guard), actions, elab.frame, meta));
            }
            _ => complete = false,
        }
    }
    Elaborated { handlers: complete.then_some(handlers), diagnostics, calls }
}

fn handler(
    fold: &ast::Fold,
    guard: Option<ir::Expr>,
    actions: Vec<ir::Action>,
    frame: Vec<ir::Local>,
    meta: ir::Meta,
) -> ir::ViewHandler {
    ir::ViewHandler { block: fold.block.text.clone(), guard, actions, frame, meta }
}
