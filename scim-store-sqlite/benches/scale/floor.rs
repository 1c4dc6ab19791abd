//! The same work on bare SQLite.

use std::{path::Path, time::Instant};

use rusqlite::{Connection, params};

use crate::clock::cpu_micros;

pub(crate) struct Floor {
    read: Connection,
    write: Connection,
}

impl Floor {
    /// Reads the file that was filled, and writes to another one beside it.
    pub(crate) fn open(path: &Path) -> Self {
        let read = Connection::open(path).unwrap();
        let write = Connection::open(path.with_extension("bare")).unwrap();
        write
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 CREATE TABLE user (row INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT UNIQUE,
                                    external TEXT, document TEXT);
                 CREATE INDEX user_external ON user (external);
                 CREATE TABLE edge (list INTEGER, target INTEGER, PRIMARY KEY (list, target))
                 WITHOUT ROWID;",
            )
            .unwrap();
        Self { read, write }
    }

    pub(crate) fn select(&self, id: &str) -> Vec<u8> {
        let text = "SELECT visible FROM resource WHERE tenant = '' AND id = ?1";
        let mut select = self.read.prepare_cached(text).unwrap();
        select.query_row([id], |it| Ok(it.get_ref(0)?.as_str()?.as_bytes().to_vec())).unwrap()
    }

    /// Inserts a second and CPU time of each, with a transaction for each.
    pub(crate) fn inserts(&self, times: usize) -> (f64, f64) {
        let (began, before) = (Instant::now(), cpu_micros());
        for number in 0..times {
            let document = crate::user(number).to_string();
            let id = format!("00000000-0000-7000-8000-{number:012}");
            self.write
                .prepare_cached(
                    "INSERT INTO user (id, name, external, document) VALUES (?1, ?2, ?3, ?4)",
                )
                .unwrap()
                .execute(params![id, format!("n{number}"), format!("e{number}"), document])
                .unwrap();
        }
        let rate = times as f64 / began.elapsed().as_secs_f64();
        (rate, (cpu_micros() - before) / times as f64)
    }

    /// Looks the ids up one by one and inserts an edge to each, in one transaction.
    pub(crate) fn edges(&self, ids: &[String]) {
        let write = self.write.unchecked_transaction().unwrap();
        let mut insert = write
            .prepare_cached("INSERT OR IGNORE INTO edge (list, target) VALUES (1, ?1)")
            .unwrap();
        let text = "SELECT row FROM resource WHERE tenant = '' AND id = ?1";
        let mut select = self.read.prepare_cached(text).unwrap();
        for id in ids {
            let row: i64 = select.query_row([id], |it| it.get(0)).unwrap();
            insert.execute([row]).unwrap();
        }
        drop(insert);
        write.execute("DELETE FROM edge", []).unwrap();
        write.commit().unwrap();
    }
}
