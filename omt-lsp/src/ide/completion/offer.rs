//! What is offered where.

use super::super::engine::Analysis;
use super::super::index::{Id, Index, Kind, Symbol};
use super::super::{describe, library};
use super::context::{Context, Wanted};
use super::{Item, Sort};
use omtc::source::FileId;
use std::collections::BTreeSet;
use std::path::Path;

pub(super) struct Offer<'a> {
    analysis: Option<&'a Analysis>,
    path: &'a Path,
    context: &'a Context,
    files: &'a dyn Fn(&Path) -> Vec<String>,
    /// The files whose declarations can be named here.
    scope: BTreeSet<FileId>,
    pub items: Vec<Item>,
}

impl<'a> Offer<'a> {
    pub fn new(
        analysis: Option<&'a Analysis>,
        path: &'a Path,
        context: &'a Context,
        files: &'a dyn Fn(&Path) -> Vec<String>,
    ) -> Offer<'a> {
        let mut scope = BTreeSet::new();
        if let Some(analysis) = analysis
            && let Some(file) = analysis.file(path)
        {
            let units = analysis.units_with(file.id);
            // Its own unit; a library is seen with those that import it, whose actors it may name.
            scope.extend(units.iter().flat_map(|known| known.unit.files.iter().map(|file| file.id)));
            scope.insert(file.id);
        }
        Offer { analysis, path, context, files, scope, items: Vec::new() }
    }

    fn index(&self) -> Option<&'a Index> {
        self.analysis.map(Analysis::index)
    }

    /// Symbols of some kinds that can be named here, in the order of the declarations.
    fn symbols(&self, kinds: &[Kind]) -> Vec<(Id, &'a Symbol)> {
        let Some(index) = self.index() else { return Vec::new() };
        let mut found: Vec<_> = kinds.iter().flat_map(|kind| index.of_kind(*kind)).collect();
        found.retain(|(_, symbol)| self.scope.contains(&symbol.span.file));
        found.sort_by_key(|(id, _)| *id);
        found
    }

    fn named(&self, kind: Kind, name: &str) -> Option<(Id, &'a Symbol)> {
        let mut found = self.index()?.of_kind(kind);
        found.find(|(_, symbol)| symbol.name == name && self.scope.contains(&symbol.span.file))
    }

    /// The actor that is being written.
    fn actor(&self) -> Option<(Id, &'a Symbol)> {
        let (kind, name) = self.context.declaration.as_ref()?;
        if kind == "actor" { self.named(Kind::Actor, name) } else { None }
    }

    fn own(&self, kind: Kind) -> Vec<(Id, &'a Symbol)> {
        let Some((actor, _)) = self.actor() else { return Vec::new() };
        self.members(actor, kind)
    }

    fn members(&self, owner: Id, kind: Kind) -> Vec<(Id, &'a Symbol)> {
        let Some(index) = self.index() else { return Vec::new() };
        let members = index.members(owner);
        members.filter(|(_, s)| s.kind == kind && self.scope.contains(&s.span.file)).collect()
    }

    fn push(&mut self, symbol: &Symbol, insert: String, snippet: bool, rank: u8) {
        let Some(analysis) = self.analysis else { return };
        let detail = describe::signature(analysis, symbol);
        let detail = detail.lines().next().unwrap_or("").to_owned();
        let mut doc = symbol.title.clone();
        if !symbol.doc.is_empty() {
            doc = if doc.is_empty() { symbol.doc.clone() } else { format!("{doc}\n\n{}", symbol.doc) };
        }
        let sort = Sort::Symbol(symbol.kind);
        self.items.push(Item { label: symbol.name.clone(), sort, detail, doc, insert, snippet, rank });
    }

    fn plain(&mut self, list: Vec<(Id, &'a Symbol)>, rank: u8) {
        for (_, symbol) in list {
            self.push(symbol, symbol.name.clone(), false, rank);
        }
    }

    fn calls(&mut self, list: Vec<(Id, &'a Symbol)>, rank: u8) {
        for (id, symbol) in list {
            let arguments = self.members(id, Kind::Argument);
            let holes: Vec<String> = arguments
                .iter()
                .enumerate()
                .map(|(n, (_, a))| format!("${{{}:{}}}", n + 1, a.name))
                .collect();
            self.push(symbol, format!("{}({})", symbol.name, holes.join(", ")), true, rank);
        }
    }

    fn word(&mut self, name: &str, detail: &str, doc: &str, sort: Sort, rank: u8) {
        self.items.push(Item {
            label: name.to_owned(),
            sort,
            detail: detail.to_owned(),
            doc: doc.to_owned(),
            insert: name.to_owned(),
            snippet: false,
            rank,
        });
    }

    fn words(&mut self, table: &[library::Entry], sort: Sort, rank: u8) {
        for entry in table {
            self.word(entry.name, entry.signature, entry.doc, sort, rank);
        }
    }

    fn snippet(&mut self, label: &str, insert: &str, doc: &str, rank: u8) {
        self.items.push(Item {
            label: label.to_owned(),
            sort: Sort::Snippet,
            detail: String::new(),
            doc: doc.to_owned(),
            insert: insert.to_owned(),
            snippet: true,
            rank,
        });
    }

    pub fn all(&mut self) {
        match self.context.wanted.clone() {
            Wanted::Nothing => {}
            Wanted::Declaration => self.declarations(),
            Wanted::Item => self.actor_items(),
            Wanted::State => {
                let states = self.own(Kind::State);
                self.plain(states, 0);
            }
            Wanted::Cause => self.causes(),
            Wanted::CauseWord => {
                let words = ["on", "auto"].map(|w| library::WORDS.iter().find(|e| e.name == w).copied());
                self.words(&words.into_iter().flatten().collect::<Vec<_>>(), Sort::Word, 0);
            }
            Wanted::Limit => self.limits(),
            Wanted::Type => self.types(),
            Wanted::Actor => {
                let actors = self.symbols(&[Kind::Actor]);
                self.plain(actors, 0);
                self.word("Network", "by gossip", "Everybody.", Sort::Value, 3);
            }
            Wanted::Sent => self.messages(true),
            Wanted::Received => self.messages(false),
            Wanted::Appended => self.records(Kind::Block),
            Wanted::Started => {
                let tasks = self.symbols(&[Kind::Task]);
                self.calls(tasks, 0);
            }
            Wanted::Given { of, given } => self.given(&of, &given),
            Wanted::OfMessage => self.of_message(),
            Wanted::Member(names) => self.member(&names),
            Wanted::Kept => self.kept(),
            Wanted::Action => {
                self.words(library::ACTIONS, Sort::Word, 1);
                let fields = [self.own(Kind::StoreField), self.own(Kind::SharedField)].concat();
                self.plain(fields, 0);
                self.values(2);
            }
            Wanted::Expression(against) => {
                if let Some(names) = against {
                    self.fitting(&names);
                }
                self.values(2);
            }
            Wanted::Unit => library::UNITS.iter().for_each(|unit| self.word(unit, "", "", Sort::Unit, 0)),
            Wanted::Path(written) => self.paths(&written),
            Wanted::Step => self.steps(),
        }
    }

    fn declarations(&mut self) {
        self.words(library::DECLARATIONS, Sort::Word, 1);
        self.snippet(
            "message …",
            "message ${1:NAME} from ${2:Sender} to [${3:Receiver}] signed ( ${4:field} ${5:uint} )",
            "A signed message.",
            0,
        );
        self.snippet("actor …", "actor ${1:Name} \"${2:What it does}\" (\n    store ( session_id hash )\n\n    state IDLE initial \"${3:Nothing yet}\"\n    state DONE terminal \"${4:Done}\"\n\n    $0\n)", "An actor with two states.", 0);
        self.snippet("enum …", "enum ${1:Name} \"${2:What it says}\" ( ${3:YES} ${4:NO} )", "An enum.", 0);
        self.snippet("struct …", "struct ${1:Name} ( ${2:field} ${3:uint} )", "A struct.", 0);
        self.snippet(
            "function …",
            "function ${1:NAME}(${2:a uint}) -> ${3:bool} (\n    RETURN $0\n)",
            "A pure function.",
            0,
        );
        self.snippet("scenario …", "scenario ${1:name} \"${2:What happens}\" (\n    cast (\n        ${3:alice} ${4:Actor}\n    )\n    at 0 seconds $0\n)", "A run and what is expected of it.", 0);
        self.snippet(
            "property …",
            "property ${1:name} \"${2:What is claimed}\" always ( $0 )",
            "A claim about all runs.",
            0,
        );
        self.snippet(
            "parameters …",
            "parameters ( ${1:NAME} = ${2:5} ${3:seconds} \"${4:What it limits}\" )",
            "A named constant.",
            0,
        );
    }

    fn actor_items(&mut self) {
        self.words(library::ITEMS, Sort::Word, 1);
        let states = self.own(Kind::State);
        for (_, state) in states {
            self.push(state, format!("{} -> ", state.name), false, 0);
        }
        self.snippet("state …", "state ${1:NAME} \"${2:What it means}\"", "A state.", 1);
        self.snippet("transition …", "${1:FROM} -> ${2:TO} on ${3:CAUSE} (\n    $0\n)", "A transition.", 1);
        self.snippet(
            "time limit …",
            "${1:FROM} -> ${2:TO} on timeout(${3:LIMIT})",
            "What happens when nothing else does in time.",
            1,
        );
        for flag in ["initial", "terminal", "rest"] {
            if let Some(entry) = library::WORDS.iter().find(|entry| entry.name == flag) {
                self.word(entry.name, entry.signature, entry.doc, Sort::Word, 3);
            }
        }
    }

    /// Messages that this actor may handle, its triggers, tasks, time.
    fn causes(&mut self) {
        let triggers = self.own(Kind::Trigger);
        self.plain(triggers, 0);
        self.messages(false);
        let tasks = self.symbols(&[Kind::Task]);
        self.plain(tasks, 2);
        self.snippet(
            "timeout(…)",
            "timeout(${1:LIMIT})",
            "A duration from the entry of the state, or an instant.",
            1,
        );
        self.snippet("every(…)", "every(${1:PERIOD})", "Again and again.", 2);
    }

    /// Actors that a message names, before `to` and behind it.
    fn role_of(&self, message: &Symbol) -> (Vec<String>, Vec<String>) {
        let Some(analysis) = self.analysis else { return Default::default() };
        let Some(tree) = describe::tree(analysis, message.span.file) else { return Default::default() };
        let found = tree.decls.iter().find_map(|decl| match decl {
            omtc::syntax::ast::Decl::Message(m) if m.name.span == message.span => Some(m),
            _ => None,
        });
        let names = |list: &[omtc::syntax::ast::Ident]| list.iter().map(|n| n.text.clone()).collect();
        found.map(|m| (names(&m.from), names(&m.to))).unwrap_or_default()
    }

    /// Messages that the actor may send, or receive; those that it should not come last.
    fn messages(&mut self, sent: bool) {
        let own = self.actor().map(|(_, symbol)| symbol.name.clone());
        for (id, message) in self.symbols(&[Kind::Message]) {
            let (from, to) = self.role_of(message);
            let roles = if sent { from } else { to };
            let fits = own.as_ref().is_some_and(|own| roles.iter().any(|r| r == own || r == "Network"));
            if own.is_some() && !fits {
                continue;
            }
            if sent {
                let insert = self.record_snippet(id, &message.name);
                self.push(message, insert, true, 0);
            } else {
                self.push(message, message.name.clone(), false, 1);
            }
        }
    }

    /// `NAME { field $1 … }` with the fields that the store does not fill.
    fn record_snippet(&self, id: Id, name: &str) -> String {
        let own: BTreeSet<&str> = self.own(Kind::StoreField).iter().map(|(_, s)| s.name.as_str()).collect();
        let fields = self.members(id, Kind::Field);
        let missing = fields.iter().filter(|(_, f)| !own.contains(f.name.as_str()) && f.name != "timestamp");
        let holes: Vec<String> =
            missing.enumerate().map(|(n, (_, f))| format!("{} ${{{}:{}}}", f.name, n + 1, f.name)).collect();
        if holes.is_empty() { name.to_owned() } else { format!("{name} {{ {} }}", holes.join(", ")) }
    }

    fn records(&mut self, kind: Kind) {
        for (id, symbol) in self.symbols(&[kind]) {
            let insert = self.record_snippet(id, &symbol.name);
            self.push(symbol, insert, true, 0);
        }
    }

    fn limits(&mut self) {
        let durations = self.symbols(&[Kind::Parameter]);
        for (_, symbol) in durations {
            let value = self.analysis.and_then(|analysis| describe::value_of_parameter(analysis, symbol));
            let is_time = value.is_some_and(|v| library::UNITS.iter().take(6).any(|unit| v.ends_with(unit)));
            if is_time {
                self.push(symbol, symbol.name.clone(), false, 0);
            }
        }
        for (_, symbol) in self.own(Kind::StoreField) {
            let text = self.analysis.map_or("", |analysis| analysis.text(symbol.full));
            if text.contains("timestamp") || text.contains("duration") {
                self.push(symbol, symbol.name.clone(), false, 1);
            }
        }
    }

    fn types(&mut self) {
        self.words(library::TYPES, Sort::Type, 1);
        let declared = self.symbols(&[Kind::Enum, Kind::Struct, Kind::Message, Kind::Block, Kind::View]);
        self.plain(declared, 0);
    }

    /// Fields that are missing in a record.
    fn given(&mut self, of: &str, given: &[String]) {
        let found = self.symbols(&[Kind::Message, Kind::Block, Kind::Struct]);
        let Some((id, _)) = found.into_iter().find(|(_, symbol)| symbol.name == of) else { return };
        let mut missing = self.members(id, Kind::Field);
        missing.retain(|(_, field)| !given.contains(&field.name));
        for (_, field) in &missing {
            self.push(field, format!("{} ", field.name), false, 0);
        }
        if missing.len() > 1 {
            let own: BTreeSet<&str> =
                self.own(Kind::StoreField).iter().map(|(_, s)| s.name.as_str()).collect();
            let open = missing.iter().filter(|(_, f)| !own.contains(f.name.as_str()));
            let holes: Vec<String> =
                open.enumerate().map(|(n, (_, f))| format!("{} ${{{}:{}}}", f.name, n + 1, f.name)).collect();
            if !holes.is_empty() {
                self.snippet(
                    "all missing fields",
                    &holes.join(", "),
                    "Those that the store does not fill.",
                    1,
                );
            }
        }
        self.snippet("...", "...${1:record}", "All fields of another record.", 3);
    }

    fn of_message(&mut self) {
        if let Some((id, _)) = self.context.cause.as_ref().and_then(|cause| self.named(Kind::Message, cause))
        {
            let fields = self.members(id, Kind::Field);
            self.plain(fields, 0);
        }
        for (name, ty, doc) in [
            (
                "sender",
                "peer_id",
                "Who signed it; of a message without a signature, the peer at the other end.",
            ),
            ("payload", "record", "All its fields."),
            ("session", "hash", "The session of its envelope."),
            ("signed", "signed<M>", "The whole signed message as data."),
        ] {
            self.word(name, ty, doc, Sort::Value, 1);
        }
    }

    /// The declared type of a name here, as it is written.
    fn type_of(&self, name: &str) -> Option<String> {
        let own = [self.own(Kind::StoreField), self.own(Kind::SharedField)].concat();
        let field = own.into_iter().find(|(_, symbol)| symbol.name == name);
        let argument = || {
            let cause = self.context.cause.as_deref()?;
            let trigger = self.own(Kind::Trigger).into_iter().find(|(_, t)| t.name == cause)?;
            self.members(trigger.0, Kind::Argument).into_iter().find(|(_, a)| a.name == name)
        };
        let of_function = || {
            let (_, function) = self.context.declaration.as_ref()?;
            let function = self.named(Kind::Function, function)?;
            self.members(function.0, Kind::Argument).into_iter().find(|(_, a)| a.name == name)
        };
        let declared = field.or_else(argument).or_else(of_function);
        if let Some((_, symbol)) = declared {
            let text = self.analysis?.text(symbol.full);
            return Some(text.split_once(char::is_whitespace)?.1.trim().to_owned());
        }
        let analysis = self.analysis?;
        let local = self.symbols(&[Kind::Local]).into_iter().rfind(|(_, local)| local.name == name)?;
        describe::type_of_local(analysis, local.1)
    }

    /// The type of `a.b.c`.
    fn type_of_path(&self, names: &[String]) -> Option<String> {
        let (first, rest) = names.split_first()?;
        if let ([field], Some(actor)) = (rest, self.cast_member(std::slice::from_ref(first))) {
            let fields =
                [self.members(actor, Kind::StoreField), self.members(actor, Kind::SharedField)].concat();
            let (_, symbol) = fields.into_iter().find(|(_, symbol)| symbol.name == *field)?;
            return Some(
                self.analysis?.text(symbol.full).split_once(char::is_whitespace)?.1.trim().to_owned(),
            );
        }
        let mut ty = if first == "message" { self.context.cause.clone()? } else { self.type_of(first)? };
        for name in rest {
            let record = self.record_of(&ty)?;
            let field = self.members(record, Kind::Field).into_iter().find(|(_, f)| f.name == *name);
            ty = match field {
                Some((_, field)) => {
                    let text = self.analysis?.text(field.full);
                    text.split_once(char::is_whitespace)?.1.trim().to_owned()
                }
                None if name == "payload" => ty
                    .trim_start_matches("signed<")
                    .trim_start_matches("block<")
                    .trim_end_matches('>')
                    .to_owned(),
                None => return None,
            };
        }
        Some(ty)
    }

    fn record_of(&self, ty: &str) -> Option<Id> {
        let name = ty.trim_end_matches('?').trim();
        let kinds = [Kind::Struct, Kind::Message, Kind::Block, Kind::View];
        kinds.iter().find_map(|kind| self.named(*kind, name)).map(|(id, _)| id)
    }

    fn member(&mut self, names: &[String]) {
        let cast = self.cast_member(names);
        if let Some(actor) = cast {
            let fields =
                [self.members(actor, Kind::StoreField), self.members(actor, Kind::SharedField)].concat();
            self.plain(fields, 0);
            let triggers = self.members(actor, Kind::Trigger);
            self.calls(triggers, 0);
            self.word("state", "", "The state that it is in.", Sort::Value, 1);
            self.word("peer", "peer_id", "Its id.", Sort::Value, 1);
            self.word("chain", "segment", "Its chain.", Sort::Value, 1);
            return;
        }
        let Some(ty) = self.type_of_path(names) else { return };
        if let Some(record) = self.record_of(&ty) {
            let fields = self.members(record, Kind::Field);
            self.plain(fields, 0);
            return;
        }
        let fields: &[(&str, &str)] = if ty.starts_with("signed<") {
            &[("sender", "peer_id"), ("session", "hash"), ("sequence", "uint"), ("payload", "record")]
        } else if ty.starts_with("block<") {
            &[
                ("author", "peer_id"),
                ("height", "uint"),
                ("previous", "hash"),
                ("time", "timestamp"),
                ("hash", "hash"),
                ("payload", "record"),
            ]
        } else if ty == "segment" {
            &[("author", "peer_id"), ("head", "hash"), ("height", "int")]
        } else {
            &[]
        };
        fields.iter().for_each(|(name, ty)| self.word(name, ty, "", Sort::Value, 0));
    }

    /// The actor that a member of the cast plays.
    fn cast_member(&self, names: &[String]) -> Option<Id> {
        let (kind, scenario) = self.context.declaration.as_ref()?;
        let [name] = names else { return None };
        let analysis = self.analysis.filter(|_| kind == "scenario")?;
        let (owner, _) = self.named(Kind::Scenario, scenario)?;
        let (_, member) = self.members(owner, Kind::Member).into_iter().find(|(_, m)| m.name == *name)?;
        let text = analysis.text(member.full);
        let actor = text.split_whitespace().nth(1)?;
        self.named(Kind::Actor, actor).map(|(id, _)| id)
    }

    /// `store …`: what comes with the message or the trigger, and is in the store.
    fn kept(&mut self) {
        let own = [self.own(Kind::StoreField), self.own(Kind::SharedField)].concat();
        let cause = self.context.cause.clone().unwrap_or_default();
        let trigger = self.own(Kind::Trigger).into_iter().find(|(_, t)| t.name == cause);
        let comes: BTreeSet<String> = match trigger {
            Some((id, _)) => {
                self.members(id, Kind::Argument).into_iter().map(|(_, a)| a.name.clone()).collect()
            }
            None => match self.named(Kind::Message, &cause) {
                Some((id, _)) => {
                    self.members(id, Kind::Field).into_iter().map(|(_, f)| f.name.clone()).collect()
                }
                None => BTreeSet::new(),
            },
        };
        for (_, field) in own {
            let rank = if comes.contains(&field.name) { 0 } else { 2 };
            if comes.is_empty() || rank == 0 {
                self.push(field, field.name.clone(), false, rank);
            }
        }
    }

    /// What fits what a name is compared with: values of its enum, states.
    fn fitting(&mut self, names: &[String]) {
        if names.last().is_some_and(|name| name == "state") {
            let mut states = self.symbols(&[Kind::State]);
            if let Some(actor) = names.split_last().and_then(|(_, rest)| self.cast_member(rest)) {
                states.retain(|(_, state)| state.owner == Some(actor));
            }
            self.plain(states, 0);
            return;
        }
        if let Some(actor) = self.cast_member(names) {
            let states = self.members(actor, Kind::State);
            self.plain(states, 0);
            return;
        }
        let Some(ty) = self.type_of_path(names) else { return };
        if let Some((id, _)) = self.named(Kind::Enum, ty.trim_end_matches('?')) {
            let values = self.members(id, Kind::EnumValue);
            self.plain(values, 0);
        }
    }

    /// Everything that an expression can name.
    fn values(&mut self, rank: u8) {
        for name in self.context.locals.clone() {
            self.word(&name, "local", "", Sort::Symbol(Kind::Local), 0);
        }
        let cause = self.context.cause.clone().unwrap_or_default();
        if let Some((id, _)) = self.own(Kind::Trigger).into_iter().find(|(_, t)| t.name == cause) {
            let arguments = self.members(id, Kind::Argument);
            self.plain(arguments, 0);
        }
        if let Some((_, name)) = self.context.declaration.clone() {
            for kind in [Kind::Function, Kind::View, Kind::Scenario] {
                if let Some((id, _)) = self.named(kind, &name) {
                    let all = [Kind::Argument, Kind::Field, Kind::Member]
                        .map(|kind| self.members(id, kind))
                        .concat();
                    self.plain(all, 0);
                }
            }
        }
        let fields = [self.own(Kind::StoreField), self.own(Kind::SharedField)].concat();
        self.plain(fields, 1);
        let named = self.symbols(&[Kind::Parameter, Kind::EnumValue]);
        self.plain(named, rank);
        let callable = self.symbols(&[Kind::Function, Kind::Native]);
        self.calls(callable, rank);
        let structs = self.symbols(&[Kind::Struct]);
        self.plain(structs, rank + 1);
        self.words(library::VALUES, Sort::Value, rank);
        for entry in library::FUNCTIONS {
            let holes = holes(entry.signature);
            self.items.push(Item {
                label: entry.name.to_owned(),
                sort: Sort::Function,
                detail: entry.signature.to_owned(),
                doc: entry.doc.to_owned(),
                insert: format!("{}({holes})", entry.name),
                snippet: true,
                rank: rank + 1,
            });
        }
    }

    fn paths(&mut self, written: &str) {
        let own = self.path.to_owned();
        let begun = written.rsplit_once('/').map_or("", |(folder, _)| folder);
        for name in (self.files)(&own) {
            let rest = if begun.is_empty() {
                Some(name.as_str())
            } else {
                name.strip_prefix(begun).and_then(|r| r.strip_prefix('/'))
            };
            if let Some(rest) = rest {
                self.word(rest, &name, "", Sort::Path, 0);
            }
        }
    }

    fn steps(&mut self) {
        self.snippet("cast (…)", "cast (\n    ${1:alice} ${2:Actor}\n)", "Who takes part.", 0);
        self.snippet("at … trigger", "at ${1:0} seconds ${2:alice}.${3:trigger}($4)", "A trigger.", 0);
        self.snippet(
            "at … message",
            "at ${1:1} seconds ${2:alice} -> ${3:bob} ${4:MESSAGE} { $5 }",
            "A message, signed by its sender.",
            1,
        );
        self.snippet(
            "expect … within",
            "expect ${1:alice} IN ${2:STATE} within ${3:1} seconds",
            "What is expected, and by when.",
            0,
        );
        self.snippet(
            "expect sequence",
            "expect sequence ( ${1:alice} -> ${2:bob} ${3:MESSAGE} )",
            "Messages in order.",
            1,
        );
        for word in ["drop", "delay", "duplicate"] {
            self.snippet(
                word,
                &format!("{word} ${{1:MESSAGE}} from ${{2:alice}} to ${{3:bob}}"),
                "A fault of the network.",
                2,
            );
        }
        for word in ["crash", "restart"] {
            self.snippet(word, &format!("at ${{1:1}} seconds {word} ${{2:alice}}"), "A fault of a peer.", 2);
        }
        self.snippet(
            "partition",
            "at ${1:1} seconds partition [${2:alice}] [${3:bob}]",
            "Messages between them are lost.",
            2,
        );
        if let Some((_, name)) = self.context.declaration.clone()
            && let Some((id, _)) = self.named(Kind::Scenario, &name)
        {
            let members = self.members(id, Kind::Member);
            self.plain(members, 3);
        }
    }
}

/// The places to be filled in of a call: `HASH(v, …)` gives `${1:v}`.
fn holes(signature: &str) -> String {
    let inner = signature.split_once('(').map_or("", |(_, rest)| rest);
    let inner = inner.rsplit_once(") ->").map_or(inner, |(inner, _)| inner);
    let mut depth = 0_i32;
    let mut names = vec![String::new()];
    for c in inner.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => {
                names.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = names.last_mut() {
            last.push(c);
        }
    }
    let names = names.iter().filter_map(|part| part.split_whitespace().next()).filter(|name| *name != "…");
    names.enumerate().map(|(n, name)| format!("${{{}:{name}}}", n + 1)).collect::<Vec<_>>().join(", ")
}
