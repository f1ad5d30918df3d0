-- Witnesses (见证). Not derived from the log: what others signed of it, and what this township saw of others' logs.

-- Whom this township asks.
CREATE TABLE witnesses (
  org TEXT NOT NULL,
  name TEXT NOT NULL,
  key_text TEXT NOT NULL,
  url TEXT NOT NULL,
  PRIMARY KEY (org, name)
);
CREATE TABLE cosignatures (
  org TEXT NOT NULL,
  size BIGINT NOT NULL,
  witness TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (org, size, witness)
);

-- Whose logs this township watches, with the newest head seen of each.
CREATE TABLE watched_logs (
  org TEXT NOT NULL,
  origin TEXT NOT NULL,
  key_text TEXT NOT NULL,
  size BIGINT NOT NULL,
  root TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (org, origin)
);
-- Two heads that cannot both belong to one growing log, both signed by its key.
CREATE TABLE watched_forks (
  org TEXT NOT NULL,
  origin TEXT NOT NULL,
  size BIGINT NOT NULL,
  root TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  kept_note TEXT NOT NULL,
  shown_note TEXT NOT NULL,
  PRIMARY KEY (org, origin, size, root)
);
