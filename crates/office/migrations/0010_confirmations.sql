-- Whom a fact names beside its typist, and what they said to it (确认). Folded from the log; `verify` derives it again.
CREATE TABLE confirmations (
  org TEXT NOT NULL,
  seq BIGINT NOT NULL,
  person TEXT NOT NULL,
  case_id TEXT NOT NULL,
  answer TEXT NOT NULL,
  note TEXT NOT NULL,
  answered_seq BIGINT NOT NULL,
  PRIMARY KEY (org, seq, person)
) /*clustered*/;
CREATE INDEX confirmations_waiting ON confirmations (org, person, seq) WHERE answer = '';
CREATE INDEX confirmations_of_case ON confirmations (org, case_id, seq);
