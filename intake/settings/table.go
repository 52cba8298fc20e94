package settings

// kind is how a value is read.
type kind string

const (
	kindText     kind = "text"
	kindSecret   kind = "secret" // also from the file that NAME_FILE names
	kindBool     kind = "true or false"
	kindInt      kind = "whole number"
	kindSize     kind = "size"
	kindDuration kind = "time"
	kindList     kind = "comma list"
	kindURL      kind = "URL"
	kindEnum     kind = "choice"
	kindZone     kind = "time zone"
	kindAddress  kind = "host:port"
	kindNets     kind = "comma list of networks"
)

// Variable is one of the environment.
type Variable struct {
	Name     string
	Kind     kind
	Default  string
	Choices  []string
	Schemes  []string // of a URL
	Secret   bool     // the URL can hold a password
	Min, Max int64
	Section  string
	Doc      string
	Original bool // the original has it
	bind     func(*Settings) any
}

const (
	sectionServer   = "The server"
	sectionStore    = "Where things lie"
	sectionLimits   = "Limits"
	sectionKeep     = "How long things stay"
	sectionImport   = "Reading archives"
	sectionAccounts = "Signing in"
)

// Sections are the headings of the documentation, in its order.
var Sections = []string{sectionServer, sectionStore, sectionLimits, sectionKeep, sectionImport, sectionAccounts}

