//! S6, S9: random filters over random resources select what `query::eval` selects.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    answer::{assert_once, ids_of},
    fixture::{Fixture, sorted, targets},
    random::Random,
};
use crate::{
    query::{Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side, SortKey, SortOrder},
    resource::ResourceId,
    schema::ResourceType,
    store::{Delta, Key, Precondition, Query, Resource, Start, Total, Write},
};

/// Few texts, so that values meet, among them those that break careless comparisons.
const TEXTS: [&str; 14] = [
    "anna", "Anna", "ANNA", "ann", "bob", "b%b", "b_b", "é", "e\u{301}", "straße", "STRASSE", "'",
    "\\", "日本",
];
const USERS: [&str; 9] = [
    "userName",
    "displayName",
    "nickName",
    "title",
    "externalId",
    "name.familyName",
    "emails.value",
    "emails.type",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];
/// What differs between any two of the users.
const CHANGED: [&str; 9] = [
    "userName",
    "displayName",
    "nickName",
    "title",
    "externalId",
    "active",
    "name.familyName",
    "emails",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];
const OPERATORS: [Operator; 8] = [
    Operator::Equal,
    Operator::Contains,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::Less,
    Operator::LessOrEqual,
];

pub(super) fn random_filters_select_as_eval_does(on: &Fixture) {
    let mut world = World::new(on);
    for _ in 0..6 {
        world.change();
        let users = on.all(&on.users);
        let groups = on.all(&on.groups);
        for _ in 0..60 {
            let filter = world.filter(&on.users, 3);
            assert_selects(on, &users, &filter, on.users_where(filter.clone()));
            world.assert_walked(&on.users, &users, &filter);
            let filter = world.filter(&on.groups, 2);
            assert_selects(on, &groups, &filter, on.groups_where(filter.clone()));
            world.assert_walked(&on.groups, &groups, &filter);
        }
    }
}

fn assert_selects(on: &Fixture, all: &[Resource], filter: &Predicate, found: Vec<ResourceId>) {
    let expected: Vec<_> = all.iter().filter(|it| on.matches(Some(filter), it)).cloned().collect();
    assert_once(&found);
    assert_eq!(sorted(found), sorted(ids_of(&expected)), "{filter:#?}");
}

pub(super) fn random_pages_are_cut_as_asked(on: &Fixture) {
    let mut world = World::new(on);
    let all = on.all(&on.users);
    for _ in 0..60 {
        let mut query = Query::new(&on.users, world.random.below(8));
        query.filter = Some(world.filter(&on.users, 1));
        query.sort = world.sort();
        query.total = Total::Count;
        let offset = world.random.below(12);
        query.start = Start::Index(offset as u64);
        let mut expected: Vec<_> =
            all.iter().filter(|it| on.matches(query.filter.as_ref(), it)).cloned().collect();
        let answer = on.answer(&query);
        assert_eq!(answer.total, Some(expected.len() as u64), "{query:?}");
        let len = expected.len().saturating_sub(offset).min(query.limit);
        assert_eq!(answer.resources.len(), len, "{query:?}");
        if !query.sort.is_empty() {
            // Ties are in the store's order, so the values decide and not the ids.
            on.sort(&mut expected, &query.sort);
            let page: Vec<_> = expected.into_iter().skip(offset).take(query.limit).collect();
            let found = answer
                .resources
                .iter()
                .map(|it| all.iter().find(|known| known.id == it.id).expect("one of all").clone());
            for (found, expected) in found.zip(page) {
                let mut pair = [expected.clone(), found.clone()];
                on.sort(&mut pair, &query.sort);
                let forward = ids_of(&pair) == [expected.id.clone(), found.id.clone()];
                let mut pair = [found.clone(), expected.clone()];
                on.sort(&mut pair, &query.sort);
                let backward = ids_of(&pair) == [found.id.clone(), expected.id.clone()];
                assert!(forward && backward, "{query:?}: {} for {}", found.id, expected.id);
            }
        }
    }
}

/// Random resources in the store, and random questions about them.
struct World<'a> {
    on: &'a Fixture,
    random: Random,
    users: Vec<Key>,
    groups: Vec<Key>,
}

