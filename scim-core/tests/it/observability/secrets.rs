//! Secrets of every kind, sent in every way, and then looked for in all that the server shows
//! (Y-004, A-039).

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use http::{Method, Request};
use pollster::block_on;
use scim_core::{
    Actor, BearerTokens, Caller, Committed, Notes, Object, Observer, ScimError, ScimServer,
    SecretKeeper,
    conformance::Proxied,
    schema::Attribute,
    scim11::Scim11,
    store::{Key, Scope, StoreError},
    xml::XmlFormat,
};
use serde_json::{Value, json};

use super::watch::watch_over;
use crate::{
    endpoint::{Answer, Endpoint, GROUP, USER, user},
    faulty::Faulty,
};

/// Each secret begins with this.
const PLANTED: &str = "pLaNtEd";
const TOKEN: &str = "pLaNtEd-token";
const CURSOR_KEY: &[u8; 32] = b"pLaNtEd-key-of-thirty-two-bytes!";
/// What the keeper has stored in place of each password.
const KEPT: &str = "pLaNtEd-kept";

/// Everything that the host is told, each thing as it would be logged.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<[String; 3]>>);

impl Observer for Told {
    fn committed(&self, change: &Committed<'_>) {
        let [changes, records, _] = &mut *self.0.lock().unwrap();
        writeln!(changes, "{change:?}").unwrap();
        let record = change.record();
        writeln!(records, "{record:?} {}", serde_json::to_string(&record).unwrap()).unwrap();
    }

    fn noted(&self, _: &Actor, _: &Scope, notes: &Notes) {
        writeln!(self.0.lock().unwrap()[2], "{notes:?}").unwrap();
    }
}

#[derive(Debug)]
struct Keeper;

#[async_trait]
impl SecretKeeper for Keeper {
    async fn keep(
        &self,
        _: &Caller<'_>,
        _: &Key,
        _: &Attribute,
        _: Value,
    ) -> Result<Option<Value>, ScimError> {
        Ok(Some(KEPT.into()))
    }
}

/// What is shown beside what is traced, counted and told.
#[derive(Debug, Default)]
struct Shown {
    answers: Mutex<String>,
    debug: Mutex<String>,
}

impl Shown {
    fn answer(&self, answer: &dyn Debug) {
        writeln!(self.answers.lock().unwrap(), "{answer:?}").unwrap();
    }

    fn debug(&self, value: &dyn Debug) {
        writeln!(self.debug.lock().unwrap(), "{value:?}").unwrap();
    }
}

#[test]
fn no_secret_is_shown_anywhere() {
    let (store, told, shown) = (Faulty::new(), Told::default(), Shown::default());
    let (traced, figures) = watch_over(
        || server(&store, &told, &shown),
        |scim| {
            let client = Client { scim, shown: &shown };
            client.sends_json();
            client.sends_bulk();
            client.sends_xml();
            client.sends_scim11();
            client.acts_in_the_process();
            client.meets_a_fault(&store.0.failure);
            shown.debug(&(scim.server(), &store));
        },
    );
    assert!(traced.text.contains("a disk that is gone"), "the causes of a failure are traced");
    let [changes, records, notes] = std::mem::take(&mut *told.0.lock().unwrap());
    nothing_planted("answers", &shown.answers.into_inner().unwrap());
    nothing_planted("traces", &traced.text);
    nothing_planted("figures", &figures.join("\n"));
    nothing_planted("changes", &changes);
    nothing_planted("records", &records);
    nothing_planted("notes", &notes);
    nothing_planted("`Debug`", &shown.debug.into_inner().unwrap());
}

fn nothing_planted(place: &str, text: &str) {
    assert!(text.len() > 100, "{place} hold too little to say anything: {text}");
    // A key is bytes, too.
    let bytes = format!("{:?}", &CURSOR_KEY[..4]);
    for planted in [PLANTED, bytes.trim_matches(['[', ']'])] {
        let before = text.split_once(planted).map(|(before, _)| before);
        assert_eq!(before.and_then(|it| it.lines().next_back()), None, "{place}");
    }
}

fn server(store: &Arc<Proxied<Faulty>>, told: &Told, shown: &Shown) -> Endpoint {
    let tokens = BearerTokens::builder().token(TOKEN, Actor::new("idp"));
    shown.debug(&tokens);
    let builder = ScimServer::builder(store.clone(), tokens.build().unwrap())
        .observer(told.clone())
        .secret_keeper(Keeper)
        .cursor_key(*CURSOR_KEY)
        .xml(XmlFormat::plain())
        .scim11(Scim11::at("/scim/v1").xml(XmlFormat::scim11()));
    shown.debug(&builder);
    Endpoint::of(builder.build().unwrap())
}

/// A client that keeps what it is answered.
struct Client<'a> {
    scim: &'a Endpoint,
    shown: &'a Shown,
}

