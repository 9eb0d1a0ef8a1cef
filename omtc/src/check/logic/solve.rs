//! Whether formulas can hold together.

use super::linear::{Linear, Row, System, TermId};
use super::term::{Constant, FALSE, Formula, Literal, NULL, TRUE, Terms};
use omt_runtime::ir::Type;
use std::collections::{BTreeMap, BTreeSet};

/// Work that one question may take: rows combined, literals looked at. Guards take a hundredth; what takes more is not
/// decided, so that a source made to be hard costs milliseconds.
const WORK_MAX: usize = 200_000;

/// How often alternatives are split inside each other. Each split copies what is known.
const SPLIT_DEPTH_MAX: usize = 24;

/// Terms of which the meaning is taken into account in one branch.
const MEANING_COUNT_MAX: usize = 64;

/// Can these formulas certainly not hold together?
pub(super) fn unsatisfiable(terms: &Terms<'_>, formulas: Vec<Formula>) -> bool {
    let mut solver = Solver { terms, left: WORK_MAX };
    let mut branch = Branch::default();
    for formula in formulas {
        if !branch.assume(formula) {
            return true;
        }
    }
    solver.closed(branch, 0)
}

/// What is assumed, and what is still to be split.
#[derive(Clone, Default)]
struct Branch {
    literals: Vec<Literal>,
    splits: Vec<Vec<Formula>>,
}

impl Branch {
    /// False when the assumption is plainly wrong.
    fn assume(&mut self, formula: Formula) -> bool {
        match formula {
            Formula::True => true,
            Formula::False => false,
            Formula::Literal(literal) => {
                self.literals.push(literal);
                true
            }
            Formula::All(list) => list.into_iter().all(|formula| self.assume(formula)),
            Formula::Any(list) => {
                self.splits.push(list);
                true
            }
        }
    }
}

struct Solver<'t, 'a> {
    terms: &'t Terms<'a>,
    left: usize,
}

impl Solver<'_, '_> {
    fn spend(&mut self, work: usize) -> bool {
        self.left = self.left.saturating_sub(work);
        self.left > 0
    }

    /// Does every way to make the branch true end in a contradiction?
    fn closed(&mut self, mut branch: Branch, depth: usize) -> bool {
        if self.contradiction(&branch.literals) {
            return true;
        }
        loop {
            let mut fewest: Option<(usize, Vec<Branch>)> = None;
            for index in 0..branch.splits.len() {
                let mut rest = branch.clone();
                let alternatives = rest.splits.remove(index);
                let mut open = Vec::new();
                for alternative in alternatives {
                    let mut next = rest.clone();
                    if next.assume(alternative) && !self.contradiction(&next.literals) {
                        open.push(next);
                    }
                }
                if fewest.as_ref().is_none_or(|(count, _)| open.len() < *count) {
                    fewest = Some((open.len(), open));
                }
                if self.left == 0 {
                    return false;
                }
                if fewest.as_ref().is_some_and(|(count, _)| *count <= 1) {
                    break;
                }
            }
            let Some((_, mut open)) = fewest else { return false };
            if open.len() > 1 {
                return depth < SPLIT_DEPTH_MAX
                    && open.into_iter().all(|next| self.closed(next, depth.saturating_add(1)));
            }
            // The only alternative that is left holds.
            match open.pop() {
                Some(next) => branch = next,
                None => return true,
            }
        }
    }

    /// Do these literals certainly contradict each other?
    fn contradiction(&mut self, literals: &[Literal]) -> bool {
        if !self.spend(self.terms.info.len().saturating_add(literals.len())) {
            return false;
        }
        let mut classes = Classes { parent: (0..).take(self.terms.info.len()).collect() };
        let mut unequal = Vec::new();
        for literal in literals {
            match literal {
                Literal::Same { a, b, same, plain } => {
                    if *same {
                        classes.join(*a, *b);
                    } else {
                        unequal.push((*a, *b));
                    }
                    if *plain {
                        unequal.extend([(*a, NULL), (*b, NULL)]);
                    }
                }
                // What is computed with is not null.
                Literal::Below { form, .. } | Literal::Zero { form, .. } => {
                    unequal.extend(form.terms.keys().map(|term| (*term, NULL)));
                }
            }
        }
        match self.values(&mut classes, &unequal) {
            Some(constants) => self.numbers(literals, &mut classes, &constants),
            None => true,
        }
    }

