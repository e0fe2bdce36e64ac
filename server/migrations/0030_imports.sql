-- Imports into local PACS. Times are Unix seconds, sites are called by their first host.

-- One study to one target. What the local side calls the patient is forgotten when all has arrived.
CREATE TABLE import_job (
    id TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    target TEXT NOT NULL,
    study TEXT NOT NULL,
    local TEXT,                     -- JSON
    way TEXT,
    subject TEXT NOT NULL,
    session TEXT,
    address TEXT NOT NULL,
    state TEXT NOT NULL,            -- running, done, partial, cancelled
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;
-- Two at once would send the same objects twice.
CREATE UNIQUE INDEX import_under_way ON import_job (site, target, study) WHERE state = 'running';

CREATE TABLE import_instance (
    job TEXT NOT NULL REFERENCES import_job (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    series TEXT NOT NULL,
    instance TEXT NOT NULL,
    state TEXT NOT NULL,            -- waiting, sending, sent, confirmed, duplicate, failed
    reason TEXT,
    PRIMARY KEY (job, instance)
) STRICT;
CREATE INDEX import_instance_state ON import_instance (job, state, number);

-- In which profession somebody opened an exam: only some import.
CREATE TABLE login_profession (
    login TEXT NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    profession TEXT NOT NULL,
    PRIMARY KEY (login, number)
) STRICT;