// Variables are all that are read, in the order of the documentation.
var Variables = []Variable{
	{Name: "LISTEN", Kind: kindAddress, Default: "0.0.0.0:8000", Section: sectionServer, Doc: "Address that pages, API and uploads are served on. Without it `GUNICORN_BIND` counts, then `WEB_PORT`.", bind: func(s *Settings) any { return &s.Listen }},
	{Name: "METRICS_LISTEN", Kind: kindAddress, Section: sectionServer, Doc: "Address of Prometheus' metrics. Without it there are none.", bind: func(s *Settings) any { return &s.MetricsListen }},
	{Name: "BASE_URL", Kind: kindURL, Schemes: []string{"http", "https"}, Section: sectionServer, Doc: "Address as people open it, for links, cookies, passkeys and OIDC. Without it the one of the request counts; passkeys and OIDC need it.", bind: func(s *Settings) any { return &s.BaseURL }},
	{Name: "TRUSTED_PROXIES", Kind: kindNets, Default: "127.0.0.0/8, ::1/128", Section: sectionServer, Doc: "Networks of proxies, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.", bind: func(s *Settings) any { return &s.TrustedProxies }},
	{Name: "ALLOWED_HOSTS", Kind: kindList, Default: "*", Section: sectionServer, Original: true, Doc: "Names that a request may ask for; `.example.org` is that and all below, `*` any.", bind: func(s *Settings) any { return &s.AllowedHosts }},
	{Name: "CSRF_TRUSTED_ORIGINS", Kind: kindList, Section: sectionServer, Original: true, Doc: "Origins besides the own whose forms are taken, `https://help.example.org`.", bind: func(s *Settings) any { return &s.CSRFTrustedOrigins }},
	{Name: "ENVIRONMENT", Kind: kindText, Default: "Production", Section: sectionServer, Original: true, Doc: "Pages show any other name than Production.", bind: func(s *Settings) any { return &s.Environment }},
	{Name: "DEBUG", Kind: kindBool, Default: "false", Section: sectionServer, Original: true, Doc: "Log level debug. It shows nothing to those who ask.", bind: func(s *Settings) any { return &s.Debug }},
	{Name: "TZ", Kind: kindZone, Default: "UTC", Section: sectionServer, Original: true, Doc: "Time zone of pages.", bind: func(s *Settings) any { return &s.Zone }},
	{Name: "LANGUAGE", Kind: kindEnum, Default: "auto", Choices: []string{"auto", "en", "ru"}, Section: sectionServer, Doc: "Language of pages; `auto` is the browser's.", bind: func(s *Settings) any { return &s.Language }},
	{Name: "LOG_LEVEL", Kind: kindEnum, Default: "info", Choices: []string{"debug", "info", "warn", "error"}, Section: sectionServer, Doc: "From which level on the program's own log is written.", bind: func(s *Settings) any { return &s.LogLevel }},
	{Name: "LOG_FORMAT", Kind: kindEnum, Default: "text", Choices: []string{"text", "json"}, Section: sectionServer, Doc: "Form of that log.", bind: func(s *Settings) any { return &s.LogFormat }},
	{Name: "AUDIT_LOG", Kind: kindText, Section: sectionServer, Doc: "File that each event of the audit trail is written to as a line of JSON, besides the database; `-` is standard output. Not `audit.log`, which the plugin takes for Zimbra's.", bind: func(s *Settings) any { return &s.AuditLog }},

	{Name: "DATA_DIR", Kind: kindText, Default: "data", Section: sectionStore, Original: true, Doc: "Folder of archives, SQLite's database and the key.", bind: func(s *Settings) any { return &s.DataDir }},
	{Name: "DB_URL", Kind: kindURL, Secret: true, Schemes: []string{"sqlite", "postgres", "postgresql", "psql"}, Section: sectionStore, Original: true, Doc: "The database: `sqlite:///path/to/file`, or `postgres://user:password@host:5432/name` (`psql://` is the same). Without it `db.sqlite3` in `DATA_DIR`.", bind: func(s *Settings) any { return &s.DBURL }},
	{Name: "SECRET_KEY", Kind: kindSecret, Min: 32, Section: sectionStore, Original: true, Doc: "Signs tokens that the program gives out; 32 characters at least. Without it one is made and kept in `DATA_DIR`, readable for the program alone. Several processes need the same.", bind: func(s *Settings) any { return &s.SecretKey }},
	{Name: "S3_URL", Kind: kindURL, Secret: true, Schemes: []string{"s3", "http", "https"}, Section: sectionStore, Doc: "Bucket of the archives instead of the folder: `https://key:secret@host:9000/bucket?region=eu`; `s3://` is https.", bind: func(s *Settings) any { return &s.S3 }},

	{Name: "MAX_UPLOAD", Kind: kindSize, Default: "50GiB", Section: sectionLimits, Doc: "Largest archive; 0 is any.", bind: func(s *Settings) any { return &s.Limits.MaxUpload }},
	{Name: "TICKET_QUOTA", Kind: kindSize, Default: "0", Section: sectionLimits, Doc: "What a ticket's archives may hold together; 0 is any.", bind: func(s *Settings) any { return &s.Limits.TicketQuota }},
	{Name: "TOTAL_QUOTA", Kind: kindSize, Default: "0", Section: sectionLimits, Doc: "What all archives may hold together; 0 is any.", bind: func(s *Settings) any { return &s.Limits.TotalQuota }},
	{Name: "MIN_FREE", Kind: kindSize, Default: "1GiB", Section: sectionLimits, Doc: "What has to stay free in the archives' folder: an upload that would take it is refused with 507.", bind: func(s *Settings) any { return &s.Limits.MinFree }},
	{Name: "IDLE_TIMEOUT", Kind: kindDuration, Default: "60s", Min: 1, Section: sectionLimits, Doc: "A connection that sends nothing for so long is ended; there is no other limit on the time of an upload.", bind: func(s *Settings) any { return &s.Limits.IdleTimeout }},
	{Name: "RESUME_TIME", Kind: kindDuration, Default: "24h", Min: 1, Section: sectionLimits, Doc: "A resumable upload that nobody goes on with for so long is ended, and its attempt given back.", bind: func(s *Settings) any { return &s.Limits.ResumeTime }},
	{Name: "TOKEN_ATTEMPTS", Kind: kindInt, Default: "5", Min: 0, Max: 10, Section: sectionLimits, Doc: "Uploads that a new ticket's token admits.", bind: func(s *Settings) any { return &s.Limits.TokenAttempts }},
	{Name: "TOKEN_LIFE", Kind: kindDuration, Default: "30d", Section: sectionLimits, Doc: "How long a new token is valid; 0 is without end.", bind: func(s *Settings) any { return &s.Limits.TokenLife }},
	{Name: "TICKETS_VISIBLE", Kind: kindEnum, Default: "all", Choices: []string{"all", "own"}, Section: sectionLimits, Doc: "Whether users see all tickets, or their own alone; administrators see all.", bind: func(s *Settings) any { return ownOnly{&s.Limits.OwnTicketsOnly} }},

	{Name: "KEEP_RESOLVED", Kind: kindDuration, Default: "0", Section: sectionKeep, Doc: "Archives are deleted so long after their ticket was resolved; 0 is never.", bind: func(s *Settings) any { return &s.Keep.Resolved }},
	{Name: "KEEP_ARCHIVES", Kind: kindDuration, Default: "0", Section: sectionKeep, Doc: "Archives are deleted at this age; 0 is never.", bind: func(s *Settings) any { return &s.Keep.Archives }},
	{Name: "KEEP_TICKETS", Kind: kindDuration, Default: "0", Section: sectionKeep, Doc: "Tickets are deleted with all they have so long after they were resolved; 0 is never.", bind: func(s *Settings) any { return &s.Keep.Tickets }},
	{Name: "KEEP_EVENTS", Kind: kindDuration, Default: "365d", Section: sectionKeep, Doc: "Events of the audit trail are deleted at this age; 0 is never.", bind: func(s *Settings) any { return &s.Keep.Events }},

	{Name: "IMPORT", Kind: kindBool, Default: "true", Section: sectionImport, Doc: "Archives are read as soon as they are there; else when somebody asks for it.", bind: func(s *Settings) any { return &s.Imports.On }},
	{Name: "IMPORT_WORKERS", Kind: kindInt, Default: "1", Min: 0, Max: 64, Section: sectionImport, Doc: "Archives that this process reads at once; 0 leaves that to others.", bind: func(s *Settings) any { return &s.Imports.Workers }},
	{Name: "IMPORT_MAX_BYTES", Kind: kindSize, Default: "10GiB", Min: 1, Section: sectionImport, Doc: "What an archive may be unpacked; one with more is put into quarantine.", bind: func(s *Settings) any { return &s.Imports.MaxBytes }},
	{Name: "IMPORT_MAX_RATIO", Kind: kindInt, Default: "200", Min: 2, Max: 100000, Section: sectionImport, Doc: "How many times its size an archive may be unpacked.", bind: func(s *Settings) any { return &s.Imports.MaxRatio }},
	{Name: "IMPORT_MAX_MEMBERS", Kind: kindInt, Default: "50000", Min: 1, Max: 10000000, Section: sectionImport, Doc: "Files that an archive may have, links included. 100000 take 300 MB of memory and a minute.", bind: func(s *Settings) any { return &s.Imports.MaxMembers }},
	{Name: "IMPORT_MAX_NESTING", Kind: kindInt, Default: "2", Min: 0, Max: 8, Section: sectionImport, Doc: "How deep archives may lie in archives.", bind: func(s *Settings) any { return &s.Imports.MaxNesting }},
	{Name: "IMPORT_MAX_TIME", Kind: kindDuration, Default: "1h", Min: 1, Section: sectionImport, Doc: "How long an archive may take to be read.", bind: func(s *Settings) any { return &s.Imports.MaxTime }},
	{Name: "LOKI_URL", Kind: kindURL, Secret: true, Schemes: []string{"http", "https"}, Section: sectionImport, Doc: "Loki that archives are shipped to; a name and password in it are used. Without it archives are read and answered here alone.", bind: func(s *Settings) any { return &s.Loki }},
	{Name: "LOKI_TENANT", Kind: kindText, Section: sectionImport, Doc: "Tenant of it, sent as `X-Scope-OrgID`.", bind: func(s *Settings) any { return &s.Tenant }},
	{Name: "LOKI_DELETE", Kind: kindBool, Default: "false", Section: sectionImport, Doc: "Deleting an archive asks Loki's delete API for its lines too.", bind: func(s *Settings) any { return &s.LokiDel }},
	{Name: "GRAFANA_URL", Kind: kindURL, Schemes: []string{"http", "https"}, Section: sectionImport, Doc: "Grafana that links to Explore lead to.", bind: func(s *Settings) any { return &s.Grafana }},
	{Name: "GRAFANA_DATASOURCE", Kind: kindText, Default: "loki", Section: sectionImport, Doc: "UID of its data source for that Loki.", bind: func(s *Settings) any { return &s.GrafDS }},

	{Name: "SESSION_LIFE", Kind: kindDuration, Default: "12h", Min: 1, Section: sectionAccounts, Doc: "How long a login lasts.", bind: func(s *Settings) any { return &s.Sessions.Life }},
	{Name: "SESSION_IDLE", Kind: kindDuration, Default: "2h", Min: 1, Section: sectionAccounts, Doc: "A login that is not used for so long ends.", bind: func(s *Settings) any { return &s.Sessions.Idle }},
	{Name: "LOGIN_RATE", Kind: kindInt, Default: "10", Min: 1, Max: 1000, Section: sectionAccounts, Doc: "Sign-ins, second factors and changes of either in a minute from one address (a /64 of IPv6), right or wrong, after which others are put off with 429. Wrong passwords and codes are delayed besides, for each name, whatever this is.", bind: func(s *Settings) any { return &s.Sessions.LoginRate }},
	{Name: "OIDC_ISSUER", Kind: kindURL, Schemes: []string{"http", "https"}, Section: sectionAccounts, Doc: "Issuer of OpenID Connect, whose users may sign in. Without it that is off.", bind: func(s *Settings) any { return &s.OIDC.Issuer }},
	{Name: "OIDC_CLIENT_ID", Kind: kindText, Section: sectionAccounts, Doc: "Name of this program there.", bind: func(s *Settings) any { return &s.OIDC.ClientID }},
	{Name: "OIDC_CLIENT_SECRET", Kind: kindSecret, Section: sectionAccounts, Doc: "Its secret there.", bind: func(s *Settings) any { return &s.OIDC.ClientSecret }},
	{Name: "OIDC_NAME", Kind: kindText, Default: "OpenID Connect", Section: sectionAccounts, Doc: "What the button says.", bind: func(s *Settings) any { return &s.OIDC.Name }},
	{Name: "OIDC_SCOPES", Kind: kindList, Default: "openid, profile, email", Section: sectionAccounts, Doc: "Scopes that are asked for.", bind: func(s *Settings) any { return &s.OIDC.Scopes }},
	{Name: "OIDC_USERNAME_CLAIM", Kind: kindText, Default: "preferred_username", Section: sectionAccounts, Doc: "Claim that is the user's name here.", bind: func(s *Settings) any { return &s.OIDC.UsernameClaim }},
	{Name: "OIDC_GROUPS_CLAIM", Kind: kindText, Default: "groups", Section: sectionAccounts, Doc: "Claim with the user's groups.", bind: func(s *Settings) any { return &s.OIDC.GroupsClaim }},
	{Name: "OIDC_USER_GROUP", Kind: kindText, Section: sectionAccounts, Doc: "Group whose members alone may sign in. Without it all may whom the issuer knows.", bind: func(s *Settings) any { return &s.OIDC.UserGroup }},
	{Name: "OIDC_ADMIN_GROUP", Kind: kindText, Section: sectionAccounts, Doc: "Group whose members are administrators.", bind: func(s *Settings) any { return &s.OIDC.AdminGroup }},
	{Name: "OIDC_CREATE_USERS", Kind: kindBool, Default: "false", Section: sectionAccounts, Doc: "Who signs in for the first time gets an account; else an account of that name without a password has to be there, or the user links one on the page of the account.", bind: func(s *Settings) any { return &s.OIDC.CreateUsers }},
	{Name: "OIDC_TRUST_MFA", Kind: kindBool, Default: "false", Section: sectionAccounts, Doc: "A login whose `amr` names a second factor needs none of ours.", bind: func(s *Settings) any { return &s.OIDC.TrustSecondFactor }},
}

