//! Trees as short texts: `a + b * c` is `(+ a (* b c))`. What a table of cases can compare.

use omtc::syntax::ast::*;

/// An expression.
pub fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Error => "?".to_owned(),
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Number(n) => n.text.clone(),
        ExprKind::Quantity { number, unit, .. } => format!("{}{}", number.text, unit.word()),
        ExprKind::String(s) => format!("'{s}'"),
        ExprKind::Name(n) => n.text.clone(),
        ExprKind::Paren(e) => format!("<{}>", expr(e)),
        ExprKind::Record(r) => record(r),
        ExprKind::NamedRecord { name, record: r } => format!("{}{}", name.text, record(r)),
        ExprKind::List(l) => format!("[{}]", exprs(l)),
        ExprKind::Call { callee, args } => format!("{}!({})", callee.text, exprs(args)),
        ExprKind::Field { base, name } => format!("{}.{}", expr(base), name.text),
        ExprKind::Index { base, index, dotted } => {
            format!("{}{}[{}]", expr(base), if *dotted { "." } else { "" }, expr(index))
        }
        ExprKind::Unary { op: UnaryOp::Not, operand, .. } => format!("(NOT {})", expr(operand)),
        ExprKind::Unary { op: UnaryOp::Neg, operand, .. } => format!("(- {})", expr(operand)),
        ExprKind::Binary { op, left, right, .. } => {
            format!("({} {} {})", op.symbol(), expr(left), expr(right))
        }
        ExprKind::If { condition, then, otherwise } => {
            format!("(IF {} {} {})", expr(condition), expr(then), expr(otherwise))
        }
        ExprKind::Lambda { param, body } => format!("({} => {})", param.text, expr(body)),
    }
}

fn exprs(list: &[Expr]) -> String {
    list.iter().map(expr).collect::<Vec<_>>().join(" ")
}

fn record(r: &Record) -> String {
    let entries: Vec<String> = r
        .entries
        .iter()
        .map(|e| match e {
            RecordEntry::Field { name, value, .. } => format!("{}:{}", name.text, expr(value)),
            RecordEntry::Spread { value, .. } => format!("...{}", expr(value)),
        })
        .collect();
    format!("{{{}}}", entries.join(" "))
}

fn names(list: &[Ident]) -> String {
    list.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(",")
}

/// Statements.
pub fn stmts(list: &[Stmt]) -> String {
    list.iter().map(stmt).collect::<Vec<_>>().join("; ")
}

fn stmt(s: &Stmt) -> String {
    match &s.kind {
        StmtKind::Return(e) => format!("return {}", expr(e)),
        StmtKind::Assign { target, value } => format!("{} = {}", target.text, expr(value)),
        StmtKind::AssignIndex { target, index, value } => {
            format!("{}[{}] = {}", target.text, expr(index), expr(value))
        }
        StmtKind::For { var, list, body } => format!("for {} in {} do {}", var.text, expr(list), stmt(body)),
        StmtKind::Block(list) => format!("({})", stmts(list)),
        StmtKind::If { condition, then, otherwise } => match otherwise {
            Some(o) => format!("if {} then {} else {}", expr(condition), stmt(then), stmt(o)),
            None => format!("if {} then {}", expr(condition), stmt(then)),
        },
    }
}

/// Actions.
pub fn actions(list: &Actions) -> String {
    format!("({})", list.list.iter().map(action).collect::<Vec<_>>().join("; "))
}

fn sent(word: &str, to: &Expr, message: &Ident, r: Option<&Record>) -> String {
    format!("{word} {} {}{}", expr(to), message.text, r.map_or(String::new(), record))
}

