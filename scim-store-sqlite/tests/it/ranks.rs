//! Pages far behind the first are where counting one by one would find them.

use pollster::block_on;
use scim_core::{
    Document, ResourceId,
    query::{SortKey, SortOrder},
    store::{
        Batch, Change, Delete, DocumentChange, Key, Precondition, Query, Scope, Start, Store,
        Tenant, Total, Write,
    },
};
use scim_store_sqlite::SqliteStore;
use serde_json::json;

use crate::fixture::Fixture;

/// The ids of a page.
fn page(fixture: &Fixture, sort: &[SortKey], skipped: usize) -> Vec<ResourceId> {
    let mut query = Query::new(fixture.users(), 7);
    query.sort = sort.to_vec();
    query.start = Start::Index(skipped as u64);
    query.total = Total::Count;
    let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
    page.resources.into_iter().map(|it| it.id).collect()
}

/// All ids in order, as the first page and those after each other have them.
fn walk(fixture: &Fixture, sort: &[SortKey]) -> Vec<ResourceId> {
    let mut query = Query::new(fixture.users(), 500);
    query.sort = sort.to_vec();
    let mut ids = Vec::new();
    loop {
        let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
        ids.extend(page.resources.into_iter().map(|it| it.id));
        match page.next {
            Some(next) => query.start = Start::After(next),
            None => return ids,
        }
    }
}

fn check(fixture: &Fixture) {
    let attribute = |path| fixture.users().attribute(path).unwrap().clone();
    let sorts = ["userName", "displayName"].into_iter().flat_map(|path| {
        let key = |order| vec![SortKey { attribute: attribute(path), order }];
        [key(SortOrder::Ascending), key(SortOrder::Descending)]
    });
    for sort in sorts.chain([Vec::new()]) {
        let all = walk(fixture, &sort);
        let last = all.len();
        for skipped in
            [0, 63, 64, 65, 1_023, 1_024, 2_000, 2_500, last - 8, last - 1, last, last + 9]
        {
            let expected: Vec<_> = all.iter().skip(skipped).take(7).cloned().collect();
            assert_eq!(page(fixture, &sort, skipped), expected, "{sort:?} {skipped}");
        }
    }
}

fn write(fixture: &Fixture, entries: Vec<Write>) {
    block_on(fixture.store.write(&Scope::default(), Batch::new(entries))).unwrap();
}

#[test]
fn pages_by_index_follow_every_change() {
    // S6
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let mut ids = Vec::new();
    // Names in no order; every third user has no other name.
    let inserts = (0..5_000_u64).map(|number| {
        let mixed = number.wrapping_mul(2_654_435_761) % 1_000_003;
        let mut values = json!({"userName": format!("u{mixed:07}")});
        if number % 3 > 0 {
            values["displayName"] = format!("d{}", mixed % 97).into();
        }
        let insert = fixture.user(&values);
        ids.push(insert.key.id.clone());
        Write::Insert(insert)
    });
    let inserts = inserts.collect();
    write(&fixture, inserts);
    // Another tenant's users count for nothing.
    let others = (0..100)
        .map(|number| Write::Insert(fixture.user(&json!({"userName": format!("u{number}")}))));
    let scope = Scope::new(Tenant::new("other"));
    block_on(fixture.store.write(&scope, Batch::new(others.collect()))).unwrap();
    check(&fixture);
    let key = |id: &ResourceId| Key::new(fixture.users(), id.clone());
    let rename = |(number, id): (usize, &ResourceId)| {
        let values = json!({"userName": format!("renamed{number}"), "displayName": "same"});
        let document = Document::new(fixture.users(), values.as_object().unwrap().clone());
        let changed = ["userName", "displayName"]
            .map(|path| fixture.users().attribute(path).unwrap().clone());
        let mut change = Change::new(key(id), Precondition::Exists);
        change.document = Some(DocumentChange::new(document, changed.to_vec()));
        Write::Change(change)
    };
    write(&fixture, ids[..400].iter().enumerate().map(rename).collect());
    let delete = |id: &ResourceId| {
        Write::Delete(Delete { key: key(id), precondition: Precondition::Exists })
    };
    write(&fixture, ids[1_000..2_400].iter().map(delete).collect());
    check(&fixture);
    write(&fixture, ids[..1_000].iter().chain(&ids[2_400..4_000]).map(delete).collect());
    let left = walk(&fixture, &[]);
    assert_eq!(page(&fixture, &[], 900), left[900..907]);
}
