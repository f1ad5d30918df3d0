-- Who is in a case (谁在案里), folded from its facts: `works` for those who act in it, typed it or are named in it, `accused` for
-- those who must never know of it. `who` is `p:` and a person, `a:` and an account, `u:` and an office. `verify` derives it again.
CREATE TABLE case_people (
  org TEXT NOT NULL,
  case_id TEXT NOT NULL,
  part TEXT NOT NULL,
  who TEXT NOT NULL,
  PRIMARY KEY (org, case_id, part, who)
) /*clustered*/;
-- Is anybody accused anywhere? Asked before every list.
CREATE INDEX case_people_accused ON case_people (org, who, case_id) WHERE part = 'accused';
