//! The queries that identity providers send are answered from an index, as SQLite's own plan says.

use std::sync::Arc;

use rusqlite::{Transaction, params_from_iter, types::Value as Field};
use scim_core::{
    query::{
        BindContext, Comparison, Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side,
        SortKey, SortOrder, bind, prepare,
    },
    schema::{Registry, ResourceType},
    store::{Query, Scope, ServedTypes, Start, Total},
};
use serde_json::{Value, json};

use crate::{
    SqliteStore,
    attached::Attached,
    connection::{Link, lock},
    position::{digest, encode},
    read::Plan,
    rebuild::bring_up_to_date,
};

/// What identity providers send, and to which type: none may look at more rows than match in the
/// index, or sort anything but these.
const SENT: [(&str, &str); 30] = [
    // Microsoft Entra ID
    ("User", "userName eq \"bjensen@example.com\""),
    ("User", "externalId eq \"701984\""),
    ("User", "emails[type eq \"work\"].value eq \"bjensen@example.com\""),
    ("User", "emails[type eq \"work\" and value eq \"bjensen@example.com\"]"),
    ("Group", "displayName eq \"Tour Guides\""),
    ("Group", "externalId eq \"g-1\""),
    ("User", "id eq \"2819c223\" and manager.value eq \"26118915\""),
    ("Group", "id eq \"e9e30dba\" and members eq \"2819c223\""),
    ("Group", "id eq \"e9e30dba\" and members[value eq \"2819c223\"]"),
    (
        "User",
        "meta.lastModified ge \"2026-01-01T00:00:00.0000000Z\" and \
         meta.lastModified le \"2026-01-02T00:00:00.0000000Z\"",
    ),
    (
        "User",
        "active eq true and (meta.lastModified ge \"2026-01-01T00:00:00.0000000Z\" and \
         meta.lastModified le \"2026-01-02T00:00:00.0000000Z\")",
    ),
    // Okta, OneLogin, JumpCloud, authentik, WSO2, CyberArk
    ("User", "userName Eq \"bjensen\""),
    ("User", "userName eq \"bjensen\" and active eq true"),
    ("User", "userName eq \"bjensen\" or emails.value eq \"bjensen@example.com\""),
    ("User", "id eq \"2819c223\""),
    ("Group", "id eq \"e9e30dba\""),
    // Ping
    ("User", "emails eq \"bjensen@example.com\""),
    ("User", "emails.value eq \"bjensen@example.com\""),
    ("User", "emails.value eq \"bjensen@example.com\" and emails.type eq \"work\""),
    // Members and groups from either end
    ("Group", "members eq \"2819c223\""),
    ("Group", "members.value eq \"2819c223\""),
    ("Group", "members[value eq \"2819c223\"]"),
    ("Group", "members[type eq \"User\" and value eq \"2819c223\"]"),
    ("Group", "displayName eq \"Tour Guides\" and members eq \"2819c223\""),
    ("User", "groups eq \"e9e30dba\""),
    ("User", "groups.value eq \"e9e30dba\" and userName eq \"bjensen\""),
    // Searches of administrators
    ("User", "displayName eq \"Barbara Jensen\""),
    ("User", "userName sw \"bj\""),
    ("Group", "displayName sw \"Tour\""),
    ("User", "userName gt \"bj\""),
];

struct Explainer {
    link: crate::connection::SharedLink,
    registry: Arc<Registry>,
    attached: Arc<Attached>,
}

impl Explainer {
    fn new() -> Self {
        let options = SqliteStore::options();
        let registry = Registry::standard();
        let attached = Attached::new(ServedTypes::default().and(&registry), &options.indexed);
        let link = Link::in_memory(&options).unwrap();
        let rebuilt =
            bring_up_to_date(&lock(&link).sql, &attached).unwrap().map(Transaction::commit);
        assert_eq!(rebuilt, Some(Ok(())));
        Self { link, registry, attached: Arc::new(attached) }
    }

    fn resource_type(&self, name: &str) -> &Arc<ResourceType> {
        self.registry.resource_type(name).unwrap()
    }

    fn compare(&self, name: &str, path: &str, operator: Operator, value: &Value) -> Predicate {
        let attribute = self.resource_type(name).attribute_at(path).unwrap().clone();
        let operand = prepare(&attribute, value).unwrap();
        Predicate::Compare(Comparison { attribute, operator, operand })
    }

