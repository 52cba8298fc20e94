package accounts

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
	"testing"
	"time"
)

func TestBackupCodes(t *testing.T) {
	codes, hashes, err := NewBackupCodes()
	if err != nil || len(codes) != BackupCodes || len(hashes) != BackupCodes {
		t.Fatalf("%d codes, %d hashes, %v", len(codes), len(hashes), err)
	}
	seen := map[string]bool{}
	for i, c := range codes {
		seen[c] = true
		for _, typed := range []string{c, strings.ToUpper(c), strings.ReplaceAll(c, "-", ""), " " + strings.ReplaceAll(c, "-", " ") + " "} {
			if !bytes.Equal(hashCode(typed), hashes[i]) {
				t.Errorf("%q typed as %q is not found", c, typed)
			}
		}
	}
	if len(seen) != BackupCodes {
		t.Errorf("%d different codes of %d", len(seen), BackupCodes)
	}
	for _, bad := range []string{"", "123456", "abcd-efgh-ijkl", "1111-1111-1111-1111", strings.Repeat("a", 1000)} {
		if hashCode(bad) != nil {
			t.Errorf("%q passes for a backup code", bad)
		}
	}
}

func TestNewAPIToken(t *testing.T) {
	token, hash, err := NewAPIToken()
	raw, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, TokenPrefix))
	if err != nil || len(raw) != 32 || !bytes.Equal(hash, HashSecret(token)) {
		t.Errorf("%q, %x, %v", token, hash, err)
	}
}

// TestTOTPStep uses the secret and the times of RFC 6238, appendix B; its codes
// have 8 digits, ours are their last 6.
func TestTOTPStep(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for _, c := range []struct {
		at   int64
		code string
		last int64
		step int64
		ok   bool
	}{
		{59, "287082", 0, 1, true},
		{1111111109, "081804", 0, 37037036, true},
		{1111111109, "081 804", 0, 37037036, true},
		{1111111111, "050471", 0, 37037037, true},
		{2000000000, "279037", 0, 66666666, true},
		{1111111109 + 30, "081804", 0, 37037036, true},  // a clock that is late
		{1111111109 - 30, "081804", 0, 37037036, true},  // or early
		{1111111109 + 60, "081804", 0, 0, false},        // by more
		{1111111109, "081804", 37037036, 0, false},      // replayed
		{1111111109 + 30, "081804", 37037036, 0, false}, // replayed a step later
		{1111111109, "081804", 37037037, 0, false},      // older than the last one used
		{1111111109, "081805", 0, 0, false},
		{1111111109, "", 0, 0, false},
	} {
		step, ok := totpStep(secret, c.code, time.Unix(c.at, 0), c.last)
		if step != c.step || ok != c.ok {
			t.Errorf("totpStep(%q at %d, last %d) = %d, %v, want %d, %v", c.code, c.at, c.last, step, ok, c.step, c.ok)
		}
	}
}

func TestTOTPImage(t *testing.T) {
	secret, err := NewTOTP("Logs & more", "мария+1")
	if err != nil {
		t.Fatal(err)
	}
	data, err := TOTPImage("Logs & more", "мария+1", secret, 240)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != 240 {
		t.Errorf("%v, %v", img.Bounds(), err)
	}
}
