-- What resumable uploads need besides their row: the checksum that the client
-- promised, and who writes to it until when. Another that waits says so in wanted.

CREATE TABLE tus_uploads (
  id TEXT PRIMARY KEY REFERENCES uploads (id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL DEFAULT '',
  owner TEXT NOT NULL DEFAULT '',
  held_until BIGINT NOT NULL DEFAULT 0,
  wanted BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX tus_uploads_owner ON tus_uploads (owner);