    fn equal(&self, name: &str, path: &str) -> Predicate {
        self.compare(name, path, Operator::Equal, &json!("x"))
    }

    fn related(&self, side: Side, reach: Reach) -> Predicate {
        let relation = self.registry.relation("Group.members").unwrap().clone();
        Predicate::Related(RelatedTerm { relation, side, reach, test: RelatedTest::Id("x".into()) })
    }

    /// The steps of all statements of a query.
    fn explain(&self, query: &Query) -> Vec<String> {
        let plan = Plan::of(&self.attached, &Scope::default(), query).unwrap();
        let link = lock(&self.link);
        plan.statements()
            .flat_map(|statement| {
                let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
                let mut explained = link.sql.prepare(&sql).unwrap();
                let steps = explained
                    .query_map(params_from_iter(&statement.values), |it| it.get::<_, String>(3));
                steps.unwrap().collect::<Result<Vec<_>, _>>().unwrap()
            })
            .collect()
    }

    fn filtered(&self, name: &str, filter: Predicate) -> Query {
        let mut query = Query::new(self.resource_type(name), 100);
        query.filter = Some(filter);
        query.total = Total::Count;
        query
    }

    /// Resources are met one by one and never through an index over all of a type.
    fn assert_narrow(&self, name: &str, filter: Predicate) {
        let what = format!("{filter:?}");
        let steps = self.explain(&self.filtered(name, filter));
        let wide = |step: &String| {
            let scanned = step.strip_prefix("SCAN ").and_then(|it| it.split(' ').next());
            // What a subquery answered may be scanned, tables may not.
            scanned.is_some_and(|it| ["r", "v", "e", "l", "t", "o"].contains(&it))
                || step.contains("(tenant=? AND type=?)")
                || step.contains("(tenant=?)")
        };
        assert!(!steps.iter().any(wide), "{what}\n{steps:#?}");
    }
}

impl Explainer {
    fn parsed(&self, name: &str, filter: &str) -> Predicate {
        let filter = scim_filter::Parser::tolerant().filter(filter).unwrap().into_owned();
        let context = BindContext::new(self.resource_type(name), "http://scim.test/scim/v2");
        bind(&filter, &context).unwrap()
    }
}

#[test]
fn what_identity_providers_send_is_looked_up() {
    let on = Explainer::new();
    for (name, filter) in SENT {
        on.assert_narrow(name, on.parsed(name, filter));
        let steps = on.explain(&on.filtered(name, on.parsed(name, filter)));
        let sorts = |step: &String| step.contains("TEMP B-TREE FOR ORDER BY");
        assert!(!steps.iter().any(sorts), "{filter}\n{steps:#?}");
    }
}

#[test]
fn a_member_of_a_group_is_looked_up_by_the_edge() {
    let on = Explainer::new();
    for filter in [
        "id eq \"e9e30dba\" and members eq \"2819c223\"",
        "id eq \"e9e30dba\" and members[type eq \"User\" and value eq \"2819c223\"]",
    ] {
        let steps = on.explain(&on.filtered("Group", on.parsed("Group", filter)));
        let by_key = |step: &String| {
            step.contains("SEARCH e USING") && step.contains("(list=? AND target=?)")
        };
        assert!(steps.iter().any(by_key), "{filter}\n{steps:#?}");
    }
}

#[test]
fn searches_in_values_read_the_index_alone() {
    let on = Explainer::new();
    for path in ["userName", "displayName", "emails.value"] {
        for operator in ["co", "ew"] {
            let filter = on.parsed("User", &format!("{path} {operator} \"jens\""));
            let steps = on.explain(&on.filtered("User", filter));
            let documents = |step: &String| step.contains("(tenant=? AND type=?)");
            let covering = |step: &String| step.contains("SEARCH v USING PRIMARY KEY");
            assert!(!steps.iter().any(documents), "{path} {operator}\n{steps:#?}");
            assert!(steps.iter().any(covering), "{path} {operator}\n{steps:#?}");
        }
    }
}

