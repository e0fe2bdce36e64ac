-- The current manifest (Key Object Selection) of an exam: what a DRIMbox is asked for, and all that is shown of it.
CREATE TABLE manifest (
    site TEXT NOT NULL,
    study TEXT NOT NULL,
    kos TEXT NOT NULL,              -- SOP Instance UID
    number INTEGER,                 -- Instance Number: later manifests have higher ones
    content BLOB NOT NULL,          -- series and instances, deflated JSON
    updated INTEGER NOT NULL,
    PRIMARY KEY (site, study)
) STRICT;
