//! What tenants write, and keeping the models up with it.

use std::sync::Arc;

use http::Method;
use scim_core::{
    Actor, BearerTokens, ScimServer,
    store::{self, Store},
};
use serde_json::{Value, json};

use super::{
    NamedBy,
    ask::endpoint,
    model::{Group, Tenant, User},
    read::Query,
    step::{Asked, Kind, MemberChange, NamedAs, Pick, Step, TENANTS},
};
use crate::endpoint::{Endpoint, GROUP};

pub(super) const NAMES: [&str; TENANTS] = ["acme", "birch", "cedar"];

pub(super) struct World {
    pub(super) named_by: NamedBy,
    pub(super) scim: Endpoint,
    pub(super) tenants: [Tenant; TENANTS],
}

impl World {
    pub(super) fn new(named_by: NamedBy, store: Arc<dyn Store>) -> Self {
        let tokens = NAMES.iter().fold(BearerTokens::builder(), |tokens, name| {
            tokens.token(name, Actor::new(*name).in_tenant(store::Tenant::new(*name)))
        });
        let base_path = match named_by {
            NamedBy::Path => "/scim/v2/{tenant}",
            NamedBy::Credential => "/scim/v2",
        };
        let server = ScimServer::builder(store, tokens.build().unwrap()).base_path(base_path);
        Self { named_by, scim: Endpoint::of(server.build().unwrap()), tenants: Default::default() }
    }

    pub(super) fn play(mut self, steps: &[Step]) {
        for step in steps {
            self.step(step);
        }
        for tenant in 0..TENANTS {
            self.check_all(tenant);
        }
    }

    fn step(&mut self, Step { by, request }: &Step) {
        let by = *by;
        match request {
            Asked::AddUser { name, title } => self.add_user(by, *name, *title),
            Asked::PutUser { user, name, title } => self.put_user(by, user, *name, *title),
            Asked::PatchUser { user, title } => self.patch_user(by, user, *title),
            Asked::AddGroup { name, members, by: named } => {
                self.add_group(by, *name, members, *named);
            }
            Asked::ChangeMembers { group, change, member, by: named } => {
                self.change_members(by, group, *change, member, *named);
            }
            Asked::Delete(kind, it) => self.delete(by, *kind, it),
            Asked::Get(kind, it) => {
                let id = self.id(by, *kind, it);
                self.check_one(by, *kind, &id);
            }
            Asked::List { kind, filter, sort, walk, count, place } => {
                let query = Query { kind: *kind, sort: *sort, walk: *walk, count: *count };
                self.list(by, query, filter, *place);
            }
            Asked::Everything(user) => self.everything(by, user),
            Asked::StealCursor(kind, thief) => self.steal_cursor(by, *kind, (by + thief) % TENANTS),
            Asked::Bulk { name, member, deleted } => self.bulk(by, *name, member, deleted),
            Asked::Trespass(other) => self.trespass(by, (by + other) % TENANTS),
        }
    }
}

/// Writes.
impl World {
    fn add_user(&mut self, by: usize, name: u8, title: u8) {
        let user = user(name, title);
        let answer = self.ask(by, Method::POST, "/Users", self.user_body(by, &user));
        if self.tenants[by].is_taken(&user.name, "") {
            answer.expect_error(409, "uniqueness");
        } else {
            let id = answer.expect(201).id();
            self.tenants[by].add_user(id, user);
        }
    }

    fn put_user(&mut self, by: usize, pick: &Pick, name: u8, title: u8) {
        let (id, user) = (self.id(by, Kind::User, pick), user(name, title));
        let path = format!("/Users/{id}");
        let answer = self.ask(by, Method::PUT, &path, self.user_body(by, &user));
        let tenant = &mut self.tenants[by];
        if !tenant.users.contains_key(&id) {
            answer.expect_error(404, "");
        } else if tenant.is_taken(&user.name, &id) {
            answer.expect_error(409, "uniqueness");
        } else {
            answer.expect(200);
            tenant.users.insert(id, user);
        }
    }

    fn patch_user(&mut self, by: usize, pick: &Pick, title: u8) {
        let id = self.id(by, Kind::User, pick);
        let title = user(0, title).title;
        let operation = match &title {
            Some(title) => json!({"op": "replace", "path": "title", "value": title}),
            None => json!({"op": "remove", "path": "title"}),
        };
        let answer = self.patch(by, &format!("/Users/{id}"), operation);
        match self.tenants[by].users.get_mut(&id) {
            None => drop(answer.expect_error(404, "")),
            Some(user) => {
                answer.expect(200);
                user.title = title;
            }
        }
    }

