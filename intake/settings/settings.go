// Package settings reads what the intake is told: variables of the environment,
// or a file of them. The names of the original are understood, so that its
// compose file serves; the table of this package is what is parsed, what errors
// say and what the documentation lists.
package settings

import (
	"net/netip"
	"net/url"
	"time"
)

// Settings are all of them, parsed.
type Settings struct {
	SecretKey          []byte // signs what the program gives out; at least 32 bytes
	Debug              bool
	AllowedHosts       []string // "*" = any; ".example.org" = it and what is below
	CSRFTrustedOrigins []string // https://other.example.org
	DBURL              string
	DataDir            string // archives, the database of SQLite, the key
	Zone               *time.Location
	Environment        string // Production, or a name that pages show

	Listen         string   // host:port
	MetricsListen  string   // host:port, "" = none
	BaseURL        *url.URL // as people open it; nil = as they ask
	TrustedProxies []netip.Prefix
	LogLevel       string // debug, info, warn, error
	LogFormat      string // text, json
	AuditLog       string // path, "-" = standard output, "" = none
	Language       string // auto, ru, en

	S3       *url.URL // nil = archives lie in DataDir
	Loki     *url.URL // nil = archives are not shipped
	LokiDel  bool     // deleting an archive asks Loki to delete its lines
	Tenant   string
	Grafana  *url.URL // nil = no links
	GrafDS   string   // the data source's UID
	OIDC     OIDC
	Limits   Limits
	Keep     Keep
	Imports  Imports
	Sessions Sessions

	// Warnings are what is odd and does not keep the program from starting.
	Warnings []string
}

// Limits are on uploads; a size of 0 is none.
type Limits struct {
	MaxUpload, TicketQuota, TotalQuota, MinFree int64         // bytes
	IdleTimeout                                 time.Duration // of a connection that sends nothing
	ResumeTime                                  time.Duration // of a resumable upload
	TokenLife                                   time.Duration // 0 = without end
	TokenAttempts                               int
	OwnTicketsOnly                              bool
}

// Keep is how long things stay; 0 is for ever.
type Keep struct {
	Resolved, Archives, Tickets, Events time.Duration
}

// Imports are the limits on reading archives.
type Imports struct {
	On         bool
	Workers    int
	MaxBytes   int64 // unpacked
	MaxRatio   int   // unpacked to packed
	MaxMembers int
	MaxNesting int
	MaxTime    time.Duration // of reading one archive
}

// Sessions are the lives of logins.
type Sessions struct {
	Life, Idle time.Duration
	LoginRate  int // sign-ins in a minute from an address, right or wrong
}

// OIDC is a sign-in at somebody else's; Issuer "" = off.
type OIDC struct {
	Issuer, ClientID, ClientSecret, Name string
	Scopes                               []string
	UsernameClaim, GroupsClaim           string
	AdminGroup, UserGroup                string // "" = none, everybody
	CreateUsers                          bool
	TrustSecondFactor                    bool // where the issuer says (amr, acr) that it asked for one
}
