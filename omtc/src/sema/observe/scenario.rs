//! The steps of a scenario.

use super::super::codes;
use super::super::convert::Wanted;
use super::super::types::plural;
use super::constant::TIMES;
use super::expr::{Person, no_machine, nobody};
use super::{Asked, Observer, step_finding};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::spec::{Arrow, Disturb, Event, MessageName, Query, Role, Say, Scenario, Step, StepKind};
use crate::syntax::ast;
use omt_runtime::ir::Type;

/// How late a message is that `delay` does not say more of: a minute.
const DELAY_DEFAULT: i64 = 60_000_000;

impl Observer<'_, '_, '_> {
    pub(super) fn scenario(&mut self, decl: &ast::Scenario) -> Option<Scenario> {
        let mut cast = Vec::new();
        let mut steps = Vec::new();
        // Times and clocks are made of parameters, too.
        let settings = self.settings(decl);
        let mut complete = settings.is_some();
        self.settings = settings.unwrap_or_default();
        for step in &decl.steps {
            let ast::StepKind::Cast(members) = &step.kind else { continue };
            for member in members {
                let made = self.member(member, &cast);
                complete &= made.is_some();
                cast.extend(made);
            }
        }
        let mut last: Option<(i64, Span)> = None;
        for step in &decl.steps {
            if matches!(step.kind, ast::StepKind::Parameters(_) | ast::StepKind::Cast(_)) {
                continue;
            }
            let made = self.step(step, &mut last);
            complete &= made.is_some();
            steps.extend(made);
        }
        let title = decl.text.as_ref().map(|text| text.text.clone());
        let parameters = std::mem::take(&mut self.settings);
        let name = decl.name.text.clone();
        let scenario = Scenario { name, title, parameters, cast, steps, at: decl.name.span };
        complete.then_some(scenario)
    }

    fn step(&mut self, step: &ast::Step, last: &mut Option<(i64, Span)>) -> Option<Step> {
        let kind = match &step.kind {
            ast::StepKind::Parameters(_) | ast::StepKind::Cast(_) => return None,
            ast::StepKind::At { time, event } => {
                let at = self.span_of_time(time, "a time");
                if let (Some(at), Some((before, first))) = (at, *last)
                    && at < before
                {
                    self.out.push(
                        step_finding(time.span, "time goes back here")
                            .with_label("earlier than the step before")
                            .with_secondary(first, "the step before")
                            .with_help("write the steps in the order in which they happen"),
                    );
                }
                if let Some(at) = at {
                    *last = Some((at, time.span));
                }
                let event = self.event(event);
                StepKind::At { time: at?, event: event? }
            }
            ast::StepKind::Disturb { kind, message, filters } => {
                StepKind::Disturb(self.disturb(*kind, message, filters)?)
            }
            ast::StepKind::Expect { condition, within } => {
                let limit = within.as_ref().map(|within| self.span_of_time(within, "the time limit"));
                let asked = Asked { unwraps: true, ..Asked::at(condition.span) };
                let condition = self.value(condition, &Type::Bool, "an expectation", &asked);
                let within = match limit {
                    Some(limit) => Some(limit?),
                    None => None,
                };
                StepKind::Expect { condition: condition?, within }
            }
            ast::StepKind::ExpectSequence(arrows) => {
                let arrows: Vec<Option<Arrow>> = arrows.iter().map(|arrow| self.arrow(arrow)).collect();
                StepKind::Sequence(arrows.into_iter().collect::<Option<_>>()?)
            }
        };
        Some(Step { kind, at: step.span })
    }

    /// A member of the cast.
    fn person(&mut self, name: &ast::Ident) -> Option<&Person> {
        let found = self.cast.get(&name.text);
        if found.is_none() {
            self.out.push(nobody(name, self.cast));
        }
        found
    }

    fn named(&mut self, name: &ast::Ident) -> Option<String> {
        self.person(name)?;
        Some(name.text.clone())
    }

    /// A member that runs machines.
    fn runner(&mut self, name: &ast::Ident) -> Option<Person> {
        let person = self.person(name)?.clone();
        if person.byzantine {
            self.out.push(no_machine(name, &person));
            return None;
        }
        Some(person)
    }

    fn message(&mut self, name: &ast::Ident) -> Option<MessageName> {
        let world = self.world;
        let found = (0..world.parties.len())
            .find(|index| world.scope(self.tables, *index).message(&name.text).is_some());
        if found.is_none() && !world.incomplete {
            let known: Vec<String> = self.message_names().into_iter().map(str::to_owned).collect();
            let known = known.iter().map(String::as_str);
            self.unknown(codes::UNKNOWN_DECLARATION, name, "message", "not declared", known);
        }
        Some(MessageName { transaction: found?, name: name.text.clone() })
    }

    fn arrow(&mut self, arrow: &ast::Arrow) -> Option<Arrow> {
        let (from, to) = (self.named(&arrow.from), self.named(&arrow.to));
        let message = self.message(&arrow.message);
        Some(Arrow { from: from?, to: to?, message: message?, at: arrow.span })
    }

    fn event(&mut self, event: &ast::Event) -> Option<Event> {
        match event {
            ast::Event::Trigger { peer, trigger, args } => self.trigger(peer, trigger, args),
            ast::Event::Inject { arrow, record } => {
                Some(Event::Say(Box::new(self.say(arrow, record.as_ref())?)))
            }
            ast::Event::Crash(name) => self.runner(name).map(|_| Event::Crash(name.text.clone())),
            ast::Event::Restart(name) => self.runner(name).map(|_| Event::Restart(name.text.clone())),
            ast::Event::Partition(left, right) => {
                let mut side = |names: &[ast::Ident]| {
                    let all: Vec<Option<String>> = names.iter().map(|name| self.named(name)).collect();
                    all.into_iter().collect::<Option<Vec<String>>>()
                };
                let (left, right) = (side(left), side(right));
                Some(Event::Partition(left?, right?))
            }
            ast::Event::Heal => Some(Event::Heal),
        }
    }

    fn trigger(&mut self, peer: &ast::Ident, trigger: &ast::Ident, args: &[ast::Expr]) -> Option<Event> {
        let person = self.runner(peer);
        let actor = person.and_then(|person| person.actor);
        let Some(actor) = actor else {
            self.discard(args);
            return None;
        };
        let world = self.world;
        let found = (0..world.parties.len()).find_map(|transaction| {
            let actors = &world.signatures(self.tables, transaction).actors;
            let playing = |name: &str| transaction > 0 || name == actor;
            let mut with = actors
                .iter()
                .filter(|(name, _)| playing(name))
                .filter_map(|(name, info)| Some((*name, info.triggers.get(trigger.text.as_str())?)));
            let (first, info) = with.next()?;
            let types: Vec<_> = info.arguments.iter().map(|(_, slot)| &slot.ty).collect();
            let others = with.filter(|(_, other)| {
                other.arguments.iter().map(|(_, slot)| &slot.ty).eq(types.iter().copied())
            });
            let actors: Vec<&str> = [first].into_iter().chain(others.map(|(name, _)| name)).collect();
            Some((transaction, actors, info))
        });
        let Some((transaction, actors, info)) = found else {
            if !world.incomplete {
                let triggers = |index: usize| {
                    let actors = &world.signatures(self.tables, index).actors;
                    let own = actors.iter().filter(|(name, _)| index > 0 || **name == actor);
                    own.flat_map(|(_, info)| info.triggers.keys().copied()).collect::<Vec<&str>>()
                };
                let known: Vec<&str> = (0..world.parties.len()).flat_map(triggers).collect();
                let label = format!("a trigger of {actor}");
                self.unknown(codes::UNKNOWN_CAUSE, trigger, "trigger", &label, known);
            }
            self.discard(args);
            return None;
        };
        if info.arguments.len() != args.len() {
            let count = plural(info.arguments.len(), "argument");
            self.out.push(
                Diagnostic::new(
                    codes::ARGUMENT_COUNT,
                    trigger.span,
                    format!("`{}` takes {count}, found {}", trigger.text, args.len()),
                )
                .with_label("another number of arguments")
                .with_secondary(info.decl.name.span, "declared here"),
            );
            self.discard(args);
            return None;
        }
        let mut arguments: Vec<Option<Query>> = Vec::new();
        for (arg, (name, slot)) in args.iter().zip(&info.arguments) {
            let ty = slot.ty.as_ref().map(|ty| world.translate(transaction, ty));
            let wanted =
                Wanted::new(format!("`{name}` of `{}`", trigger.text)).declared(slot.span, "declared here");
            arguments.push(match ty {
                Some(ty) => self.query(&Asked { unwraps: true, ..Asked::at(arg.span) }, &|elab| {
                    elab.check(arg, &ty, &wanted)
                }),
                None => None,
            });
        }
        let key = &world.signatures(self.tables, transaction).session_key;
        let session = info.arguments.iter().position(|(name, _)| name == key);
        let roles = actors.into_iter().map(|name| Role { transaction, actor: name.to_owned() }).collect();
        Some(Event::Trigger {
            member: peer.text.clone(),
            roles,
            trigger: trigger.text.clone(),
            arguments: arguments.into_iter().collect::<Option<_>>()?,
            session,
        })
    }

    /// Arguments of something unknown, looked at for their own mistakes.
    fn discard(&mut self, args: &[ast::Expr]) {
        for arg in args {
            self.query(&Asked::at(arg.span), &|elab| elab.infer(arg, None));
        }
    }

    /// `a -> b M { field value, session id, sequence number }`
    fn say(&mut self, arrow: &ast::Arrow, record: Option<&ast::Record>) -> Option<Say> {
        let said = self.arrow(arrow);
        let empty = ast::Record { span: arrow.message.span, entries: Vec::new() };
        let record = record.unwrap_or(&empty);
        let given = |name: &str, out: &mut Vec<Diagnostic>| {
            let mut fields = record.entries.iter().filter_map(|entry| match entry {
                ast::RecordEntry::Field { name: field, value, .. } if field.text == name => {
                    Some((field, value))
                }
                _ => None,
            });
            let first = fields.next();
            if let (Some((first, _)), Some((again, _))) = (first, fields.next()) {
                out.push(
                    Diagnostic::new(codes::RECORD_FIELD, again.span, format!("`{name}` is given twice"))
                        .with_label("again here")
                        .with_secondary(first.span, "first given here"),
                );
                return Err(());
            }
            Ok(first.map(|(_, value)| value))
        };
        let (Ok(first), Ok(number)) = (given("session", self.out), given("sequence", self.out)) else {
            return None;
        };
        let signer = said.as_ref().map(|said| said.from.clone());
        let asked = |span| Asked { signer: signer.as_deref(), unwraps: true, ..Asked::at(span) };
        let mut session = None;
        if let Some(value) = first {
            session = Some(self.value(value, &Type::Hash, "the session of a message", &asked(value.span))?);
        }
        let mut sequence = None;
        if let Some(value) = number {
            sequence = Some(self.value(value, &Type::Uint, "the number of a message", &asked(value.span))?);
        }
        let said = said?;
        let ty = Type::Message(said.message.name.clone());
        let ty = self.world.translate(said.message.transaction, &ty);
        let of_envelope = |entry: &&ast::RecordEntry| matches!(entry, ast::RecordEntry::Field { name, .. } if name.text == "session" || name.text == "sequence");
        let entries = record.entries.iter().filter(|entry| !of_envelope(entry)).cloned().collect();
        let payload = ast::Record { span: record.span, entries };
        let span = if record.entries.is_empty() { arrow.span } else { record.span };
        let made = self.query(&asked(span), &|elab| elab.record_of(&ty, Some(&payload), span, true));
        let key = &self.world.signatures(self.tables, said.message.transaction).session_key;
        let keyed = payload.entries.iter().find_map(|entry| match entry {
            ast::RecordEntry::Field { name, value, .. } if name.text == *key => Some(value),
            _ => None,
        });
        let payload = made?;
        if let (None, Some(value)) = (&session, keyed) {
            session = self.value(value, &Type::Hash, "the session of a message", &asked(value.span));
        }
        Some(Say { from: said.from, to: said.to, message: said.message, payload, session, sequence })
    }

    fn disturb(
        &mut self,
        kind: ast::Disturbance,
        message: &ast::Ident,
        filters: &[ast::Filter],
    ) -> Option<Disturb> {
        let message = self.message(message);
        let (mut from, mut to) = (Vec::new(), Vec::new());
        let (mut by, mut times, mut nth) = (None, None, None);
        let mut complete = true;
        for filter in filters {
            match filter {
                ast::Filter::From(name) | ast::Filter::To(name) => {
                    let named = self.named(name);
                    complete &= named.is_some();
                    if matches!(filter, ast::Filter::From(_)) { &mut from } else { &mut to }.extend(named);
                }
                ast::Filter::By(e) => {
                    if kind != ast::Disturbance::Delay {
                        self.out.push(
                            step_finding(e.span, "only `delay` says by how much")
                                .with_label("a message is not lost, or repeated, by a time")
                                .with_help("write `delay MESSAGE by …`, or leave `by` out"),
                        );
                        complete = false;
                    }
                    by = self.span_of_time(e, "a delay");
                    complete &= by.is_some();
                }
                ast::Filter::Times(e) => {
                    times = self.count(e, TIMES);
                    complete &= times.is_some();
                }
                ast::Filter::Nth(e) => {
                    nth = self.count(e, TIMES);
                    complete &= nth.is_some();
                }
            }
        }
        let by = by.unwrap_or(DELAY_DEFAULT);
        let message = message?;
        complete.then_some(Disturb { kind, message, from, to, by, times, nth })
    }
}