fn action(a: &Action) -> String {
    match &a.kind {
        ActionKind::Store(list) => format!("store {}", names(list)),
        ActionKind::Assign { target, value } => format!("{} = {}", target.text, expr(value)),
        ActionKind::StoreCall { target, value } => format!("STORE {} {}", target.text, expr(value)),
        ActionKind::Lookup { target, value } => format!("lookup {} = {}", target.text, expr(value)),
        ActionKind::AssignIndex { target, indices, value } => {
            let indices: String = indices.iter().map(|i| format!("[{}]", expr(i))).collect();
            format!("{}{indices} = {}", target.text, expr(value))
        }
        ActionKind::Let { name, value } => format!("let {} = {}", name.text, expr(value)),
        ActionKind::Append { target, value } => format!("append {} {}", target.text, expr(value)),
        ActionKind::AppendBlock { result, block, record: r } => {
            let result = result.as_ref().map_or(String::new(), |r| format!("{} = ", r.text));
            format!("{result}append-block {}{}", block.text, r.as_ref().map_or(String::new(), record))
        }
        ActionKind::Send { to, message, record } => sent("send", to, message, record.as_ref()),
        ActionKind::Broadcast { to, message, record } => sent("broadcast", to, message, record.as_ref()),
        ActionKind::If { condition, then, otherwise } => {
            let otherwise = otherwise.as_ref().map_or(String::new(), |o| format!(" else {}", actions(o)));
            format!("if {} then {}{otherwise}", expr(condition), actions(then))
        }
        ActionKind::For { var, list, body } => {
            format!("for {} in {} {}", var.text, expr(list), actions(body))
        }
        ActionKind::Abort(e) => format!("abort {}", expr(e)),
        ActionKind::Start { task, args } => format!("start {}({})", task.text, exprs(args)),
    }
}

/// An item of an actor.
pub fn item(i: &Item) -> String {
    match i {
        Item::Store(s) => format!("store {}", fields(&s.fields)),
        Item::Shared(s) => format!("shared {}", fields(&s.fields)),
        Item::Peers(p) => {
            let pairs: Vec<String> =
                p.entries.iter().map(|e| format!("{}:{}", e.role.text, e.field.text)).collect();
            format!("peers ({})", pairs.join(" "))
        }
        Item::Trigger(t) => {
            let params: Vec<String> = t.params.iter().map(field).collect();
            let after = t.after.as_ref().map_or(String::new(), |a| {
                format!(" after {}.{}@{}", a.transaction.text, a.actor.text, a.state.text)
            });
            let text = t.text.as_ref().map_or(String::new(), |t| format!(" '{}'", t.text));
            format!("trigger {}({}) in {}{after}{text}", t.name.text, params.join(" "), names(&t.states))
        }
        Item::State(s) => {
            let flags: String = s.flags.iter().map(|(f, _)| format!(" {f:?}")).collect();
            let text = s.text.as_ref().map_or(String::new(), |t| format!(" '{}'", t.text));
            format!("state {}{flags}{text}", s.name.text)
        }
        Item::Transition(t) => transition(t),
        Item::Override(o) => {
            let guard = o.guard.as_ref().map_or(String::new(), |g| format!(" when {}", expr(g)));
            format!("{:?} {} in {}{guard}", o.kind, o.message.text, names(&o.states))
        }
        Item::Collect(c) => {
            let guard = c.guard.as_ref().map_or(String::new(), |g| format!(" when {}", expr(g)));
            let done = c.actions.as_ref().map_or(String::new(), |a| format!(" {}", actions(a)));
            format!("collect {} in {} into {}{guard}{done}", c.message.text, names(&c.states), c.into.text)
        }
    }
}

