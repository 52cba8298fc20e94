package accounts

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// django is a hash as Django writes it, of another implementation than the
// code's own loop would be: the standard library's.
func django(t *testing.T, password, salt string, n int) string {
	t.Helper()
	key, err := pbkdf2.Key(sha256.New, password, []byte(salt), n, 32)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", n, salt, base64.StdEncoding.EncodeToString(key))
}

func TestVerifyPassword(t *testing.T) {
	own, err := HashPassword("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	// RFC 7914, section 11, gives PBKDF2-HMAC-SHA-256 of "passwd" and "salt"
	// with one iteration; its first 32 bytes in base64:
	rfc := "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw="
	weak := argonParams{memory: 64, time: 1, threads: 1}.encode("correct horse battery", []byte("12345678"))
	for _, c := range []struct {
		password, hash string
		ok, stale      bool
	}{
		{"correct horse battery", own, true, false},
		{"correct horse batterY", own, false, false},
		{"", own, false, false},
		{"correct horse battery", weak, true, true},
		{"ключ от двери", django(t, "ключ от двери", "Zx81", 1200), true, true},
		{"passwd", rfc, true, true},
		{"passwd", strings.TrimSuffix(rfc, "="), false, true},
		{"wrong", django(t, "right", "Zx81", 1200), false, true},
		{"x", "pbkdf2_sha256$99999999999$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=", false, true},
		{"x", "pbkdf2_sha256$0$salt$AAAA", false, true},
		{"x", "$argon2id$v=19$m=4294967295,t=1,p=1$MTIzNDU2Nzg$" + strings.Repeat("A", 43), false, false},
		{"x", "$argon2id$v=19$m=64,t=0,p=1$MTIzNDU2Nzg$" + strings.Repeat("A", 43), false, false},
		{"x", "$argon2id$v=19$m=64,t=1,p=0$MTIzNDU2Nzg$" + strings.Repeat("A", 43), false, false},
		{"x", "!unusable", false, false},
		{"", "", false, false},
		{strings.Repeat("a", MaxPassword+1), own, false, false},
	} {
		if ok, stale := VerifyPassword(c.password, c.hash); ok != c.ok || stale != c.stale {
			t.Errorf("VerifyPassword(%.20q, %q) = %v, %v, want %v, %v", c.password, c.hash, ok, stale, c.ok, c.stale)
		}
	}
}

func TestHashesDiffer(t *testing.T) {
	a, _ := HashPassword("correct horse battery")
	b, _ := HashPassword("correct horse battery")
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%q and %q", a, b)
	}
}

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct {
		password, user string
		want           error
	}{
		{"correct horse", "maria", nil},
		{"длинный пароль", "maria", nil},
		{"short", "maria", ErrPasswordShort},
		{"корот", "maria", ErrPasswordShort},
		{strings.Repeat("abcdefgh", 200), "maria", ErrPasswordLong},
		{"my-MARIA-password", "maria", ErrPasswordName},
		{"abab abab abab", "maria", ErrPasswordPlain},
		{"it is a good one", "it", nil},
	} {
		if err := CheckPassword(c.password, c.user); !errors.Is(err, c.want) {
			t.Errorf("CheckPassword(%.20q, %q) = %v, want %v", c.password, c.user, err, c.want)
		}
	}
}

func FuzzVerifyPassword(f *testing.F) {
	f.Add("x", "$argon2id$v=19$m=64,t=1,p=1$MTIzNDU2Nzg$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("x", "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=")
	f.Fuzz(func(t *testing.T, password, hash string) {
		if p, _, _, err := parseArgon(hash); err == nil && (p.memory > 1024 || p.time > 2) {
			return // slow, not wrong
		}
		if n := 0; true {
			if _, err := fmt.Sscanf(hash, "pbkdf2_sha256$%d", &n); err == nil && n > 1000 {
				return
			}
		}
		VerifyPassword(password, hash) // must not panic
	})
}
