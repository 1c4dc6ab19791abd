//! From what an operation came to, to what is sent.

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use serde_json::Value;

use super::{
    body::Body,
    bulk::answered,
    dialect::{Dialect, Look},
    etag::{EntityTag, IfNoneMatch},
    json_text::write_json,
    location::Locations,
    render::{Draft, Drafted, References, Renderer},
    response::{Reply, Representation},
    segments::Segments,
};
use crate::{
    ops::{Context, Engine, Failure, List, Outcome},
    resource::{DocumentError, ResourceId, Selection, Version},
    schema::ResourceType,
    store::{Projection, Resource},
};

pub(super) const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Makes the replies of one request.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) head: &'a Parts,
    pub(crate) engine: &'a std::sync::Arc<Engine>,
    pub(crate) locations: &'a Locations,
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) if_none_match: Option<IfNoneMatch>,
}

impl Answer<'_> {
    /// # Errors
    /// When a stored document is not what was written.
    pub(crate) fn outcome(&self, context: &Context, outcome: Outcome) -> Result<Reply, Failure> {
        Ok(match outcome {
            Outcome::Created(resource) => Reply::Created(self.resource(context, &resource)?),
            Outcome::Added(key, version) => {
                Reply::Created(self.without_body(&key.resource_type, &key.id, &version))
            }
            Outcome::Resource(resource) if self.is_known(&resource.meta.version) => {
                let Resource { resource_type, id, meta, .. } = &*resource;
                Reply::NotModified(self.without_body(resource_type, id, &meta.version))
            }
            Outcome::Resource(resource) => Reply::Resource(self.resource(context, &resource)?),
            Outcome::List(list) => Reply::Message(self.list(context, &list)?),
            Outcome::Done(version) => Reply::NoContent(version),
            Outcome::Bulk(answers) => {
                let presentation = &*self.engine.hooks.presentation;
                let answers = answered(answers, self.locations, self.head, presentation);
                Reply::Message(self.dialect.bulk(answers).into())
            }
        })
    }

    fn is_known(&self, version: &Version) -> bool {
        self.if_none_match.as_ref().is_some_and(|condition| condition.is_met_by(version))
    }

    fn resource(
        &self,
        context: &Context,
        resource: &Resource,
    ) -> Result<Representation, DocumentError> {
        let shown = self.shown(&resource.resource_type, &context.selection);
        let mut draft = Draft::with_room([resource], self.locations, 0);
        let Resource { resource_type, id, meta, .. } = resource;
        let headers = self.headers(resource_type, id, &meta.version, draft.text());
        self.write(context, resource, &shown, &mut draft)?;
        let mut drafted = draft.finish();
        let (location, tag) = headers.take_out_of(&mut drafted.first);
        Ok(Representation { location, tag, body: self.body(context, drafted) })
    }

    /// The headers of a resource that the client has already, or that cannot be shown.
    fn without_body(
        &self,
        resource_type: &ResourceType,
        id: &ResourceId,
        version: &Version,
    ) -> Representation {
        let mut text = Vec::new();
        let headers = self.headers(resource_type, id, version, &mut text);
        let (location, tag) = headers.take_out_of(&mut text.into());
        Representation { location, tag, body: Body::empty() }
    }

    /// Writes what headers say of a resource, in front of its body.
    fn headers(
        &self,
        resource_type: &ResourceType,
        id: &ResourceId,
        version: &Version,
        text: &mut Vec<u8>,
    ) -> Headers {
        self.locations.write(resource_type, id, text);
        let location = text.len();
        EntityTag(version).write(text);
        Headers { location, tag: text.len().saturating_sub(location) }
    }

    /// The message of RFC 7644 §3.4.2 and RFC 9865 §2.
    fn list(&self, context: &Context, list: &List) -> Result<Body, DocumentError> {
        const END: &[u8] = b"]}";
        let head = self.head_of(context, list)?;
        let beside = head.len().saturating_add(END.len());
        let mut draft = Draft::with_room(&list.resources, self.locations, beside);
        draft.text().extend_from_slice(head.as_bytes());
        let shown: Vec<_> =
            list.listed.iter().map(|it| self.shown(&it.resource_type, &it.selection)).collect();
        let mut separator: &[u8] = b"";
        for resource in &list.resources {
            let is_of_its_type =
                |it: &&Shown<'_>| it.resource_type == resource.resource_type.name();
            let Some(shown) = shown.iter().find(is_of_its_type) else { continue };
            draft.text().extend_from_slice(separator);
            separator = b",";
            self.write(context, resource, shown, &mut draft)?;
        }
        draft.text().extend_from_slice(END);
        Ok(self.body(context, draft.finish()))
    }

    /// What a list says before its resources, as the host has it.
    fn head_of(&self, context: &Context, list: &List) -> Result<String, DocumentError> {
        let head = self.dialect.list_head(list);
        let mapping = &self.engine.hooks.mapping;
        let listed: Vec<_> = list.listed.iter().map(|it| &*it.resource_type).collect();
        if !listed.iter().any(|it| mapping.rewrites_answers(it)) {
            return Ok(head + ",\"Resources\":[");
        }
        let mut message = DocumentError::parse((head + "}").as_bytes())?;
        mapping.outgoing_list(&context.caller(), &listed, &mut message);
        message.remove("Resources");
        let shown = Value::Object(message).to_string();
        let shown = shown.strip_suffix('}').unwrap_or_default();
        let separator = if shown.ends_with('{') { "" } else { "," };
        Ok(format!("{shown}{separator}\"Resources\":["))
    }

    fn write(
        &self,
        context: &Context,
        resource: &Resource,
        shown: &Shown<'_>,
        draft: &mut Draft,
    ) -> Result<(), DocumentError> {
        let Shown { selection, projection, .. } = shown;
        let views = &projection.relations;
        let mapping = &self.engine.hooks.mapping;
        let resource_type = &resource.resource_type;
        let is_mapped = mapping.rewrites_answers(resource_type);
        let look = if is_mapped { Look::Whole } else { self.dialect.look(resource_type) };
        let references =
            if look == Look::Attributes { References::Left } else { References::Shown };
        let renderer = Renderer { selection, locations: self.locations, references };
        let caller = context.caller();
        match look {
            Look::Same => renderer.resource(resource, views, draft),
            Look::Attributes => {
                let mut shown = renderer.beginning(resource)?;
                self.dialect.show(&caller, resource_type, &mut shown);
                renderer.completed(&shown, resource, views, draft);
                Ok(())
            }
            Look::Whole => {
                let mut shown = renderer.object(resource, views)?;
                if is_mapped {
                    mapping.outgoing(&caller, resource_type, &mut shown);
                }
                self.dialect.show(&caller, resource_type, &mut shown);
                write_json(draft.text(), &shown);
                Ok(())
            }
        }
    }

    fn shown<'a>(&'a self, resource_type: &'a ResourceType, selection: &'a Selection) -> Shown<'a> {
        let projection = self.engine.projections.of(resource_type, selection);
        Shown { resource_type: resource_type.name(), selection, projection }
    }

    /// One text is sent as it is; where edges remain to be read, the body is made while it is
    /// sent.
    fn body(&self, context: &Context, drafted: Drafted) -> Body {
        if drafted.rest.is_empty() {
            return drafted.first.into();
        }
        let (store, scope) = (self.engine.store.clone(), context.scope.clone());
        Body::stream(Segments::new(store, scope, drafted))
    }
}

