-- The register of one office (承办单位): its cases by id, whatever else the township has.
CREATE INDEX cases_by_office ON cases (org, office, id);
