-- The index is a cache: it is thrown away and rebuilt when its version (PRAGMA user_version) changes.
CREATE TABLE file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never reused: it names the folder of extracted entries
    path TEXT NOT NULL UNIQUE,              -- in the object store
    size INTEGER NOT NULL,
    version TEXT NOT NULL,                  -- entity tag, or time of last change
    state TEXT NOT NULL,                    -- dicom, other, broken
    reason TEXT                             -- why it is broken, or why entries of it are left out
) STRICT;

CREATE TABLE instance (
    sop_uid TEXT PRIMARY KEY,
    series_uid TEXT NOT NULL,
    study_uid TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    place TEXT NOT NULL,                    -- the Part 10 file: o:path of an object, c:path in the cache
    pixel_place TEXT NOT NULL,              -- where the ranges of layout count from
    length INTEGER NOT NULL,                -- of the Part 10 file, in bytes
    transfer_syntax TEXT NOT NULL,          -- of the Part 10 file
    frame_syntax TEXT NOT NULL,             -- of the frames as delivered (differs for deflated files)
    series_number INTEGER,
    instance_number INTEGER,
    accession TEXT NOT NULL,
    accession_issuer TEXT,
    birth_date TEXT,
    layout BLOB NOT NULL,                   -- pixel data layout, deflated JSON
    record BLOB NOT NULL,                   -- viewer_core::dicom::Instance, deflated JSON
    metadata BLOB NOT NULL                  -- DICOM JSON without bulk data, deflated
) STRICT;
CREATE INDEX instance_by_series ON instance (study_uid, series_uid, instance_number);
CREATE INDEX instance_by_accession ON instance (accession);
CREATE INDEX instance_by_file ON instance (file);

-- A SOP Instance UID that came twice: the second file is left out until the first one goes away.
CREATE TABLE duplicate (
    sop_uid TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    PRIMARY KEY (sop_uid, file)
) STRICT;
