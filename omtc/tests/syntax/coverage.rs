//! Which productions a tree shows. Every `match` names all variants, so a new one has to be given a place here, and
//! with it a source in the corpus.

use omtc::syntax::ast::*;
use std::collections::{BTreeMap, BTreeSet};

/// Every kind of node.
pub const KINDS: &str = "transaction imports uses parameters enum struct message block view actor function native task \
    property scenario number-of-transaction:number number-of-transaction:name value-of-parameter:number \
    value-of-parameter:name view:field view:fold item:store item:shared item:peers item:trigger item:state \
    item:transition item:ignore item:defer item:collect flag:initial flag:terminal flag:rest cause:auto cause:on \
    cause:timeout cause:every action:store action:assign action:STORE action:lookup action:item action:let \
    action:APPEND action:append-block action:SEND action:BROADCAST action:IF action:FOR action:ABORT action:START \
    statement:return statement:assign statement:item statement:for statement:block statement:if claim:always \
    claim:never claim:eventually claim:sometimes claim:leads step:parameters step:cast step:at step:drop step:delay step:duplicate \
    step:expect step:sequence event:trigger event:inject event:crash event:restart event:partition event:heal \
    filter:from filter:to filter:by filter:times filter:nth expression:bool expression:null expression:number \
    expression:quantity expression:string expression:name expression:parentheses expression:record \
    expression:named-record expression:list expression:call expression:member expression:item \
    expression:dotted-item expression:not expression:negative expression:OR expression:AND expression:== \
    expression:!= expression:<= expression:>= expression:< expression:> expression:IN expression:+ expression:- \
    expression:* expression:/ expression:// expression:% expression:IF expression:lambda entry:field entry:spread \
    unit:microseconds unit:milliseconds unit:seconds unit:minutes unit:hours unit:days";

/// What was seen, and what must be seen of everything that is optional or a list.
#[derive(Default)]
pub struct Seen {
    pub nodes: BTreeSet<String>,
    pub wanted: BTreeMap<String, ()>,
}

impl Seen {
    fn node(&mut self, kind: &str) {
        self.nodes.insert(kind.to_owned());
    }

    fn optional(&mut self, part: &str, there: bool) {
        for state in ["there", "absent"] {
            self.wanted.insert(format!("{part} {state}"), ());
        }
        self.nodes.insert(format!("{part} {}", if there { "there" } else { "absent" }));
    }

    /// A list, of which there are `least` at least.
    fn list(&mut self, part: &str, least: usize, length: usize) {
        let name = |n: usize| match n {
            0 => format!("{part} none"),
            1 => format!("{part} one"),
            _ => format!("{part} several"),
        };
        for n in least..=2 {
            self.wanted.insert(name(n), ());
        }
        self.nodes.insert(name(length));
    }

    pub fn file(&mut self, file: &File) {
        self.list("declarations", 0, file.decls.len());
        for decl in &file.decls {
            self.decl(decl);
        }
    }

