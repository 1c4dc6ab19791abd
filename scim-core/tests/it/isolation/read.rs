//! What tenants read: what their models say, and nothing else.

use http::Method;
use serde_json::{Value, json};

use super::{
    NamedBy,
    ask::{endpoint, name_of},
    play::{NAMES, World},
    step::{Filter, Kind, Pick, Place, Sort, Walk},
};

/// A query without its filter.
#[derive(Clone, Copy)]
pub(super) struct Query {
    pub(super) kind: Kind,
    pub(super) sort: Sort,
    pub(super) walk: Walk,
    pub(super) count: usize,
}

impl World {
    pub(super) fn list(&self, by: usize, query: Query, filter: &Filter, place: Place) {
        let Query { kind, sort, walk, count } = query;
        let mut sent = json!({"count": count});
        if let Some(filter) = self.filter_text(by, kind, filter) {
            sent["filter"] = filter.into();
        }
        if sort != Sort::No {
            sent["sortBy"] = name_of(kind).into();
        }
        if sort == Sort::Descending {
            sent["sortOrder"] = "descending".into();
        }
        let expected = self.matches(by, kind, filter);
        let mut found = Vec::new();
        let mut next = match walk {
            Walk::Index => json!(1),
            Walk::Cursor => json!(""),
        };
        while !next.is_null() {
            sent[if walk == Walk::Index { "startIndex" } else { "cursor" }] = next;
            let page = self.query(by, endpoint(kind), &sent, place).expect(200).json();
            // The memory store and the SQLite store count along with cursors, too.
            assert_eq!(page["totalResults"], expected.len(), "{sent}: {page}");
            let shown = page["Resources"].as_array().cloned().unwrap_or_default();
            found.extend(shown.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
            next = match walk {
                Walk::Index if found.len() < expected.len() && !shown.is_empty() => {
                    json!(found.len() + 1)
                }
                Walk::Index => Value::Null,
                Walk::Cursor => page["nextCursor"].clone(),
            };
        }
        let names: Vec<_> = found.iter().map(|id| self.tenants[by].name(kind, id)).collect();
        match sort {
            Sort::No => {}
            Sort::Ascending => assert!(names.is_sorted(), "{names:?}"),
            Sort::Descending => assert!(names.iter().rev().is_sorted(), "{names:?}"),
        }
        found.sort_unstable();
        assert_eq!(found, expected, "{sent}");
    }

    pub(super) fn everything(&self, by: usize, user: &Pick) {
        let user = self.id(by, Kind::User, user);
        let filter = format!("meta.resourceType eq \"Group\" or id eq \"{user}\"");
        let query = json!({ "filter": filter });
        let page = self.query(by, "", &query, Place::Search).expect(200).json();
        let mut expected = self.tenants[by].ids(Kind::Group);
        expected.extend(self.tenants[by].has(Kind::User, &user).then_some(user));
        expected.sort_unstable();
        assert_eq!(page["totalResults"], expected.len(), "{page}");
        assert_eq!(sorted_ids(&page["Resources"], "id"), expected);
    }

    pub(super) fn steal_cursor(&self, by: usize, kind: Kind, thief: usize) {
        let query = json!({"count": 1, "cursor": ""});
        let page = self.query(by, endpoint(kind), &query, Place::Url).expect(200).json();
        let Some(cursor) = page["nextCursor"].as_str() else { return };
        let query = json!({"count": 1, "cursor": cursor});
        for place in [Place::Url, Place::Search] {
            self.query(by, endpoint(kind), &query, place).expect(200);
            let refused = self.query(thief, endpoint(kind), &query, place);
            refused.expect_error(400, "invalidCursor");
        }
    }

    pub(super) fn trespass(&self, by: usize, other: usize) {
        if self.named_by == NamedBy::Credential {
            return;
        }
        let token = format!("Bearer {}", NAMES[by]);
        for path in ["/Users", "/Groups?filter=id%20pr", "/Users/x", "/Schemas"] {
            let path = format!("/{}{path}", NAMES[other]);
            let answer = self.scim.request(Method::GET, &path, &[("authorization", &token)], "");
            answer.expect_error(403, "");
        }
    }

    pub(super) fn check_all(&self, by: usize) {
        for kind in [Kind::User, Kind::Group] {
            let query = Query { kind, sort: Sort::No, walk: Walk::Index, count: 100 };
            self.list(by, query, &Filter::None, Place::Url);
            let everyones = self.tenants.iter().flat_map(|tenant| tenant.made(kind));
            everyones.for_each(|id| self.check_one(by, kind, id));
        }
    }

    /// N-006: of other tenants nothing is there.
    pub(super) fn check_one(&self, by: usize, kind: Kind, id: &str) {
        let path = format!("{}/{id}", endpoint(kind));
        let answer = self.ask(by, Method::GET, &path, Value::Null);
        if !self.tenants[by].has(kind, id) {
            answer.expect_error(404, "");
            return;
        }
        let shown = answer.expect(200).json();
        assert_eq!(shown["meta"]["location"], self.url(by, kind, id));
        let related = |name: &str| sorted_ids(&shown[name], "value");
        let tenant = &self.tenants[by];
        match kind {
            Kind::User => {
                let user = &tenant.users[id];
                assert_eq!(shown["userName"], user.name);
                assert_eq!(shown["title"].as_str(), user.title.as_deref());
                let groups = tenant.groups.iter().filter(|(_, it)| it.members.contains(id));
                assert_eq!(related("groups"), groups.map(|(id, _)| id.clone()).collect::<Vec<_>>());
            }
            Kind::Group => {
                let group = &tenant.groups[id];
                assert_eq!(shown["displayName"], group.name);
                assert_eq!(related("members"), Vec::from_iter(group.members.iter().cloned()));
            }
        }
    }
}

fn sorted_ids(elements: &Value, name: &str) -> Vec<String> {
    let elements = elements.as_array().into_iter().flatten();
    let mut ids: Vec<_> = elements.map(|it| it[name].as_str().unwrap().to_owned()).collect();
    ids.sort_unstable();
    ids
}
