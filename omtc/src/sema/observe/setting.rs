//! Parameters that a scenario changes: for all members, from the beginning to the end.

use super::super::codes;
use super::super::signature::parameter;
use super::super::types::show;
use super::{Observer, step_finding};
use crate::diagnostic::Diagnostic;
use crate::spec::Setting;
use crate::syntax::ast;
use omt_runtime::ir::ParameterValue;
use std::collections::BTreeSet;

impl Observer<'_, '_, '_> {
    /// What the scenario gives to parameters, `None` when some of it is wrong.
    pub(super) fn settings(&mut self, decl: &ast::Scenario) -> Option<Vec<Setting>> {
        let mut given: Vec<&ast::Parameter> = Vec::new();
        let mut settings = Vec::new();
        let mut complete = true;
        let mut begun = None;
        for step in &decl.steps {
            let ast::StepKind::Parameters(entries) = &step.kind else {
                let happens = !matches!(step.kind, ast::StepKind::Cast(_));
                begun = begun.or_else(|| happens.then_some(step.span));
                continue;
            };
            if let Some(first) = begun {
                self.out.push(
                    step_finding(step.span, "parameters do not change while a scenario runs")
                        .with_label("this holds from the beginning")
                        .with_secondary(first, "the scenario has begun here")
                        .with_help("write it before the first step"),
                );
                complete = false;
            }
            for entry in entries {
                if let Some(first) = given.iter().find(|first| first.name.text == entry.name.text) {
                    self.out.push(
                        Diagnostic::new(
                            codes::DUPLICATE,
                            entry.name.span,
                            format!("`{}` is given twice", entry.name.text),
                        )
                        .with_label("again here")
                        .with_secondary(first.name.span, "first given here")
                        .with_note("of two values one would be lost"),
                    );
                    complete = false;
                    continue;
                }
                given.push(entry);
                let made = self.setting(entry);
                complete &= made.is_some();
                settings.extend(made);
            }
        }
        complete.then_some(settings)
    }

    fn setting(&mut self, entry: &ast::Parameter) -> Option<Setting> {
        let (world, tables) = (self.world, self.tables);
        let name = entry.name.text.as_str();
        let declared = |index: usize| world.scope(tables, index).parameters.get(name).copied();
        let Some((first, decl)) = (0..world.parties.len()).find_map(|i| Some((i, declared(i)?))) else {
            if !world.incomplete {
                let names = |index: usize| world.scope(tables, index).parameters.keys().copied();
                let known: BTreeSet<&str> = (0..world.parties.len()).flat_map(names).collect();
                self.unknown(codes::UNKNOWN_NAME, &entry.name, "parameter", "not declared", known);
            }
            return None;
        };
        let value = parameter(entry, self.out)?;
        let old = world.signatures(tables, first).parameters.get(name).cloned().flatten()?;
        let value = self.fitting(entry, value, decl, &old)?;
        // A file that several transactions import declares one parameter of all of them.
        let of_all = |index: &usize| declared(*index).is_some_and(|other| other.name.span == decl.name.span);
        let transactions = (first..world.parties.len()).filter(of_all).collect();
        Some(Setting { name: name.to_owned(), value, written: written(entry), transactions })
    }

    /// The value, if it is one of the parameter's type and unit: nothing else of the protocol has to be checked again.
    fn fitting(
        &mut self,
        entry: &ast::Parameter,
        value: ParameterValue,
        decl: &ast::Parameter,
        old: &ParameterValue,
    ) -> Option<ParameterValue> {
        let value = match (value, old) {
            // A whole number without a unit has the type that it needs, as far as it fits.
            (ParameterValue::Uint(number), ParameterValue::Int(_)) if i64::try_from(number).is_ok() => {
                ParameterValue::Int(i64::try_from(number).unwrap_or(i64::MAX))
            }
            (value, _) => value,
        };
        let unit = |of: &ast::Parameter| of.unit.as_ref().map(|unit| unit.text.clone());
        let time = matches!((&value, old), (ParameterValue::Duration(_), ParameterValue::Duration(_)));
        if value.ty() == old.ty() && (time || unit(entry) == unit(decl)) {
            return Some(value);
        }
        let (found, wanted) = (written(entry), written(decl));
        let name = &entry.name.text;
        let label = if value.ty() == old.ty() {
            "another unit than the parameter has".to_owned()
        } else {
            format!("this is a `{}`, and the parameter a `{}`", show(&value.ty()), show(&old.ty()))
        };
        self.out.push(
            Diagnostic::new(codes::MISMATCH, entry.span, format!("`{name}` cannot be {found}"))
                .with_label(label)
                .with_secondary(decl.span, format!("declared here as {wanted}"))
                .with_note("everything that reads the parameter was checked with its type and unit")
                .with_help(match &decl.unit {
                    Some(unit) => format!("give a value in {}", unit.text),
                    None => "give a value like the declared one, without a unit".to_owned(),
                }),
        );
        None
    }
}

/// Value and unit as in the source.
fn written(entry: &ast::Parameter) -> String {
    let value = match &entry.value {
        ast::ParameterValue::Number(number) => &number.text,
        ast::ParameterValue::Name(name) => &name.text,
    };
    entry.unit.as_ref().map_or_else(|| value.clone(), |unit| format!("{value} {}", unit.text))
}
