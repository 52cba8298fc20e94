// Package model holds the types that all rooms of the intake share: platforms,
// tickets, archives, uploads, imports, users and what belongs to them.
//
// Times are in UTC with microseconds, which is what the database keeps; the
// zero time means never. Sizes are bytes.
package model

import (
	"errors"
	"time"
)

// What a store answers when there is no such row, when a row of that name is
// there already, and when a text has what a database cannot keep.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("already exists")
	ErrText     = errors.New("a text has a NUL, or is not UTF-8")
	ErrLast     = errors.New("it is the last one, and one has to stay")
)

// MaxAttempts is the most uploads a ticket can admit at a time, as the
// original has it.
const MaxAttempts = 10

// Platform is a product whose tickets belong together.
type Platform struct {
	ID         int64
	Name       string // a slug of at most 20 characters: unique, in URLs, a label in Loki
	PrettyName string // for people
}

// User is somebody who may sign in.
type User struct {
	ID                         int64
	Username, Email            string
	FirstName, LastName        string
	Password                   string // an encoded hash; "" lets nobody in by password
	Active, Admin              bool
	TOTP                       string // the secret, "" = none
	TOTPStep                   int64  // the last step that was used, against replay
	Epoch                      int64  // sessions and tokens of an older one are void
	Created, LastLogin         time.Time
	OIDCSubject                string // issuer and subject, "" = none
	PasskeyCount, BackupsCount int    // read only: registered passkeys, unused backup codes
}

// SecondFactor tells whether the user has set one up.
func (u User) SecondFactor() bool { return u.TOTP != "" || u.PasskeyCount > 0 }

// Passkey is a WebAuthn credential of a user.
type Passkey struct {
	ID                int64
	UserID            int64
	Name              string
	CredentialID      []byte
	Credential        []byte // the library's record, JSON
	Created, LastUsed time.Time
}

// APIToken is a personal token for programs. Only its hash is kept.
type APIToken struct {
	ID                         int64
	UserID                     int64
	Name                       string
	Hash                       []byte // SHA-256
	Scopes                     []string
	Expires, LastUsed, Created time.Time
}

// The scopes that a token can have.
const (
	ScopeTicketsRead   = "tickets:read"
	ScopeTicketsWrite  = "tickets:write"
	ScopeArchivesRead  = "archives:read"
	ScopeArchivesWrite = "archives:write"
	ScopeAdmin         = "admin"
)

// Scopes are all of them.
var Scopes = []string{ScopeTicketsRead, ScopeTicketsWrite, ScopeArchivesRead, ScopeArchivesWrite, ScopeAdmin}

// Ticket is a case of a customer, who uploads to it with its token.
type Ticket struct {
	ID               int64
	Number           string // the help desk's: 1488228, SUP-1488
	Platform         string // the platform's name
	Owner            string // a username, "" when the user was deleted
	Resolved         bool
	ResolvedAt       time.Time
	Note             string    // Markdown
	Attempts         int       // uploads the token still admits, 0..MaxAttempts
	ExpiresAt        time.Time // of the token; zero = never
	TokenHash        []byte    // SHA-256 of the token's text; empty = revoked
	Created, Updated time.Time
}

// Archive is a file that was uploaded to a ticket.
type Archive struct {
	ID          int64
	Ticket      string // its number
	Platform    string // read only: its platform's name
	Name        string // as shown and downloaded, cleaned
	Blob        string // key in files
	Size        int64
	SHA256, MD5 string // hex
	Created     time.Time
	Guest       bool   // uploaded by token alone
	Import      Import // the zero Import = none was asked for
}

// ShortID is the beginning of an upload's ID, for the trail, errors and logs:
// who has the whole can go on with the upload.
func ShortID(id string) string { return id[:min(len(id), 8)] }

// UploadState tells where an upload is.
type UploadState string

// The states of an upload. An open one has spent an attempt.
const (
	UploadOpen     UploadState = "open"
	UploadDone     UploadState = "done"     // it is an archive
	UploadFailed   UploadState = "failed"   // the customer's fault: the attempt is gone
	UploadRefunded UploadState = "refunded" // not the customer's fault: the attempt was given back
)

// The ways to upload.
const (
	KindPost = "post" // one request; ends with its connection
	KindTus  = "tus"  // resumable
)

// Upload is one attempt of a ticket, spent.
type Upload struct {
	ID               string // random
	TicketID         int64
	Kind             string // KindPost, KindTus
	Name             string
	Size             int64 // declared, -1 unknown
	Offset           int64 // received so far, as last told
	Blob             string
	State            UploadState
	Server           string // the instance that holds it
	User             string // username, "" = a guest
	ClientIP         string
	Once             string // the client's mark of this upload, hashed with the file's traits; "" = none
	Created, Touched time.Time
}

// ImportState tells where the import of an archive is.
type ImportState string

// The states of an import; "" is none.
const (
	ImportQueued      ImportState = "queued"
	ImportRunning     ImportState = "running"
	ImportDone        ImportState = "done"
	ImportFailed      ImportState = "failed"
	ImportQuarantined ImportState = "quarantined" // a limit was broken: a bomb, say
)

// Import is the reading of an archive.
type Import struct {
	ArchiveID         int64
	State             ImportState
	Done, Total       int64 // bytes
	Entries, Unparsed int64
	Findings          int // of the report
	Critical          int // those that are critical
	From, To          time.Time
	Reported          bool   // there is a report; it comes before all is shipped, and stays while it is read again
	Shipped           bool   // to Loki
	Error             string // why it failed or was quarantined
	Queued            time.Time
	Started, Ended    time.Time
	Owner             string    // the worker that holds it
	Lease             time.Time // until when
	Tries             int       // how often a worker took it
}
