-- Counts what is granted and ended, whichever process does it: what is remembered of logins in memory counts
-- for as long as this number stays the same.
CREATE TABLE login_changes (count INTEGER NOT NULL);
INSERT INTO login_changes (count) VALUES (0);
CREATE TRIGGER login_changed AFTER UPDATE OF id, visitor, site, opened ON login
BEGIN UPDATE login_changes SET count = count + 1; END;
CREATE TRIGGER login_ended AFTER DELETE ON login
BEGIN UPDATE login_changes SET count = count + 1; END;
CREATE TRIGGER exam_opened AFTER INSERT ON opened_exam
BEGIN UPDATE login_changes SET count = count + 1; END;
CREATE TRIGGER exam_changed AFTER UPDATE ON opened_exam
BEGIN UPDATE login_changes SET count = count + 1; END;
CREATE TRIGGER exam_closed AFTER DELETE ON opened_exam
BEGIN UPDATE login_changes SET count = count + 1; END;