    /// The constant of each class; `None` when a class has two, or one that it must not have.
    fn values(
        &self,
        classes: &mut Classes,
        unequal: &[(TermId, TermId)],
    ) -> Option<BTreeMap<TermId, TermId>> {
        loop {
            let mut constants: BTreeMap<TermId, TermId> = BTreeMap::new();
            for (id, info) in (0..).zip(&self.terms.info) {
                if info.constant.is_some() && constants.insert(classes.root(id), id).is_some() {
                    return None;
                }
            }
            let mut apart: BTreeMap<TermId, BTreeSet<TermId>> = BTreeMap::new();
            for (a, b) in unequal {
                let (a, b) = (classes.root(*a), classes.root(*b));
                if a == b {
                    return None;
                }
                for (class, other) in [(a, b), (b, a)] {
                    if let Some(constant) = constants.get(&other) {
                        apart.entry(class).or_default().insert(*constant);
                    }
                }
            }
            let mut joined = false;
            for (class, excluded) in &apart {
                if constants.contains_key(class) {
                    continue;
                }
                let Some(domain) = self.domain(*class, classes) else { continue };
                let mut left = domain.into_iter().filter(|id| id.is_none_or(|id| !excluded.contains(&id)));
                match (left.next(), left.next()) {
                    (None, _) => return None,
                    (Some(Some(only)), None) => {
                        classes.join(*class, only);
                        joined = true;
                    }
                    _ => {}
                }
                if joined {
                    break;
                }
            }
            if !joined {
                return Some(constants);
            }
        }
    }

    /// All values that a class may have, where they are few; one that is no term yet is `None`.
    fn domain(&self, class: TermId, classes: &mut Classes) -> Option<Vec<Option<TermId>>> {
        let ty = (0..).zip(&self.terms.info).find_map(|(id, info)| {
            (matches!(info.ty, Type::Bool | Type::Enum(_)) && classes.root(id) == class).then_some(&info.ty)
        })?;
        let mut domain = vec![Some(NULL)];
        if let Type::Enum(name) = ty {
            for value in self.terms.protocol.enums.get(name)?.values.keys() {
                let wanted = Constant::Enum(name.clone(), value.clone());
                let id = (0..).zip(&self.terms.info).find(|(_, i)| i.constant.as_ref() == Some(&wanted));
                domain.push(id.map(|(id, _)| id));
            }
        } else {
            domain.extend([Some(TRUE), Some(FALSE)]);
        }
        Some(domain)
    }

    /// Do the inequalities certainly have no solution?
    fn numbers(
        &mut self,
        literals: &[Literal],
        classes: &mut Classes,
        constants: &BTreeMap<TermId, TermId>,
    ) -> bool {
        let mut system = System::default();
        let mut differing: Vec<(Linear, bool)> = Vec::new();
        let mut open: Vec<TermId> = Vec::new();
        let mut place = |form: &Linear| -> Option<Linear> {
            let mut placed = Linear::constant(form.constant);
            for (term, factor) in &form.terms {
                let root = classes.root(*term);
                let constant = constants.get(&root).and_then(|id| self.terms.info.get(*id as usize));
                let value = match constant.and_then(|info| info.constant.as_ref()) {
                    Some(Constant::Number(number)) => Linear::constant(*number),
                    Some(
                        Constant::Null
                        | Constant::Bool(_)
                        | Constant::Enum(..)
                        | Constant::Text(_)
                        | Constant::Float(_),
                    )
                    | None => Linear::term(root),
                };
                placed = placed.plus(*factor, &value)?;
            }
            Some(placed)
        };
        for literal in literals {
            match literal {
                Literal::Same { .. } => {}
                Literal::Below { form, strict, dense } => {
                    open.extend(form.terms.keys());
                    if let Some(form) = place(form) {
                        system.add(Row { form, strict: *strict, dense: *dense });
                    }
                }
                Literal::Zero { form, zero, dense } => {
                    open.extend(form.terms.keys());
                    match place(form) {
                        Some(form) if *zero => system.add_zero(form),
                        Some(form) => differing.push((form, *dense)),
                        None => {}
                    }
                }
            }
        }
        if open.is_empty() {
            return false;
        }
        let mut seen = BTreeSet::new();
        while let Some(term) = open.pop() {
            if seen.len() >= MEANING_COUNT_MAX || !seen.insert(term) {
                continue;
            }
            let Some(info) = self.terms.info.get(term as usize) else { continue };
            for side in &info.sides {
                open.extend(side.terms.keys());
                if let Some(form) = place(side) {
                    system.add(Row::whole(form));
                }
            }
        }
        for (lower, higher) in self.ordered(&seen) {
            let form = Linear::term(classes.root(lower)).plus(-1, &Linear::term(classes.root(higher)));
            if let Some(form) = form {
                system.add(Row { form, strict: true, dense: true });
            }
        }
        self.no_solution(system, differing)
    }

