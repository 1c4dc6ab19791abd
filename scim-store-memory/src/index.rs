//! An index over the values of one attribute.

use std::{
    collections::BTreeSet,
    ops::{Bound, RangeBounds},
    sync::Arc,
};

use imbl::OrdSet;
use scim_core::{
    Timestamp,
    query::{Operator, Prepared, SortOrder, prepared_values},
    schema::{Attribute, Preparation, ResourceType},
    store::StoreError,
};

use crate::row::Row;

/// Finds the rows of one resource type by the values of one attribute, in the order of the values.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    attribute: Arc<Attribute>,
    source: Source,
    entries: OrdSet<Entry>,
}

/// The key bytes of a value, and the number of a row that has it.
pub(crate) type Entry = (Arc<[u8]>, u64);

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
        Some(Self { attribute: attribute.clone(), source, entries: OrdSet::new() })
    }

    /// Whether comparisons of this attribute can be answered from the index.
    pub(crate) fn serves(&self, attribute: &Attribute) -> bool {
        *self.attribute == *attribute && self.attribute.preparation() == attribute.preparation()
    }

    /// Whether each of this many rows stands in the index exactly once, so that walking it is
    /// walking them in the order of the attribute.
    pub(crate) fn covers(&self, rows: usize) -> bool {
        let is_single = !self.attribute.is_multi_valued() && !self.attribute.is_in_multi_valued();
        is_single && self.entries.len() == rows
    }

    /// Key bytes and row numbers in the order of the values, ties in the order of the rows, from
    /// the start or behind an entry, which need not be there any more.
    pub(crate) fn in_order(
        &self,
        order: SortOrder,
        after: Option<Entry>,
    ) -> Box<dyn Iterator<Item = &Entry> + '_> {
        let rest = after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        if order == SortOrder::Ascending {
            return Box::new(self.entries.range((rest, Bound::Unbounded)));
        }
        let Some((key, _)) = after else {
            return descending(self.entries.range((Bound::Unbounded, rest)));
        };
        let ties = self.entries.range((rest, Bound::Included((key.clone(), u64::MAX))));
        let lower = self.entries.range((Bound::Unbounded, Bound::Excluded((key, 0))));
        Box::new(ties.chain(descending(lower)))
    }

    /// Makes the index show the row as it is after a write instead of as it was before.
    pub(crate) fn update(
        &mut self,
        number: u64,
        before: Option<&Row>,
        after: Option<&Row>,
    ) -> Result<(), StoreError> {
        if self.source == Source::Document && same_document(before, after) {
            return Ok(());
        }
        let old = before.map_or(Ok(BTreeSet::new()), |row| self.keys(row))?;
        let new = after.map_or(Ok(BTreeSet::new()), |row| self.keys(row))?;
        for key in old.difference(&new) {
            self.entries.remove(&(key.clone(), number));
        }
        for key in new.difference(&old) {
            self.entries.insert((key.clone(), number));
        }
        Ok(())
    }

    /// Numbers of the rows with a value that compares as asked, ascending; `None` where the index
    /// cannot tell.
    pub(crate) fn find(&self, operator: Operator, operand: &Prepared) -> Option<Vec<u64>> {
        let key: Arc<[u8]> = operand.to_key().into();
        let lowest = (key.clone(), 0);
        let highest = (key.clone(), u64::MAX);
        let mut rows = match operator {
            Operator::Equal => self.rows(lowest..=highest),
            Operator::GreaterOrEqual => self.rows(lowest..),
            Operator::Greater => self.rows((Bound::Excluded(highest), Bound::Unbounded)),
            Operator::LessOrEqual => self.rows(..=highest),
            Operator::Less => self.rows(..lowest),
            Operator::StartsWith if operand.as_text().is_some() => self.rows_with_prefix(&key),
            _ => return None,
        };
        rows.sort_unstable();
        rows.dedup();
        Some(rows)
    }

    fn rows(&self, range: impl RangeBounds<Entry>) -> Vec<u64> {
        self.entries.range(range).map(|(_, number)| *number).collect()
    }

    fn rows_with_prefix(&self, prefix: &Arc<[u8]>) -> Vec<u64> {
        self.entries
            .range((prefix.clone(), 0)..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(_, number)| *number)
            .collect()
    }

    fn keys(&self, row: &Row) -> Result<BTreeSet<Arc<[u8]>>, StoreError> {
        let values = match self.source {
            Source::Created => vec![instant(row.created)],
            Source::LastModified => vec![instant(row.last_modified)],
            Source::Document => prepared_values(&self.attribute, row.values()?),
        };
        Ok(values.iter().map(|value| value.to_key().into()).collect())
    }
}

/// The largest key first, the rows of one key in their own order.
fn descending<'a>(
    entries: impl DoubleEndedIterator<Item = &'a Entry> + 'a,
) -> Box<dyn Iterator<Item = &'a Entry> + 'a> {
    let mut entries = entries.rev().peekable();
    let groups = std::iter::from_fn(move || {
        let first = entries.next()?;
        let mut ties = vec![first];
        while let Some(tie) = entries.next_if(|(key, _)| *key == first.0) {
            ties.push(tie);
        }
        Some(ties.into_iter().rev())
    });
    Box::new(groups.flatten())
}

fn same_document(before: Option<&Row>, after: Option<&Row>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => Arc::ptr_eq(&before.document, &after.document),
        _ => false,
    }
}

fn instant(time: Timestamp) -> Prepared {
    Prepared::Instant(i128::from(time.as_micros()).saturating_mul(1000))
}
