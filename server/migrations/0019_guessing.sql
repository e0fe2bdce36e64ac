-- Who guesses codes locks out themselves and nobody else: tries are counted per exam, as the link names it, and
-- neighbourhood. What was counted before is forgotten; it would have been within the hour.
DROP TABLE exam_tries;
CREATE TABLE exam_tries (
    site TEXT NOT NULL,
    exam TEXT NOT NULL,
    address TEXT NOT NULL,
    tries INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (site, exam, address)
) STRICT;
CREATE INDEX exam_tries_since ON exam_tries (since);

-- A few bits of a quick hash: most wrong codes have none of the tags there are, and need no slow one.
-- NULL for codes of before.
ALTER TABLE access_code ADD COLUMN tag INTEGER;
CREATE INDEX access_code_tag ON access_code (site, tag);
