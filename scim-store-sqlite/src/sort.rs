//! The order of a query: from an index, from columns, or from the function `scim_key`.

use rusqlite::types::Value;
use scim_core::{
    query::{SortKey, SortOrder},
    schema::ResourceType,
};

use crate::{
    attached::Attached,
    evaluation::{Leaf, ROW},
    position::digest,
    statement::Bindings,
};

/// Expressions that a query is ordered by; the last one is the row, so that there are no ties.
/// None is ever `NULL`.
pub(crate) struct Order {
    terms: Vec<(String, SortOrder)>,
    /// The number of the index whose entries are `v`, if the order is that of an index.
    pub(crate) index: Option<i64>,
}

impl Order {
    /// The order of the rows themselves.
    fn of_rows() -> Self {
        Self { terms: vec![("r.row".to_owned(), SortOrder::Ascending)], index: None }
    }

    /// The order of an index over a single-valued attribute.
    pub(crate) fn of_index(number: i64, order: SortOrder) -> Self {
        let terms = ["v.absent", "v.key", "v.row"].map(|term| (term.to_owned(), order));
        Self { terms: terms.into(), index: Some(number) }
    }

    /// The order of the latest changes.
    pub(crate) fn of_time() -> Self {
        let terms = ["r.last_modified", "r.row"];
        let terms = terms.map(|term| (term.to_owned(), SortOrder::Ascending));
        Self { terms: terms.into(), index: None }
    }

    /// The order by these keys. Without a filter that narrows the query down, an index that has
    /// the order is better than sorting everything.
    pub(crate) fn by(
        keys: &[SortKey],
        attached: &Attached,
        resource_type: &ResourceType,
        is_lookup: bool,
        bindings: &mut Bindings,
    ) -> Self {
        if let ([key], false) = (keys, is_lookup)
            && let Some(index) = attached.index(resource_type, &key.attribute)
            && index.is_order()
        {
            return Self::of_index(index.number, key.order);
        }
        let mut order = Self::of_rows();
        let terms = keys.iter().map(|key| (expression(key, bindings), key.order));
        order.terms.splice(0..0, terms);
        order
    }

    /// The expressions, to be selected for the position of the next page.
    pub(crate) fn selected(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|(term, _)| term.as_str())
    }

    /// How many expressions there are.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Tells positions in this order from those in others.
    pub(crate) fn digest(&self) -> u32 {
        digest(&self.clause())
    }

    /// What follows `ORDER BY`.
    pub(crate) fn clause(&self) -> String {
        let direction = |order: &SortOrder| match order {
            SortOrder::Ascending => "",
            SortOrder::Descending => " DESC",
        };
        let terms = self.terms.iter().map(|(term, order)| format!("{term}{}", direction(order)));
        terms.collect::<Vec<_>>().join(", ")
    }

    /// The one direction of all terms, if they have one.
    pub(crate) fn direction(&self) -> Option<SortOrder> {
        let mut orders = self.terms.iter().map(|(_, order)| *order);
        let first = orders.next()?;
        orders.all(|order| order == first).then_some(first)
    }

    /// The condition that a row is the one with these values, which are filled in later, or comes
    /// after it. All terms must have one direction.
    pub(crate) fn from(&self, direction: SortOrder, bindings: &mut Bindings) -> String {
        let bound: Vec<_> = self.terms.iter().map(|_| bindings.bind(Value::Null)).collect();
        let terms = self.selected().collect::<Vec<_>>().join(", ");
        format!("({terms}) {}= ({})", beyond(direction), bound.join(", "))
    }

    /// The condition that a row comes after the one with these values.
    pub(crate) fn after(&self, values: Vec<Value>, bindings: &mut Bindings) -> String {
        let bound: Vec<_> = values.into_iter().map(|value| bindings.bind(value)).collect();
        if let Some(direction) = self.direction() {
            let terms = self.selected().collect::<Vec<_>>().join(", ");
            return format!("({terms}) {} ({})", beyond(direction), bound.join(", "));
        }
        // Directions differ: equal in the first keys and beyond in the next.
        let mut equal = String::new();
        let mut alternatives = Vec::new();
        for ((term, order), value) in self.terms.iter().zip(&bound) {
            alternatives.push(format!("({equal}{term} {} {value})", beyond(*order)));
            equal.push_str(&format!("{term} = {value} AND "));
        }
        format!("({})", alternatives.join(" OR "))
    }
}

fn beyond(order: SortOrder) -> &'static str {
    match order {
        SortOrder::Ascending => ">",
        SortOrder::Descending => "<",
    }
}

fn expression(key: &SortKey, bindings: &mut Bindings) -> String {
    match key.attribute.path() {
        "id" => "r.id".to_owned(),
        "meta.created" => "r.created".to_owned(),
        "meta.lastModified" => "r.last_modified".to_owned(),
        _ => {
            let leaf = bindings.leaf(Leaf::Key(key.clone()));
            format!("scim_key({leaf}, {ROW})")
        }
    }
}