#[test]
fn lookups_use_an_index() {
    let on = Explainer::new();
    for (name, path) in [
        ("User", "userName"),
        ("User", "externalId"),
        ("User", "displayName"),
        ("User", "emails.value"),
        ("User", "id"),
        ("Group", "displayName"),
        ("Group", "externalId"),
        ("Group", "id"),
    ] {
        on.assert_narrow(name, on.equal(name, path));
    }
}

#[test]
fn a_lookup_stays_one_beside_other_conditions() {
    let on = Explainer::new();
    let active = on.compare("User", "active", Operator::Equal, &json!(true));
    let by_name = on.equal("User", "userName");
    on.assert_narrow("User", Predicate::And(vec![active.clone(), by_name.clone()]));
    let not_by_mail = Predicate::Not(Box::new(on.equal("User", "emails.value")));
    on.assert_narrow("User", Predicate::And(vec![not_by_mail, by_name.clone(), active]));
    let either = Predicate::Or(vec![by_name, on.equal("User", "emails.value")]);
    on.assert_narrow("User", either);
    let work = on.compare("User", "emails.type", Operator::Equal, &json!("work"));
    let mail = on.equal("User", "emails.value");
    let emails = on.resource_type("User").attribute("emails").unwrap().clone();
    let inner = Box::new(Predicate::And(vec![work, mail]));
    on.assert_narrow("User", Predicate::Element(emails, inner));
}

#[test]
fn ranges_use_an_index() {
    let on = Explainer::new();
    on.assert_narrow("User", on.compare("User", "userName", Operator::StartsWith, &json!("x")));
    let since = json!("2026-01-01T00:00:00Z");
    on.assert_narrow("User", on.compare("User", "meta.lastModified", Operator::Greater, &since));
}

#[test]
fn edges_are_followed_from_the_named_end() {
    let on = Explainer::new();
    for reach in [Reach::Direct, Reach::Transitive] {
        let member = on.related(Side::Targets, reach);
        on.assert_narrow("Group", member.clone());
        on.assert_narrow("Group", Predicate::And(vec![member, on.equal("Group", "id")]));
        let group = on.related(Side::Sources, reach);
        on.assert_narrow("User", group.clone());
        on.assert_narrow("User", Predicate::And(vec![group, on.equal("User", "id")]));
    }
}

#[test]
fn pages_in_store_order_and_in_the_order_of_an_index_sort_nothing() {
    let on = Explainer::new();
    let mut query = Query::new(on.resource_type("User"), 100);
    query.total = Total::Count;
    let steps = on.explain(&query);
    assert!(steps.iter().all(|step| !step.contains("TEMP B-TREE")), "{steps:#?}");
    for order in [SortOrder::Ascending, SortOrder::Descending] {
        let attribute = on.resource_type("User").attribute("userName").unwrap().clone();
        query.sort = vec![SortKey { attribute, order }];
        let steps = on.explain(&query);
        assert!(steps.iter().all(|step| !step.contains("TEMP B-TREE")), "{steps:#?}");
    }
}

#[test]
fn pages_behind_a_position_start_there() {
    // Whatever was passed over is not met again, so that the last page costs what the first does.
    let on = Explainer::new();
    let row = Field::Integer(7);
    let mut query = Query::new(on.resource_type("User"), 100);
    query.start = Start::After(encode(digest("r.row"), std::slice::from_ref(&row)));
    let steps = on.explain(&query);
    assert!(steps.iter().any(|step| step.contains("type=? AND rowid>?")), "{steps:#?}");
    for (order, range, clause) in [
        (SortOrder::Ascending, ">", "v.absent, v.key, v.row"),
        (SortOrder::Descending, "<", "v.absent DESC, v.key DESC, v.row DESC"),
    ] {
        let attribute = on.resource_type("User").attribute("userName").unwrap().clone();
        query.sort = vec![SortKey { attribute, order }];
        let key = [Field::Integer(0), Field::Blob(b"x".to_vec()), row.clone()];
        query.start = Start::After(encode(digest(clause), &key));
        let steps = on.explain(&query);
        let wanted = format!("(absent,key,row){range}(?,?,?)");
        assert!(steps.iter().any(|step| step.contains(&wanted)), "{steps:#?}");
        assert!(steps.iter().all(|step| !step.contains("TEMP B-TREE")), "{steps:#?}");
    }
}
