-- Signing in (登录). Not derived from the log.

ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
-- Tries, so that nobody guesses at will. `place` is a hash of the address; rows older than a month go away.
CREATE TABLE sign_ins (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  account TEXT NOT NULL,
  place TEXT NOT NULL,
  failed BIGINT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (org, id)
);
CREATE INDEX sign_ins_by_account ON sign_ins (org, account, at);
CREATE INDEX sign_ins_by_place ON sign_ins (org, place, at);