    fn decl(&mut self, decl: &Decl) {
        match decl {
            Decl::Transaction(d) => {
                self.node("transaction");
                match &d.number {
                    TransactionNumber::Number(n) => {
                        self.node("number-of-transaction:number");
                        self.optional("minus of a transaction", n.text.starts_with('-'));
                    }
                    TransactionNumber::Name(_) => self.node("number-of-transaction:name"),
                }
                self.optional("description of a transaction", d.description.is_some());
                self.optional("session of a transaction", d.session.is_some());
            }
            Decl::Imports(d) => {
                self.node("imports");
                self.list("segments of a path", 1, d.path.segments.len());
            }
            Decl::Uses(_) => self.node("uses"),
            Decl::Parameters(d) => {
                self.node("parameters");
                self.list("parameters of a block", 0, d.entries.len());
                for entry in &d.entries {
                    match &entry.value {
                        ParameterValue::Number(n) => {
                            self.node("value-of-parameter:number");
                            self.optional("minus of a parameter", n.text.starts_with('-'));
                        }
                        ParameterValue::Name(_) => self.node("value-of-parameter:name"),
                    }
                    self.optional("unit of a parameter", entry.unit.is_some());
                    self.optional("text of a parameter", entry.text.is_some());
                }
            }
            Decl::Enum(d) => {
                self.node("enum");
                self.optional("text of an enum", d.text.is_some());
                self.list("values of an enum", 0, d.values.len());
                d.values.iter().for_each(|v| self.optional("comment after a value", v.doc.is_some()));
            }
            Decl::Struct(d) => {
                self.node("struct");
                self.optional("text of a struct", d.text.is_some());
                self.fields("fields of a struct", &d.fields);
            }
            Decl::Message(d) => {
                self.node("message");
                self.list("senders", 1, d.from.len());
                self.list("receivers", 1, d.to.len());
                self.optional("signed", d.signed.is_some());
                self.fields("fields of a message", &d.fields);
            }
            Decl::Block(d) => {
                self.node("block");
                self.list("authors", 1, d.by.len());
                self.fields("fields of a block", &d.fields);
            }
            Decl::View(d) => {
                self.node("view");
                self.optional("text of a view", d.text.is_some());
                self.list("parts of a view", 0, d.items.len());
                for item in &d.items {
                    match item {
                        ViewItem::Field(f) => {
                            self.node("view:field");
                            self.ty(&f.ty);
                        }
                        ViewItem::Fold(f) => {
                            self.node("view:fold");
                            self.guard("guard of a fold", f.guard.as_ref());
                            self.actions(&f.actions);
                        }
                    }
                }
            }
            Decl::Actor(d) => {
                self.node("actor");
                self.optional("text of an actor", d.text.is_some());
                self.list("items", 0, d.items.len());
                d.items.iter().for_each(|i| self.item(i));
            }
            Decl::Function(d) => {
                self.node("function");
                self.list("parameters of a function", 0, d.params.len());
                self.ty(&d.result);
                self.list("statements of a function", 1, d.body.len());
                d.body.iter().for_each(|s| self.stmt(s));
            }
            Decl::Native(d) => {
                self.node("native");
                self.list("parameters of a native", 0, d.params.len());
            }
            Decl::Task(d) => {
                self.node("task");
                self.list("parameters of a task", 0, d.params.len());
            }
            Decl::Property(d) => {
                self.node("property");
                self.optional("text of a property", d.text.is_some());
                self.claim(&d.claim);
            }
            Decl::Scenario(d) => {
                self.node("scenario");
                self.optional("text of a scenario", d.text.is_some());
                self.list("steps", 0, d.steps.len());
                d.steps.iter().for_each(|s| self.step(s));
            }
        }
    }

    fn claim(&mut self, claim: &Claim) {
        match claim {
            Claim::Always(e) => self.node_of("claim:always", e),
            Claim::Never(e) => self.node_of("claim:never", e),
            Claim::Eventually(e) => self.node_of("claim:eventually", e),
            Claim::Sometimes(e) => self.node_of("claim:sometimes", e),
            Claim::Leads { from, to } => {
                self.node_of("claim:leads", from);
                self.expr(to);
            }
        }
    }

    fn node_of(&mut self, kind: &str, expr: &Expr) {
        self.node(kind);
        self.expr(expr);
    }

    fn fields(&mut self, what: &str, fields: &Fields) {
        self.list(what, 0, fields.list.len());
        fields.list.iter().for_each(|f| self.ty(&f.ty));
    }

    fn ty(&mut self, ty: &Type) {
        self.list("arguments of a type", 0, ty.args.len());
        self.optional("? of a type", ty.optional);
        ty.args.iter().for_each(|t| self.ty(t));
    }

