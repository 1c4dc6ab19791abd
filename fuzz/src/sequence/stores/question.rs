//! A request that changes nothing.

use arbitrary::Arbitrary;

use super::super::step::Pick;
use crate::{endpoint::Endpoint, model::Model};

/// Filters; `{id}` stands for the id of a resource.
const FILTERS: [&str; 44] = [
    "userName eq \"ANNA\"",
    "userName ne \"anna\"",
    "userName co \"n\"",
    "userName sw \"a\"",
    "userName ew \"A\"",
    "userName gt \"b\"",
    "userName le \"carl\"",
    "userName pr",
    "title eq \"Guide\"",
    "title eq \"guide\"",
    "title ne \"guide\"",
    "title pr",
    "not (title pr)",
    "title gt \"Guide\"",
    "active eq true",
    "active ne true",
    "emails pr",
    "emails.value eq \"b@scim.test\"",
    "emails.value co \"SCIM\"",
    "emails[type eq \"work\" and primary eq true]",
    "emails[type eq \"work\" and value sw \"b\"]",
    "not (emails[type eq \"home\"])",
    "emails.type eq \"home\" and title pr",
    "name.familyName eq \"ångström\"",
    "name.familyName ge \"jensen\"",
    "name pr or externalId pr",
    "externalId co \"😀\"",
    "externalId ne \"x\"",
    "id eq \"{id}\"",
    "id ne \"{id}\"",
    "displayName eq \"anna\"",
    "displayName co \"O\"",
    "members.value eq \"{id}\"",
    "members[value eq \"{id}\" and type eq \"User\"]",
    "members[type eq \"Group\"]",
    "not (members pr)",
    "groups.value eq \"{id}\"",
    "groups[value eq \"{id}\" and type eq \"direct\"]",
    "groups.type eq \"indirect\"",
    "groups pr and userName sw \"a\"",
    "meta.created gt \"2020-01-01T00:00:00Z\"",
    "meta.lastModified lt \"2020-01-01T00:00:00Z\"",
    "meta.resourceType eq \"User\"",
    "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
];

const SORTS: [&str; 8] = [
    "userName",
    "title",
    "name.familyName",
    "emails.value",
    "active",
    "displayName",
    "externalId",
    "id",
];

const SELECTIONS: [&str; 6] = [
    "attributes=userName",
    "attributes=emails.value,groups",
    "attributes=members,displayName",
    "excludedAttributes=groups,members",
    "attributes=name.familyName,title",
    "excludedAttributes=meta,emails",
];

/// A list or one resource, with whatever can be asked of it.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub(super) struct Question {
    endpoint: u8,
    pick: Pick,
    filter: Option<u8>,
    sort: Option<u8>,
    is_descending: bool,
    page: Option<(u8, u8)>,
    selection: Option<u8>,
}

impl Question {
    pub(super) fn ask(&self, endpoint: &Endpoint, model: &Model) {
        let id = self.pick.any(model);
        let path = match self.endpoint % 8 {
            0 => format!("/Users/{id}"),
            1 => format!("/Groups/{id}"),
            2 => String::new(),
            3 | 4 => "/Groups".to_owned(),
            _ => "/Users".to_owned(),
        };
        let parameters = self.parameters(&path, &id).join("&");
        endpoint.get(&format!("{path}?{parameters}"));
    }

    fn parameters(&self, path: &str, id: &str) -> Vec<String> {
        let mut parameters = Vec::new();
        if let Some(filter) = self.filter {
            let filter = among(&FILTERS, filter).replace("{id}", id);
            parameters.push(format!("filter={}", encoded(&filter)));
        }
        if let Some(sort) = self.sort {
            let sort = among(&SORTS, sort);
            // In which order equals come is the store's, and ours differ when it is descending.
            let is_unique = sort == "id" || (sort == "userName" && path == "/Users");
            let order = if self.is_descending && is_unique { "descending" } else { "ascending" };
            parameters.push(format!("sortBy={sort}&sortOrder={order}"));
        }
        match self.page {
            Some((start, count)) => {
                parameters.push(format!("startIndex={}&count={}", start % 6, count % 5));
            }
            None => parameters.push("count=1000".to_owned()),
        }
        parameters.extend(self.selection.map(|it| among(&SELECTIONS, it).to_owned()));
        parameters
    }
}

/// With ids as they are, so that they are seen in the request.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn among<const N: usize>(texts: &[&'static str; N], position: u8) -> &'static str {
    texts[usize::from(position) % N]
}
