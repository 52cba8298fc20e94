package tickets

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
)

// tokenBytes is what a token is made of: 256 bits.
const tokenBytes = 32

// uuidLength is that of the original's tokens.
const uuidLength = 36

// newToken makes a token, its text in base64url.
func newToken() string { return randomText(tokenBytes) }

func randomText(n int) string { return base64.RawURLEncoding.EncodeToString(randomBytes(n)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, says its documentation
	return b
}

// HashToken is what the store keeps of a token. The token is random, so that
// one round of SHA-256 is enough.
func HashToken(token string) []byte {
	if len(token) == uuidLength {
		token = strings.ToLower(token) // a UUID is the same in capitals
	}
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// tokenText is what a token can look like: ours, or a UUID of the original.
var tokenText = regexp.MustCompile(`^([A-Za-z0-9_-]{43}|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})$`)