impl Client<'_> {
    /// Sends a request with the token, and answers with what came of it.
    fn send(&self, method: &str, path: &str, content: &str, body: impl ToString) -> Answer {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("/scim{path}"))
            .header("host", "scim.test")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", content);
        let answer = self.scim.send(request.body(body.to_string()).unwrap());
        self.shown.answer(&(&answer.headers, &answer.text));
        assert!(answer.status != 401 && answer.status != 415, "{method} {path}: {}", answer.text);
        answer
    }

    fn sends_json(&self) {
        const SECRET: &str = "pLaNtEd-json";
        let send = |method: &str, path: &str, body: Value| {
            self.send(method, &format!("/v2{path}"), "application/scim+json", body)
        };
        let with = |password: Value| user("bjensen", json!({"password": password}));
        let path =
            format!("/Users/{}", send("POST", "/Users", with(SECRET.into())).expect(201).id());
        let refused = [json!([SECRET]), json!({"value": SECRET}), json!("pLaNtEd-json\u{7}")];
        for password in refused {
            send("POST", "/Users", with(password.clone()));
            send("PUT", &path, with(password.clone()));
            send("PATCH", &path, patch("password", &password));
        }
        send("PATCH", &path, patch("nothing", &json!({"password": SECRET})));
        send("PATCH", &path, patch("password", &SECRET.into())).expect(200);
        send("PUT", &path, with(SECRET.into())).expect(200);
        let filter = "password%20eq%20%22pLaNtEd-json%22";
        for query in [
            format!("/Users?filter={filter}"),
            format!("{path}?attributes=password"),
            "/Users?cursor&count=1".to_owned(),
            "/Users?cursor=pLaNtEd-cursor".to_owned(),
        ] {
            send("GET", &query, Value::Null);
        }
        send("POST", "/Groups", json!({"schemas": [GROUP], "password": SECRET}));
        self.send("POST", "/v2/Users", "application/json", r#"{"password": "pLaNtEd-json""#);
        let wrong = [("authorization", "Bearer pLaNtEd-wrong")];
        let answer = self.scim.request(Method::GET, "/Users", &wrong, "").expect(401);
        self.shown.answer(&(&answer.headers, &answer.text));
    }

    fn sends_bulk(&self) {
        const SECRET: &str = "pLaNtEd-bulk";
        let create = |id: &str, password: Value| {
            let data = user(id, json!({"password": password}));
            json!({"method": "POST", "path": "/Users", "bulkId": id, "data": data})
        };
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                create("one", SECRET.into()),
                create("two", json!([SECRET])),
                {"method": "PATCH", "path": "/Users/bulkId:one", "data": patch("password", &SECRET.into())},
                {"method": "PUT", "path": "/Users/none", "data": user("x", json!({"password": SECRET}))},
            ],
        });
        let answer = self.send("POST", "/v2/Bulk", "application/scim+json", body).expect(200);
        let statuses: Vec<_> = answer.json()["Operations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["status"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(statuses, ["201", "400", "200", "404"], "{}", answer.text);
    }

    fn sends_xml(&self) {
        let user = |further: &str| {
            format!("<User><userName>x</userName><password>pLaNtEd-xml</password>{further}</User>")
        };
        self.send("POST", "/v2/Users", "application/xml", user("")).expect(201);
        let twice = user("<password>pLaNtEd-xml</password>");
        self.send("POST", "/v2/Users", "application/xml", twice).expect(400);
        let broken = user("").replace("</password>", "</passwords>");
        self.send("POST", "/v2/Users", "application/xml", broken).expect(400);
    }

    fn sends_scim11(&self) {
        let core = "urn:scim:schemas:core:1.0";
        let body = json!({"schemas": [core], "userName": "old", "password": "pLaNtEd-one"});
        let id = self.send("POST", "/v1/Users", "application/json", &body).expect(201).id();
        let path = format!("/v1/Users/{id}");
        let password = json!({"schemas": [core], "password": "pLaNtEd-two"});
        self.send("PATCH", &path, "application/json", &password);
        let list = json!({"schemas": [core], "password": ["pLaNtEd-two"]});
        self.send("PATCH", &path, "application/json", list).expect(400);
        let xml = format!(
            "<User xmlns=\"{core}\"><userName>y</userName><password>pLaNtEd-xml</password></User>"
        );
        self.send("POST", "/v1/Users", "application/xml", xml).expect(201);
    }

    fn acts_in_the_process(&self) {
        let session = self.scim.server().as_actor(Actor::new("hr"));
        let users = session.resources_named::<Object>("User");
        let with = |password: Value| {
            let body = user("typed", json!({"password": password}));
            body.as_object().cloned().unwrap()
        };
        let created = block_on(users.create(&with("pLaNtEd-typed".into())));
        assert!(created.is_ok(), "{created:?}");
        self.shown.answer(&created);
        let refused = block_on(users.create(&with(json!(["pLaNtEd-typed"]))));
        assert!(refused.is_err(), "{refused:?}");
        self.shown.answer(&refused);
        self.shown.answer(&(&session, &users, session.users()));
    }

    /// What went wrong inside is told to nobody but the log.
    fn meets_a_fault(&self, failure: &Mutex<Option<StoreError>>) {
        *failure.lock().unwrap() = Some(StoreError::internal("a disk that is gone"));
        let body = json!({"schemas": [USER], "userName": "lost", "password": "pLaNtEd-lost"});
        let answer = self.send("POST", "/v2/Users", "application/scim+json", body);
        answer.expect_error(500, "");
        assert!(!answer.text.contains("disk"), "{}", answer.text);
    }
}

fn patch(path: &str, value: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": path, "value": value}],
    })
}
