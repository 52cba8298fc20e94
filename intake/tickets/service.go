// Package tickets holds the rules of the intake: what a token admits, what an
// attempt is worth and when it is given back, how much may be held and for how
// long, and who may do what. Everything that is done leaves an event.
package tickets

import (
	"context"
	"log/slog"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// Rules are the limits; a limit of 0 is none.
type Rules struct {
	MaxUpload        int64         // bytes of one archive
	TicketQuota      int64         // bytes of a ticket's archives and open uploads
	TotalQuota       int64         // the same of all tickets
	MinFree          int64         // bytes that have to stay free where the archives lie
	Attempts         int           // of a new ticket
	TokenLife        time.Duration // of a new token
	TusIdle          time.Duration // a resumable upload that nobody goes on with ends after it
	KeepResolved     time.Duration // archives go so long after their ticket was resolved
	KeepArchives     time.Duration // archives go at this age
	KeepTickets      time.Duration // resolved tickets go so long after they were resolved
	KeepEvents       time.Duration // events of the audit trail go at this age
	Import           bool          // archives are read as soon as they are there
	OwnOnly          bool          // users who are no administrators see their own tickets only
	ServerDeadAfter  time.Duration // a server not seen for so long is dead
	TouchUploadEvery time.Duration // how often a transport should call Touch
}

// DefaultRules are those of a fresh installation.
func DefaultRules() Rules {
	return Rules{
		MaxUpload: 50 << 30, MinFree: 1 << 30, Attempts: 5, TokenLife: 30 * 24 * time.Hour, TusIdle: 24 * time.Hour,
		KeepEvents: 365 * 24 * time.Hour, Import: true, ServerDeadAfter: 90 * time.Second, TouchUploadEvery: 10 * time.Second,
	}
}

// Storage is what the rules need of the place where blobs lie.
type Storage struct {
	Free   func(ctx context.Context) (int64, error)    // bytes; nil = not known
	Delete func(ctx context.Context, key string) error // of no blob: nil
}

// Service is the rules over a store.
type Service struct {
	db      *store.DB
	rules   Rules
	storage Storage
	server  string
	now     func() time.Time
	log     *slog.Logger // what went wrong
	audit   *slog.Logger // one JSON line an event
}

// Options are what a Service has besides its store, all optional.
type Options struct {
	Storage Storage
	Server  string           // names this process among those that share the store; it has to be another after a restart
	Now     func() time.Time // for tests
	Log     *slog.Logger     // what went wrong
	Audit   *slog.Logger     // gets each event, see Audit
}

// New makes a Service.
func New(db *store.DB, rules Rules, o Options) *Service {
	s := &Service{db: db, rules: rules, storage: o.Storage, server: o.Server, now: o.Now, log: o.Log, audit: o.Audit}
	if s.now == nil {
		s.now = time.Now
	}
	if s.server == "" {
		s.server = randomText(9)
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.audit == nil {
		s.audit = slog.New(slog.DiscardHandler)
	}
	return s
}

// Rules are those that hold.
func (s *Service) Rules() Rules { return s.rules }

// Server is the name of this process.
func (s *Service) Server() string { return s.server }

// clock is the time in the precision of the store.
func (s *Service) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// ticketObject names a ticket in events.
func ticketObject(number string) string { return "ticket/" + number }

// Who is somebody who asks for something.
type Who struct {
	User      model.User // the zero user is a guest
	Verified  bool       // by a second factor, in this session or when the token was made
	Scopes    []string   // what a token may, nil = a session, which may what its user may
	ClientIP  string
	UserAgent string
}