    fn guard(&mut self, what: &str, guard: Option<&Expr>) {
        self.optional(what, guard.is_some());
        guard.into_iter().for_each(|g| self.expr(g));
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Store(s) => {
                self.node("item:store");
                self.fields("fields of a store", &s.fields);
            }
            Item::Shared(s) => {
                self.node("item:shared");
                s.fields.list.iter().for_each(|f| self.ty(&f.ty));
            }
            Item::Peers(p) => {
                self.node("item:peers");
                self.list("roles", 0, p.entries.len());
            }
            Item::Trigger(t) => {
                self.node("item:trigger");
                self.list("arguments of a trigger", 0, t.params.len());
                self.list("states of a trigger", 1, t.states.len());
                self.optional("after of a trigger", t.after.is_some());
                self.optional("text of a trigger", t.text.is_some());
            }
            Item::State(s) => {
                self.node("item:state");
                self.list("flags", 0, s.flags.len());
                self.optional("text of a state", s.text.is_some());
                for (flag, _) in &s.flags {
                    self.node(match flag {
                        StateFlag::Initial => "flag:initial",
                        StateFlag::Terminal => "flag:terminal",
                        StateFlag::Rest => "flag:rest",
                    });
                }
            }
            Item::Transition(t) => self.transition(t),
            Item::Override(o) => {
                self.node(match o.kind {
                    OverrideKind::Ignore => "item:ignore",
                    OverrideKind::Defer => "item:defer",
                });
                self.list("states of an override", 1, o.states.len());
                self.guard("guard of an override", o.guard.as_ref());
            }
            Item::Collect(c) => {
                self.node("item:collect");
                self.list("states of a collect", 1, c.states.len());
                self.guard("guard of a collect", c.guard.as_ref());
                self.optional("actions of a collect", c.actions.is_some());
                c.actions.iter().for_each(|a| self.actions(a));
            }
        }
    }

    fn transition(&mut self, t: &Transition) {
        self.node("item:transition");
        self.list("source states", 1, t.from.len());
        match &t.cause.kind {
            CauseKind::Auto => self.node("cause:auto"),
            CauseKind::On(_) => self.node("cause:on"),
            CauseKind::Timeout(path) => {
                self.node("cause:timeout");
                self.list("path of a timeout", 1, path.len());
            }
            CauseKind::Every(_) => self.node("cause:every"),
        }
        self.list("lets", 0, t.lets.len());
        t.lets.iter().for_each(|l| self.expr(&l.value));
        self.guard("guard of a transition", t.guard.as_ref());
        self.optional("actions of a transition", t.actions.is_some());
        t.actions.iter().for_each(|a| self.actions(a));
        self.optional("else of a transition", t.otherwise.is_some());
        if let Some(otherwise) = &t.otherwise {
            self.optional("actions of an else", otherwise.actions.is_some());
            otherwise.actions.iter().for_each(|a| self.actions(a));
        }
    }

    fn actions(&mut self, actions: &Actions) {
        self.list("actions", 0, actions.list.len());
        actions.list.iter().for_each(|a| self.action(a));
    }

    fn sent(&mut self, kind: &str, to: &Expr, record: Option<&Record>) {
        self.node_of(kind, to);
        self.optional(&format!("record of {kind}"), record.is_some());
        record.into_iter().for_each(|r| self.record(r));
    }

    fn action(&mut self, action: &Action) {
        match &action.kind {
            ActionKind::Store(names) => {
                self.node("action:store");
                self.list("stored names", 1, names.len());
            }
            ActionKind::Assign { value, .. } => self.node_of("action:assign", value),
            ActionKind::StoreCall { value, .. } => self.node_of("action:STORE", value),
            ActionKind::Lookup { value, .. } => self.node_of("action:lookup", value),
            ActionKind::AssignIndex { indices, value, .. } => {
                self.node_of("action:item", value);
                self.list("indices", 1, indices.len());
                indices.iter().for_each(|i| self.expr(i));
            }
            ActionKind::Let { value, .. } => self.node_of("action:let", value),
            ActionKind::Append { value, .. } => self.node_of("action:APPEND", value),
            ActionKind::AppendBlock { result, record, .. } => {
                self.node("action:append-block");
                self.optional("result of an append", result.is_some());
                self.optional("record of an append", record.is_some());
            }
            ActionKind::Send { to, record, .. } => self.sent("action:SEND", to, record.as_ref()),
            ActionKind::Broadcast { to, record, .. } => self.sent("action:BROADCAST", to, record.as_ref()),
            ActionKind::If { condition, then, otherwise } => {
                self.node_of("action:IF", condition);
                self.actions(then);
                self.optional("ELSE of an action", otherwise.is_some());
            }
            ActionKind::For { list, body, .. } => {
                self.node_of("action:FOR", list);
                self.actions(body);
            }
            ActionKind::Abort(e) => self.node_of("action:ABORT", e),
            ActionKind::Start { args, .. } => {
                self.node("action:START");
                self.list("arguments of START", 0, args.len());
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Return(e) => self.node_of("statement:return", e),
            StmtKind::Assign { value, .. } => self.node_of("statement:assign", value),
            StmtKind::AssignIndex { index, value, .. } => {
                self.node_of("statement:item", value);
                self.expr(index);
            }
            StmtKind::For { list, body, .. } => {
                self.node_of("statement:for", list);
                self.stmt(body);
            }
            StmtKind::Block(list) => {
                self.node("statement:block");
                self.list("statements of a block", 1, list.len());
                list.iter().for_each(|s| self.stmt(s));
            }
            StmtKind::If { condition, then, otherwise } => {
                self.node_of("statement:if", condition);
                self.stmt(then);
                self.optional("else of a statement", otherwise.is_some());
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match &step.kind {
            StepKind::Parameters(entries) => {
                self.node("step:parameters");
                self.list("parameters of a scenario", 0, entries.len());
                for entry in entries {
                    self.optional("unit of a scenario's parameter", entry.unit.is_some());
                }
            }
            StepKind::Cast(members) => {
                self.node("step:cast");
                self.list("members", 0, members.len());
                for member in members {
                    self.optional("byzantine", member.byzantine.is_some());
                    self.optional("record of a member", member.setup.is_some());
                }
            }
            StepKind::At { time, event } => {
                self.node_of("step:at", time);
                match event {
                    Event::Trigger { args, .. } => {
                        self.node("event:trigger");
                        self.list("arguments of a fired trigger", 0, args.len());
                    }
                    Event::Inject { record, .. } => {
                        self.node("event:inject");
                        self.optional("record of an injection", record.is_some());
                    }
                    Event::Crash(_) => self.node("event:crash"),
                    Event::Restart(_) => self.node("event:restart"),
                    Event::Partition(one, other) => {
                        self.node("event:partition");
                        self.list("side of a partition", 1, one.len().max(other.len()));
                        self.list("side of a partition", 1, one.len().min(other.len()));
                    }
                    Event::Heal => self.node("event:heal"),
                }
            }
            StepKind::Disturb { kind, filters, .. } => {
                self.node(match kind {
                    Disturbance::Drop => "step:drop",
                    Disturbance::Delay => "step:delay",
                    Disturbance::Duplicate => "step:duplicate",
                });
                self.list("filters", 0, filters.len());
                for filter in filters {
                    match filter {
                        Filter::From(_) => self.node("filter:from"),
                        Filter::To(_) => self.node("filter:to"),
                        Filter::By(e) => self.node_of("filter:by", e),
                        Filter::Times(e) => self.node_of("filter:times", e),
                        Filter::Nth(e) => self.node_of("filter:nth", e),
                    }
                }
            }
            StepKind::Expect { condition, within } => {
                self.node_of("step:expect", condition);
                self.optional("within", within.is_some());
            }
            StepKind::ExpectSequence(arrows) => {
                self.node("step:sequence");
                self.list("messages of a sequence", 0, arrows.len());
            }
        }
    }

    fn record(&mut self, record: &Record) {
        self.list("entries of a record", 0, record.entries.len());
        for entry in &record.entries {
            match entry {
                RecordEntry::Field { value, .. } => self.node_of("entry:field", value),
                RecordEntry::Spread { value, .. } => self.node_of("entry:spread", value),
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Error => panic!("an accepted source holds no error"),
            ExprKind::Bool(_) => self.node("expression:bool"),
            ExprKind::Null => self.node("expression:null"),
            ExprKind::Number(n) => {
                self.node("expression:number");
                self.optional("fraction", n.is_fraction());
            }
            ExprKind::Quantity { unit, .. } => {
                self.node("expression:quantity");
                self.node(&format!("unit:{}", unit.word()));
            }
            ExprKind::String(_) => self.node("expression:string"),
            ExprKind::Name(_) => self.node("expression:name"),
            ExprKind::Paren(e) => self.node_of("expression:parentheses", e),
            ExprKind::Record(r) => {
                self.node("expression:record");
                self.record(r);
            }
            ExprKind::NamedRecord { record, .. } => {
                self.node("expression:named-record");
                self.record(record);
            }
            ExprKind::List(items) => {
                self.node("expression:list");
                self.list("items of a list", 0, items.len());
                items.iter().for_each(|e| self.expr(e));
            }
            ExprKind::Call { args, .. } => {
                self.node("expression:call");
                self.list("arguments of a call", 0, args.len());
                args.iter().for_each(|e| self.expr(e));
            }
            ExprKind::Field { base, .. } => self.node_of("expression:member", base),
            ExprKind::Index { base, index, dotted } => {
                self.node_of(if *dotted { "expression:dotted-item" } else { "expression:item" }, base);
                self.expr(index);
            }
            ExprKind::Unary { op: UnaryOp::Not, operand, .. } => self.node_of("expression:not", operand),
            ExprKind::Unary { op: UnaryOp::Neg, operand, .. } => self.node_of("expression:negative", operand),
            ExprKind::Binary { op, left, right, .. } => {
                self.node_of(&format!("expression:{}", op.symbol()), left);
                self.expr(right);
            }
            ExprKind::If { condition, then, otherwise } => {
                self.node_of("expression:IF", condition);
                self.expr(then);
                self.expr(otherwise);
            }
            ExprKind::Lambda { body, .. } => self.node_of("expression:lambda", body),
        }
    }
}
