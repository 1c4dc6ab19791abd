//! A resource as JSON text (RFC 7643 §3): stored bytes where nothing changes on the way out, with
//! `id`, `meta` and relations put in before the closing brace.

use std::ops::Range;

use bytes::Bytes;

use super::{
    base_path::write_segment,
    json_text::{write_instant, write_json, write_tag, write_text},
    location::Locations,
};
use crate::{
    query::Side,
    resource::{DocumentError, Meta, Object, Selection},
    schema::{Attribute, Inverse, Relation, ResourceType},
    store::{Edge, EdgePath, Position, RelationView, Resource},
};

/// What `id` and `meta` mostly take beside the id and the location.
const ROOM: usize = 192;

/// What an edge mostly takes.
const EDGE_ROOM: usize = 192;

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
    first: Option<Bytes>,
    rest: Vec<Segment>,
    text: Vec<u8>,
}

/// A finished draft.
#[derive(Debug)]
pub(crate) struct Drafted {
    /// How the text begins, which mostly is all of it.
    pub(crate) first: Bytes,
    pub(crate) rest: Vec<Segment>,
}

impl Draft {
    /// With room for resources and so many bytes beside them, so that the text is not moved while
    /// it grows.
    pub(crate) fn with_room<'r>(
        resources: impl IntoIterator<Item = &'r Resource>,
        locations: &Locations,
        beside: usize,
    ) -> Self {
        // Each may be followed by a comma.
        let room = |resource| room(resource, locations).saturating_add(1);
        let room = resources.into_iter().map(room).fold(beside, usize::saturating_add);
        Self { text: Vec::with_capacity(room), ..Self::default() }
    }

    pub(crate) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    fn edges(&mut self, remaining: RemainingEdges) {
        let text = std::mem::take(&mut self.text).into();
        match self.first {
            None => self.first = Some(text),
            Some(_) => self.rest.push(Segment::Text(text)),
        }
        self.rest.push(Segment::Edges(remaining));
    }

    pub(crate) fn finish(self) -> Drafted {
        let Self { first, mut rest, text } = self;
        match first {
            None => Drafted { first: text.into(), rest },
            Some(first) => {
                rest.push(Segment::Text(text.into()));
                Drafted { first, rest }
            }
        }
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
            write_text(draft.text(), "id");
        } else {
            draft.text().extend_from_slice(b",\"id\"");
        }
        draft.text().push(b':');
        write_text(draft.text(), resource.id.as_str());
        self.meta(resource, draft.text());
        Ok(())
    }

    fn relations(&self, resource: &Resource, views: &[RelationView], draft: &mut Draft) {
        let resource_type = &*resource.resource_type;
        for (view, related) in views.iter().zip(&resource.relations) {
            // Clients depend on an empty list of members; an empty inverse is simply unassigned.
            if related.edges.is_empty() && view.side == Side::Sources {
                continue;
            }
            let Some(shape) = EdgeShape::new(resource_type, view, self) else { continue };
            draft.text().push(b',');
            write_text(draft.text(), shape.attribute.name());
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
        let Drafted { first, rest } = draft.finish();
        if rest.is_empty() {
            return DocumentError::parse(&first);
        }
        let mut text = first.to_vec();
        for segment in rest {
            if let Segment::Text(part) = segment {
                text.extend_from_slice(&part);
            }
        }
        DocumentError::parse(&text)
    }

    fn meta(&self, resource: &Resource, text: &mut Vec<u8>) {
        let resource_type = &*resource.resource_type;
        let is_plain = self.selection.is_default();
        let find = || resource_type.attribute("meta").filter(|it| self.selection.shows(it));
        let attribute = if is_plain { None } else { find() };
        let shows = |name: &str| {
            let part = || attribute.and_then(|it| it.sub_attribute(name));
            is_plain || part().is_some_and(|it| self.selection.shows(it))
        };
        let Meta { created, last_modified, version, .. } = &resource.meta;
        let mut separator: &[u8] = b",\"meta\":{\"";
        let mut part = |name: &str, write: &dyn Fn(&mut Vec<u8>)| {
            if shows(name) {
                text.extend_from_slice(separator);
                separator = b",\"";
                text.extend_from_slice(name.as_bytes());
                text.extend_from_slice(b"\":");
                write(text);
            }
        };
        part("resourceType", &|text| write_text(text, resource_type.name()));
        part("created", &|text| write_instant(text, *created));
        part("lastModified", &|text| write_instant(text, *last_modified));
        part("location", &|text| self.locations.write_json(resource_type, &resource.id, text));
        part("version", &|text| write_tag(text, version));
        if separator == b",\"" {
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
        if self.value {
            begin(text, b"\"value\":");
            write_text(text, &edge.id);
        }
        if self.reference {
            begin(text, b"\"$ref\":");
            directory.write(&edge.resource_type, &self.locations, text);
            write_segment(&edge.id, text);
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

/// What a resource mostly takes, with its relations and the headers that name it.
fn room(resource: &Resource, locations: &Locations) -> usize {
    let edges: usize = resource.relations.iter().map(|related| related.edges.len()).sum();
    // The location stands in the headers too, and the id on its own as well.
    let location = locations.len_of(&resource.resource_type, &resource.id).saturating_mul(2);
    [resource.document.visible().len(), resource.id.len(), location, ROOM]
        .into_iter()
        .fold(edges.saturating_mul(EDGE_ROOM), usize::saturating_add)
}

/// The text of an object up to its closing brace: more members can be appended.
fn without_closing_brace(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"}").unwrap_or(b"{")
}
