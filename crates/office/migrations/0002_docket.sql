-- Lists of cases that stay as fast when there are a million: what is open is little, whatever lies behind it.
CREATE INDEX cases_open ON cases (org, id) WHERE closed_on IS NULL;
CREATE INDEX cases_by_opening ON cases (org, opened_on, id);
