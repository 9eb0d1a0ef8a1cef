//! Properties.

use super::super::codes;
use super::{Asked, Observer};
use crate::diagnostic::Diagnostic;
use crate::spec::{Claim, Input, Property, Query};
use crate::syntax::ast;
use omt_runtime::ir::Type;

impl Observer<'_, '_, '_> {
    pub(super) fn property(&mut self, decl: &ast::Property) -> Option<Property> {
        let claim = match &decl.claim {
            ast::Claim::Always(e) => Claim::Always(self.claim(e)?),
            ast::Claim::Never(e) => Claim::Never(self.claim(e)?),
            ast::Claim::Eventually(e) => Claim::Eventually(self.claim(e)?),
            ast::Claim::Sometimes(e) => Claim::Sometimes(self.claim(e)?),
            ast::Claim::Leads { from, to } => {
                let (from, to) = (self.claim(from), self.claim(to));
                Claim::Leads(from?, to?)
            }
        };
        let title = decl.text.as_ref().map(|text| text.text.clone());
        Some(Property { name: decl.name.text.clone(), title, claim, at: decl.name.span })
    }

    fn claim(&mut self, expr: &ast::Expr) -> Option<Query> {
        let query = self.value(expr, &Type::Bool, "a property", &Asked::at(expr.span))?;
        let reads = query.inputs.iter().any(|input| !matches!(input, Input::Constant(_)));
        if !reads {
            self.out.push(
                Diagnostic::new(codes::PROPERTY, expr.span, "this says nothing about any run")
                    .with_label("it looks at no instance and at no peer"),
            );
        }
        Some(query)
    }
}
