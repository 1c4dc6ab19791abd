//! A resource as JSON text (RFC 7643 §3): stored bytes where nothing changes on the way out, with
//! `id`, `meta` and relations put in before the closing brace.

use bytes::Bytes;

use super::{etag::EntityTag, location::Locations};
use crate::{
    query::Side,
    resource::{DocumentError, Object, Selection},
    schema::{Attribute, Inverse, Relation, ResourceType},
    store::{Edge, EdgePath, Position, RelationView, Resource},
};

/// A piece of a body: text, or the edges that are still to be read where a relation is too large
/// for one answer of the store.
#[derive(Debug)]
pub(crate) enum Segment {
    Text(Bytes),
    Edges(RemainingEdges),
}

/// The edges of one resource from a position on, and how they are shown.
#[derive(Debug)]
pub(crate) struct RemainingEdges {
    pub(crate) resource_type: std::sync::Arc<ResourceType>,
    pub(crate) id: crate::resource::ResourceId,
    pub(crate) view: RelationView,
    pub(crate) after: Position,
    pub(crate) shape: EdgeShape,
}

/// Writes resources of one request: it knows what is shown and where they live.
#[derive(Clone, Debug)]
pub(crate) struct Renderer<'a> {
    pub(crate) selection: &'a Selection,
    pub(crate) locations: &'a Locations,
    pub(crate) references: References,
}

/// What becomes of `$ref` in relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum References {
    Shown,
    Left,
}

/// A body under construction.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    done: Vec<Segment>,
    text: Vec<u8>,
}

impl Draft {
    pub(crate) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    fn edges(&mut self, remaining: RemainingEdges) {
        self.done.push(Segment::Text(std::mem::take(&mut self.text).into()));
        self.done.push(Segment::Edges(remaining));
    }

    pub(crate) fn finish(mut self) -> Vec<Segment> {
        self.done.push(Segment::Text(self.text.into()));
        self.done
    }
}

