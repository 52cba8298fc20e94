CREATE TABLE delays (
  key_hash {{bytes}} PRIMARY KEY,
  failures INTEGER NOT NULL,
  until BIGINT NOT NULL
);

CREATE INDEX delays_until ON delays (until);