/// How long the headers are that stand before a body in its buffer.
struct Headers {
    location: usize,
    tag: usize,
}

impl Headers {
    /// Leaves the body.
    fn take_out_of(self, text: &mut Bytes) -> (Bytes, Bytes) {
        (text.split_to(self.location.min(text.len())), text.split_to(self.tag.min(text.len())))
    }
}

/// What is shown of the resources of a type.
struct Shown<'a> {
    resource_type: &'a str,
    selection: &'a Selection,
    projection: Cow<'a, Projection>,
}

/// What a list says beside its resources, without the brace at its end.
pub(super) fn head_of(list: &List) -> String {
    const ROOM: usize = 256;
    let mut head = String::with_capacity(ROOM);
    let mut show = |parts: &[&str]| parts.iter().for_each(|part| head.push_str(part));
    show(&["{\"schemas\":[\"", LIST_RESPONSE, "\"]"]);
    if let Some(total) = list.total {
        show(&[",\"totalResults\":", &total.to_string()]);
    }
    if let Some(start_index) = list.start_index {
        show(&[",\"startIndex\":", &start_index.to_string()]);
    }
    show(&[",\"itemsPerPage\":", &list.resources.len().to_string()]);
    // All its characters are unreserved (K-003).
    if let Some(cursor) = &list.next_cursor {
        show(&[",\"nextCursor\":\"", cursor, "\""]);
    }
    head
}

/// A discovery resource on its own.
pub(crate) fn discovered(resource: &Value) -> Reply {
    let location = resource.pointer("/meta/location").and_then(Value::as_str).unwrap_or_default();
    Reply::Resource(Representation {
        location: Bytes::copy_from_slice(location.as_bytes()),
        tag: Bytes::new(),
        body: text(resource).into(),
    })
}

/// All discovery resources of a kind, on one page (D-006, D-009).
pub(crate) fn discovered_list(dialect: &dyn Dialect, resources: &[Value]) -> Reply {
    Reply::Message(text(&dialect.whole_list(resources)).into())
}

fn text(value: &Value) -> Bytes {
    let mut text = Vec::new();
    write_json(&mut text, value);
    text.into()
}
