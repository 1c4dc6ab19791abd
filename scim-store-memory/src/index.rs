//! An index over the values of one attribute.

use std::{ops::Range, sync::Arc};

use scim_core::{
    Document, Timestamp,
    query::{Operator, Prepared, SortOrder, prepared_values},
    schema::{Attribute, Preparation, ResourceType},
    store::StoreError,
};

use crate::{
    keys::KeySet,
    packed::{At, Entry},
    row::Row,
};

/// Finds the rows of one resource type by the values of one attribute, in the order of the values.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    attribute: Arc<Attribute>,
    source: Source,
    entries: KeySet,
}

/// A row and its document, which is parsed once however many indexes look into it.
pub(crate) type Indexed<'a> = (&'a Row, &'a Document);

/// What is different in a row that is written, beside its version.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Changed<'a> {
    /// The row is new, or gone.
    Everything,
    /// These attributes, as [`DocumentChange`](scim_core::store::DocumentChange) names them.
    Attributes(&'a [Arc<Attribute>]),
}

/// Where the values of an attribute are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    Document,
    Created,
    LastModified,
}

impl Index {
    /// An empty index over the attribute with this path; `None` where the type has no such
    /// attribute or its values have no key.
    pub(crate) fn over(resource_type: &ResourceType, path: &str) -> Option<Self> {
        let attribute = resource_type.attribute_at(path)?;
        let source = match attribute.path() {
            "meta.created" => Source::Created,
            "meta.lastModified" => Source::LastModified,
            path if path == "id" || path == "meta" || path.starts_with("meta.") => return None,
            _ if attribute.preparation() == Preparation::None => return None,
            _ => Source::Document,
        };
        Some(Self { attribute: attribute.clone(), source, entries: KeySet::default() })
    }

    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether comparisons of this attribute can be answered from the index.
    pub(crate) fn serves(&self, attribute: &Attribute) -> bool {
        self.attribute.compares_as(attribute)
    }

    /// Whether each of this many rows stands in the index exactly once, so that walking it is
    /// walking them in the order of the attribute.
    pub(crate) fn covers(&self, rows: usize) -> bool {
        let is_single = !self.attribute.is_multi_valued() && !self.attribute.is_in_multi_valued();
        is_single && self.entries.len() == rows
    }

    /// Entries in the order of the values, ties in the order of the rows, from
    /// the start or behind an entry, which need not be there any more; the first `skipped` are
    /// passed over.
    pub(crate) fn in_order(
        &self,
        order: SortOrder,
        after: Option<Entry<'_>>,
        skipped: usize,
    ) -> Box<dyn Iterator<Item = At<'_>> + '_> {
        let len = self.entries.len();
        if order == SortOrder::Ascending {
            let first = after.map_or(0, |(key, row)| self.rank_behind(key, row));
            return Box::new(self.entries.range(first.saturating_add(skipped)..len));
        }
        let Some((key, row)) = after else { return self.descending(len, skipped) };
        let ties = self.entries.range(self.rank_behind(key, row)..self.rank_behind(key, u64::MAX));
        let lower = self.descending(self.entries.rank((key, 0)), 0);
        Box::new(ties.chain(lower).skip(skipped))
    }

    /// The entries of the ranks below `end`, the largest key first, the rows of one key in their
    /// own order.
    fn descending(&self, end: usize, skipped: usize) -> Box<dyn Iterator<Item = At<'_>> + '_> {
        // The entry to begin with may be amid others of the same key.
        let first = end.saturating_sub(skipped);
        let Some(last) = self.entries.range(0..first).next_back() else {
            return Box::new(std::iter::empty());
        };
        let key = last.key();
        let group = self.entries.rank((&key, 0))..self.rank_behind(&key, u64::MAX).min(end);
        let passed = group.end.saturating_sub(first);
        let mut end = group.start;
        let others = std::iter::from_fn(move || {
            let last = self.entries.range(0..end).next_back()?;
            let group = self.entries.rank((&last.key(), 0))..end;
            end = group.start;
            Some(self.entries.range(group))
        });
        Box::new(self.entries.range(group).skip(passed).chain(others.flatten()))
    }

