//! From what an operation came to, to what is sent.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    body::Body,
    etag::IfNoneMatch,
    location::Locations,
    render::{Draft, Renderer, Segment, write_json},
    response::{Reply, Representation},
    segments::Segments,
};
use crate::{
    ops::{Context, Engine, Failure, List, Outcome, projection},
    resource::{DocumentError, Selection, Version},
    schema::ResourceType,
    store::{RelationView, Resource},
};

const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Makes the replies of one request.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) engine: &'a std::sync::Arc<Engine>,
    pub(crate) locations: &'a Locations,
    pub(crate) if_none_match: Option<IfNoneMatch>,
}

impl Answer<'_> {
    /// # Errors
    /// When a stored document is not what was written.
    pub(crate) fn outcome(&self, context: &Context, outcome: Outcome) -> Result<Reply, Failure> {
        Ok(match outcome {
            Outcome::Created(resource) => Reply::Created(self.resource(context, &resource)?),
            Outcome::Resource(resource) if self.is_known(&resource.meta.version) => {
                Reply::NotModified(self.represented(&resource, Body::empty()))
            }
            Outcome::Resource(resource) => Reply::Resource(self.resource(context, &resource)?),
            Outcome::List(list) => Reply::Message(self.list(context, &list)?),
            Outcome::Done(version) => Reply::NoContent(version),
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
        let mut draft = Draft::default();
        let views = self.views(&resource.resource_type, &context.selection);
        self.write(context, resource, &views, &mut draft)?;
        Ok(self.represented(resource, self.body(context, draft.finish())))
    }

    fn represented(&self, resource: &Resource, body: Body) -> Representation {
        Representation {
            location: self.locations.resource(&resource.resource_type, &resource.id),
            version: Some(resource.meta.version.clone()),
            body,
        }
    }

    /// The message of RFC 7644 §3.4.2.
    fn list(&self, context: &Context, list: &List) -> Result<Body, DocumentError> {
        let mut draft = Draft::default();
        let head = format!(
            "{{\"schemas\":[\"{LIST_RESPONSE}\"],\"totalResults\":{},\"startIndex\":{},\
             \"itemsPerPage\":{},\"Resources\":[",
            list.total,
            list.start_index,
            list.resources.len(),
        );
        draft.text().extend_from_slice(head.as_bytes());
        let views = list
            .resources
            .first()
            .map(|first| self.views(&first.resource_type, &context.selection))
            .unwrap_or_default();
        for (index, resource) in list.resources.iter().enumerate() {
            if index > 0 {
                draft.text().push(b',');
            }
            self.write(context, resource, &views, &mut draft)?;
        }
        draft.text().extend_from_slice(b"]}");
        Ok(self.body(context, draft.finish()))
    }

    fn write(
        &self,
        context: &Context,
        resource: &Resource,
        views: &[RelationView],
        draft: &mut Draft,
    ) -> Result<(), DocumentError> {
        let renderer = Renderer { selection: &context.selection, locations: self.locations };
        let mapping = &self.engine.hooks.mapping;
        let resource_type = &resource.resource_type;
        if !mapping.rewrites_answers(resource_type) {
            return renderer.resource(resource, views, draft);
        }
        let mut shown = renderer.object(resource, views)?;
        mapping.outgoing(&context.caller(), resource_type, &mut shown);
        write_json(draft.text(), &shown);
        Ok(())
    }

    fn views(&self, resource_type: &ResourceType, selection: &Selection) -> Vec<RelationView> {
        projection(resource_type, selection, self.engine.limits.edges).relations
    }

    /// One text is sent as it is; where edges remain to be read, the body is made while it is
    /// sent.
    fn body(&self, context: &Context, mut segments: Vec<Segment>) -> Body {
        match segments.as_mut_slice() {
            [Segment::Text(text)] => std::mem::take(text).into(),
            _ => Body::stream(Segments::new(
                self.engine.store.clone(),
                context.scope.clone(),
                segments,
            )),
        }
    }
}

/// A discovery resource on its own.
pub(crate) fn discovered(resource: &Value) -> Reply {
    let location = resource.pointer("/meta/location").and_then(Value::as_str).unwrap_or_default();
    Reply::Resource(Representation {
        location: location.to_owned(),
        version: None,
        body: text(resource).into(),
    })
}

/// All discovery resources of a kind, on one page (D-006, D-009).
pub(crate) fn discovered_list(resources: &[Value]) -> Reply {
    let list = json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    Reply::Message(text(&list).into())
}

fn text(value: &Value) -> Bytes {
    let mut text = Vec::new();
    write_json(&mut text, value);
    text.into()
}
