-- {{id}} and {{bytes}} stand for the types that SQLite and PostgreSQL name
-- differently; num is a ticket's number where it is one. Times are microseconds since 1970 in UTC, 0 = never.

CREATE TABLE users (
  id {{id}},
  username TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL DEFAULT '',
  first_name TEXT NOT NULL DEFAULT '',
  last_name TEXT NOT NULL DEFAULT '',
  password TEXT NOT NULL DEFAULT '',
  active BOOLEAN NOT NULL DEFAULT TRUE,
  admin BOOLEAN NOT NULL DEFAULT FALSE,
  totp TEXT NOT NULL DEFAULT '',
  totp_step BIGINT NOT NULL DEFAULT 0,
  epoch BIGINT NOT NULL DEFAULT 0,
  oidc_subject TEXT NOT NULL DEFAULT '',
  created BIGINT NOT NULL DEFAULT 0,
  last_login BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX users_oidc ON users (oidc_subject) WHERE oidc_subject <> '';

CREATE TABLE passkeys (
  id {{id}},
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL DEFAULT '',
  credential_id {{bytes}} NOT NULL UNIQUE,
  credential {{bytes}} NOT NULL,
  created BIGINT NOT NULL,
  last_used BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX passkeys_user ON passkeys (user_id);

CREATE TABLE backup_codes (
  id {{id}},
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash {{bytes}} NOT NULL,
  used BIGINT NOT NULL DEFAULT 0,
  UNIQUE (user_id, hash)
);

CREATE TABLE api_tokens (
  id {{id}},
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL DEFAULT '',
  hash {{bytes}} NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  expires BIGINT NOT NULL DEFAULT 0,
  last_used BIGINT NOT NULL DEFAULT 0,
  created BIGINT NOT NULL
);

CREATE INDEX api_tokens_user ON api_tokens (user_id);

CREATE TABLE sessions (
  token_hash {{bytes}} PRIMARY KEY,
  data {{bytes}} NOT NULL,
  expiry BIGINT NOT NULL
);

CREATE INDEX sessions_expiry ON sessions (expiry);

CREATE TABLE platforms (
  id {{id}},
  name TEXT NOT NULL UNIQUE,
  pretty_name TEXT NOT NULL
);

CREATE TABLE tickets (
  id {{id}},
  number TEXT NOT NULL UNIQUE,
  num BIGINT NOT NULL DEFAULT 0,
  platform_id BIGINT NOT NULL REFERENCES platforms (id),
  owner_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
  resolved BOOLEAN NOT NULL DEFAULT FALSE,
  resolved_at BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND 10),
  expires_at BIGINT NOT NULL DEFAULT 0,
  token_hash {{bytes}} UNIQUE,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
);

CREATE INDEX tickets_platform ON tickets (platform_id);

CREATE INDEX tickets_owner ON tickets (owner_id);

CREATE INDEX tickets_created ON tickets (created);

CREATE TABLE archives (
  id {{id}},
  ticket_id BIGINT NOT NULL REFERENCES tickets (id),
  name TEXT NOT NULL,
  blob_key TEXT NOT NULL UNIQUE,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  md5 TEXT NOT NULL,
  guest BOOLEAN NOT NULL DEFAULT FALSE,
  created BIGINT NOT NULL
);

CREATE INDEX archives_ticket ON archives (ticket_id);

CREATE INDEX archives_created ON archives (created);

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  ticket_id BIGINT NOT NULL REFERENCES tickets (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  size BIGINT NOT NULL,
  received BIGINT NOT NULL DEFAULT 0,
  blob_key TEXT NOT NULL,
  state TEXT NOT NULL,
  server TEXT NOT NULL DEFAULT '',
  username TEXT NOT NULL DEFAULT '',
  client_ip TEXT NOT NULL DEFAULT '',
  created BIGINT NOT NULL,
  touched BIGINT NOT NULL
);

CREATE INDEX uploads_state ON uploads (state, touched);

CREATE INDEX uploads_ticket ON uploads (ticket_id);

CREATE TABLE imports (
  archive_id BIGINT PRIMARY KEY REFERENCES archives (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  done BIGINT NOT NULL DEFAULT 0,
  total BIGINT NOT NULL DEFAULT 0,
  entries BIGINT NOT NULL DEFAULT 0,
  unparsed BIGINT NOT NULL DEFAULT 0,
  findings INTEGER NOT NULL DEFAULT 0,
  critical INTEGER NOT NULL DEFAULT 0,
  from_time BIGINT NOT NULL DEFAULT 0,
  to_time BIGINT NOT NULL DEFAULT 0,
  shipped BOOLEAN NOT NULL DEFAULT FALSE,
  error TEXT NOT NULL DEFAULT '',
  queued BIGINT NOT NULL,
  started BIGINT NOT NULL DEFAULT 0,
  ended BIGINT NOT NULL DEFAULT 0,
  owner TEXT NOT NULL DEFAULT '',
  lease BIGINT NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX imports_state ON imports (state, queued);

CREATE TABLE reports (
  archive_id BIGINT PRIMARY KEY REFERENCES archives (id) ON DELETE CASCADE,
  html {{bytes}} NOT NULL,
  json {{bytes}} NOT NULL,
  created BIGINT NOT NULL
);

CREATE TABLE events (
  id {{id}},
  time BIGINT NOT NULL,
  actor TEXT NOT NULL DEFAULT '',
  action TEXT NOT NULL,
  object TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL,
  client_ip TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT ''
);

CREATE INDEX events_time ON events (time);

CREATE INDEX events_object ON events (object);

CREATE TABLE servers (
  name TEXT PRIMARY KEY,
  seen BIGINT NOT NULL
);

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('admissions', 0);
