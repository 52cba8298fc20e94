package store_test

import (
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestUsers: what goes in comes out, and each method changes its own fields.
func TestUsers(t *testing.T) {
	each(t, func(f fixture) {
		u := model.User{Username: "мария", Email: "m@example.org", FirstName: "М", LastName: "К", Password: "hash", Active: true, Admin: true, OIDCSubject: "iss|1", Created: start}
		f.no(f.CreateUser(f.ctx, &u))
		f.is(f.CreateUser(f.ctx, &model.User{Username: "мария"}), model.ErrExists)
		f.is(f.CreateUser(f.ctx, &model.User{Username: "other", OIDCSubject: "iss|1"}), model.ErrExists)
		f.no(f.CreateUser(f.ctx, &model.User{Username: "third"})) // no subject, as ivan

		f.no(f.SetTOTP(f.ctx, u.ID, "SECRET", 5))
		for _, c := range []struct {
			step int64
			want bool
		}{{5, false}, {6, true}, {6, false}, {4, false}, {7, true}} {
			ok, err := f.SpendTOTPStep(f.ctx, u.ID, c.step)
			f.no(err)
			f.equal(ok, c.want)
		}
		f.no(f.SetPassword(f.ctx, u.ID, "new", true))
		f.no(f.SetPassword(f.ctx, u.ID, "newer", false))
		epoch, err := f.NewEpoch(f.ctx, u.ID)
		f.no(err)
		f.equal(epoch, 2)
		f.no(f.SeeLogin(f.ctx, u.ID, start.Add(time.Hour)))
		u.Active, u.Email = false, "neu@example.org"
		f.no(f.UpdateUser(f.ctx, u))
		f.no(f.SetBackupCodes(f.ctx, u.ID, [][]byte{[]byte("a"), []byte("b")}))
		f.no(f.CreatePasskey(f.ctx, &model.Passkey{UserID: u.ID, CredentialID: []byte("c"), Credential: []byte("{}"), Created: start}))

		u.TOTP, u.TOTPStep, u.Password, u.Epoch, u.LastLogin, u.BackupsCount, u.PasskeyCount = "SECRET", 7, "newer", 2, start.Add(time.Hour), 2, 1
		for _, get := range []func() (model.User, error){
			func() (model.User, error) { return f.UserByID(f.ctx, u.ID) },
			func() (model.User, error) { return f.UserByName(f.ctx, "мария") },
			func() (model.User, error) { return f.UserByOIDC(f.ctx, "iss|1") },
		} {
			got, err := get()
			f.no(err)
			f.equal(got, u)
		}
		_, err = f.UserByOIDC(f.ctx, "")
		f.is(err, model.ErrNotFound)
		f.is(f.UpdateUser(f.ctx, model.User{ID: 99}), model.ErrNotFound)
		list, err := f.Users(f.ctx)
		f.no(err)
		f.equal(len(list), 3)
	})
}

// TestFactors: codes are used once, and what is a user's is not another's.
func TestFactors(t *testing.T) {
	each(t, func(f fixture) {
		f.no(f.SetBackupCodes(f.ctx, f.user.ID, [][]byte{[]byte("old")}))
		f.no(f.SetBackupCodes(f.ctx, f.user.ID, [][]byte{[]byte("a"), []byte("b")}))
		spend := func(id int64, code string, want bool) {
			t.Helper()
			ok, err := f.SpendBackupCode(f.ctx, id, []byte(code), start)
			f.no(err)
			f.equal(ok, want)
		}
		spend(f.user.ID, "old", false)
		spend(f.user.ID+1, "a", false)
		spend(f.user.ID, "a", true)
		spend(f.user.ID, "a", false)

		k := model.Passkey{UserID: f.user.ID, Name: "key", CredentialID: []byte{1, 0}, Credential: []byte(`{"n":1}`), Created: start}
		f.no(f.CreatePasskey(f.ctx, &k))
		f.no(f.UpdatePasskey(f.ctx, k.ID, []byte(`{"n":2}`), start))
		k.Credential, k.LastUsed = []byte(`{"n":2}`), start
		got, err := f.PasskeyByCredential(f.ctx, []byte{1, 0})
		f.no(err)
		f.equal(got, k)
		f.is(f.RenamePasskey(f.ctx, f.user.ID+1, k.ID, "other"), model.ErrNotFound)
		f.no(f.RenamePasskey(f.ctx, f.user.ID, k.ID, "blue key"))
		got, err = f.PasskeyByCredential(f.ctx, []byte{1, 0})
		f.no(err)
		f.equal(got.Name, "blue key")
		f.is(f.DeletePasskey(f.ctx, f.user.ID+1, k.ID), model.ErrNotFound)
		f.no(f.DeletePasskey(f.ctx, f.user.ID, k.ID))
		keys, err := f.Passkeys(f.ctx, f.user.ID)
		f.no(err)
		f.equal(len(keys), 0)

		tok := model.APIToken{UserID: f.user.ID, Name: "ci", Hash: []byte("h"), Scopes: []string{model.ScopeTicketsRead, model.ScopeAdmin}, Expires: start, Created: start}
		f.no(f.CreateAPIToken(f.ctx, &tok))
		f.no(f.TouchAPIToken(f.ctx, tok.ID, start))
		tok.LastUsed = start
		byHash, err := f.APITokenByHash(f.ctx, []byte("h"))
		f.no(err)
		f.equal(byHash, tok)
		f.is(f.RenameAPIToken(f.ctx, f.user.ID+1, tok.ID, "other"), model.ErrNotFound)
		f.no(f.RenameAPIToken(f.ctx, f.user.ID, tok.ID, "nightly"))
		byHash, err = f.APITokenByHash(f.ctx, []byte("h"))
		f.no(err)
		f.equal(byHash.Name, "nightly")
		f.is(f.DeleteAPIToken(f.ctx, f.user.ID+1, tok.ID), model.ErrNotFound)
		f.no(f.DeleteUser(f.ctx, f.user.ID))
		_, err = f.APITokenByHash(f.ctx, []byte("h"))
		f.is(err, model.ErrNotFound)
	})
}

// TestSessions: an expired session is none, whatever is still in the table.
func TestSessions(t *testing.T) {
	each(t, func(f fixture) {
		s := f.Sessions()
		soon := time.Now().Add(time.Hour)
		f.no(s.CommitCtx(f.ctx, "t1", []byte("one"), soon))
		f.no(s.CommitCtx(f.ctx, "t1", []byte("two"), soon))
		f.no(s.CommitCtx(f.ctx, "old", []byte("x"), time.Now().Add(-time.Second)))
		find := func(token, want string) {
			t.Helper()
			data, ok, err := s.FindCtx(f.ctx, token)
			f.no(err)
			f.equal([]any{string(data), ok}, []any{want, want != ""})
		}
		find("t1", "two")
		find("old", "")
		find("none", "")
		f.no(s.Forget(f.ctx, time.Now()))
		find("t1", "two")
		f.no(s.DeleteCtx(f.ctx, "t1"))
		f.no(s.DeleteCtx(f.ctx, "t1"))
		find("t1", "")
	})
}

// TestEvents: newest first, each condition alone.
func TestEvents(t *testing.T) {
	each(t, func(f fixture) {
		add := func(at time.Duration, actor, action, outcome string) model.Event {
			e := model.Event{Time: start.Add(at), Actor: actor, Action: action, Object: "ticket/1", Outcome: outcome, ClientIP: "192.0.2.1", UserAgent: "ua", Detail: "d"}
			f.no(f.AddEvent(f.ctx, &e))
			return e
		}
		one := add(0, "ivan", model.ActionAuth, model.OutcomeFailure)
		two := add(time.Second, "", model.ActionUpload, model.OutcomeSuccess)
		check := func(filter model.EventFilter, want ...model.Event) {
			t.Helper()
			got, err := f.Events(f.ctx, filter)
			f.no(err)
			f.equal(got, want)
			n, err := f.CountEvents(f.ctx, filter)
			f.no(err)
			f.equal(n, len(want))
		}
		check(model.EventFilter{}, two, one)
		check(model.EventFilter{Actor: "ivan"}, one)
		check(model.EventFilter{Action: model.ActionUpload}, two)
		check(model.EventFilter{Outcome: model.OutcomeFailure}, one)
		check(model.EventFilter{Object: "ticket/1", ClientIP: "192.0.2.1"}, two, one)
		check(model.EventFilter{From: start.Add(time.Second)}, two)
		check(model.EventFilter{To: start.Add(time.Second)}, one)
		n, err := f.ForgetEvents(f.ctx, start.Add(time.Second))
		f.no(err)
		f.equal(n, 1)
		check(model.EventFilter{}, two)
	})
}
