-- What a site knows of its reports and exams. `report` is the identifier of the CDA document in the one
-- form of the link module. Times are Unix seconds, sites are called by their first host.

-- Facts of one exam, from manifests, orders and reports.
CREATE TABLE exam_facts (
    site TEXT NOT NULL,
    study TEXT NOT NULL,
    accession TEXT,
    accession_root TEXT,
    birth_name TEXT,
    first_name TEXT,
    birth_date TEXT,                -- YYYYMMDD
    sex TEXT,                       -- M, F or O
    birth_place TEXT,               -- INSEE code
    retention_end INTEGER,
    updated INTEGER NOT NULL,
    PRIMARY KEY (site, study)
) STRICT;
CREATE INDEX exam_facts_accession ON exam_facts (site, accession);

-- Reports. A newer version of the same document overwrites the older one.
CREATE TABLE report (
    site TEXT NOT NULL,
    report TEXT NOT NULL,
    version TEXT,
    accession TEXT,
    accession_root TEXT,
    depublished INTEGER,
    masked_professional INTEGER NOT NULL DEFAULT 0,
    invisible_patient INTEGER NOT NULL DEFAULT 0,
    invisible_representatives INTEGER NOT NULL DEFAULT 0,
    retention_end INTEGER,
    updated INTEGER NOT NULL,
    PRIMARY KEY (site, report)
) STRICT;

-- The exams a report is about.
CREATE TABLE report_study (
    site TEXT NOT NULL,
    report TEXT NOT NULL,
    study TEXT NOT NULL,
    PRIMARY KEY (site, report, study),
    FOREIGN KEY (site, report) REFERENCES report (site, report) ON DELETE CASCADE
) STRICT;
CREATE INDEX report_study_study ON report_study (site, study);

-- Which report took the place of which. The replaced one need not be known.
CREATE TABLE report_successor (
    site TEXT NOT NULL,
    replaced TEXT NOT NULL,
    successor TEXT NOT NULL,
    PRIMARY KEY (site, replaced),
    FOREIGN KEY (site, successor) REFERENCES report (site, report) ON DELETE CASCADE
) STRICT;

-- Instances that must not be shown any more (IOCM), with the note that says so.
CREATE TABLE rejected_instance (
    site TEXT NOT NULL,
    study TEXT NOT NULL,
    instance TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (site, study, instance, note)
) STRICT;

-- What every use of an open exam is judged by again, and how its visitor came in.
ALTER TABLE opened_exam ADD COLUMN link TEXT;
ALTER TABLE opened_exam ADD COLUMN visitor TEXT NOT NULL DEFAULT 'patient';
ALTER TABLE opened_exam ADD COLUMN way TEXT NOT NULL DEFAULT 'code';
