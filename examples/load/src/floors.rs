//! What a request costs at the least: an axum route with a fixed body, with a map, and with plain
//! statements on SQLite.

use std::{
    collections::HashMap,
    error::Error,
    path::Path as FilePath,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

use crate::population::{Population, external_id, user, user_id, user_name, work_email};

/// The tables of an application that keeps documents: three indexes over users, and edges.
const TABLES: &str = "
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = off;
    create table user (
        number integer primary key, id text not null unique, user_name text not null unique,
        external_id text, email text, document text not null
    );
    create index user_external on user (external_id);
    create index user_email on user (email);
    create table edge (team integer, member integer, primary key (team, member)) without rowid;
    create index edge_back on edge (member, team);
";

const INSERT: &str =
    "insert into user (id, user_name, external_id, email, document) values (?, ?, ?, ?, ?)";

/// All floors share one connection, as their process has one thread for requests.
#[derive(Clone)]
struct Floors {
    fixed: Bytes,
    map: Arc<HashMap<String, Bytes>>,
    sql: Arc<Mutex<Connection>>,
}

/// The routes over a file with the same users as the store; the map is left out where the floor
/// in memory is not asked for.
pub(crate) fn router(
    file: &FilePath,
    population: Population,
    with_map: bool,
) -> Result<Router, Box<dyn Error>> {
    let mut sql = Connection::open(file)?;
    sql.set_prepared_statement_cache_capacity(32);
    sql.execute_batch(TABLES)?;
    fill(&mut sql, population)?;
    let mut map = HashMap::new();
    if with_map {
        for number in 0..population.all_users() {
            let text = Bytes::from(user(number).to_string());
            map.insert(user_id(number), text.clone());
            map.insert(user_name(number), text);
        }
    }
    let floors = Floors {
        fixed: Bytes::from(user(0).to_string()),
        map: Arc::new(map),
        sql: Arc::new(Mutex::new(sql)),
    };
    let routes = Router::new()
        .route("/fixed", get(fixed))
        .route("/map/{key}", get(mapped))
        .route("/users", post(insert))
        .route("/users/{id}", get(select).put(update))
        .route("/names/{name}", get(select_by_name))
        .route("/batch", post(insert_all))
        .route("/edges/{team}/{id}", post(connect))
        .route("/edges/{team}", post(connect_all))
        .route("/edges-of/{id}", get(edges_of));
    Ok(routes.with_state(floors))
}

fn fill(sql: &mut Connection, population: Population) -> rusqlite::Result<()> {
    let write = sql.transaction()?;
    for number in 0..population.all_users() {
        let document = user(number).to_string();
        let (name, external, email) = (user_name(number), external_id(number), work_email(number));
        let mut statement = write.prepare_cached(INSERT)?;
        statement.execute(params![user_id(number), name, external, email, document])?;
    }
    for team in 0..population.teams {
        for member in 0..Population::BUSY {
            write
                .prepare_cached("insert into edge values (?, ?)")?
                .execute((team as i64, population.busy(member) as i64 + 1))?;
        }
    }
    write.commit()
}

impl Floors {
    fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StatusCode> {
        let mut sql = self.sql.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut sql).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn document(&self, statement: &str, key: &str) -> Result<Response, StatusCode> {
        let found: Option<String> = self.with(|sql| {
            sql.prepare_cached(statement)?.query_row([key], |row| row.get(0)).optional()
        })?;
        found.map(json).ok_or(StatusCode::NOT_FOUND)
    }
}

fn json(body: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}

async fn fixed(State(floors): State<Floors>) -> Response {
    json(floors.fixed)
}

async fn mapped(
    State(floors): State<Floors>,
    Path(key): Path<String>,
) -> Result<Response, StatusCode> {
    floors.map.get(&key).cloned().map(json).ok_or(StatusCode::NOT_FOUND)
}

async fn select(
    State(floors): State<Floors>,
    Path(id): Path<String>,
) -> Result<Response, StatusCode> {
    floors.document("select document from user where id = ?", &id)
}

async fn select_by_name(
    State(floors): State<Floors>,
    Path(name): Path<String>,
) -> Result<Response, StatusCode> {
    floors.document("select document from user where user_name = ?", &name)
}

async fn update(
    State(floors): State<Floors>,
    Path(id): Path<String>,
    body: String,
) -> Result<StatusCode, StatusCode> {
    let changed = floors.with(|sql| {
        sql.prepare_cached("update user set document = ? where id = ?")?.execute([&body, &id])
    })?;
    if changed == 1 { Ok(StatusCode::NO_CONTENT) } else { Err(StatusCode::NOT_FOUND) }
}

async fn insert(
    State(floors): State<Floors>,
    Json(user): Json<Value>,
) -> Result<StatusCode, StatusCode> {
    floors.with(|sql| insert_one(sql, &user))?;
    Ok(StatusCode::CREATED)
}

async fn insert_all(
    State(floors): State<Floors>,
    Json(users): Json<Vec<Value>>,
) -> Result<StatusCode, StatusCode> {
    floors.with(|sql| {
        let write = sql.transaction()?;
        users.iter().try_for_each(|user| insert_one(&write, user))?;
        write.commit()
    })?;
    Ok(StatusCode::CREATED)
}

fn insert_one(sql: &Connection, user: &Value) -> rusqlite::Result<()> {
    let text = |pointer: &str| user.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (name, external, email) = (text("/userName"), text("/externalId"), text("/emails/0/value"));
    // Any unique text does for an id; that of the name is as long as that of an id.
    let id = format!("{name:0>36}");
    sql.prepare_cached(INSERT)?.execute(params![id, name, external, email, user.to_string()])?;
    Ok(())
}

const CONNECT: &str = "insert or ignore into edge select ?, number from user where id = ?";

async fn connect(
    State(floors): State<Floors>,
    Path((team, id)): Path<(i64, String)>,
) -> Result<StatusCode, StatusCode> {
    floors.with(|sql| sql.prepare_cached(CONNECT)?.execute(params![team, id]))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Into one b-tree only, as the goal has it.
async fn connect_all(
    State(floors): State<Floors>,
    Path(team): Path<i64>,
    Json(ids): Json<Vec<String>>,
) -> Result<StatusCode, StatusCode> {
    floors.with(|sql| {
        let write = sql.transaction()?;
        for id in &ids {
            write.prepare_cached(CONNECT)?.execute(params![team, id])?;
        }
        write.commit()
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// The rows of a user's teams, written as the smallest JSON that names them.
async fn edges_of(
    State(floors): State<Floors>,
    Path(id): Path<String>,
) -> Result<Response, StatusCode> {
    let text = floors.with(|sql| {
        let mut statement = sql.prepare_cached(
            "select other.id from edge join user on user.number = edge.member
             join user other on other.number = edge.team + 1 where user.id = ?",
        )?;
        let mut rows = statement.query([id])?;
        let mut text = String::from("[");
        while let Some(row) = rows.next()? {
            let separator = if text.len() > 1 { "," } else { "" };
            text.push_str(separator);
            text.push('"');
            text.push_str(row.get_ref(0)?.as_str().unwrap_or_default());
            text.push('"');
        }
        text.push(']');
        Ok(text)
    })?;
    Ok(json(text))
}
