//! What the parts of a request cost without a socket, and how often they allocate:
//! `cargo bench -p scim-core`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on may stop"
)]

use std::sync::LazyLock;

use divan::{AllocProfiler, Bencher, black_box};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use pollster::block_on;
use scim_core::{
    Actor, BearerTokens, Body, Document, Meta, Notes, Object, Revision, Rules, ScimServer,
    Selection, Timestamp, Version,
    patch::{PatchContext, PatchOptions, PatchRequest, apply, plan},
    query::{BindContext, Predicate, Standalone, bind, eval},
    schema::{Registry, ResourceType},
};
use scim_filter::Parser;
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

static REGISTRY: LazyLock<std::sync::Arc<Registry>> = LazyLock::new(Registry::standard);
static SERVER: LazyLock<ScimServer> = LazyLock::new(server);

const EQUAL: &str = "userName eq \"user0000042@example.com\"";
const COMPOUND: &str = "(userName sw \"bjensen\" and active eq true) or (emails[type eq \"work\" and \
    value co \"@example.com\"] and meta.lastModified gt \"2011-05-13T04:42:34Z\") and not (title pr)";
const USERS: usize = 1_000;

fn main() {
    divan::main();
}

fn user_type() -> &'static ResourceType {
    REGISTRY.resource_type("User").unwrap()
}

fn user(number: usize) -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "userName": format!("user{number:07}@example.com"),
        "externalId": format!("00u1{number:016x}"),
        "name": {"formatted": "Ms. Ada K. Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
        "displayName": format!("Ada Lovelace {number:07}"),
        "active": true,
        "emails": [
            {"value": format!("ada.lovelace.{number:07}@example.com"), "type": "work", "primary": true},
            {"value": format!("lovelace{number:07}@home.example.org"), "type": "home"}
        ],
        "phoneNumbers": [{"value": format!("tel:+44-20-{number:07}"), "type": "work"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": format!("{number:07}"), "costCenter": "4130",
            "organization": "Universal Studios", "department": "Tour Operations"
        }
    })
}

fn values() -> Object {
    user(42).as_object().cloned().unwrap()
}

fn bound(text: &str) -> Predicate {
    let filter = Parser::strict().filter(text).unwrap();
    bind(&filter, &BindContext::new(user_type(), "https://example.com/scim/v2")).unwrap()
}

mod filter {
    use super::*;

    #[divan::bench(args = [EQUAL, COMPOUND])]
    fn read(text: &str) -> bool {
        Parser::strict().filter(black_box(text)).is_ok()
    }

    #[divan::bench(args = [EQUAL, COMPOUND])]
    fn read_and_resolve(text: &str) -> Predicate {
        bound(black_box(text))
    }

    #[divan::bench(args = [EQUAL, COMPOUND])]
    fn evaluate(bencher: Bencher<'_, '_>, text: &str) {
        let (predicate, values) = (bound(text), values());
        let now = Timestamp::now();
        let (version, revision) = (Version::from(1), Revision::from(1));
        let meta = Meta { version, revision, created: now, last_modified: now };
        bencher.bench_local(|| {
            let subject = Standalone { id: "1", meta: &meta, values: black_box(&values) };
            eval(&predicate, &subject)
        });
    }
}

mod resource {
    use super::*;

    #[divan::bench]
    fn split_and_serialise(bencher: Bencher<'_, '_>) {
        bencher.with_inputs(values).bench_values(|values| Document::new(user_type(), values));
    }

    #[divan::bench]
    fn parse(bencher: Bencher<'_, '_>) {
        let document = Document::new(user_type(), values());
        let stored =
            || Document::from_stored(document.visible().clone(), document.hidden().clone());
        bencher.with_inputs(stored).bench_values(|document| document.into_values().unwrap());
    }

    #[divan::bench]
    fn project(bencher: Bencher<'_, '_>) {
        let attributes = ["userName", "name.familyName", "emails.value"];
        let selection = Selection::only(user_type(), attributes);
        let values = values();
        bencher.bench_local(|| selection.project(user_type(), black_box(&values)));
    }

    #[divan::bench]
    fn patch(bencher: Bencher<'_, '_>) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [
                {"op": "replace", "path": "active", "value": false},
                {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "ada@example.com"}
            ]
        });
        let request = PatchRequest::read(body).unwrap();
        let (rules, options) = (Rules::default(), PatchOptions::default());
        let registry = &**REGISTRY;
        let resource_type = REGISTRY.resource_type("User").unwrap();
        let context = PatchContext::new(registry, resource_type, &rules, &options);
        let values = values();
        bencher.with_inputs(|| request.clone()).bench_local_values(|request| {
            let mut notes = Notes::default();
            let plan = plan(&context, request, &mut notes).unwrap();
            apply(resource_type, black_box(&values), &plan.document, &options, &mut notes).unwrap()
        });
    }
}

mod handle {
    use super::*;