// ownOnly is the choice of TICKETS_VISIBLE.
type ownOnly struct{ dest *bool }

// Others are names of the original that say the same as one of ours, or that
// need no counterpart here, with the reason.
var Others = []struct{ Name, Doc string }{
	{"GUNICORN_BIND", "The same as `LISTEN`."},
	{"WEB_PORT", "The port of `LISTEN`."},
	{"GUNICORN_LOGLEVEL", "The same as `LOG_LEVEL`; `critical` is error."},
	{"VERSION", "Not read: the program knows its own."},
	{"WEB_HOST", "Not read: it belongs to the check of health."},
	{"HEALTHCHECK_URL", "Not read: it belongs to the check of health."},
	{"GUNICORN_BACKLOG", "Not read: the system's counts."},
	{"GUNICORN_WORKERS", "Not read: one process serves as many as there are."},
	{"GUNICORN_WORKER_CLASS", "Not read."},
	{"GUNICORN_WORKER_CONNECTIONS", "Not read."},
	{"GUNICORN_THREADS", "Not read."},
	{"GUNICORN_TIMEOUT", "Not read: an upload has no limit of time, see `IDLE_TIMEOUT`."},
	{"GUNICORN_KEEPALIVE", "Not read."},
	{"GUNICORN_SERVER_NAME", "Not read: the program does not tell its name."},
}