impl Renderer<'_> {
    /// Appends a resource to the draft.
    ///
    /// # Errors
    /// When the stored document is not what was written.
    pub(crate) fn resource(
        &self,
        resource: &Resource,
        views: &[RelationView],
        draft: &mut Draft,
    ) -> Result<(), DocumentError> {
        self.open(resource, draft)?;
        self.relations(resource, views, draft);
        Ok(())
    }

    /// A resource without its relations, as an object that can still be rewritten.
    ///
    /// # Errors
    /// As [`resource`](Self::resource).
    pub(crate) fn beginning(&self, resource: &Resource) -> Result<Object, DocumentError> {
        let mut draft = Draft::default();
        self.open(resource, &mut draft)?;
        draft.text().push(b'}');
        DocumentError::parse(draft.text())
    }

    /// Appends a resource of which the beginning was rewritten.
    pub(crate) fn completed(
        &self,
        beginning: &Object,
        resource: &Resource,
        views: &[RelationView],
        draft: &mut Draft,
    ) {
        write_json(draft.text(), beginning);
        draft.text().pop();
        self.relations(resource, views, draft);
    }

    /// Everything but the relations, up to the closing brace.
    fn open(&self, resource: &Resource, draft: &mut Draft) -> Result<(), DocumentError> {
        let resource_type = &*resource.resource_type;
        if self.selection.is_default() {
            draft.text().extend_from_slice(without_closing_brace(resource.document.visible()));
        } else {
            let shown = self.selection.project(resource_type, resource.document.values()?);
            write_json(draft.text(), &shown);
            draft.text().pop();
        }
        if draft.text().ends_with(b"{") {
            write_json(draft.text(), "id");
        } else {
            draft.text().extend_from_slice(b",\"id\"");
        }
        draft.text().push(b':');
        write_json(draft.text(), resource.id.as_str());
        self.meta(resource, draft.text());
        Ok(())
    }

    fn relations(&self, resource: &Resource, views: &[RelationView], draft: &mut Draft) {
        let resource_type = &*resource.resource_type;
        for (view, related) in views.iter().zip(&resource.relations) {
            let Some(shape) = EdgeShape::new(resource_type, view, self) else { continue };
            // Clients depend on an empty list of members; an empty inverse is simply unassigned.
            if related.edges.is_empty() && view.side == Side::Sources {
                continue;
            }
            draft.text().push(b',');
            write_json(draft.text(), shape.attribute.name());
            draft.text().extend_from_slice(b":[");
            shape.write_all(&related.edges, Leading::None, draft.text());
            if let Some(after) = related.next.clone() {
                let (resource_type, id) = (resource.resource_type.clone(), resource.id.clone());
                draft.edges(RemainingEdges { resource_type, id, view: view.clone(), after, shape });
            }
            draft.text().push(b']');
        }
        draft.text().push(b'}');
    }

    /// A resource as an object that can still be rewritten; of a large relation, its beginning.
    ///
    /// # Errors
    /// As [`resource`](Self::resource).
    pub(crate) fn object(
        &self,
        resource: &Resource,
        views: &[RelationView],
    ) -> Result<Object, DocumentError> {
        let mut draft = Draft::default();
        self.resource(resource, views, &mut draft)?;
        let mut text = Vec::new();
        for segment in draft.finish() {
            if let Segment::Text(part) = segment {
                text.extend_from_slice(&part);
            }
        }
        DocumentError::parse(&text)
    }

    fn meta(&self, resource: &Resource, text: &mut Vec<u8>) {
        let resource_type = &*resource.resource_type;
        let Some(attribute) = resource_type.attribute("meta") else { return };
        if !self.selection.shows(attribute) {
            return;
        }
        let mut separator = b'{';
        let mut part = |name: &str, value: &dyn Fn() -> String| {
            if attribute.sub_attribute(name).is_some_and(|sub| self.selection.shows(sub)) {
                text.extend_from_slice(if separator == b'{' { b",\"meta\":{" } else { b"," });
                separator = b',';
                write_json(text, name);
                text.push(b':');
                write_json(text, &value());
            }
        };
        part("resourceType", &|| resource_type.name().to_owned());
        part("created", &|| resource.meta.created.to_string());
        part("lastModified", &|| resource.meta.last_modified.to_string());
        part("location", &|| self.locations.resource(resource_type, &resource.id));
        part("version", &|| EntityTag(&resource.meta.version).to_string());
        if separator == b',' {
            text.push(b'}');
        }
    }
}

/// Which parts of an edge are shown, and under which attribute.
#[derive(Clone, Debug)]
pub(crate) struct EdgeShape {
    attribute: std::sync::Arc<Attribute>,
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
    fn new(
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
        for (index, edge) in edges.iter().enumerate() {
            if index > 0 || leading == Leading::Some {
                text.push(b',');
            }
            self.write(edge, text);
        }
    }

    fn write(&self, edge: &Edge, text: &mut Vec<u8>) {
        let mut separator = b'{';
        let mut part = |name: &str, value: &str| {
            text.push(separator);
            separator = b',';
            write_json(text, name);
            text.push(b':');
            write_json(text, value);
        };
        if self.value {
            part("value", &edge.id);
        }
        if self.reference {
            part("$ref", &self.locations.resource(&edge.resource_type, &edge.id));
        }
        if let (true, Some(label)) = (self.display, &edge.label) {
            part("display", label);
        }
        if self.kind {
            part(
                "type",
                match (self.side, edge.path) {
                    (Side::Targets, _) => edge.resource_type.name(),
                    (Side::Sources, EdgePath::Direct) => "direct",
                    (Side::Sources, EdgePath::Indirect) => "indirect",
                },
            );
        }
        text.extend_from_slice(if separator == b'{' { b"{}" } else { b"}" });
    }
}

/// The attribute under which a resource shows its edges in a relation.
pub(crate) fn attribute_of<'a>(
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

/// The text of an object up to its closing brace: more members can be appended.
fn without_closing_brace(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"}").unwrap_or(b"{")
}

pub(crate) fn write_json<T: serde::Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    // Writing text and maps with string keys into memory cannot fail.
    let _ = serde_json::to_writer(text, value);
}
