-- Lists of cases that stay as fast when there are a million: what is open is little, whatever lies behind it.
CREATE INDEX cases_open ON cases (org, id) WHERE closed_on IS NULL;
CREATE INDEX cases_by_opening ON cases (org, opened_on, id);
-- Deadlines are asked of open cases only; the closed ones need not be kept in their order.
CREATE INDEX cases_open_due ON cases (org, due_on, id) WHERE closed_on IS NULL;
DROP INDEX cases_by_due;
