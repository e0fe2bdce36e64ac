-- Imports of exams that only a manifest opened: objects come from boxes in a professional's name, and wait here as encrypted copies.

ALTER TABLE import_job ADD COLUMN whence TEXT;                          -- hosts of the boxes; NULL: the site's own source
ALTER TABLE import_job ADD COLUMN key BLOB;                             -- of the copies; NULL: nobody can read them
ALTER TABLE import_job ADD COLUMN spooled INTEGER NOT NULL DEFAULT 0;   -- bytes that copies take
ALTER TABLE import_job ADD COLUMN is_full INTEGER NOT NULL DEFAULT 0;   -- the last copy found no room
ALTER TABLE import_instance ADD COLUMN copied INTEGER;                  -- bytes of its copy; NULL: there is none