    const ID_OF_FIRST: &str = "/Users?filter=userName%20eq%20%22user0000042%40example.com%22";

    #[divan::bench]
    fn get(bencher: Bencher<'_, '_>) {
        let path = format!("/Users/{}", id_of_one());
        asking(bencher, "GET", &path, "");
    }

    #[divan::bench]
    fn find(bencher: Bencher<'_, '_>) {
        asking(bencher, "GET", ID_OF_FIRST, "");
    }

    #[divan::bench]
    fn page_of_100(bencher: Bencher<'_, '_>) {
        asking(bencher, "GET", "/Users?count=100", "");
    }

    #[divan::bench]
    fn patch_active(bencher: Bencher<'_, '_>) {
        let path = format!("/Users/{}", id_of_one());
        let mut active = true;
        bencher
            .with_inputs(|| {
                active = !active;
                let operations = json!([{"op": "replace", "path": "active", "value": active}]);
                request("PATCH", &path, patch_body(&operations))
            })
            .bench_local_values(answer);
    }

    #[divan::bench]
    fn put(bencher: Bencher<'_, '_>) {
        let (path, mut number) = (format!("/Users/{}", id_of_one()), 0);
        bencher
            .with_inputs(|| {
                let mut body = user(42);
                number += 1;
                body["title"] = format!("Analyst {number}").into();
                request("PUT", &path, body.to_string())
            })
            .bench_local_values(answer);
    }

    #[divan::bench]
    fn create(bencher: Bencher<'_, '_>) {
        let mut number = 1_000_000;
        bencher
            .with_inputs(|| {
                number += 1;
                request("POST", "/Users", user(number).to_string())
            })
            .bench_local_values(answer);
    }

    #[divan::bench]
    fn bulk_of_100_creates(bencher: Bencher<'_, '_>) {
        let mut number = 2_000_000;
        bencher
            .with_inputs(|| {
                let create = |index: usize| {
                    let (bulk_id, data) = (format!("b{index}"), user(number + index));
                    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data})
                };
                let operations: Vec<_> = (0..100).map(create).collect();
                number += 100;
                let schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
                let body = json!({"schemas": [schema], "Operations": operations});
                request("POST", "/Bulk", body.to_string())
            })
            .bench_local_values(answer);
    }

    #[divan::bench]
    fn add_and_remove_a_member(bencher: Bencher<'_, '_>) {
        let group = created(
            "/Groups",
            &json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Team"
            }),
        );
        let (path, member) = (format!("/Groups/{group}"), id_of_one());
        let mut adds = false;
        bencher
            .with_inputs(|| {
                adds = !adds;
                let operation = match adds {
                    true => json!([{"op": "add", "path": "members", "value": [{"value": member}]}]),
                    false => {
                        json!([{"op": "remove", "path": format!("members[value eq \"{member}\"]")}])
                    }
                };
                request("PATCH", &path, patch_body(&operation))
            })
            .bench_local_values(answer);
    }

    fn asking(bencher: Bencher<'_, '_>, method: &str, path: &str, body: &str) {
        bencher.with_inputs(|| request(method, path, body.to_owned())).bench_local_values(answer);
    }

    fn id_of_one() -> String {
        let found = json_of(answer(request("GET", ID_OF_FIRST, String::new())));
        found.pointer("/Resources/0/id").unwrap().as_str().unwrap().to_owned()
    }
}

fn server() -> ScimServer {
    let tokens = BearerTokens::builder().token("secret", Actor::new("bench")).build().unwrap();
    ScimServer::builder(MemoryStore::new(), tokens).build().unwrap()
}

/// The server with its users.
fn filled() -> &'static ScimServer {
    static FILLED: std::sync::Once = std::sync::Once::new();
    FILLED.call_once(|| {
        for number in 0..USERS {
            let made = block_on(SERVER.handle(request("POST", "/Users", user(number).to_string())));
            assert_eq!(made.status(), 201);
        }
    });
    &SERVER
}

fn answer(request: Request<Full<bytes::Bytes>>) -> Response<Body> {
    let response = block_on(filled().handle(request));
    assert!(response.status().is_success(), "{response:?}");
    response
}

fn json_of(response: Response<Body>) -> Value {
    let body = block_on(response.into_body().collect()).unwrap();
    serde_json::from_slice(&body.to_bytes()).unwrap()
}

fn created(path: &str, body: &Value) -> String {
    let made = json_of(answer(request("POST", path, body.to_string())));
    made["id"].as_str().unwrap().to_owned()
}

fn patch_body(operations: &Value) -> String {
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json!({"schemas": [schema], "Operations": operations}).to_string()
}

fn request(method: &str, path: &str, body: String) -> Request<Full<bytes::Bytes>> {
    Request::builder()
        .method(method)
        .uri(format!("/scim/v2{path}"))
        .header("host", "localhost")
        .header("authorization", "Bearer secret")
        .header("content-type", "application/scim+json")
        .body(Full::from(body))
        .unwrap()
}