    /// Neighbours among the constants that are floats, and among those that are texts.
    fn ordered(&self, terms: &BTreeSet<TermId>) -> Vec<(TermId, TermId)> {
        let mut floats: Vec<(f64, TermId)> = Vec::new();
        let mut texts: Vec<(&str, TermId)> = Vec::new();
        for id in terms {
            match self.terms.info.get(*id as usize).and_then(|info| info.constant.as_ref()) {
                Some(Constant::Float(bits)) => floats.push((f64::from_bits(*bits), *id)),
                Some(Constant::Text(text)) => texts.push((text, *id)),
                Some(Constant::Null | Constant::Bool(_) | Constant::Enum(..) | Constant::Number(_))
                | None => {}
            }
        }
        floats.sort_by(|a, b| a.0.total_cmp(&b.0));
        texts.sort_unstable();
        let floats = floats.iter().zip(floats.iter().skip(1)).map(|(a, b)| (a.1, b.1));
        let texts = texts.iter().zip(texts.iter().skip(1)).map(|(a, b)| (a.1, b.1));
        floats.chain(texts).collect()
    }

    /// Differences are decided one after the other: where one side of a value is excluded, it lies on the other.
    fn no_solution(&mut self, mut system: System, mut differing: Vec<(Linear, bool)>) -> bool {
        if self.empty(&system) {
            return true;
        }
        loop {
            let mut undecided = Vec::new();
            let mut decided = false;
            for (form, dense) in differing {
                let below = Row { form: form.clone(), strict: true, dense };
                let above = form.times(-1).map(|form| Row { form, strict: true, dense });
                let Some(above) = above else { continue };
                let closed = |this: &mut Self, row: &Row| {
                    let mut system = system.clone();
                    system.add(row.clone());
                    this.empty(&system)
                };
                match (closed(self, &below), closed(self, &above)) {
                    (true, true) => return true,
                    (true, false) => {
                        system.add(above);
                        decided = true;
                    }
                    (false, true) => {
                        system.add(below);
                        decided = true;
                    }
                    (false, false) => undecided.push((form, dense)),
                }
            }
            if !decided {
                return false;
            }
            differing = undecided;
        }
    }

    fn empty(&mut self, system: &System) -> bool {
        system.clone().empty(&mut |work| self.spend(work))
    }
}

/// Terms that are the same.
struct Classes {
    parent: Vec<TermId>,
}

impl Classes {
    fn root(&mut self, term: TermId) -> TermId {
        let mut root = term;
        while let Some(parent) = self.parent.get(root as usize)
            && *parent != root
        {
            root = *parent;
        }
        if let Some(parent) = self.parent.get_mut(term as usize) {
            *parent = root;
        }
        root
    }

    fn join(&mut self, a: TermId, b: TermId) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(parent) = self.parent.get_mut(a.max(b) as usize) {
            *parent = a.min(b);
        }
    }
}
