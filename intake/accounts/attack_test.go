package accounts

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestProfileChangesNoRights: who was being shown out, and had a form of his
// profile under way, does not come back by it.
func TestProfileChangesNoRights(t *testing.T) {
	f := newFixture(t)
	u := f.user(t, "maria", "")
	u.Admin = true
	if err := f.db.UpdateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	form := f.again(t, u) // as his request found him
	f.user(t, "other", "")
	if _, err := f.Create(t.Context(), model.User{Username: "root", Active: true, Admin: true}, "", "", here); err != nil {
		t.Fatal(err)
	}
	u.Active, u.Admin = false, false
	if err := f.Change(t.Context(), u, "", "root", here); err != nil {
		t.Fatal(err)
	}
	form.Email, form.Username = "m@example.org", "other"
	if err := f.Profile(t.Context(), form, here); err != nil {
		t.Fatal(err)
	}
	if got := f.again(t, u); got.Active || got.Admin || got.Email != "m@example.org" || got.Username != "maria" {
		t.Errorf("after his profile he is %+v", got)
	}
}

// TestPauseIsOfANetwork: a whole network of IPv6 is one customer's, so another
// address of it begins no new count.
func TestPauseIsOfANetwork(t *testing.T) {
	f := func(want bool, addresses func(n int) string) {
		t.Helper()
		s := newFixture(t)
		s.user(t, "maria", hashed(t))
		var delay *DelayError
		for n := range passwordDelay.Free + 2 {
			_, err := s.CheckPassword(t.Context(), "maria", "wrong", Origin{ClientIP: addresses(n)})
			if got := errors.As(err, &delay); got != (want && n > passwordDelay.Free) {
				t.Errorf("attempt %d from %s: %v", n, addresses(n), err)
			}
		}
	}
	f(true, func(n int) string { return fmt.Sprintf("2001:db8:1:2:%x::1", n) })
	f(false, func(n int) string { return fmt.Sprintf("2001:db8:1:%x::1", n) })
	f(false, func(n int) string { return fmt.Sprintf("192.0.2.%d", n) })
	f(true, func(int) string { return "invalid IP" })
}

// TestLongName: who can be created can sign in.
func TestLongName(t *testing.T) {
	f := newFixture(t)
	name := strings.Repeat("ж", 150)
	if _, err := f.Create(t.Context(), model.User{Username: name, Active: true}, testPassword, "", here); err != nil {
		t.Fatal(err)
	}
	if _, err := f.CheckPassword(t.Context(), name, testPassword, here); err != nil {
		t.Error(err)
	}
}

// TestChangeIsOne: a form with a name that is taken, or a password that is not,
// changes nothing.
func TestChangeIsOne(t *testing.T) {
	f := newFixture(t)
	f.user(t, "ivan", "")
	u := f.user(t, "maria", hashed(t))
	check := func(name, password string, want error) {
		t.Helper()
		form := f.again(t, u)
		form.Username = name
		if err := f.Change(t.Context(), form, password, "root", here); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		if got := f.again(t, u); got.Username != "maria" || got.Password != u.Password || got.Epoch != u.Epoch {
			t.Errorf("%+v", got)
		}
	}
	check("ivan", "another good password", model.ErrExists)
	check("masha", "short", ErrPasswordShort)
}

// TestStrong: two factors, or one that holds two.
func TestStrong(t *testing.T) {
	f := func(want bool, amr ...any) {
		t.Helper()
		if got := strong(amr); got != want {
			t.Errorf("%v: %v, want %v", amr, got, want)
		}
	}
	f(true, "mfa")
	f(true, "pwd", "otp")
	f(true, "pin", "hwk")
	f(true, "fpt", "swk")
	f(true, "sc")
	f(true, "fido")
	f(false)
	f(false, "pwd")
	f(false, "otp") // a code by mail, and nothing else
	f(false, "hwk")
	f(false, "pop", "swk")
	f(false, "pwd", "pin")
	f(false, "pwd", "rba")
}
