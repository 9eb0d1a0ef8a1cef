//! Linear forms over terms, and whether a system of them has a solution.

use std::collections::BTreeMap;

/// Rows that a system may grow to while variables are eliminated. Guards have a handful; what needs more is not decided.
const ROW_COUNT_MAX: usize = 192;

/// Coefficients beyond this are not multiplied further, so that products of two rows stay far from 128 bits.
const COEFFICIENT_MAX: i128 = 1 << 60;

/// A term, by its number.
pub(super) type TermId = u32;

/// A sum of multiples of terms, and a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Linear {
    /// Never zero.
    pub terms: BTreeMap<TermId, i128>,
    pub constant: i128,
}

impl Linear {
    pub fn constant(constant: i128) -> Linear {
        Linear { terms: BTreeMap::new(), constant }
    }

    pub fn term(term: TermId) -> Linear {
        Linear { terms: BTreeMap::from([(term, 1)]), constant: 0 }
    }

    /// The number that it is, if it has no terms.
    pub fn number(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// `self + factor * other`; `None` when a number gets too large.
    pub fn plus(&self, factor: i128, other: &Linear) -> Option<Linear> {
        let mut sum = self.clone();
        sum.constant = sum.constant.checked_add(other.constant.checked_mul(factor)?)?;
        for (term, coefficient) in &other.terms {
            let entry = sum.terms.entry(*term).or_default();
            *entry = entry.checked_add(coefficient.checked_mul(factor)?)?;
            if entry.abs() > COEFFICIENT_MAX {
                return None;
            }
        }
        sum.terms.retain(|_, coefficient| *coefficient != 0);
        Some(sum)
    }

    pub fn times(&self, factor: i128) -> Option<Linear> {
        Linear::default().plus(factor, self)
    }

    pub fn offset(&self, by: i128) -> Option<Linear> {
        self.plus(1, &Linear::constant(by))
    }

    /// With a term replaced by a form.
    fn with(&self, term: TermId, value: &Linear) -> Option<Linear> {
        let Some(factor) = self.terms.get(&term) else { return Some(self.clone()) };
        let mut rest = self.clone();
        rest.terms.remove(&term);
        rest.plus(*factor, value)
    }
}

/// `form <= 0`, or `form < 0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub form: Linear,
    pub strict: bool,
    /// Do its terms stand for values between which there are always others (or may be)? Else for whole numbers.
    pub dense: bool,
}

impl Row {
    pub fn whole(form: Linear) -> Row {
        Row { form, strict: false, dense: false }
    }

    /// In lowest terms; for whole numbers the constant is rounded up, which loses no solution.
    fn reduced(mut self) -> Row {
        if self.strict && !self.dense {
            match self.form.offset(1) {
                Some(form) => self = Row { form, strict: false, dense: false },
                None => return self,
            }
        }
        let divisor = self.form.terms.values().fold(0, |a, b| gcd(a, b.abs()));
        if divisor > 1 {
            if self.dense && self.form.constant % divisor != 0 {
                return self;
            }
            self.form.terms.values_mut().for_each(|c| *c /= divisor);
            self.form.constant = -(-self.form.constant).div_euclid(divisor);
        }
        self
    }

    /// Without terms: does it hold?
    fn holds(&self) -> bool {
        if self.strict { self.form.constant < 0 } else { self.form.constant <= 0 }
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What is known: rows, each set of coefficients once, with the tightest constant.
#[derive(Clone, Debug, Default)]
pub(super) struct System {
    rows: BTreeMap<BTreeMap<TermId, i128>, (i128, bool, bool)>,
    /// A row without terms that does not hold.
    broken: bool,
    /// Forms that are zero.
    zeros: Vec<Linear>,
}

impl System {
    pub fn add(&mut self, row: Row) {
        let row = row.reduced();
        if row.form.terms.is_empty() {
            self.broken |= !row.holds();
            return;
        }
        let new = (row.form.constant, row.strict, row.dense);
        let entry = self.rows.entry(row.form.terms).or_insert(new);
        // Of equal coefficients the greater constant says more, and of equal constants the strict one.
        if (new.0, new.1) > (entry.0, entry.1) {
            *entry = new;
        }
    }

    pub fn add_zero(&mut self, form: Linear) {
        self.zeros.push(form);
    }

    /// Has it certainly no solution? `spend` is asked before each piece of work; when it refuses, the answer is no.
    pub fn empty(mut self, spend: &mut dyn FnMut(usize) -> bool) -> bool {
        if self.broken {
            return true;
        }
        if !self.substitute() {
            return false;
        }
        loop {
            if self.broken {
                return true;
            }
            if !spend(self.rows.len().saturating_add(1)) {
                return false;
            }
            // Which term stands in how many rows with which sign.
            let mut signs: BTreeMap<TermId, (usize, usize)> = BTreeMap::new();
            for row in self.rows.keys() {
                for (term, coefficient) in row {
                    let entry = signs.entry(*term).or_default();
                    if *coefficient > 0 { entry.0 += 1 } else { entry.1 += 1 }
                }
            }
            let Some((term, (above, below))) = signs.into_iter().min_by_key(|(_, (a, b))| a * b) else {
                return false;
            };
            if self.rows.len().saturating_add(above * below) > ROW_COUNT_MAX || !spend(above * below) {
                return false;
            }
            if !self.eliminate(term) {
                return false;
            }
        }
    }

    /// Combines each row that bounds a term from above with each that bounds it from below.
    fn eliminate(&mut self, term: TermId) -> bool {
        let mut above = Vec::new();
        let mut below = Vec::new();
        for (terms, (constant, strict, dense)) in std::mem::take(&mut self.rows) {
            let coefficient = terms.get(&term).copied().unwrap_or(0);
            let row = Row { form: Linear { terms, constant }, strict, dense };
            match coefficient {
                0 => self.add(row),
                c if c > 0 => above.push((c, row)),
                c => below.push((c, row)),
            }
        }
        for (up, high) in &above {
            for (down, low) in &below {
                // A combination that gets too large is left out: what remains still follows.
                let scaled = high.form.times(-down);
                let Some(form) = scaled.and_then(|form| form.plus(*up, &low.form)) else { continue };
                self.add(Row { form, strict: high.strict || low.strict, dense: high.dense || low.dense });
            }
        }
        true
    }

    /// Solves equations: those with a coefficient of one by putting in, others become two rows.
    fn substitute(&mut self) -> bool {
        while let Some(zero) = self.zeros.pop() {
            let unit = zero.terms.iter().find(|(_, c)| c.abs() == 1).map(|(t, c)| (*t, *c));
            let Some((term, coefficient)) = unit else {
                let Some(negated) = zero.times(-1) else { continue };
                self.add(Row::whole(zero));
                self.add(Row::whole(negated));
                continue;
            };
            // term = -(rest) / coefficient, and the coefficient is 1 or -1.
            let mut rest = zero.clone();
            rest.terms.remove(&term);
            let Some(value) = rest.times(-coefficient) else { continue };
            for (terms, (constant, strict, dense)) in std::mem::take(&mut self.rows) {
                let Some(form) = (Linear { terms, constant }).with(term, &value) else { continue };
                self.add(Row { form, strict, dense });
            }
            self.zeros = self.zeros.iter().filter_map(|form| form.with(term, &value)).collect();
        }
        true
    }
}
