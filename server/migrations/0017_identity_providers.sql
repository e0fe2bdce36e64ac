-- Logins at identity providers. Times are Unix seconds, sites are called by their first host.

-- Browsers that were sent to a provider and have not come back yet. Taken once, by the hash of `state`.
CREATE TABLE oidc_pending (
    state_hash TEXT NOT NULL PRIMARY KEY,
    visitor TEXT NOT NULL,
    site TEXT NOT NULL,
    provider TEXT NOT NULL,
    number INTEGER NOT NULL,
    redirect_uri TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX oidc_pending_visitor ON oidc_pending (visitor);
CREATE INDEX oidc_pending_created ON oidc_pending (created);

-- Professionals who are asked in which situation they look at the exam.
CREATE TABLE oidc_choice (
    visitor TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    number INTEGER NOT NULL,
    proof TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX oidc_choice_created ON oidc_choice (created);

-- Who opened a login at which provider, with the tokens that its end and its heart-beat need.
CREATE TABLE oidc_login (
    login TEXT NOT NULL PRIMARY KEY REFERENCES login (id) ON DELETE CASCADE,
    site TEXT NOT NULL,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    id_token TEXT NOT NULL,
    refresh_token TEXT,
    checked INTEGER NOT NULL
);

-- Logins that ended here and may be ended at the provider too.
CREATE TABLE oidc_farewell (
    name_hash TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    provider TEXT NOT NULL,
    id_token TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX oidc_farewell_created ON oidc_farewell (created);
