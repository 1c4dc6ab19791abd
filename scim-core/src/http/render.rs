//! A resource as JSON text (RFC 7643 §3): stored bytes where nothing changes on the way out, with
//! `id`, `meta` and relations put in before the closing brace.

use std::{fmt, io::Write as _};

use bytes::Bytes;

use super::{etag::EntityTag, location::Locations};
use crate::{
    query::Side,
    resource::{DocumentError, Meta, Object, Selection, Version},
    schema::{Attribute, Inverse, Relation, ResourceType},
    store::{Edge, EdgePath, Position, RelationView, Resource},
};

/// What `id` and `meta` mostly take.
const ROOM: usize = 384;

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
        draft.text().reserve(resource.document.visible().len().saturating_add(ROOM));
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
            let Some(shape) = EdgeShape::new(resource_type, view, self) else { continue };
            // Clients depend on an empty list of members; an empty inverse is simply unassigned.
            if related.edges.is_empty() && view.side == Side::Sources {
                continue;
            }
            draft.text().push(b',');
            write_text(draft.text(), shape.attribute.name());
            draft.text().extend_from_slice(b":[");
            draft.text().reserve(related.edges.len().saturating_mul(EDGE_ROOM));
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
        let Meta { created, last_modified, version, .. } = &resource.meta;
        let mut separator: &[u8] = b",\"meta\":{";
        let mut part = |name: &str, write: &dyn Fn(&mut Vec<u8>)| {
            if attribute.sub_attribute(name).is_some_and(|sub| self.selection.shows(sub)) {
                text.extend_from_slice(separator);
                separator = b",";
                write_text(text, name);
                text.push(b':');
                write(text);
            }
        };
        part("resourceType", &|text| write_text(text, resource_type.name()));
        part("created", &|text| write_shown(text, created));
        part("lastModified", &|text| write_shown(text, last_modified));
        part("location", &|text| {
            write_composed(text, |text| self.locations.write(resource_type, &resource.id, text));
        });
        part("version", &|text| write_tag(text, version));
        if separator == b"," {
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
            write_composed(text, |text| self.locations.write(&edge.resource_type, &edge.id, text));
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

/// Writes a JSON string; most need no escapes, and are copied.
pub(crate) fn write_text(text: &mut Vec<u8>, value: &str) {
    if !is_plain(value.as_bytes()) {
        return write_json(text, value);
    }
    text.push(b'"');
    text.extend_from_slice(value.as_bytes());
    text.push(b'"');
}

/// Writes as a JSON string what a value is shown as.
fn write_shown(text: &mut Vec<u8>, value: &dyn fmt::Display) {
    // Writing into memory cannot fail.
    write_composed(text, |text| drop(write!(text, "{value}")));
}

/// Writes as a JSON string what is put together in place.
fn write_composed(text: &mut Vec<u8>, compose: impl FnOnce(&mut Vec<u8>)) {
    text.push(b'"');
    let start = text.len();
    compose(text);
    if text.get(start..).is_some_and(is_plain) {
        text.push(b'"');
        return;
    }
    let raw = text.split_off(start);
    text.pop();
    write_json(text, &String::from_utf8_lossy(&raw));
}

/// Writes an entity tag, of which the quotes are all there is to escape.
fn write_tag(text: &mut Vec<u8>, version: &Version) {
    if !is_plain(version.as_str().as_bytes()) {
        return write_json(text, &EntityTag(version).to_string());
    }
    text.extend_from_slice(br#""W/\""#);
    text.extend_from_slice(version.as_str().as_bytes());
    text.extend_from_slice(br#"\"""#);
}

/// Whether a JSON string shows these bytes as they are.
fn is_plain(text: &[u8]) -> bool {
    // Eight bytes at a time, the last of which may be looked at twice.
    let Some(last) = text.last_chunk::<8>() else {
        return text.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\');
    };
    let (chunks, _) = text.as_chunks::<8>();
    chunks.iter().chain([last]).all(|chunk| !has_special(u64::from_ne_bytes(*chunk)))
}

/// Whether a byte of the eight is a control character, `"` or `\`.
fn has_special(eight: u64) -> bool {
    let all = |byte: u8| u64::from_ne_bytes([byte; 8]);
    // Where a byte is below the bound, the difference borrows into its highest bit.
    let has_below = |eight: u64, bound: u8| eight.wrapping_sub(all(bound)) & !eight;
    let found =
        has_below(eight, 0x20) | has_below(eight ^ all(b'"'), 1) | has_below(eight ^ all(b'\\'), 1);
    found & all(0x80) != 0
}

pub(crate) fn write_json<T: serde::Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    // Writing text and maps with string keys into memory cannot fail.
    let _ = serde_json::to_writer(text, value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn strings_are_those_of_json(text in "[a-c \"\\\\\u{1f}\u{20}\u{7f}ü😀]{0,24}") {
            let expected = serde_json::to_string(&text).unwrap();
            let (mut written, mut composed) = (Vec::new(), Vec::new());
            write_text(&mut written, &text);
            write_shown(&mut composed, &text);
            prop_assert_eq!(String::from_utf8(written).unwrap(), expected.as_str());
            prop_assert_eq!(String::from_utf8(composed).unwrap(), expected);
        }
    }

    #[test]
    fn tags_are_json() {
        for version in ["7", "", "a\\b"] {
            let version = Version::new(version);
            let mut text = Vec::new();
            write_tag(&mut text, &version);
            let tag: String = serde_json::from_slice(&text).unwrap();
            assert_eq!(tag, EntityTag(&version).to_string());
        }
    }
}
