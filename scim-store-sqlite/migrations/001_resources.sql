-- Each resource has a row number of its own that is never given out again, so that whatever still
-- points at a row that is gone points at nothing.
CREATE TABLE resource (
    row           INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant        TEXT NOT NULL,
    type          TEXT NOT NULL,
    id            TEXT NOT NULL,
    version       INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    created       INTEGER NOT NULL,
    last_modified INTEGER NOT NULL,
    label         TEXT,
    visible       TEXT NOT NULL,
    hidden        TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX resource_id ON resource (tenant, id);
CREATE INDEX resource_type ON resource (tenant, type);
CREATE INDEX resource_modified ON resource (tenant, type, last_modified);

-- How many resources a type has, because counting a million rows takes a tenth of a second.
CREATE TABLE tally (
    tenant TEXT NOT NULL,
    type   TEXT NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (tenant, type)
) STRICT, WITHOUT ROWID;

-- Unique values and who holds them.
CREATE TABLE claim (
    tenant    TEXT NOT NULL,
    type      TEXT NOT NULL,
    attribute TEXT NOT NULL,
    key       BLOB NOT NULL,
    row       INTEGER NOT NULL,
    PRIMARY KEY (tenant, type, attribute, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_row ON claim (row);

-- Prepared keys of the indexed attributes. `attribute` is the number the attribute has in the
-- fingerprint. Where a single-valued attribute has no value, one entry with `absent` = 1 and an
-- empty key stands for it, so that the index lists every resource in sort order.
CREATE TABLE value (
    tenant    TEXT NOT NULL,
    attribute INTEGER NOT NULL,
    absent    INTEGER NOT NULL,
    key       BLOB NOT NULL,
    row       INTEGER NOT NULL,
    PRIMARY KEY (tenant, attribute, absent, key, row)
) STRICT, WITHOUT ROWID;

-- The list of edges that starts from a resource in one relation. Its number is never given out
-- again: edges of a list that is not here (any more) do not exist.
CREATE TABLE list (
    list     INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant   TEXT NOT NULL,
    row      INTEGER NOT NULL,
    relation TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX list_row ON list (row, relation);

CREATE TABLE edge (
    list   INTEGER NOT NULL,
    target INTEGER NOT NULL,
    PRIMARY KEY (list, target)
) STRICT, WITHOUT ROWID;

CREATE INDEX edge_target ON edge (target, list);

-- Lists that are gone and whose edges still take up room.
CREATE TABLE garbage (
    list INTEGER PRIMARY KEY
) STRICT;

-- What `claim` and `value` were derived by; another fingerprint rebuilds them.
CREATE TABLE fingerprint (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    text TEXT NOT NULL
) STRICT;
