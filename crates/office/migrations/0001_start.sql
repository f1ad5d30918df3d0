-- Everything below is either the log itself (entries) or a projection of it that `yifa verify` derives again.
-- Not derived, and said so by `verify`: accounts, sessions, tokens, settings, views.

CREATE TABLE orgs (
  org TEXT NOT NULL,
  name TEXT NOT NULL,
  mark TEXT NOT NULL,
  code TEXT NOT NULL,
  county TEXT NOT NULL,
  demo BIGINT NOT NULL,
  key_text TEXT NOT NULL,
  PRIMARY KEY (org)
);

-- The log (账本).
CREATE TABLE log_heads (
  org TEXT NOT NULL,
  size BIGINT NOT NULL,
  frontier TEXT NOT NULL,
  PRIMARY KEY (org)
);
CREATE TABLE log_nodes (
  org TEXT NOT NULL,
  level BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (org, level, idx)
) /*clustered*/;
CREATE TABLE checkpoints (
  org TEXT NOT NULL,
  size BIGINT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (org, size)
);
CREATE TABLE entries (
  org TEXT NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  case_id TEXT,
  n BIGINT,
  subject TEXT NOT NULL,
  at TEXT NOT NULL,
  recorded TEXT NOT NULL,
  actor TEXT NOT NULL,
  body TEXT NOT NULL,
  salt BYTEA NOT NULL,
  PRIMARY KEY (org, seq)
);
CREATE INDEX entries_of_case ON entries (org, case_id, seq);
CREATE TABLE requests (
  org TEXT NOT NULL,
  request TEXT NOT NULL,
  seq BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (org, request)
);

-- Law texts under which cases began.
CREATE TABLE law_texts (
  hash TEXT NOT NULL,
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (hash)
);

