package accounts

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
)

const testPassword = "correct horse battery"

var here = Origin{ClientIP: "203.0.113.7", UserAgent: "test"}

// fixture is a service over a database in memory, with a clock of its own and
// what was written to the audit trail.
type fixture struct {
	*Service
	mu     sync.Mutex
	clock  time.Time
	events []model.Event
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite://"+t.TempDir()+"/db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	f := &fixture{clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	f.Service = New(db, Options{Secret: "test secret", Issuer: "Test", Now: f.time, Audit: func(_ context.Context, e model.Event) {
		f.mu.Lock()
		f.events = append(f.events, e)
		f.mu.Unlock()
	}})
	return f
}

func (f *fixture) time() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clock
}

func (f *fixture) pass(d time.Duration) {
	f.mu.Lock()
	f.clock = f.clock.Add(d)
	f.mu.Unlock()
}

func (f *fixture) user(t *testing.T, name, hash string) model.User {
	t.Helper()
	u := model.User{Username: name, Password: hash, Active: true, Created: f.time()}
	if err := f.db.CreateUser(t.Context(), &u); err != nil {
		t.Fatal(err)
	}
	return u
}

func (f *fixture) again(t *testing.T, u model.User) model.User {
	t.Helper()
	u, err := f.db.UserByID(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// oneHash is made once: it is slow on purpose.
var oneHash = sync.OnceValues(func() (string, error) { return HashPassword(testPassword) })

func hashed(t *testing.T) string {
	t.Helper()
	h, err := oneHash()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestCheckPasswordOfUsers(t *testing.T) {
	f := newFixture(t)
	f.user(t, "maria", hashed(t))
	f.user(t, "django", django(t, testPassword, "salt", 1000))
	f.user(t, "oidc", "")
	gone := f.user(t, "gone", hashed(t))
	gone.Active = false
	if err := f.db.UpdateUser(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, password string
		want           error
	}{
		{"maria", testPassword, nil},
		{"maria", "wrong", ErrCredentials},
		{"Maria", testPassword, ErrCredentials},
		{"nobody", testPassword, ErrCredentials},
		{"oidc", "", ErrCredentials},
		{"gone", testPassword, ErrCredentials},
		{"django", testPassword, nil},
		{"", "", ErrCredentials},
	} {
		if _, err := f.CheckPassword(t.Context(), c.name, c.password, here); !errors.Is(err, c.want) {
			t.Errorf("CheckPassword(%q, %q) = %v, want %v", c.name, c.password, err, c.want)
		}
	}
	u, err := f.db.UserByName(t.Context(), "django")
	if ok, stale := VerifyPassword(testPassword, u.Password); err != nil || !ok || stale {
		t.Errorf("the hash was not made anew: %q, %v", u.Password, err)
	}
	if len(f.events) != 8 || f.events[0].Outcome != model.OutcomeSuccess || f.events[1].Outcome != model.OutcomeFailure || f.events[1].ClientIP != here.ClientIP {
		t.Errorf("audit: %+v", f.events)
	}
}

func TestPasswordDelay(t *testing.T) {
	f := newFixture(t)
	f.user(t, "maria", hashed(t))
	for range 5 {
		if _, err := f.CheckPassword(t.Context(), "maria", "wrong", here); !errors.Is(err, ErrCredentials) {
			t.Fatal(err)
		}
	}
	var delay *DelayError
	if _, err := f.CheckPassword(t.Context(), "maria", testPassword, here); !errors.As(err, &delay) || delay.Wait != time.Second {
		t.Errorf("after 5 wrong passwords: %v", err)
	}
	if _, err := f.CheckPassword(t.Context(), "maria", testPassword, Origin{ClientIP: "198.51.100.1"}); err != nil {
		t.Errorf("somebody else's wrong passwords lock her out: %v", err)
	}
	f.pass(time.Second)
	if _, err := f.CheckPassword(t.Context(), "maria", testPassword, here); err != nil {
		t.Errorf("after the pause: %v", err)
	}
	if _, err := f.CheckPassword(t.Context(), "maria", "wrong", here); !errors.Is(err, ErrCredentials) {
		t.Errorf("a success does not forget the failures: %v", err)
	}
}

// enrol sets up an authenticator.
func (f *fixture) enrol(t *testing.T, u model.User) (model.User, []string) {
	t.Helper()
	secret, err := f.NewSecret(u)
	if err != nil {
		t.Fatal(err)
	}
	code, _ := TOTPCode(secret, f.time())
	codes, epoch, err := f.EnableTOTP(t.Context(), u, secret, code, here)
	if err != nil {
		t.Fatal(err)
	}
	f.pass(time.Minute)
	u = f.again(t, u)
	if u.Epoch != epoch {
		t.Fatalf("epoch %d, the user's is %d", epoch, u.Epoch)
	}
	return u, codes
}

func TestTOTPReplay(t *testing.T) {
	f := newFixture(t)
	u, _ := f.enrol(t, f.user(t, "maria", hashed(t)))
	code, _ := TOTPCode(u.TOTP, f.time())
	if err := f.CheckFactor(t.Context(), u, code, here); err != nil {
		t.Fatal(err)
	}
	// u is as it was read before: the database has to refuse the replay.
	if err := f.CheckFactor(t.Context(), u, code, here); !errors.Is(err, ErrCode) {
		t.Errorf("a code passes twice: %v", err)
	}
	f.pass(10 * time.Second)
	if err := f.CheckFactor(t.Context(), f.again(t, u), code, here); !errors.Is(err, ErrCode) {
		t.Errorf("a code passes twice: %v", err)
	}
	f.pass(30 * time.Second)
	next, _ := TOTPCode(u.TOTP, f.time())
	if err := f.CheckFactor(t.Context(), f.again(t, u), next, here); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

// TestCodesAtOnce: many guesses at a time are not more than one.
func TestCodesAtOnce(t *testing.T) {
	f := newFixture(t)
	u, _ := f.enrol(t, f.user(t, "maria", hashed(t)))
	errs := make(chan error, 20)
	for range cap(errs) {
		go func() { errs <- f.CheckFactor(context.WithoutCancel(t.Context()), u, "000000", here) }()
	}
	wrong, delayed := 0, 0
	for range cap(errs) {
		var d *DelayError
		switch err := <-errs; {
		case errors.Is(err, ErrCode):
			wrong++
		case errors.As(err, &d):
			delayed++
		default:
			t.Errorf("%v", err)
		}
	}
	if wrong != 1 || delayed != cap(errs)-1 {
		t.Errorf("%d codes were looked at, %d refused", wrong, delayed)
	}
}

func TestCodeDelayDoubles(t *testing.T) {
	f := newFixture(t)
	u, _ := f.enrol(t, f.user(t, "maria", hashed(t)))
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32} {
		if err := f.CheckFactor(t.Context(), u, "000000", here); !errors.Is(err, ErrCode) {
			t.Fatalf("before the pause of %d s: %v", want, err)
		}
		var d *DelayError
		if err := f.CheckFactor(t.Context(), u, "000000", here); !errors.As(err, &d) || d.Wait != want*time.Second {
			t.Errorf("the pause is %v, want %d s", err, want)
		}
		f.pass(want * time.Second)
	}
}

func TestBackupCodesAreUsedOnce(t *testing.T) {
	f := newFixture(t)
	u, codes := f.enrol(t, f.user(t, "maria", hashed(t)))
	if u.BackupsCount != BackupCodes {
		t.Fatalf("%d codes", u.BackupsCount)
	}
	if err := f.CheckFactor(t.Context(), u, codes[3], here); err != nil {
		t.Fatal(err)
	}
	if err := f.CheckFactor(t.Context(), u, codes[3], here); !errors.Is(err, ErrCode) {
		t.Errorf("twice: %v", err)
	}
	f.pass(time.Minute)
	other := f.user(t, "ivan", hashed(t))
	if err := f.CheckFactor(t.Context(), other, codes[4], here); !errors.Is(err, ErrCode) {
		t.Errorf("somebody else's code: %v", err)
	}
	fresh, err := f.RenewBackupCodes(t.Context(), u, here)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.CheckFactor(t.Context(), u, codes[4], here); !errors.Is(err, ErrCode) {
		t.Errorf("a code of before: %v", err)
	}
	f.pass(time.Minute)
	if err := f.CheckFactor(t.Context(), u, fresh[0], here); err != nil {
		t.Error(err)
	}
}

func TestRemoveFactors(t *testing.T) {
	f := newFixture(t)
	u, codes := f.enrol(t, f.user(t, "maria", hashed(t)))
	token, err := f.NewToken(t.Context(), u, "ci", []string{model.ScopeTicketsRead}, 0, here)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.EnableTOTP(t.Context(), u, "x", "000000", here); !errors.Is(err, ErrHasFactor) {
		t.Errorf("a second authenticator: %v", err)
	}
	if _, err := f.RemoveFactors(t.Context(), u, u.Username, here); err != nil {
		t.Fatal(err)
	}
	if now := f.again(t, u); now.SecondFactor() || now.BackupsCount != 0 || now.Epoch != u.Epoch+1 {
		t.Errorf("%+v", now)
	}
	if _, _, err := f.ByAPIToken(t.Context(), token); !errors.Is(err, ErrToken) {
		t.Errorf("the token lives on: %v", err)
	}
	if err := f.CheckFactor(t.Context(), f.again(t, u), codes[0], here); !errors.Is(err, ErrCode) {
		t.Errorf("a backup code lives on: %v", err)
	}
}

func TestAPITokens(t *testing.T) {
	f := newFixture(t)
	u := f.user(t, "maria", hashed(t))
	token, err := f.NewToken(t.Context(), u, "ci", []string{model.ScopeTicketsRead, model.ScopeArchivesRead}, time.Hour, here)
	if err != nil {
		t.Fatal(err)
	}
	got, scopes, err := f.ByAPIToken(t.Context(), token)
	if err != nil || got.Username != "maria" || len(scopes) != 2 {
		t.Errorf("%v, %v, %v", got, scopes, err)
	}
	list, err := f.Tokens(t.Context(), u)
	if err != nil || len(list) != 1 || !list[0].LastUsed.Equal(f.time()) || string(list[0].Hash) == token {
		t.Errorf("%+v, %v", list, err)
	}
	for _, bad := range []string{"", token[:len(token)-1], TokenPrefix, token + "x"} {
		if _, _, err := f.ByAPIToken(t.Context(), bad); !errors.Is(err, ErrToken) {
			t.Errorf("%q passes: %v", bad, err)
		}
	}
	f.pass(time.Hour)
	if _, _, err := f.ByAPIToken(t.Context(), token); !errors.Is(err, ErrToken) {
		t.Errorf("an expired token passes: %v", err)
	}
}
