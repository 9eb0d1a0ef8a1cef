//! Who sends, receives and appends what: the lists after `from`, `to` and `by`.

use super::scope::Scope;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix};
use crate::source::{SourceMap, Span};
use crate::syntax::ast;

/// One such list, of a declaration that somebody uses in a role it does not name.
pub(super) struct Roles<'a> {
    /// `from`, `to`, `by`
    pub keyword: &'static str,
    /// What stands in it.
    pub names: &'a [ast::Ident],
    /// The name of the declaration.
    pub of: &'a ast::Ident,
}

impl<'a> Roles<'a> {
    pub fn senders(message: &'a ast::Message) -> Self {
        Roles { keyword: "from", names: &message.from, of: &message.name }
    }

    pub fn receivers(message: &'a ast::Message) -> Self {
        Roles { keyword: "to", names: &message.to, of: &message.name }
    }

    pub fn authors(block: &'a ast::Block) -> Self {
        Roles { keyword: "by", names: &block.by, of: &block.name }
    }

    /// Is the role in the list, or may it be meant by a name that nothing declares? That is reported by itself.
    pub fn allow(&self, scope: &Scope<'_>, role: &str) -> bool {
        let unknown = |name: &ast::Ident| {
            name.span.file == scope.root
                && name.text != "Network"
                && !scope.actors.contains_key(name.text.as_str())
        };
        self.names.iter().any(|name| name.text == role || unknown(name))
    }

    /// A finding about a role that is not in the list, with the list and a repair.
    pub fn finding(
        &self,
        sources: &SourceMap,
        code: Code,
        at: Span,
        message: String,
        role: &str,
    ) -> Diagnostic {
        let all = self.names.iter().map(|n| n.span).reduce(Span::to).unwrap_or(self.of.span);
        let listed: Vec<&str> = self.names.iter().map(|n| n.text.as_str()).collect();
        let label = match self.keyword {
            "from" => "its declared senders",
            "by" => "its declared authors",
            _ => "its declared receivers",
        };
        let whole = format!("[{}, {role}]", listed.join(", "));
        let text = sources.get(all.file).map_or("", |file| file.text());
        let before = text.get(..all.start as usize).unwrap_or("").trim_end();
        let fix = Fix::new(Applicability::Unsafe, format!("declare it `{} {whole}`", self.keyword));
        let fix = if before.ends_with('[') {
            fix.insert_after(all, format!(", {role}"))
        } else {
            fix.replace(all, whole.clone())
        };
        Diagnostic::new(code, at, message)
            .with_secondary(all, label)
            .with_help(format!("declare it `{} {whole}` if that is meant", self.keyword))
            .with_fix(fix)
    }
}
