-- How to reach a party (联系方式、住址) is sealed under a key that lies outside of the database; what was in the open is sealed
-- when the program next opens the data. `mark`: a keyed hash of the contact, by which the same party is found again.

ALTER TABLE parties ADD COLUMN sealed TEXT NOT NULL DEFAULT '';
ALTER TABLE parties ADD COLUMN mark TEXT NOT NULL DEFAULT '';
DROP INDEX parties_by_name;
CREATE INDEX parties_by_mark ON parties (org, name, class, mark, id);
