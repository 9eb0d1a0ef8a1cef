//! Declarations.

use super::doc::{Doc, concat, group, indent, text};
use super::{Formatter, Row, stack, table};
use crate::source::Span;
use crate::syntax::ast::{
    Block, Decl, Enum, Field, Fields, Fold, Ident, Message, Native, Parameter, ParameterValue, Parameters,
    Struct, Text, Transaction, TransactionNumber, Type, View, ViewItem,
};

/// ` "text"` or nothing.
pub(super) fn optional_text(t: Option<&Text>) -> String {
    t.map_or(String::new(), |t| format!(" \"{}\"", t.text))
}

/// `a, b`
pub(super) fn names(list: &[Ident]) -> String {
    let names: Vec<&str> = list.iter().map(|n| n.text.as_str()).collect();
    names.join(", ")
}

/// `[IDLE, WAITING]`, a name on each line if they do not fit on one.
pub(super) fn name_list(list: &[Ident]) -> Doc {
    let mut parts = vec![Doc::Soft];
    for (i, name) in list.iter().enumerate() {
        if i > 0 {
            parts.extend([text(","), Doc::Line]);
        }
        parts.push(text(name.text.as_str()));
    }
    group(concat([text("["), indent(concat(parts)), Doc::Soft, text("]")]))
}

/// `map<peer_id, uint>?`
pub(super) fn type_text(ty: &Type) -> String {
    let mut out = ty.name.text.clone();
    if !ty.args.is_empty() {
        let args: Vec<String> = ty.args.iter().map(type_text).collect();
        out.push_str(&format!("<{}>", args.join(", ")));
    }
    if ty.optional {
        out.push('?');
    }
    out
}

impl Formatter<'_> {
    pub(super) fn declaration(&mut self, decl: &Decl) -> Doc {
        match decl {
            Decl::Transaction(d) => self.transaction(d),
            Decl::Imports(d) => text(format!("imports {}", d.path.text())),
            Decl::Uses(d) => text(format!("uses {} as {}", d.path.text(), d.alias.text)),
            Decl::Parameters(d) => self.parameters(d),
            Decl::Enum(d) => self.enumeration(d),
            Decl::Struct(d) => self.structure(d),
            Decl::Message(d) => self.message(d),
            Decl::Block(d) => self.block(d),
            Decl::View(d) => self.view(d),
            Decl::Actor(d) => self.actor(d),
            Decl::Function(d) => self.function(d),
            Decl::Native(d) => self.native("native function", d),
            Decl::Task(d) => self.native("native task", d),
            Decl::Property(d) => self.property(d),
            Decl::Scenario(d) => self.scenario(d),
        }
    }

    fn transaction(&mut self, d: &Transaction) -> Doc {
        let number = match &d.number {
            TransactionNumber::Number(n) => n.text.as_str(),
            TransactionNumber::Name(n) => n.text.as_str(),
        };
        let session = d.session.as_ref().map_or(String::new(), |s| format!(" session {}", s.text));
        let title = &d.title.text;
        let description = optional_text(d.description.as_ref());
        text(format!("transaction {number} \"{title}\"{description}{session}"))
    }

    fn parameters(&mut self, d: &Parameters) -> Doc {
        self.parameter_list(&d.entries, d.span.end)
    }

    /// `parameters ( … )`, of a file or of a scenario.
    pub(super) fn parameter_list(&mut self, entries: &[Parameter], end: u32) -> Doc {
        let cells = |_: &mut Self, p: &Parameter| {
            let mut value = match &p.value {
                ParameterValue::Number(n) => format!("= {}", n.text),
                ParameterValue::Name(n) => format!("= {}", n.text),
            };
            if let Some(unit) = &p.unit {
                value.push(' ');
                value.push_str(&unit.text);
            }
            vec![
                p.name.text.clone(),
                value,
                p.text.as_ref().map_or(String::new(), |t| format!("\"{}\"", t.text)),
            ]
        };
        let rows = self.rows(entries, |p| p.span, end, cells);
        concat([text("parameters "), enclosed(table(rows, 1))])
    }

    fn enumeration(&mut self, d: &Enum) -> Doc {
        let head = text(format!("enum {}{} ", d.name.text, optional_text(d.text.as_ref())));
        let words: Vec<&str> = d.values.iter().map(|v| v.name.text.as_str()).collect();
        let commented = self.has_comments(Span { start: d.name.span.end, ..d.span });
        let vertical = words.len() > 1 && d.values.iter().all(|v| self.breaks_before(v.name.span.start));
        if commented || vertical {
            let rows = self.rows(&d.values, |v| v.name.span, d.span.end, |_, v| vec![v.name.text.clone()]);
            return concat([head, enclosed(table(rows, 1))]);
        }
        let broken = enclosed(filled(&words));
        if d.values.first().is_some_and(|v| self.breaks_before(v.name.span.start)) {
            return concat([head, broken]);
        }
        let flat = if words.is_empty() { "( )".to_owned() } else { format!("( {} )", words.join(" ")) };
        concat([head, Doc::Alternative(Box::new(text(flat)), Box::new(broken))])
    }

    fn structure(&mut self, d: &Struct) -> Doc {
        let head = text(format!("struct {}{} ", d.name.text, optional_text(d.text.as_ref())));
        concat([head, self.fields(&d.fields)])
    }

    fn message(&mut self, d: &Message) -> Doc {
        let from = match d.from.as_slice() {
            [one] => one.text.clone(),
            several => format!("[{}]", names(several)),
        };
        let signed = if d.signed.is_some() { " signed" } else { "" };
        let head = text(format!("message {} from {from} to [{}]{signed} ", d.name.text, names(&d.to)));
        concat([head, self.fields(&d.fields)])
    }

    fn block(&mut self, d: &Block) -> Doc {
        let head = text(format!("block {} by [{}] ", d.name.text, names(&d.by)));
        concat([head, self.fields(&d.fields)])
    }

    fn view(&mut self, d: &View) -> Doc {
        let head = text(format!("view {}{} ", d.name.text, optional_text(d.text.as_ref())));
        // Fields are aligned among themselves, folds stand between them as they are.
        let span = |i: &ViewItem| match i {
            ViewItem::Field(f) => f.span,
            ViewItem::Fold(f) => f.span,
        };
        let rows = self.rows(&d.items, span, d.span.end, |this, item| match item {
            ViewItem::Field(f) => Ok(field_cells(f)),
            ViewItem::Fold(f) => Err(this.fold(f)),
        });
        concat([head, enclosed(mixed_table(rows))])
    }

    fn fold(&mut self, f: &Fold) -> Doc {
        let mut parts = vec![text(format!("on {}", f.block.text))];
        if let Some(guard) = &f.guard {
            parts.push(indent(concat([Doc::Line, text("when "), self.expression(guard)])));
        }
        concat([group(concat(parts)), text(" "), self.actions(&f.actions)])
    }

    fn native(&mut self, word: &str, d: &Native) -> Doc {
        let head = text(format!("{word} {}", d.name.text));
        let params = self.params(&d.params);
        concat([head, params, text(format!(" -> {} \"{}\"", type_text(&d.result), d.library.text))])
    }

    /// `( a uint  b hash )` while it fits and stood on one line, else one below the other.
    pub(super) fn fields(&mut self, fields: &Fields) -> Doc {
        let before = self.comments_before(fields.span.start);
        if fields.list.is_empty() && !self.has_comments(fields.span) {
            return concat([before, text("( )")]);
        }
        let commented = self.has_comments(fields.span);
        let on_one_line = fields.list.first().is_some_and(|f| !self.breaks_before(f.span.start));
        let flat: Vec<String> =
            fields.list.iter().map(|f| format!("{} {}", f.name.text, type_text(&f.ty))).collect();
        let rows = self.rows(&fields.list, |f| f.span, fields.span.end, |_, f| field_cells(f));
        let broken = enclosed(table(rows, 2));
        if commented || !on_one_line {
            return concat([before, broken]);
        }
        let flat = text(format!("( {} )", flat.join("  ")));
        concat([before, Doc::Alternative(Box::new(flat), Box::new(broken))])
    }

    /// `(a uint, b hash)`
    pub(super) fn params(&mut self, params: &[Field]) -> Doc {
        if params.is_empty() {
            return text("()");
        }
        let mut parts = vec![Doc::Soft];
        for (i, p) in params.iter().enumerate() {
            if i > 0 {
                parts.push(text(","));
                parts.push(self.comments_before(p.span.start));
                parts.push(Doc::Line);
            } else {
                parts.push(self.comments_before(p.span.start));
            }
            parts.push(text(format!("{} {}", p.name.text, type_text(&p.ty))));
        }
        group(concat([text("("), indent(concat(parts)), Doc::Soft, text(")")]))
    }
}

