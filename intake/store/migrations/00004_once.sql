-- What a client calls its upload, hashed with the file's traits, so that a request
-- which it repeats because the answer was lost is the same upload; '' = nothing.

ALTER TABLE uploads ADD COLUMN once TEXT NOT NULL DEFAULT '';

CREATE UNIQUE INDEX uploads_once ON uploads (ticket_id, once) WHERE once <> '' AND state IN ('open', 'done');