    fn add_group(&mut self, by: usize, name: u8, picks: &[Pick], named: NamedAs) {
        let members: Vec<_> = picks.iter().map(|pick| self.id(by, Kind::User, pick)).collect();
        let values: Vec<_> =
            picks.iter().map(|pick| self.member(by, Kind::User, pick, named)).collect();
        let name = format!("name{name}");
        let body = json!({"schemas": [GROUP], "displayName": name, "members": values});
        let answer = self.ask(by, Method::POST, "/Groups", body);
        let tenant = &mut self.tenants[by];
        if members.iter().all(|id| tenant.users.contains_key(id)) {
            let group = Group { name, members: members.into_iter().collect() };
            tenant.add_group(answer.expect(201).id(), group);
        } else {
            answer.expect_error(400, "invalidValue");
        }
    }

    fn change_members(
        &mut self,
        by: usize,
        pick: &Pick,
        change: MemberChange,
        member: &Pick,
        named: NamedAs,
    ) {
        let group = self.id(by, Kind::Group, pick);
        let value = self.member(by, Kind::User, member, named);
        let member = self.id(by, Kind::User, member);
        let operation = match change {
            MemberChange::Add => json!({"op": "add", "path": "members", "value": [value]}),
            MemberChange::Replace => json!({"op": "replace", "path": "members", "value": [value]}),
            MemberChange::Remove => {
                json!({"op": "remove", "path": format!("members[value eq \"{member}\"]")})
            }
        };
        let answer = self.patch(by, &format!("/Groups/{group}"), operation);
        let tenant = &mut self.tenants[by];
        let is_known = tenant.users.contains_key(&member);
        let Some(group) = tenant.groups.get_mut(&group) else {
            assert!(answer.status == 404 || answer.status == 400 && !is_known, "{}", answer.text);
            return;
        };
        match change {
            MemberChange::Remove => _ = group.members.remove(&member),
            _ if !is_known => return drop(answer.expect_error(400, "invalidValue")),
            MemberChange::Add => _ = group.members.insert(member),
            MemberChange::Replace => group.members = [member].into(),
        }
        assert!(answer.status.is_success(), "{}", answer.text);
    }

    fn delete(&mut self, by: usize, kind: Kind, pick: &Pick) {
        let id = self.id(by, kind, pick);
        let path = format!("{}/{id}", endpoint(kind));
        let answer = self.ask(by, Method::DELETE, &path, Value::Null);
        if self.tenants[by].has(kind, &id) {
            answer.expect(204);
            self.tenants[by].delete(kind, &id);
        } else {
            answer.expect_error(404, "");
        }
    }

    fn bulk(&mut self, by: usize, name: u8, member: &Pick, deleted: &Pick) {
        let member = self.id(by, Kind::User, member);
        let deleted = self.id(by, Kind::User, deleted);
        let user = user(name, 0);
        let members = json!([{"value": "bulkId:user"}, {"value": member}]);
        let operations = json!([
            {"method": "POST", "path": "/Users", "bulkId": "user",
                "data": self.user_body(by, &user)},
            {"method": "POST", "path": "/Groups", "bulkId": "group",
                "data": {"schemas": [GROUP], "displayName": "bulk", "members": members}},
            {"method": "DELETE", "path": format!("/Users/{deleted}")},
        ]);
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
        let body = json!({"schemas": schemas, "Operations": operations});
        let answer = self.ask(by, Method::POST, "/Bulk", body).expect(200).json();
        let status = |index: usize| answer["Operations"][index]["status"].as_str().unwrap();
        let made = |index: usize| {
            let location = answer["Operations"][index]["location"].as_str().unwrap();
            location.rsplit('/').next().unwrap().to_owned()
        };
        let tenant = &mut self.tenants[by];
        let is_member_known = tenant.users.contains_key(&member);
        if tenant.is_taken(&user.name, "") {
            assert_eq!(status(0), "409", "{answer}");
        } else {
            assert_eq!(status(0), "201", "{answer}");
            tenant.add_user(made(0), user);
        }
        if status(0) == "201" && is_member_known {
            assert_eq!(status(1), "201", "{answer}");
            let members = [made(0), member].into();
            tenant.add_group(made(1), Group { name: "bulk".to_owned(), members });
        } else {
            assert!(status(1).starts_with('4'), "{answer}");
        }
        if tenant.users.contains_key(&deleted) {
            assert_eq!(status(2), "204", "{answer}");
            tenant.delete(Kind::User, &deleted);
        } else {
            assert_eq!(status(2), "404", "{answer}");
        }
    }
}

fn user(name: u8, title: u8) -> User {
    User { name: format!("name{name}"), title: (title > 0).then(|| format!("title{title}")) }
}
