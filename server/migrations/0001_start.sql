-- Everything the server remembers. Times are Unix seconds, sites are called by their first host.

-- Random bytes made once, mixed into the salts of access codes.
CREATE TABLE installation (
    secret BLOB NOT NULL
);

-- Links clicked by a visitor, numbered from 1; `number` is what clean URLs carry.
CREATE TABLE visit (
    visitor TEXT NOT NULL,
    number INTEGER NOT NULL,
    site TEXT NOT NULL,
    link TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (visitor, number)
);
CREATE INDEX visit_created ON visit (created);

-- Open sessions. No row: nothing is granted, whatever cookie is shown.
CREATE TABLE login (
    id TEXT NOT NULL PRIMARY KEY,
    visitor TEXT NOT NULL,
    site TEXT NOT NULL,
    opened INTEGER NOT NULL,
    seen INTEGER NOT NULL
);
CREATE INDEX login_seen ON login (seen);

-- Exams granted to an open session.
CREATE TABLE opened_exam (
    login TEXT NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    studies TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (login, number)
);

-- Access codes printed on reports, hashed.
CREATE TABLE access_code (
    id TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    hash BLOB NOT NULL,
    studies TEXT NOT NULL,
    birth_date TEXT,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    revoked INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site, hash)
);

-- Tries per exam, as the link names it.
CREATE TABLE exam_tries (
    site TEXT NOT NULL,
    exam TEXT NOT NULL,
    tries INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (site, exam)
);
CREATE INDEX exam_tries_since ON exam_tries (since);
