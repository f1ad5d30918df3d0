-- Stays in a stock (存量的进出): one row for each time that a case, or an item of it, is in a stock at the end of days.
-- From its first such day to the first day on which it is there no more, if nothing else happens; 9999-12-31 when nothing
-- is known that would end it. `verify` derives them again; a database from before this step is filled when it is opened.
CREATE TABLE stocks (
  org TEXT NOT NULL,
  indicator TEXT NOT NULL,
  case_id TEXT NOT NULL,
  item BIGINT NOT NULL,
  from_on TEXT NOT NULL,
  until_on TEXT NOT NULL,
  from_seq BIGINT NOT NULL,
  until_seq BIGINT,
  PRIMARY KEY (org, case_id, indicator, item, from_on)
) /*clustered*/;
-- What was in stock on a day is what left later: a list begins there, however long the history before it.
CREATE INDEX stocks_by_leaving ON stocks (org, indicator, until_on, case_id, item, from_on);
-- How many came less how many went, by month and by day.
CREATE TABLE stock_tallies (
  org TEXT NOT NULL,
  indicator TEXT NOT NULL,
  grain TEXT NOT NULL,
  span TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (org, indicator, grain, span)
) /*clustered*/;
