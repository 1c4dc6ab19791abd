//! A statement in the making: its text, what is bound to it and what its functions mean.

use rusqlite::{Row, StatementStatus, params_from_iter, types::Value};

use crate::{
    connection::Link,
    error::Failure,
    evaluation::{Leaf, Leaves},
};

/// Has the steps of a statement count from here on. SQLite goes on where the last run of a compiled
/// statement stopped, so that one of many short runs would be charged for all of them.
pub(crate) fn begin_counting(statement: &rusqlite::Statement<'_>) {
    statement.reset_status(StatementStatus::VmStep);
}

/// What is bound to a statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bindings {
    values: Vec<Value>,
    leaves: Vec<Leaf>,
}

impl Bindings {
    /// Binds a value and answers with the parameter that stands for it.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// How many values are bound.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Adds a leaf and answers with its number.
    pub(crate) fn leaf(&mut self, leaf: Leaf) -> usize {
        self.leaves.push(leaf);
        self.leaves.len().saturating_sub(1)
    }

    /// The finished statement.
    pub(crate) fn into_statement(self, sql: String) -> Statement {
        Statement { sql, values: self.values, leaves: self.leaves.into() }
    }
}

/// A statement that can be run on any connection.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
    leaves: Leaves,
}

impl Statement {
    /// The statement with these values from the parameter on that has `at` others before it.
    pub(crate) fn with(&self, at: usize, values: Vec<Value>) -> Self {
        let mut filled = self.clone();
        for (slot, value) in filled.values.iter_mut().skip(at).zip(values) {
            *slot = value;
        }
        filled
    }

    /// All rows of the answer.
    pub(crate) fn rows<T>(
        &self,
        link: &Link,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        link.evaluation.with(&self.leaves, || {
            let mut statement = link.sql.prepare_cached(&self.sql)?;
            begin_counting(&statement);
            let rows = statement.query_map(params_from_iter(&self.values), read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
