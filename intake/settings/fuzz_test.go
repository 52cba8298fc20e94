package settings_test

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/settings"
)

// FuzzLoad: whatever a variable holds, it is read or told by name; nothing
// else is.
func FuzzLoad(f *testing.F) {
	for _, v := range []string{"", "1", "-1", "1e999GiB", "NaN", "0x10", "30d", "9999999999d", "::1/200", "http://%zz", "postgres://u:p@h/x", ",", "\x00", "[::]:8000"} {
		f.Add(uint8(3), v)
	}
	f.Fuzz(func(t *testing.T, n uint8, value string) {
		v := settings.Variables[int(n)%len(settings.Variables)]
		s, err := settings.Load([]string{v.Name + "=" + value}, "")
		if err != nil && !strings.Contains(err.Error(), v.Name) && !strings.Contains(err.Error(), "OIDC_") {
			t.Errorf("%s=%q: %v", v.Name, value, err)
		}
		l := s.Limits
		if err == nil && (l.MaxUpload < 0 || l.TicketQuota < 0 || l.MinFree < 0 || l.TokenLife < 0 || l.IdleTimeout <= 0 || l.TokenAttempts < 0 || l.TokenAttempts > 10) {
			t.Errorf("%s=%q: %+v", v.Name, value, l)
		}
	})
}