fn transition(t: &Transition) -> String {
    let cause = match &t.cause.kind {
        CauseKind::Auto => "auto".to_owned(),
        CauseKind::On(n) => format!("on {}", n.text),
        CauseKind::Timeout(path) => format!("timeout {}", names(path).replace(',', ".")),
        CauseKind::Every(n) => format!("every {}", n.text),
    };
    let mut out = format!("{} -> {} {cause}", names(&t.from), t.to.text);
    for l in &t.lets {
        out.push_str(&format!(" let {} = {}", l.name.text, expr(&l.value)));
    }
    if let Some(g) = &t.guard {
        out.push_str(&format!(" when {}", expr(g)));
    }
    if let Some(a) = &t.actions {
        out.push_str(&format!(" {}", actions(a)));
    }
    if let Some(e) = &t.otherwise {
        out.push_str(&format!(" else {}", e.to.text));
        if let Some(a) = &e.actions {
            out.push_str(&format!(" {}", actions(a)));
        }
    }
    out
}

fn fields(f: &Fields) -> String {
    format!("({})", f.list.iter().map(field).collect::<Vec<_>>().join(" "))
}

fn field(f: &Field) -> String {
    let doc = f.doc.as_ref().map_or(String::new(), |d| format!("#{}#", d.text));
    format!("{}:{}{doc}", f.name.text, ty(&f.ty))
}

fn ty(t: &Type) -> String {
    let args: Vec<String> = t.args.iter().map(ty).collect();
    let args = if args.is_empty() { String::new() } else { format!("<{}>", args.join(",")) };
    format!("{}{args}{}", t.name.text, if t.optional { "?" } else { "" })
}

fn text(t: Option<&Text>) -> String {
    t.map_or(String::new(), |t| format!(" '{}'", t.text))
}

fn params(list: &[Field]) -> String {
    list.iter().map(field).collect::<Vec<_>>().join(" ")
}

/// A declaration.
pub fn decl(d: &Decl) -> String {
    match d {
        Decl::Transaction(t) => {
            let number = match &t.number {
                TransactionNumber::Number(n) => &n.text,
                TransactionNumber::Name(n) => &n.text,
            };
            let session = t.session.as_ref().map_or(String::new(), |s| format!(" session {}", s.text));
            format!("transaction {number} '{}'{}{session}", t.title.text, text(t.description.as_ref()))
        }
        Decl::Imports(i) => format!("imports {}", i.path.text()),
        Decl::Uses(u) => format!("uses {} as {}", u.path.text(), u.alias.text),
        Decl::Parameters(p) => {
            format!("parameters ({})", parameters(&p.entries))
        }
        Decl::Enum(e) => {
            let values: Vec<String> = e
                .values
                .iter()
                .map(|v| {
                    format!(
                        "{}{}",
                        v.name.text,
                        v.doc.as_ref().map_or(String::new(), |d| format!("#{}#", d.text))
                    )
                })
                .collect();
            format!("enum {}{} ({})", e.name.text, text(e.text.as_ref()), values.join(" "))
        }
        Decl::Struct(s) => format!("struct {}{} {}", s.name.text, text(s.text.as_ref()), fields(&s.fields)),
        Decl::Message(m) => format!(
            "message {} {} -> {}{} {}",
            m.name.text,
            names(&m.from),
            names(&m.to),
            if m.signed.is_some() { " signed" } else { "" },
            fields(&m.fields)
        ),
        Decl::Block(b) => format!("block {} by {} {}", b.name.text, names(&b.by), fields(&b.fields)),
        Decl::View(v) => {
            let items: Vec<String> = v
                .items
                .iter()
                .map(|i| match i {
                    ViewItem::Field(f) => field(f),
                    ViewItem::Fold(f) => {
                        let guard = f.guard.as_ref().map_or(String::new(), |g| format!(" when {}", expr(g)));
                        format!("on {}{guard} {}", f.block.text, actions(&f.actions))
                    }
                })
                .collect();
            format!("view {}{} ({})", v.name.text, text(v.text.as_ref()), items.join(" | "))
        }
        Decl::Actor(a) => {
            let items: Vec<String> = a.items.iter().map(item).collect();
            format!("actor {}{} ({})", a.name.text, text(a.text.as_ref()), items.join(" | "))
        }
        Decl::Function(f) => {
            format!("function {}({}) {} ({})", f.name.text, params(&f.params), ty(&f.result), stmts(&f.body))
        }
        Decl::Native(n) => {
            format!("native {}({}) {} '{}'", n.name.text, params(&n.params), ty(&n.result), n.library.text)
        }
        Decl::Task(n) => {
            format!("task {}({}) {} '{}'", n.name.text, params(&n.params), ty(&n.result), n.library.text)
        }
        Decl::Property(p) => {
            let claim = match &p.claim {
                Claim::Always(e) => format!("always {}", expr(e)),
                Claim::Never(e) => format!("never {}", expr(e)),
                Claim::Eventually(e) => format!("eventually {}", expr(e)),
                Claim::Sometimes(e) => format!("sometimes {}", expr(e)),
                Claim::Leads { from, to } => format!("leads {} to {}", expr(from), expr(to)),
            };
            format!("property {}{} {claim}", p.name.text, text(p.text.as_ref()))
        }
        Decl::Scenario(s) => {
            let steps: Vec<String> = s.steps.iter().map(step).collect();
            format!("scenario {}{} ({})", s.name.text, text(s.text.as_ref()), steps.join(" | "))
        }
    }
}

