package accounts

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// TOTP as every authenticator has it: 6 digits, 30 s, SHA-1.
const totpPeriod = 30 // seconds

var totpOptions = totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// NewTOTP returns a new secret, in base32.
func NewTOTP(issuer, username string) (string, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: username, Period: totpPeriod})
	if err != nil {
		return "", fmt.Errorf("a new secret for one-time codes: %w", err)
	}
	return key.Secret(), nil
}

// TOTPCode is the code of a secret at a time: what an authenticator shows.
func TOTPCode(secret string, at time.Time) (string, error) {
	return totp.GenerateCodeCustom(secret, at, totpOptions)
}

// totpStep returns the step, counted from 1970, that a code belongs to. A
// clock may be one step off. Steps up to last are used and refused, with all
// before them. All three are compared, whichever fits.
func totpStep(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.ReplaceAll(code, " ", "")
	current := now.Unix() / totpPeriod
	for s := current - 1; s <= current+1; s++ {
		want, err := TOTPCode(secret, time.Unix(s*totpPeriod, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// TOTPImage is a secret as a QR code: a PNG of size×size pixels.
func TOTPImage(issuer, username, secret string, size int) ([]byte, error) {
	url := fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&period=%d", escapePath(issuer), escapePath(username), secret, escapePath(issuer), totpPeriod)
	key, err := otp.NewKeyFromURL(url)
	if err != nil {
		return nil, fmt.Errorf("the secret as a link: %w", err)
	}
	img, err := key.Image(size, size)
	if err != nil {
		return nil, fmt.Errorf("the secret as a picture: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("the secret as a picture: %w", err)
	}
	return b.Bytes(), nil
}

// escapePath escapes all that is not a letter or a digit: authenticators read
// `+` as itself, so a query's escapes are no use.
func escapePath(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