    /// How many entries come up to this one, itself included.
    fn rank_behind(&self, key: &[u8], row: u64) -> usize {
        match row.checked_add(1) {
            Some(next) => self.entries.rank((key, next)),
            // No row has the largest number.
            None => self.entries.rank((key, row)),
        }
    }

    /// Makes the index show the row as it is after a write instead of as it was before.
    pub(crate) fn update(
        &mut self,
        number: u64,
        before: Option<Indexed<'_>>,
        after: Option<Indexed<'_>>,
        changed: Changed<'_>,
    ) -> Result<(), StoreError> {
        if !self.is_concerned(changed) {
            return Ok(());
        }
        let old = before.map_or(Ok(Vec::new()), |row| self.keys(row))?;
        let new = after.map_or(Ok(Vec::new()), |row| self.keys(row))?;
        for key in old.iter().filter(|key| new.binary_search(key).is_err()) {
            self.entries.remove((key, number));
        }
        for key in new.iter().filter(|key| old.binary_search(key).is_err()) {
            self.entries.insert((key, number));
        }
        Ok(())
    }

    fn is_concerned(&self, changed: Changed<'_>) -> bool {
        match (self.source, changed) {
            (Source::LastModified, _) | (_, Changed::Everything) => true,
            (Source::Created, _) => false,
            (Source::Document, Changed::Attributes(attributes)) => {
                attributes.iter().any(|attribute| {
                    let below = self.attribute.path().strip_prefix(attribute.path());
                    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
            }
        }
    }

    /// Numbers of the rows with a value that compares as asked, ascending, and of no others;
    /// `None` where the index cannot tell.
    pub(crate) fn find(&self, operator: Operator, operand: &Prepared) -> Option<Vec<u64>> {
        let key = operand.to_key();
        let is_text = operand.as_text().is_some();
        let mut rows = match operator {
            Operator::Equal => self.of(|at| at.has_key(&key), &key),
            Operator::StartsWith if is_text => self.of(|at| at.starts_with(&key), &key),
            Operator::Contains if is_text => self.entries.containing(&key),
            Operator::EndsWith if is_text => self.entries.ending(&key),
            _ => self.entries.range(self.ranks(operator, &key)?).map(|at| at.row).collect(),
        };
        rows.sort_unstable();
        rows.dedup();
        Some(rows)
    }

    /// The ranks of the values that compare as asked, where they stand together.
    fn ranks(&self, operator: Operator, key: &[u8]) -> Option<Range<usize>> {
        let lowest = || self.entries.rank((key, 0));
        let behind = || self.rank_behind(key, u64::MAX);
        let len = self.entries.len();
        Some(match operator {
            Operator::GreaterOrEqual => lowest()..len,
            Operator::Greater => behind()..len,
            Operator::LessOrEqual => 0..behind(),
            Operator::Less => 0..lowest(),
            _ => return None,
        })
    }

    /// The rows of the entries from a key on for which something holds.
    fn of(&self, holds: impl Fn(&At<'_>) -> bool, key: &[u8]) -> Vec<u64> {
        self.entries.from((key, 0)).take_while(holds).map(|at| at.row).collect()
    }

    /// The keys of a row in their order.
    fn keys(&self, (row, document): Indexed<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
        let values = match self.source {
            Source::Created => vec![instant(row.created)],
            Source::LastModified => vec![instant(row.last_modified)],
            Source::Document => {
                let values = document.values().map_err(StoreError::internal)?;
                prepared_values(&self.attribute, values)
            }
        };
        let mut keys: Vec<_> = values.iter().map(Prepared::to_key).collect();
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }
}

fn instant(time: Timestamp) -> Prepared {
    Prepared::Instant(i128::from(time.as_micros()).saturating_mul(1000))
}
