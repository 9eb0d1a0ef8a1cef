//! Lists whose places are numbers of nodes.

use std::ops::{Index, IndexMut};

/// A list that is read and written by number. Reading outside gives the default and writing outside goes nowhere: a
/// layout with a mistake is an ugly picture, never the end of the program that draws it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table<T> {
    rows: Vec<T>,
    spare: T,
}

impl<T: Clone + Default> Table<T> {
    /// So many defaults.
    pub fn new(count: usize) -> Table<T> {
        Table { rows: vec![T::default(); count], spare: T::default() }
    }

    /// Adds one, and gives its number.
    pub fn push(&mut self, row: T) -> usize {
        self.rows.push(row);
        self.rows.len() - 1
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// All, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    /// All, in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.rows.iter_mut()
    }

    /// The list itself.
    pub fn into_rows(self) -> Vec<T> {
        self.rows
    }
}

impl<T> From<Vec<T>> for Table<T>
where
    T: Default,
{
    fn from(rows: Vec<T>) -> Table<T> {
        Table { rows, spare: T::default() }
    }
}

impl<T> Index<usize> for Table<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        self.rows.get(at).unwrap_or(&self.spare)
    }
}

impl<T: Default> IndexMut<usize> for Table<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        self.spare = T::default();
        self.rows.get_mut(at).unwrap_or(&mut self.spare)
    }
}