fn arrow(a: &Arrow) -> String {
    format!("{}->{} {}", a.from.text, a.to.text, a.message.text)
}

fn parameters(entries: &[Parameter]) -> String {
    let entry = |e: &Parameter| {
        let value = match &e.value {
            ParameterValue::Number(n) => &n.text,
            ParameterValue::Name(n) => &n.text,
        };
        let unit = e.unit.as_ref().map_or(String::new(), |u| format!(" {}", u.text));
        format!("{}={value}{unit}{}", e.name.text, text(e.text.as_ref()))
    };
    entries.iter().map(entry).collect::<Vec<_>>().join("; ")
}

fn step(s: &Step) -> String {
    match &s.kind {
        StepKind::Parameters(entries) => format!("parameters ({})", parameters(entries)),
        StepKind::Cast(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|m| {
                    let byzantine = if m.byzantine.is_some() { "!" } else { "" };
                    let setup = m.setup.as_ref().map_or(String::new(), record);
                    format!("{}:{}{byzantine}{setup}", m.name.text, m.actor.text)
                })
                .collect();
            format!("cast {}", members.join(" "))
        }
        StepKind::At { time, event } => {
            let event = match event {
                Event::Trigger { peer, trigger, args } => {
                    format!("{}.{}({})", peer.text, trigger.text, exprs(args))
                }
                Event::Inject { arrow: a, record: r } => {
                    format!("{}{}", arrow(a), r.as_ref().map_or(String::new(), record))
                }
                Event::Crash(p) => format!("crash {}", p.text),
                Event::Restart(p) => format!("restart {}", p.text),
                Event::Partition(a, b) => format!("partition {} / {}", names(a), names(b)),
                Event::Heal => "heal".to_owned(),
            };
            format!("at {} {event}", expr(time))
        }
        StepKind::Disturb { kind, message, filters } => {
            let filters: String = filters
                .iter()
                .map(|f| match f {
                    Filter::From(p) => format!(" from {}", p.text),
                    Filter::To(p) => format!(" to {}", p.text),
                    Filter::By(e) => format!(" by {}", expr(e)),
                    Filter::Times(e) => format!(" times {}", expr(e)),
                    Filter::Nth(e) => format!(" nth {}", expr(e)),
                })
                .collect();
            format!("{kind:?} {}{filters}", message.text)
        }
        StepKind::Expect { condition, within } => {
            let within = within.as_ref().map_or(String::new(), |w| format!(" within {}", expr(w)));
            format!("expect {}{within}", expr(condition))
        }
        StepKind::ExpectSequence(list) => {
            format!("sequence {}", list.iter().map(arrow).collect::<Vec<_>>().join(" "))
        }
    }
}
