-- What the application adds for SCIM, once.

-- Moved by triggers, so that changes by the application count as well.
ALTER TABLE accounts ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE teams ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE teams ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- What clients send and the application has no column for.
CREATE TABLE scim_rest (
    kind TEXT NOT NULL, id INTEGER NOT NULL, attributes TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX scim_external_ids ON scim_rest (attributes ->> 'externalId');
CREATE INDEX scim_odd_external_ids ON scim_rest (id)
    WHERE attributes ->> 'externalId' GLOB '*[^ -~]*';

-- Two indexes answer `userName eq`: logins in ASCII ignoring case, and the few others.
CREATE INDEX scim_logins ON accounts (company, login COLLATE NOCASE) WHERE deleted_at IS NULL;
CREATE INDEX scim_odd_logins ON accounts (company) WHERE login GLOB '*[^ -~]*';

CREATE VIEW scim_u AS
    SELECT a.id, a.company, a.version, a.version AS revision, a.created_at, a.updated_at,
        a.login AS label,
        json_patch(coalesce(r.attributes, '{}'), json_object(
            'userName', a.login,
            'displayName', a.full_name,
            'active', json(iif(a.locked, 'false', 'true')),
            'urn:example:params:scim:schemas:extension:staff:2.0:User',
            json(iif(b.number IS NULL, NULL, json_object('badge', b.number)))
        )) AS document
    FROM accounts a LEFT JOIN badges b ON b.account_id = a.id
        LEFT JOIN scim_rest r ON r.kind = 'u' AND r.id = a.id
    WHERE a.deleted_at IS NULL;
CREATE VIEW scim_t AS
    SELECT t.id, t.company, t.version, t.revision, t.created_at, t.updated_at,
        t.title AS label,
        json_patch(coalesce(r.attributes, '{}'), json_object('displayName', t.title)) AS document
    FROM teams t LEFT JOIN scim_rest r ON r.kind = 't' AND r.id = t.id
    WHERE t.deleted_at IS NULL;

-- The columns that triggers set are not among those that trigger.
CREATE TRIGGER scim_account AFTER UPDATE OF company, login, full_name, locked, deleted_at
ON accounts BEGIN
    UPDATE accounts SET version = version + 1, updated_at =
        max(updated_at + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE id = new.id;
END;
CREATE TRIGGER scim_team AFTER UPDATE OF company, title, deleted_at ON teams BEGIN
    UPDATE teams SET version = version + 1, revision = revision + 1, updated_at =
        max(updated_at + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE id = new.id;
END;
CREATE TRIGGER scim_badge AFTER INSERT ON badges BEGIN
    UPDATE accounts SET locked = locked WHERE id = new.account_id;
END;
CREATE TRIGGER scim_badge_changed AFTER UPDATE ON badges BEGIN
    UPDATE accounts SET locked = locked WHERE id = new.account_id;
END;
CREATE TRIGGER scim_badge_gone AFTER DELETE ON badges BEGIN
    UPDATE accounts SET locked = locked WHERE id = old.account_id;
END;
CREATE TRIGGER scim_member AFTER INSERT ON team_members BEGIN
    UPDATE teams SET version = version + 1, updated_at =
        max(updated_at + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE id = new.team_id;
END;
CREATE TRIGGER scim_member_gone AFTER DELETE ON team_members BEGIN
    UPDATE teams SET version = version + 1, updated_at =
        max(updated_at + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE id = old.team_id;
END;
