-- The second factor (动态码) and what a session has proven. Not derived from the log.

-- `sealed`: the secret under a key that lies outside of the database. `last_step`: the newest 30 seconds whose code was used.
CREATE TABLE second_factors (
  org TEXT NOT NULL,
  account TEXT NOT NULL,
  sealed TEXT NOT NULL,
  confirmed BIGINT NOT NULL,
  last_step BIGINT NOT NULL,
  PRIMARY KEY (org, account)
);
CREATE TABLE recovery_codes (
  org TEXT NOT NULL,
  account TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  PRIMARY KEY (org, account, code_hash)
);
-- When the session's owner last proved who they are; empty while the second factor is still owed.
ALTER TABLE sessions ADD COLUMN proven_at TEXT NOT NULL DEFAULT '';
UPDATE sessions SET proven_at = created_at;
ALTER TABLE accounts ADD COLUMN password_at TEXT NOT NULL DEFAULT '';
