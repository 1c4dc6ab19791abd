//! Edges as values of the attribute that shows them (RFC 7643 §2.4): `members`, `groups`.

use std::ops::Range;

use super::{
    base_path::{is_simple, segment},
    json_text::{quote, write_text},
    location::Locations,
    render::{References, Renderer},
};
use crate::{
    query::Side,
    schema::{Attribute, Inverse, Relation, ResourceType},
    store::{Edge, EdgePath, RelationView},
};

/// Which parts of an edge are shown, and under which attribute.
#[derive(Clone, Debug)]
pub(crate) struct EdgeShape {
    pub(super) attribute: std::sync::Arc<Attribute>,
    side: Side,
    locations: Locations,
    value: bool,
    reference: bool,
    display: bool,
    kind: bool,
}

/// Whether edges were written before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leading {
    None,
    Some,
}

impl EdgeShape {
    /// `None` if the attribute that shows the relation is not shown.
    pub(super) fn new(
        resource_type: &ResourceType,
        view: &RelationView,
        renderer: &Renderer<'_>,
    ) -> Option<Self> {
        let attribute = attribute_of(resource_type, view)?;
        let selection = renderer.selection;
        let shows = |name| attribute.sub_attribute(name).is_some_and(|sub| selection.shows(sub));
        selection.shows(attribute).then(|| Self {
            attribute: attribute.clone(),
            side: view.side,
            locations: renderer.locations.clone(),
            value: shows("value"),
            reference: renderer.references == References::Shown && shows("$ref"),
            display: shows("display"),
            kind: shows("type"),
        })
    }

    pub(crate) fn write_all(&self, edges: &[Edge], leading: Leading, text: &mut Vec<u8>) {
        let mut directory = Directory::default();
        for (index, edge) in edges.iter().enumerate() {
            if index > 0 || leading == Leading::Some {
                text.push(b',');
            }
            self.write(edge, &mut directory, text);
        }
    }

    fn write<'e>(&self, edge: &'e Edge, directory: &mut Directory<'e>, text: &mut Vec<u8>) {
        let mut separator = b'{';
        let mut begin = |text: &mut Vec<u8>, name: &[u8]| {
            text.push(separator);
            separator = b',';
            text.extend_from_slice(name);
        };
        let is_simple = is_simple(&edge.id);
        if self.value {
            begin(text, b"\"value\":");
            match is_simple {
                true => quote(text, &edge.id),
                false => write_text(text, &edge.id),
            }
        }
        if self.reference {
            begin(text, b"\"$ref\":");
            directory.write(&edge.resource_type, &self.locations, text);
            match is_simple {
                true => text.extend_from_slice(edge.id.as_bytes()),
                false => text.extend_from_slice(segment(&edge.id).as_bytes()),
            }
            text.push(b'"');
        }
        if let (true, Some(label)) = (self.display, &edge.label) {
            begin(text, b"\"display\":");
            write_text(text, label);
        }
        if self.kind {
            begin(text, b"\"type\":");
            write_text(text, self.kind_of(edge));
        }
        text.extend_from_slice(if separator == b'{' { b"{}" } else { b"}" });
    }

    fn kind_of<'e>(&self, edge: &'e Edge) -> &'e str {
        match (self.side, edge.path) {
            (Side::Targets, _) => edge.resource_type.name(),
            (Side::Sources, EdgePath::Direct) => "direct",
            (Side::Sources, EdgePath::Indirect) => "indirect",
        }
    }
}

/// Where the resources of a type are: most edges of a relation lead to the same type.
#[derive(Default)]
struct Directory<'e> {
    resource_type: Option<&'e ResourceType>,
    /// Where in the text it was written last.
    written: Range<usize>,
}

impl<'e> Directory<'e> {
    /// Writes the beginning of a JSON string with a location.
    fn write(
        &mut self,
        resource_type: &'e ResourceType,
        locations: &Locations,
        text: &mut Vec<u8>,
    ) {
        let is_same = self.resource_type.is_some_and(|it| std::ptr::eq(it, resource_type));
        let start = text.len();
        if is_same && self.written.end <= start {
            return text.extend_from_within(self.written.clone());
        }
        locations.write_directory(resource_type, text);
        *self = Self { resource_type: Some(resource_type), written: start..text.len() };
    }
}

/// The attribute under which a resource shows its edges in a relation.
fn attribute_of<'a>(
    resource_type: &'a ResourceType,
    view: &'a RelationView,
) -> Option<&'a std::sync::Arc<Attribute>> {
    let relation: &Relation = &view.relation;
    match view.side {
        Side::Targets => Some(view.relation.attribute()),
        Side::Sources => resource_type
            .inverses()
            .iter()
            .find(|inverse| **inverse.relation() == *relation)
            .map(Inverse::attribute),
    }
}