-- Cases (事项) and what is folded from their entries.
CREATE TABLE cases (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  procedure_code TEXT NOT NULL,
  law_hash TEXT NOT NULL,
  number TEXT NOT NULL,
  title TEXT NOT NULL,
  stage TEXT NOT NULL,
  stages TEXT NOT NULL,
  opened_on TEXT NOT NULL,
  closed_on TEXT,
  due_on TEXT,
  due_clock TEXT,
  office TEXT,
  party TEXT,
  tracking TEXT NOT NULL,
  imported BIGINT NOT NULL,
  facts BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX cases_number ON cases (org, procedure_code, number);
CREATE INDEX cases_by_procedure ON cases (org, procedure_code, id);
CREATE INDEX cases_by_stage ON cases (org, procedure_code, stage, id);
CREATE INDEX cases_by_due ON cases (org, due_on, id);
CREATE INDEX cases_by_closing ON cases (org, procedure_code, closed_on);
CREATE UNIQUE INDEX cases_tracking ON cases (tracking);
CREATE INDEX cases_by_party ON cases (org, party, id);
CREATE TABLE numbers (
  org TEXT NOT NULL,
  series TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (org, series)
) /*clustered*/;
CREATE TABLE clocks (
  org TEXT NOT NULL,
  case_id TEXT NOT NULL,
  clock TEXT NOT NULL,
  item BIGINT NOT NULL,
  state TEXT NOT NULL,
  started_on TEXT NOT NULL,
  due_from TEXT NOT NULL,
  due_to TEXT,
  owed_by TEXT NOT NULL,
  breached_on TEXT,
  PRIMARY KEY (org, case_id, clock, item)
) /*clustered*/;
CREATE INDEX clocks_by_due ON clocks (org, state, due_from);
CREATE TABLE case_links (
  org TEXT NOT NULL,
  from_case TEXT NOT NULL,
  to_case TEXT NOT NULL,
  kind TEXT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (org, from_case, to_case, kind)
) /*clustered*/;
CREATE INDEX case_links_back ON case_links (org, to_case);

-- Figures are lists: one row for each thing that an indicator counts.
CREATE TABLE marks (
  org TEXT NOT NULL,
  indicator TEXT NOT NULL,
  on_day TEXT NOT NULL,
  seq BIGINT NOT NULL,
  case_id TEXT NOT NULL,
  item BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  thing TEXT NOT NULL,
  dims TEXT NOT NULL,
  PRIMARY KEY (org, indicator, on_day, seq, thing)
) /*clustered*/;
CREATE INDEX marks_of_case ON marks (org, case_id, seq);
CREATE TABLE repeats (
  org TEXT NOT NULL,
  indicator TEXT NOT NULL,
  same TEXT NOT NULL,
  on_day TEXT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (org, indicator, same, on_day, seq)
) /*clustered*/;
CREATE TABLE tallies (
  org TEXT NOT NULL,
  indicator TEXT NOT NULL,
  month TEXT NOT NULL,
  dim TEXT NOT NULL,
  thing TEXT NOT NULL,
  n BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (org, indicator, month, dim, thing)
) /*clustered*/;

-- People (人员), posts (职务), certificates (证件): facts with dates.
CREATE TABLE people (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  stationed BIGINT NOT NULL,
  from_on TEXT NOT NULL,
  until_on TEXT,
  PRIMARY KEY (org, id)
);
CREATE TABLE posts (
  org TEXT NOT NULL,
  person TEXT NOT NULL,
  post TEXT NOT NULL,
  from_on TEXT NOT NULL,
  until_on TEXT,
  PRIMARY KEY (org, person, post, from_on)
);
CREATE TABLE certificates (
  org TEXT NOT NULL,
  person TEXT NOT NULL,
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  from_on TEXT NOT NULL,
  until_on TEXT NOT NULL,
  PRIMARY KEY (org, person, kind, number)
);

-- Parties (当事人): personal data, apart from the log.
CREATE TABLE parties (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  class TEXT NOT NULL,
  name TEXT NOT NULL,
  contact TEXT NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (org, id)
);
CREATE INDEX parties_by_name ON parties (org, name, class, contact, id);

-- Listings (清单): each entry with its period in force and its day of publication.
CREATE TABLE listings (
  org TEXT NOT NULL,
  listing TEXT NOT NULL,
  entry TEXT NOT NULL,
  from_on TEXT NOT NULL,
  until_on TEXT,
  published_on TEXT,
  columns_text TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (org, listing, entry, from_on)
);

-- Evidence (证据): the file itself is content-addressed beside the database.
CREATE TABLE evidence (
  org TEXT NOT NULL,
  hash TEXT NOT NULL,
  case_id TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (org, case_id, hash)
);

CREATE TABLE publications (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  case_id TEXT,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  published_at TEXT NOT NULL,
  withdrawn_at TEXT,
  seq BIGINT NOT NULL,
  PRIMARY KEY (org, id)
);
CREATE INDEX publications_by_kind ON publications (org, kind, published_at);
CREATE TABLE views (
  org TEXT NOT NULL,
  page TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (org, page)
);

-- Reports (年度报告): what was computed, frozen at a log position.
CREATE TABLE reports (
  org TEXT NOT NULL,
  year BIGINT NOT NULL,
  case_id TEXT NOT NULL,
  log_size BIGINT NOT NULL,
  content TEXT NOT NULL,
  published_at TEXT,
  seq BIGINT NOT NULL,
  PRIMARY KEY (org, year)
);

-- Accounts, sessions, tokens: only hashes of secrets.
CREATE TABLE accounts (
  org TEXT NOT NULL,
  name TEXT NOT NULL,
  person TEXT,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  disabled_at TEXT,
  PRIMARY KEY (org, name)
);
CREATE TABLE sessions (
  id_hash TEXT NOT NULL,
  org TEXT NOT NULL,
  account TEXT NOT NULL,
  created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (id_hash)
);
CREATE TABLE tokens (
  secret_hash TEXT NOT NULL,
  org TEXT NOT NULL,
  account TEXT NOT NULL,
  label TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_on TEXT NOT NULL,
  PRIMARY KEY (secret_hash)
);
CREATE TABLE settings (
  org TEXT NOT NULL,
  name TEXT NOT NULL,
  setting TEXT NOT NULL,
  PRIMARY KEY (org, name)
);
