-- The application's own tables, as they were before SCIM came.

CREATE TABLE IF NOT EXISTS accounts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    company    TEXT NOT NULL,
    login      TEXT NOT NULL,
    full_name  TEXT,
    locked     INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    deleted_at INTEGER
);
CREATE TABLE IF NOT EXISTS badges (
    account_id INTEGER PRIMARY KEY REFERENCES accounts,
    number     TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS teams (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    company    TEXT NOT NULL,
    title      TEXT NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    deleted_at INTEGER
);
-- Members are accounts (`u`) and teams (`t`).
CREATE TABLE IF NOT EXISTS team_members (
    team_id INTEGER NOT NULL REFERENCES teams,
    kind    TEXT NOT NULL CHECK (kind IN ('u', 't')),
    id      INTEGER NOT NULL,
    PRIMARY KEY (team_id, kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS memberships ON team_members (kind, id);