impl<'a> World<'a> {
    fn new(on: &'a Fixture) -> Self {
        let random = Random::new();
        let mut world = Self { on, random, users: Vec::new(), groups: Vec::new() };
        for _ in 0..25 {
            let values = world.user();
            let mut insert = on.user_with(values);
            // Names repeat here, as they may where an application does not claim them.
            insert.claims.clear();
            world.users.push(on.insert(insert));
        }
        for _ in 0..6 {
            let name = *world.random.pick(&TEXTS);
            world.groups.push(on.insert(on.group(name, &[])));
        }
        for _ in 0..25 {
            world.join();
        }
        world
    }

    /// Changes a few documents and edges.
    fn change(&mut self) {
        for _ in 0..4 {
            let user = self.random.pick(&self.users).clone();
            let values = self.user();
            self.on.change(self.on.rewrite(&user, Precondition::Exists, values, &CHANGED));
            self.join();
        }
        let group = self.random.pick(&self.groups).clone();
        self.on.change(self.on.change_members(&group, Delta::Clear));
    }

    fn join(&mut self) {
        let group = self.random.pick(&self.groups).clone();
        let member = match self.random.once_in(3) {
            true => self.random.pick(&self.groups).clone(),
            false => self.random.pick(&self.users).clone(),
        };
        let add = self.on.change_members(&group, Delta::Add(targets(&[&member])));
        self.on.write_one(Write::Change(add)).expect("the member exists");
    }

    /// Now and then: the same are met page by page, after the position at which the page before ended.
    fn assert_walked(
        &mut self,
        resource_type: &Arc<ResourceType>,
        all: &[Resource],
        filter: &Predicate,
    ) {
        // It takes a while where the engine has to do the rest.
        if !self.random.once_in(4) {
            return;
        }
        let mut query = Query::new(resource_type, self.random.below(3).saturating_add(1));
        query.filter = Some(filter.clone());
        assert_selects(self.on, all, filter, ids_of(&self.on.walk(&query)));
    }

