-- How many resources of a type have row numbers in each stretch of 1,024, so that the n-th is found
-- without walking there.
CREATE TABLE stretch (
    tenant TEXT NOT NULL,
    type   TEXT NOT NULL,
    number INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (tenant, type, number)
) STRICT, WITHOUT ROWID;

INSERT INTO stretch
SELECT tenant, type, row >> 10, count(*) FROM resource GROUP BY tenant, type, row >> 10;

-- How many entries of an index over a single-valued attribute follow from an entry up to the next
-- anchor. The first anchor of an index stands before all entries: an empty key and row 0.
CREATE TABLE anchor (
    tenant    TEXT NOT NULL,
    attribute INTEGER NOT NULL,
    absent    INTEGER NOT NULL,
    key       BLOB NOT NULL,
    row       INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (tenant, attribute, absent, key, row)
) STRICT, WITHOUT ROWID;

-- Anchors are derived from documents, like the indexes: both are rebuilt.
DELETE FROM fingerprint;
