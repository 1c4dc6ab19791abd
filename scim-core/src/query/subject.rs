//! What a predicate is evaluated over.

use std::fmt;

use super::{Reach, Side};
use crate::{
    resource::{Meta, Object},
    schema::Relation,
    store::Edge,
};

/// A resource with a view of its edges, as [`Predicate`](super::Predicate)s look at it.
pub trait Subject {
    /// Its id.
    fn id(&self) -> &str;

    /// Its metadata.
    fn meta(&self) -> &Meta;

    /// All values of its document, visible and hidden.
    fn values(&self) -> &Object;

    /// Its edges in one relation; none where the resource takes no part in it.
    fn edges(&self, relation: &Relation, side: Side, reach: Reach) -> Vec<Edge>;

    /// Whether it has an edge to (or from) the resource of this id.
    fn has_edge(&self, relation: &Relation, side: Side, reach: Reach, id: &str) -> bool;
}

/// A resource without edges: enough for filters and sort keys that name no relation.
#[derive(Clone, Copy)]
pub struct Standalone<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its metadata.
    pub meta: &'a Meta,
    /// All values of its document.
    pub values: &'a Object,
}

impl fmt::Debug for Standalone<'_> {
    /// Leaves the values out: some may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standalone")
            .field("id", &self.id)
            .field("meta", &self.meta)
            .finish_non_exhaustive()
    }
}

impl Subject for Standalone<'_> {
    fn id(&self) -> &str {
        self.id
    }

    fn meta(&self) -> &Meta {
        self.meta
    }

    fn values(&self) -> &Object {
        self.values
    }

    fn edges(&self, _: &Relation, _: Side, _: Reach) -> Vec<Edge> {
        Vec::new()
    }

    fn has_edge(&self, _: &Relation, _: Side, _: Reach, _: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{resource::Timestamp, schema::Registry};

    #[test]
    fn what_stands_alone_has_no_edges_and_shows_no_values() {
        let registry = Registry::standard();
        let group = registry.resource_type("Group").unwrap();
        let members = group.relations().first().unwrap();
        let meta = Meta::first(Timestamp::now());
        let mut values = Object::new();
        values.insert("password".to_owned(), "t1meMa$heen".into());
        let standalone = Standalone { id: "g-1", meta: &meta, values: &values };
        assert_eq!(standalone.edges(members, Side::Targets, Reach::Direct), []);
        assert!(!standalone.has_edge(members, Side::Targets, Reach::Direct, "1"));
        let shown = format!("{standalone:?}");
        assert!(shown.contains("g-1") && !shown.contains("t1meMa$heen"), "{shown}");
    }
}
