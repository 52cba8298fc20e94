package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

// Origin is where a request came from, for the audit trail.
type Origin struct{ ClientIP, UserAgent string }

func (o Origin) network() string {
	a, err := netip.ParseAddr(o.ClientIP)
	if err != nil {
		return o.ClientIP
	}
	return Network(a).String()
}

// Network is what counts as one client: an address, or the /64 of one of IPv6,
// since one customer has a whole one. It is the zero Prefix for no address.
func Network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// Service knows the users.
type Service struct {
	db     *store.DB
	issuer string
	signer signer
	audit  func(context.Context, model.Event)
	now    func() time.Time
	dummy  func() string // a hash that no password has
}

// Options are what a Service needs to know.
type Options struct {
	Secret string // signs the JWTs
	Issuer string // the name that an authenticator shows
	Audit  func(context.Context, model.Event)
	Now    func() time.Time // nil = the clock
}

// New returns the Service over a database.
func New(db *store.DB, o Options) *Service {
	s := &Service{db: db, issuer: o.Issuer, signer: newSigner(o.Secret), audit: o.Audit, now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	if s.audit == nil {
		s.audit = func(context.Context, model.Event) {}
	}
	s.dummy = sync.OnceValue(func() string {
		hash, _ := HashPassword(rand20())
		return hash
	})
	return s
}

// ErrCredentials is a sign-in that failed: which part was wrong is not told.
var ErrCredentials = errors.New("no active account has this user name and password")

// ErrCode is a second factor that is wrong or was used already.
var ErrCode = errors.New("the code is wrong or was used already")

// DelayError says that nothing is looked at before the pause is over.
type DelayError struct{ Wait time.Duration }

// Error says how long it is.
func (e *DelayError) Error() string {
	return fmt.Sprintf("too many wrong attempts: try again in %d s", Seconds(e.Wait))
}

// Seconds are whole seconds, rounded up.
func Seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// Pauses after wrong passwords are counted for a network and a name, so that
// nobody can lock somebody else out; those after wrong codes for the user, since
// who gives a code has given the password.
var (
	passwordDelay = store.Delay{Free: 4, First: time.Second, Longest: 15 * time.Minute}
	codeDelay     = store.Delay{Free: 0, First: time.Second, Longest: time.Hour}
)

// maxName bounds what is looked up and written to the audit trail, in characters.
const maxName = 150

// CheckPassword is the first step of a sign-in. It works as long for a name
// that nobody has. A hash of an older kind is made anew.
func (s *Service) CheckPassword(ctx context.Context, username, password string, from Origin) (model.User, error) {
	if utf8.RuneCountInString(username) > maxName || len(password) > MaxPassword {
		return model.User{}, ErrCredentials
	}
	key := "password\x00" + username + "\x00" + from.network()
	event := model.Event{Actor: username, Action: model.ActionAuth, Object: "user/" + username, Outcome: model.OutcomeFailure}
	wait, err := s.db.BeginAttempt(ctx, key, passwordDelay, s.now())
	if err != nil {
		return model.User{}, err
	}
	if wait > 0 {
		event.Outcome = model.OutcomeLockout
		s.record(ctx, event, from)
		return model.User{}, &DelayError{Wait: wait}
	}
	u, err := s.db.UserByName(ctx, username)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return model.User{}, err
	}
	hash := u.Password
	if !readable(hash) {
		hash = s.dummy()
	}
	ok, stale := VerifyPassword(password, hash)
	if !ok || !u.Active {
		s.record(ctx, event, from)
		return model.User{}, ErrCredentials
	}
	if stale {
		if err := s.rehash(ctx, &u, password); err != nil {
			return model.User{}, err
		}
	}
	event.Outcome = model.OutcomeSuccess
	s.record(ctx, event, from)
	return u, errors.Join(s.db.Succeed(ctx, key), s.db.SeeLogin(ctx, u.ID, s.now()))
}

func (s *Service) rehash(ctx context.Context, u *model.User, password string) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	u.Password = hash
	return s.db.SetPassword(ctx, u.ID, hash, false)
}

// record writes an event, with where it came from and the time.
func (s *Service) record(ctx context.Context, e model.Event, from Origin) {
	e.Time, e.ClientIP, e.UserAgent = s.now().UTC(), from.ClientIP, from.UserAgent
	s.audit(ctx, e)
}

// Current is the user of a session or a JWT as he is now; model.ErrNotFound if
// he is gone, may not sign in any more, or the epoch is over.
func (s *Service) Current(ctx context.Context, id, epoch int64) (model.User, error) {
	u, err := s.db.UserByID(ctx, id)
	if err == nil && (!u.Active || u.Epoch != epoch) {
		err = fmt.Errorf("user %d: %w", id, model.ErrNotFound)
	}
	if err != nil {
		return model.User{}, err
	}
	return u, nil
}

// ErrOldPassword is a change of a password without the old one.
var ErrOldPassword = errors.New("the old password is wrong")

// ChangePassword sets a user's own password. All other sessions and all JWTs
// end; epoch is the one that his session goes on with.
func (s *Service) ChangePassword(ctx context.Context, u model.User, old, password string, from Origin) (epoch int64, err error) {
	event := model.Event{Actor: u.Username, Action: model.ActionPassword, Object: "user/" + u.Username, Outcome: model.OutcomeFailure}
	if err := s.Confirm(ctx, u, old, from); err != nil {
		s.record(ctx, event, from)
		return 0, err
	}
	if err := s.SetPassword(ctx, u, password); err != nil {
		return 0, err
	}
	event.Outcome = model.OutcomeSuccess
	s.record(ctx, event, from)
	return u.Epoch + 1, nil
}

// Confirm asks who is signed in for his password again.
func (s *Service) Confirm(ctx context.Context, u model.User, password string, from Origin) error {
	key := "confirm\x00" + u.Username
	wait, err := s.db.BeginAttempt(ctx, key, passwordDelay, s.now())
	if err != nil {
		return err
	}
	if wait > 0 {
		return &DelayError{Wait: wait}
	}
	if ok, _ := VerifyPassword(password, u.Password); !ok {
		return ErrOldPassword
	}
	return s.db.Succeed(ctx, key)
}

// SetPassword checks a password and sets it; what was signed in before ends.
func (s *Service) SetPassword(ctx context.Context, u model.User, password string) error {
	if err := CheckPassword(password, u.Username); err != nil {
		return err
	}
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	return s.db.SetPassword(ctx, u.ID, hash, true)
}
