//! Filters, order and pages.

use serde_json::json;

use crate::service::{BOTH, Service};

async fn four() -> (Service, [String; 4]) {
    let service = Service::new();
    let mut ids = Vec::new();
    for (address, external_id) in [
        ("carl@hello.com", "1234ABCD"),
        ("ann@hello.com", "007"),
        ("Bob@World.com", "12"),
        ("dan@world.com", "true"),
    ] {
        let body = json!({"name": "A B", "emails": [address], "externalId": external_id});
        let user = service.post("/2/Users", body).await.expect(201);
        ids.push(crate::service::id(&user));
    }
    (service, ids.try_into().unwrap())
}

/// "Filters: one `attribute operator value` expression; every 1.1 operator but `pr`; the value may
/// be unquoted; `externalid` in any case."
#[tokio::test]
async fn a_filter_is_one_comparison() {
    let (service, [carl, ann, bob, dan]) = four().await;
    let cases = [
        ("emails eq ann@hello.com", vec![&ann]),
        ("emails eq \"ANN@hello.com\"", vec![&ann]),
        ("emails co @hello.com", vec![&carl, &ann]),
        ("emails co world", vec![&bob, &dan]),
        ("emails sw bob", vec![&bob]),
        ("emails gt bz", vec![&carl, &dan]),
        ("emails ge bob@world.com", vec![&carl, &bob, &dan]),
        ("emails lt bob@world.com", vec![&ann]),
        ("emails le bob@world.com", vec![&ann, &bob]),
        ("emails eq nobody@hello.com", vec![]),
        ("externalid eq 1234ABCD", vec![&carl]),
        ("EXTERNALID eq 007", vec![&ann]),
        ("externalId eq 12", vec![&bob]),
        ("externalid eq true", vec![&dan]),
        ("externalid EQ \"12\"", vec![&bob]),
    ];
    for base in BOTH {
        for (filter, expected) in &cases {
            let path = format!("{base}/Users?filter={}", filter.replace('"', "%22"));
            let found = service.listed(&path).await;
            assert_eq!(found.iter().collect::<Vec<_>>(), *expected, "{base} {filter}");
        }
        let by_name = format!("{base}/Users?filter=username eq {ann}");
        assert_eq!(service.listed(&by_name).await, [&*ann]);
    }
}

#[tokio::test]
async fn other_filters_are_refused() {
    let (service, _) = four().await;
    for base in BOTH {
        for filter in [
            "emails pr",
            "emails ne x",
            "emails ew x",
            "emails eq x and active eq true",
            "emails eq x or emails eq y",
            "not (emails eq x)",
            "emails[value eq x]",
            "emails eq",
            "emails is x",
            "nothing eq x",
            "",
        ] {
            let path = format!("{base}/Users?filter={filter}");
            service.get(&path).await.expect_error(400);
        }
    }
}

/// "`count`, `startIndex`, `sortBy`, `sortOrder` on Users."
#[tokio::test]
async fn users_are_sorted_and_paged() {
    let (service, [carl, ann, bob, dan]) = four().await;
    let sorted = [&ann, &bob, &carl, &dan];
    for base in BOTH {
        let by_email = format!("{base}/Users?sortBy=emails");
        assert_eq!(service.listed(&by_email).await.iter().collect::<Vec<_>>(), sorted);
        let down = service.listed(&format!("{by_email}&sortOrder=descending")).await;
        assert_eq!(down.iter().rev().collect::<Vec<_>>(), sorted);
        let up = service.listed(&format!("{by_email}&sortOrder=ascending")).await;
        assert_eq!(up.iter().collect::<Vec<_>>(), sorted);
        let page = service.get(&format!("{by_email}&count=2&startIndex=2")).await.expect(200);
        let counts = ["totalResults", "startIndex", "itemsPerPage"].map(|name| &page[name]);
        assert_eq!(counts, [&json!(4), &json!(2), &json!(2)]);
        let ids: Vec<_> =
            page["Resources"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
        assert_eq!(ids, [&json!(bob), &json!(carl)]);
        // `userName` is the id.
        let mut by_name = sorted.map(String::clone);
        by_name.sort();
        assert_eq!(service.listed(&format!("{base}/Users?sortBy=username")).await, by_name);
    }
}

/// "This call can be performed with no parameters, in which case all users will be returned."
#[tokio::test]
async fn a_plain_list_has_all_users() {
    for service in Service::each() {
        for number in 0..130 {
            service.user(&format!("{number}@hello.com")).await;
        }
        for base in BOTH {
            let list = service.get(&format!("{base}/Users")).await.expect(200);
            assert_eq!(list["Resources"].as_array().unwrap().len(), 130);
            let counts = ["totalResults", "startIndex", "itemsPerPage"].map(|name| &list[name]);
            assert_eq!(counts, [&json!(130), &json!(1), &json!(130)]);
        }
        // The page after the first ten, as the documents have it.
        let all = service.listed("/2/Users").await;
        let page = service.listed("/2/Users?count=10&startIndex=11").await;
        assert_eq!(page, all[10..20]);
    }
}

/// "`GET /Groups` accepts a `displayName` filter and ignores sorting."
#[tokio::test]
async fn groups_are_found_by_name_and_not_sorted() {
    for service in Service::each() {
        let user = service.user("a@x.com").await;
        for endpoint in ["Groups", "GroupFolders"] {
            for name in ["Tour Guides", "a Group", "My Group"] {
                let body = json!({"displayName": name, "members": [user]});
                service.post(&format!("/2/{endpoint}"), body).await.expect(201);
            }
            for base in BOTH {
                let path = format!("{base}/{endpoint}");
                let plain = service.listed(&path).await;
                for sort in ["displayName", "nothing", "members"] {
                    let sorted = format!("{path}?sortBy={sort}&sortOrder=descending");
                    assert_eq!(service.listed(&sorted).await, plain);
                }
                let cases = [
                    ("displayName eq Tour Guides", &plain[..1]),
                    ("displayname eq %22tour guides%22", &plain[..1]),
                    ("displayName co Group", &plain[1..]),
                    ("displayName sw my", &plain[2..]),
                ];
                for (filter, expected) in cases {
                    assert_eq!(service.listed(&format!("{path}?filter={filter}")).await, expected);
                }
                for filter in ["id eq x", "members eq x", "displayName pr", "externalId eq 1"] {
                    service.get(&format!("{path}?filter={filter}")).await.expect_error(400);
                }
            }
        }
    }
}