    fn text(&mut self) -> &'static str {
        self.random.pick::<&str>(&TEXTS)
    }

    fn user(&mut self) -> Value {
        let mut values = json!({ "userName": self.text() });
        for name in ["displayName", "nickName", "title", "externalId"] {
            if self.random.once_in(2) {
                values[name] = json!(self.text());
            }
        }
        if self.random.once_in(2) {
            values["active"] = json!(self.random.once_in(2));
        }
        if self.random.once_in(2) {
            values["name"] = json!({ "familyName": self.text() });
        }
        if self.random.once_in(3) {
            values["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] =
                json!({ "department": self.text() });
        }
        let emails: Vec<Value> = (0..self.random.below(4)).map(|it| self.email(it == 0)).collect();
        if !emails.is_empty() {
            values["emails"] = Value::Array(emails);
        }
        values
    }

    fn email(&mut self, may_be_primary: bool) -> Value {
        let mut email = json!({ "value": self.text() });
        if self.random.once_in(2) {
            email["type"] = json!(self.random.pick(&["work", "Home"]));
        }
        if may_be_primary && self.random.once_in(2) {
            email["primary"] = json!(true);
        }
        email
    }

    fn sort(&mut self) -> Vec<SortKey> {
        let paths = ["userName", "title", "emails.value", "active", "meta.created", "id"];
        (0..self.random.below(3))
            .map(|_| SortKey {
                attribute: self.on.attribute(&self.on.users, self.random.pick::<&str>(&paths)),
                order: *self.random.pick(&[SortOrder::Ascending, SortOrder::Descending]),
            })
            .collect()
    }

    fn filter(&mut self, resource_type: &ResourceType, depth: usize) -> Predicate {
        if depth == 0 || self.random.once_in(3) {
            return self.leaf(resource_type);
        }
        let below = depth.saturating_sub(1);
        match self.random.below(3) {
            0 => Predicate::Not(Box::new(self.filter(resource_type, below))),
            1 => Predicate::And(self.filters(resource_type, below)),
            _ => Predicate::Or(self.filters(resource_type, below)),
        }
    }

    fn filters(&mut self, resource_type: &ResourceType, depth: usize) -> Vec<Predicate> {
        let len = self.random.below(4);
        (0..len).map(|_| self.filter(resource_type, depth)).collect()
    }

    fn leaf(&mut self, resource_type: &ResourceType) -> Predicate {
        let is_user = resource_type.name() == self.on.users.name();
        match self.random.below(12) {
            0 => Predicate::Constant(self.random.once_in(2)),
            1 => self.id(resource_type),
            2 => self.time(resource_type),
            3..=5 => self.related(is_user),
            _ if !is_user => self.comparison(resource_type, "displayName"),
            6 => self.on.compare("active", Operator::Equal, json!(self.random.once_in(2))),
            7 => {
                let path = *self.random.pick(&["title", "emails", "name", "emails.type", "active"]);
                Predicate::Present(self.on.attribute(resource_type, path))
            }
            8 => self.element(),
            _ => {
                let path = *self.random.pick(&USERS);
                self.comparison(resource_type, path)
            }
        }
    }

    fn comparison(&mut self, resource_type: &ResourceType, path: &str) -> Predicate {
        let operator = *self.random.pick(&OPERATORS);
        let operand = match path {
            "emails.type" => json!(self.random.pick(&["work", "home", "wo"])),
            _ => json!(self.text()),
        };
        self.on.compare_in(resource_type, path, operator, operand)
    }

    fn id(&mut self, resource_type: &ResourceType) -> Predicate {
        let user = self.random.pick(&self.users).clone();
        let group = self.random.pick(&self.groups).clone();
        let id = if self.random.once_in(2) { user.id } else { group.id };
        self.on.compare_in(resource_type, "id", Operator::Equal, json!(id.as_str()))
    }

    fn time(&mut self, resource_type: &ResourceType) -> Predicate {
        let key = self.random.pick(&self.users).clone();
        let meta = self.on.meta(&key);
        let (path, time) = match self.random.once_in(2) {
            true => ("meta.created", meta.created),
            false => ("meta.lastModified", meta.last_modified),
        };
        let comparing = [Operator::Equal, Operator::Greater, Operator::LessOrEqual];
        let operator = *self.random.pick(&comparing);
        self.on.compare_in(resource_type, path, operator, json!(time.to_string()))
    }

    /// A value path over `emails`.
    fn element(&mut self) -> Predicate {
        let value = self.comparison(&self.on.users, "emails.value");
        let kind = self.comparison(&self.on.users, "emails.type");
        let primary = self.on.compare("emails.primary", Operator::Equal, json!(true));
        let inner = match self.random.below(5) {
            0 => Predicate::And(vec![value, kind]),
            1 => Predicate::Or(vec![value, Predicate::Not(Box::new(kind))]),
            2 => Predicate::And(vec![Predicate::Not(Box::new(primary)), kind]),
            3 => Predicate::And(vec![primary, value]),
            _ => value,
        };
        Predicate::Element(self.on.attribute(&self.on.users, "emails"), Box::new(inner))
    }

    fn related(&mut self, is_user: bool) -> Predicate {
        let from_target = is_user || self.random.once_in(2);
        let side = if from_target { Side::Sources } else { Side::Targets };
        let reach = *self.random.pick(&[Reach::Direct, Reach::Transitive]);
        let far_end = match from_target || self.random.once_in(2) {
            true => self.random.pick(&self.groups).clone(),
            false => self.random.pick(&self.users).clone(),
        };
        let test = match self.random.below(4) {
            0 => RelatedTest::Any,
            // A group shows its own groups in no attribute, so there is no predicate for them.
            1 if side == Side::Sources && !is_user => RelatedTest::Any,
            1 => {
                let (resource_type, path) = match side {
                    Side::Sources => (&self.on.users, "groups.display"),
                    Side::Targets => (&self.on.groups, "members.value"),
                };
                let operand = match side {
                    Side::Sources => json!(self.random.pick(&TEXTS)),
                    Side::Targets => json!(far_end.id.as_str()),
                };
                let equal = self.on.compare_in(resource_type, path, Operator::Equal, operand);
                RelatedTest::Matches(Box::new(equal))
            }
            _ => RelatedTest::Id(far_end.id),
        };
        let relation = self.on.members.clone();
        Predicate::Related(RelatedTerm { relation, side, reach, test })
    }
}