fn field_cells(f: &Field) -> Vec<String> {
    vec![f.name.text.clone(), type_text(&f.ty)]
}

/// `(`, the rows one step further to the right, `)`.
pub(super) fn enclosed(rows: Vec<Row<Doc>>) -> Doc {
    if rows.is_empty() {
        return text("( )");
    }
    concat([text("("), indent(stack(rows)), Doc::Hard, text(")")])
}

/// Rows of which some belong to a table and others stand alone.
fn mixed_table(rows: Vec<Row<Result<Vec<String>, Doc>>>) -> Vec<Row<Doc>> {
    let mut out = Vec::new();
    let mut section: Vec<Row<Vec<String>>> = Vec::new();
    for row in rows {
        match row {
            Row::Blank => section.push(Row::Blank),
            Row::Comment { text, trailing } => section.push(Row::Comment { text, trailing }),
            Row::Item { item: Ok(cells), trailing } => section.push(Row::Item { item: cells, trailing }),
            Row::Item { item: Err(doc), trailing } => {
                out.extend(table(std::mem::take(&mut section), 2));
                out.push(Row::Item { item: doc, trailing });
            }
        }
    }
    out.extend(table(section, 2));
    out
}

/// Words side by side, as many on a line as fit one step inside of a declaration.
fn filled(words: &[&str]) -> Vec<Row<Doc>> {
    const WIDTH: usize = super::doc::LINE_CHARS_MAX - 4;
    let mut rows = Vec::new();
    let mut line = String::new();
    for word in words {
        if !line.is_empty() && line.len().saturating_add(word.len()) >= WIDTH {
            rows.push(Row::Item { item: text(std::mem::take(&mut line)), trailing: None });
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        rows.push(Row::Item { item: text(line), trailing: None });
    }
    rows
}
